//! Waiting for several things in one task: `select!`, `join!`, `try_join!`, `pin!`; and
//! `#[main]` and `#[test]`, which make a task of a whole program.
//!
//! A task is one future, but it may be *made of* several: the code between two `.await`s
//! can hold two futures and poll both whenever the task is woken. Nothing is spawned,
//! nothing is allocated, nothing moves to another thread; it is one poll that asks two
//! questions. What the macros add to a hand-written `poll_fn` is bookkeeping: which future has
//! answered, which is polled first, which is dropped when.
//!
//! | file | macro | waits for | drops |
//! |---|---|---|---|
//! | `select.rs` | [`select!`](crate::select) | the first | all the others, before the handler runs |
//! | `join.rs` | [`join!`](crate::join) | all | each when it completes |
//! | `try_join.rs` | [`try_join!`](crate::try_join) | all, or the first error | the others, at the first error |
//! | `entry.rs` | [`#[main]`](macro@crate::main), [`#[test]`](macro@crate::test) | | |
//! | `pin.rs` | [`pin!`](crate::pin) | | |
//! | `maybe_done.rs` | | a future that keeps its answer | |
//! | `support.rs` | | what expansions name | |
//!
//! The expansions themselves are written by the crate `runtime-macros`, because code that
//! knows how many branches there are is plain where `macro_rules!` would be clever. Each
//! file here shows what comes out.

mod pin;

#[cfg(feature = "macros")]
mod entry;
#[cfg(feature = "macros")]
mod join;
#[cfg(feature = "macros")]
mod maybe_done;
#[cfg(feature = "macros")]
mod select;
#[cfg(feature = "macros")]
mod try_join;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod support;

#[cfg(feature = "macros")]
pub use entry::{main, test};
