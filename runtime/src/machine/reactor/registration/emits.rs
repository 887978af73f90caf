//! What a registration says of its operations and waits. The place of an event is the line that calls:
//! the deed, not the report.

use std::panic::Location;

use super::Registration;
use crate::trace::{self, Direction, Event, Place, Wait};

impl<S: mio::event::Source> Registration<S> {
    #[track_caller]
    pub(super) fn emit_waiting(&self, want: Direction) {
        let on = Wait::Source(self.source.id(), want);
        let at = || trace::line().map(Into::into);
        self.emit(|| Event::Waiting { on, at: at() });
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn emit_done(&self, direction: Direction, bytes: Option<usize>) {
        let source = self.source.id();
        self.emit(|| Event::IoDone {
            source,
            direction,
            bytes,
        });
    }

    #[track_caller]
    pub(super) fn emit_would_block(&self, direction: Direction) {
        let source = self.source.id();
        self.emit(|| Event::WouldBlock { source, direction });
    }

    #[track_caller]
    pub(super) fn emit_added(&self, direction: Direction) {
        let source = self.source.id();
        self.emit(|| Event::WaiterAdded { source, direction });
    }

    #[track_caller]
    pub(super) fn emit_removed(&self, direction: Direction) {
        let source = self.source.id();
        self.emit(|| Event::WaiterRemoved { source, direction });
    }

    #[inline(always)]
    #[track_caller]
    fn emit(&self, event: impl FnOnce() -> Event) {
        if self.trace().is_on() {
            self.trace()
                .record(event(), Place::from(Location::caller()));
        }
    }
}
