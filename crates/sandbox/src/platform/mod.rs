//! What differs between systems: one module for each, all with the same functions.
//!
//! | function | where it runs |
//! | --- | --- |
//! | `offers` | in the caller: does the system seem to have a layer |
//! | `isolate` | in the launcher, before the fork: namespaces |
//! | `die_with_warden`, `place`, `confine` | in the first process inside, before the program |
//! | `end_of`, `Watch`, `kill_all`, `sweep` | in the warden |

mod limits;
mod raw;

pub use raw::{Fork, fork, lift, own, place};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{Isolation, Watch, confine, die_with_warden, end_of, isolate, kill_all, offers, sweep};

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub use macos::{Isolation, Watch, confine, die_with_warden, end_of, isolate, kill_all, offers, sweep};
