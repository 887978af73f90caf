//! What permits say while the runtime is observed. The place of each event is the line above the one that
//! calls, or the line below where the event must come first.

use std::panic::Location;

use super::Permits;
use crate::trace::{Event, Place, Shared, emit_of_polled, is_observed, line};

impl Permits {
    /// Emits that the running task has taken `n`. From now on [`give`](Permits::give) takes the slow path.
    #[inline(always)]
    #[track_caller]
    pub(super) fn emit_taken(&self, n: u32, at: &'static Location<'static>) {
        if is_observed() {
            self.report_taken(n, at);
        }
    }

    #[cold]
    #[track_caller]
    fn report_taken(&self, n: u32, at: &'static Location<'static>) {
        self.slow_path.set(true);
        let (at, count) = (Place::from(line().unwrap_or(at)), n as usize);
        self.report(Place::above_caller(), |shared, number| Event::Taken {
            shared,
            number,
            count,
            at,
        });
    }

    /// `count` are about to be given back.
    #[track_caller]
    pub(super) fn emit_given_back(&self, count: usize) {
        if count > 0 {
            self.report(Place::below_caller(), |shared, number| Event::GivenBack {
                shared,
                number,
                count,
            });
        }
    }

    #[track_caller]
    pub(super) fn emit_forgotten(&self, count: usize) {
        if self.slow_path.get() && count > 0 {
            self.report(Place::above_caller(), |shared, number| Event::Forgotten {
                shared,
                number,
                count,
            });
        }
    }

    #[track_caller]
    pub(super) fn emit_handed_over(&self, count: usize) {
        self.report(Place::above_caller(), |shared, number| Event::HandedOver {
            shared,
            number,
            count,
        });
    }

    /// A wait has left the line; `granted`: it was its turn already.
    #[track_caller]
    pub(super) fn emit_left(&self, granted: bool) {
        self.report(Place::above_caller(), |shared, number| Event::LineLeft {
            shared,
            number,
            granted,
        });
    }

    fn report(&self, place: Place, event: impl FnOnce(Shared, u64) -> Event) {
        if is_observed() {
            let number = || self.line.borrow().list.number().tell();
            emit_of_polled(place, || event(self.kind, number()));
        }
    }
}
