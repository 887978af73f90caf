//! The memory rows: an idle task, a pending timer, an idle keep-alive connection.
//!
//! *Resident* bytes are what a machine runs out of, so they are the figure: pages of the process
//! in RAM, with the things at rest, less the same before they were made, for each of them. Each
//! contender is measured in a process of its own. The bytes that were *asked of the allocator* are
//! said beside it; the target `memory` counts them with an allocator that counts, which would slow
//! every other row down and so cannot live in this program.
//!
//! How one fools oneself: see `work/memory.rs`; and for connections, by measuring only the bytes
//! of the program. The kernel's own memory for a socket (some kilobytes) is the same for every
//! contender and is not in these figures.

use super::child::{Running, SIDES, words};
use super::job::{Job, Protocol};
use super::rounds::Effort;
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::raise_descriptors;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How many tasks or timers are brought to rest.
const THINGS: u64 = 200_000;

/// How many connections lie idle, where there are descriptors for them.
const CONNECTIONS: usize = 9_000;

pub(super) static ROWS: [Row; 2] = [
    Row {
        id: "memory/task",
        what: "memory of an idle task with 64 bytes of state",
        unit: Unit::Bytes,
        goal: Goal::Ratio(0.60),
        measure: |effort| weigh("task", effort),
    },
    Row {
        id: "memory/timer",
        what: "memory of a pending timer",
        unit: Unit::Bytes,
        goal: Goal::Ratio(0.90),
        measure: |effort| weigh("timer", effort),
    },
];

pub(super) static CONNECTION: [Row; 4] = [
    Row {
        id: "http/idle_memory",
        what: "memory of an idle keep-alive connection (hyper)",
        unit: Unit::Bytes,
        goal: Goal::Figure(1_024.0),
        measure: |effort| idle_connections(effort, Protocol::Http, &SIDES),
    },
    Row {
        id: "service/idle_memory",
        what: "the same, of a router (axum)",
        unit: Unit::Bytes,
        goal: Goal::Figure(562.0),
        measure: |effort| idle_connections(effort, Protocol::Routed, &SIDES[..2]),
    },
    Row {
        id: "service/idle_websocket",
        what: "memory of an idle WebSocket (axum), both read by 4 KiB",
        unit: Unit::Bytes,
        goal: Goal::None,
        measure: |effort| idle_connections(effort, Protocol::WebSocket, &SIDES[..2]),
    },
    Row {
        id: "service/idle_websocket_as_it_comes",
        what: "the same (axum), read buffers as they come: 4, 128 KiB",
        unit: Unit::Bytes,
        goal: Goal::None,
        measure: |effort| idle_connections(effort, Protocol::WebSocketAsItComes, &SIDES[..2]),
    },
];

/// Resident bytes of a thing, each side in a process of its own.
fn weigh(what: &str, effort: Effort) -> io::Result<Figures> {
    let count = effort.operations(THINGS).to_string();
    let mut samples = Vec::new();
    for side in SIDES {
        let mut taken = Vec::new();
        for _ in 0..effort.rounds(3) {
            let line = Running::start(&words(&["memory", what, side, &count]))?.line()?;
            taken.push(line.parse().map_err(io::Error::other)?);
        }
        samples.push(taken);
    }
    let mut figures = Figures::of(samples);
    figures.note = requested(what);
    Ok(figures)
}

/// What the target `memory` says, which is built beside this one.
fn requested(what: &str) -> Option<String> {
    let output = Command::new(sibling("memory")?)
        .arg("--bench")
        .arg(what)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The newest program of that name beside this one: Cargo puts all bench targets into one folder,
/// with a hash at the end of their names.
fn sibling(name: &str) -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    let is_it = |path: &PathBuf| {
        let stem = path
            .file_name()
            .and_then(|file| file.to_str())
            .unwrap_or_default();
        stem.strip_prefix(name).is_some_and(|hash| {
            hash.starts_with('-') && hash[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_it)
        .max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok())
}

/// Resident bytes of a connection that has been served once and stays open.
fn idle_connections(effort: Effort, protocol: Protocol, sides: &[&str]) -> io::Result<Figures> {
    // Both ends have a descriptor, each in its own process; some are needed for other things.
    let allowed = usize::try_from(raise_descriptors())
        .unwrap_or(usize::MAX)
        .saturating_sub(100);
    let connections = if effort.smoke {
        100
    } else {
        CONNECTIONS.min(allowed)
    };
    let mut samples = Vec::new();
    for side in sides {
        samples.push(vec![idle_connection(protocol, side, connections)?]);
    }
    let mut figures = Figures::of(samples);
    figures.note = Some(format!(
        "resident memory of the process, {connections} connections"
    ));
    Ok(figures)
}

fn idle_connection(protocol: Protocol, side: &str, connections: usize) -> io::Result<f64> {
    let (server, ports) = Running::server(protocol.name(), side)?;
    let job = |connections| Job {
        protocol,
        connections,
        depth: 1,
        rounds: 1,
        messages: 1,
        targets: vec![ports],
    };
    // What a server allocates once and for all, it has after these few.
    drop(occupied(&job(100))?);
    settle();
    let before = server.resident_bytes();
    let held = occupied(&job(connections))?;
    settle();
    let after = server.resident_bytes();
    drop(held);
    Ok(after.saturating_sub(before) as f64 / connections as f64)
}

/// A child that holds its connections, each of them served once.
fn occupied(job: &Job) -> io::Result<Running> {
    let mut words = job.to_words();
    words.insert(0, "occupy".to_owned());
    let mut child = Running::start(&words)?;
    child.line()?;
    Ok(child)
}

/// Lets the server finish what the last answers and hang-ups left to do.
fn settle() {
    thread::sleep(Duration::from_millis(200));
}
