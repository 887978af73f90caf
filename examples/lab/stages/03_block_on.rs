//! # Stage 3 of 10: block_on, for one future
//!
//! Stage 1 polls without being asked, and stage 2 sleeps until it is woken. Together they are the smallest
//! runtime that does not burn the processor: poll the future; if it is pending, sleep until its waker is called;
//! poll it again.
//!
//! `Signal` is the one of stage 2. Here and in all later stages the pieces come from the solutions. To stand on
//! your own pieces, write `super::s02` in place of `lab::solutions::s02`, and so in all your files.
//!
//! Write the hole. Read stop 2 of NOTES.md, and `block_on` in `examples/timer_future.rs`.

use lab::solutions::s02::Signal;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future to its end, on this thread, and gives its output. The thread sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!(
        "block_on: make a Signal and a waker of it (`Waker::from(signal.clone())`), pin the \
         future, and then in a loop: poll; return the output if it is Ready; otherwise \
         `signal.wait()`"
    )
}
