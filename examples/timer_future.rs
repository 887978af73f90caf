//! A timer future, written by hand.
//!
//! The smallest timer that is right: a future with a deadline. Its first poll starts a
//! thread that sleeps until then and calls the waker; any later poll looks at the clock.
//!
//! What to see in the output:
//!
//! 1. Two timers in one future, polled side by side, take as long as the longer one, not
//!    as long as both: waiting is not work, so waits overlap on a single thread.
//! 2. A timer can be handed from one poller to another: it wakes the task that polled it last.
//!    That is why the waker lies in a shared cell that each poll renews. A timer that
//!    kept its first waker for ever would leave the new owner asleep.
//!
//! What is wrong with it: a thread per timer. A runtime keeps all deadlines in one place
//! and asks only when the *next* one is (a heap in the example `tiny_runtime`, a timer
//! wheel in the crate `runtime`).
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Ready at its deadline.
struct Sleep {
    deadline: Instant,
    /// Who is to be woken; `None` until the first poll starts the thread.
    waiter: Option<Arc<Mutex<Waker>>>,
}

fn sleep(duration: Duration) -> Sleep {
    Sleep {
        deadline: Instant::now() + duration,
        waiter: None,
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        if now >= self.deadline {
            return Poll::Ready(());
        }
        match &self.waiter {
            // Polled before: perhaps by another task, so the waker is renewed.
            Some(waiter) => waiter.lock().unwrap().clone_from(cx.waker()),
            None => {
                let waiter = Arc::new(Mutex::new(cx.waker().clone()));
                self.waiter = Some(waiter.clone());
                let left = self.deadline - now;
                thread::spawn(move || {
                    thread::sleep(left);
                    // A copy is woken, so that the lock is free again by then.
                    let waker = waiter.lock().unwrap().clone();
                    waker.wake();
                });
            }
        }
        Poll::Pending
    }
}

/// Wakes by unparking the thread in `block_on`.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls the future whenever it has been woken; sleeps in between. (`unpark` before
/// `park` is not lost: the thread keeps a token, and the next `park` returns at once.)
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Polls both until both are done; says which is done when.
async fn both(a: Sleep, b: Sleep) {
    let (mut a, mut b) = (Some(a), Some(b));
    poll_fn(|cx| {
        for (name, slot) in [("a", &mut a), ("b", &mut b)] {
            if let Some(timer) = slot
                && Pin::new(timer).poll(cx).is_ready()
            {
                println!("  {name} is done");
                *slot = None;
            }
        }
        match (&a, &b) {
            (None, None) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

fn main() {
    println!("Two timers side by side, a of 100 ms and b of 300 ms:");
    let start = Instant::now();
    block_on(both(
        sleep(Duration::from_millis(100)),
        sleep(Duration::from_millis(300)),
    ));
    println!("  both after {} ms", start.elapsed().as_millis());

    println!("A timer polled by one and finished by another:");
    let mut timer = sleep(Duration::from_millis(500));
    let first = Pin::new(&mut timer).poll(&mut Context::from_waker(Waker::noop()));
    println!("  polled with a waker that does nothing: {first:?}");
    block_on(timer);
    println!("  block_on was woken all the same");
}
