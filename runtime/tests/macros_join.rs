//! `join!` and `try_join!`: all at once, answers in order, the first error at once.
#![deny(warnings)]

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{Future, IntoFuture, Ready, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_lite::future::{block_on, poll_once, yield_now};
use runtime::time::{Duration, Instant, sleep};

/// Notes each poll and its own drop; answers at the given poll, and panics after that.
struct Noted<'a, T> {
    name: &'static str,
    log: &'a RefCell<Vec<String>>,
    polls_left: u32,
    answer: Option<T>,
}

impl<'a, T> Noted<'a, T> {
    fn new(name: &'static str, polls: u32, answer: T, log: &'a RefCell<Vec<String>>) -> Self {
        Noted {
            name,
            log,
            polls_left: polls,
            answer: Some(answer),
        }
    }

    fn note(&self, what: &str) {
        self.log.borrow_mut().push(format!("{what} {}", self.name));
    }
}

impl<T: Unpin> Future for Noted<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.note("poll");
        self.polls_left -= 1;
        if self.polls_left == 0 {
            return Poll::Ready(self.answer.take().expect("polled after it was ready"));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T> Drop for Noted<'_, T> {
    fn drop(&mut self) {
        self.note("drop");
    }
}

// ---- both

#[test]
fn the_answers_come_as_a_tuple_in_the_order_of_the_futures() {
    block_on(async {
        let late = async {
            yield_now().await;
            "late"
        };
        assert_eq!(
            runtime::join!(late, async { 2 }, ready('c')),
            ("late", 2, 'c')
        );
        let late = async {
            yield_now().await;
            Ok::<_, ()>("late")
        };
        assert_eq!(
            runtime::try_join!(late, ready(Ok(2)), ready(Ok('c'))),
            Ok(("late", 2, 'c'))
        );
    });
}

#[test]
fn commas_biased_and_nothing_at_all() {
    block_on(async {
        assert_eq!(runtime::join!(async { 1 }), (1,));
        assert_eq!(runtime::join!(async { 1 },), (1,));
        assert_eq!(runtime::join!(biased; async { 1 }, async { 2 },), (1, 2));
        let () = runtime::join!();
        let () = runtime::join!(biased;);
        assert_eq!(
            runtime::try_join!(biased; ready(Ok::<_, ()>(1)), ready(Ok(2)),),
            Ok((1, 2))
        );
        assert_eq!(runtime::try_join!(ready(Err::<(), _>(1))), Err(1));
        let nothing: Result<(), Infallible> = runtime::try_join!();
        let still_nothing: Result<(), Infallible> = runtime::try_join!(biased;);
        assert_eq!(nothing, still_nothing);
    });
}

#[test]
fn anything_that_turns_into_a_future_will_do_and_so_does_a_borrowed_future() {
    struct Later(u8);
    impl IntoFuture for Later {
        type Output = u8;
        type IntoFuture = Ready<u8>;
        fn into_future(self) -> Ready<u8> {
            ready(self.0)
        }
    }
    block_on(async {
        let mut borrowed = ready(2);
        assert_eq!(
            runtime::join!(Later(1), &mut borrowed, &mut ready(3)),
            (1, 2, 3)
        );
    });
}

#[test]
fn futures_may_borrow_and_their_values_need_not_be_copy() {
    let text = "warp".to_string();
    let (a, b) =
        block_on(async { runtime::join!(async { text.clone() }, async { text.as_str() }) });
    assert_eq!(a, b);
}

#[test]
fn sixty_four_futures_need_no_recursion_limit() {
    macro_rules! all {
        ($macro:ident, $what:expr; $($number:literal)*) => {
            runtime::$macro!($({
                let answer = $what($number);
                async move { yield_now().await; answer }
            }),*)
        };
    }
    block_on(async {
        let answers = all!(join, |n: u32| n;
             0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
        assert_eq!((answers.0, answers.31, answers.63), (0, 31, 63));
        let answers = all!(try_join, |n: u32| if n == 62 { Err(n) } else { Ok(n) };
             0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
        assert_eq!(answers.err(), Some(62));
    });
}

#[test]
fn the_expansions_names_are_not_the_users() {
    let (future0, first, output, pending) = (ready(1), 2, 3, 4);
    let sum = block_on(async {
        runtime::join!(async { future0.await + first }, async { output + pending })
    });
    assert_eq!(sum, (3, 7));
}

#[test]
fn an_answer_that_cannot_exist_makes_no_warnings() {
    block_on(async {
        let joined = async { runtime::join!(pending::<Infallible>(), async { 1 }) };
        assert!(poll_once(joined).await.is_none());
        let joined = async { runtime::join!(biased; async { 1 }, pending::<Infallible>()) };
        assert!(poll_once(joined).await.is_none());
        let joined =
            async { runtime::try_join!(pending::<Result<Infallible, ()>>(), ready(Ok(1))) };
        assert!(poll_once(joined).await.is_none());
        let joined = runtime::try_join!(ready(Ok::<_, Infallible>(1)), ready(Ok(2)));
        assert_eq!(joined, Ok((1, 2)));
    });
}

// ---- who is asked when

fn rounds(log: RefCell<Vec<String>>) -> Vec<String> {
    let polls = log
        .into_inner()
        .into_iter()
        .filter_map(|line| Some(line.strip_prefix("poll ")?.to_string()));
    polls.collect()
}

#[test]
fn another_future_is_asked_first_at_each_poll() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        runtime::join!(
            Noted::new("a", 4, (), &log),
            Noted::new("b", 4, (), &log),
            Noted::new("c", 4, (), &log),
        )
    });
    assert_eq!(rounds(log).concat(), "abc bca cab abc".replace(' ', ""));
}

