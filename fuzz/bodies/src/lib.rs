//! What the fuzz targets do: each body takes bytes, makes a program or a peer of them, runs it,
//! and panics if the answer is not the one that a slow and simple reading gives.
//!
//! `cargo fuzz` calls a body with bytes that it grows by coverage; `tests/random.rs` calls the
//! same body with random bytes at each `cargo test --workspace`, and `tests/corpora.rs` with what the fuzzer has learnt
//! ([`corpus`]). So a body never stops to compile, and a finding of the fuzzer becomes a line of its corpus.
//!
//! | body | what the bytes are | what they are compared with |
//! |---|---|---|
//! | [`request_head()`] | requests, and where the packets end | another parser; the same bytes in one packet |
//! | [`chunked_body()`] | one chunked body, and where the packets end | the grammar of RFC 9112, read by recursion |
//! | [`response()`] | what a handler answers | what a client reads |
//! | [`client_response()`] | what a server answers, and where the packets end | another parser, and the grammar; the same bytes in one packet |
//! | [`timers()`] | a program of sleeps, resets, drops and steps of the clock | an ordered map |
//! | [`macros()`] | branches of `select!`, `join!`, `try_join!` | the rule of the macro, branch by branch |

#![forbid(unsafe_code)]

mod answers;
mod choices;
mod chunked_body;
mod client_response;
pub mod corpus;
mod machine;
mod macros;
mod reference;
mod request_head;
mod response;
mod timers;
mod wire;

pub use chunked_body::chunked_body;
pub use client_response::client_response;
pub use macros::macros;
pub use request_head::request_head;
pub use response::response;
pub use timers::timers;
