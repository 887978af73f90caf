//! Runs a program of the museum, and keeps what an observer of its runtime sees.
//!
//! A broken program may hang or never rest, so it is not handed to `block_on`: it is driven step by step
//! until its main task has ended, until nothing can happen any more, or until it has been polled
//! far more often than a program of this size should be.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::{self, JoinHandle};
use runtime::time::{Duration, Instant};
use runtime::trace::{Counts, Event, Record, Recording, Snapshot};
use story::{place, words};

/// More events than any of the programs has.
const MOST_EVENTS: usize = 50_000;

/// A program that has been polled so often does not rest.
const MOST_POLLS: u64 = 2_000;

/// Of one line, this many timers in a row that were dropped are warned of.
const DROPPED: u32 = 10;

/// A poll that takes longer is warned of: far longer than what the programs compute.
const LONG: Duration = Duration::from_millis(150);

thread_local! {
    /// When the program began.
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The main task of a program.
pub(crate) type Main = Pin<Box<dyn Future<Output = ()>>>;

/// What was seen of a program.
#[derive(Debug)]
pub(crate) struct Seen {
    /// All that happened.
    pub(crate) recording: Recording,
    /// The machine when the program was left.
    pub(crate) end: Snapshot,
    /// How often things happened.
    pub(crate) counts: Counts,
    /// Whether the main task has come to its end.
    pub(crate) has_ended: bool,
}

/// Runs a program. `real_clock`: it blocks the thread, which a paused clock does not see.
pub(crate) fn observe(real_clock: bool, main: impl FnOnce() -> Main) -> io::Result<Seen> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(!real_clock)
        .rng_seed(1)
        .warn_timers_dropped(DROPPED)
        .warn_long_poll(LONG)
        .build()?;
    runtime.trace().start(MOST_EVENTS);
    let inside = runtime.enter();
    BEGAN.set(Some(Instant::now()));
    let main = named("main", main());
    drop(inside);
    drive(&runtime, &main);
    Ok(Seen {
        recording: runtime.trace().recording(),
        end: runtime.snapshot(),
        counts: runtime.trace().counts(),
        has_ended: main.is_finished(),
    })
}

/// Steps, and parks where the loop would.
fn drive(runtime: &Runtime, main: &JoinHandle<()>) {
    while !main.is_finished() && runtime.trace().counts().polls < MOST_POLLS {
        let Step::WouldPark { until } = runtime.step() else {
            continue;
        };
        if until.is_none() && is_hopeless(&runtime.snapshot()) {
            return;
        }
        runtime.park(until);
    }
}

/// Whether nothing can happen any more.
fn is_hopeless(now: &Snapshot) -> bool {
    now.stuck().len() == now.tasks.len()
}

/// Spawns a task with a name, for the line that calls this.
#[track_caller]
pub(crate) fn named<F>(name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawned = task::Builder::new().name(name).spawn(future);
    spawned.expect("an exhibit runs inside a runtime")
}

/// Prints what a program has to say, with the time.
pub(crate) fn say(text: impl fmt::Display) {
    let began = BEGAN.get().expect("an exhibit has begun");
    println!("  {:>5} ms  {text}", began.elapsed().as_millis());
}

impl Seen {
    /// How the program ended, in words.
    pub(crate) fn ending(&self) -> String {
        let after = self.end.time.as_millis();
        let left = self.end.tasks.len();
        match (self.has_ended, self.end.queue.is_empty()) {
            (true, _) => {
                format!("its main task ends after {after} ms; tasks that are left: {left}")
            }
            (false, true) => format!(
                "never. After {after} ms nothing can happen any more; tasks that wait: {left}"
            ),
            (false, false) => format!("stopped by the museum after {MOST_POLLS} polls"),
        }
    }

    /// How many of the events are such.
    pub(crate) fn count(&self, is_such: impl Fn(&Event) -> bool) -> usize {
        let records = self.recording.records().iter();
        records.filter(|record| is_such(&record.event)).count()
    }

    /// What is made of the events, of those that make something.
    pub(crate) fn all<T>(&self, of_event: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        let records = self.recording.records().iter();
        records
            .filter_map(|record| of_event(&record.event))
            .collect()
    }

    /// Each event with the state before it.
    pub(crate) fn with_states(&self, mut look: impl FnMut(&Record, &Snapshot)) {
        let mut state = self.recording.base().clone();
        for record in self.recording.records() {
            look(record, &state);
            state.apply(record);
        }
    }

    /// A task by its number and name.
    pub(crate) fn name(&self, task: u64) -> String {
        let name = self.all(|event| match event {
            Event::Spawned { task: it, name, .. } if *it == task => name.clone(),
            _ => None,
        });
        match name.first() {
            Some(name) => format!("task {task} \"{name}\""),
            None => format!("task {task}"),
        }
    }

    /// The tasks that can never go on, each with what it waits for and where.
    pub(crate) fn stuck(&self) -> Vec<String> {
        let stuck = self.end.stuck();
        let lines = stuck.iter().flat_map(|task| {
            let waits = self.end.tasks[task].waits.iter();
            waits.map(|wait| {
                let at = wait.at.map(|at| format!(", at {}", place::short(at)));
                let (name, at) = (self.name(*task), at.unwrap_or_default());
                format!("{name} waits for {}{at}, and can never go on", wait.on)
            })
        });
        let held = self.end.shared.iter().map(|(number, view)| {
            let said = words::shared(*number, view, &self.end);
            format!("{} {number}: {said}", view.kind.thing())
        });
        lines.chain(held).collect()
    }

    /// The same; or that no task is stuck.
    pub(crate) fn stuck_or_none(&self) -> Vec<String> {
        let stuck = self.stuck();
        match stuck.is_empty() {
            true => vec!["no task is stuck".to_owned()],
            false => stuck,
        }
    }
}
