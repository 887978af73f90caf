//! See `fuzz_bodies::macros`.
#![forbid(unsafe_code)]
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::macros(data));
