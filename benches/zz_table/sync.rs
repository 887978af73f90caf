//! The primitives' rows: see `work/sync.rs` for what is measured and how it could deceive.
//!
//! There is no floor here: a hand-written channel without a bound, a close or a wait list would be
//! a queue, and would say nothing about channels.

use super::executor::take_turns;
use super::row::{Goal, Row, Unit};
use crate::kit::sides::{tokio, treadle};

pub(super) static ROWS: [Row; 6] = [
    Row {
        id: "sync/ping_pong",
        what: "two tasks, mpsc(1) ping-pong, per round trip",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.40),
        measure: |effort| {
            take_turns(
                effort,
                31,
                50_000,
                vec![treadle::sync::ping_pong(), tokio::sync::ping_pong()],
            )
        },
    },
    Row {
        id: "sync/oneshot",
        what: "two tasks, request by mpsc(1), reply by oneshot",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.50),
        measure: |effort| {
            take_turns(
                effort,
                31,
                50_000,
                vec![
                    treadle::sync::ask_and_answer(),
                    tokio::sync::ask_and_answer(),
                ],
            )
        },
    },
    Row {
        id: "sync/stream",
        what: "mpsc(1000), per message",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.22),
        measure: |effort| {
            take_turns(
                effort,
                31,
                200_000,
                vec![treadle::sync::stream(), tokio::sync::stream()],
            )
        },
    },
    Row {
        id: "sync/select",
        what: "select! over two channels, per message",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.40),
        measure: |effort| {
            take_turns(
                effort,
                31,
                100_000,
                vec![treadle::sync::select_of_two(), tokio::sync::select_of_two()],
            )
        },
    },
    Row {
        id: "sync/mutex",
        what: "Mutex, lock and unlock, uncontended",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.20),
        measure: |effort| {
            take_turns(
                effort,
                31,
                200_000,
                vec![treadle::sync::lock(), tokio::sync::lock()],
            )
        },
    },
    Row {
        id: "sync/semaphore",
        what: "Semaphore, acquire and release",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.30),
        measure: |effort| {
            take_turns(
                effort,
                31,
                200_000,
                vec![treadle::sync::acquire(), tokio::sync::acquire()],
            )
        },
    },
];
