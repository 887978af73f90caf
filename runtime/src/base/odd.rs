//! What an odd system chooses: which calls it answers in a way that is unusual and legal, and how.
//!
//! A simulated network asks here (`net/simulated/`), and so does the reactor of a runtime whose real system is
//! made odd (`machine/reactor/odd.rs`). Crate feature `sim`.

use std::io;

use super::chance::Chance;
use super::os_error::{os_error, too_many_files};

/// How many of a million a part is.
///
/// # Panics
///
/// If it is not a number from 0 to 1. `name` says whose it is.
#[track_caller]
pub(crate) fn of_a_million(part: f64, name: &str) -> u32 {
    assert!(
        (0.0..=1.0).contains(&part),
        "{name}: the part must be from 0 to 1, not {part}"
    );
    (part * 1_000_000.0) as u32
}

/// How the system tells that a source became ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Telling {
    Usual,
    /// Some time after it did.
    Late,
    /// At once, and some time later once more, which need not be true by then.
    Twice,
}

impl Telling {
    /// `odd`: how many of a million are not as usual.
    pub(crate) fn choose(chance: &mut Chance, odd: u32) -> Telling {
        if chance.is_in(odd) {
            return Telling::Late;
        }
        match chance.is_in(odd) {
            true => Telling::Twice,
            false => Telling::Usual,
        }
    }
}

/// Why a listener gives no connection although one waits: accept(2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// The process has no descriptors left.
    NoDescriptors,
    /// The client has given up before it was accepted.
    GivenUp,
}

impl Refusal {
    pub(crate) fn choose(chance: &mut Chance) -> Refusal {
        match chance.one_in(2) {
            true => Refusal::NoDescriptors,
            false => Refusal::GivenUp,
        }
    }

    pub(crate) fn error(self) -> io::Error {
        match self {
            Refusal::NoDescriptors => too_many_files(),
            Refusal::GivenUp => os_error(io::ErrorKind::ConnectionAborted),
        }
    }
}
