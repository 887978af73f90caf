//! The executor's rows: see `work/executor.rs`, `work/select.rs` and `work/wake.rs` for what is
//! measured and how it could deceive.
//!
//! All contenders of a row live on one thread, pinned to the server's core, and take turns.

use super::rounds::{Effort, in_turns};
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::{Core, pin_to};
use crate::kit::sides::{floor, tokio, treadle};
use crate::kit::work::Bench;
use std::io;

pub(super) static ROWS: [Row; 9] = [
    Row {
        id: "executor/spawn",
        what: "spawn a ready future and await it",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.40),
        measure: |effort| {
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::executor::spawn_and_await(),
                    tokio::executor::spawn_and_await(),
                    floor::executor::spawn_and_await(),
                ],
            )
        },
    },
    Row {
        id: "executor/spawn_10000",
        what: "spawn 10,000, then join them, per task",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.45),
        measure: |effort| {
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::executor::spawn_then_join(),
                    tokio::executor::spawn_then_join(),
                    floor::executor::spawn_then_join(),
                ],
            )
        },
    },
    Row {
        id: "executor/self_wake",
        what: "a task that wakes itself",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.45),
        measure: |effort| {
            take_turns(
                effort,
                31,
                300_000,
                vec![
                    treadle::executor::self_wake(),
                    tokio::executor::self_wake(),
                    floor::executor::self_wake(),
                ],
            )
        },
    },
    Row {
        id: "executor/yield_1",
        what: "yield_now, one task",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.12),
        measure: |effort| {
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::executor::yield_alone(),
                    tokio::executor::yield_alone(),
                    floor::executor::yield_alone(),
                ],
            )
        },
    },
    Row {
        id: "executor/yield_1000",
        what: "yield_now, 1,000 tasks",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.40),
        measure: |effort| {
            take_turns(
                effort,
                31,
                200_000,
                vec![
                    treadle::executor::yield_in_a_crowd(),
                    tokio::executor::yield_in_a_crowd(),
                    floor::executor::yield_in_a_crowd(),
                ],
            )
        },
    },
    Row {
        id: "executor/select",
        what: "select! of two futures that cost nothing",
        unit: Unit::Nanoseconds,
        goal: Goal::None,
        measure: |effort| {
            take_turns(
                effort,
                31,
                200_000,
                vec![treadle::select::race_of_two(), tokio::select::race_of_two()],
            )
        },
    },
    Row {
        id: "executor/wake_round_trip",
        what: "wake from another thread, until the task has run",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(1.0),
        measure: |effort| {
            take_turns(
                effort,
                21,
                1_000,
                vec![
                    treadle::wake::round_trip(),
                    tokio::wake::round_trip(),
                    floor::wake::round_trip(),
                ],
            )
        },
    },
    Row {
        id: "executor/wake_call",
        what: "the wake() call from another thread, one task",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.9),
        measure: |effort| {
            take_turns(
                effort,
                21,
                200_000,
                vec![
                    treadle::wake::wake_call(),
                    tokio::wake::wake_call(),
                    floor::wake::wake_call(),
                ],
            )
        },
    },
    Row {
        id: "executor/wake_sleeper",
        what: "the wake() call, another task each, runtime busy",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.9),
        measure: |effort| {
            take_turns(
                effort,
                21,
                5_000,
                vec![
                    treadle::wake::wake_sleeper(),
                    tokio::wake::wake_sleeper(),
                    floor::wake::wake_sleeper(),
                ],
            )
        },
    },
];

/// Treadle, Tokio and perhaps the floor, in turns on this thread.
pub(super) fn take_turns(
    effort: Effort,
    rounds: usize,
    operations: u64,
    mut benches: Vec<Bench>,
) -> io::Result<Figures> {
    pin_to(Core::Server);
    let samples = in_turns(
        &mut benches,
        effort.rounds(rounds),
        effort.operations(operations),
    );
    Ok(Figures::of(samples))
}
