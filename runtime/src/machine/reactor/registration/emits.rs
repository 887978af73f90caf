//! What a registration says of its operations and waits. The place of an event is the line that calls:
//! the deed, not the report.

use std::panic::Location;

use super::Registration;
use crate::trace::{self, Direction, Event, Place, Wait, emit};

impl<S: mio::event::Source> Registration<S> {
    #[track_caller]
    pub(super) fn emit_waiting(&self, want: Direction) {
        let on = Wait::Source(self.source.id(), want);
        let at = || trace::line().map(Into::into);
        emit!(self.trace() => self.report(Event::Waiting { on, at: at() }));
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn emit_done(&self, direction: Direction, bytes: Option<usize>) {
        let source = self.source.id();
        emit!(self.trace() => self.report(Event::IoDone {
            source,
            direction,
            bytes,
        }));
    }

    #[track_caller]
    pub(super) fn emit_would_block(&self, direction: Direction) {
        let source = self.source.id();
        emit!(self.trace() => self.report(Event::WouldBlock { source, direction }));
    }

    #[track_caller]
    pub(super) fn emit_added(&self, direction: Direction) {
        let source = self.source.id();
        emit!(self.trace() => self.report(Event::WaiterAdded { source, direction }));
    }

    #[track_caller]
    pub(super) fn emit_removed(&self, direction: Direction) {
        let source = self.source.id();
        emit!(self.trace() => self.report(Event::WaiterRemoved { source, direction }));
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn report(&self, event: Event) {
        self.trace().record(event, Place::from(Location::caller()));
    }
}
