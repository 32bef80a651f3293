def _enter_application():
    """As the check does: in the context of the tree's own Flask application and of a request for `/`."""
    flask = sys.modules.get('flask')
    modules = [m for _, m in sorted(sys.modules.items())
               if os.path.abspath(getattr(m, '__file__', None) or os.sep).startswith(_tree + os.sep)]
    found = [v for m in modules for _, v in sorted(vars(m).items()) if flask and isinstance(v, flask.Flask)]
    makers = [m.__dict__.get(n) for m in modules for n in ('create_app', 'make_app', 'app_factory')]
    for make in [lambda: found[0]] if found else [m for m in makers if flask and callable(m)]:
        try:
            make().test_request_context('/').push()
            return
        except Exception:
            pass


if 'flask' in sys.modules:
    _enter_application()
