//! The check of stage 10: all together. It runs the program of `examples/tiny_runtime.rs`, and compares what it
//! prints with what is expected of that example.

use super::work::{Async, Either, block_on, join, left, select, sleep, spawn};
use lab::account::note;
use lab::clock;
use lab::examiner::{Case, Check, expect, fail, if_it_turns};
use lab::kernel;
use lab::probe::Probe;
use std::future::{pending, poll_fn, ready};
use std::task::Poll;
use std::time::Duration;

const SLEEPS: &str = "Look at the account: which future waits, and which wake does it wait for?";

pub const CHECK: Check = Check {
    title: "all together",
    stops: "stops 3, 6 and 13",
    cases: &[
        Case {
            name: "block_on runs a future, and the tasks that it spawns",
            run: spawns,
            hangs: "Look at the account. The loop polls a round, and then looks at `main`, *before* the thread sleeps: \
                    if `main` is ready, nothing will end the sleep. And the thread does not sleep while a task is on \
                    the run queue: the turn asks whether the executor is idle.",
        },
        Case {
            name: "tasks sleep at the same time",
            run: sleeps,
            hangs: "The clock stands still while a task is ready, and moves when the thread sleeps until the first \
                    deadline. Perhaps the turn has no timeout, or the timers are not fired after it.",
        },
        Case {
            name: "join waits for both, and polls none that is ready",
            run: joins,
            hangs: SLEEPS,
        },
        Case {
            name: "select takes the first, and drops the other",
            run: selects,
            hangs: SLEEPS,
        },
        Case {
            name: "a task that never waits does not starve a timer",
            run: does_not_starve,
            hangs: "One task wakes itself in each poll. The loop polls it again and again, and never comes to the \
                    timers: poll one *round*, and then take a turn.",
        },
        Case {
            name: "a wake from another thread",
            run: another_thread,
            hangs: "All tasks wait, and one of them for another thread. That one has called the waker, and the sleep \
                    did not end: the turn must go by the doorbell.",
        },
        Case {
            name: "the tasks that are left are dropped when block_on returns",
            run: drops_the_rest,
            hangs: SLEEPS,
        },
        Case {
            name: "the program of examples/tiny_runtime.rs",
            run: tiny_program,
            hangs: SLEEPS,
        },
    ],
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn spawns() {
    let child = Probe::ready_in("the child", 2);
    let future = child.future();
    let value = block_on(async move {
        let handle = spawn(async move {
            future.await;
            42
        });
        handle.await
    });
    expect(
        value == 42,
        "block_on gave something else than the future's output.",
    );
    child.expect_polls(2, "It wakes itself once.");
}

fn sleeps() {
    clock::pause();
    block_on(async {
        let (slow, quick) = (spawn(sleep(ms(300))), spawn(sleep(ms(100))));
        quick.await;
        expect(
            clock::now() == ms(100),
            "A task slept for 100 ms, and woke up at another time.",
        );
        slow.await;
    });
    let now = clock::now().as_millis();
    expect(
        now == 300,
        &format!(
            "Two tasks slept for 300 and 100 ms at the same time, so for 300 ms in all. Yours took {now} ms. Perhaps \
             the timeout of the turn is the deadline itself, and not the time that is left until it."
        ),
    );
}

/// A future of a join: ready in its first poll. In a second one it says what is wrong with the join.
fn ready_once() -> impl Future<Output = ()> {
    let mut polls = 0;
    poll_fn(move |_| {
        polls += 1;
        expect(
            polls == 1,
            "join has polled a future once more that had said Ready. It polls `a` only if `of_a` is None, and `b` only \
             if `of_b` is None. And as long as one output is missing, the other must stay where it is: a `take` \
             takes it out.",
        );
        Poll::Ready(())
    })
}

fn joins() {
    clock::pause();
    let nap = || async { sleep(ms(100)).await };
    block_on(join(ready_once(), nap()));
    block_on(join(nap(), ready_once()));
    clock::pause();
    let (early, late) = (Probe::ready_in("a", 1), Probe::ready_in("b", 1));
    let (a, b) = (early.future(), late.future());
    let outputs = block_on(join(
        async move {
            a.await;
            "a"
        },
        async move {
            sleep(ms(100)).await;
            b.await;
            "b"
        },
    ));
    expect(
        outputs == ("a", "b"),
        "join gave other outputs than those of its futures, in their order.",
    );
    block_on(join(nap(), nap()));
    let now = clock::now().as_millis();
    expect(
        now == 200,
        &format!(
            "Two futures of 100 ms in a join take 100 ms, as both wait at the same time. Yours took {} ms.",
            now - 100
        ),
    );
}

fn selects() {
    clock::pause();
    let first = block_on(select(sleep(ms(100)), ready("ready")));
    expect(
        first == Either::Right("ready"),
        "The second future was ready at once, and the first slept: the second wins.",
    );
    let first = block_on(select(ready(1), ready(2)));
    expect(
        first == Either::Left(1),
        "Both futures were ready. The first is polled first, and wins.",
    );
    let (loser, other) = (Probe::new("the loser"), Probe::new("nothing"));
    let (future, seen) = (loser.future(), loser.clone());
    block_on(async move {
        select(sleep(ms(10)), future).await;
        expect(
            seen.is_dropped(),
            "The sleep was ready first, and the other future still lives when select has returned. What it holds \
             (a socket, a lock, a place) must be free by then.",
        );
        let _ = select(ready(()), sleep(ms(1000))).await;
        let (_, sleeps) = left();
        expect(
            sleeps == 0,
            "select has dropped a sleep, and a timer is left behind.",
        );
    });
    drop(other);
    loser.expect_polls(
        1,
        "It was pending, and was not woken. In a select both are polled until one is ready: the \
                           poll that finds the first one ready does not ask the second.",
    );
}

fn does_not_starve() {
    clock::pause();
    block_on(async {
        drop(spawn(async {
            let mut polls = 0;
            poll_fn::<(), _>(move |cx| {
                polls += 1;
                if polls == 100 {
                    fail(
                        "One task wakes itself in each poll and computes for 3 ms. Another one sleeps for 10 ms, and \
                         was not woken after 300 ms. The loop must poll one *round* of tasks, those that are \
                         on the queue now, and then look at the timers and sockets.",
                    );
                }
                clock::advance(ms(3));
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }));
        sleep(ms(10)).await;
        note("the sleep has ended");
    });
}

fn another_thread() {
    if_it_turns(
        "All tasks wait, and one of them for another thread. Your thread ought to sleep until that one wakes it. \
         Without a deadline a turn has no timeout.",
    );
    let task = Probe::answering("the main future", |poll, cx| {
        if poll > 1 {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        std::thread::spawn(move || {
            while !kernel::is_asleep() {
                std::thread::yield_now();
            }
            note("another thread calls the waker");
            waker.wake();
        });
        Poll::Pending
    });
    block_on(task.future());
    task.expect_polls(2, "It was woken once.");
}

fn drops_the_rest() {
    clock::pause();
    let rest = Probe::new("a task that is left");
    let future = rest.future();
    block_on(async move {
        drop(spawn(future));
        drop(spawn(async {
            let _ = join(sleep(ms(60_000)), pending::<()>()).await;
        }));
        sleep(ms(1)).await;
    });
    let (tasks, sleeps) = left();
    let words = "block_on has returned, and tasks are left that nothing will ever poll. What they hold must be free: \
                 drop them.";
    expect(rest.is_dropped() && tasks == 0 && sleeps == 0, words);
}

/// The program of `tiny_runtime`, as `build.rs` has taken it from there. What it prints is kept.
mod tiny {
    use super::{Async, block_on, sleep, spawn};
    use lab::clock::Instant;
    use mio::net::{TcpListener, TcpStream};
    use std::io::{Read, Result as Io, Write};
    use std::time::Duration;

    macro_rules! println {
        ($($words:tt)*) => { lab::printed::print(&format!($($words)*)) };
    }

    include!(concat!(env!("OUT_DIR"), "/tiny_program.rs"));
}

fn tiny_program() {
    clock::pause();
    if let Err(error) = tiny::main() {
        fail(&format!("The program ends with an error: {error}."));
    }
    let expected = include_str!("../../expected/tiny_runtime.txt");
    if let Err(difference) = lab::printed::compare(expected) {
        fail(&format!(
            "The program of tiny_runtime does not print what it prints there. It {difference}"
        ));
    }
}
