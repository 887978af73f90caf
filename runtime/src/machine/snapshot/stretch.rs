//! A stretch of a program's work, in a snapshot.

use std::sync::Arc;
use std::time::Duration;

use crate::trace::{Place, Scope};

/// A piece of work that has [begun](crate::trace::Mark::Begin) and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StretchView {
    /// What kind of work it is.
    pub scope: Scope,
    /// Which one of that kind.
    pub id: u64,
    /// What the program said when it began.
    pub text: Arc<str>,
    /// What it said last.
    pub last: Arc<str>,
    /// When it began, by the runtime's clock.
    pub since: Duration,
    /// The line of the program that began it.
    pub at: Place,
}
