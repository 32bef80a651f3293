//! A forge on this machine: it answers as the documentation of the real ones says.

mod github;
mod gitlab;
mod server;
mod transport;
