//! Several recordings, told as one story.
//!
//! The hosts of a simulation have a recording each, on one clock. Each host is a **lane**. A host that was started
//! again after a crash has a recording for each life, and one lane. Recordings that are not of one simulation lie side by
//! side by their own clocks, a lane for each name.
//!
//! How the recordings become one order is in `merge.rs`; how an event of one host is the cause of one of another,
//! in `crossing.rs`; that recordings of two runs of a simulation have nothing to do with each other, in `apart.rs`. The stepper shows it in a terminal, and the inspector of the program `server` on a page.

mod apart;
mod crossing;
mod merge;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use runtime::trace::{Record, Recording, Run, Snapshot};

use apart::Apart;
pub use crossing::Link;
pub use merge::Step;

use crate::place::printable;

/// Recordings, with the name of the host of each, in one order.
///
/// ```
/// use std::rc::Rc;
/// use story::lanes::Hosts;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = Rc::new(runtime.trace().recording());
/// let hosts = Hosts::new([("one".to_owned(), recording.clone()), ("other".to_owned(), recording)]);
/// assert_eq!(hosts.names(), ["one", "other"]);
/// let first = hosts.steps()[0];
/// assert_eq!((first.recording, first.index), (0, 0));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Hosts {
    recordings: Vec<Rc<Recording>>,
    names: Vec<String>,
    /// The host of each recording.
    rows: Vec<usize>,
    steps: Vec<Step>,
    /// Of each recording, the places of its steps.
    own: Vec<Vec<usize>>,
    apart: Apart,
    /// The events that have sent something to another.
    senders: BTreeSet<(usize, usize)>,
}

impl Hosts {
    /// Puts recordings into one order. The hosts are sorted by their names.
    pub fn new(named: impl IntoIterator<Item = (String, Rc<Recording>)>) -> Hosts {
        let named = named.into_iter();
        let (all, recordings): (Vec<String>, Vec<_>) = named
            .map(|(name, recording)| (printable(&name), recording))
            .unzip();
        let mut names = all.clone();
        names.sort();
        names.dedup();
        let row = |name: &String| names.binary_search(name).unwrap_or(0);
        let steps = merge::merge(recordings.iter().map(|it| &**it));
        let mut own = vec![Vec::new(); recordings.len()];
        for (place, step) in steps.iter().enumerate() {
            own[step.recording].push(place);
        }
        let mut hosts = Hosts {
            rows: all.iter().map(row).collect(),
            apart: Apart::of(&recordings),
            recordings,
            names,
            steps,
            own,
            senders: BTreeSet::new(),
        };
        hosts.senders = hosts.all_senders();
        hosts
    }

    /// The names of the hosts, as a terminal may show them: see [`printable`].
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All events of all recordings, as they happened.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many recordings there are.
    pub fn count(&self) -> usize {
        self.recordings.len()
    }

    /// The recording of this number. The program panics if there is none.
    pub fn recording(&self, recording: usize) -> &Recording {
        &self.recordings[recording]
    }

    /// The events of a recording.
    pub fn records(&self, recording: usize) -> &[Record] {
        self.recordings[recording].records()
    }

    /// The event of a step.
    pub fn record_of(&self, step: Step) -> &Record {
        &self.records(step.recording)[step.index]
    }

    /// The host of a recording, by its place among the names.
    pub fn host_of(&self, recording: usize) -> usize {
        self.rows[recording]
    }

    /// Its name.
    pub fn name_of(&self, recording: usize) -> &str {
        &self.names[self.rows[recording]]
    }

    /// How many events of a recording have happened after the first `at` steps of all.
    pub fn passed(&self, recording: usize, at: usize) -> usize {
        let last = self.last_before(recording, at);
        last.map_or(0, |place| self.steps[place].index + 1)
    }

    /// The place of the last step of a recording among the first `at` of all.
    fn last_before(&self, recording: usize, at: usize) -> Option<usize> {
        let own = &self.own[recording];
        let after = own.partition_point(|&place| place < at);
        after.checked_sub(1).map(|last| own[last])
    }

    /// The place of the first step of a recording. `None` if all its events are passed over.
    pub fn first_place(&self, recording: usize) -> Option<usize> {
        self.own[recording].first().copied()
    }

    /// The recording of a host after the first `at` steps of all: that of its last life which has begun, or
    /// of its first.
    pub fn life_of(&self, host: usize, at: usize) -> usize {
        let lives = || (0..self.count()).filter(|&it| self.rows[it] == host);
        let begun = lives().filter_map(|it| Some((self.last_before(it, at)?, it)));
        let coming = || lives().filter_map(|it| Some((self.first_place(it)?, it)));
        let begun = begun.max().or_else(|| coming().min());
        begun.map(|(_, it)| it).or(lives().next()).unwrap_or(0)
    }

    /// The place right after an event. `None` if the event is passed over.
    pub fn place_after(&self, recording: usize, index: usize) -> Option<usize> {
        let after = self.steps_upto(recording, index);
        let step = self.steps[after.checked_sub(1)?];
        (step.index == index).then_some(after)
    }

    /// How many steps of all there are up to the last one of a recording that is not after this event. 0 if there is
    /// none.
    pub fn steps_upto(&self, recording: usize, index: usize) -> usize {
        let own = &self.own[recording];
        let after = own.partition_point(|&place| self.steps[place].index <= index);
        after.checked_sub(1).map_or(0, |last| own[last] + 1)
    }

    /// When the host of a recording crashed, if that was the end of it.
    pub fn crash(&self, recording: usize) -> Option<Run> {
        self.recording(recording).lane()?.crash
    }

    /// How many steps of all there are before a crash.
    pub fn steps_before(&self, crash: Run) -> usize {
        self.steps.partition_point(|step| !step.is_after(crash))
    }

    /// The crash by which something was sent, and how many steps there are before it. `None` if an event has sent it.
    pub fn crash_of(&self, sent: &Link) -> Option<(Run, usize)> {
        let crash = self.crash(sent.recording).filter(|_| sent.is_crash)?;
        Some((crash, self.steps_before(crash)))
    }

    /// The crashes, the earliest first: each with its recording.
    pub fn crashes(&self) -> Vec<(Run, usize)> {
        let all = 0..self.count();
        let mut crashes: Vec<_> = all.filter_map(|it| Some((self.crash(it)?, it))).collect();
        crashes.sort_by_key(|(run, _)| (run.at, run.order));
        crashes
    }

    /// Each step of a range in a sentence. `state` answers with the state of a recording after so many of its
    /// events.
    pub fn told(
        &self,
        range: Range<usize>,
        state: impl Fn(usize, usize) -> Snapshot,
    ) -> impl Iterator<Item = (Step, String)> {
        let begin = |it| self.passed(it, range.start);
        let mut upto: Vec<usize> = (0..self.count()).map(begin).collect();
        let mut states: Vec<Option<Snapshot>> = vec![None; self.count()];
        self.steps[range].iter().map(move |&step| {
            let records = self.records(step.recording);
            let upto = &mut upto[step.recording];
            let known = &mut states[step.recording];
            let now = known.get_or_insert_with(|| state(step.recording, *upto));
            // Those that were passed over.
            let skipped = records[*upto..step.index].iter();
            skipped.for_each(|it| now.apply(it));
            *upto = step.index + 1;
            let before = now.clone();
            now.apply(&records[step.index]);
            (step, crate::tell(&records[step.index..], &before, now))
        })
    }
}
