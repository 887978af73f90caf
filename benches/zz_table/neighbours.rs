//! The rows of the neighbour: how long one small request takes beside a client that takes all.
//!
//! The figure is the median of the neighbour's answers in each round (`bully.rs` has the client).
//! What a median does not say stands below the table: the worst answer of all rounds, and how many
//! requests a second the bully got through, which must not be fewer.

use super::child::{Met, NEIGHBOUR, Running, SIDES, run_bully};
use super::job::{Job, Protocol};
use super::rounds::{Effort, Samples};
use super::row::{Figures, Goal, Row, Unit};
use std::io;

/// Three thousandths of a second, by the wall.
const GOAL: Goal = Goal::Figure(3e6);

pub(super) static ROWS: [Row; 3] = [
    Row {
        id: "http/neighbour_headers",
        what: "a request (hyper) beside a pipeliner, 99 headers each",
        unit: Unit::Nanoseconds,
        goal: GOAL,
        measure: |effort| beside(effort, Protocol::BullyHeaders, 1),
    },
    Row {
        id: "http/neighbour_plain",
        what: "a request (hyper) beside a pipeliner of plain requests",
        unit: Unit::Nanoseconds,
        goal: GOAL,
        measure: |effort| beside(effort, Protocol::BullyPlain, 1),
    },
    Row {
        id: "http/neighbour_deaf",
        what: "a request (hyper) beside 200 pipeliners that read nothing",
        unit: Unit::Nanoseconds,
        goal: GOAL,
        measure: |effort| beside(effort, Protocol::BullyDeaf, 200),
    },
];

/// How many rounds, and how many milliseconds each lasts.
const ROUNDS: usize = 9;
const TIME: usize = 400;

fn beside(effort: Effort, protocol: Protocol, connections: usize) -> io::Result<Figures> {
    let sides = &SIDES[..2];
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    for side in sides {
        let (server, ports) = Running::server(NEIGHBOUR, side)?;
        servers.push(server);
        targets.push(ports);
    }
    let met = run_bully(&Job {
        protocol,
        connections,
        depth: 1,
        rounds: effort.rounds(ROUNDS),
        messages: if effort.smoke { 20 } else { TIME },
        targets,
    })?;
    let medians = met.iter().map(|met| met.medians.clone());
    let mut figures = Figures::of(medians.collect());
    let notes: Vec<String> = sides
        .iter()
        .zip(&met)
        .map(|(s, met)| note(s, met))
        .collect();
    figures.note = Some(notes.join("; "));
    Ok(figures)
}

fn note(side: &str, met: &Met) -> String {
    let worst = met.worst.iter().copied().fold(0.0, f64::max) / 1e6;
    let rates: Samples = met.rates.iter().copied().collect();
    let rate = rates.median().unwrap_or(0.0) / 1e3;
    format!("{side}: worst {worst:.1} ms, {rate:.0} thousand requests a second beside it")
}
