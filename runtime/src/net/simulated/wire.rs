//! Bytes on their way from one end of a connection to the other.
//!
//! A write goes on the wire in segments. The first one arrives when its time has come; if the link loses
//! it, it is sent again later, and holds up all that is behind it, as in TCP. What the other program has read
//! makes room for more.
//!
//! Chance cuts some writes short, and cuts what was written into segments. A read is never short by
//! chance: that a short read proves that nothing is left is true of TCP, and the reactor builds on it
//! (`machine/reactor/source.rs`). For a write that is short, the reactor is told when it may be tried again.

use std::io;
use std::time::Duration;

use super::endpoint::{BUFFER, Id, Segment, Stage, What, gone};
use super::network::{Happening, State};
use crate::base::os_error::os_error;
use crate::machine::reactor::News;

/// A segment is sent again so often. After one more pause the connection is given up; as Linux does.
pub(super) const TRIES: u32 = 15;

/// How long an end waits before it sends a lost segment again, at first and at most.
pub(super) const AGAIN: (Duration, Duration) =
    (Duration::from_millis(200), Duration::from_secs(120));

/// How long a segment waits that has overtaken the answer to the request for its connection.
const EARLY: Duration = Duration::from_millis(1);

impl State {
    /// Takes what has arrived; `peek`: leaves it there.
    pub(super) fn read(
        &mut self,
        id: Id,
        buffers: &mut [io::IoSliceMut<'_>],
        peek: bool,
    ) -> io::Result<usize> {
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        if buffers.iter().all(|buffer| buffer.is_empty()) {
            return Ok(0);
        }
        let moved = end.copy_to(buffers);
        if moved == 0 {
            return end.nothing_to_read();
        }
        if self.would_block_oddly(id) {
            return Err(os_error(io::ErrorKind::WouldBlock));
        }
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        if !peek {
            end.received.drain(..moved);
            let (host, other, other_host) = (end.host, end.other, end.other_host);
            if let Some(other) = other {
                let delay = self.delay(host, other_host);
                self.later(delay, Happening::Taken(other, moved));
            }
        }
        Ok(moved)
    }

    /// Puts as much on the wire as there is room for, or as chance allows.
    pub(super) fn write(&mut self, id: Id, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.ends.get_mut(&id).ok_or_else(gone)?.may_write()?;
        let offered: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        if offered == 0 {
            return Ok(0);
        }
        let has_room = self.ends.get(&id).is_some_and(|end| end.unread < BUFFER);
        if has_room && self.would_block_oddly(id) {
            return Err(os_error(io::ErrorKind::WouldBlock));
        }
        let len = self.accepted(id, offered)?;
        let mut data = gathered(buffers, len);
        // Where one write ends and the next begins is not to be seen at the other end.
        if len > 1 && self.chance.one_in(4) {
            let rest = data.split_off(self.chance.less_than(len));
            self.send(id, What::Data(data));
            data = rest;
        }
        self.send(id, What::Data(data));
        Ok(len)
    }

    /// Whether an odd system says that it would block although it would not. It tells soon what is so.
    fn would_block_oddly(&mut self, id: Id) -> bool {
        let odd = self.is_odd();
        if odd {
            let after = Duration::from_nanos(self.chance.below(1_000_000));
            self.later(after, Happening::Ready(id));
        }
        odd
    }

    /// Tells the reactor all that is so of this end.
    pub(super) fn tell_all(&mut self, id: Id) {
        if let Some(end) = self.ends.get(&id) {
            let (host, token, ready) = (end.host, end.token, end.ready());
            self.note(host, token, ready);
        }
    }

    /// How many of the bytes that a write offers are taken.
    fn accepted(&mut self, id: Id, offered: usize) -> io::Result<usize> {
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        let room = BUFFER.saturating_sub(end.unread);
        let mut len = room.min(offered);
        if len < offered {
            self.wait_for_room(id);
        } else if len > 1 && self.chance.one_in(8) {
            len = self.chance.less_than(len);
            let after = Duration::from_nanos(self.chance.below(1_000_000));
            self.later(after, Happening::Writable(id));
        }
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        end.unread += len;
        match len {
            0 => Err(os_error(io::ErrorKind::WouldBlock)),
            len => Ok(len),
        }
    }

    /// The writer is told when there is room. As long as it waits, the other end is asked whether it is still there
    /// (RFC 9293, section 3.8.6.1), for nothing that it sends would tell.
    fn wait_for_room(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.wants_room = true;
        if !std::mem::replace(&mut end.probing, true) {
            self.later(AGAIN.0, Happening::Probe(id));
        }
    }

    /// Asks the other end whether it is still there.
    pub(super) fn probe(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        if !end.wants_room || end.stage != Stage::Open {
            (end.probing, end.probes) = (false, 0);
            return;
        }
        if end.probes > TRIES {
            return self.fail(id, io::ErrorKind::TimedOut);
        }
        let (host, other_host, other) = (end.host, end.other_host, end.other);
        let arrives = self.passes(host, other_host);
        if arrives && !self.is_there(other) {
            return self.later_refused(id);
        }
        let is_heard = arrives && self.hears(id);
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.probes = if is_heard { 0 } else { end.probes + 1 };
        let after = backoff(end.probes);
        self.later(after, Happening::Probe(id));
    }

    /// Whether the end of this number takes what is sent to it.
    pub(super) fn is_there(&self, other: Option<Id>) -> bool {
        let end = other.and_then(|other| self.ends.get(&other));
        end.is_some_and(|end| !end.dropped && end.stage != Stage::Gone)
    }

    /// Puts something on the wire of this end.
    pub(super) fn send(&mut self, id: Id, what: What) {
        let Some(end) = self.ends.get(&id) else {
            return;
        };
        let (host, other_host) = (end.host, end.other_host);
        let len = match &what {
            What::Data(data) => data.len(),
            _ => 0,
        };
        let (now, least) = (self.now, self.travel(host, other_host, len));
        let from = self.deed();
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        let arrives = end.arrives.max(now + least);
        end.arrives = arrives;
        end.wire.push_back(Segment {
            arrives,
            what,
            from,
        });
        if end.wire.len() == 1 {
            let round = end.round;
            self.later(arrives.saturating_sub(now), Happening::Arrive(id, round));
        }
    }

    /// The first segment of the wire arrives, or is lost. `round`: another wire has begun since, if it is not
    /// the end's.
    pub(super) fn arrive(&mut self, id: Id, round: u32) {
        let Some(end) = self.ends.get(&id).filter(|end| end.round == round) else {
            return;
        };
        if end.lost > TRIES {
            return self.give_up(id);
        }
        if end.wire.is_empty() {
            return self.forget_if_over(id);
        }
        let other = end.other.and_then(|other| self.ends.get(&other));
        if other.is_some_and(|other| other.stage == Stage::Connecting) {
            // It overtakes the answer to the request for the connection.
            return self.later(EARLY, Happening::Arrive(id, round));
        }
        let (host, other_host) = (end.host, end.other_host);
        let passes = self.passes(host, other_host);
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        // No end sends a reset again.
        let lost = !passes && !end.wire.front().is_some_and(Segment::is_reset);
        if lost {
            return self.send_again(id);
        }
        end.lost = 0;
        let (first, other) = (end.wire.pop_front(), end.other);
        if let Some(next) = end.wire.front() {
            let after = next.arrives.saturating_sub(self.now);
            self.later(after, Happening::Arrive(id, round));
        }
        if let Some(Segment { what, from, .. }) = first.filter(|_| passes) {
            self.because = from;
            self.deliver(id, other, what);
            self.acknowledge(id);
        }
        self.forget_if_over(id);
    }

    fn send_again(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.lost += 1;
        let (lost, round) = (end.lost, end.round);
        self.later(backoff(lost), Happening::Arrive(id, round));
    }

    pub(super) fn give_up(&mut self, id: Id) {
        if let Some(end) = self.ends.get_mut(&id) {
            end.wire.clear();
        }
        self.fail(id, io::ErrorKind::TimedOut);
        self.forget_if_over(id);
    }

    fn deliver(&mut self, from: Id, other: Option<Id>, what: What) {
        if !self.is_there(other) {
            return self.refuse(from, other, &what);
        }
        let Some(end) = other.and_then(|other| self.ends.get_mut(&other)) else {
            return;
        };
        let news = match what {
            What::Data(data) => {
                end.received.extend(data);
                News::READ
            }
            What::End => {
                (end.end_received, end.other_ended) = (true, true);
                News::READ_END
            }
            What::Reset => {
                return self.fail(other.unwrap_or(from), io::ErrorKind::ConnectionReset);
            }
        };
        if end.token.is_none() {
            end.early = self.because;
        }
        let (host, token) = (end.host, end.token);
        self.note(host, token, news);
    }

    /// Something came for an end that takes nothing: it answers by a reset, unless both programs have ended the
    /// connection.
    fn refuse(&mut self, from: Id, other: Option<Id>, what: &What) {
        let Some(end) = self.ends.get(&from) else {
            return;
        };
        let other = other.and_then(|other| self.ends.get(&other));
        let was_closed = end.end_received || other.is_some_and(|other| other.stage == Stage::Open);
        match what {
            What::Data(_) => self.later_refused(from),
            What::End if !was_closed => self.later_refused(from),
            What::End | What::Reset => {}
        }
    }

    pub(super) fn later_refused(&mut self, id: Id) {
        if let Some(end) = self.ends.get(&id) {
            let delay = self.delay(end.other_host, end.host);
            self.later(delay, Happening::Refused(id));
        }
    }

    pub(super) fn taken(&mut self, id: Id, bytes: usize) {
        let Some(end) = self.ends.get(&id).filter(|end| end.stage == Stage::Open) else {
            return;
        };
        let (host, other_host) = (end.host, end.other_host);
        if !self.passes(other_host, host) {
            return self.later(AGAIN.0, Happening::Taken(id, bytes));
        }
        if let Some(end) = self.ends.get_mut(&id) {
            end.unread = end.unread.saturating_sub(bytes);
            // What was heard of the other end answers the probes, too.
            end.probes = 0;
            if std::mem::take(&mut end.wants_room) {
                self.writable(id);
            }
        }
    }

    pub(super) fn writable(&mut self, id: Id) {
        if let Some(end) = self.ends.get(&id) {
            let (host, token) = (end.host, end.token);
            self.note(host, token, News::WRITE);
        }
    }
}

/// How long to wait after so many attempts.
pub(super) fn backoff(attempts: u32) -> Duration {
    AGAIN
        .0
        .saturating_mul(1 << attempts.saturating_sub(1))
        .min(AGAIN.1)
}

/// The first bytes of several buffers.
fn gathered(buffers: &[io::IoSlice<'_>], len: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(len);
    for buffer in buffers {
        let room = (len - data.len()).min(buffer.len());
        data.extend_from_slice(&buffer[..room]);
    }
    data
}
