//! `select!`, as it runs: who is asked, how often, in which order, and who is dropped when.
#![deny(warnings)]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_lite::future::{block_on, poll_once, yield_now};
use runtime::runtime::Builder;
use runtime::time::{Duration, Instant, sleep};

/// Notes each poll and its own drop; answers at the given poll, and panics after that.
struct Noted<'a> {
    name: &'static str,
    log: &'a RefCell<Vec<String>>,
    answers_at: u32,
    polls: u32,
}

impl<'a> Noted<'a> {
    fn new(name: &'static str, answers_at: u32, log: &'a RefCell<Vec<String>>) -> Self {
        Noted {
            name,
            log,
            answers_at,
            polls: 0,
        }
    }

    fn note(&self, what: &str) {
        self.log.borrow_mut().push(format!("{what} {}", self.name));
    }
}

impl Future for Noted<'_> {
    type Output = Option<&'static str>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls += 1;
        self.note("poll");
        assert!(
            self.polls <= self.answers_at,
            "{} polled after it was ready",
            self.name
        );
        if self.polls == self.answers_at {
            return Poll::Ready(Some(self.name));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.note("drop");
    }
}

#[test]
fn all_futures_are_dropped_in_the_order_of_the_branches_before_the_handler_runs() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        runtime::select! {
            biased;
            _ = Noted::new("a", 9, &log) => {}
            _ = Noted::new("b", 1, &log) => log.borrow_mut().push("handler".to_string()),
            _ = Noted::new("c", 9, &log) => {}
            _ = Noted::new("d", 9, &log), if false => {}
        }
    });
    // c was not asked any more: b had won. It is dropped all the same, and so is d.
    let expected = [
        "poll a", "poll b", "drop a", "drop b", "drop c", "drop d", "handler",
    ];
    assert_eq!(log.into_inner(), expected);
}

#[test]
fn the_futures_are_dropped_before_else_runs_too() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        runtime::select! {
            None = Noted::new("a", 1, &log) => {}
            else => log.borrow_mut().push("else".to_string()),
        }
    });
    assert_eq!(log.into_inner(), ["poll a", "drop a", "else"]);
}

#[test]
fn a_value_that_no_pattern_took_is_dropped_at_once_its_future_at_the_end() {
    struct Value<'a>(&'a Cell<bool>);
    impl Drop for Value<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Cell::new(false);
    block_on(async {
        runtime::select! {
            biased;
            (_value, false) = ready((Value(&dropped), true)) => panic!("true is not false"),
            () = async { assert!(dropped.get()) } => {}
        }
    });
}

#[test]
fn a_future_that_has_completed_is_not_polled_again() {
    let log = RefCell::new(Vec::new());
    let winner = block_on(async {
        runtime::select! {
            biased;
            None = Noted::new("a", 1, &log) => None,
            winner = Noted::new("b", 3, &log) => winner,
        }
    });
    assert_eq!(winner, Some("b"));
    let polls: Vec<_> = log
        .into_inner()
        .into_iter()
        .filter(|line| line.starts_with("poll"))
        .collect();
    assert_eq!(polls, ["poll a", "poll b", "poll b", "poll b"]);
}

#[test]
fn biased_asks_from_top_to_bottom_at_every_poll() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        runtime::select! {
            biased;
            _ = Noted::new("a", 9, &log) => {}
            _ = Noted::new("b", 9, &log) => {}
            _ = Noted::new("c", 2, &log) => {}
        }
    });
    assert_eq!(
        log.into_inner()[..6],
        ["poll a", "poll b", "poll c", "poll a", "poll b", "poll c"]
    );
}

#[test]
fn without_biased_every_branch_comes_first_some_of_the_time() {
    let mut wins = [0; 3];
    block_on(async {
        for _ in 0..600 {
            runtime::select! {
                () = ready(()) => wins[0] += 1,
                () = ready(()) => wins[1] += 1,
                () = ready(()) => wins[2] += 1,
            }
        }
    });
    // 200 each is what to expect; 100 is eight standard deviations away.
    assert!(wins.iter().all(|&n| n > 100), "{wins:?}");
}

#[test]
fn a_round_that_starts_in_the_middle_wraps_around_and_asks_each_once() {
    for _ in 0..50 {
        let log = RefCell::new(Vec::new());
        block_on(async {
            let mut select = pin!(async {
                runtime::select! {
                    _ = Noted::new("a", 2, &log) => {}
                    _ = Noted::new("b", 2, &log) => {}
                    _ = Noted::new("c", 2, &log) => {}
                }
            });
            assert!(poll_once(&mut select).await.is_none());
        });
        let order = log.borrow()[..3].join(", ");
        let in_turn = [
            "poll a, poll b, poll c",
            "poll b, poll c, poll a",
            "poll c, poll a, poll b",
        ];
        assert!(in_turn.contains(&order.as_str()), "{order}");
    }
}

