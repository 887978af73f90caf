//! What can be set while a simulation stands: for tests that are given one, and for a network that changes.

use std::time::Duration;

use super::Sim;
use super::parts::of_a_million;

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
        assert!(
            least <= most,
            "the least latency is more than the most: {least:?}, {most:?}"
        );
        self.network
            .change_usual(|link| link.latency = (least, most));
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
