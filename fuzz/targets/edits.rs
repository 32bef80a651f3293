//! Writes through an agent's own tool. A byte of zero parts the path, the text that goes and the one that comes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| counterproof_fuzz::edits::check(data));
