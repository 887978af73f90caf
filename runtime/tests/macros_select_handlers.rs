//! `select!`, as it goes on: conditions, `else`, and what a handler may do.
#![deny(warnings)]

use std::cell::{Cell, RefCell};
use std::future::ready;

use futures_lite::future::{block_on, yield_now};

async fn one() -> usize {
    1
}

async fn borrows(_: &mut i32) {}

// ---- conditions and else

#[test]
fn all_conditions_come_first_then_all_futures_the_disabled_ones_too() {
    let log = RefCell::new(Vec::new());
    let note = |what| {
        log.borrow_mut().push(what);
        what
    };
    block_on(async {
        runtime::select! {
            biased;
            () = { note("future a"); ready(()) }, if note("if a") == "no" => { note("a"); }
            () = { note("future b"); ready(()) } => { note("b"); }
            () = { note("future c"); ready(()) }, if note("if c") == "if c" => { note("c"); }
        }
    });
    assert_eq!(
        *log.borrow(),
        ["if a", "if c", "future a", "future b", "future c", "b"]
    );
}

#[test]
fn a_branch_whose_condition_is_false_is_never_polled() {
    block_on(async {
        let trap = std::future::poll_fn(|_| -> std::task::Poll<()> { panic!("polled") });
        let got = runtime::select! {
            biased;
            () = trap, if false => 1,
            () = yield_now() => 2,
        };
        assert_eq!(got, 2);
    });
}

#[test]
fn a_condition_may_look_at_what_the_branches_borrow() {
    let mut value = 3;
    block_on(async {
        runtime::select! {
            () = borrows(&mut value), if value == 3 && { value > 0 } => {}
            else => panic!("the condition holds"),
        }
    });
}

#[test]
fn else_runs_when_every_condition_is_false() {
    let (mut a, mut b) = (1, 2);
    let got = block_on(async {
        runtime::select! {
            () = borrows(&mut a), if false => 0,
            () = borrows(&mut b), if b == 1 => 0,
            else => { a += 1; a + b }
        }
    });
    assert_eq!(got, 4);
}

#[test]
fn else_runs_when_no_pattern_matches_or_the_rest_is_disabled() {
    let got = block_on(async {
        runtime::select! {
            Some(x) = async { yield_now().await; None } => x,
            Ok(x) = ready(Err(())) => x,
            x = ready(7), if false => x,
            else => 5,
        }
    });
    assert_eq!(got, 5);
}

#[test]
fn a_select_with_nothing_left_and_no_else_panics_and_says_so() {
    let all_out = || {
        block_on(async {
            runtime::select! {
                Some(()) = ready(None) => {}
                () = ready(()), if false => {}
            }
        });
    };
    let payload = std::panic::catch_unwind(all_out).unwrap_err();
    let message = payload.downcast_ref::<&str>().unwrap();
    assert!(
        message.starts_with("all branches are disabled and there is no else branch"),
        "{message}"
    );
}

// ---- what a handler may do

#[test]
fn handlers_break_and_continue_the_loop_around_the_select() {
    let mut turns = 0;
    let got = block_on(async {
        'outer: loop {
            loop {
                turns += 1;
                runtime::select! {
                    biased;
                    () = ready(()), if turns < 3 => continue,
                    () = ready(()), if turns == 3 => break,
                    () = yield_now() => break 'outer turns,
                }
            }
        }
    });
    assert_eq!(got, 4);
}

#[test]
fn handlers_and_futures_may_return_use_the_question_mark_and_await() {
    async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
        let number = runtime::select! {
            n = ready(text.parse::<u32>()?) => {
                yield_now().await;
                let again = text.trim().parse::<u32>()?;
                n + again
            }
        };
        let more = runtime::select! {
            _ = ready(()), if number == 14 => return Ok(0),
            n = ready("1".parse::<u32>()) => n?,
        };
        Ok(number + more)
    }
    block_on(async {
        assert!(matches!(parse("7").await, Ok(0 | 15)));
        assert_eq!(parse("8").await, Ok(17));
        assert!(parse("x").await.is_err());
    });
}

#[test]
fn handlers_may_use_what_the_futures_borrowed() {
    async fn set(value: &mut Vec<i32>) {
        value.push(1);
        yield_now().await;
        value.push(2);
    }
    let mut values = Vec::new();
    block_on(async {
        runtime::select! {
            biased;
            () = set(&mut values) => {}
            () = ready(()) => values.push(3),
        }
    });
    // The other future had begun, and was dropped at its await.
    assert_eq!(values, [1, 3]);
}

#[test]
fn a_future_borrowed_from_outside_goes_on_in_the_next_select() {
    let steps = Cell::new(0);
    block_on(async {
        let work = async {
            for _ in 0..3 {
                steps.set(steps.get() + 1);
                yield_now().await;
            }
            "done"
        };
        runtime::pin!(work);
        let mut others = 0;
        let answer = loop {
            runtime::select! {
                biased;
                answer = &mut work => break answer,
                () = ready(()) => others += 1,
            }
        };
        assert_eq!((answer, others, steps.get()), ("done", 3, 3));
    });
}

#[test]
fn what_is_left_of_a_borrowed_future_may_be_awaited_in_the_handler() {
    block_on(async {
        let mut left = Box::pin(async {
            yield_now().await;
            1
        });
        let mut right = Box::pin(async {
            yield_now().await;
            2
        });
        let sum = runtime::select! {
            a = &mut left => a * 10 + right.await,
            b = &mut right => b * 10 + left.await,
        };
        assert!(sum == 12 || sum == 21);
    });
}

#[test]
fn conditions_keep_finished_futures_out_of_the_next_round() {
    block_on(async {
        let (mut first, mut second) = (
            Box::pin(one()),
            Box::pin(async {
                yield_now().await;
                2
            }),
        );
        let (mut a, mut b) = (None, None);
        while a.is_none() || b.is_none() {
            runtime::select! {
                x = &mut first, if a.is_none() => a = Some(x),
                x = &mut second, if b.is_none() => b = Some(x)
            }
        }
        assert_eq!((a, b), (Some(1), Some(2)));
    });
}

/// A macro of the program hands its blocks over, with a comma behind them and without.
macro_rules! first_of {
    ($future:expr => $then:block else $otherwise:block) => {
        runtime::select! {
            _ = $future, if got_is_wanted() => $then
            _ = std::future::pending::<usize>(), if !got_is_wanted() => $otherwise,
            else => $otherwise
        }
    };
    ($($future:expr => $then:block)*) => {
        runtime::select! { biased; $(_ = $future => $then)* }
    };
}

fn got_is_wanted() -> bool {
    true
}

#[test]
fn a_block_that_a_macro_was_given_is_a_handler() {
    block_on(async {
        let said = first_of!(one() => { "first" } else { "none" });
        assert_eq!(said, "first");
        let said = first_of!(std::future::pending::<()>() => { 1 } one() => { 2 });
        assert_eq!(said, 2);
    });
}
