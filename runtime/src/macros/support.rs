//! What expanded macros need to find: nothing here is meant to be called by hand.
//!
//! A macro's expansion is compiled in the user's crate, where `Poll` may be something
//! else and `core` may be shadowed. So expansions name everything through this module,
//! by the path of the crate that the macro came from.

use std::task::Context;

use crate::base::rng;
use crate::machine::coop;

pub use std::future::{Future, IntoFuture, poll_fn, ready};
pub use std::option::Option;
pub use std::pin::pin;
pub use std::result::Result;
pub use std::task::{Poll, ready};
pub use std::unreachable;

pub use runtime_macros::{join, select, try_join};

pub use super::maybe_done::{MaybeDone, maybe_done, take_error, take_ok, take_output};

/// A number in `0..n`, from the running runtime's seeded generator.
#[inline]
pub fn thread_rng_n(n: u32) -> u32 {
    rng::next_below(n)
}

/// Pending, after waking the task, if it has no budget left: its leaf futures would all
/// answer `Pending` anyway, and asking those that do not know of budgets would be unfair.
#[inline]
pub fn poll_budget_available(cx: &mut Context<'_>) -> Poll<()> {
    coop::poll_available(cx)
}

/// The end of a `select!` that has nothing left to wait for and no `else`.
#[cold]
#[track_caller]
pub fn all_branches_disabled() -> ! {
    panic!(
        "all branches are disabled and there is no else branch: give this select! an `else`, \
         or see to it that one branch's `if` holds and its pattern always matches"
    );
}

/// Named by `#[main(flavor = "multi_thread")]`, so that the compiler says the note.
#[deprecated(
    note = "this runtime has one thread, and every task runs on it: `flavor = \"multi_thread\"` \
            is accepted so that programs written for Tokio compile, and changes nothing. Leave \
            it out, or put `#[allow(deprecated)]` on the function"
)]
pub const FLAVOR_MULTI_THREAD: () = ();

/// Named by `#[main(worker_threads = 2)]` and more, so that the compiler says the note.
#[deprecated(
    note = "this runtime has one thread, and every task runs on it: `worker_threads` is accepted \
            so that programs written for Tokio compile, and changes nothing. Leave it out, or put \
            `#[allow(deprecated)]` on the function"
)]
pub const WORKER_THREADS: () = ();
