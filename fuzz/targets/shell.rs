//! Lines of a shell, whatever stands in them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| counterproof_fuzz::shell::check(data));
