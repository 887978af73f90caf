//! Runs a program to its end and keeps everything that happened.
//!
//! Stepping could drive the living machine, one press of a key at a time. But a machine that
//! lives cannot go back. So the program is run first, with [`Runtime::step`] and
//! [`Runtime::park`] and the trace switched on, and what the reader steps through is the
//! recording: each state is the one before it and one more event.
//!
//! A program has ended when no task is left; or when those that are left can never run again,
//! because nothing holds a waker of theirs or because nothing is left that could call one. Of a
//! machine that waits for the world outside the latter cannot be known, and there patience has
//! a limit. So have the events, for a program that never ends.

use crate::programs::notes::{self, Note};
use runtime::runtime::{Builder, Runtime, Step};
use runtime::time::Duration;
use runtime::trace::{Recording, TaskState};
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

/// More events than any of the programs has. What comes after them is not seen.
const MOST: usize = 20_000;

/// How long a program may wait for the world outside.
const PATIENCE: Duration = Duration::from_secs(3);

/// A recording of the whole program that `start` spawns, and what it has noted of itself. One that meets
/// nothing `outside` has a paused clock.
pub(crate) fn record(start: fn(), outside: bool, seed: u64) -> io::Result<(Recording, Vec<Note>)> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(!outside)
        .rng_seed(seed)
        .build()?;
    runtime.trace().start(MOST);
    notes::begin(&runtime);
    let inside = runtime.enter();
    start();
    drop(inside);
    run(&runtime, outside);
    Ok((runtime.trace().recording(), notes::take()))
}

/// Steps, and parks where the loop would.
fn run(runtime: &Runtime, outside: bool) {
    while !is_over(runtime) {
        let Step::WouldPark { until } = runtime.step() else {
            continue;
        };
        match until {
            None if !outside || is_over(runtime) => return,
            None if !park_patiently(runtime) => return,
            None => {}
            until => runtime.park(until),
        }
    }
}

/// Parks for news from outside; `false` if none has come. The thread sleeps without a limit, as it does in
/// the loop; what ends it after a while is another thread, which rouses it.
fn park_patiently(runtime: &Runtime) -> bool {
    let handle = runtime.handle().clone();
    let (news, no_news) = mpsc::channel::<()>();
    let watch = thread::spawn(move || match no_news.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => {
            drop(handle.spawn(async {}));
            false
        }
        _ => true,
    });
    runtime.park(None);
    drop(news);
    watch.join().unwrap_or(false)
}

fn is_over(runtime: &Runtime) -> bool {
    let state = runtime.snapshot();
    let full = runtime.trace().lost() > 0;
    let hopeless = |state: TaskState| state == TaskState::Stranded;
    full || state.tasks.values().all(|task| hopeless(task.state))
}
