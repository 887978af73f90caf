//! All tasks, as text: what somebody wants to read when a program hangs.

use std::fmt;
use std::time::Duration;

use super::{Direction, Shared, Snapshot, TaskState, TaskView, Wait, WaitView};

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
        let (tasks, queued) = (state.tasks.len(), state.queue.len());
        let (timers, sources) = (state.wheel.timers.len(), state.sources.len());
        writeln!(
            f,
            "{tasks} tasks, {queued} of them queued; {timers} timers; {sources} sources"
        )?;
        for (task, view) in &state.tasks {
            write_task(f, *task, view, state)?;
        }
        Ok(())
    }
}

fn write_task(
    f: &mut fmt::Formatter<'_>,
    task: u64,
    view: &TaskView,
    state: &Snapshot,
) -> fmt::Result {
    write!(f, "task {task}")?;
    if let Some(name) = &view.name {
        write!(f, " {name:?}")?;
    }
    let age = rounded(state.time.saturating_sub(view.since));
    let (what, at, polls) = (in_words(view.state), view.at, view.polls);
    writeln!(
        f,
        ": {what}; spawned {age:?} ago at {at}; polled {polls} times"
    )?;
    for wait in &view.waits {
        write_wait(f, wait, state)?;
    }
    Ok(())
}

fn in_words(state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => "queued",
        TaskState::Running => "running",
        TaskState::Waiting => "waiting",
        TaskState::Stranded => "stranded, nobody can wake it",
    }
}

fn write_wait(f: &mut fmt::Formatter<'_>, wait: &WaitView, state: &Snapshot) -> fmt::Result {
    f.write_str("    for ")?;
    match wait.on {
        Wait::Timer(timer) => write_timer(f, timer, state)?,
        Wait::Source(source, direction) => write_source(f, source, direction, state)?,
        Wait::Task(task) => write!(f, "the end of task {task}")?,
        Wait::Job(job) => write!(f, "job {job} on the blocking pool")?,
        Wait::Shared(kind, number) => write_shared(f, kind, number)?,
    }
    match wait.at {
        Some(at) => writeln!(f, ", at {at}"),
        None => writeln!(f),
    }
}

fn write_timer(f: &mut fmt::Formatter<'_>, timer: u64, state: &Snapshot) -> fmt::Result {
    let Some(view) = state.wheel.timers.get(&timer) else {
        return write!(f, "timer {timer}, which has fired");
    };
    let left = Duration::from_millis(view.tick).saturating_sub(state.time);
    write!(f, "timer {timer}, {:?} from now", rounded(left))
}

fn write_source(
    f: &mut fmt::Formatter<'_>,
    source: u64,
    direction: Direction,
    state: &Snapshot,
) -> fmt::Result {
    write!(f, "source {source}")?;
    if let Some(view) = state.sources.get(&source) {
        write!(f, " (made at {})", view.at)?;
    }
    match direction {
        Direction::Read => write!(f, " to be readable"),
        Direction::Write => write!(f, " to be writable"),
    }
}

fn write_shared(f: &mut fmt::Formatter<'_>, kind: Shared, number: u64) -> fmt::Result {
    write!(f, "{kind:?} {number}")
}

/// Fewer digits: whole milliseconds.
fn rounded(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
