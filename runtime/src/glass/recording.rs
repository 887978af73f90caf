//! A recording: a state and the events that followed it.
//!
//! Going *back* in a program sounds like magic and is addition: begin at the state before the
//! first event and add the events one by one, as far as you like. To go back one event, add one
//! fewer.

use std::collections::BTreeMap;

use super::{Lane, sources};
use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::Record;

/// What was recorded of a runtime; see [`Trace::recording`](super::Trace::recording).
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// let tasks: Vec<usize> = (0..=recording.records().len())
///     .map(|events| recording.state_at(events).tasks.len())
///     .collect();
/// assert_eq!(tasks.first(), Some(&0));
/// assert!(tasks.contains(&1), "the future of block_on is a task");
/// assert_eq!(tasks.last(), Some(&0));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recording {
    base: Snapshot,
    records: Vec<Record>,
    /// Of a host of a simulation.
    lane: Option<Box<Lane>>,
    /// What a file says of itself; `None`: it was recorded in this process.
    file: Option<FromFile>,
}

/// What only a recording from a file has.
#[derive(Clone, Debug, Default)]
pub(super) struct FromFile {
    /// The hashes of the sources that it names.
    pub(super) sources: BTreeMap<String, u64>,
    /// The number of its last line, if that was cut off.
    pub(super) cut: Option<usize>,
}

/// Two recordings are equal if they tell of the same.
impl PartialEq for Recording {
    fn eq(&self, other: &Recording) -> bool {
        (&self.base, &self.records, &self.lane) == (&other.base, &other.records, &other.lane)
    }
}

impl Eq for Recording {}

impl Recording {
    /// The recording of these events, which followed this state. It is for a runtime that is not this
    /// crate's: what shows a recording of this one shows that one, too.
    ///
    /// An event about something that is not there changes nothing. The sources that the events name are taken
    /// for those of this program (see [`source_hash`](Recording::source_hash)).
    ///
    /// ```
    /// use runtime::trace::{Event, Place, Record, Recording, Snapshot};
    /// use std::time::Duration;
    ///
    /// let place = Place { file: file!(), line: line!() };
    /// let (seq, time, name) = (0, Duration::ZERO, None);
    /// let event = Event::Spawned { task: 1, name, at: place };
    /// let record = Record { seq, time, task: None, place, event };
    /// let recording = Recording::of(Snapshot::default(), vec![record]);
    /// assert!(recording.state_at(1).tasks.contains_key(&1));
    /// ```
    pub fn of(base: Snapshot, records: Vec<Record>) -> Recording {
        Recording {
            base,
            records,
            lane: None,
            file: None,
        }
    }

    /// With what a simulation knows of the host. What lies before the first event is left out.
    #[cfg(feature = "sim")]
    pub(crate) fn in_lane(mut self, mut lane: Lane) -> Recording {
        if let Some(first) = self.records.first() {
            lane.forget_before(first.seq);
        }
        self.lane = Some(Box::new(lane));
        self
    }

    /// Which host of a simulation this was recorded of, and how its events lie among those of the other hosts.
    /// `None`: it is no recording of a simulation, or of one that did not say so.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// let mut sim = runtime::sim::Builder::new().record(100).build();
    /// sim.client("one", async { Ok(()) });
    /// sim.run()?;
    /// let recordings = sim.recordings();
    /// assert_eq!(recordings["one"].lane().unwrap().host, "one");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lane(&self) -> Option<&Lane> {
        self.lane.as_deref()
    }

    #[cfg(feature = "serde")]
    pub(super) fn from_file(
        base: Snapshot,
        records: Vec<Record>,
        lane: Option<Lane>,
        file: FromFile,
    ) -> Recording {
        Recording {
            base,
            records,
            lane: lane.map(Box::new),
            file: Some(file),
        }
    }

    /// The [hash](super::source_hash) of a source that an event names, as it was when the recorded program
    /// was built. `None`: it is not known, because the file was not found when the recording was made, or
    /// had been changed already.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let recording = runtime.trace().recording();
    /// assert_eq!(recording.source_hash("no/such/file.rs"), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn source_hash(&self, file: &str) -> Option<u64> {
        match &self.file {
            Some(read) => read.sources.get(file).copied(),
            None => sources::of_this_program(file),
        }
    }

    /// The number of the last line of the file from which this was read, if that line was cut off: the
    /// program was killed while it wrote it. All lines before it are here.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// assert_eq!(runtime.trace().recording().cut_line(), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn cut_line(&self) -> Option<usize> {
        self.file.as_ref().and_then(|read| read.cut)
    }

    pub(super) fn into_records(self) -> Vec<Record> {
        self.records
    }

    /// The state before the first event.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// assert!(runtime.trace().recording().base().tasks.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// The events, the oldest first.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// assert!(runtime.trace().recording().records().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The state after the first `events` of the events; all of them, if there are fewer.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let recording = runtime.trace().recording();
    /// assert_eq!(recording.state_at(0), *recording.base());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn state_at(&self, events: usize) -> Snapshot {
        replay(&self.base, self.records.iter().take(events))
    }
}

/// Adds events to a state.
///
/// The result is the state that [`Runtime::snapshot`](crate::runtime::Runtime::snapshot) would have
/// shown, in all but one field: what other threads have left in the [inbox](Snapshot::inbox) is no
/// event before it is taken.
///
/// ```
/// use runtime::trace::replay;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// let before = runtime.snapshot();
/// runtime.trace().start(100);
/// let task = runtime.spawn(async {});
/// let now = replay(&before, &runtime.trace().take());
/// assert_eq!(now.queue, runtime.snapshot().queue);
/// # drop(task);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn replay<'a>(base: &Snapshot, records: impl IntoIterator<Item = &'a Record>) -> Snapshot {
    let mut state = base.clone();
    for record in records {
        state.apply(record);
    }
    state
}
