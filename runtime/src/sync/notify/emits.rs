//! What a notify says while the runtime is observed: a call is kept, used, handed over.
//!
//! An observer may be foreign code. So the list is not borrowed while it hears: only its number is asked for
//! before.

use super::Notify;
use crate::trace::{Event, Place, Shared, emit_of_polled, is_observed};

const SHARED: Shared = Shared::Notify;

impl Notify {
    /// The line above keeps a call.
    #[inline]
    #[track_caller]
    pub(super) fn emit_kept(&self) {
        if is_observed() {
            self.report(Place::above_caller(), |number| Event::Sent {
                shared: SHARED,
                number,
                length: 1,
                bound: Some(1),
                reserved: false,
            });
        }
    }

    /// The line above has used a call that was kept, if it `was`.
    #[inline]
    #[track_caller]
    pub(super) fn emit_used(&self, was: bool) {
        if was && is_observed() {
            self.report(Place::above_caller(), |number| Event::Received {
                shared: SHARED,
                number,
                length: 0,
            });
        }
    }

    /// The line below wakes the task to which the call goes.
    #[track_caller]
    pub(super) fn emit_handed_over(&self) {
        if is_observed() {
            self.report(Place::below_caller(), |number| Event::HandedOver {
                shared: SHARED,
                number,
                count: 1,
            });
        }
    }

    #[cold]
    fn report(&self, place: Place, event: impl FnOnce(u64) -> Event) {
        let number = self.list.borrow().number().tell();
        emit_of_polled(place, || event(number));
    }
}
