//! A read-write lock beside its model: whatever is done with both, both show the same.
//!
//! The model counts who is in and keeps a queue of who waits. Random reads, writes, polls, drops
//! of those who wait and ends of guards must let the same ones in and wake the same ones, and no
//! writing may be lost.

#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::task::Poll;

use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use waits::Wait;

/// What a test does with a lock and those who wait for it.
#[derive(Clone, Debug)]
enum Op {
    Read,
    Write,
    TryRead,
    TryWrite,
    /// The wait of this number, modulo their count.
    Poll(usize),
    Cancel(usize),
    /// The guard of this number, modulo their count.
    Unlock(usize),
    Downgrade,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Read),
        3 => Just(Op::Write),
        1 => Just(Op::TryRead),
        1 => Just(Op::TryWrite),
        6 => any::<usize>().prop_map(Op::Poll),
        3 => any::<usize>().prop_map(Op::Cancel),
        7 => any::<usize>().prop_map(Op::Unlock),
        1 => Just(Op::Downgrade),
    ]
}

enum Guard<'a> {
    Reads(RwLockReadGuard<'a, u32>),
    Writes(RwLockWriteGuard<'a, u32>),
}

/// The model: who is in, how many of them write, and the line.
#[derive(Default)]
struct Model {
    readers: usize,
    writer: bool,
    /// Who waits, and whether to write.
    line: VecDeque<(u64, bool)>,
    granted: Vec<u64>,
}

impl Model {
    fn may(&self, write: bool) -> bool {
        !self.writer && (!write || self.readers == 0)
    }

    fn enter(&mut self, write: bool) {
        match write {
            true => self.writer = true,
            false => self.readers += 1,
        }
    }

    fn try_enter(&mut self, write: bool) -> bool {
        let enters = self.line.is_empty() && self.may(write);
        if enters {
            self.enter(write);
        }
        enters
    }

    fn exit(&mut self, write: bool) {
        match write {
            true => self.writer = false,
            false => self.readers -= 1,
        }
        self.serve();
    }

    fn serve(&mut self) {
        while let Some(&(id, write)) = self.line.front() {
            if !self.may(write) {
                return;
            }
            self.line.pop_front();
            self.enter(write);
            self.granted.push(id);
        }
    }
}

proptest! {
    #[test]
    fn a_lock_does_what_its_model_does(ops in vec(op(), 1..80)) {
        let lock = RwLock::new(0);
        let (mut model, mut writings, mut next) = (Model::default(), 0, 0_u64);
        let mut guards: Vec<Guard<'_>> = Vec::new();
        let mut waits: Vec<(u64, bool, Wait<'_, Guard<'_>>)> = Vec::new();
        for op in ops {
            match op {
                Op::Read | Op::Write => {
                    let write = matches!(op, Op::Write);
                    let lock = &lock;
                    let mut wait = match write {
                        true => Wait::new(async { Guard::Writes(lock.write().await) }),
                        false => Wait::new(async { Guard::Reads(lock.read().await) }),
                    };
                    let polled = wait.poll();
                    prop_assert_eq!(polled.is_ready(), model.try_enter(write));
                    match polled {
                        Poll::Ready(guard) => guards.push(guard),
                        Poll::Pending => {
                            model.line.push_back((next, write));
                            waits.push((next, write, wait));
                            next += 1;
                        }
                    }
                }
                Op::TryRead => {
                    let guard = lock.try_read().ok();
                    prop_assert_eq!(guard.is_some(), model.try_enter(false));
                    guards.extend(guard.map(Guard::Reads));
                }
                Op::TryWrite => {
                    let guard = lock.try_write().ok();
                    prop_assert_eq!(guard.is_some(), model.try_enter(true));
                    guards.extend(guard.map(Guard::Writes));
                }
                Op::Poll(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let polled = waits[at].2.poll();
                    prop_assert_eq!(polled.is_ready(), model.granted.contains(&waits[at].0));
                    if let Poll::Ready(guard) = polled {
                        let (id, ..) = waits.swap_remove(at);
                        model.granted.retain(|&other| other != id);
                        guards.push(guard);
                    }
                }
                Op::Cancel(at) if !waits.is_empty() => {
                    let (id, write, wait) = waits.swap_remove(at % waits.len());
                    drop(wait);
                    model.line.retain(|&(other, _)| other != id);
                    match model.granted.iter().position(|&other| other == id) {
                        Some(at) => {
                            model.granted.swap_remove(at);
                            model.exit(write);
                        }
                        None => model.serve(),
                    }
                }
                Op::Unlock(at) if !guards.is_empty() => {
                    match guards.swap_remove(at % guards.len()) {
                        Guard::Reads(value) => {
                            prop_assert_eq!(*value, writings);
                            drop(value);
                            model.exit(false);
                        }
                        Guard::Writes(mut value) => {
                            prop_assert_eq!(*value, writings);
                            *value += 1;
                            writings += 1;
                            drop(value);
                            model.exit(true);
                        }
                    }
                }
                Op::Downgrade => if let Some(Guard::Writes(_)) = guards.last() {
                    let Some(Guard::Writes(guard)) = guards.pop() else { unreachable!() };
                    guards.push(Guard::Reads(guard.downgrade()));
                    model.readers += 1;
                    model.exit(true);
                },
                _ => {}
            }
            for (id, _, wait) in &waits {
                prop_assert_eq!(wait.is_woken(), model.granted.contains(id));
            }
        }
        drop((guards, waits));
        prop_assert_eq!(*lock.try_write().unwrap(), writings);
    }
}
