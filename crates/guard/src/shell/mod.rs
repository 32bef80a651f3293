//! What a shell makes of a line: a tree ([`tree`]), read without ever starting a shell ([`parse()`]).

mod braces;
mod parse;
pub mod tree;
mod words;

pub use braces::expand_braces;
pub use parse::{MOST, Unparsed, parse};
