//! The floor: what this machine can do at all.
//!
//! A ratio against Tokio says who is faster; it does not say how much is left. So some rows have a
//! third contender that does *only* what is needed: a hand-written single-thread executor with
//! sound wakers and a timer ring, and bare mio loops for echo and HTTP. It has no budget, no
//! `abort`, no panics caught, no tracing, no limits on what a peer may send, no time-outs.
//! Treadle will not go below it, and every nanosecond between the two buys something that a
//! program needs. It keeps the house's one rule that could cost something: no unsafe code.
//!
//! The executor offers the names that the shared work uses (`spawn`, `task::yield_now`,
//! `time::sleep`), and no others.

pub(crate) mod echo;
pub(crate) mod executor;
pub(crate) mod http;
mod machine;
mod ring;
pub(crate) mod server;
pub(crate) mod task;
pub(crate) mod time;

pub(crate) use task::spawn;
