# Stand-ins for what the call asks its surroundings for: nothing is started, sent or written. They are the modules that
# Counterproof itself answers with.
def _stand_in(name, source):
    import types
    full = 'counterproof_stand_ins.' + name
    module = types.ModuleType(full)
    module.__package__ = 'counterproof_stand_ins'
    sys.modules[full] = module
    setattr(sys.modules['counterproof_stand_ins'], name, module)
    exec(compile(source, full, 'exec'), module.__dict__)


def _stand_in_place():
    import counterproof_stand_ins as all_of_them
    all_of_them.onload.install()
    for name in ('answers', 'processes', 'typed', 'web', 'queries', 'named_files'):
        module = getattr(all_of_them, name, None)
        if module is not None:
            getattr(module, name, module).install()


def _answers(pairs):
    from counterproof_stand_ins import answers, clock, world
    world.start()
    if any(asked == 'time' for asked, _value in pairs) and not world.frozen:
        world.frozen = True
        clock.freeze(1700000000)
    for reset in world.world.resets:
        reset()
    answers.answers.give(pairs)


def _make_stand_ins():
    import types
    package = types.ModuleType('counterproof_stand_ins')
    package.__path__ = []
    sys.modules['counterproof_stand_ins'] = package


_make_stand_ins()
