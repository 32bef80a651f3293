"""What runs inside the checked project's own interpreter: load a function, call it, say what happened.

The contract with Counterproof is PROTOCOL.md, one folder up. The modules, in the order in which a session meets them:

`bootstrap`   descriptors, standard streams, session
`frames`      length-prefixed frames of `marshal` data
`parent`      the warm parent: imports, forks, watches
`importing`   modules of the tree, and the proof that they came from it; `elsewhere`, what must not lend them
`onload`      patches of standard modules at the moment they are loaded
`clock`       the frozen clock; `chance`, the frozen randomness
`effects`     the audit hook that records and refuses effects; `arrivals`, where marked text of an input gets to
`output`      what stands in for standard output and standard error
`child`       one fork: set-up, batches, exit; `kernel`, what it asks of Linux; `timers`, the deadline of a call
`targets`     what a request names
`calling`     the hot loop: call, observe, record
`recipes`     arguments that are not plain data
`encoding`    results that are not plain data; `describing`, the types that need a word of their own; `libraries`, those of libraries; `services`, what stands for no data
`draining`    coroutines and asynchronous generators
`sites`       lines and branches that code can reach; `monitoring` and `tracing`, those that it reached
`tree`        which files are the project's; `naming`, what classes and functions are called
`world`       the state all of these share, and what of the process a call may have changed

Nothing here depends on anything outside the standard library. It runs on CPython 3.8 and later.
"""
