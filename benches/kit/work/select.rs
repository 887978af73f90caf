//! `select!`'s work: a race of two futures of which exactly one is ready.
//!
//! Two [`Side`]s of one door are raced. At each turn one of them is ready and the other is not,
//! and the next time it is the other way round, so that the branch predictor cannot learn a
//! favourite and neither can we. The future is our own, shared by both runtimes, and does nothing:
//! no waker is stored (one side is always ready, so the race never waits), no budget is spent,
//! nothing is allocated. What remains is the macro: the drawn start, two polls at most, dropping
//! the loser, running the handler.
//!
//! How one fools oneself: this is `select!` alone. A program's `select!` has channels, sockets
//! or timers in it, whose own cost is much larger and is measured in their own rows.

use super::build;
use super::rt::{select, spawn};
use crate::kit::clock::ThreadCpu;
use crate::kit::work::{Bench, breathe};
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

/// Races the two sides `n` times; gives the thread back every 1,000 races.
pub(crate) fn race_of_two() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let door = AtomicBool::new(false);
                let mut wins = [0_u64; 2];
                let clock = ThreadCpu::start();
                for i in 0..n {
                    select! {
                        () = Side::of(&door, false) => wins[0] += 1,
                        () = Side::of(&door, true) => wins[1] += 1,
                    }
                    if i % 1_000 == 999 {
                        breathe().await;
                    }
                }
                let cost = clock.elapsed();
                assert!(wins[0].abs_diff(wins[1]) <= 1, "the sides win in turn");
                black_box(wins);
                cost
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// Ready when the door stands on this side; passing through it turns the door.
struct Side<'a> {
    door: &'a AtomicBool,
    mine: bool,
}

impl<'a> Side<'a> {
    fn of(door: &'a AtomicBool, mine: bool) -> Self {
        Self { door, mine }
    }
}

impl Future for Side<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.door.load(Relaxed) != self.mine {
            return Poll::Pending;
        }
        self.door.store(!self.mine, Relaxed);
        Poll::Ready(())
    }
}
