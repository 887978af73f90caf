//! `select!`: the first of several futures to be ready wins.
//!
//! It polls its branches until one is ready, drops the others, and then runs the winner's
//! handler. That drop is the point: a future that is dropped stops where it stands, so a race
//! has no runners left behind. (A future that must go on is borrowed instead: `&mut future`.)
//!
//! What to see in the output:
//!
//! 1. As a race: the slower messenger is dropped half way, *before* the winner's handler runs.
//! 2. As a timeout: one of the branches is a `sleep`. `time::timeout` is just this, ready made.
//! 3. In a loop: `answer` is only borrowed by each round, so losing one does not end it.
//!
//! The clock is paused, so all of it is exact and takes no time; see `join_vs_sequential`.
#![forbid(unsafe_code)]

use runtime::select;
use runtime::time::{Duration, Instant, interval, sleep, timeout};
use std::pin::pin;

/// A messenger on the way; says when the journey is given up.
struct Journey {
    how: &'static str,
    over: bool,
}

impl Drop for Journey {
    fn drop(&mut self) {
        if !self.over {
            println!("  the messenger {} turns back", self.how);
        }
    }
}

async fn messenger(how: &'static str, seconds: u64) -> &'static str {
    let mut journey = Journey { how, over: false };
    sleep(Duration::from_secs(seconds)).await;
    journey.over = true;
    how
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("A race:");
    let start = Instant::now();
    select! {
        how = messenger("on foot", 50) => println!("  arrived {how} after {:?}", start.elapsed()),
        how = messenger("on horseback", 20) => println!("  arrived {how} after {:?}", start.elapsed()),
    }

    println!("A timeout, written out:");
    let start = Instant::now();
    select! {
        how = messenger("by sea", 900) => println!("  arrived {how}"),
        () = sleep(Duration::from_secs(30)) => println!("  no answer within {:?}", start.elapsed()),
    }

    println!("The same, ready made:");
    let answer = timeout(Duration::from_secs(30), messenger("by sea", 900)).await;
    println!("  {:?}", answer.map_err(|elapsed| elapsed.to_string()));

    println!("In a loop, beside a clock that strikes:");
    let mut ticks = interval(Duration::from_secs(10));
    let mut answer = pin!(messenger("by cart", 25));
    loop {
        select! {
            how = &mut answer => break println!("  arrived {how}"),
            _ = ticks.tick() => println!("  still waiting"),
        }
    }
}
