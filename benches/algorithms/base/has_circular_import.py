"""Whether modules import each other in a circle, for a dict of module to imported modules."""


def has_circular_import(imports):
    done = set()
    open_modules = set()

    def visit(module):
        if module in open_modules:
            return True
        if module in done:
            return False
        open_modules.add(module)
        found = any(visit(other) for other in imports.get(module, ()))
        open_modules.discard(module)
        done.add(module)
        return found

    return any(visit(module) for module in imports)
