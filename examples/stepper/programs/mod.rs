//! The programs to step, the simplest first.
//!
//! Each is a file: what it is about, a paragraph on what to watch, and the program. A program is
//! a function that spawns its tasks and returns; nothing runs before the first step. (Two have a
//! `main`, and are built when they are asked for. One brings a runtime of its own.)
//!
//! Those without sockets and threads run on a paused clock and a generator with a seed, so that
//! the same seed gives the same recording, byte for byte. The others run on the real clock, and
//! no two of their recordings are quite the same: that too is worth seeing.

mod aborting;
mod by_hand;
mod cascade;
mod channel;
mod crash;
mod deadlock;
mod draining;
mod echo;
mod foreign;
mod forgetful;
mod full;
mod hosts;
mod joining;
mod late;
mod leaving;
mod losing;
mod mutex;
pub(crate) mod notes;
mod panicking;
mod racing;
mod spending;
mod tiny;
mod together;
mod turning;
mod working;
mod yielding;

use crate::player::Named;
use notes::{Note, note};
use runtime::task::{Builder, JoinHandle};
use runtime::trace::Recording;
use std::future::Future;
use std::io;

/// A program to step.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What to watch.
    pub(crate) watch: &'static str,
    /// It meets the world outside: sockets, threads, the real clock.
    pub(crate) outside: bool,
    pub(crate) run: Run,
}

/// How a program is run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    /// This spawns its tasks.
    Tasks(fn()),
    /// It has a runtime of its own, and this makes the recording.
    Whole(fn() -> io::Result<(Recording, Vec<Note>)>),
    /// Several hosts in a simulation, from a seed: a recording each.
    Hosts(fn(u64) -> io::Result<Vec<Named>>),
    /// It has a `main`, and is built when it is asked for.
    Apart,
}

macro_rules! program {
    ($file:ident, $outside:literal, $title:literal) => {
        Program {
            name: stringify!($file),
            title: $title,
            watch: $file::WATCH,
            outside: $outside,
            run: Run::Tasks($file::start),
        }
    };
}

/// A program that needs the server, which is not built with the stepper.
macro_rules! apart {
    ($file:ident, $title:literal, $watch:literal) => {
        Program {
            name: stringify!($file),
            title: $title,
            watch: $watch,
            outside: true,
            run: Run::Apart,
        }
    };
}

/// In the order in which to step them.
pub(crate) const ALL: [Program; 27] = [
    program!(yielding, false, "two tasks that yield"),
    program!(joining, false, "spawn a task and await its end"),
    program!(by_hand, false, "an async fn, and its state machine by hand"),
    program!(panicking, false, "a panic in a task"),
    program!(racing, false, "select! of two sleeps, the loser dropped"),
    program!(together, false, "join! of three sleeps"),
    program!(late, false, "a timeout"),
    program!(cascade, false, "timers that come down the wheel"),
    program!(turning, true, "a cascade on the real clock"),
    program!(aborting, false, "a task aborted in its sleep"),
    program!(spending, false, "a task that never has to wait"),
    program!(channel, false, "ping-pong over two channels"),
    program!(full, false, "a channel that is full"),
    program!(mutex, false, "a mutex that is handed over"),
    program!(leaving, false, "one who waits for a mutex and gives up"),
    program!(deadlock, false, "two mutexes in opposite order"),
    program!(forgetful, false, "a future that forgets its waker"),
    program!(foreign, true, "a wake from another thread"),
    program!(working, true, "a job on another thread"),
    program!(
        losing,
        false,
        "read_exact in select!, and the bytes it loses"
    ),
    program!(draining, false, "reading without draining"),
    program!(echo, true, "an echo over TCP"),
    apart!(
        http,
        "one HTTP request through the server",
        "The life of one request. The server accepts and spawns a task for the connection; that task \
        waits for bytes, with a timer beside it against a peer that never sends the rest; the answer \
        goes out in one write. Then the client closes, and everything that belonged to the connection \
        is gone: no task, no timer, no source."
    ),
    apart!(
        keeping,
        "two HTTP requests on one connection",
        "The connection's task. Between the two requests it is the same task and the same source, with \
        nothing made anew but a timer: how long an idle connection is kept. The second request finds \
        everything in place. When the client has asked all it wants, it ends its side: a read of 0 bytes \
        says so to the server, and the task ends, with its source and its timer."
    ),
    Program {
        name: "hosts",
        title: "three hosts of a simulation, and a link that breaks",
        watch: hosts::WATCH,
        outside: false,
        run: Run::Hosts(hosts::record),
    },
    Program {
        name: "crash",
        title: "two hosts of a simulation, one of which crashes and comes back",
        watch: crash::WATCH,
        outside: false,
        run: Run::Hosts(crash::record),
    },
    Program {
        name: "tiny",
        title: "a whole runtime of its own, in one file",
        watch: tiny::WATCH,
        outside: true,
        run: Run::Whole(tiny::record),
    },
];

impl Program {
    /// The file of a program that has a `main`.
    pub(crate) fn file(&self) -> String {
        let here = env!("CARGO_MANIFEST_DIR");
        format!("{here}/stepper/programs/{}.rs", self.name)
    }
}

/// The program of this name.
pub(crate) fn find(name: &str) -> Option<&'static Program> {
    ALL.iter().find(|program| program.name == name)
}

/// Spawns a task with a name, for the line that calls this.
#[track_caller]
fn named<F>(name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawned = Builder::new().name(name).spawn(future);
    spawned.expect("the stepper has entered the runtime")
}
