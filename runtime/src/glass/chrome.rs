//! A recording as a picture of time, for a viewer that exists already.
//!
//! Chrome's trace format (*Trace Event Format*, Google, "JSON Object Format") is read by Perfetto
//! (<https://ui.perfetto.dev>) and by `chrome://tracing`. In it:
//!
//! * every task is a **track** (a "thread" of the process), named after the task; track 0 is
//!   the loop itself;
//! * every poll is a **slice** on its task's track, as long as it took (a pair of `B` and `E`);
//! * the time in which the thread was parked, or was held at its gate, is a slice on track 0;
//! * each stretch of work that a program [marks](crate::trace::mark()), a request for example, is a slice of a track of
//!   its own, from its beginning to its end (a nestable asynchronous event, `b` and `e`; what is said in between is `n`);
//! * a wake by another task is an **arrow** (a flow, `s` to `f`) from the slice in which it
//!   happened to the poll that it led to;
//! * everything else that happened is a mark (an instant, `i`) with its fields as arguments.
//!
//! Of several recordings, each is a process. Those of the hosts of a simulation lie on the clock that all hosts share, and
//! what one host sent is an arrow to the poll that it led to at another.
//!
//! Times are microseconds. With a paused clock most slices have no length: that program took no
//! time.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::Recording;
use super::crossing::{self, Ends};
use crate::trace::{Cause, Event, Mark, Place, Record, Scope};

/// The track of the loop.
const LOOP: u64 = 0;

impl Recording {
    /// Writes the recording in Chrome's trace format, which Perfetto opens.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let mut file = Vec::new();
    /// runtime.trace().recording().write_chrome(&mut file)?;
    /// assert!(file.starts_with(b"{\"traceEvents\":["));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_chrome(&self, out: impl Write) -> io::Result<()> {
        let mut list = List::new(out)?;
        Drawing::of(1, self).write_to(&mut list, &mut Ends::new())?;
        list.end()
    }

    /// Writes several recordings in Chrome's trace format: each is a process of the name that it is given. Those of the
    /// hosts of a simulation lie on the clock that all hosts share.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// use runtime::trace::Recording;
    ///
    /// let record = || {
    ///     let runtime = runtime::runtime::Runtime::new()?;
    ///     runtime.trace().start(100);
    ///     runtime.block_on(async {});
    ///     Ok::<_, std::io::Error>(runtime.trace().recording())
    /// };
    /// let (one, other) = (record()?, record()?);
    /// let mut file = Vec::new();
    /// Recording::write_chrome_of_all([("one", &one), ("other", &other)], &mut file)?;
    /// let text = String::from_utf8(file).unwrap();
    /// assert!(text.contains("process_name") && text.contains("\"pid\":2"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_chrome_of_all<'a>(
        recordings: impl IntoIterator<Item = (&'a str, &'a Recording)>,
        out: impl Write,
    ) -> io::Result<()> {
        let recordings: Vec<_> = recordings.into_iter().collect();
        let mut list = List::new(out)?;
        let mut ends = crossing::ends(&recordings);
        for (process, (name, recording)) in (1..).zip(&recordings) {
            list.add([json!({
                "ph": "M", "name": "process_name", "pid": process, "tid": LOOP, "args": {"name": name},
            })])?;
            Drawing::of(process, recording).write_to(&mut list, &mut ends)?;
        }
        list.end()
    }
}

/// The file: a list of marks, each of which is written as soon as it is made.
struct List<W> {
    out: W,
    /// What stands before the next mark.
    before: &'static str,
}

impl<W: Write> List<W> {
    fn new(mut out: W) -> io::Result<List<W>> {
        out.write_all(b"{\"traceEvents\":[\n")?;
        Ok(List { out, before: "" })
    }

    fn add(&mut self, marks: impl IntoIterator<Item = Value>) -> io::Result<()> {
        for mark in marks {
            write!(self.out, "{}{mark}", self.before)?;
            self.before = ",\n";
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()
    }
}

struct Drawing<'a> {
    process: u32,
    recording: &'a Recording,
    /// What the last record has become, and is not written yet.
    marks: Vec<Value>,
    /// The slices that are open: their tracks, and the time of the last event.
    open: Vec<u64>,
    last: Duration,
    /// The arrow that ends at the next poll of a task.
    arrows: BTreeMap<u64, u64>,
}

