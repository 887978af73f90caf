//! Rounds that take turns, and medians: how a ratio is measured.
//!
//! A machine gets warmer, a neighbour starts a build, the clock rate changes: over seconds,
//! everything drifts. To measure all of A and then all of B is to compare two times of day. So
//! the contenders take turns in short rounds (A B C, B C A, C A B, ...), each round beginning with
//! another. The ratio that counts is the median of the ratios of each round of Treadle's to the round
//! of Tokio's in the same turn: one disturbed round changes nothing, and neither does an hour in which
//! everything becomes slower. One round before all others warms caches and branch predictors and is thrown away.
//!
//! What it does not catch: a disturbance of one contender that lasts through most of the rounds. The
//! spread (a quarter of the rounds lie above it, a quarter below) is printed with `--spread` for
//! that, of each contender's rounds and of the ratios.

use crate::kit::work::Bench;

/// How often to measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// A run that only shows that everything works: one round, few operations.
    pub(super) smoke: bool,
}

impl Effort {
    pub(super) fn rounds(self, rounds: usize) -> usize {
        if self.smoke { 1 } else { rounds }
    }

    pub(super) fn operations(self, operations: u64) -> u64 {
        if self.smoke {
            (operations / 1_000).max(10)
        } else {
            operations
        }
    }
}

/// The rounds of one contender, in one unit, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    /// The median, or nothing if there was no round.
    pub(super) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// How far apart the quarters lie, relative to the median.
    pub(super) fn spread(&self) -> f64 {
        match (self.quantile(0.25), self.median(), self.quantile(0.75)) {
            (Some(low), Some(middle), Some(high)) if middle > 0.0 => (high - low) / middle,
            _ => 0.0,
        }
    }

    fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        Some(self.0[(last as f64 * q).round() as usize])
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        let mut sorted: Vec<f64> = samples.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }
}

/// Runs every bench `rounds` times, in turns; nanoseconds for one operation, round by round.
pub(super) fn in_turns(benches: &mut [Bench], rounds: usize, operations: u64) -> Vec<Vec<f64>> {
    for bench in benches.iter_mut() {
        bench(operations);
    }
    let mut taken = vec![Vec::new(); benches.len()];
    for round in 0..rounds {
        for turn in 0..benches.len() {
            let at = (round + turn) % benches.len();
            let cost = benches[at](operations);
            taken[at].push(cost.as_secs_f64() * 1e9 / operations as f64);
        }
    }
    taken
}
