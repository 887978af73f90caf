//! What can be set while a simulation stands: for tests that are given one, and for a network that changes.

use std::time::Duration;

use super::change::change_links;
use super::{Sim, Unsynced};
use crate::base::chance::Bounds;
use crate::base::odd::of_a_million;
use crate::fs::simulated::Settings;

impl Sim {
    /// As [`Builder::simulation_duration`](super::Builder::simulation_duration).
    pub fn set_simulation_duration(&mut self, limit: Duration) {
        self.settings.limit = limit;
    }

    /// Between which bounds a packet between any two hosts takes its time, from now on: see
    /// [`Builder::max_message_latency`](super::Builder::max_message_latency).
    ///
    /// # Panics
    ///
    /// If `least` is more than `most`.
    #[track_caller]
    pub fn set_message_latency(&mut self, least: Duration, most: Duration) {
        let bounds = Bounds::new(least, most);
        self.network.change_usual(|link| link.latency = bounds);
    }

    /// As [`Builder::message_loss`](super::Builder::message_loss), from now on.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    #[track_caller]
    pub fn set_message_loss(&mut self, part: f64) {
        let lost = of_a_million(part, "set_message_loss");
        self.network.change_usual(|link| link.lost = lost);
    }

    /// How long a packet between these two hosts takes, from now on, in either direction. (A later
    /// [`set_message_latency`](Sim::set_message_latency) is for all hosts, these included.)
    ///
    /// ```
    /// use runtime::sim::Builder;
    /// use runtime::time::{Duration, Instant};
    ///
    /// let mut sim = Builder::new().build();
    /// sim.host("far", || async {
    ///     let listener = runtime::net::TcpListener::bind("0.0.0.0:80").await?;
    ///     loop {
    ///         listener.accept().await?;
    ///     }
    /// });
    /// sim.client("near", async {
    ///     let begin = Instant::now();
    ///     runtime::net::TcpStream::connect("far:80").await?;
    ///     assert_eq!(begin.elapsed(), Duration::from_millis(300), "there and back");
    ///     Ok(())
    /// });
    /// sim.set_link_latency("near", "far", Duration::from_millis(150));
    /// sim.run()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn set_link_latency(&mut self, one: &str, other: &str, latency: Duration) {
        let bounds = Bounds::new(latency, latency);
        change_links(&self.network, one, other, |link| link.latency = bounds);
    }

    /// How long a packet between these two hosts takes at most, from now on, in either direction. The least stays, or shrinks
    /// with it.
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn set_link_max_message_latency(&mut self, one: &str, other: &str, most: Duration) {
        change_links(&self.network, one, other, |link| {
            link.latency.set_most(most);
        });
    }

    /// Which part of the packets between these two hosts is lost, from now on, in either direction: a number from 0 to 1.
    ///
    /// # Panics
    ///
    /// If it is none, or there is no host of one of the names.
    #[track_caller]
    pub fn set_link_fail_rate(&mut self, one: &str, other: &str, part: f64) {
        let lost = of_a_million(part, "set_link_fail_rate");
        change_links(&self.network, one, other, |link| link.lost = lost);
    }

    /// As [`Builder::bandwidth`](super::Builder::bandwidth), from now on; `None`: there is no bound.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn set_bandwidth(&mut self, bytes_a_second: Option<u64>) {
        assert!(
            bytes_a_second != Some(0),
            "set_bandwidth must be greater than 0"
        );
        self.network
            .change_usual(|link| link.bandwidth = bytes_a_second);
    }

    /// Between which bounds a call of [`fs`](crate::fs) takes its time, from now on: see
    /// [`Builder::max_disk_latency`](super::Builder::max_disk_latency).
    ///
    /// # Panics
    ///
    /// If `least` is more than `most`.
    #[track_caller]
    pub fn set_disk_latency(&mut self, least: Duration, most: Duration) {
        let bounds = Bounds::new(least, most);
        self.change_disks(|disk| disk.latency = bounds);
    }

    /// As [`Builder::unsynced`](super::Builder::unsynced), from now on.
    pub fn set_unsynced(&mut self, fate: Unsynced) {
        self.change_disks(|disk| disk.unsynced = fate);
    }

    /// How many bytes the files of a host may have together, from now on. A write beyond that is done as far as there is
    /// room, and fails with `StorageFull`. `None`, as it is if it is not set: there is no bound but the memory, and a gigabyte a
    /// file.
    pub fn set_disk_capacity(&mut self, bytes: Option<u64>) {
        self.change_disks(|disk| disk.capacity = bytes);
    }

    /// Which part of the calls of [`fs`](crate::fs) fail from now on, as those of a disk that is broken (`EIO`). After a
    /// sync that failed, the system has forgotten what it had not written: programs read it, another sync succeeds,
    /// and a crash loses it. None, if it is not set.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    #[track_caller]
    pub fn set_disk_errors(&mut self, part: f64) {
        let broken = of_a_million(part, "set_disk_errors");
        self.change_disks(|disk| disk.broken = broken);
    }

    fn change_disks(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings.disk);
        for host in &self.hosts {
            host.disk.set(&self.settings.disk);
        }
    }

    /// Which part of the calls the hosts' systems answer in a way that is unusual and legal: "would block" although
    /// it would not, and soon after news that it does not; news that come late, or of what is not so; no
    /// descriptors left (`EMFILE`) for a connection, made or accepted; a client that has given up
    /// before it was accepted (`ECONNABORTED`). None, if it is not set.
    ///
    /// # Panics
    ///
    /// If it is not a number from 0 to 1.
    ///
    /// ```
    /// runtime::sim::seeds(0..10, |sim| {
    ///     sim.set_odd_answers(0.05);
    ///     // Add hosts, and run it.
    ///     Ok(())
    /// });
    /// ```
    #[track_caller]
    pub fn set_odd_answers(&mut self, part: f64) {
        self.network.set_odd(of_a_million(part, "set_odd_answers"));
    }
}
