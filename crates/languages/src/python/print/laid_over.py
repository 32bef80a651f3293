def _lay_over(metadata, others):
    """What git does not hold and the check laid over both versions: metadata stands beside the tree, other files are missed."""
    import atexit
    import shutil
    import tempfile
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, True)
    for path, text in metadata.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8', newline='') as file:
            file.write(text)
    sys.path.append(folder)
    for path in others:
        if not os.path.exists(os.path.join(_tree, path)):
            print('this tree lacks %s, which the check took from the working tree' % path, file=sys.stderr)
