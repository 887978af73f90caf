//! The driver: what the thread parks on.
//!
//! When no task is ready there are three things that can change that: a timer whose time
//! comes, a source that becomes ready, a wake from outside. The thread waits for all three
//! in *one* system call: it asks the reactor, and waits there at most until the next
//! deadline; a wake from outside writes to an eventfd that the reactor watches.
//!
//! The loop says until when it may park: it has asked the wheel. Parking, in order:
//!
//! 1. Announce it to the inbox. If there is a message, do not park.
//! 2. Wait in the operating system.
//! 3. Tell the inbox that the thread is awake, and return. The loop's next step looks at the clock and
//!    fires what is due; then it polls what was woken.
//!
//! With a paused clock, time does not pass in step 2. If the reactor has nothing to say
//! either, the clock jumps to the next deadline; unless a job is in flight on another thread, for
//! what it returns belongs before that deadline.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::clock::Clock;
use crate::machine::inbox::Inbox;
use crate::machine::inspect::snapshot::Doing;
use crate::machine::reactor::Reactor;
use crate::machine::task::Message;
use crate::machine::timers::Timers;
use crate::trace::{Event, Switch, emit, emit_next};

/// See the file's heading.
pub(crate) struct Driver {
    pub(crate) reactor: Rc<Reactor>,
    pub(crate) timers: Rc<Timers>,
    clock: Rc<Clock>,
    inbox: Arc<Inbox<Message>>,
    /// Until when the thread is parked, as the event of it says.
    parked: Cell<Option<Doing>>,
    trace: Rc<Switch>,
}

impl Driver {
    /// A driver, and the inbox whose senders can unpark it. `io_events`: how many events a turn of
    /// the reactor takes at most.
    pub(crate) fn new(clock: Rc<Clock>, trace: Rc<Switch>, io_events: usize) -> io::Result<Driver> {
        let reactor = Reactor::new(Rc::clone(&trace), io_events)?;
        let inbox = Arc::new(Inbox::new(reactor.unparker()?));
        Ok(Driver {
            reactor: Rc::new(reactor),
            timers: Rc::new(Timers::new(Rc::clone(&clock), Rc::clone(&trace))),
            clock,
            inbox,
            parked: Cell::new(None),
            trace,
        })
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox<Message>> {
        &self.inbox
    }

    /// Asks the reactor, without waiting, what is ready. Returns the number of events.
    pub(crate) fn turn(&self) -> usize {
        self.wait(Some(Duration::ZERO))
    }

    /// Looks at the clock and fires what is due. Returns how many timers that were.
    pub(crate) fn fire(&self) -> usize {
        #[cfg(feature = "sim")]
        self.jump_oddly();
        self.clock.start_turn();
        self.timers.fire()
    }

    /// An odd system's clock may have jumped.
    #[cfg(feature = "sim")]
    fn jump_oddly(&self) {
        if self.clock.is_paused() {
            return;
        }
        if let Some(by) = self.reactor.odd.jump() {
            self.clock.jump_by(by);
        }
    }

    /// Waits until `until`, or until something happens. See the file's heading.
    /// `in_flight`: work on other threads will report, and a paused clock waits for it.
    pub(crate) fn park(&self, until: Option<Instant>, in_flight: bool) {
        if !self.inbox.prepare_to_park() {
            return;
        }
        let deadline = until.map(|until| self.clock.since_start(until));
        self.parked.set(Some(Doing::Parked { until: deadline }));
        emit_next!(self.trace, Event::Parked { until: deadline });
        self.sleep(until, in_flight);
        self.parked.set(None);
        self.inbox.unparked();
        emit!(self.trace, Event::Unparked);
    }

    fn sleep(&self, until: Option<Instant>, in_flight: bool) {
        match (self.clock.is_paused(), until) {
            (false, Some(until)) => {
                let timeout = until.saturating_duration_since(self.clock.now());
                self.wait(Some(timeout));
            }
            (true, Some(until)) if !in_flight => self.jump(until),
            _ => {
                self.wait(None);
            }
        }
    }

    /// What the thread does while it is parked; `None` if it is not.
    pub(crate) fn parked(&self) -> Option<Doing> {
        self.parked.get()
    }

    /// Parks with a clock that stands still: if nothing is ready, it moves to `until`.
    fn jump(&self, until: Instant) {
        let events = self.turn();
        if events > 0 || self.inbox.may_have_messages() {
            return;
        }
        self.move_clock(until);
    }

    /// Moves a paused clock forwards, to `to`.
    pub(crate) fn move_clock(&self, to: Instant) {
        self.clock.jump_to(to);
        emit!(
            self.trace,
            Event::ClockAdvanced {
                to: self.clock.elapsed()
            }
        );
    }

    fn wait(&self, timeout: Option<Duration>) -> usize {
        match self.reactor.turn(timeout) {
            Ok(events) => events,
            // The poll's own descriptor is gone or was never one: other code has closed it,
            // and no socket of this runtime will ever be heard of again.
            Err(error) => panic!("the operating system cannot be asked what is ready: {error}"),
        }
    }

    /// Gives back what a burst of timers and sources took.
    pub(crate) fn give_back(&self) {
        self.reactor.give_back();
        self.timers.give_back();
    }

    pub(crate) fn shut_down(&self) {
        self.reactor.shut_down();
        self.timers.shut_down();
    }
}
