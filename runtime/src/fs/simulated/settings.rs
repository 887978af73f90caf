//! How good and how fast a disk is.

use std::time::Duration;

use crate::base::chance::Bounds;

/// What becomes of that which was not synced, when a host of a simulation crashes.
///
/// ```
/// use runtime::fs;
/// use runtime::io::AsyncWriteExt;
/// use runtime::sim::{Builder, Unsynced};
/// use runtime::time::Duration;
///
/// let mut sim = Builder::new().unsynced(Unsynced::Lost).build();
/// let mut life = 0;
/// sim.host("server", move || {
///     life += 1;
///     let first = life == 1;
///     async move {
///         if first {
///             let mut file = fs::File::create("/file").await?;
///             file.write_all(b"synced").await?;
///             file.sync_all().await?;
///             file.write_all(b", not synced").await?;
///             file.flush().await?;
///         }
///         let seen = fs::read_to_string("/file").await?;
///         assert_eq!(seen, if first { "synced, not synced" } else { "synced" });
///         Ok(())
///     }
/// });
/// sim.run_for(Duration::from_secs(1))?;
/// sim.bounce("server");
/// sim.run_for(Duration::from_secs(1))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsynced {
    /// Chance decides, for each file, and once for all names: all is kept, or lost, or a part is kept. So it is if nothing
    /// is set.
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
    pub(crate) latency: Bounds,
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
            latency: Bounds::new(Duration::from_micros(100), Duration::from_millis(1)),
            capacity: None,
            broken: 0,
        }
    }
}

/// What is wrong with a disk for a while, beside what is set of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Troubles {
    /// How many faults have it full.
    pub(crate) full: u32,
    /// How many faults have each call fail.
    pub(crate) broken: u32,
    /// How much longer each call takes.
    pub(crate) slower: Duration,
}
