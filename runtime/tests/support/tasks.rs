//! A runtime to put things into, and small things to put into it.
//!
//! Tests of tasks need futures whose every move is known: one that waits until it is told
//! to go on and counts its polls ([`Door`]), one that does something when it is dropped
//! ([`OnDrop`]), one that is polled by hand ([`poll_once`]).

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::yield_now;

/// A runtime with everything enabled, a paused clock and a seed: two runs are equal.
pub(crate) fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).rng_seed(1);
    builder.build().unwrap()
}

/// Steps until there is nothing to do but to park; returns the steps before that.
pub(crate) fn run_dry(runtime: &Runtime) -> Vec<Step> {
    let steps = std::iter::repeat_with(|| runtime.step());
    steps
        .take_while(|step| !matches!(step, Step::WouldPark { .. }))
        .collect()
}

/// The tasks that were polled in these steps, in order.
pub(crate) fn polled(steps: &[Step]) -> Vec<u64> {
    let task = |step: &Step| match *step {
        Step::Polled { task, .. } => Some(task),
        _ => None,
    };
    steps.iter().filter_map(task).collect()
}

/// What happened, in order. Clones write the same list.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log(Rc<RefCell<Vec<&'static str>>>);

impl Log {
    pub(crate) fn add(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }

    pub(crate) fn take(&self) -> Vec<&'static str> {
        self.0.take()
    }

    /// Adds `what` when dropped.
    pub(crate) fn on_drop(&self, what: &'static str) -> OnDrop<impl FnOnce() + use<>> {
        let log = self.clone();
        on_drop(move || log.add(what))
    }
}

/// Calls a closure when dropped.
pub(crate) struct OnDrop<F: FnOnce()>(Option<F>);

pub(crate) fn on_drop<F: FnOnce()>(work: F) -> OnDrop<F> {
    OnDrop(Some(work))
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

/// Waits for ever, and holds `held` meanwhile.
pub(crate) async fn hold<T>(held: T) {
    std::future::pending::<()>().await;
    drop(held);
}

/// Yields for ever.
pub(crate) async fn spin() {
    loop {
        yield_now().await;
    }
}

/// Lets as much time go by as makes a round long (`src/machine/turn/round.rs`).
pub(crate) fn take_a_while() {
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_millis(1) {
        std::hint::spin_loop();
    }
}

/// Panics without the message that the panic hook prints.
pub(crate) fn panic_quietly(message: &'static str) -> ! {
    resume_unwind(Box::new(message))
}

/// The message of the panic that `work` ends in.
pub(crate) fn message_of_panic<R>(work: impl FnOnce() -> R) -> String {
    let payload = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => payload,
    };
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
    text.expect("the payload is a text")
}

/// Polls once, with a waker that does nothing.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A waker that calls a closure.
pub(crate) fn waker_of(wake: impl Fn() + Send + Sync + 'static) -> Waker {
    struct Calls<F>(F);
    impl<F: Fn() + Send + Sync + 'static> Wake for Calls<F> {
        fn wake(self: Arc<Self>) {
            (self.0)();
        }
    }
    Waker::from(Arc::new(Calls(wake)))
}

/// Polls a future that waits with one waker, then with another. Returns how often each of the two
/// has been called since.
pub(crate) fn wait_by_two_wakers<F: Future + Unpin>(future: &mut F) -> [Arc<AtomicUsize>; 2] {
    [(); 2].map(|()| {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let waker = waker_of(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut *future).poll(&mut cx).is_pending());
        woken
    })
}

/// What a future waits at until it is opened, from whatever thread.
///
/// It counts the polls of who waits, and gives out the waker that it was last left.
#[derive(Clone, Default)]
pub(crate) struct Door(Arc<Mutex<Lock>>);

#[derive(Default)]
struct Lock {
    open: bool,
    polls: usize,
    waker: Option<Waker>,
}

impl Door {
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let door = self.clone();
        poll_fn(move |cx| door.poll(cx))
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut lock = self.0.lock().unwrap();
        lock.polls += 1;
        lock.waker = Some(cx.waker().clone());
        match lock.open {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// Lets the one who waits go on.
    pub(crate) fn open(&self) {
        let mut lock = self.0.lock().unwrap();
        lock.open = true;
        let waker = lock.waker.take();
        drop(lock);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// How often it was polled.
    pub(crate) fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }

    /// The waker that the last poll left here.
    pub(crate) fn waker(&self) -> Waker {
        let waker = self.0.lock().unwrap().waker.clone();
        waker.expect("a task has waited here")
    }
}
