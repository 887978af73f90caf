//! The connections of a server: counting them, and ending them.
//!
//! To stop a server without breaking off a connection in the middle of an answer, it must be
//! possible to do three things: know how many connections are open, tell those that wait for a
//! request that there will be none, and, when patience ends, tell all of them to go.
//!
//! ```text
//!   Open ── drain() ──▶ Draining ── cut() ──▶ Cut
//!            idle connections close;         all connections end
//!            busy ones answer, with          at once
//!            Connection: close, and close
//! ```
//!
//! A connection looks at the state whenever it is polled. One that waits is not polled, so
//! it registers its waker here, and a change of the state wakes them all.
//!
//! A full server that has a newcomer asks a single connection to leave: the one that has
//! been [idle](super::idle) longest. To that connection it is as if the server were
//! draining: it closes if no request has come, and else answers that one first. One that
//! lingers after its last answer ends at once. When there was a request to answer, and when all
//! were busy and one becomes idle, the task that waits for room is woken and asks again. It asks
//! only while too few connections are leaving.
//!
//! How it can go wrong: a waker may do anything when it is called, even drop a connection,
//! which then deregisters while the registry is being walked through. So a change of
//! state takes all wakers out at once, leaves the list empty, and calls them afterwards. A
//! registration remembers in which state it was made; one of an earlier state is void, and a
//! connection that holds one registers anew when it is polled next.

mod registry;

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, Waker};

use super::idle::Queue;
use registry::{Asked, Registry};

/// How far the server is with stopping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Requests are served.
    #[default]
    Open,
    /// Requests under way are finished.
    Draining,
    /// Everything ends now.
    Cut,
}

/// A connection's place in the list of those to wake.
#[derive(Debug)]
pub(super) struct Registration {
    key: u32,
    made_in: State,
}

#[derive(Default)]
pub(super) struct Tracker {
    state: Cell<State>,
    open: Cell<usize>,
    /// Those among the open that have left HTTP.
    upgraded: Cell<usize>,
    registry: RefCell<Registry>,
    watcher: Cell<Option<Watcher>>,
}

/// A task that waits for connections to end.
struct Watcher {
    /// Until fewer than so many are open.
    below: usize,
    /// It has a newcomer: idle connections are asked to leave.
    makes_room: bool,
    waker: Waker,
}

impl Tracker {
    #[inline]
    pub(super) fn state(&self) -> State {
        self.state.get()
    }

    /// Open connections.
    pub(super) fn open(&self) -> usize {
        self.open.get()
    }

    /// Goes on to `state`, never back, and wakes all connections.
    pub(super) fn advance(&self, state: State) {
        if state <= self.state.get() {
            return;
        }
        self.state.set(state);
        let registry = self.registry.take();
        for (_, entry) in registry.entries {
            entry.waker.wake();
        }
        if state == State::Cut {
            self.forget_upgraded();
        }
    }

    /// A connection has left HTTP: it counts as open until its owner drops it, or everything is
    /// cut.
    pub(super) fn enter_upgraded(&self) {
        if self.state.get() < State::Cut {
            self.upgraded.set(self.upgraded.get() + 1);
            self.enter();
        }
    }

    /// A connection that has left HTTP ends. These are all its registrations.
    pub(super) fn leave_upgraded(&self, registrations: [Option<Registration>; 3]) {
        let wakers = registrations.map(|registration| {
            registration.and_then(|registration| self.deregister(&registration))
        });
        drop(wakers);
        if self.state.get() < State::Cut {
            self.upgraded.set(self.upgraded.get() - 1);
            self.leave(None);
        }
    }

    /// The server waits no longer for connections that may do what they like.
    fn forget_upgraded(&self) {
        self.open.set(self.open.get() - self.upgraded.take());
        self.wake_watcher_if(|watcher| self.open.get() < watcher.below);
    }

