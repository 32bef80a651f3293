//! Statements of SQL that go to a server.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| counterproof_fuzz::sql::check(data));
