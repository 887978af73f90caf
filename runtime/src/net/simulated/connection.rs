//! How TCP connections begin and end in the network.
//!
//! ```text
//! Connecting ── Knock arrives, a listener has room: the other end is made ──► Answer ──► Open
//!          └─── no listener: refused;  no room, or lost: again after 1, 2, 4, ... s
//! Open ─────── wire.rs: what is written arrives at the other end, in order
//!    └──────── Gone: reset by the other end, or given up after too many attempts
//! ```
//!
//! An end that its program has dropped lives on until its wire is empty. What arrives for it, or for an end that
//! is no more, is answered by a reset. A host that crashes resets what it had open; a reset that is lost is
//! not sent again, so the other end hears of it when it sends something.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::Token;

use super::addresses::to_loopback;
use super::endpoint::{End, HostId, Id, Segment, Stage, What, gone};
use super::network::{Happening, State};
use crate::base::os_error::{os_error, too_many_files};
use crate::machine::reactor::News;

/// A request for a connection is sent again so often, after 1, 2, 4, ... seconds. After one more pause it is given up; as
/// Linux does.
const KNOCKS: u32 = 6;

impl State {
    /// Begins to connect.
    pub(super) fn connect(
        &mut self,
        host: HostId,
        from: Option<SocketAddr>,
        to: SocketAddr,
    ) -> io::Result<Id> {
        if self.is_odd() {
            return Err(too_many_files());
        }
        let Some(other) = self.host_at(host, to.ip()) else {
            return Err(io::Error::new(
                io::ErrorKind::NetworkUnreachable,
                format!("no host of this simulation has the address {}", to.ip()),
            ));
        };
        let to = SocketAddr::new(to_loopback(to.ip()), to.port());
        let any = SocketAddr::new(self.source(host, to.ip()), 0);
        let from = match from {
            Some(from) if from.ip().is_unspecified() => SocketAddr::new(any.ip(), from.port()),
            Some(from) => from,
            None => any,
        };
        let is_used = |state: &State, local| {
            let mut ends = state.ends.values();
            ends.any(|end| end.host == host && end.local == local && end.remote == to)
        };
        let local = self.bound(host, from, is_used)?;
        let id = self.number();
        let end = End::new((host, local), (other, to), Stage::Connecting);
        self.ends.insert(id, end);
        let delay = self.delay(host, other);
        self.later(delay, Happening::Knock(id));
        Ok(id)
    }

    /// The request for a connection arrives.
    pub(super) fn knock(&mut self, id: Id) {
        let Some(end) = self.ends.get(&id) else {
            return;
        };
        if end.lost > KNOCKS {
            return self.fail(id, io::ErrorKind::TimedOut);
        }
        let (host, other, to, from) = (end.host, end.other_host, end.remote, end.local);
        let got_through = self.passes(host, other);
        let answer = match got_through {
            true => self.open(id, other, to, from),
            false => None,
        };
        match answer {
            Some(answer) => {
                if let Some(end) = self.ends.get_mut(&id) {
                    end.lost = 0;
                }
                let delay = self.delay(other, host);
                self.later(delay, Happening::Answer(id, answer));
            }
            None => self.knock_again(id),
        }
    }

    fn knock_again(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.lost += 1;
        let after = pause(end.lost);
        self.later(after, Happening::Knock(id));
    }

    pub(super) fn answer(&mut self, id: Id, answer: Result<Id, io::ErrorKind>) {
        let Some(end) = self.ends.get(&id) else {
            // The program has given up meanwhile.
            if let Ok(other) = answer {
                self.fail(other, io::ErrorKind::ConnectionReset);
            }
            return;
        };
        if end.lost > KNOCKS {
            return self.give_up_answer(id, answer);
        }
        let (host, other_host) = (end.host, end.other_host);
        if !self.passes(other_host, host) {
            return self.answer_again(id, answer);
        }
        match answer {
            Err(kind) => self.fail(id, kind),
            Ok(other) => {
                let Some(end) = self.ends.get_mut(&id) else {
                    return;
                };
                if end.stage == Stage::Connecting {
                    (end.stage, end.other, end.lost) = (Stage::Open, Some(other), 0);
                    let token = end.token;
                    self.note(host, token, News::WRITE);
                }
            }
        }
    }