    /// A connection begins.
    pub(super) fn enter(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// A connection ends.
    pub(super) fn leave(&self, registration: Option<Registration>) {
        let waker = registration.and_then(|registration| self.deregister(&registration));
        drop(waker);
        self.open.set(self.open.get() - 1);
        self.wake_watcher_if(|watcher| self.open.get() < watcher.below);
    }

    /// Sees to it that the current task is woken when the state changes. Says whether this
    /// connection has been asked to leave.
    #[inline]
    pub(super) fn register(
        &self,
        registration: &mut Option<Registration>,
        cx: &Context<'_>,
    ) -> bool {
        let asked = registration
            .as_ref()
            .and_then(|registration| self.registered(registration, cx));
        asked.unwrap_or_else(|| self.register_anew(registration, cx)) != Asked::No
    }

    /// A connection has been polled, and it waits: for a request, in the queue that is
    /// given, or for something else.
    #[inline]
    pub(super) fn settle(&self, registration: Option<&Registration>, idle: Option<Queue>) {
        let Some(registration) =
            registration.filter(|registration| registration.made_in == self.state.get())
        else {
            return;
        };
        if self.registry.borrow_mut().settle(registration.key, idle) {
            self.wake_watcher_if(|watcher| watcher.makes_room);
        }
    }

    /// Ready when fewer than `below` connections are open. One waiter at a time.
    pub(super) fn poll_below(&self, below: usize, cx: &Context<'_>) -> Poll<()> {
        self.poll_watch(below, false, cx)
    }

    /// As [`poll_below`](Self::poll_below), and asks idle connections to leave until enough
    /// of them do.
    pub(super) fn poll_room(&self, below: usize, cx: &Context<'_>) -> Poll<()> {
        let poll = self.poll_watch(below, true, cx);
        if poll.is_pending() && self.open.get() - self.registry.borrow().leaving >= below {
            self.ask_longest();
        }
        poll
    }

    /// Asks the connection that has been idle longest to leave, if there is an idle one.
    pub(super) fn ask_longest(&self) -> bool {
        let waker = self.registry.borrow_mut().ask_longest();
        let found = waker.is_some();
        if let Some(waker) = waker {
            waker.wake();
        }
        found
    }

    fn poll_watch(&self, below: usize, makes_room: bool, cx: &Context<'_>) -> Poll<()> {
        if self.open.get() < below {
            return Poll::Ready(());
        }
        let watcher = Watcher {
            below,
            makes_room,
            waker: cx.waker().clone(),
        };
        self.watcher.set(Some(watcher));
        // To clone a waker is foreign code, which may have ended a connection.
        match self.open.get() < below {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn wake_watcher_if(&self, concerns: impl FnOnce(&Watcher) -> bool) {
        match self.watcher.take() {
            Some(watcher) if concerns(&watcher) => watcher.waker.wake(),
            watcher => self.watcher.set(watcher),
        }
    }

    /// Whether the connection has been asked to leave; `None` if it must register anew.
    #[inline]
    fn registered(&self, registration: &Registration, cx: &Context<'_>) -> Option<Asked> {
        let registry = self.registry.borrow();
        let entry = registry.entries.get(registration.key as usize)?;
        let well = registration.made_in == self.state.get() && entry.waker.will_wake(cx.waker());
        well.then_some(entry.asked)
    }

    #[cold]
    fn register_anew(&self, registration: &mut Option<Registration>, cx: &Context<'_>) -> Asked {
        let waker = cx.waker().clone();
        let state = self.state.get();
        let valid = registration.as_ref().filter(|it| it.made_in == state);
        let key = valid.map(|it| it.key);
        let (key, asked, old) = self.registry.borrow_mut().put(key, waker);
        *registration = Some(Registration {
            key,
            made_in: state,
        });
        drop(old);
        asked
    }

    /// Takes the waker of a registration out, if the registration is not void.
    fn deregister(&self, registration: &Registration) -> Option<Waker> {
        if registration.made_in != self.state.get() {
            return None;
        }
        self.registry.borrow_mut().remove(registration.key)
    }
}

#[cfg(test)]
mod tests;
