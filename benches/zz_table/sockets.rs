//! The rows of sockets: echo (by TCP, UDP and Unix sockets) and HTTP, by the server thread's CPU for one message.
//!
//! Every contender serves in a process of its own (but for the row of the observer, who comes and
//! goes in one), pinned to one core; the load runs in another,
//! pinned to the other core, and takes them in turns (`load.rs`). CPU for a message is the figure
//! because the client saturates first: 30 % less work in the server does not show in requests per
//! second. The rates are said below the table all the same.
//!
//! How one fools oneself: a server that is *faster* than its client finds fewer messages at each
//! look at its sockets, goes to sleep more often, and so pays more for each message. With one
//! connection that is the whole figure: sleeping and being woken by the kernel is most of it.
//! Compare rows of one run only.

use super::child::{Loaded, Running, SIDES, run_load};
use super::job::{Job, Protocol};
use super::rounds::{Effort, Samples};
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::raise_descriptors;
use crate::kit::work::{Ports, socket_path};
use std::io;

pub(super) static ECHO: [Row; 3] = [
    Row {
        id: "net/echo_1",
        what: "TCP echo, 64 bytes, 1 connection: server CPU a round trip",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 1, 1, 1_000),
    },
    Row {
        id: "net/echo_100",
        what: "TCP echo, 100 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 100, 1, 4_000),
    },
    Row {
        id: "net/echo_1000",
        what: "TCP echo, 1,000 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Echo, 1_000, 1, 4_000),
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
        measure: |effort| serve(effort, Protocol::Udp, 1, 1, 1_000),
    },
    Row {
        id: "udp/echo_64",
        what: "UDP echo, 64 clients of one socket",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Udp, 64, 1, 4_000),
    },
    Row {
        id: "unix/echo_1",
        what: "Unix stream echo, 64 bytes, 1 connection",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Unix, 1, 1, 1_000),
    },
    Row {
        id: "unix/echo_100",
        what: "Unix stream echo, 100 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Unix, 100, 1, 4_000),
    },
];

pub(super) static HTTP: [Row; 3] = [
    Row {
        id: "http/plain",
        what: "HTTP (hyper), 64 connections: server CPU a request",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Http, 64, 1, 4_000),
    },
    Row {
        id: "http/router",
        what: "the same through a router (hyper without one)",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Router, 64, 1, 4_000),
    },
    Row {
        id: "http/pipelined_16",
        what: "HTTP (hyper), 16 requests at once",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.60),
        measure: |effort| serve(effort, Protocol::Http, 64, 16, 16_000),
    },
];

/// A service with a router, beside axum's. There is no floor: none of it is necessary.
pub(super) static SERVICE: [Row; 10] = [
    Row {
        id: "service/routed",
        what: "3 routes, 1 extractor, 1 layer (axum), 64 connections: server CPU a request",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Routed, 64, 1, 4_000),
    },
    Row {
        id: "service/routed_16",
        what: "16 requests at once (axum with pipeline_flush)",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.60),
        measure: |effort| serve(effort, Protocol::RoutedFlushed, 64, 16, 16_000),
    },
    Row {
        id: "service/routed_16_as_it_comes",
        what: "16 requests at once (axum::serve, which cannot flush so)",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        measure: |effort| serve(effort, Protocol::Routed, 64, 16, 16_000),
    },
    Row {
        id: "service/table",
        what: "100 routes (axum)",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Table, 64, 1, 4_000),
    },
    Row {
        id: "service/json",
        what: "JSON in and out (axum)",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.93),
        measure: |effort| serve(effort, Protocol::Json, 64, 1, 4_000),
    },
    Row {
        id: "service/upload",
        what: "an upload of 1 MiB (axum), 8 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Upload, 8, 1, 16),
    },
    Row {
        id: "service/download",
        what: "a download of 1 MiB (axum), 8 connections",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Download, 8, 1, 16),
    },
    Row {
        id: "service/websocket",
        what: "WebSocket echo, 64 bytes (axum), both read by 4 KiB",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::WebSocket, 64, 1, 4_000),
    },
    Row {
        id: "service/websocket_as_it_comes",
        what: "the same (axum), read buffers as they come: 4, 128 KiB",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        measure: |effort| serve(effort, Protocol::WebSocketAsItComes, 64, 1, 4_000),
    },
    Row {
        id: "service/tungstenite",
        what: "WebSocket echo (tungstenite without axum), both by 4 KiB",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| serve(effort, Protocol::Tungstenite, 64, 1, 4_000),
    },
];

/// What it costs a program to be observed: Treadle beside itself, in one process.
pub(super) static OBSERVING: [Row; 2] = [
    Row {
        id: "trace/observed",
        what: "HTTP as http/plain: observed (left) and not (right)",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.05),
        measure: |effort| by_turns(effort, Running::observed, 150),
    },
    Row {
        id: "trace/inspected",
        what: "page open (left), not (right), and recording (third)",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        measure: |effort| by_turns(effort, Running::watched, 50),
    },
];

