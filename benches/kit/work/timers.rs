//! The timers' work: setting, dropping, firing.
//!
//! Most timers never fire: a time-out is set before each read and dropped when the read is done.
//! So the first figure is *set, poll once, drop*; with an empty wheel and again with a million
//! timers outstanding, where it shows whether the structure is really O(1) and how it treats the
//! caches. The last figure is a million sleeps that do fire.
//!
//! How one fools oneself, four ways:
//!
//! - **A cold Tokio.** Its driver remembers when it will wake next. If it has never parked, or
//!   parked with no timer, every new sleep looks like the earliest one and writes to the eventfd:
//!   six times the price of a warm one. So every side holds a nearer timer ([`NEARER`]) and lets
//!   the driver park once ([`warm`]) before anything is measured.
//! - **The budget.** After 128 leaf operations in one poll both runtimes make a leaf future answer
//!   `Pending` without looking at the timer. The loops give the thread back before that.
//! - **The heap that the last contender left.** The million sleeps run in fresh processes.
//! - **An outstanding timer that fires.** The deadlines of the million are between 2 and 62
//!   minutes away, so that none fires while it is measured.

use super::rt::spawn;
use super::rt::time::{Sleep, sleep};
use super::{Runtime, build};
use crate::kit::clock::ThreadCpu;
use crate::kit::work::{Bench, Dice, breathe};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

/// The timer that is set and dropped.
const FAR: Duration = Duration::from_secs(60);

/// The timer that is nearer than all others while those are set: what the driver waits for.
const NEARER: Duration = Duration::from_secs(50);

/// Leaf operations between two breaths; the budget of a poll is 128 on both sides.
const PER_POLL: u64 = 100;

/// A timer somewhere, waiting.
pub(crate) type Held = Pin<Box<Sleep>>;

/// Sets, polls once and drops `sleep(60 s)`, while `outstanding` other timers wait.
pub(crate) fn set_and_drop(outstanding: u64) -> Bench {
    let runtime = build();
    let held = runtime.block_on(async move { hold(outstanding).await });
    Box::new(move |n| {
        let guard = warm(&runtime);
        let cost = runtime.block_on(async move {
            let body = async move {
                let clock = ThreadCpu::start();
                for i in 0..n {
                    poll_once(pin!(sleep(FAR))).await;
                    if i % PER_POLL == 0 {
                        breathe().await;
                    }
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        });
        runtime.block_on(async move { drop(guard) });
        assert_eq!(
            held.len() as u64,
            outstanding,
            "they wait through all rounds"
        );
        cost
    })
}

/// Replaces the oldest of `outstanding` timers by a new one with a random deadline, set and polled
/// once; and so round and round.
pub(crate) fn replace_oldest(outstanding: u64) -> Bench {
    let runtime = build();
    let mut held = runtime.block_on(async move { hold(outstanding).await });
    let mut dice = Dice::new();
    let mut oldest = 0;
    Box::new(move |n| {
        let guard = warm(&runtime);
        let (mut timers, mut throws, first) = (std::mem::take(&mut held), dice.clone(), oldest);
        let body = async move {
            let clock = ThreadCpu::start();
            for i in first..first + n {
                let timer = &mut timers[(i % outstanding) as usize];
                timer.set(sleep(far_away(&mut throws)));
                poll_once(timer.as_mut()).await;
                if i % PER_POLL == 0 {
                    breathe().await;
                }
            }
            (clock.elapsed(), timers, throws)
        };
        let cost;
        (cost, held, dice) =
            runtime.block_on(async move { spawn(body).await.expect("the bench ends well") });
        oldest += n;
        runtime.block_on(async move { drop(guard) });
        cost
    })
}

/// `n` tasks, each of which sleeps between 1 and 1000 ms; the CPU until all have been joined.
pub(crate) fn many_sleeps() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let mut dice = Dice::new();
                let mut sleepers = Vec::with_capacity(n as usize);
                let clock = ThreadCpu::start();
                for _ in 0..n {
                    let nap = Duration::from_millis(dice.between(1, 1_001));
                    sleepers.push(spawn(async move { sleep(nap).await }));
                }
                for sleeper in sleepers {
                    sleeper.await.expect("the sleeper ends well");
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// Sets `count` timers with random deadlines, each polled once, and returns them waiting.
pub(crate) async fn hold(count: u64) -> Vec<Held> {
    let body = async move {
        let mut dice = Dice::new();
        let mut held = Vec::with_capacity(count as usize);
        for i in 0..count {
            let mut timer = Box::pin(sleep(far_away(&mut dice)));
            poll_once(timer.as_mut()).await;
            held.push(timer);
            if i % PER_POLL == 0 {
                breathe().await;
            }
        }
        held
    };
    spawn(body).await.expect("the timers are set")
}

/// A deadline that no measurement lives to see: 2 to 62 minutes from now.
pub(crate) fn far_away(dice: &mut Dice) -> Duration {
    Duration::from_millis(dice.between(120_000, 3_720_000))
}

/// Sets a timer nearer than every other, lets the driver park once, and returns the timer.
fn warm(runtime: &Runtime) -> Option<Held> {
    let mut guard = None;
    runtime.block_on(async {
        let mut nearer = Box::pin(sleep(NEARER));
        poll_once(nearer.as_mut()).await;
        sleep(Duration::from_millis(2)).await;
        guard = Some(nearer);
    });
    guard
}

/// Polls the timer once, which sets it; it must not be ready.
async fn poll_once(mut timer: Pin<&mut Sleep>) {
    poll_fn(|cx| {
        assert!(timer.as_mut().poll(cx).is_pending(), "a far timer waits");
        Poll::Ready(())
    })
    .await;
}
