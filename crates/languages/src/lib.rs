//! One boundary per language: syntax, shapes from use, how values and calls are written.
//!
//! Types of foreign parsers stay inside their language's folder.

pub mod python;
