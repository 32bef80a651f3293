//! What agents say to a hook, and what they are answered. The first byte chooses the agent.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| counterproof_fuzz::hooks::check(data));
