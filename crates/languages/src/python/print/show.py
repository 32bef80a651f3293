def _show(value, above=()):
    """A value by its content: `repr` shows addresses, and not every attribute."""
    kind = type(value)
    if id(value) in above or len(above) > 20:
        return '...'
    above += (id(value),)
    if kind is dict:
        return '{%s}' % ', '.join('%s: %s' % (_show(key, above), _show(part, above)) for key, part in value.items())
    if kind in (list, tuple, set, frozenset):
        parts = [_show(part, above) for part in value]
        if kind is list:
            return '[%s]' % ', '.join(parts)
        if kind is tuple:
            return '(%s)' % (', '.join(parts) + ',' * (len(parts) == 1))
        return '%s(%s)' % (kind.__name__, ', '.join(sorted(parts)))
    if kind is re.Pattern:  # its `repr` is cut
        return 're.compile(%r, %d)' % (value.pattern, value.flags)
    if kind is re.Match:
        return 'Match(%r, %r, %r, %s)' % (value.regs, value.groups(), value.string, _show(value.re))
    io = sys.modules['io']
    if kind in (io.StringIO, io.BytesIO) and not value.closed:
        return '%s(%r, position=%d)' % (kind.__name__, value.getvalue(), value.tell())
    state = _attributes(value)
    if not state:
        return _plain(_whole, value)
    parts = ['%s=%s' % (name, _show(part, above)) for name, part in sorted(state.items())]
    bases = [base for base in (str, bytes, int, float, list, tuple, dict, set, frozenset) if isinstance(value, base)]
    return '%s(%s)' % (kind.__name__, ', '.join([_plain(base.__repr__, value) for base in bases] + parts))


def _whole(value):
    """`repr`, which these libraries are told to cut nothing of."""
    if 'numpy' in sys.modules:
        sys.modules['numpy'].set_printoptions(threshold=sys.maxsize, floatmode='unique')
    if 'pandas' in sys.modules:
        for name in ('max_rows', 'max_columns', 'max_colwidth', 'width'):
            sys.modules['pandas'].set_option('display.' + name, None)
        sys.modules['pandas'].set_option('display.precision', 17)
    return repr(value)


def _plain(write, value):
    """What `repr` says, without memory addresses."""
    try:
        return re.sub(r' at 0x[0-9a-fA-F]+', '', write(value))
    except Exception:
        return '<%s>' % type(value).__name__


def _attributes(value):
    """What an object of a class of the tree holds; other objects are told by their `repr`."""
    import enum
    import types
    kind = type(value)
    file = getattr(sys.modules.get(kind.__module__), '__file__', None) or ''
    if isinstance(value, (type, enum.Enum)) or not os.path.abspath(file).startswith(_tree + os.sep):
        return {}
    state = {}
    for klass in kind.__mro__:
        for name, slot in vars(klass).items():
            if isinstance(slot, types.MemberDescriptorType):
                try:
                    state[name] = slot.__get__(value)
                except AttributeError:
                    pass  # a slot that was not set
    try:
        state.update(object.__getattribute__(value, '__dict__'))
    except AttributeError:
        pass  # slots alone
    return state


def _tell_part(name, value, part):
    """The part of a long value that differs between the versions, before the whole of it."""
    if len(_show(value)) < 160:
        return
    try:
        print(name, _show(part()))
    except (AttributeError, LookupError):
        print(name, 'missing')
    except TypeError:
        pass  # what was looked at in another way than by its parts