impl Drawing<'_> {
    /// All of a recording.
    fn of(process: u32, recording: &Recording) -> Drawing<'_> {
        Drawing {
            process,
            recording,
            marks: Vec::new(),
            open: Vec::new(),
            last: Duration::ZERO,
            arrows: BTreeMap::new(),
        }
    }

    fn write_to(mut self, list: &mut List<impl Write>, ends: &mut Ends) -> io::Result<()> {
        self.name_tracks();
        self.begin_stretches();
        list.add(self.marks.drain(..))?;
        for record in self.recording.records() {
            self.draw(record);
            list.add(self.marks.drain(..))?;
            list.add(ends.remove(&(self.process, record.seq)).unwrap_or_default())?;
        }
        self.close();
        list.add(self.marks.drain(..))
    }

    fn name_tracks(&mut self) {
        self.name(LOOP, "the loop");
        for (task, view) in &self.recording.base().tasks {
            self.name_task(*task, view.name.as_deref());
        }
        for record in self.recording.records() {
            if let Event::Spawned { task, name, .. } = &record.event {
                self.name_task(*task, name.as_deref());
            }
        }
    }

    fn name_task(&mut self, task: u64, name: Option<&str>) {
        match name {
            Some(name) => self.name(task, &format!("task {task}: {name}")),
            None => self.name(task, &format!("task {task}")),
        }
    }

    fn name(&mut self, track: u64, name: &str) {
        self.marks.push(json!({
            "ph": "M", "name": "thread_name", "pid": self.process, "tid": track, "args": {"name": name},
        }));
    }

    /// What was under way at the beginning is shown from there on.
    fn begin_stretches(&mut self) {
        let recording = self.recording;
        let first = recording.records().first();
        self.last = first.map_or(Duration::ZERO, |record| time(recording, record));
        for (task, stretches) in &recording.base().stretches {
            for view in stretches {
                self.stretch("b", *task, (view.scope, view.id), &view.text, view.at);
            }
        }
    }

    /// Begins, ends, or says a word of a stretch of work. A stretch belongs to its task, so the task is a part of its
    /// number; and that is one of this process (`id2`, `local`).
    fn stretch(
        &mut self,
        phase: &str,
        task: u64,
        (scope, id): (Scope, u64),
        text: &str,
        at: Place,
    ) {
        self.marks.push(json!({
            "ph": phase, "cat": scope.0, "id2": {"local": format!("{task}.{id}")}, "name": format!("{} {id}", scope.0),
            "pid": self.process, "tid": task, "ts": micros(self.last), "args": {"text": text, "at": at},
        }));
    }

    fn draw(&mut self, record: &Record) {
        self.last = time(self.recording, record);
        match &record.event {
            Event::PollStart { task } => self.begin_poll(*task, record),
            Event::PollEnd { task, .. } => self.end(*task),
            Event::Parked { .. } => self.begin(LOOP, "parked", record),
            Event::Unparked => self.end(LOOP),
            Event::Woken { task, by } => {
                self.mark(record);
                self.begin_arrow(*task, *by, record);
            }
            Event::Mark {
                scope,
                id,
                what,
                text,
            } => {
                let phase = match what {
                    Mark::Begin => "b",
                    Mark::Point => "n",
                    Mark::End => "e",
                };
                self.stretch(
                    phase,
                    record.task.unwrap_or(LOOP),
                    (*scope, *id),
                    text,
                    record.place,
                );
            }
            Event::Held { took } => self.held(*took, record),
            _ => self.mark(record),
        }
    }

    /// A slice that is told when it is over.
    fn held(&mut self, took: Duration, record: &Record) {
        self.marks.push(json!({
            "ph": "X", "name": "held", "cat": "loop", "pid": self.process, "tid": LOOP,
            "ts": micros(self.last.saturating_sub(took)), "dur": micros(took), "args": {"at": record.place},
        }));
    }

    fn begin_poll(&mut self, task: u64, record: &Record) {
        self.begin(task, "poll", record);
        if let Some(arrow) = self.arrows.remove(&task) {
            self.marks.push(json!({
                "ph": "f", "bp": "e", "id": arrow, "name": "wake", "cat": "wake",
                "pid": self.process, "tid": task, "ts": micros(self.last),
            }));
        }
    }

    /// An arrow from the slice of the task that wakes.
    fn begin_arrow(&mut self, task: u64, by: Cause, record: &Record) {
        if let (Cause::Task(waker), true) = (by, record.task.is_some()) {
            self.arrows.insert(task, number(self.process, record.seq));
            self.marks.push(json!({
                "ph": "s", "id": number(self.process, record.seq), "name": "wake", "cat": "wake",
                "pid": self.process, "tid": waker, "ts": micros(self.last),
            }));
        }
    }

    fn begin(&mut self, track: u64, name: &str, record: &Record) {
        self.open.push(track);
        self.marks.push(json!({
            "ph": "B", "name": name, "cat": "loop", "pid": self.process, "tid": track,
            "ts": micros(self.last), "args": {"at": record.place},
        }));
    }

    /// Ends the track's slice. A recording may begin in the middle of one.
    fn end(&mut self, track: u64) {
        let Some(open) = self.open.iter().rposition(|&open| open == track) else {
            return;
        };
        self.open.remove(open);
        self.marks.push(json!({
            "ph": "E", "pid": self.process, "tid": track, "ts": micros(self.last),
        }));
    }

    fn mark(&mut self, record: &Record) {
        let (name, fields) = named(&record.event);
        self.marks.push(json!({
            "ph": "i", "s": "t", "name": name, "cat": "event", "pid": self.process,
            "tid": record.task.unwrap_or(LOOP), "ts": micros(self.last),
            "args": {"event": fields, "at": record.place},
        }));
    }

    /// A recording may also end in the middle.
    fn close(&mut self) {
        while let Some(&track) = self.open.last() {
            self.end(track);
        }
    }
}

/// An event's name, and its fields: serde writes `{"Name": {fields}}`, or `"Name"` if it has none.
fn named(event: &Event) -> (String, Value) {
    match serde_json::to_value(event) {
        Ok(Value::Object(object)) => object.into_iter().next().unwrap_or_default(),
        Ok(Value::String(name)) => (name, Value::Null),
        _ => (String::new(), Value::Null),
    }
}

/// When it happened: of a host of a simulation, on the clock that all hosts share.
fn time(recording: &Recording, record: &Record) -> Duration {
    let run = recording.lane().and_then(|lane| lane.run_of(record.seq));
    run.map_or(record.time, |run| run.at)
}

/// The number of an arrow, which is no other process's.
fn number(process: u32, seq: u64) -> u64 {
    u64::from(process - 1) << 40 | seq
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
