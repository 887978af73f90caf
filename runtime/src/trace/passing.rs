//! What tasks pass to each other through a channel, as the channel says it while it is observed.
//!
//! Each of these stands on the line after the one that has done the deed, which is the event's place. While
//! the runtime is not observed, each is one test of a flag.

use super::switch::is_observed;
use super::waiting::{Number, emit_of_polled};
use super::{Event, Place, Shared};

/// What a channel holds after a deed: how many messages, and how many it may hold.
pub(crate) type Holds = (usize, Option<usize>);

impl Number {
    /// Emits that the line above has put a message into this channel. `reserved`: its place was the
    /// sender's before.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn emit_sent(&self, shared: Shared, reserved: bool, holds: impl FnOnce() -> Holds) {
        if is_observed() {
            emit_of_polled(Place::above_caller(), move || {
                let (length, bound) = holds();
                Event::Sent {
                    number: self.tell(),
                    shared,
                    length,
                    bound,
                    reserved,
                }
            });
        }
    }

    /// Emits that the line above has taken messages out of this channel, or looked at its value.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn emit_received(&self, shared: Shared, length: impl FnOnce() -> usize) {
        if is_observed() {
            emit_of_polled(Place::above_caller(), move || Event::Received {
                shared,
                number: self.tell(),
                length: length(),
            });
        }
    }

    /// Emits that the line above has taken a receiver of this channel away, and `lost` messages with it.
    #[inline]
    #[track_caller]
    pub(crate) fn emit_gone(&self, shared: Shared, lost: usize) {
        if is_observed() {
            emit_of_polled(Place::above_caller(), move || Event::ReceiverGone {
                shared,
                number: self.tell(),
                lost,
            });
        }
    }

    /// Emits that the line above has taken the last sender of this channel away.
    #[inline]
    #[track_caller]
    pub(crate) fn emit_senders_gone(&self, shared: Shared) {
        if is_observed() {
            emit_of_polled(Place::above_caller(), move || Event::SendersGone {
                shared,
                number: self.tell(),
            });
        }
    }

    /// Emits what was done to this thing: `event` gets its number.
    #[inline]
    pub(crate) fn emit(&self, place: Place, event: impl FnOnce(u64) -> Event) {
        if is_observed() {
            emit_of_polled(place, move || event(self.tell()));
        }
    }
}
