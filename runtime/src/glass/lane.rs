//! Where the events of a simulated host stand among those of the others.
//!
//! Each host of a simulation has a clock of its own, which begins when the host is started and may
//! jump ahead, and numbers of its own for its events. So a recording of a host says besides: when the
//! simulation ran the host, on the clock that all hosts share, and in which order; and what came from
//! sockets of the simulation. With that, the recordings of all hosts are one story. (Recordings of other programs have none
//! of it.)

use std::time::Duration;

use crate::trace::Direction;

/// Which host of a simulation a recording is of, and how its events lie on the simulation's clock; see
/// [`Recording::lane`](super::Recording::lane).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Lane {
    /// The name of the host.
    pub host: String,
    /// How often the host was started before.
    pub life: u32,
    /// The seed of the simulation; `None`: an older file does not have it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub seed: Option<u64>,
    /// When the simulation ran it, the earliest first.
    pub runs: Vec<Run>,
    /// What came to it from sockets of the simulation, the earliest first.
    #[cfg_attr(feature = "serde", serde(default))]
    pub arrivals: Vec<Arrival>,
    /// When it crashed, if it did; no event has this number.
    #[cfg_attr(feature = "serde", serde(default))]
    pub crash: Option<Run>,
}

/// The simulation begins to run a host. All events of the host from this one on, up to its next run, happen one
/// after the other, and no event of another host happens between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Run {
    /// The number of the host's first event in it.
    pub seq: u64,
    /// The run's place among the runs of all hosts.
    pub order: u64,
    /// The simulated time.
    pub at: Duration,
}

/// Something that a host was told by the simulated network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Arrival {
    /// The number of the host's first event after it.
    pub seq: u64,
    /// The host's source that it is for.
    pub source: u64,
    /// Which side of the source it makes ready.
    pub direction: Direction,
    /// The deed that sent it.
    pub from: Deed,
}

/// What a program did to a socket of the simulation, and so sent something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Deed {
    /// The name of the host.
    pub host: String,
    /// How often that host had been started before.
    pub life: u32,
    /// The number of that host's event that tells of it. If the deed is a crash, no event has it.
    pub seq: u64,
    /// The simulated time.
    pub at: Duration,
    /// The deed ended the writing direction of a connection. No event tells of that; `seq` is the number of the event that
    /// came next.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_end: bool,
}

impl Lane {
    /// The place of an event among those of all hosts: the order of its run, and the simulated time of that. `None`
    /// for an event from before the first run that is known.
    ///
    /// ```
    /// use runtime::trace::{Lane, Run};
    ///
    /// let (mut lane, mut run) = (Lane::default(), Run::default());
    /// run.seq = 10;
    /// lane.runs.push(run);
    /// assert_eq!(lane.run_of(12), Some(run));
    /// assert_eq!(lane.run_of(9), None);
    /// ```
    pub fn run_of(&self, seq: u64) -> Option<Run> {
        let after = self.runs.partition_point(|run| run.seq <= seq);
        after.checked_sub(1).map(|index| self.runs[index])
    }

    /// Forgets all that lies before the event of this number.
    #[cfg(feature = "sim")]
    pub(crate) fn forget_before(&mut self, seq: u64) {
        let first = self.runs.partition_point(|run| run.seq <= seq);
        self.runs.drain(..first.saturating_sub(1));
        let first = self.arrivals.partition_point(|arrival| arrival.seq < seq);
        self.arrivals.drain(..first);
    }
}
