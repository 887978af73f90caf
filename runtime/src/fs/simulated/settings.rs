//! How good and how fast a disk is.

use std::time::Duration;

/// What becomes of that which was not synced, when a host of a simulation crashes.
///
/// ```
/// use runtime::fs;
/// use runtime::sim::{Builder, Unsynced};
/// use runtime::time::Duration;
///
/// let mut sim = Builder::new().unsynced(Unsynced::Lost).build();
/// sim.host("server", || async {
///     assert!(!fs::try_exists("/synced").await?, "the second life fails here");
///     fs::write("/unsynced", "hello").await?;
///     fs::File::create("/synced").await?.sync_all().await?;
///     Ok(())
/// });
/// sim.run_for(Duration::from_secs(1))?;
/// sim.bounce("server");
/// assert!(sim.run_for(Duration::from_secs(1)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsynced {
    /// Chance decides, for each file and each directory: all of it is kept, or lost, or a part of it is kept. So it is if nothing is
    /// set.
    #[default]
    ByChance,
    /// All is kept, as if the program had died and the machine had not. It is still not synced: a crash after
    /// [`set_unsynced`](crate::sim::Sim::set_unsynced) may lose it.
    Kept,
    /// All is lost.
    Lost,
}

/// What can be set of a disk.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) unsynced: Unsynced,
    /// How long a call takes, at least and at most.
    pub(crate) latency: (Duration, Duration),
    /// How many bytes the files may have together.
    pub(crate) capacity: Option<u64>,
    /// How many calls of a million fail.
    pub(crate) broken: u32,
}

impl Default for Settings {
    /// A solid-state disk: up to a millisecond, and no errors.
    fn default() -> Settings {
        Settings {
            unsynced: Unsynced::default(),
            latency: (Duration::from_micros(100), Duration::from_millis(1)),
            capacity: None,
            broken: 0,
        }
    }
}
