//! What a program did to a socket, and what came of it at another host: for the recordings of a simulation.
//!
//! While a host is recorded, all that it schedules in the network carries its deed: the host, and the number of the event
//! that tells of it, by which a reader of the recordings finds it. What such a happening schedules carries the
//! same deed. The event is the host's next one; where a socket is closed, it is the one before.

use super::current_id;
use super::deed::{Came, Deed, Recorded};
use super::endpoint::HostId;
use super::network::{Network, State};
use crate::machine::reactor::{News, source_of};
use crate::trace::Direction;

impl Network {
    /// This life of the host is recorded; `next` is asked for the number of its next event.
    pub(crate) fn record(&self, host: HostId, life: u32, next: impl Fn() -> u64 + 'static) {
        let recorded = Recorded {
            life,
            next: Box::new(next),
            came: Vec::new(),
        };
        self.state.borrow_mut().hosts[host].recorded = Some(recorded);
    }

    /// What became ready at this host since the last call, and why.
    pub(crate) fn take_came(&self, host: HostId) -> Vec<Came> {
        let recorded = &mut self.state.borrow_mut().hosts[host].recorded;
        let came = recorded.as_mut().map(|it| std::mem::take(&mut it.came));
        came.unwrap_or_default()
    }
}

impl State {
    /// Because of what is done now: the deed that is known, or that of the host that runs.
    pub(super) fn deed(&self) -> Option<Deed> {
        let of_running = || self.deed_of(current_id()?);
        self.because.or_else(of_running)
    }

    /// What this host does now.
    pub(super) fn deed_of(&self, host: HostId) -> Option<Deed> {
        let recorded = self.hosts[host].recorded.as_ref()?;
        Some(Deed {
            host,
            life: recorded.life,
            seq: (recorded.next)(),
            at: self.now,
            is_end: false,
        })
    }

    /// Has a program end the writing direction of a connection. No event tells of that.
    pub(super) fn ending(&mut self, end: impl FnOnce(&mut State)) {
        let deed = self.deed().map(|deed| Deed {
            is_end: true,
            ..deed
        });
        let before = std::mem::replace(&mut self.because, deed);
        end(self);
        self.because = before;
    }

    /// Has a program's socket close itself. What comes of it is because of the event before: a source is dropped
    /// before its socket is closed.
    pub(super) fn closing(&mut self, close: impl FnOnce(&mut State)) {
        self.because = self.deed().map(|deed| Deed {
            seq: deed.seq.saturating_sub(1),
            ..deed
        });
        close(self);
        self.because = None;
    }

    /// Notes that a host is told something, because of the present deed.
    pub(super) fn note_came(&mut self, host: HostId, news: News) {
        let (Some(from), Some(recorded)) = (self.because, &mut self.hosts[host].recorded) else {
            return;
        };
        let (seq, source) = ((recorded.next)(), source_of(news.token));
        let read = (news.read || news.read_end).then_some(Direction::Read);
        let write = (news.write || news.write_end).then_some(Direction::Write);
        let directions = read.into_iter().chain(write);
        recorded.came.extend(directions.map(|direction| Came {
            seq,
            source,
            direction,
            from,
        }));
    }
}
