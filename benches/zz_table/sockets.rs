//! The rows of sockets: echo (by TCP, UDP and Unix sockets) and HTTP, by the server thread's CPU for one message.
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
use crate::kit::work::socket_path;
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

/// Sockets that are not TCP's. There is no floor here: it would be the floor of TCP with other
/// names.
pub(super) static OTHERS: [Row; 4] = [
    Row {
        id: "udp/echo_1",
        what: "UDP echo, 64 bytes, 1 client: server CPU a round trip",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Udp, 1, 1, 10_000),
    },
    Row {
        id: "udp/echo_64",
        what: "UDP echo, 64 clients of one socket",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Udp, 64, 1, 40_000),
    },
    Row {
        id: "unix/echo_1",
        what: "Unix stream echo, 64 bytes, 1 connection",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Unix, 1, 1, 10_000),
    },
    Row {
        id: "unix/echo_100",
        what: "Unix stream echo, 100 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Unix, 100, 1, 40_000),
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
    let sides = match protocol {
        Protocol::Echo | Protocol::Http => &SIDES[..],
        Protocol::Udp | Protocol::Unix => &SIDES[..2],
    };
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    for side in sides {
        let (server, ports) = Running::server(protocol.name(), side)?;
        servers.push(server);
        targets.push(ports);
    }
    let paths: Vec<_> = match protocol {
        Protocol::Unix => targets.iter().map(|t| socket_path(t.control)).collect(),
        _ => Vec::new(),
    };
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
    for path in paths {
        let _ = std::fs::remove_file(path); // The server is killed and cannot.
    }
    let rates: Vec<String> = sides
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
