//! A solution of stage 8: a reactor.

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
        for event in &events {
            let key = event.token().0;
            let mut waiting = self.waiting.borrow_mut();
            let Some(place) = waiting.get_mut(key) else {
                continue;
            };
            told(Deed::Ready(event.is_readable(), event.is_writable()), key);
            woken.append(place);
        }
        for waker in woken {
            waker.wake();
        }
        Ok(())
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
            match attempt(source) {
                Err(error) if matches!(error.kind(), WouldBlock | NotConnected) => {
                    told(Deed::Blocks(line), *key);
                    Reactor::here().waiting.borrow_mut()[*key].push(cx.waker().clone());
                    Poll::Pending
                }
                done => Poll::Ready(done),
            }
        })
    }
}

impl<S: Source> Drop for Async<S> {
    fn drop(&mut self) {
        let place = Reactor::here().waiting.borrow_mut().try_remove(self.1);
        told(Deed::Closes, self.1);
        drop(place);
    }
}
