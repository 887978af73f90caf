//! The timers' rows: see `work/timers.rs` for what is measured and how it could deceive.
//!
//! With a million timers outstanding, each contender holds its own million through all rounds, so
//! they also compete for the caches as they would in a program that has other things to do.

use super::child::{Running, SIDES, words};
use super::executor::take_turns;
use super::rounds::{Effort, in_turns};
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::{Core, pin_to};
use crate::kit::sides::{floor, tokio, treadle};
use std::io;

/// How many timers wait in the second and third row.
const MILLION: u64 = 1_000_000;

pub(super) static ROWS: [Row; 5] = [
    Row {
        id: "timers/sleep_0",
        what: "sleep(60 s): create, poll once, drop",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.50),
        measure: |effort| {
            take_turns(
                effort,
                31,
                100_000,
                vec![
                    treadle::timers::set_and_drop(0),
                    tokio::timers::set_and_drop(0),
                    floor::timers::set_and_drop(0),
                ],
            )
        },
    },
    Row {
        id: "timers/sleep_1000000",
        what: "the same with 1,000,000 timers outstanding",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.30),
        measure: |effort| {
            let outstanding = effort.operations(MILLION);
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::timers::set_and_drop(outstanding),
                    tokio::timers::set_and_drop(outstanding),
                    floor::timers::set_and_drop(outstanding),
                ],
            )
        },
    },
    Row {
        id: "timers/sleep_growth",
        what: "how many times its own empty figure that is",
        unit: Unit::Factor,
        goal: Goal::Figure(1.2),
        measure: growth,
    },
    Row {
        id: "timers/replace_1000000",
        what: "replace the oldest of 1,000,000 timers",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        measure: |effort| {
            let outstanding = effort.operations(MILLION);
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::timers::replace_oldest(outstanding),
                    tokio::timers::replace_oldest(outstanding),
                ],
            )
        },
    },
    Row {
        id: "timers/million_sleeps",
        what: "1,000,000 sleeps of 1 to 1000 ms: CPU a sleep",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.60),
        measure: million_sleeps,
    },
];

/// Every round in a process of its own: a million tasks, freed in the order of their deadlines,
/// leave a heap in which the next million lie scattered, and the next contender pays for it.
fn million_sleeps(effort: Effort) -> io::Result<Figures> {
    let sleeps = effort.operations(MILLION).to_string();
    let mut taken = [const { Vec::new() }; 3];
    for round in 0..effort.rounds(9) {
        for turn in 0..SIDES.len() {
            let at = (round + turn) % SIDES.len();
            let child = words(&["work", "many_sleeps", SIDES[at], &sleeps]);
            let line = Running::start(&child)?.line()?;
            taken[at].push(line.parse().map_err(io::Error::other)?);
        }
    }
    Ok(Figures::of(taken.to_vec()))
}

/// Each contender's figure with a million outstanding by its figure with none, round by round.
fn growth(effort: Effort) -> io::Result<Figures> {
    pin_to(Core::Server);
    let outstanding = effort.operations(MILLION);
    let pairs = [
        [
            treadle::timers::set_and_drop(0),
            treadle::timers::set_and_drop(outstanding),
        ],
        [
            tokio::timers::set_and_drop(0),
            tokio::timers::set_and_drop(outstanding),
        ],
        [
            floor::timers::set_and_drop(0),
            floor::timers::set_and_drop(outstanding),
        ],
    ];
    let mut benches: Vec<_> = pairs.into_iter().flatten().collect();
    let taken = in_turns(&mut benches, effort.rounds(21), effort.operations(50_000));
    let factors = taken.chunks_exact(2).map(|pair| {
        let rounds = pair[1].iter().zip(&pair[0]);
        rounds.map(|(full, empty)| full / empty).collect()
    });
    Ok(Figures::of(factors.collect()))
}