#[test]
fn every_branch_is_given_the_waker_of_the_select() {
    let wakers = RefCell::new(Vec::new());
    let keep = || {
        poll_fn(|cx| {
            wakers.borrow_mut().push(cx.waker().clone());
            Poll::<()>::Pending
        })
    };
    block_on(async {
        runtime::select! {
            biased;
            () = keep() => {}
            () = keep() => {}
            () = yield_now() => {}
        }
        let here = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        assert!(wakers.borrow().iter().all(|waker| waker.will_wake(&here)));
    });
    assert_eq!(wakers.into_inner().len(), 4);
}

#[test]
fn dropping_a_select_drops_its_futures() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        let select = async {
            runtime::select! {
                biased;
                _ = Noted::new("a", 9, &log) => {}
                _ = Noted::new("b", 9, &log) => {}
            }
        };
        assert!(poll_once(select).await.is_none());
    });
    assert_eq!(log.into_inner(), ["poll a", "poll b", "drop a", "drop b"]);
}

#[test]
fn the_futures_live_inside_the_select_and_not_in_boxes() {
    async fn holds_a_kilobyte() -> u8 {
        let kilobyte = [1_u8; 1024];
        pending::<()>().await;
        kilobyte[0]
    }
    let select = async {
        runtime::select! {
            x = holds_a_kilobyte() => x,
            x = holds_a_kilobyte() => x,
        }
    };
    let size = std::mem::size_of_val(&select);
    // Twice the kilobyte, once each, and a little around them.
    assert!((2048..2048 + 256).contains(&size), "{size}");
}

#[test]
fn what_is_made_of_sendable_futures_can_be_sent() {
    fn sendable<F: Future + Send>(_: F) {}
    sendable(async {
        let picked = runtime::select! {
            x = ready(1) => x,
            x = async { yield_now().await; 2 } => x,
        };
        let joined = runtime::join!(ready(picked), yield_now());
        runtime::try_join!(ready(Ok::<_, ()>(joined)), async {
            yield_now().await;
            Ok(2)
        })
    });
}

// ---- in a runtime

#[test]
fn the_same_seed_gives_the_same_choices_also_in_tasks() {
    async fn choices() -> Vec<u32> {
        let mut choices = Vec::new();
        for _ in 0..50 {
            let choice = runtime::select! {
                x = ready(0) => x,
                x = ready(1) => x,
                x = ready(2) => x,
            };
            choices.push(choice);
        }
        choices
    }
    let with_seed = |seed| {
        let rt = Builder::new_current_thread()
            .rng_seed(seed)
            .build()
            .unwrap();
        rt.block_on(async { (choices().await, runtime::spawn(choices()).await.unwrap()) })
    };
    assert_eq!(with_seed(7), with_seed(7));
    assert_ne!(with_seed(7), with_seed(8));
}

#[runtime::test(start_paused = true)]
async fn the_earliest_timer_wins_and_the_others_leave_the_wheel() {
    let start = Instant::now();
    let winner = runtime::select! {
        () = sleep(Duration::from_secs(60)) => 60,
        () = sleep(Duration::from_secs(2)) => 2,
        () = sleep(Duration::from_secs(3600)) => 3600,
    };
    assert_eq!((winner, start.elapsed()), (2, Duration::from_secs(2)));
}

#[runtime::test(start_paused = true)]
async fn a_borrowed_sleep_limits_a_whole_loop() {
    let (start, mut turns) = (Instant::now(), 0);
    let limit = sleep(Duration::from_secs(10));
    runtime::pin!(limit);
    loop {
        runtime::select! {
            () = &mut limit => break,
            () = sleep(Duration::from_secs(3)) => turns += 1,
        }
    }
    assert_eq!((turns, start.elapsed()), (3, Duration::from_secs(10)));
}

#[runtime::test]
async fn a_select_in_a_task_without_budget_waits_for_the_next_turn() {
    let task = runtime::spawn(async {
        for _ in 0..128 {
            sleep(Duration::ZERO).await;
        }
        let mut select = pin!(async {
            // No leaf at all: it is the macro that asks for budget.
            runtime::select! { biased; () = ready(()) => 1, () = ready(()) => 2 }
        });
        let now = poll_once(&mut select).await;
        (now, select.await)
    });
    assert_eq!(task.await.unwrap(), (None, 1));
}
