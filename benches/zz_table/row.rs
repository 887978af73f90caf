//! A row of the table: what is compared, in which unit, and how good it must be.
//!
//! The targets are ratios against Tokio, measured in the same run. Where a ratio would say
//! nothing (the memory of an idle connection), the target is an absolute figure.

use super::rounds::{Effort, Samples};
use std::io;

/// The unit of a row's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nanoseconds for one operation.
    Nanoseconds,
    /// Bytes for one thing.
    Bytes,
    /// A factor: so many times as much.
    Factor,
}

/// What must be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// At most this part of Tokio's figure.
    Ratio(f64),
    /// At most this, whatever Tokio's figure is.
    Figure(f64),
    /// Nothing: the row is there to be looked at.
    None,
}

impl Goal {
    /// The most that the ratio may be, if that is the goal.
    pub(super) fn ratio(self) -> Option<f64> {
        match self {
            Goal::Ratio(most) => Some(most),
            _ => None,
        }
    }

    /// The most that Treadle's figure may be, if that is the goal.
    pub(super) fn figure(self) -> Option<f64> {
        match self {
            Goal::Figure(most) => Some(most),
            _ => None,
        }
    }
}

/// One line of the table, before it is measured.
pub(super) struct Row {
    /// What the names on the command line are looked for in.
    pub(super) id: &'static str,
    /// What is compared, in words.
    pub(super) what: &'static str,
    pub(super) unit: Unit,
    pub(super) goal: Goal,
    pub(super) measure: fn(Effort) -> io::Result<Figures>,
}

/// What a row's contenders showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) treadle: Samples,
    pub(super) tokio: Samples,
    pub(super) floor: Samples,
    /// Treadle's rounds by Tokio's.
    pub(super) pairs: Samples,
    /// What else must be said about the row, if anything.
    pub(super) note: Option<String>,
}

impl Figures {
    /// Figures in the order Treadle, Tokio, and perhaps the floor, of each the rounds one after the
    /// other.
    pub(super) fn of(taken: Vec<Vec<f64>>) -> Self {
        let pairs = match taken.as_slice() {
            [treadle, tokio, ..] => treadle.iter().zip(tokio).map(|(a, b)| a / b).collect(),
            _ => Samples::default(),
        };
        let mut samples = taken.into_iter().map(Samples::from_iter);
        let mut next = || samples.next().unwrap_or_default();
        Self {
            treadle: next(),
            tokio: next(),
            floor: next(),
            pairs,
            note: None,
        }
    }

    /// The median of Treadle's rounds by the rounds of Tokio's beside them. (It is not the same as
    /// one median by the other, if the machine became slower or faster meanwhile.)
    pub(super) fn ratio(&self) -> Option<f64> {
        self.pairs.median()
    }

    /// Whether the goal is met; nothing if there is none, or no figure.
    pub(super) fn meets(&self, goal: Goal) -> Option<bool> {
        match goal {
            Goal::Ratio(most) => Some(self.ratio()? <= most),
            Goal::Figure(most) => Some(self.treadle.median()? <= most),
            Goal::None => None,
        }
    }
}
