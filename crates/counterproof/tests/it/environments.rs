//! Where the interpreter, its packages and the modules of each version come from.
