//! Several processes on one port, and the one that watches over them.
//!
//! ```text
//!                 ┌─ leash ─▶ worker 1 ◀─┐
//! supervisor ─────┼─ leash ─▶ worker 2 ◀─┼── connections, as the kernel spreads them
//!                 └─ leash ─▶ worker 3 ◀─┘
//! ```
//!
//! One thread uses one core. More cores need more processes: `--workers` starts this program so many
//! times, with the same arguments, and all listen on one port ([`crate::listen`]). The supervisor serves
//! nothing. It starts the workers one after the other, so the first makes what the others find (folders,
//! tables), and a reason why the program cannot start is told once. It starts a worker again that ends.
//! At a signal it lets go of all leashes ([`crate::leash`]) and waits for the workers to finish.
//!
//! Processes share no memory. Files and databases are common to all; the rooms of the chat, the counters,
//! the lab are each worker's own.
//!
//! How it can go wrong: a worker that ends before it listens will do so again. So there is a longer pause
//! each time, and after five times in a minute the program ends. A worker that did listen is started again
//! without a limit. The connections of a worker that was killed are lost with it, also those that the
//! kernel had accepted for it.

mod worker;

use std::io;
use std::net::SocketAddr;
use std::process::exit;
use std::time::Duration;

use runtime::select;
use runtime::signal::unix::{SignalKind, signal};
use runtime::sync::watch;
use runtime::task::JoinSet;
use runtime::time::sleep;
use rustix::process::Signal;
use server::console;

use crate::arguments::Arguments;
use crate::lab::RestartLimit;
use crate::leash::worker_at;
use crate::listen;
use crate::signals::{Stop, say_finishing};
use worker::{Pids, Worker};

/// Whether this process is to supervise, and not to serve.
pub(crate) fn are_wanted(arguments: &Arguments) -> bool {
    arguments.workers.get() > 1 && worker_at().is_none()
}

/// Runs the workers until a signal has ended them, or one cannot be started.
pub(crate) async fn supervise(arguments: &Arguments, end: Vec<SignalKind>) -> Result<(), String> {
    if listen::path(&arguments.addr).is_some() {
        return Err(format!(
            "cannot listen on {} with several workers: processes can share a port, but no path; \
             give HOST:PORT with --addr, or leave out --workers",
            arguments.addr
        ));
    }
    // The socket is held as long as the workers run: nothing else gets the port while one starts again.
    let (_reserved, at) = listen::reserve(&arguments.addr).await?;
    let pids = Pids::default();
    let workers = start(arguments.workers.get(), at, &pids).await?;
    let deaf = |error: io::Error| format!("cannot listen to signals: {error}");
    let mut stop = Stop::new(end).map_err(deaf)?;
    hand_on_what_is_asked(&pids).map_err(deaf)?;
    console::stdout().print(listen::line(at));

    let (let_go, _) = watch::channel(false);
    let mut keepers = JoinSet::new();
    for (number, worker) in (1..).zip(workers) {
        keepers.spawn(keep(number, worker, let_go.subscribe()));
    }
    let failed = select! {
        _ = stop.next() => {
            say_finishing();
            Ok(())
        }
        failed = first_failure(&mut keepers) => failed,
    };
    let_go.send_replace(true);
    select! {
        all = drain(&mut keepers) => failed.and(all),
        signal = stop.next() => {
            worker::send(&pids, Signal::KILL);
            exit(128 + signal)
        }
    }
}

/// Starts the workers. If one does not listen, the others end, and its reason is the error.
async fn start(count: u16, at: SocketAddr, pids: &Pids) -> Result<Vec<Worker>, String> {
    let mut workers: Vec<Worker> = Vec::new();
    for _ in 0..count {
        let mut worker = Worker::start(at, pids)?;
        if let Err(why) = worker.listens().await {
            for (number, worker) in (1..).zip(workers) {
                worker.finish(number).await?;
            }
            return Err(why);
        }
        workers.push(worker);
    }
    Ok(workers)
}

/// Keeps one worker alive until it is let go of.
async fn keep(
    number: u32,
    mut worker: Worker,
    mut let_go: watch::Receiver<bool>,
) -> Result<(), String> {
    let mut limit = RestartLimit::new(5, Duration::from_secs(60), Duration::from_millis(100));
    loop {
        let life = select! {
            // Both may be true. Then it ended as it should.
            biased;
            _ = let_go.wait_for(|is_over| *is_over) => return worker.finish(number).await,
            life = worker.life() => life,
        };
        if life.listened {
            limit.clear();
        }
        let mut end = life.end;
        worker = loop {
            let what = format!("worker {number} ended: {end}");
            let Some(pause) = limit.restart() else {
                return Err(format!("{what}; it has been started again too often"));
            };
            console::stderr().print(format!("server: {what}; it is started again\n"));
            select! {
                _ = let_go.wait_for(|is_over| *is_over) => return Ok(()),
                () = sleep(pause) => {}
            }
            match worker.again() {
                Ok(worker) => break worker,
                Err(why) => end = why,
            }
        };
    }
}

/// Waits until a worker is given up.
async fn first_failure(keepers: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    match keepers.join_next().await {
        Some(ended) => ended.unwrap_or_else(|error| Err(format!("a keeper was lost: {error}"))),
        None => Ok(()),
    }
}

/// Waits for all, and tells the first failure.
async fn drain(keepers: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    let mut outcome = Ok(());
    while !keepers.is_empty() {
        outcome = outcome.and(first_failure(keepers).await);
    }
    outcome
}

/// On SIGUSR1, all workers are asked what they are doing.
fn hand_on_what_is_asked(pids: &Pids) -> io::Result<()> {
    let (mut asked, pids) = (signal(SignalKind::user_defined1())?, pids.clone());
    drop(runtime::spawn(async move {
        while asked.recv().await.is_some() {
            worker::send(&pids, Signal::USR1);
        }
    }));
    Ok(())
}
