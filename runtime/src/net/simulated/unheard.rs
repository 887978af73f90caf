//! What has arrived although its sender does not hear so, because the way back is broken.
//!
//! TCP sends such a segment again, as one that is lost (`wire.rs`), and after as many attempts gives the connection up. The
//! other end has taken it the first time, and does not take it twice.

use std::io;

use super::endpoint::{Id, Stage};
use super::network::{Happening, State};
use super::wire::{TRIES, backoff};

impl State {
    /// A segment of this end has arrived, or an answer to it has not.
    pub(super) fn acknowledge(&mut self, id: Id) {
        let hears = self.hears(id);
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        if hears {
            end.unheard = 0;
        } else if end.unheard == 0 {
            end.unheard = 1;
            if !std::mem::replace(&mut end.repeating, true) {
                self.later(backoff(1), Happening::Repeat(id));
            }
        }
    }

    /// The end sends again what it has not heard to have arrived.
    pub(super) fn repeat(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        if end.unheard == 0 || end.stage != Stage::Open {
            (end.repeating, end.unheard) = (false, 0);
            return;
        }
        if end.unheard > TRIES {
            return self.give_up(id);
        }
        let (host, other_host, other, was_closed) =
            (end.host, end.other_host, end.other, end.other_ended);
        let arrives = self.passes(host, other_host);
        let is_heard = arrives && self.hears(id);
        let is_refused = arrives && !self.is_there(other) && !was_closed;
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.unheard = if is_heard { 0 } else { end.unheard + 1 };
        end.repeating = !is_heard;
        let after = backoff(end.unheard);
        if is_refused {
            self.later_refused(id);
        }
        if !is_heard {
            self.later(after, Happening::Repeat(id));
        }
    }

    /// The other end says that it takes nothing. If that is not heard, what it answers is sent again.
    pub(super) fn refused(&mut self, id: Id) {
        match self.hears(id) {
            true => self.fail(id, io::ErrorKind::ConnectionReset),
            false => self.acknowledge(id),
        }
    }

    /// Whether the way back to this end is whole.
    pub(super) fn hears(&mut self, id: Id) -> bool {
        let hosts = self.ends.get(&id).map(|end| (end.other_host, end.host));
        hosts.is_none_or(|(from, to)| self.link(from, to).is_whole())
    }
}
