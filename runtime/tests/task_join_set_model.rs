//! Random programs of spawns, ends, aborts and joins, run beside a model that is too simple
//! to be wrong: a list of those who run, and a list of those who have ended, in order.

#[path = "support/tasks.rs"]
mod tasks;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use proptest::collection::vec;
use proptest::prelude::*;
use runtime::runtime::Runtime;
use runtime::task::{AbortHandle, Id, JoinError, JoinSet};
use tasks::{Door, panic_quietly, paused, run_dry};

#[derive(Clone, Copy, Debug)]
enum Op {
    Spawn,
    /// Lets one of the tasks go on, to its value or to a panic.
    End(usize),
    Abort(usize),
    /// Lets the machine run until no task is ready.
    Run,
    Try,
    /// Waits, and gives up if there is nothing.
    Wait,
    AbortAll,
    DetachAll,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Spawn),
        6 => any::<usize>().prop_map(Op::End),
        2 => any::<usize>().prop_map(Op::Abort),
        4 => Just(Op::Run),
        3 => Just(Op::Try),
        3 => Just(Op::Wait),
        1 => Just(Op::AbortAll),
        1 => Just(Op::DetachAll),
    ]
}

/// How a task is to end: with its number, with a panic, cancelled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Value(u64),
    Panic,
    Cancelled,
}

fn how(result: Result<u64, JoinError>) -> How {
    match result {
        Ok(number) => How::Value(number),
        Err(error) if error.is_panic() => How::Panic,
        Err(_) => How::Cancelled,
    }
}

struct Program {
    runtime: Runtime,
    set: JoinSet<u64>,
    running: BTreeMap<u64, (Door, AbortHandle)>,
    /// Who will end at the next run, in the order in which they were woken.
    ending: Vec<(u64, How)>,
    ended: VecDeque<(u64, How)>,
    next: u64,
    /// Alive in every task that is.
    alive: Rc<()>,
}

impl Program {
    fn new() -> Program {
        Program {
            runtime: paused(),
            set: JoinSet::new(),
            running: BTreeMap::new(),
            ending: Vec::new(),
            ended: VecDeque::new(),
            next: 0,
            alive: Rc::new(()),
        }
    }

    fn step(&mut self, op: Op) {
        // Inside, a wake goes to the run queue; from outside it would come by the inbox.
        let handle = self.runtime.handle().clone();
        let _guard = handle.enter();
        match op {
            Op::Spawn => self.spawn(),
            Op::End(which) => self.end(which),
            Op::Abort(which) => self.abort(which),
            Op::Run => self.run(),
            Op::Try => {
                let found = self.set.try_join_next();
                assert_eq!(found.map(how), self.expected());
            }
            Op::Wait => self.wait(),
            Op::AbortAll => {
                self.run();
                self.set.abort_all();
                let all = std::mem::take(&mut self.running);
                // A set aborts by place, not by age: who ends in which order is its own affair.
                let all = all.into_keys().map(|number| (number, How::Cancelled));
                self.run_and_sort(all.collect());
            }
            Op::DetachAll => {
                self.set.detach_all();
                let left = std::mem::take(&mut self.running);
                left.values().for_each(|(door, _)| door.open());
                self.ending.clear();
                self.ended.clear();
            }
        }
        let inside = self.running.len() + self.ending.len() + self.ended.len();
        assert_eq!(self.set.len(), inside);
    }

    fn spawn(&mut self) {
        self.run();
        let (door, number) = (Door::default(), self.next);
        self.next += 1;
        let (wait, alive) = (door.wait(), Rc::clone(&self.alive));
        let task = async move {
            wait.await;
            drop(alive);
            match number % 5 {
                0 => panic_quietly("a fifth of them"),
                _ => number,
            }
        };
        let abort = self.set.spawn_on(task, self.runtime.handle());
        self.running.insert(number, (door, abort));
        self.run();
    }

    fn pick(&mut self, which: usize) -> Option<(u64, (Door, AbortHandle))> {
        let which = which % self.running.len().max(1);
        let number = *self.running.keys().nth(which)?;
        self.running.remove_entry(&number)
    }

    fn end(&mut self, which: usize) {
        if let Some((number, (door, _))) = self.pick(which) {
            door.open();
            let how = match number % 5 {
                0 => How::Panic,
                _ => How::Value(number),
            };
            self.ending.push((number, how));
        }
    }

    fn abort(&mut self, which: usize) {
        if let Some((number, (_, abort))) = self.pick(which) {
            abort.abort();
            self.ending.push((number, How::Cancelled));
        }
    }

    fn run(&mut self) {
        run_dry(&self.runtime);
        self.ended.extend(self.ending.drain(..));
    }

    fn run_and_sort(&mut self, mut all: Vec<(u64, How)>) {
        run_dry(&self.runtime);
        while !all.is_empty() {
            let found = self.set.try_join_next();
            let expected = self.expected();
            match expected {
                Some(expected) => assert_eq!(found.map(how), Some(expected)),
                None => {
                    assert_eq!(found.map(how), Some(How::Cancelled));
                    all.pop();
                }
            }
        }
    }

    fn expected(&mut self) -> Option<How> {
        self.ended.pop_front().map(|(_, how)| how)
    }

    fn wait(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        let polled = pin!(self.set.join_next_with_id()).poll(&mut cx);
        let value = |result: Result<(Id, u64), JoinError>| how(result.map(|(_, value)| value));
        match polled {
            Poll::Ready(Some(result)) => assert_eq!(Some(value(result)), self.expected()),
            Poll::Ready(None) => assert_eq!(self.running.len() + self.ending.len(), 0),
            Poll::Pending => {
                assert!(self.ended.is_empty());
                assert!(self.running.len() + self.ending.len() > 0);
            }
        }
    }

    /// Drops the set: soon nothing of any task is left.
    fn finish(mut self) {
        self.run();
        drop(self.set);
        run_dry(&self.runtime);
        assert_eq!(Rc::strong_count(&self.alive), 1, "a task is left");
    }
}

proptest! {
    #[test]
    fn a_set_does_what_two_lists_do(ops in vec(op(), 0..60)) {
        let mut program = Program::new();
        for op in ops {
            program.step(op);
        }
        program.finish();
    }
}
