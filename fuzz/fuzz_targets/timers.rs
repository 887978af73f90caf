//! See `fuzz_bodies::timers`.
#![forbid(unsafe_code)]
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::timers(data));
