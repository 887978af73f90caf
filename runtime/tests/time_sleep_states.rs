//! A sleep in all its states: reset in each, polled by several tasks, dropped, and carried out
//! of its runtime.

#[path = "support/machine.rs"]
mod machine;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use machine::{Bell, Ledger, panic_of, paused, poll_here, poll_with, run_paused as run};
use runtime::runtime::{Runtime, Step};
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, Sleep, advance, sleep, sleep_until};

const MS: Duration = Duration::from_millis(1);
const NS: Duration = Duration::from_nanos(1);

/// The states a sleep can be in when it is reset.
#[derive(Clone, Copy, Debug)]
enum Before {
    NeverPolled,
    Waiting,
    Fired,
    Done,
}

async fn bring(nap: &mut Sleep, before: Before, waker: &Waker) {
    match before {
        Before::NeverPolled => {}
        Before::Waiting => assert!(poll_with(waker, nap).is_pending()),
        Before::Fired => {
            assert!(poll_with(waker, nap).is_pending());
            advance(10 * MS).await;
            assert!(nap.is_elapsed());
        }
        Before::Done => {
            advance(10 * MS).await;
            assert!(poll_with(waker, nap).is_ready());
        }
    }
}

#[test]
fn a_wait_that_is_reset_to_the_past_is_over_at_the_next_poll_or_wakes_who_does_not_poll() {
    run(async {
        for polls in [true, false] {
            let (bell, waker) = Bell::new();
            let mut nap = sleep(100 * MS);
            assert!(poll_with(&waker, &mut nap).is_pending());
            sleep(50 * MS).await;
            Pin::new(&mut nap).reset(Instant::now() - 10 * MS);
            if polls {
                assert!(poll_with(&waker, &mut nap).is_ready());
                assert_eq!(bell.rung(), 0);
            } else {
                sleep(MS).await;
                assert_eq!(bell.rung(), 1);
            }
        }
    });
}

#[test]
fn a_reset_in_any_state_sets_the_deadline_and_nothing_else() {
    use Before::{Done, Fired, NeverPolled, Waiting};
    run(async {
        for before in [NeverPolled, Waiting, Fired, Done] {
            for after in [1, 5, 9, 10, 11, 64, 5000, 300_000] {
                let (bell, waker) = Bell::new();
                let mut nap = sleep(10 * MS);
                bring(&mut nap, before, &waker).await;
                let rung = bell.rung();
                let deadline = Instant::now() + after * MS;
                Pin::new(&mut nap).reset(deadline);
                assert!(!nap.is_elapsed() && nap.deadline() == deadline);
                assert!(
                    poll_with(&waker, &mut nap).is_pending(),
                    "{before:?} {after}"
                );
                advance(after * MS - NS).await;
                assert_eq!(bell.rung(), rung, "early: {before:?} {after}");
                advance(NS).await;
                assert_eq!(bell.rung(), rung + 1, "{before:?} {after}");
                assert!(poll_with(&waker, &mut nap).is_ready());
            }
        }
    });
}

#[test]
fn a_waiting_sleep_that_is_reset_need_not_be_polled_to_wake_its_task() {
    run(async {
        for after in [1, 20] {
            let (bell, waker) = Bell::new();
            let mut nap = sleep(10 * MS);
            assert!(poll_with(&waker, &mut nap).is_pending());
            Pin::new(&mut nap).reset(Instant::now() + after * MS);
            advance(after * MS - NS).await;
            assert_eq!(bell.rung(), 0);
            advance(NS).await;
            assert_eq!(bell.rung(), 1);
        }
    });
}

#[test]
fn a_reset_into_the_past_ends_it_at_once() {
    use Before::{Done, Fired, NeverPolled, Waiting};
    run(async {
        let start = Instant::now();
        advance(100 * MS).await;
        for before in [NeverPolled, Fired, Done] {
            let (_, waker) = Bell::new();
            let mut nap = sleep(10 * MS);
            bring(&mut nap, before, &waker).await;
            Pin::new(&mut nap).reset(start);
            assert!(poll_with(&waker, &mut nap).is_ready(), "{before:?}");
        }
        // One in the wheel is woken by it; the clock does not have to move.
        let (bell, waker) = Bell::new();
        let mut nap = sleep(10 * MS);
        bring(&mut nap, Waiting, &waker).await;
        let now = Instant::now();
        Pin::new(&mut nap).reset(start);
        advance(Duration::ZERO).await;
        assert_eq!((bell.rung(), Instant::now()), (1, now));
        assert!(poll_with(&waker, &mut nap).is_ready());
    });
}

/// A sleep that two tasks hold: one waits, the other resets.
#[derive(Clone)]
struct Shared(Rc<RefCell<Sleep>>);

impl Shared {
    fn new(nap: Sleep) -> Shared {
        Shared(Rc::new(RefCell::new(nap)))
    }

    fn reset(&self, deadline: Instant) {
        Pin::new(&mut *self.0.borrow_mut()).reset(deadline);
    }

    async fn wait(self) -> Instant {
        std::future::poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll(cx)).await;
        Instant::now()
    }
}

#[test]
fn another_task_may_reset_a_sleep_that_is_waited_for() {
    run(async {
        let start = Instant::now();
        for (first, then) in [(10, 3), (10, 30), (10, 10)] {
            let start = Instant::now();
            let nap = Shared::new(sleep(first * MS));
            let waiter = spawn(nap.clone().wait());
            yield_now().await;
            nap.reset(start + then * MS);
            assert_eq!(waiter.await.unwrap() - start, then * MS);
        }
        assert_eq!(start.elapsed(), 43 * MS);
    });
}

