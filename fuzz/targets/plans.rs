//! Plans of infrastructure and migrations.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| counterproof_fuzz::plans::check(data));
