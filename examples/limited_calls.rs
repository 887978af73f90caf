//! Calls that are limited: so many at a time, and so many a second.
//!
//! A client of another's service is told two different things. *No more than three at a time*: a
//! `Semaphore` with three permits, each of which is held for as long as a call takes. And *no more
//! than ten a second*: that has nothing to do with how long a call takes, and is a matter of the
//! clock. An `Interval` spreads them evenly, one tick each. Where a few may come in a burst, if it
//! was quiet before, permits are the answer again: each call takes one and never gives it back, and
//! the clock brings a new one with every tick, up to as many as fit. That is a *token bucket*.
//!
//! What to see in the output (the clock is paused): ten calls, each of which takes 250 ms, and when
//! each of them begins.
//!
//! 1. Three at a time: three begin at once, and then one whenever one has ended.
//! 2. By an interval of 100 ms: one after the other, however many are under way.
//! 3. By a bucket of four that gets one each 100 ms: four at once, and then as the tokens come in.
//!    After a quiet second it is full again, and no fuller. (The clock's ticks go on meanwhile, so the next
//!    token comes after 50 ms.)
//! 4. Three at a time, and by a bucket of two: whichever is narrower at the moment.
#![forbid(unsafe_code)]

use runtime::sync::{Mutex, Semaphore};
use runtime::task::{AbortHandle, JoinSet};
use runtime::time::{Duration, Instant, Interval, interval, sleep};
use std::future::Future;
use std::rc::Rc;

const TICK: Duration = Duration::from_millis(100);

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let three = Rc::new(Semaphore::new(3));
    report("three at a time", || at_a_time(three.clone())).await;

    let clock = Rc::new(Mutex::new(interval(TICK)));
    report("one each 100 ms", || evenly(clock.clone())).await;

    let bucket = Rc::new(Bucket::new(4, TICK));
    report("a bucket of four", || in_bursts(bucket.clone())).await;
    sleep(Duration::from_secs(1)).await;
    report("after a second", || in_bursts(bucket.clone())).await;

    let two = Rc::new(Bucket::new(2, TICK));
    report("both limits", || both(three.clone(), two.clone())).await;
}

/// What is limited. Answers when it began.
async fn call() -> Instant {
    let began = Instant::now();
    sleep(Duration::from_millis(250)).await;
    began
}

async fn at_a_time(permits: Rc<Semaphore>) -> Instant {
    let _permit = permits.acquire().await.expect("is never closed");
    call().await
}

/// The lock is fair: who came first has the next tick.
async fn evenly(clock: Rc<Mutex<Interval>>) -> Instant {
    clock.lock().await.tick().await;
    call().await
}

async fn in_bursts(bucket: Rc<Bucket>) -> Instant {
    bucket.take().await;
    call().await
}

/// First the place, then the token: a token that was taken is spent, and should not have to wait.
async fn both(permits: Rc<Semaphore>, bucket: Rc<Bucket>) -> Instant {
    let _permit = permits.acquire().await.expect("is never closed");
    bucket.take().await;
    call().await
}

/// Tokens that are taken and come in again with the clock.
struct Bucket {
    tokens: Rc<Semaphore>,
    /// The task that brings them ends with the bucket.
    refill: AbortHandle,
}

impl Bucket {
    fn new(size: usize, each: Duration) -> Bucket {
        let tokens = Rc::new(Semaphore::new(size));
        let theirs = tokens.clone();
        let refill = runtime::spawn(async move {
            let mut clock = interval(each);
            clock.tick().await; // the first tick is now
            loop {
                clock.tick().await;
                if theirs.available_permits() < size {
                    theirs.add_permits(1);
                }
            }
        });
        let refill = refill.abort_handle();
        Bucket { tokens, refill }
    }

    async fn take(&self) {
        let token = self.tokens.acquire().await.expect("is never closed");
        token.forget(); // it does not come back when the call ends
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.refill.abort();
    }
}

/// Ten calls at once, as far as they are let; prints when each began.
async fn report<F>(how: &str, limited: impl Fn() -> F)
where
    F: Future<Output = Instant> + 'static,
{
    let (mut calls, start) = (JoinSet::new(), Instant::now());
    for _ in 0..10 {
        calls.spawn(limited());
    }
    let mut began: Vec<_> = calls.join_all().await;
    began.sort();
    let began: Vec<_> = began.iter().map(|it| (*it - start).as_millis()).collect();
    println!("{how:17}{began:4?}");
}
