//! See `fuzz_bodies::response`.
#![forbid(unsafe_code)]
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::response(data));
