//! # Stage 8 of 10: a reactor
//!
//! A socket that is not ready answers `WouldBlock`: "I would have to wait". The kernel can tell when that changes
//! (epoll on Linux, kqueue on macOS). The crate mio asks it, and what waits for its answer is called a **reactor**.
//!
//! mio is *edge-triggered*: the kernel tells of each change once. So the order is: try first; only if the attempt
//! would block, leave a waker. A task that waited first could wait for an event that has been and gone. And a task
//! that was woken tries again, and may have to wait again: an event is a hint and no promise.
//!
//! Each socket that is registered has a place in a slab, and the number of the place is its *token*, with which the
//! events come. In the place lie the wakers of the tasks that wait.
//!
//! This is simpler than the rules of stage 6. Each poll of `io` *adds* its waker, and one that is dropped leaves it
//! in the place. No task is lost by that. The next event takes all wakers out and calls them, and a task that is
//! woken too often tries, would block, and waits again. The price: a socket that is tried a thousand times between
//! two events has a thousand wakers until the second one. The crate obeys the rules: there a wait leaves its list
//! when it is dropped.
//!
//! `kernel::Poll` is `mio::Poll`, but it says in the account when the thread sleeps.
//!
//! Write the three holes. Read stops 11 and 12 of NOTES.md.

use lab::kernel;
use lab::told::{Deed, told};
use mio::event::{Events, Source};
use mio::{Interest, Token};
use slab::Slab;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// What asks the kernel about sockets.
pub struct Reactor {
    poll: RefCell<kernel::Poll>,
    /// For each socket the wakers of those that wait for it. The key is the token.
    waiting: RefCell<Slab<Vec<Waker>>>,
}

thread_local!(static REACTOR: Rc<Reactor> = {
    let poll = RefCell::new(kernel::Poll::new().expect("the kernel has an epoll for us"));
    Rc::new(Reactor { poll, waiting: RefCell::default() })
});

impl Reactor {
    /// The reactor of this thread.
    pub fn here() -> Rc<Reactor> {
        REACTOR.with(Rc::clone)
    }

    /// How many sockets are registered.
    pub fn sources(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// What ends the sleep in [`Reactor::turn`], from any thread. (For stage 9.)
    pub fn waker(&self) -> io::Result<kernel::Waker> {
        kernel::Waker::new(self.poll.borrow().registry(), Token(usize::MAX))
    }

    /// Sleeps until an event comes or the timeout is over, and wakes the tasks that wait for what has changed.
    pub fn turn(&self, timeout: Option<Duration>) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        self.poll.borrow_mut().poll(&mut events, timeout)?;
        let mut woken: Vec<Waker> = Vec::new();
        todo!(
            "turn: for each event (`&events`) take all wakers out of the place `event.token().0` \
             (it may be gone: `get_mut`), and collect them in `woken`. (For the account: \
             `told(Deed::Ready(event.is_readable(), event.is_writable()), key)`.) When nothing is \
             borrowed any more, wake them all, and return Ok(())"
        )
    }
}

/// A socket of mio that tasks can wait for.
pub struct Async<S: Source>(pub S, usize);

impl<S: Source> Async<S> {
    /// Registers a socket with the reactor of this thread.
    #[track_caller]
    pub fn new(mut source: S) -> io::Result<Async<S>> {
        let deed = Deed::Registers(Location::caller(), std::any::type_name::<S>());
        let reactor = Reactor::here();
        let key = reactor.waiting.borrow_mut().insert(Vec::new());
        let both = Interest::READABLE | Interest::WRITABLE;
        reactor
            .poll
            .borrow()
            .registry()
            .register(&mut source, Token(key), both)?;
        told(deed, key);
        Ok(Async(source, key))
    }

    /// Makes `attempt` until it does not answer that it would block. In between the task waits for the socket.
    #[track_caller]
    pub fn io<T>(
        &mut self,
        mut attempt: impl FnMut(&mut S) -> io::Result<T>,
    ) -> impl Future<Output = io::Result<T>> {
        use io::ErrorKind::{NotConnected, WouldBlock};
        let line = Location::caller();
        poll_fn(move |cx| {
            let Async(source, key) = &mut *self;
            todo!(
                "io: call `attempt(source)`. If it is an error of the kind WouldBlock or \
                 NotConnected (a stream that is still being connected), leave the waker in the \
                 place `*key` of the reactor's slab, and be pending. Anything else is the result. \
                 (For the account: `told(Deed::Blocks(line), *key)`.)"
            )
        })
    }
}

impl<S: Source> Drop for Async<S> {
    fn drop(&mut self) {
        todo!(
            "the socket's drop: remove its place from the slab, and drop the wakers in it when \
             nothing is borrowed any more. (The kernel forgets a socket by itself when it is \
             closed. For the account: `told(Deed::Closes, self.1)`.)"
        )
    }
}
