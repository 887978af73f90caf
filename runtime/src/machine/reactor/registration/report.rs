//! What is told of the operations and waits of a registration.
//!
//! The place of each event is the line above the one that calls: the deed, not the report.

use std::io;

use super::Registration;
use crate::machine::reactor::side::Slot;
use crate::trace::{self, Direction, Event, Place, Wait};

impl<S: mio::event::Source> Registration<S> {
    /// The task that is being polled has come to wait, and found this at the direction.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_wait(&self, want: Direction, slot: Slot) {
        let (source, direction) = (self.source.id(), want);
        match slot {
            Slot::Unused => return,
            Slot::Held => {}
            Slot::Taken => self.report(Event::WaiterAdded { source, direction }),
            Slot::Displaced => {
                self.report(Event::WaiterRemoved { source, direction });
                self.report(Event::WaiterAdded { source, direction });
            }
        }
        let on = Wait::Source(source, want);
        let at = trace::line().map(Place::from);
        self.report(Event::Waiting { on, at });
    }

    /// An operation succeeded, and moved so many bytes; or found nothing; or failed.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_attempt(&self, want: Direction, done: Result<Option<usize>, &io::Error>) {
        let (source, direction) = (self.source.id(), want);
        match done {
            Ok(bytes) => self.report(Event::IoDone {
                source,
                direction,
                bytes,
            }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.report(Event::WouldBlock { source, direction });
            }
            Err(error) => self.report(Event::IoFailed {
                source,
                direction,
                error: error.to_string().into(),
            }),
        }
    }

    /// The connection that was begun is there: that is told as a write of no bytes.
    #[track_caller]
    pub(crate) fn report_connected(&self) {
        self.report_attempt(Direction::Write, Ok(Some(0)));
    }

    /// The connection that was begun was refused, or could not be made.
    #[track_caller]
    pub(crate) fn report_refused(&self, error: &io::Error) {
        self.report_attempt(Direction::Write, Err(error));
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_cleared(&self, direction: Direction) {
        let source = self.source.id();
        self.report(Event::ReadinessCleared { source, direction });
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_removed(&self, direction: Direction) {
        let source = self.source.id();
        self.report(Event::WaiterRemoved { source, direction });
    }

    /// In line, because then each caller knows which event it is, and whether it is for recordings only.
    #[inline(always)]
    #[track_caller]
    fn report(&self, event: Event) {
        self.trace().record(event, Place::above_caller());
    }
}
