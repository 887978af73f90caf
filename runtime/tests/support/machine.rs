//! Runtimes to be watched, and a ledger of what one still holds.
//!
//! "A future that is dropped leaves nothing behind" is a promise about what cannot be seen:
//! an entry in the wheel, a waker in a list, a descriptor in epoll. But the machine tells of
//! each when it comes and when it goes. The [`Ledger`] reads these events like the entries of
//! a book: every timer set must have fired or been dropped, every source registered must have
//! been dropped, every waiter added must have been woken or removed. What has come and not
//! gone is still there.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use runtime::runtime::{Builder, Runtime};
use runtime::task::yield_now;
use runtime::time::{Duration, timeout};
use runtime::trace::{Direction, Event, Record};

/// More events than any test makes.
const EVENTS: usize = 4_000_000;

/// A runtime whose clock stands still, and that records.
pub(crate) fn paused() -> Runtime {
    recording(
        Builder::new_current_thread()
            .enable_all()
            .start_paused(true),
    )
}

/// A runtime with the system's clock, that records. For sockets.
pub(crate) fn live() -> Runtime {
    recording(Builder::new_current_thread().enable_all())
}

fn recording(builder: &mut Builder) -> Runtime {
    let runtime = builder.build().expect("a runtime");
    runtime.trace().start(EVENTS);
    runtime
}

/// Runs `future` on a live runtime; afterwards the machine must hold nothing.
///
/// What hangs is a failure, not a test run without end: a minute is far more than any of
/// these takes.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = live();
    let output = block_on(&runtime, future);
    Ledger::of(&runtime).assert_empty();
    output
}

/// Runs `future` on a paused clock; afterwards the machine must hold nothing.
///
/// What hangs is a failure at once: with nothing else to wait for, the clock jumps to the end
/// of this limit, which is later than anything the tests wait for.
pub(crate) fn run_paused<T>(future: impl Future<Output = T>) -> T {
    let runtime = paused();
    let ages = Duration::from_secs(10_000 * 365 * 24 * 3600);
    let output = runtime.block_on(async { timeout(ages, future).await });
    Ledger::of(&runtime).assert_empty();
    output.expect("the test hangs")
}

/// Runs `future` on `runtime`, which has a running clock, for a minute at most.
pub(crate) fn block_on<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    let minute = Duration::from_secs(60);
    let output = runtime.block_on(async { timeout(minute, future).await });
    output.expect("the test hangs")
}

/// What a runtime holds, by its events.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) timers: BTreeSet<u64>,
    pub(crate) sources: BTreeSet<u64>,
    /// How many wait for a direction of a source.
    pub(crate) waiters: BTreeMap<(u64, u8), usize>,
    /// The number of the next event, and the time of the last.
    seq: u64,
    time: Duration,
}

impl Ledger {
    /// Takes the events that a runtime has recorded, which must be all since it was built.
    pub(crate) fn of(runtime: &Runtime) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.add(runtime);
        ledger
    }

    /// Takes the events that a runtime has recorded since the last time.
    pub(crate) fn add(&mut self, runtime: &Runtime) {
        assert_eq!(runtime.trace().lost(), 0, "the recorder was too small");
        self.read(&runtime.trace().take());
    }

    /// Enters events in the book.
    pub(crate) fn read(&mut self, records: &[Record]) {
        for record in records {
            assert!(record.time >= self.time, "time went back: {record:?}");
            assert!(record.seq >= self.seq, "out of order: {record:?}");
            (self.seq, self.time) = (record.seq + 1, record.time);
            self.enter(&record.event);
        }
    }

    fn enter(&mut self, event: &Event) {
        let consistent = match *event {
            Event::TimerSet { timer, .. } => self.timers.insert(timer),
            Event::TimerReset { timer, .. } => self.timers.contains(&timer),
            Event::TimerFired { timer } | Event::TimerDropped { timer } => {
                self.timers.remove(&timer)
            }
            Event::SourceRegistered { source, .. } => self.sources.insert(source),
            Event::SourceDropped { source } => {
                self.waiters.retain(|&(of, _), _| of != source);
                self.sources.remove(&source)
            }
            Event::WaiterAdded { source, direction } => {
                *self.waiters.entry(side(source, direction)).or_default() += 1;
                self.sources.contains(&source)
            }
            Event::WaiterRemoved { source, direction } => self.leave(side(source, direction)),
            Event::Ready { source, direction } => {
                self.waiters.remove(&side(source, direction));
                self.sources.contains(&source)
            }
            Event::ReadinessCleared { source, .. } => self.sources.contains(&source),
            _ => true,
        };
        assert!(
            consistent,
            "{event:?} does not follow from what was before: {self:?}"
        );
    }

    fn leave(&mut self, side: (u64, u8)) -> bool {
        let Some(count) = self.waiters.get_mut(&side) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.waiters.remove(&side);
        }
        true
    }

    /// How many wait, for whatever.
    pub(crate) fn waiting(&self) -> usize {
        self.waiters.values().sum()
    }

    pub(crate) fn assert_empty(&self) {
        assert!(self.timers.is_empty(), "timers are left: {self:?}");
        assert!(self.sources.is_empty(), "sources are left: {self:?}");
        assert!(self.waiters.is_empty(), "waiters are left: {self:?}");
    }
}

fn side(source: u64, direction: Direction) -> (u64, u8) {
    (source, u8::from(direction == Direction::Write))
}

/// How often `wanted` says yes to an event.
pub(crate) fn count(records: &[Record], wanted: impl Fn(&Event) -> bool) -> usize {
    records
        .iter()
        .filter(|record| wanted(&record.event))
        .count()
}

/// What a panic said.
pub(crate) fn panic_of<T>(work: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else {
        panic!("it must panic");
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

/// A waker that counts how often it was called.
#[derive(Debug, Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    pub(crate) fn new() -> (Arc<Bell>, Waker) {
        let bell = Arc::new(Bell::default());
        (Arc::clone(&bell), Waker::from(bell))
    }

    pub(crate) fn rung(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One poll with this waker.
pub(crate) fn poll_with<F: Future + Unpin>(waker: &Waker, future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// One poll with the waker of the task that this runs in.
pub(crate) async fn poll_here<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// Polls `future` as often as it is woken, at most `polls` times; then it is dropped.
/// `None`: it was not at its end by then.
pub(crate) async fn drop_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // The next wake will find nothing left to poll; do not wait for it.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Polls `future` once and waits until it is woken; then it is dropped, without another look.
/// What woke it must not be lost.
pub(crate) async fn drop_when_woken<F: Future>(future: F) {
    let mut future = Box::pin(future);
    let (bell, waker) = Bell::new();
    if poll_with(&waker, &mut future).is_ready() {
        return;
    }
    while bell.rung() == 0 {
        yield_now().await;
    }
}
