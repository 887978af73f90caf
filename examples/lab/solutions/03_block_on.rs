//! A solution of stage 3: `block_on`, for one future.

use lab::solutions::s02::Signal;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future to its end, on this thread, and gives its output. The thread sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let signal = Signal::for_this_thread();
    let waker = Waker::from(signal.clone());
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        signal.wait();
    }
}
