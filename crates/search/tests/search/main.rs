//! The search as a whole, by its public interface.

mod differences;
mod pairs;
mod properties;
