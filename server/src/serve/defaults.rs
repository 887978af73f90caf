//! What a server does unless it is told otherwise.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// As many as Linux allows by default.
pub(super) const BACKLOG: u32 = 4096;

/// A supervisor that says "ten seconds" means the whole process; one is for the rest of it.
pub(super) const DEADLINE: Duration = Duration::from_secs(9);

/// How many connections may be open at once: what
/// [`with_max_connections`](crate::Serve::with_max_connections) says.
pub(super) fn default_most() -> usize {
    const MOST: u64 = 100_000;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
    let most = (limit - limit / 8).clamp(1, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}
