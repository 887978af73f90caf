//! The program's side of a recorder: switching it on and off, and taking what it kept.

use std::fmt;
use std::rc::Rc;

use super::feed::{Feed, feed};
use super::{Counts, Recorder, Recording};
use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::{Observer, Record, Switch};

/// Observes one runtime: starts and stops the recording, and hands it out.
///
/// Made by [`Runtime::trace`](crate::runtime::Runtime::trace). Without the crate feature
/// `trace` nothing is ever recorded.
#[derive(Clone)]
pub struct Trace {
    switch: Rc<Switch>,
    recorder: Rc<Recorder>,
}

impl Trace {
    pub(crate) fn new(switch: Rc<Switch>, recorder: Rc<Recorder>) -> Trace {
        Trace { switch, recorder }
    }

    /// Observes from now on, without keeping events: so that a [snapshot] knows why each task
    /// waits, who woke it and how long its polls took.
    ///
    /// [snapshot]: crate::runtime::Runtime::snapshot
    ///
    /// ```
    /// # use runtime::runtime::{Builder, Step};
    /// # use std::time::Duration;
    /// let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
    /// runtime.trace().observe();
    /// let task = runtime.spawn(async { runtime::time::sleep(Duration::from_secs(1)).await });
    /// while !matches!(runtime.step(), Step::WouldPark { .. }) {}
    /// let snapshot = runtime.snapshot();
    /// assert_eq!(snapshot.tasks.values().next().unwrap().waits.len(), 1);
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn observe(&self) {
        drop(self.begin());
    }

    /// How often things have happened since [`observe`](Trace::observe), or since the recording
    /// began: for metrics. All of it is 0 while the runtime is not observed.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().observe();
    /// runtime.block_on(async { runtime::spawn(runtime::task::yield_now()).await })?;
    /// let counts = runtime.trace().counts();
    /// assert_eq!((counts.tasks_spawned, counts.tasks_ended), (2, 2), "block_on's is one, too");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn counts(&self) -> Counts {
        self.recorder.counts()
    }

    /// Observes and records from now on, keeping the last `capacity` events (at least one).
    ///
    /// Called again, it changes the capacity; what was recorded stays, as far as it fits. After
    /// a [`stop`](Trace::stop) it begins anew.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(2);
    /// runtime.block_on(async {});
    /// assert_eq!(runtime.trace().take().len(), 2);
    /// assert!(runtime.trace().lost() > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(&self, capacity: usize) {
        self.recorder.end_feed();
        let goes_on = self.recorder.keeping().get();
        let base = (!goes_on).then(|| self.begin()).flatten();
        self.recorder.start(capacity, base);
    }

    /// Observes from now on, and writes each event to `out` in the moment in which it happens:
    /// the lines that [`Recording::read_from`] reads. Nothing is kept in memory.
    ///
    /// Every event is one write: give it a [`BufWriter`](std::io::BufWriter), which is flushed whenever
    /// the thread parks, or a file as it is, which then has each event. The first error ends
    /// the writing; [`finish_writing`](Trace::finish_writing) tells of it. `out` must not use
    /// this runtime.
    ///
    /// ```
    /// use std::fs::File;
    /// use std::io::{BufReader, BufWriter};
    /// use runtime::trace::Recording;
    ///
    /// # let folder = std::env::temp_dir().join(format!("treadle-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("recording.jsonl");
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start_writing(BufWriter::new(File::create(&path)?));
    /// runtime.block_on(async {});
    /// runtime.trace().finish_writing()?;
    /// let recording = Recording::read_from(BufReader::new(File::open(&path)?))?;
    /// assert!(!recording.records().is_empty());
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn start_writing(&self, out: impl std::io::Write + 'static) {
        let base = self.begin().unwrap_or_default();
        self.recorder.write_to(Box::new(out), &base);
    }

    /// Observes from now on, and hands each event over to another thread, in blocks, through a queue for
    /// about `capacity` events. If the other thread takes too little, the oldest are dropped and counted.
    /// Nothing is kept here: [`take`](Trace::take) and [`recording`](Trace::recording) have none of these
    /// events. A second feed ends the first, and so does [`start`](Trace::start). What
    /// `start_writing` (feature `serde`) writes is written all the same. When the [`Feed`] is
    /// dropped, the runtime is only observed.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let feed = runtime.trace().feed(10_000);
    /// let other = std::thread::spawn(move || loop {
    ///     let blocks = feed.take().blocks;
    ///     if blocks.iter().any(|block| !block.records.is_empty()) {
    ///         return blocks;
    ///     }
    /// });
    /// runtime.block_on(async {});
    /// assert!(!other.join().unwrap()[0].records.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn feed(&self, capacity: usize) -> Feed {
        let state = self.begin().unwrap_or_default();
        let (outlet, feed) = feed(capacity, state);
        self.recorder.hand_over(outlet);
        feed
    }

    /// Hands the state as it is now over to the [feed](Trace::feed), if there is one: after a loss, a state
    /// is rebuilt from this one and the events that follow.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let feed = runtime.trace().feed(10_000);
    /// runtime.trace().feed_state();
    /// assert!(feed.take().blocks.iter().all(|block| block.state.is_some()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn feed_state(&self) {
        self.recorder.hand_over_state();
    }

    /// Stops observing, and writes what `out` still holds back.
    ///
    /// # Errors
    ///
    /// The first error of the writer.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start_writing(std::io::sink());
    /// runtime.trace().finish_writing()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn finish_writing(&self) -> std::io::Result<()> {
        self.stop();
        self.recorder.finish_writing()
    }

    /// Stops observing and recording. What was recorded stays until it is taken, or until
    /// the next recording.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.trace().stop();
    /// runtime.block_on(async {});
    /// assert!(runtime.trace().take().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&self) {
        self.switch.set(false);
        self.recorder.forget();
    }

    /// Switches on. The answer is the state from which the events go on.
    fn begin(&self) -> Option<Snapshot> {
        self.switch.set(true);
        self.recorder.look()
    }

    /// Whether events are being recorded.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// assert!(!runtime.trace().is_recording());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_recording(&self) -> bool {
        cfg!(feature = "trace") && self.recorder.keeping().get()
    }

    /// Takes out what has been recorded so far, the oldest event first.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let records = runtime.trace().take();
    /// assert_eq!(records[0].seq, 0);
    /// assert!(runtime.trace().take().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take(&self) -> Vec<Record> {
        self.recorder.take().into_records()
    }

    /// A copy of what has been recorded so far, with the state before it: enough to rebuild the
    /// state of the machine at each event.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let recording = runtime.trace().recording();
    /// assert_eq!(recording.records().len(), runtime.trace().take().len());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn recording(&self) -> Recording {
        self.recorder.copy()
    }

    /// The number of the next event.
    #[cfg(feature = "sim")]
    pub(crate) fn next_seq(&self) -> u64 {
        self.recorder.next_seq()
    }

    /// How many events fell out of the ring because it was full.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// assert_eq!(runtime.trace().lost(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn lost(&self) -> u64 {
        self.recorder.lost()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("recording", &self.is_recording())
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}
