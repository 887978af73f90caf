//! A waker that another thread calls.
//!
//! Polling again and again until a future is ready would burn the processor. So `poll`
//! gets a **waker**: a future that answers `Pending` must first leave the waker with
//! code that will know when it is worth polling again. Until that code calls it, the poller
//! may sleep.
//!
//! Here a helper thread writes a letter. The future that waits for it leaves its waker in
//! the letter box, `main` parks its thread, and the helper's `wake()` unparks it.
//!
//! What to see in the output:
//!
//! 1. Two polls are enough: one that finds nothing, and one after the wake.
//! 2. The second round is the dangerous one: the wake comes after the poll that found
//!    nothing and *before* `main` parks. If it were forgotten, `main` would sleep for
//!    ever. It is not: `woken` remembers it. Every runtime has such a memory somewhere; in
//!    this project it is the inbox, where a wake from outside lies until it is taken out.
#![forbid(unsafe_code)]

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// What the two threads share.
#[derive(Default)]
struct LetterBox {
    letter: Option<&'static str>,
    reader: Option<Waker>,
}

/// The future: ready with the letter once there is one.
struct Receive(Arc<Mutex<LetterBox>>);

impl Future for Receive {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        let mut shared = self.0.lock().unwrap();
        match shared.letter.take() {
            Some(letter) => Poll::Ready(letter),
            None => {
                // Looking and leaving the waker happen under one lock: no letter can
                // slip in between.
                shared.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// The other end: puts the letter in, then wakes the reader if one waits.
fn deliver(to: &Mutex<LetterBox>, letter: &'static str) {
    let mut shared = to.lock().unwrap();
    shared.letter = Some(letter);
    let reader = shared.reader.take();
    // Let go of the lock first: `wake` is code that we do not know.
    drop(shared);
    if let Some(waker) = reader {
        println!("  helper: the letter is in the box, I call wake()");
        waker.wake();
    }
}

/// What our waker does: it remembers the wake, then unparks the thread that polls.
struct ThreadWaker {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl ThreadWaker {
    /// Sleeps until there has been a wake, this time or before. (`park` may also return
    /// for no reason, so its return alone means nothing.)
    fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Polls, waits for the wake, polls again; `meanwhile` runs after the first `Pending`.
fn receive(shared: Arc<Mutex<LetterBox>>, meanwhile: impl FnOnce()) {
    let me = Arc::new(ThreadWaker {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(me.clone());
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(Receive(shared));
    let mut meanwhile = Some(meanwhile);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(letter) => return println!("  main: poll -> Ready({letter:?})"),
            Poll::Pending => println!("  main: poll -> Pending"),
        }
        if let Some(meanwhile) = meanwhile.take() {
            meanwhile();
        }
        me.wait();
        println!("  main: awake");
    }
}

fn main() {
    println!("Round 1: the helper writes while main sleeps.");
    let shared = Arc::new(Mutex::new(LetterBox::default()));
    let other_end = shared.clone();
    receive(shared, || {
        thread::spawn(move || deliver(&other_end, "hello"));
    });

    println!("Round 2: the helper has already called wake() when main goes to sleep.");
    let shared = Arc::new(Mutex::new(LetterBox::default()));
    let other_end = shared.clone();
    receive(shared, || {
        thread::spawn(move || deliver(&other_end, "just in time"))
            .join()
            .unwrap();
        println!("  main: the wake came first; now I would park");
    });
}