#[test]
fn a_sleep_reset_between_firing_and_the_poll_of_its_task_goes_on_waiting() {
    run(async {
        let start = Instant::now();
        let nap = Shared::new(sleep(10 * MS));
        // This timer fires first and its task is polled first: it resets a sleep whose
        // task is on the run queue already.
        let resetter = spawn({
            let nap = nap.clone();
            async move {
                sleep_until(start + 10 * MS).await;
                nap.reset(start + 25 * MS);
            }
        });
        yield_now().await;
        let waiter = spawn(nap.wait());
        assert_eq!(waiter.await.unwrap() - start, 25 * MS);
        resetter.await.unwrap();
    });
}

#[test]
fn of_two_tasks_that_poll_in_turn_the_last_is_woken() {
    run(async {
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        let mut nap = sleep(10 * MS);
        for waker in [&first_waker, &second_waker, &first_waker, &second_waker] {
            assert!(poll_with(waker, &mut nap).is_pending());
        }
        advance(10 * MS).await;
        assert_eq!((first.rung(), second.rung()), (0, 1));
    });
}

#[test]
fn a_sleep_may_be_begun_by_one_task_and_awaited_by_another() {
    run(async {
        let start = Instant::now();
        let mut nap = sleep(10 * MS);
        assert!(poll_here(&mut nap).await.is_pending());
        spawn(nap).await.unwrap();
        assert_eq!(start.elapsed(), 10 * MS);
    });
}

#[test]
fn a_dropped_sleep_leaves_nothing_behind_in_any_state() {
    use Before::{Done, Fired, NeverPolled, Waiting};
    let runtime = paused();
    let mut ledger = Ledger::default();
    for before in [NeverPolled, Waiting, Fired, Done] {
        let (bell, waker) = Bell::new();
        runtime.block_on(async {
            let mut nap = sleep(10 * MS);
            bring(&mut nap, before, &waker).await;
            drop(nap);
        });
        ledger.add(&runtime);
        ledger.assert_empty();
        drop(waker);
        assert_eq!(Arc::strong_count(&bell), 1, "{before:?}: its waker is kept");
        // With nothing in the wheel there is no time to park until.
        let until = std::iter::from_fn(|| Some(runtime.step()));
        let mut until = until.filter(|step| matches!(step, Step::WouldPark { .. }));
        assert_eq!(until.next(), Some(Step::WouldPark { until: None }));
    }
}

#[test]
fn an_aborted_task_takes_its_sleep_with_it() {
    run(async {
        let naps: Vec<_> = (1..1000).map(|ms| spawn(sleep(ms * MS))).collect();
        advance(10 * MS).await;
        for nap in &naps {
            nap.abort();
        }
        for nap in naps {
            drop(nap.await);
        }
    });
}

#[test]
fn a_sleep_in_a_task_is_dropped_with_the_runtime() {
    let runtime = paused();
    let trace = runtime.trace();
    runtime.block_on(async {
        drop(spawn(sleep(10 * MS)));
        yield_now().await;
    });
    drop(runtime);
    let mut ledger = Ledger::default();
    ledger.read(&trace.take());
    ledger.assert_empty();
}

thread_local! {
    /// What a waker drops when it is called. (A waker may be sent; a sleep may not.)
    static TO_DROP: RefCell<Vec<Sleep>> = const { RefCell::new(Vec::new()) };
}

/// Drops all sleeps of `TO_DROP`, and makes, polls and drops another.
struct Meddler;

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        TO_DROP.take();
        let mut nap = sleep(MS);
        assert!(poll_with(Waker::noop(), &mut nap).is_pending());
    }
}

#[test]
fn a_waker_may_meddle_with_the_timers_while_they_fire() {
    run(async {
        let waker = Waker::from(Arc::new(Meddler));
        let mut naps = [10, 10, 10, 11].map(|ms| sleep(ms * MS));
        for nap in &mut naps {
            assert!(poll_with(&waker, nap).is_pending());
        }
        // All four are due together: the first drops those behind it.
        TO_DROP.set(naps.into());
        advance(20 * MS).await;
        assert!(TO_DROP.take().is_empty());
    });
}

#[test]
fn a_task_that_waits_for_a_timer_of_a_runtime_that_is_gone_is_woken_and_told() {
    polls_timers_of_a_runtime_that_is_gone(|_| {});
    polls_timers_of_a_runtime_that_is_gone(|runtime| runtime.trace().observe());
    polls_timers_of_a_runtime_that_is_gone(|runtime| runtime.trace().start(1000));
}

fn polls_timers_of_a_runtime_that_is_gone(observe: impl FnOnce(&Runtime)) {
    let gone = paused();
    observe(&gone);
    let (bell, waker) = Bell::new();
    let (mut waiting, mut fired, mut fresh, mut far) = gone.block_on(async {
        let mut naps = (
            sleep(10 * MS),
            sleep(MS),
            sleep(10 * MS),
            sleep(Duration::MAX),
        );
        assert!(poll_with(&waker, &mut naps.0).is_pending());
        assert!(poll_with(Waker::noop(), &mut naps.1).is_pending());
        advance(MS).await;
        naps
    });
    let trace = gone.trace();
    drop(gone);
    assert_eq!(bell.rung(), 1, "it would wait for ever");
    assert_eq!(poll_with(&waker, &mut fired), Poll::Ready(()));
    for nap in [&mut waiting, &mut fresh, &mut far] {
        assert!(!nap.is_elapsed());
        let text = panic_of(|| poll_with(&waker, nap));
        assert!(text.contains("shut down"), "{text}");
        // What is left can be handled without harm.
        Pin::new(&mut *nap).reset(Instant::now());
        assert!(!nap.is_elapsed());
    }
    drop((waiting, fired, fresh, far));
    let mut ledger = Ledger::default();
    ledger.read(&trace.take());
    ledger.assert_empty();
}
