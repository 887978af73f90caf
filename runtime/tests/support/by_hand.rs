//! A runtime whose loop the test turns itself, and waits that it polls itself.
//!
//! A property test decides what happens next, the machine's turns included. So it polls its
//! futures by hand, with a bell for a waker, and lets the machine look at its sockets only where
//! the random list of actions says so. Between two turns a datagram may lie in the kernel that
//! the machine has not heard of.
//!
//! What the kernel owes is waited for ([`Hand::until`]): loopback is quick, but no page promised
//! that it is there when `send` returns. A wake that is lost shows in that such a wait has no end;
//! the limit is far beyond what any machine needs, and stands for "never".

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::future::Future;
use std::task::Poll;

use runtime::runtime::{EnterGuard, Runtime, Step};
use runtime::time::{Duration, Instant};

use crate::machine::{Ledger, live};
use crate::waits::Wait;

/// Stands for "never".
const NEVER: Duration = Duration::from_secs(20);

/// A runtime that records, to be turned by hand, and the ledger of what it holds.
pub(crate) struct Hand<'a> {
    runtime: &'a Runtime,
    ledger: Ledger,
    _entered: EnterGuard<'a>,
}

/// Calls `work` with a runtime to be turned by hand. Afterwards the machine must hold nothing.
pub(crate) fn by_hand(work: impl FnOnce(&mut Hand<'_>)) {
    let runtime = live();
    let mut hand = Hand {
        runtime: &runtime,
        ledger: Ledger::default(),
        _entered: runtime.enter(),
    };
    work(&mut hand);
    hand.ledger.add(&runtime);
    hand.ledger.assert_empty();
}

impl Hand<'_> {
    /// Lets the machine take what the system has to say now.
    pub(crate) fn turn(&self) {
        while !matches!(self.runtime.step(), Step::WouldPark { .. }) {}
    }

    /// Turns until `done`, which must come true by what the system has to say.
    #[track_caller]
    pub(crate) fn until(&self, mut done: impl FnMut() -> bool) {
        let limit = Instant::now() + NEVER;
        self.turn();
        while !done() {
            assert!(Instant::now() < limit, "it never comes: a wake was lost");
            self.runtime.park(Some(limit));
            self.turn();
        }
    }

    /// What `held` comes to, which must be soon.
    #[track_caller]
    pub(crate) fn output<T>(&self, held: &mut Held<T>) -> T {
        let mut output = None;
        self.until(|| {
            if let Poll::Ready(ready) = held.poll() {
                output = Some(ready);
            }
            output.is_some()
        });
        output.expect("that was waited for")
    }

    /// The machine holds as many waiters as there should be.
    #[track_caller]
    pub(crate) fn check_waiting(&mut self, waiting: usize) {
        self.ledger.add(self.runtime);
        assert_eq!(self.ledger.waiting(), waiting, "{:?}", self.ledger);
    }
}

/// A wait that may be given up, and what is known of it.
pub(crate) struct Held<T> {
    wait: Wait<'static, T>,
    /// How often it had been woken when it was polled last, if that poll had to wait.
    asleep: Option<usize>,
}

impl<T> Held<T> {
    /// Not polled yet.
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Held<T> {
        Held {
            wait: Wait::new(future),
            asleep: None,
        }
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        let woken = self.wait.wakes();
        let poll = self.wait.poll();
        self.asleep = poll.is_pending().then_some(woken);
        poll
    }

    /// It has been polled, had to wait, and has not been woken since.
    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep == Some(self.wait.wakes())
    }
}
