//! Ctrl-C: a wish to stop, heard once; a second one ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag that Ctrl-C and a request to terminate set. Contained processes end with ours, however it ends.
pub fn flag() -> Arc<AtomicBool> {
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let shared = flag.clone();
        // Where no handler can be set, the default one ends the program, and the sandbox ends what it holds.
        let _ = ctrlc::set_handler(move || {
            if shared.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(crate::error::INTERRUPTED));
            }
            executor::interrupt();
        });
        flag
    })
    .clone()
}

/// Whether the user has asked to stop.
pub fn requested() -> bool {
    FLAG.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}
