//! The way from one host to another.
//!
//! A link has one direction. What is sent over it takes a time between two bounds, which chance chooses for each
//! packet, and more if the link is slow. A packet may be lost; while the link is broken each is. Both ends
//! of a connection do what TCP does then: they send it again.

use std::time::Duration;

use crate::base::chance::{Bounds, Chance};

/// The way from one host to another.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// How long a packet takes, at least and at most.
    pub(crate) latency: Bounds,
    /// Bytes a second; `None`: no bound.
    pub(crate) bandwidth: Option<u64>,
    /// How many packets of a million are lost.
    pub(crate) lost: u32,
    /// How much longer a packet takes, by faults.
    pub(crate) slower: Duration,
    /// Until when it sends what it was given.
    busy: Duration,
    /// Nothing gets through, by a partition.
    pub(crate) broken: bool,
    /// Nothing gets through, by so many faults.
    pub(crate) faults: u32,
}

impl Default for Link {
    /// What a data centre has: up to a millisecond, nothing lost.
    fn default() -> Link {
        Link {
            latency: Bounds::new(Duration::from_micros(100), Duration::from_millis(1)),
            bandwidth: None,
            lost: 0,
            slower: Duration::ZERO,
            busy: Duration::ZERO,
            broken: false,
            faults: 0,
        }
    }
}

impl Link {
    /// Inside of a host.
    pub(super) fn loopback() -> Link {
        Link {
            latency: Bounds::new(Duration::ZERO, Duration::from_micros(20)),
            ..Link::default()
        }
    }

    /// How long a packet takes.
    pub(super) fn delay(&self, chance: &mut Chance) -> Duration {
        self.slower.saturating_add(chance.time(self.latency))
    }

    /// How long it takes from now until so many bytes are sent, after all that was given to the link before.
    pub(super) fn wait(&mut self, now: Duration, bytes: usize) -> Duration {
        let Some(a_second) = self.bandwidth else {
            return Duration::ZERO;
        };
        let takes = Duration::from_secs_f64(bytes as f64 / a_second.max(1) as f64);
        self.busy = self.busy.max(now) + takes;
        self.busy - now
    }

    /// Whether this packet gets through.
    pub(super) fn passes(&self, chance: &mut Chance) -> bool {
        self.is_whole() && !chance.is_in(self.lost)
    }

    /// Whether anything gets through.
    pub(super) fn is_whole(&self) -> bool {
        !self.broken && self.faults == 0
    }
}
