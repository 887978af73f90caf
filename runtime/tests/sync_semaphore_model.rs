//! A semaphore beside its model: whatever is done with both, both show the same.
//!
//! The model is a number and a queue, in plain words. Random acquires, polls, drops of those who
//! wait, releases and closings must give the same results, wake the same, and leave the same
//! number of permits; at the end, when everything has been dropped, not one is missing.

#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::task::Poll;

use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};
use waits::Wait;

/// What a test does with a semaphore and those who wait for it.
#[derive(Clone, Debug)]
enum Op {
    Acquire(u32),
    TryAcquire(u32),
    /// The wait of this number, modulo their count.
    Poll(usize),
    Cancel(usize),
    /// The permit of this number, modulo their count.
    Release(usize),
    Forget(usize),
    Add(usize),
    ForgetFree(usize),
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..5_u32).prop_map(Op::Acquire),
        2 => (0..4_u32).prop_map(Op::TryAcquire),
        6 => any::<usize>().prop_map(Op::Poll),
        4 => any::<usize>().prop_map(Op::Cancel),
        5 => any::<usize>().prop_map(Op::Release),
        1 => any::<usize>().prop_map(Op::Forget),
        2 => (0..4_usize).prop_map(Op::Add),
        1 => (0..3_usize).prop_map(Op::ForgetFree),
        1 => Just(Op::Close),
    ]
}

/// A semaphore in plain words: so many that no task holds, and a line.
#[derive(Default)]
struct Model {
    unheld: usize,
    line: VecDeque<(u64, usize)>,
    closed: bool,
}

impl Model {
    fn available(&self) -> usize {
        if self.line.is_empty() { self.unheld } else { 0 }
    }

    /// Serves the front of the line, as far as it goes; returns who was.
    fn serve(&mut self) -> Vec<u64> {
        let mut served = Vec::new();
        while let Some(&(id, need)) = self.line.front() {
            if need > self.unheld {
                break;
            }
            self.unheld -= need;
            self.line.pop_front();
            served.push(id);
        }
        served
    }

    fn try_take(&mut self, n: usize) -> Result<(), TryAcquireError> {
        if self.closed {
            return Err(TryAcquireError::Closed);
        }
        if self.available() < n {
            return Err(TryAcquireError::NoPermits);
        }
        self.unheld -= n;
        Ok(())
    }
}

type Permit<'a> = Result<SemaphorePermit<'a>, AcquireError>;

/// One who waits, and what the model knows of them.
struct Waiter<'a> {
    id: u64,
    need: usize,
    wait: Wait<'a, Permit<'a>>,
    granted: bool,
    woken: bool,
}

/// The semaphore and the model, side by side.
struct Pair<'a> {
    semaphore: &'a Semaphore,
    model: Model,
    waiters: Vec<Waiter<'a>>,
    permits: Vec<SemaphorePermit<'a>>,
    next: u64,
}

impl<'a> Pair<'a> {
    fn new(semaphore: &'a Semaphore) -> Pair<'a> {
        Pair {
            semaphore,
            model: Model {
                unheld: semaphore.available_permits(),
                ..Model::default()
            },
            waiters: Vec::new(),
            permits: Vec::new(),
            next: 0,
        }
    }

    fn step(&mut self, op: &Op) {
        match *op {
            Op::Acquire(n) => self.acquire(n),
            Op::TryAcquire(n) => {
                let taken = self.semaphore.try_acquire_many(n);
                let expected = self.model.try_take(n as usize);
                assert_eq!(taken.as_ref().err(), expected.as_ref().err());
                self.permits.extend(taken);
            }
            Op::Poll(at) if !self.waiters.is_empty() => self.poll(at % self.waiters.len()),
            Op::Cancel(at) if !self.waiters.is_empty() => {
                let waiter = self.waiters.swap_remove(at % self.waiters.len());
                self.model.line.retain(|&(id, _)| id != waiter.id);
                self.model.unheld += if waiter.granted { waiter.need } else { 0 };
            }
            Op::Release(at) if !self.permits.is_empty() => {
                let permit = self.permits.swap_remove(at % self.permits.len());
                self.model.unheld += permit.num_permits();
            }
            Op::Forget(at) if !self.permits.is_empty() => {
                self.permits.swap_remove(at % self.permits.len()).forget();
            }
            Op::Add(n) => {
                self.semaphore.add_permits(n);
                self.model.unheld += n;
            }
            Op::ForgetFree(n) => {
                let forgotten = self.semaphore.forget_permits(n);
                assert_eq!(forgotten, n.min(self.model.available()));
                self.model.unheld -= forgotten;
            }
            Op::Close => self.close(),
            _ => {}
        }
        self.settle();
    }

    fn acquire(&mut self, n: u32) {
        let mut wait = Wait::new(self.semaphore.acquire_many(n));
        let polled = wait.poll();
        match self.model.try_take(n as usize) {
            Ok(()) => self.permits.push(ready(polled).unwrap()),
            Err(TryAcquireError::Closed) => drop(ready(polled).unwrap_err()),
            Err(TryAcquireError::NoPermits) => {
                assert!(polled.is_pending());
                let (id, need) = (self.next, n as usize);
                self.next += 1;
                self.model.line.push_back((id, need));
                self.waiters.push(Waiter {
                    id,
                    need,
                    wait,
                    granted: false,
                    woken: false,
                });
            }
        }
    }

    fn poll(&mut self, at: usize) {
        let waiter = &mut self.waiters[at];
        let polled = waiter.wait.poll();
        if !self.model.closed && !waiter.granted {
            return assert!(polled.is_pending());
        }
        let waiter = self.waiters.swap_remove(at);
        match (ready(polled), self.model.closed) {
            (Err(_), true) => self.model.unheld += if waiter.granted { waiter.need } else { 0 },
            (Ok(permit), false) => self.permits.push(permit),
            (result, closed) => panic!("{result:?}, closed: {closed}"),
        }
    }

    fn close(&mut self) {
        self.semaphore.close();
        self.model.closed = true;
        self.model.line.clear();
        for waiter in &mut self.waiters {
            waiter.woken = true;
        }
    }

    /// Serves who can be served; then both must show the same.
    fn settle(&mut self) {
        for id in self.model.serve() {
            let waiter = self.waiters.iter_mut().find(|waiter| waiter.id == id);
            let waiter = waiter.expect("who is in the line waits");
            (waiter.granted, waiter.woken) = (true, true);
        }
        assert_eq!(self.semaphore.available_permits(), self.model.available());
        for waiter in &self.waiters {
            assert_eq!(waiter.wait.is_woken(), waiter.woken);
        }
    }
}

fn ready<T>(polled: Poll<T>) -> T {
    match polled {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the model is further"),
    }
}

proptest! {
    #[test]
    fn a_semaphore_does_what_its_model_does(permits in 0..5_usize, ops in vec(op(), 1..80)) {
        let semaphore = Semaphore::new(permits);
        let mut pair = Pair::new(&semaphore);
        for op in &ops {
            pair.step(op);
        }
        let held: usize = pair.permits.iter().map(SemaphorePermit::num_permits).sum();
        let granted = pair.waiters.iter().filter(|waiter| waiter.granted);
        let granted: usize = granted.map(|waiter| waiter.need).sum();
        let all = pair.model.unheld + held + granted;
        drop(pair);
        prop_assert_eq!(semaphore.available_permits(), all, "what comes back is what there was");
    }
}
