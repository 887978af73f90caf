//! Sentences for sources, and for the operations on them.

use runtime::trace::{Direction, Event, Snapshot, SourceKind};

use crate::place;
use crate::words::{count, task, upper, who};

/// Of an event about a source, or about an operation on one.
pub(crate) fn of_sources(
    event: &Event,
    running: Option<u64>,
    states: [&Snapshot; 2],
) -> Option<String> {
    Some(match event {
        Event::SourceRegistered {
            source, kind, at, ..
        } => format!(
            "Source {source}, {kind}, is given to the reactor. It was made at {}.",
            place::name(*at)
        ),
        Event::SourceDropped { source } => {
            format!("Source {source} is closed, and the reactor forgets it.")
        }
        Event::Ready { source, direction } => format!(
            "{} is {direction}: {} need not wait.",
            what_source(*source, states[1]),
            who_uses(*source, *direction, states[1]),
        ),
        Event::ReadinessCleared { source, direction } => format!(
            "Source {source} has nothing more for now: it is no longer taken as {}.",
            direction
        ),
        Event::WaiterAdded { source, direction } => {
            let who = running.map_or("A task".to_owned(), |it| upper(&task(it, states)));
            format!("{who} leaves its waker with source {source}, until that is {direction}.")
        }
        Event::WaiterRemoved { source, direction } => format!(
            "The wait for source {source} to be {} is given up.",
            direction
        ),
        _ => return of_operations(event, running, states),
    })
}

/// `Source 2, a TCP stream,`.
fn what_source(number: u64, state: &Snapshot) -> String {
    match state.sources.get(&number) {
        Some(view) => format!("Source {number}, {},", view.kind),
        None => format!("Source {number}"),
    }
}

fn who_uses(source: u64, direction: Direction, state: &Snapshot) -> &'static str {
    let kind = state.sources.get(&source).map(|view| view.kind);
    match (kind, direction) {
        (Some(SourceKind::TcpListener | SourceKind::UnixListener), _) => "the task that accepts",
        (Some(SourceKind::Signal(_)), _) => "the task that listens to it",
        (_, Direction::Read) => "the task that reads from it",
        (_, Direction::Write) => "the task that writes to it",
    }
}

/// Of an event about an operation on a source.
fn of_operations(event: &Event, running: Option<u64>, states: [&Snapshot; 2]) -> Option<String> {
    let who = upper(&who(running, states));
    Some(match *event {
        Event::IoDone {
            source,
            direction: Direction::Read,
            bytes: Some(0),
        } => format!("{who} reads from source {source}: 0 bytes. The stream is at its end."),
        // A write of nothing is a connect.
        Event::IoDone {
            source,
            direction: Direction::Write,
            bytes: Some(0),
        } => format!("{who} is connected: source {source} can be used now."),
        Event::IoDone {
            source,
            direction,
            bytes: Some(bytes),
        } => format!(
            "{who} {} source {source}: {}.",
            match direction {
                Direction::Read => "reads from",
                Direction::Write => "writes to",
            },
            count(bytes, "byte")
        ),
        Event::IoDone {
            source, direction, ..
        } => format!("{who} {}.", done(source, direction, states)),
        Event::WouldBlock { source, direction } => format!(
            "{who} tries to {} source {source}. The answer is \"would block\".",
            tried(source, direction, states)
        ),
        Event::IoFailed {
            source,
            direction,
            ref error,
        } => match direction {
            Direction::Read => format!(
                "{who} tries to {} source {source}, and fails: {error}.",
                tried(source, direction, states)
            ),
            Direction::Write => format!(
                "{who} tries to connect source {source}, or to write to it, and fails: {error}."
            ),
        },
        _ => return None,
    })
}

/// What a task has tried, before the name of the source.
fn tried(source: u64, direction: Direction, states: [&Snapshot; 2]) -> &'static str {
    match direction {
        Direction::Read if is_listener(source, states) => "accept a connection from",
        Direction::Read => "read from",
        Direction::Write => "write to",
    }
}

/// What a task has done, of which no bytes are told.
fn done(source: u64, direction: Direction, states: [&Snapshot; 2]) -> String {
    use SourceKind::{UdpSocket, UnixDatagram};
    match (kind(source, states), direction) {
        _ if is_listener(source, states) => format!("accepts a connection from source {source}"),
        (Some(UdpSocket | UnixDatagram), Direction::Read) => {
            format!("receives a datagram from source {source}")
        }
        (Some(UdpSocket | UnixDatagram), Direction::Write) => {
            format!("sends a datagram through source {source}")
        }
        _ => format!("does an operation of its own on source {source}, and it succeeds"),
    }
}

fn is_listener(source: u64, states: [&Snapshot; 2]) -> bool {
    let kind = kind(source, states);
    matches!(
        kind,
        Some(SourceKind::TcpListener | SourceKind::UnixListener)
    )
}

fn kind(source: u64, states: [&Snapshot; 2]) -> Option<SourceKind> {
    let views = states.map(|state| state.sources.get(&source));
    views.into_iter().flatten().next().map(|view| view.kind)
}
