//! See `fuzz_bodies::chunked_body`.
#![forbid(unsafe_code)]
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::chunked_body(data));
