//! A million items, and never more than a thousand under way.
//!
//! To spawn a task for each of a million items is easy, and each costs little here. But all of them
//! would be there at the same time, each with its own socket, its own row, its own half of an answer,
//! and the service at the other end would have a million callers. What is wanted is a *bound*: so
//! many under way, and a new one only when one is done.
//!
//! Two ways to it, and when each is right:
//!
//! - *Workers that share the list.* A thousand tasks; each takes the next item, does it, and comes
//!   back for another. Nothing is made for an item. The list is an iterator in a `RefCell`, which is
//!   all that sharing takes on one thread.
//! - *A set that is kept full.* A task for each item; before the next is made, one must have ended.
//!   It costs a task for each, and in return each result comes back by itself, a panic too.
//!
//! What to see in the output (the clock is paused): how many were done, the sum of what came out,
//! the most that were under way at the same time, and how long it took. An item takes 1 ms, so a
//! million of them, a thousand at a time, take a second. In the second part one item in a thousand
//! fails, and one panics; the others are none the worse.
#![forbid(unsafe_code)]

use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const BOUND: usize = 1000;

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let (seen, sum) = (Rc::new(Seen::default()), Rc::new(Cell::new(0)));
    shared_list(1..=1_000_000, &seen, &sum).await;
    println!("workers that share the list, a million items:");
    println!("  {} done, their sum is {}", seen.done.get(), sum.get());
    println!(
        "  at most {} at a time, in {:?}",
        seen.most.get(),
        start.elapsed()
    );

    let start = Instant::now();
    let seen = Rc::new(Seen::default());
    let ended = full_set(1..=20_000, &seen).await;
    println!("a set that is kept full, twenty thousand items:");
    println!(
        "  {} went well, {} failed, {} panicked",
        ended.well, ended.failed, ended.panicked
    );
    println!(
        "  at most {} at a time, in {:?}",
        seen.most.get(),
        start.elapsed()
    );
}

/// A thousand workers, one iterator.
async fn shared_list<I>(items: I, seen: &Rc<Seen>, sum: &Rc<Cell<u64>>)
where
    I: Iterator<Item = u64> + 'static,
{
    let items = Rc::new(RefCell::new(items));
    let mut workers = JoinSet::new();
    for _ in 0..BOUND {
        let (items, seen, sum) = (items.clone(), seen.clone(), sum.clone());
        workers.spawn(async move {
            // The borrow ends before the wait begins.
            while let Some(item) = { items.borrow_mut().next() } {
                let result = seen.work(item).await;
                // In one expression with the wait, `sum.get()` would have been read before it, and
                // what a thousand others have added meanwhile would be lost.
                sum.set(sum.get() + result);
            }
        });
    }
    workers.join_all().await;
}

/// How the tasks of a set have ended.
#[derive(Default)]
struct Ended {
    well: u32,
    failed: u32,
    panicked: u32,
}

/// One task for each item; when the set is full, one has to end first.
async fn full_set(items: impl Iterator<Item = u64>, seen: &Rc<Seen>) -> Ended {
    let (mut set, mut ended) = (JoinSet::new(), Ended::default());
    for item in items {
        if set.len() == BOUND {
            ended.count(set.join_next().await);
        }
        let seen = seen.clone();
        set.spawn(async move {
            match seen.work(item).await {
                10_000 => panic!("item 10,000"),
                item if item % 1000 == 0 => Err("a round number"),
                _ => Ok(()),
            }
        });
    }
    while !set.is_empty() {
        ended.count(set.join_next().await);
    }
    ended
}

impl Ended {
    fn count<T, E, J>(&mut self, one: Option<Result<Result<T, E>, J>>) {
        match one.expect("the set is not empty") {
            Ok(Ok(_)) => self.well += 1,
            Ok(Err(_)) => self.failed += 1,
            Err(_) => self.panicked += 1,
        }
    }
}

/// What has been seen of the work.
#[derive(Default)]
struct Seen {
    under_way: Cell<usize>,
    most: Cell<usize>,
    done: Cell<u32>,
}

impl Seen {
    /// The work itself.
    async fn work(&self, item: u64) -> u64 {
        self.under_way.set(self.under_way.get() + 1);
        self.most.set(self.most.get().max(self.under_way.get()));
        sleep(Duration::from_millis(1)).await;
        self.under_way.set(self.under_way.get() - 1);
        self.done.set(self.done.get() + 1);
        item
    }
}
