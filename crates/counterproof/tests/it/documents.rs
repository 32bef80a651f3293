//! Documents are held against the program.
