//! What a thing costs that does nothing but wait: an idle task, a pending timer.
//!
//! Each function brings `n` of them to rest, calls `at_rest` while they wait, and lets go. Who
//! calls it decides what is looked at meanwhile: the process's resident pages (`zz_table`) or the
//! bytes that were asked of the allocator (`memory`, which has a counting one).
//!
//! How one fools oneself: with few of them (a slab or a vector that has just doubled is half
//! empty; a page is 4 KiB), with pages that an earlier measurement left behind (so each is
//! measured in a process of its own), and by counting requested bytes only, which leaves out what
//! the allocator adds and rounds.

use super::build;
use super::rt::spawn;
use super::timers::hold;
use std::future::pending;
use std::hint::black_box;

/// `n` tasks, each with 64 bytes of its own that live across its `await`, waiting for ever.
pub(crate) fn idle_tasks<R>(n: u64, at_rest: impl FnOnce() -> R) -> R {
    let runtime = build();
    runtime.block_on(async move {
        for i in 0..n {
            drop(spawn(async move {
                let state = black_box([i; 8]);
                pending::<()>().await;
                black_box(state);
            }));
        }
        // Spawned after all of them, so when it has run each of them has been polled.
        spawn(async {}).await.expect("the task ends well");
    });
    at_rest()
}

/// `n` timers in boxes, each polled once by one task, with deadlines an hour or so away.
///
/// The vector that holds the boxes is in the figure too: 8 bytes a timer, on every side.
pub(crate) fn pending_timers<R>(n: u64, at_rest: impl FnOnce() -> R) -> R {
    let runtime = build();
    let held = runtime.block_on(async move { hold(n).await });
    let answer = at_rest();
    runtime.block_on(async move { drop(held) });
    answer
}
