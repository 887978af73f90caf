//! All tasks, as text: what to read when a program hangs.

use std::fmt;
use std::time::Duration;

use crate::machine::inspect::snapshot::{Snapshot, SourceView, TaskState, TaskView};
use crate::trace::{Direction, Wait, WaitView};

/// Every task of a runtime at one moment, to be printed.
///
/// Made by [`Handle::dump`](crate::runtime::Handle::dump).
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let dump = runtime.block_on(async {
///     let task = runtime::spawn(std::future::pending::<()>());
///     runtime::task::yield_now().await;
///     let dump = runtime::runtime::Handle::current().dump().await;
///     drop(task);
///     dump
/// });
/// let text = dump.to_string();
/// assert!(text.contains("task 2"), "{text}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dump {
    state: Option<Snapshot>,
}

impl Dump {
    pub(crate) fn new(state: Option<Snapshot>) -> Dump {
        Dump { state }
    }

    /// What was dumped, as data. `None` if the runtime is gone.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let dump = runtime.block_on(runtime.handle().dump());
    /// assert!(dump.snapshot().is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.state.as_ref()
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(state) = &self.state else {
            return writeln!(f, "the runtime is gone: it has no tasks");
        };
        writeln!(
            f,
            "{}, {} of them queued; {}; {}",
            count(state.tasks.len() as u64, "task"),
            state.queue.len(),
            count(state.wheel.timers.len() as u64, "timer"),
            count(state.sources.len() as u64, "source"),
        )?;
        for (task, view) in &state.tasks {
            write_task(f, *task, view, state)?;
        }
        Ok(())
    }
}

pub(super) fn write_task(
    f: &mut impl fmt::Write,
    task: u64,
    view: &TaskView,
    state: &Snapshot,
) -> fmt::Result {
    write!(f, "task {task}")?;
    if let Some(name) = &view.name {
        write!(f, " {name:?}")?;
    }
    let (what, age) = (in_words(view.state), state.time.saturating_sub(view.since));
    let (age, at, polls) = (in_seconds(age), view.at, count(view.polls, "time"));
    writeln!(f, ": {what}; spawned {age} ago at {at}; polled {polls}")?;
    for wait in &view.waits {
        write_wait(f, wait, state)?;
    }
    match view.state == TaskState::Waiting && view.waits.is_empty() {
        true if state.observed => writeln!(f, "    for {UNSEEN}"),
        true => writeln!(f, "    for {SOMETHING_ELSE}"),
        false => Ok(()),
    }
}

const SOMETHING_ELSE: &str =
    "neither a timer nor a source (what else there is, tasks tell only while they are observed)";

const UNSEEN: &str = "what the runtime does not see, such as another crate's channel, or a dump";

fn in_words(state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => "queued",
        TaskState::Running => "running",
        TaskState::Waiting => "waiting",
        TaskState::Stranded => "stranded, nothing can wake it",
    }
}

fn write_wait(f: &mut impl fmt::Write, wait: &WaitView, state: &Snapshot) -> fmt::Result {
    f.write_str("    for ")?;
    match wait.on {
        Wait::Timer(timer) => write_timer(f, timer, state)?,
        Wait::Source(source, direction) => write_source(f, source, direction, state)?,
        other => write!(f, "{other}")?,
    }
    match wait.at {
        Some(at) => writeln!(f, ", at {at}"),
        None => writeln!(f),
    }
}

fn write_timer(f: &mut impl fmt::Write, timer: u64, state: &Snapshot) -> fmt::Result {
    let Some(view) = state.wheel.timers.get(&timer) else {
        return write!(f, "timer {timer}, which has fired");
    };
    let left = Duration::from_millis(view.tick).saturating_sub(state.time);
    write!(f, "timer {timer}, {:?} from now", rounded(left))
}

fn write_source(
    f: &mut impl fmt::Write,
    source: u64,
    direction: Direction,
    state: &Snapshot,
) -> fmt::Result {
    match state.sources.get(&source) {
        Some(SourceView { kind, at, .. }) => {
            write!(
                f,
                "source {source} ({kind}, made at {at}) to be {direction}"
            )
        }
        None => write!(f, "source {source} to be {direction}"),
    }
}

/// Of a runtime that was not observed an age is known to the second.
fn in_seconds(age: Duration) -> String {
    match age.as_secs() {
        0 => "less than 1s".to_owned(),
        seconds => format!("{seconds}s"),
    }
}

fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// Fewer digits: whole milliseconds.
fn rounded(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
