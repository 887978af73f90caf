//! What places say while the runtime is observed: reserved, given back, handed over, given up.
//!
//! A place that a message takes at once is told by the message ([`Event::Sent`]), not here.

use std::panic::Location;

use super::capacity::Capacity;
use crate::trace::{Event, Place, Shared, line};

/// A place, as events call it.
const PLACE: Shared = Shared::MpscPlace;

impl Capacity {
    /// The line above has reserved a place, if `taken`, for the line `at` of the program.
    #[inline]
    #[track_caller]
    pub(super) fn emit_taken(&self, taken: bool, at: &'static Location<'static>) {
        if taken {
            self.number
                .emit(Place::above_caller(), |number| Event::Taken {
                    shared: PLACE,
                    number,
                    count: 1,
                    at: Place::from(line().unwrap_or(at)),
                });
        }
    }

    /// The line below gives a place back that was not used.
    #[inline]
    #[track_caller]
    pub(super) fn emit_given_back(&self) {
        self.number
            .emit(Place::below_caller(), |number| Event::GivenBack {
                shared: PLACE,
                number,
                count: 1,
            });
    }

    /// The line at `place` gives a place to the first sender in line, or wakes it for that.
    pub(super) fn emit_handed_over(&self, place: Place) {
        self.number.emit(place, |number| Event::HandedOver {
            shared: PLACE,
            number,
            count: 1,
        });
    }

    /// The line above has taken a sender out of the line. `granted`: it was its turn already.
    #[track_caller]
    pub(super) fn emit_left(&self, granted: bool) {
        self.number
            .emit(Place::above_caller(), |number| Event::LineLeft {
                shared: PLACE,
                number,
                granted,
            });
    }
}
