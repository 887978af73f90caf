//! A job: one thing that must happen because of an order, some time after the order was accepted.
//!
//! | job | effect | how often |
//! |---|---|---|
//! | `process` | the order is `processing` | once: the effect and "it is done" are one transaction |
//! | `inventory` | the stock is less | once, likewise |
//! | `notify` | the customer hears of it | at least once: the world outside is in no transaction |
//!
//! Between a notification and the note that it was sent the process may be killed. Then it is sent again,
//! with the same key, and the receiver can tell ([`notifications`](super::notifications)).

use std::time::Duration;

use serde::Serialize;

use super::error::Error;
use super::order::Order;
use crate::lab::Backoff;
use crate::wall_clock;

/// After so many failures a job is a dead letter: it waits for a person.
pub(crate) const MOST_FAILURES: i64 = 5;

/// So often a job may have been left by a worker that died. A job that kills its worker must
/// have an end, too; but most of those that are left are innocent.
pub(crate) const MOST_LEFT: i64 = 10;

/// A job that a worker has claimed, with its order. It belongs to that worker until the lease ends.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    pub(crate) worker: String,
    /// How often it was claimed. It only grows, so a worker that comes late cannot pass for the
    /// one that has the job now.
    pub(crate) attempts: i64,
    pub(crate) failures: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Process,
    Inventory,
    Notify,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Process, Kind::Inventory, Kind::Notify];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Process => "process",
            Kind::Inventory => "inventory",
            Kind::Notify => "notify",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Error> {
        let found = Kind::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Error::Failed(format!("no job: {name}")))
    }
}

/// How long a job waits after a failure: twice as long each time, and up to half of that by chance, so
/// that jobs which failed together do not come back together.
const BACKOFF: Backoff = Backoff {
    attempts: MOST_FAILURES as u32,
    base: Duration::from_millis(200),
    longest: Duration::from_secs(30),
    jitter: 50,
};

/// How long a job waits after its so-manyth failure.
pub(crate) fn backoff(failures: i64) -> Duration {
    BACKOFF.pause(u32::try_from(failures).unwrap_or(u32::MAX))
}

/// Milliseconds since 1970. Machines that share a database should agree on it to within the lease. If they
/// do not, a job may be begun twice; it is still finished once.
pub(crate) fn now() -> i64 {
    i64::try_from(wall_clock::millis()).unwrap_or(i64::MAX)
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