    fn answer_again(&mut self, id: Id, answer: Result<Id, io::ErrorKind>) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.lost += 1;
        let after = pause(end.lost);
        self.later(after, Happening::Answer(id, answer));
    }

    fn give_up_answer(&mut self, id: Id, answer: Result<Id, io::ErrorKind>) {
        self.fail(id, io::ErrorKind::TimedOut);
        if let Ok(other) = answer {
            self.fail(other, io::ErrorKind::TimedOut);
        }
    }

    pub(super) fn register_end(&mut self, id: Id, token: Option<Token>) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        end.token = token;
        let (host, ready) = (end.host, end.ready());
        if ready != News::NOTHING {
            self.because = end.early.take();
            self.note(host, token, ready);
            self.because = None;
        }
    }

    /// The address of the other end, while the connection stands: until both ends have heard of each other's end.
    pub(super) fn peer_addr(&self, id: Id) -> io::Result<SocketAddr> {
        let end = self.ends.get(&id).ok_or_else(gone)?;
        match end.stage == Stage::Open && !self.is_over(end) {
            true => Ok(end.remote),
            false => Err(os_error(io::ErrorKind::NotConnected)),
        }
    }

    fn is_over(&self, end: &End) -> bool {
        let other = end.other.and_then(|other| self.ends.get(&other));
        end.end_sent && end.other_ended && other.is_none_or(|other| other.other_ended)
    }

    /// Ends the writing direction.
    pub(super) fn end_writing(&mut self, id: Id) -> io::Result<()> {
        self.peer_addr(id)?;
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        if !std::mem::replace(&mut end.end_sent, true) {
            self.ending(|state| state.send(id, What::End));
        }
        Ok(())
    }

    /// Ends the reading direction: a read finds the end when it has taken what is there.
    pub(super) fn end_reading(&mut self, id: Id) -> io::Result<()> {
        self.peer_addr(id)?;
        let end = self.ends.get_mut(&id).ok_or_else(gone)?;
        end.end_received = true;
        let (host, token) = (end.host, end.token);
        self.note(host, token, News::READ_END);
        Ok(())
    }

    /// The program has dropped the socket. `reset`: it wants the connection to be reset.
    pub(super) fn close(&mut self, id: Id, reset: bool) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        if end.dropped {
            return;
        }
        if end.stage != Stage::Open {
            self.ends.remove(&id);
            return;
        }
        if reset || !end.received.is_empty() {
            return self.reset(id);
        }
        (end.dropped, end.token) = (true, None);
        match std::mem::replace(&mut end.end_sent, true) {
            true => self.forget_if_over(id),
            false => self.send(id, What::End),
        }
    }

    /// Drops the end, and has the other one hear of a reset.
    pub(super) fn reset(&mut self, id: Id) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        let was_open = end.stage == Stage::Open && !end.wire.iter().any(Segment::is_reset);
        (end.dropped, end.token, end.stage) = (true, None, Stage::Gone);
        if !was_open {
            self.ends.remove(&id);
            return;
        }
        // What was on its way is overtaken.
        end.wire.clear();
        (end.round, end.arrives, end.lost) = (end.round + 1, self.now, 0);
        self.send(id, What::Reset);
    }

    pub(super) fn reset_all(&mut self, host: HostId) {
        let of_host = self.listeners.iter().filter(|(_, it)| it.host == host);
        for id in of_host.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.stop_listening(id);
        }
        let of_host = self.ends.iter().filter(|(_, end)| end.host == host);
        for id in of_host.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.reset(id);
        }
    }

    /// The connection is gone; the program's next call is told why.
    pub(super) fn fail(&mut self, id: Id, kind: io::ErrorKind) {
        let Some(end) = self.ends.get_mut(&id) else {
            return;
        };
        if end.dropped {
            self.ends.remove(&id);
            return;
        }
        if end.stage == Stage::Gone {
            return;
        }
        // To a program that knows of the other's end, a reset says that what it sends goes nowhere (Linux: EPIPE).
        let kind = match kind {
            io::ErrorKind::ConnectionReset if end.end_received => io::ErrorKind::BrokenPipe,
            kind => kind,
        };
        (end.stage, end.error) = (Stage::Gone, Some(kind));
        end.wire.clear();
        let (host, token) = (end.host, end.token);
        self.note(host, token, News::ENDED);
    }

    pub(super) fn forget_if_over(&mut self, id: Id) {
        let is_over = |end: &End| end.dropped && end.wire.is_empty();
        if self.ends.get(&id).is_some_and(is_over) {
            self.ends.remove(&id);
        }
    }

    pub(super) fn take_error(&mut self, id: Id) -> Option<io::Error> {
        let end = self.ends.get_mut(&id)?;
        end.error.take().map(os_error)
    }
}

/// How long is waited after the request or its answer was lost so often.
fn pause(lost: u32) -> Duration {
    Duration::from_secs(1 << (lost - 1))
}
