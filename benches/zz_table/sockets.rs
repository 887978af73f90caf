//! The rows of sockets: echo and HTTP, by the server thread's CPU for one message.
//!
//! Every contender serves in a process of its own, pinned to one core; the load runs in another,
//! pinned to the other core, and takes them in turns (`load.rs`). CPU for a message is the figure
//! because the client saturates first: 30 % less work in the server does not show in requests per
//! second. The rates are said below the table all the same.
//!
//! How one fools oneself: a server that is *faster* than its client finds fewer messages at each
//! look at its sockets, goes to sleep more often, and so pays more for each message. With one
//! connection that is the whole figure: sleeping and being woken by the kernel is most of it.
//! Compare rows of one run only.

use super::child::{Running, SIDES, run_load};
use super::job::{Job, Protocol};
use super::rounds::Effort;
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::raise_descriptors;
use std::io;

pub(super) static ECHO: [Row; 3] = [
    Row {
        id: "net/echo_1",
        what: "TCP echo, 64 bytes, 1 connection: server CPU a round trip",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 1, 1, 10_000),
    },
    Row {
        id: "net/echo_100",
        what: "TCP echo, 100 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 100, 1, 40_000),
    },
    Row {
        id: "net/echo_1000",
        what: "TCP echo, 1,000 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 1_000, 1, 40_000),
    },
];

pub(super) static HTTP: [Row; 2] = [
    Row {
        id: "http/plain",
        what: "HTTP (hyper), 64 connections: server CPU a request",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Http, 64, 1, 40_000),
    },
    Row {
        id: "http/pipelined_16",
        what: "HTTP (hyper), 16 requests at once",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.60),
        measure: |effort| serve(effort, Protocol::Http, 64, 16, 160_000),
    },
];

/// How many rounds each contender serves.
const ROUNDS: usize = 15;

fn serve(
    effort: Effort,
    protocol: Protocol,
    wanted: usize,
    depth: usize,
    messages: u64,
) -> io::Result<Figures> {
    // The client holds the connections to all servers at once.
    let allowed = usize::try_from(raise_descriptors()).unwrap_or(usize::MAX);
    let connections = wanted.min(allowed.saturating_sub(100) / SIDES.len());
    let name = if protocol == Protocol::Echo {
        "echo"
    } else {
        "http"
    };
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    for side in SIDES {
        let (server, ports) = Running::server(name, side)?;
        servers.push(server);
        targets.push(ports);
    }
    let loads = run_load(&Job {
        protocol,
        connections,
        depth,
        rounds: effort.rounds(ROUNDS),
        messages: usize::try_from(effort.operations(messages))
            .unwrap_or(usize::MAX)
            .max(depth),
        targets,
    })?;
    let rates: Vec<String> = SIDES
        .iter()
        .zip(&loads)
        .filter_map(|(side, (_, rates))| Some(format!("{side} {:.0}", rates.median()? / 1e3)))
        .collect();
    let mut note = format!("thousand messages a second: {}", rates.join(", "));
    if connections < wanted {
        note = format!("only {connections} connections for want of descriptors; {note}");
    }
    let mut figures = Figures::of(loads.into_iter().map(|(cpus, _)| cpus).collect());
    figures.note = Some(note);
    Ok(figures)
}
