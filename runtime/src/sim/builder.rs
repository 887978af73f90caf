//! How a simulation is put together.

use std::time::Duration;

use crate::base::odd::of_a_million;
use crate::fs::simulated::{Settings, Unsynced};
use crate::net::simulated::Link;

/// Settings of a [`Sim`](super::Sim). The names are those of the crate turmoil, where it has the thing.
///
/// ```
/// use runtime::time::Duration;
///
/// let sim = runtime::sim::Builder::new()
///     .rng_seed(7)
///     .min_message_latency(Duration::from_millis(5))
///     .max_message_latency(Duration::from_millis(50))
///     .message_loss(0.01)
///     .simulation_duration(Duration::from_secs(3600))
///     .build();
/// assert_eq!(sim.elapsed(), Duration::ZERO);
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    pub(super) seed: u64,
    pub(super) limit: Duration,
    pub(super) link: Link,
    pub(super) disk: Settings,
    /// How many events of each host are recorded.
    pub(super) record: Option<usize>,
    /// Which of the faults happen, by the order in which they are planned; `None`: all.
    pub(super) only: Option<Vec<usize>>,
}

impl Builder {
    /// Seed 0; an hour; packets and calls of a disk that take 0.1 to 1 ms; no loss.
    #[must_use]
    pub fn new() -> Builder {
        Builder {
            seed: 0,
            limit: Duration::from_secs(3600),
            link: Link::default(),
            disk: Settings::default(),
            record: None,
            only: None,
        }
    }

    /// All chance of the simulation comes from this number.
    pub fn rng_seed(&mut self, seed: u64) -> &mut Builder {
        self.seed = seed;
        self
    }

    /// How much simulated time may pass before [`Sim::run`](super::Sim::run) fails. An hour, if it is not set.
    pub fn simulation_duration(&mut self, limit: Duration) -> &mut Builder {
        self.limit = limit;
        self
    }

    /// How long a packet between two hosts takes at least. 0.1 ms, if it is not set. If it is more than the
    /// most, the most becomes the same.
    pub fn min_message_latency(&mut self, latency: Duration) -> &mut Builder {
        self.link.latency.set_least(latency);
        self
    }

    /// How long a packet between two hosts takes at most. 1 ms, if it is not set. If it is less than the
    /// least, the least becomes the same.
    pub fn max_message_latency(&mut self, latency: Duration) -> &mut Builder {
        self.link.latency.set_most(latency);
        self
    }

    /// Which part of the packets between two hosts is lost, from 0 to 1. None, if it is not set.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    #[track_caller]
    pub fn message_loss(&mut self, part: f64) -> &mut Builder {
        self.link.lost = of_a_million(part, "message_loss");
        self
    }

    /// How many bytes a second go from one host to another. There is no bound, if it is not set.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn bandwidth(&mut self, bytes_a_second: u64) -> &mut Builder {
        assert!(bytes_a_second > 0, "bandwidth must be greater than 0");
        self.link.bandwidth = Some(bytes_a_second);
        self
    }

    /// How long a call of [`fs`](crate::fs) takes at least. 0.1 ms, if it is not set. If it is more than the most, the
    /// most becomes the same.
    pub fn min_disk_latency(&mut self, latency: Duration) -> &mut Builder {
        self.disk.latency.set_least(latency);
        self
    }

    /// How long a call of [`fs`](crate::fs) takes at most. 1 ms, if it is not set. If it is less than the least, the
    /// least becomes the same.
    pub fn max_disk_latency(&mut self, latency: Duration) -> &mut Builder {
        self.disk.latency.set_most(latency);
        self
    }

    /// What becomes of that which was not synced, when a host crashes. Chance decides, if it is not set.
    pub fn unsynced(&mut self, fate: Unsynced) -> &mut Builder {
        self.disk.unsynced = fate;
        self
    }

    /// Records the last events of each host: see [`Sim::recordings`](super::Sim::recordings). Nothing is recorded, if it is not set.
    pub fn record(&mut self, events: usize) -> &mut Builder {
        self.record = Some(events);
        self
    }
}

impl Default for Builder {
    /// As [`Builder::new`].
    fn default() -> Builder {
        Builder::new()
    }
}
