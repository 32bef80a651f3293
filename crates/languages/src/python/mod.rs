//! Python.

pub mod absence;
pub mod added;
pub mod asked;
pub(crate) mod calls;
pub mod declared;
pub mod doctest;
pub mod documented;
pub mod dotenv;
pub mod exposures;
pub mod faults;
pub mod frameworks;
pub mod imports;
pub mod print;
pub mod project;
pub mod promise;
pub mod requires;
mod roots;
pub mod shapes;
pub mod syntax;
pub mod wire;

pub use project::{Parsed, Project};
