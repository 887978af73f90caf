//! A task that blocks the thread.
//!
//! *What people write.* A long computation, a call of a library that blocks, or `std::thread::sleep`, in
//! the middle of an `async fn`.
//!
//! *Why it is wrong.* One thread serves all tasks, and a task gives it back only at an `.await` that has
//! to wait. Meanwhile no other task runs, no timer fires and no socket is answered. A program with
//! several threads has the same bug, only later: when as many tasks block as there are threads.
//!
//! *The repair.* `spawn_blocking`: the work goes to a thread of a pool, and the task awaits it. (Short
//! pieces of work may call `yield_now().await` in between.)
//!
//! *What an observer sees.* A poll that took too long: the event `LongPoll`, with the task, the time and
//! the line that spawned it. `Builder::warn_long_poll` says what is too long. More about what blocks:
//! <https://ryhl.io/blog/async-what-is-blocking/>.
//!
//! (This exhibit runs on the real clock: a paused one does not see that a thread is blocked.)

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use runtime::task::spawn_blocking;
use runtime::time::{Duration, sleep};
use runtime::trace::Event;

use story::place;

use crate::seen::{Seen, named, say};

pub(crate) async fn broken() {
    let beats = heart();
    let painter = named("painter", async move {
        let before = beats.get();
        scale_picture();
        say(format!(
            "the heart has beaten {} times meanwhile",
            beats.get() - before
        ));
    });
    let _ = painter.await;
}

pub(crate) async fn repaired() {
    let beats = heart();
    let painter = named("painter", async move {
        let before = beats.get();
        let _ = spawn_blocking(scale_picture).await;
        say(format!(
            "the heart has beaten {} times meanwhile",
            beats.get() - before
        ));
    });
    let _ = painter.await;
}

/// What takes long and awaits nothing.
fn scale_picture() {
    thread::sleep(Duration::from_millis(400));
}

/// A task that wants to be on time.
fn heart() -> Rc<Cell<u32>> {
    let beats = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&beats);
    drop(named("heart", async move {
        loop {
            sleep(Duration::from_millis(20)).await;
            theirs.set(theirs.get() + 1);
        }
    }));
    beats
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let long = seen.all(|event| match event {
        Event::LongPoll {
            task,
            took,
            cpu,
            at,
        } => Some(format!(
            "a warning: a poll of {} took {} ms, most of it {}; spawned at {}",
            seen.name(*task),
            took.as_millis(),
            match *cpu {
                Some(..50) => "in a call that blocks",
                Some(_) => "computing",
                None => "unknown",
            },
            place::short(*at)
        )),
        _ => None,
    });
    let jobs = format!(
        "jobs that were given to other threads: {}",
        seen.counts.jobs_queued
    );
    match long.is_empty() {
        true => vec!["no poll took long".to_owned(), jobs],
        false => long.into_iter().chain([jobs]).collect(),
    }
}
