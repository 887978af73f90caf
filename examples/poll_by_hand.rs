//! A future polled by hand, with nothing but the standard library.
//!
//! A future is a value with one method, `poll`. Creating it runs nothing; each call of
//! `poll` runs it up to the next place where it has to wait, and answers `Pending`, or
//! to its end, and answers `Ready`. A runtime is a program that calls `poll` at the right
//! moments. Here there is none: `main` calls it, and decides the moments.
//!
//! What to see in the output:
//!
//! 1. Between "created" and the first poll, `launch` prints nothing: futures are lazy.
//! 2. One poll may run much code (the second one ends the first countdown, goes on, and
//!    begins the next), and a poll of the outer future is a poll of the inner one that it
//!    waits for. There is no other thread and no callback.
//! 3. Dropping a future that is half done stops it for good, and drops what it held:
//!    that is all that cancelling means.
#![forbid(unsafe_code)]

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A future written by hand: ready once it has been polled `left` times in vain.
struct Countdown {
    left: u32,
}

impl Future for Countdown {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        println!("    countdown at {}", self.left);
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        // A real future would keep `_cx.waker()` here and call it when there is a reason
        // to be polled again (see the example `waker_thread`). `main` below polls again
        // without being asked, so a wake would change nothing.
        Poll::Pending
    }
}

/// Says when it goes.
struct Fuel;

impl Drop for Fuel {
    fn drop(&mut self) {
        println!("    fuel drained");
    }
}

/// A future written by the compiler: a state machine with one state for the beginning,
/// one for each `.await`, and one for the end. What must survive a wait (`_fuel`, the
/// countdown) is a field of it.
async fn launch() -> &'static str {
    println!("    engines on");
    let _fuel = Fuel;
    Countdown { left: 1 }.await;
    println!("    first stage away");
    Countdown { left: 1 }.await;
    "in orbit"
}

fn main() {
    // A waker that does nothing: we shall not wait for a call of it.
    let mut cx = Context::from_waker(Waker::noop());

    println!("A launch, polled until it is ready:");
    let mut flight = pin!(launch());
    println!("  created");
    for turn in 1.. {
        println!("  poll {turn}");
        match flight.as_mut().poll(&mut cx) {
            Poll::Pending => println!("  -> Pending"),
            Poll::Ready(place) => {
                println!("  -> Ready({place:?})");
                break;
            }
        }
    }

    println!("Another, dropped after its first poll:");
    let mut flight = Box::pin(launch());
    println!("  poll 1");
    assert!(flight.as_mut().poll(&mut cx).is_pending());
    println!("  -> Pending");
    println!("  drop");
    drop(flight);
    println!("  gone");
}
