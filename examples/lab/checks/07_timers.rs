//! The check of stage 7: `sleep`.

use super::work::{Executor, Sleep, Timers, run};
use lab::account::note;
use lab::examiner::{Case, Check, expect};
use lab::{clock, thread};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

const CIRCLE: &str = "`run` turns in a circle: perhaps it does not park, or the park is not until the first deadline, \
                      or a sleep whose time has come stays in the map.";

pub const CHECK: Check = Check {
    title: "sleep",
    stops: "stops 9 and 10",
    cases: &[
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
            name: "a waker that makes a sleep at once",
            run: no_borrow,
            hangs: CIRCLE,
        },
    ],
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Runs tasks that sleep for so many milliseconds. Gives the sleeps as they ended, and when.
fn ran(sleeps: &[u64]) -> Vec<(u64, u64)> {
    clock::pause();
    let (executor, timers) = (Executor::with_bell(|| {}), Rc::new(Timers::default()));
    let ended = Rc::new(RefCell::new(Vec::new()));
    for &duration in sleeps {
        let (timers, ended) = (timers.clone(), ended.clone());
        executor.spawn(async move {
            timers.sleep(ms(duration)).await;
            let now = clock::now().as_millis() as u64;
            note(format!("the sleep of {duration} ms has ended, at {now} ms"));
            ended.borrow_mut().push((duration, now));
        });
    }
    run(&executor, &timers);
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
    let mut past = Rc::new(Timers::default()).sleep(ms(0));
    let said = poll(&mut past, Waker::noop());
    expect(
        said.is_ready(),
        "A sleep whose deadline has come when it is polled is ready at once.",
    );
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
             that is left. It was parked {} times.",
            thread::parks()
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

/// Counts its calls.
#[derive(Default)]
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
    Pin::new(sleep).poll(&mut Context::from_waker(waker))
}

fn newest_waker() {
    clock::pause();
    let timers = Rc::new(Timers::default());
    let (first, second) = (Arc::new(Calls::default()), Arc::new(Calls::default()));
    let mut sleep = timers.sleep(ms(10));
    note("check: the first task polls the sleep, and gives it to the second, which polls it, too");
    let _ = poll(&mut sleep, &Waker::from(first.clone()));
    let _ = poll(&mut sleep, &Waker::from(second.clone()));
    expect(
        timers.waiting() == 1,
        "One sleep was polled twice, and is in the map twice.",
    );
    timers.fire(ms(9));
    let early = second.0.load(Ordering::Relaxed);
    expect(
        early == 0,
        "`fire(9 ms)` has woken a sleep whose deadline is 10 ms. It wakes those whose deadline is 9 ms or earlier: \
         the others stay in the map.",
    );
    timers.fire(ms(10));
    expect(
        second.0.load(Ordering::Relaxed) == 1,
        "The sleep was polled by one task and then by another, and the second was not woken at the deadline. Each \
         poll must leave its own waker, in place of the older one.",
    );
    expect(
        first.0.load(Ordering::Relaxed) == 0,
        "The task that polled first was woken: it waits no more.",
    );
}

fn dropped() {
    clock::pause();
    let timers = Rc::new(Timers::default());
    let waker = Arc::new(Calls::default());
    let mut sleep = timers.sleep(ms(3_600_000));
    let _ = poll(&mut sleep, &Waker::from(waker.clone()));
    note("check: drops the sleep");
    drop(sleep);
    expect(
        timers.waiting() == 0 && timers.next().is_none(),
        "A sleep of an hour was dropped, and its entry is still in the map: the thread would wake up for it, and a \
         server that gives each request a timeout would keep an hour of them. A future that is dropped leaves \
         nothing behind.",
    );
    expect(
        Arc::strong_count(&waker) == 1,
        "A sleep was dropped, and its waker is still kept.",
    );
}

/// A waker that makes a sleep as soon as it is called, and drops one.
struct Eager;

thread_local!(static TIMERS: Rc<Timers> = Rc::default());

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        let mut another = TIMERS.with(|timers| timers.sleep(ms(50)));
        let _ = poll(&mut another, Waker::noop());
    }
}

fn no_borrow() {
    clock::pause();
    let timers = TIMERS.with(Rc::clone);
    let mut sleep = timers.sleep(ms(10));
    let _ = poll(&mut sleep, &Waker::from(Arc::new(Eager)));
    clock::advance(ms(10));
    timers.fire(clock::now());
}
