//! Waits that are polled by hand, and what the trace tells of them.
//!
//! Whether a wait loses something when it is dropped depends on the moment: before its first
//! poll, in the line, or after it was woken and before it heard why. A [`Wait`] is a future with
//! a bell of its own, so that a test can bring it to each of these moments and look.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use runtime::runtime::Runtime;
use runtime::trace::{Event, Place, Shared, Wait as On};

/// A future, and whether it has been woken.
pub(crate) struct Wait<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<'a, T> Wait<'a, T> {
    /// Not polled yet.
    pub(crate) fn new(future: impl Future<Output = T> + 'a) -> Wait<'a, T> {
        Wait {
            future: Box::pin(future),
            bell: Arc::default(),
        }
    }

    /// Polled once, and waiting.
    #[track_caller]
    pub(crate) fn begun(future: impl Future<Output = T> + 'a) -> Wait<'a, T> {
        let mut wait = Wait::new(future);
        assert!(wait.poll().is_pending(), "it did not have to wait");
        wait
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut cx = Context::from_waker(&waker);
        self.future.as_mut().poll(&mut cx)
    }

    /// What it gives; it must be ready.
    #[track_caller]
    pub(crate) fn ready(&mut self) -> T {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it still waits"),
        }
    }

    pub(crate) fn is_pending(&mut self) -> bool {
        self.poll().is_pending()
    }

    /// Whether it was woken, ever.
    pub(crate) fn is_woken(&self) -> bool {
        self.wakes() > 0
    }

    /// How often it was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.bell.0.load(Ordering::Relaxed)
    }
}

/// Takes the recording: for what, of the things that tasks share, was waited, and on which lines.
pub(crate) fn told(runtime: &Runtime) -> Vec<(Shared, u64, Option<Place>)> {
    let records = runtime.trace().take().into_iter();
    let wait = |event: Event| match event {
        Event::Waiting {
            on: On::Shared(kind, number),
            at,
        } => Some((kind, number, at)),
        _ => None,
    };
    records.filter_map(|record| wait(record.event)).collect()
}

thread_local! {
    static CALL: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) };
}

/// A waker that calls `call`, which need not be `Send`: a waker that comes back to the very thing
/// that wakes it. It works on this thread, and one at a time.
pub(crate) fn waker_that(call: impl FnMut() + 'static) -> Waker {
    struct Calls;
    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            let call = CALL.take();
            if let Some(mut call) = call {
                call();
                CALL.set(Some(call));
            }
        }
    }
    CALL.set(Some(Box::new(call)));
    Waker::from(Arc::new(Calls))
}
