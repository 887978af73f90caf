//! The check of stage 7: `sleep`.

use super::work::{Executor, Sleep, Timers, run};
use lab::account::note;
use lab::examiner::{Case, Check, expect};
use lab::probe::{Probe, times};
use lab::wakers::{Counted, when_called, when_dropped};
use lab::{clock, thread};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const CIRCLE: &str = "Perhaps `run` does not park, or the park is not until the first deadline (`park_until` takes the \
                      deadline, and not the time that is left), or a sleep whose time has come stays in the map, or \
                      says Pending although the clock is at its deadline.";

pub const CHECK: Check = Check {
    title: "sleep",
    stops: "stops 9 and 10",
    cases: &[
        Case {
            name: "a sleep that waits is in the map, and `fire` wakes it at its deadline",
            run: in_the_map,
            hangs: "`fire` does not return. It takes the first entry out as long as its deadline has come: then the \
                    loop ends.",
        },
        Case {
            name: "a sleep waits, and is ready at its deadline",
            run: one,
            hangs: CIRCLE,
        },
        Case {
            name: "sleeps fire in the order of their deadlines, and all wait at the same time",
            run: several,
            hangs: CIRCLE,
        },
        Case {
            name: "the thread is parked until the first deadline, once for each",
            run: parks,
            hangs: CIRCLE,
        },
        Case {
            name: "sleeps that are due at the same time are all woken, in the order of their deadlines",
            run: all_due,
            hangs: CIRCLE,
        },
        Case {
            name: "two sleeps with one deadline",
            run: one_deadline,
            hangs: CIRCLE,
        },
        Case {
            name: "a sleep that is moved to another task wakes that one",
            run: newest_waker,
            hangs: CIRCLE,
        },
        Case {
            name: "a sleep that is dropped leaves nothing behind",
            run: dropped,
            hangs: CIRCLE,
        },
        Case {
            name: "a waker that makes a sleep as soon as it is called",
            run: no_borrow,
            hangs: CIRCLE,
        },
        Case {
            name: "a waker that makes a sleep as soon as it is dropped",
            run: no_borrow_in_a_drop,
            hangs: CIRCLE,
        },
        Case {
            name: "`run` returns when no task can go on and no sleep waits",
            run: returns,
            hangs: "A task waits, and not for a sleep. No task is ready, and the map is empty: `run` returns then, and \
                    does not ask whether there are tasks.",
        },
    ],
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn in_the_map() {
    clock::pause();
    let timers = Rc::new(Timers::default());
    let calls = Counted::default();
    let mut sleep = timers.sleep(ms(10));
    expect(
        poll(&mut sleep, &calls.waker()).is_pending(),
        "A sleep of 10 ms is ready at 0 ms: before its deadline.",
    );
    expect(
        timers.waiting() == 1,
        "A sleep said Pending, and is not in the map: nothing will ever wake it. Its poll puts the waker into the map, \
         under `self.key`.",
    );
    expect(
        timers.next() == Some(ms(10)),
        "One sleep waits, its deadline is 10 ms, and `next` says something else.",
    );
    note("check: calls `fire` with 9 ms");
    timers.fire(ms(9));
    expect(
        calls.calls() == 0,
        "`fire(9 ms)` has woken a sleep whose deadline is 10 ms. It wakes those whose deadline is 9 ms or earlier: \
         the others stay in the map.",
    );
    expect(
        timers.waiting() == 1,
        "`fire(9 ms)` has taken a sleep out of the map whose deadline is 10 ms, and has not woken it. Nothing will \
         wake it now. Look at the first deadline before you take the entry out: `next`, or `first_key_value`.",
    );
    clock::advance(ms(10));
    note("check: calls `fire` with 10 ms");
    timers.fire(ms(10));
    expect(
        calls.calls() == 1,
        "`fire(10 ms)` has not woken a sleep whose deadline is 10 ms.",
    );
    expect(
        timers.waiting() == 0,
        "A sleep was woken at its deadline, and is still in the map. A timer that fires leaves the map.",
    );
    expect(
        poll(&mut sleep, Waker::noop()).is_ready(),
        "The clock is at the deadline, and the sleep says Pending. It is ready at its deadline, and not only past it.",
    );
}

/// Sleeps in the order in which they have ended, and when.
type Ended = Rc<RefCell<Vec<(u64, u64)>>>;

/// Makes tasks that sleep for so many milliseconds.
fn sleepers(sleeps: &[u64]) -> (Executor, Rc<Timers>, Ended) {
    clock::pause();
    let (executor, timers) = (Executor::with_bell(|| {}), Rc::new(Timers::default()));
    let list = Ended::default();
    for &duration in sleeps {
        let (timers, ended) = (timers.clone(), list.clone());
        executor.spawn(async move {
            timers.sleep(ms(duration)).await;
            let now = clock::now().as_millis() as u64;
            note(format!("the sleep of {duration} ms has ended, at {now} ms"));
            ended.borrow_mut().push((duration, now));
        });
    }
    (executor, timers, list)
}

/// Runs such tasks to their ends.
fn ran(sleeps: &[u64]) -> Vec<(u64, u64)> {
    let (executor, timers, ended) = sleepers(sleeps);
    run(&executor, &timers);
    expect(
        executor.tasks() == 0 || timers.waiting() > 0,
        "A task still sleeps, and no sleep is in the map: it has left the map and was not woken, or another sleep has \
         taken its place there.",
    );
    expect(
        executor.tasks() == 0,
        "`run` has returned, and a task still sleeps. It returns when no task is ready *and* no sleep waits.",
    );
    expect(
        timers.waiting() == 0,
        "All sleeps have ended, and there is still one in the map. A timer that fires leaves the map.",
    );
    ended.take()
}

fn one() {
    for (_, at) in ran(&[100]) {
        expect(
            at >= 100,
            &format!("A sleep of 100 ms was ready at {at} ms: before its deadline."),
        );
        expect(
            at == 100,
            &format!("A sleep of 100 ms was ready at {at} ms only."),
        );
    }
}

fn several() {
    let ended = ran(&[300, 100, 200]);
    expect(
        ended == [(100, 100), (200, 200), (300, 300)],
        &format!(
            "Three tasks sleep for 300, 100 and 200 ms, from the same moment on. So they ought to end at 100, 200 and \
             300 ms, each at its deadline. Yours ended so (which sleep, and when): {ended:?}."
        ),
    );
}

fn parks() {
    ran(&[100, 300]);
    expect(
        thread::parks() == 2,
        &format!(
            "Two sleeps with two deadlines: the thread ought to be parked twice, each time until the first deadline \
             that is left. It was parked {}.",
            times(thread::parks())
        ),
    );
}

fn all_due() {
    let (executor, timers, ended) = sleepers(&[20, 10, 30]);
    executor.run();
    clock::advance(ms(30));
    note("check: the clock shows 30 ms, as the thread was busy. Calls `fire`, once");
    timers.fire(clock::now());
    expect(
        timers.waiting() == 0,
        "Three sleeps were due, and one `fire` has left some of them in the map. It takes the first entry out as long \
         as its deadline has come: a loop.",
    );
    executor.run();
    let order: Vec<u64> = ended.take().into_iter().map(|it| it.0).collect();
    expect(
        order == [10, 20, 30],
        &format!(
            "Three sleeps were due: of 20, 10 and 30 ms. They are woken in the order of their deadlines. Yours were \
             woken so: {order:?}."
        ),
    );
}

fn one_deadline() {
    let ended = ran(&[100, 100]);
    expect(
        ended.len() == 2,
        "Two tasks sleep until the same moment, and only one has woken up.",
    );
}

fn poll(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
    Pin::new(sleep).poll(&mut Context::from_waker(waker))
}

fn newest_waker() {
    clock::pause();
    let timers = Rc::new(Timers::default());
    let (first, second) = (Counted::default(), Counted::default());
    let mut sleep = timers.sleep(ms(10));
    note("check: the first task polls the sleep, and gives it to the second, which polls it, too");
    let _ = poll(&mut sleep, &first.waker());
    let _ = poll(&mut sleep, &second.waker());
    expect(
        timers.waiting() == 1,
        "One sleep was polled twice, and is in the map twice.",
    );
    timers.fire(ms(10));
    expect(
        second.calls() == 1,
        "The sleep was polled by one task and then by another, and the second was not woken at the deadline. Each \
         poll must leave its own waker, in place of the older one.",
    );
    expect(
        first.calls() == 0,
        "The task that polled first was woken: it waits no more.",
    );
}

fn dropped() {
    clock::pause();
    let timers = Rc::new(Timers::default());
    let waker = Counted::default();
    let mut sleep = timers.sleep(ms(3_600_000));
    let _ = poll(&mut sleep, &waker.waker());
    note("check: drops the sleep");
    drop(sleep);
    expect(
        timers.waiting() == 0 && timers.next().is_none(),
        "A sleep of an hour was dropped, and its entry is still in the map: the thread would wake up for it, and a \
         server that gives each request a timeout would keep an hour of them. A future that is dropped leaves \
         nothing behind.",
    );
    expect(
        waker.calls() == 0,
        "A sleep was dropped before its deadline, and its drop has called the waker.",
    );
    expect(
        waker.kept() == 0,
        "A sleep was dropped, and its waker is still kept.",
    );
}

thread_local!(static TIMERS: Rc<Timers> = Rc::default());

/// Makes a sleep that waits, and drops it.
fn makes_a_sleep() {
    note("the waker makes a sleep");
    // At the end of the case the timers are gone, perhaps.
    let _ = TIMERS.try_with(|timers| {
        let mut another = timers.sleep(ms(50));
        let _ = poll(&mut another, Waker::noop());
    });
}

fn no_borrow() {
    clock::pause();
    let timers = TIMERS.with(Rc::clone);
    let mut sleep = timers.sleep(ms(10));
    let _ = poll(&mut sleep, &when_called(makes_a_sleep));
    clock::advance(ms(10));
    timers.fire(clock::now());
}

fn no_borrow_in_a_drop() {
    clock::pause();
    let mut sleep = TIMERS.with(|timers| timers.sleep(ms(10)));
    let _ = poll(&mut sleep, &when_dropped(makes_a_sleep));
    note("check: polls the sleep with another waker. The older one is dropped");
    let _ = poll(&mut sleep, Waker::noop());
    let _ = poll(&mut sleep, &when_dropped(makes_a_sleep));
    note("check: drops the sleep, and its waker with it");
    drop(sleep);
}

fn returns() {
    clock::pause();
    let (executor, timers) = (Executor::with_bell(|| {}), Timers::default());
    let task = Probe::new("a task that nothing wakes");
    executor.spawn(task.future());
    run(&executor, &timers);
    task.expect_polls(1, "It was never woken.");
}