/// How many processes serve, one after the other, in each contender's name. A process has its luck:
/// where its memory lies, and how the kernel spreads its sockets. It keeps it as long as it lives.
const PROCESSES: usize = 7;
/// How many rounds each of them serves. They are short, a few hundredths of a second, so that the
/// rounds of two contenders that are compared lie in the same moment.
const ROUNDS: usize = 20;

fn serve(
    effort: Effort,
    protocol: Protocol,
    connections: usize,
    depth: usize,
    messages: u64,
) -> io::Result<Figures> {
    let sides = match protocol {
        Protocol::Echo | Protocol::Http | Protocol::Router => &SIDES[..],
        _ => &SIDES[..2],
    };
    let load = Load {
        protocol,
        connections,
        depth,
        messages,
        rounds: ROUNDS,
    };
    take_turns(effort, effort.rounds(PROCESSES), sides, &load)
}

/// One server, which is asked in turns by each of its ports. Many short rounds: what is between them is a
/// few hundredths, and the machine drifts by more.
fn by_turns<const N: usize>(
    effort: Effort,
    start: fn() -> io::Result<(Running, [Ports; N])>,
    rounds: usize,
) -> io::Result<Figures> {
    let mut all = vec![Vec::new(); N];
    for _ in 0..effort.rounds(PROCESSES) {
        let (_server, ports) = start()?;
        let loads = run_load(&Job {
            protocol: Protocol::Http,
            connections: 64,
            depth: 1,
            rounds: effort.rounds(rounds),
            messages: usize::try_from(effort.operations(1_000)).unwrap_or(usize::MAX),
            targets: ports.to_vec(),
        })?;
        for (all, loaded) in all.iter_mut().zip(loads) {
            all.extend(loaded.cpus);
        }
    }
    let turns = all[0].len();
    let mut figures = Figures::of(all);
    figures.note = Some(format!("{turns} rounds of each, by turns"));
    Ok(figures)
}

/// What the client does to each server.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) protocol: Protocol,
    pub(super) connections: usize,
    pub(super) depth: usize,
    /// Messages of one round.
    pub(super) messages: u64,
    pub(super) rounds: usize,
}

fn take_turns(
    effort: Effort,
    processes: usize,
    sides: &[&str],
    load: &Load,
) -> io::Result<Figures> {
    // The client holds the connections to all servers at once.
    let allowed = usize::try_from(raise_descriptors()).unwrap_or(usize::MAX);
    let connections = load
        .connections
        .min(allowed.saturating_sub(100) / sides.len());
    let mut all = vec![Loaded::default(); sides.len()];
    let load_now = Load {
        connections,
        ..*load
    };
    for process in 0..processes {
        for (side, loaded) in load_sides(effort, sides, process, &load_now)? {
            all[side].cpus.extend(loaded.cpus);
            all[side].rates.extend(loaded.rates);
        }
    }
    let rates = sides.iter().zip(&all).filter_map(|(side, loaded)| {
        let rates: Samples = loaded.rates.iter().copied().collect();
        Some(format!("{side} {:.0}", rates.median()? / 1e3))
    });
    let rates: Vec<String> = rates.collect();
    let mut note = format!("thousand messages a second: {}", rates.join(", "));
    if connections < load.connections {
        note = format!("only {connections} connections for want of descriptors; {note}");
    }
    let cpus = all.into_iter().map(|loaded| loaded.cpus);
    let mut figures = Figures::of(cpus.collect());
    figures.note = Some(note);
    Ok(figures)
}

/// Starts a server for each side and has one client load them in turns; each `process` begins with another
/// side. Says which side each figure is of.
pub(super) fn load_sides(
    effort: Effort,
    sides: &[&str],
    process: usize,
    load: &Load,
) -> io::Result<Vec<(usize, Loaded)>> {
    let order = (0..sides.len()).map(|turn| (process + turn) % sides.len());
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    for side in order.clone() {
        let (server, ports) = Running::server(load.protocol.name(), sides[side])?;
        servers.push(server);
        targets.push(ports);
    }
    let paths: Vec<_> = match load.protocol {
        Protocol::Unix => targets.iter().map(|t| socket_path(t.control)).collect(),
        _ => Vec::new(),
    };
    let loads = run_load(&Job {
        protocol: load.protocol,
        connections: load.connections,
        depth: load.depth,
        rounds: effort.rounds(load.rounds),
        messages: usize::try_from(effort.operations(load.messages))
            .unwrap_or(usize::MAX)
            .max(load.depth),
        targets,
    });
    for path in paths {
        let _ = std::fs::remove_file(path); // The server is killed and cannot.
    }
    let loads = loads?.into_iter().zip(&servers);
    let loads = loads.map(|(loaded, server)| Loaded {
        user: server.user_share(),
        ..loaded
    });
    Ok(order.zip(loads).collect())
}
