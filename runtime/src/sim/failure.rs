//! Why a simulation failed.

use std::fmt;
use std::time::Duration;

/// What the programs of a simulation return: the error may be of any type that can go to another thread.
pub type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Why a simulation failed: when, at which host, and what happened there.
///
/// Its text names the seed, which is all that is needed to see it again.
#[derive(Debug)]
pub struct Failure {
    pub(super) seed: u64,
    pub(super) at: Duration,
    pub(super) reason: Reason,
}

#[derive(Debug)]
pub(super) enum Reason {
    /// The program of this host returned an error.
    Error(String, Box<dyn std::error::Error + Send + Sync>),
    /// The program of this host panicked, with this message.
    Panic(String, String),
    /// The limit of the simulation is reached.
    TooLong { limit: Duration, waiting: String },
    /// Nothing will happen any more, and these programs wait.
    Stuck { waiting: String },
    /// This host polls tasks for ever, while the time stands still.
    Busy(String),
}

impl Failure {
    /// The simulated time at which it failed, counted from the beginning.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// The seed of the simulation.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, after {:?}: ", self.seed, self.at)?;
        match &self.reason {
            Reason::Error(host, error) => write!(f, "{host} failed: {error}"),
            Reason::Panic(host, message) => write!(f, "{host} panicked: {message}"),
            Reason::TooLong { limit, waiting } => {
                write!(f, "the limit of {limit:?} is reached, and {waiting}")
            }
            Reason::Stuck { waiting } => write!(f, "nothing will happen any more, and {waiting}"),
            Reason::Busy(host) => write!(
                f,
                "{host} has gone on for 100,000 rounds and more while the time stood still: \
                 tasks wake themselves, or each other, without end"
            ),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Error(_, error) => Some(&**error),
            _ => None,
        }
    }
}
