//! The floor's executor: a slab of boxed futures, a queue of keys, an inbox behind a mutex.
//!
//! The owner thread polls keys from its queue in the order of their wakes. A wake on the owner
//! thread pushes the key; a wake from elsewhere goes to the inbox and, if the owner is parked,
//! through mio's waker. No wake is lost: the owner says "parked" *before* it looks into the inbox
//! for the last time, and the other side pushes *before* it reads "parked".

use super::machine::{CURRENT, Header, Inbox, Machine};
use super::ring::Ring;
use mio::{Events, Poll, Token};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll as Answer};
use std::time::{Duration, Instant};

/// The key of `block_on`'s future, which is not in the slab.
const MAIN: usize = usize::MAX;

/// How many tasks run between two looks at the poll.
const TICKS: usize = 61;

/// A machine, as its starter holds it.
pub(crate) struct Runtime(Rc<Machine>);

/// A machine of its own.
pub(crate) fn build() -> Runtime {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let poll = Poll::new().expect("a poll");
    let waker = mio::Waker::new(poll.registry(), Token(0)).expect("a waker");
    Runtime(Rc::new(Machine {
        number: NUMBERS.fetch_add(1, Relaxed),
        tasks: RefCell::default(),
        queue: RefCell::default(),
        spare: RefCell::default(),
        ring: RefCell::new(Ring::new()),
        inbox: Arc::new(Inbox {
            headers: Mutex::default(),
            filled: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            waker,
        }),
        poll: RefCell::new((poll, Events::with_capacity(256))),
    }))
}

impl Runtime {
    /// Runs the future and every task that it spawns, until the future is ready.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let machine = &self.0;
        CURRENT.set(Some(Rc::clone(machine)));
        let main = machine.header(MAIN);
        let waker = futures_task::waker(Arc::clone(&main));
        let mut future = pin!(future);
        futures_task::ArcWake::wake_by_ref(&main);
        let output = loop {
            machine.take_inbox();
            if machine.run_some(&main)
                && let Answer::Ready(output) =
                    future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                break output;
            }
            machine.turn();
        };
        CURRENT.set(None);
        output
    }
}

impl Machine {
    /// Runs up to [`TICKS`] tasks; says whether `block_on`'s future has been woken.
    fn run_some(&self, main: &Header) -> bool {
        for _ in 0..TICKS {
            let Some(key) = self.queue.borrow_mut().pop_front() else {
                break;
            };
            if key == MAIN {
                main.unqueue();
                return true;
            }
            self.run(key);
        }
        false
    }

    /// Polls one task, which is out of the slab meanwhile.
    ///
    /// What goes out and in is one pointer. A task of several words would be written word by word
    /// and read back two at a time, and a processor cannot forward such a store to such a load:
    /// that alone was a third of a poll.
    fn run(&self, key: usize) {
        let Some(mut task) = self.tasks.borrow_mut().get_mut(key).and_then(Option::take) else {
            return;
        };
        task.header.unqueue();
        if task.poll().is_pending() {
            let mut tasks = self.tasks.borrow_mut();
            if let Some(place) = tasks.get_mut(key) {
                std::mem::forget(place.replace(task));
            }
            return;
        }
        self.tasks.borrow_mut().remove(key);
        task.clear();
        if Arc::get_mut(&mut task.header).is_some() {
            self.spare.borrow_mut().push(task);
        }
    }

    /// Looks at the poll: without waiting while tasks are ready, else until a wake or a timer.
    fn turn(&self) {
        let ready = !self.queue.borrow().is_empty();
        let wait = if ready {
            Some(Duration::ZERO)
        } else {
            self.ring.borrow().next()
        };
        let parks = !ready && wait != Some(Duration::ZERO);
        if parks {
            self.inbox.parked.store(true, SeqCst);
        }
        let empty = !self.inbox.filled.load(SeqCst);
        {
            let (poll, events) = &mut *self.poll.borrow_mut();
            let _ = poll.poll(
                events,
                if parks && empty {
                    wait
                } else {
                    Some(Duration::ZERO)
                },
            );
        }
        self.inbox.parked.store(false, SeqCst);
        self.fire();
    }

    /// Wakes the timers that are due.
    fn fire(&self) {
        if self.ring.borrow().is_empty() {
            return;
        }
        let due = self.ring.borrow_mut().due(Instant::now());
        due.into_iter().for_each(std::task::Waker::wake);
    }

    /// Moves the wakes from other threads into the queue.
    fn take_inbox(&self) {
        if self.inbox.filled.load(Relaxed) {
            self.inbox.filled.store(false, SeqCst);
            let headers = std::mem::take(&mut *self.inbox.lock());
            for header in headers {
                header.unpost();
                header.enqueue(self);
            }
        }
    }
}
