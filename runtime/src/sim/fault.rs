//! What goes wrong in a simulation, and when.

use std::fmt;
use std::time::Duration;

/// Something that goes wrong at a moment, lasts for a time, and is over then.
///
/// Its text says all of it: `from 1.2s, for 300ms: nothing gets through between a and b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it begins, counted from the beginning of the simulation.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// What it is.
    pub what: Trouble,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing gets through between two hosts. TCP sends again what is lost meanwhile.
    Apart(String, String),
    /// Nothing gets through from the first host to the second; what the second sends does, and hears no answer.
    OneWay(String, String),
    /// The host's program dies, and is started again at the end: see [`Sim::crash`](super::Sim::crash).
    Down(String),
    /// The host's clock jumps forwards by so much, at the beginning, and stays ahead of the others' until the host
    /// is started anew.
    Ahead(String, Duration),
    /// Each packet between two hosts takes so much longer.
    Slow(String, String, Duration),
    /// The host's [time of day](super::since_epoch) goes back by so much at the beginning, and is right again at the end. Its
    /// timers and `Instant`s do not know of it.
    Behind(String, Duration),
    /// There is no room on the host's disk: files do not grow, as with [`set_disk_capacity`](super::Sim::set_disk_capacity).
    DiskFull(String),
    /// Each call of [`fs`](crate::fs) on the host fails, as with [`set_disk_errors`](super::Sim::set_disk_errors).
    DiskBroken(String),
    /// Each call of [`fs`](crate::fs) on the host takes so much longer.
    DiskSlow(String, Duration),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock that has jumped does not jump back.
        if let Trouble::Ahead(..) = self.what {
            return write!(f, "at {:?}: {}", self.at, self.what);
        }
        write!(f, "from {:?}, for {:?}: {}", self.at, self.lasts, self.what)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Apart(one, other) => {
                write!(f, "nothing gets through between {one} and {other}")
            }
            Trouble::OneWay(from, to) => write!(f, "nothing gets through from {from} to {to}"),
            Trouble::Down(host) => write!(f, "{host} is down"),
            Trouble::Ahead(host, by) => write!(f, "the clock of {host} jumps ahead by {by:?}"),
            Trouble::Slow(one, other, by) => {
                write!(f, "packets between {one} and {other} take {by:?} longer")
            }
            Trouble::Behind(host, by) => write!(f, "the time of day of {host} is {by:?} behind"),
            Trouble::DiskFull(host) => write!(f, "the disk of {host} is full"),
            Trouble::DiskBroken(host) => write!(f, "the disk of {host} fails"),
            Trouble::DiskSlow(host, by) => {
                write!(f, "the disk of {host} takes {by:?} longer for a call")
            }
        }
    }
}

/// The faults of a simulation, in the order of time, and how far they have come.
#[derive(Default)]
pub(super) struct Schedule {
    all: Vec<Fault>,
    /// What is still to come: the moment, the fault, and whether it ends then.
    moments: Vec<(Duration, usize, bool)>,
}

impl Schedule {
    pub(super) fn add(&mut self, fault: Fault) {
        let number = self.all.len();
        self.moments.push((fault.at, number, false));
        self.moments
            .push((fault.at.saturating_add(fault.lasts), number, true));
        self.moments.sort_unstable();
        self.all.push(fault);
    }

    pub(super) fn all(&self) -> &[Fault] {
        &self.all
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.moments.first().map(|&(at, ..)| at)
    }

    /// What begins or ends by now, the earliest; `None`: nothing more.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<Due> {
        let &(at, number, ends) = self.moments.first()?;
        (at <= now).then(|| {
            self.moments.remove(0);
            let trouble = self.all[number].what.clone();
            Due {
                number,
                trouble,
                begins: !ends,
            }
        })
    }
}

/// A trouble that begins or ends now, and its number among all faults.
pub(super) struct Due {
    pub(super) number: usize,
    pub(super) trouble: Trouble,
    pub(super) begins: bool,
}

impl Trouble {
    /// The hosts that it concerns.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        let (one, other) = match self {
            Trouble::Apart(one, other)
            | Trouble::OneWay(one, other)
            | Trouble::Slow(one, other, _) => (one, Some(other)),
            Trouble::Down(host)
            | Trouble::Ahead(host, _)
            | Trouble::Behind(host, _)
            | Trouble::DiskFull(host)
            | Trouble::DiskBroken(host)
            | Trouble::DiskSlow(host, _) => (host, None),
        };
        [Some(one), other].into_iter().flatten().map(String::as_str)
    }
}
