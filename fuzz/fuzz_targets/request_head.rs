//! See `fuzz_bodies::request_head`.
#![forbid(unsafe_code)]
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::request_head(data));