#[test]
fn try_join_rotates_too() {
    let log = RefCell::new(Vec::new());
    let done = block_on(async {
        runtime::try_join!(
            Noted::new("a", 3, Ok::<_, ()>(()), &log),
            Noted::new("b", 3, Ok(()), &log),
        )
    });
    assert_eq!(done, Ok(((), ())));
    assert_eq!(rounds(log).concat(), "abbaab");
}

#[test]
fn biased_asks_in_the_order_in_which_they_stand() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        runtime::join!(biased; Noted::new("a", 3, (), &log), Noted::new("b", 3, (), &log))
    });
    assert_eq!(rounds(log).concat(), "ababab");
}

#[test]
fn a_future_that_has_completed_is_not_polled_again_and_is_dropped_then() {
    let log = RefCell::new(Vec::new());
    let answers = block_on(async {
        runtime::join!(biased; Noted::new("a", 1, 1, &log), Noted::new("b", 3, 2, &log))
    });
    assert_eq!(answers, (1, 2));
    assert_eq!(
        log.into_inner(),
        ["poll a", "drop a", "poll b", "poll b", "poll b", "drop b"]
    );
}

#[test]
fn all_futures_are_asked_before_the_task_waits() {
    block_on(async {
        let polled = Cell::new(0);
        let count = || {
            poll_fn(|_| {
                polled.set(polled.get() + 1);
                Poll::<()>::Pending
            })
        };
        let mut joined = pin!(async { runtime::join!(count(), count(), count()) });
        assert!(poll_once(&mut joined).await.is_none());
        assert_eq!(polled.get(), 3);
    });
}

#[test]
fn dropping_a_join_drops_the_futures_in_order_and_the_answers_it_had() {
    let log = RefCell::new(Vec::new());
    block_on(async {
        let joined = async {
            runtime::join!(
                Noted::new("a", 9, (), &log),
                ready(Noted::new("answer", 9, (), &log)),
                Noted::new("b", 9, (), &log),
            )
        };
        assert!(poll_once(joined).await.is_none());
    });
    assert_eq!(
        log.into_inner(),
        ["poll a", "poll b", "drop a", "drop answer", "drop b"]
    );
}

// ---- errors

#[test]
fn the_first_error_is_returned_at_once_and_the_others_are_dropped() {
    let log = RefCell::new(Vec::new());
    let failed = block_on(async {
        let failed = runtime::try_join!(
            biased;
            Noted::new("a", 9, Ok(()), &log),
            Noted::new("b", 2, Err::<(), _>("no thread"), &log),
            Noted::new("c", 1, Ok(()), &log),
            Noted::new("d", 9, Ok(()), &log),
        );
        log.borrow_mut().push("returned".to_string());
        failed
    });
    assert_eq!(failed, Err("no thread"));
    let expected = [
        "poll a", "poll b", "poll c", "drop c", "poll d", // the first round
        "poll a", "poll b", "drop b", // b fails: d is not asked again
        "drop a", "drop d", "returned",
    ];
    assert_eq!(log.into_inner(), expected);
}

#[test]
fn join_waits_for_all_errors_or_not() {
    let log = RefCell::new(Vec::new());
    let answers = block_on(async {
        runtime::join!(
            Noted::new("a", 1, Err::<(), _>("early"), &log),
            Noted::new("b", 3, Ok::<_, ()>("late"), &log),
        )
    });
    assert_eq!(answers, (Err("early"), Ok("late")));
}

#[test]
fn the_futures_live_inside_the_join_and_an_answer_takes_its_futures_place() {
    async fn holds_a_kilobyte() -> [u8; 1024] {
        let kilobyte = [1_u8; 1024];
        yield_now().await;
        kilobyte
    }
    let joined = async {
        let (a, b) = runtime::join!(holds_a_kilobyte(), holds_a_kilobyte());
        a[0] + b[0]
    };
    let size = std::mem::size_of_val(&joined);
    assert!((2048..2048 + 256).contains(&size), "{size}");
    assert_eq!(block_on(joined), 2);
}

// ---- in a runtime

#[runtime::test(start_paused = true)]
async fn joining_takes_as_long_as_the_slowest() {
    let start = Instant::now();
    runtime::join!(sleep(Duration::from_secs(1)), sleep(Duration::from_secs(3)));
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[runtime::test(start_paused = true)]
async fn an_error_ends_the_waiting() {
    let start = Instant::now();
    let failed = runtime::try_join!(
        async {
            sleep(Duration::from_secs(3600)).await;
            Ok(())
        },
        async {
            sleep(Duration::from_secs(1)).await;
            Err::<(), _>("torn")
        },
    );
    assert_eq!(
        (failed, start.elapsed()),
        (Err("torn"), Duration::from_secs(1))
    );
}

#[runtime::test]
async fn a_future_that_spends_the_whole_budget_does_not_starve_its_neighbour() {
    let greedy = async {
        for _ in 0..5 * 128 {
            sleep(Duration::ZERO).await;
        }
    };
    let finished_first = Cell::new("");
    let note = |name| {
        if finished_first.get().is_empty() {
            finished_first.set(name);
        }
    };
    runtime::join!(
        async {
            greedy.await;
            note("greedy");
        },
        async {
            for _ in 0..3 {
                sleep(Duration::ZERO).await;
            }
            note("modest");
        },
    );
    assert_eq!(finished_first.get(), "modest");
}
