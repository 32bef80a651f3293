//! Contained processes: what may be read and written, no network, no new programs, bounded memory, time and processes.
//!
//! [`launch`] starts a program under a [`Policy`]. It does so through our own binary (`counterproof __contain`, which
//! calls [`contain_main`]): a fresh, single-threaded process can fork, enter namespaces and drop rights safely, where a
//! program with threads cannot. That process stays as the *warden* of the contained one: when the socket to us closes,
//! however we end, the warden kills all it holds and exits.
//!
//! ```text
//! counterproof ── socket (lifeline) ── warden ── fork, death signal ── contained program (first of its process namespace)
//!      └───────────── pipes 3, 4 (control) and 5, 6 (data) ─────────────────────┘
//! ```
//!
//! Every layer is optional, since kernels differ: [`Contained::layers`] says which took hold and which did not, and why.

mod contain;
mod contained;
mod filter;
mod launch;
mod message;
mod platform;
mod readable;
#[cfg(any(target_os = "macos", test))]
mod seatbelt;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

pub use contain::contain_main;
pub use contained::{Contained, Ended, Killer, Pipes};
pub use filter::{PID_PLACEHOLDER, child_filter};
pub use launch::{Error, Launch, PrivateScratch, SUBCOMMAND, launch};
pub use readable::{interpreter_readable, not_too_wide};

/// Number of the descriptor on which the contained program reads control frames.
pub const CONTROL_IN: i32 = 3;
/// Number of the descriptor on which the contained program writes control frames.
pub const CONTROL_OUT: i32 = 4;
/// Number of the descriptor on which the contained program reads data frames.
pub const DATA_IN: i32 = 5;
/// Number of the descriptor on which the contained program writes data frames.
pub const DATA_OUT: i32 = 6;

/// What a contained process may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Folders and files that may be read.
    pub readable: Vec<Utf8PathBuf>,
    /// Programs and folders of programs that may be executed (the interpreter itself).
    pub executable: Vec<Utf8PathBuf>,
    /// Folders that may be written, too.
    pub writable: Vec<Utf8PathBuf>,
    /// Address space, in bytes.
    pub memory_bytes: u64,
    /// CPU time of one process, in seconds.
    pub cpu_seconds: u64,
    /// Size of one file, in bytes.
    pub file_bytes: u64,
    /// Open files.
    pub open_files: u64,
    /// Whether it may speak with itself over the network (`127.0.0.1`), as tests of servers do. It takes a network of its own:
    /// where the system gives none, the network stays refused.
    pub loopback: bool,
    /// Layers not to use even where the system has them (tests, and `--no-sandbox`, which names all).
    pub without: Vec<Layer>,
}

/// A means of containment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// File rules by the kernel (Landlock on Linux, Seatbelt on macOS).
    Files,
    /// System-call rules (seccomp on Linux): no network sockets, no tracing, no mounting.
    Syscalls,
    /// Own user, process, network and IPC namespaces.
    Namespaces,
    /// Resource limits.
    Limits,
}

impl Layer {
    /// All of them, in the order in which they are named to people.
    pub const ALL: [Self; 4] = [Self::Files, Self::Syscalls, Self::Namespaces, Self::Limits];
}

/// Which layers hold a process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// Layers that took hold. One that took hold in part is in `missing`, too.
    pub applied: Vec<Layer>,
    /// What did not take hold.
    pub missing: Vec<Missing>,
}

/// A layer, or a part of one, that did not take hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The layer.
    pub layer: Layer,
    /// Whether all of it is missing, or only what `reason` names.
    pub whole: bool,
    /// Why, in words for a person.
    pub reason: String,
}

impl Layers {
    /// Notes what became of one layer.
    fn note(&mut self, layer: Layer, outcome: Result<Vec<String>, String>) {
        match outcome {
            Ok(gaps) => {
                self.applied.push(layer);
                self.missing.extend(gaps.into_iter().map(|reason| Missing {
                    layer,
                    whole: false,
                    reason,
                }));
            }
            Err(reason) => self.missing.push(Missing {
                layer,
                whole: true,
                reason,
            }),
        }
    }
}

/// Which layers this system seems to offer, cheaply found out; what really took hold, [`Contained::layers`] says.
pub fn available() -> Vec<(Layer, Result<(), String>)> {
    Layer::ALL
        .into_iter()
        .map(|layer| (layer, platform::offers(layer)))
        .collect()
}
