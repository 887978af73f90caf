//! The rows of user CPU: what a request costs in the program itself, without the kernel's part.
//!
//! Nearly all of a plain request is the kernel's, and that part is the same for every contender, so a
//! ratio of the whole hides what the program does. Here each server's CPU for a request is multiplied by
//! the share of its whole CPU time that was the program's (`utime` by `utime` and `stime`).
//!
//! How one fools oneself: with the kernel's split. A usual kernel does not measure it. It looks a few
//! hundred times a second where the thread is, and counts; so a share is a *sample*, and of a short round
//! it is chance. Here each server works for seconds and there are many of them. All of a contender's are
//! added up, so the ratio is one column by the other, and the note says how far chance may have moved it
//! (the standard error, from how much the servers differ). And what is on its way into the kernel or out
//! of it counts for the program in part: 45 ns a system call on one virtual machine, found with calls
//! whose cost is known. It is the same for all, draws each ratio towards 1, and shows at the floor.

use super::child::SIDES;
use super::job::Protocol;
use super::rounds::Effort;
use super::row::{Figures, Goal, Row, Unit};
use super::sockets::{Load, load_sides};
use std::io;

pub(super) static ROWS: [Row; 2] = [
    Row {
        id: "http/plain_user",
        what: "HTTP (hyper), 64 connections: user CPU a request",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.55),
        measure: |effort| user_cpu(effort, 15, 1, 20_000),
    },
    Row {
        id: "http/pipelined_user",
        what: "HTTP (hyper), 16 requests at once: user CPU a request",
        unit: Unit::Nanoseconds,
        goal: Goal::Ratio(0.50),
        measure: |effort| user_cpu(effort, 9, 16, 100_000),
    },
];

/// How many rounds each process serves: together some seconds.
const ROUNDS: usize = 20;

fn user_cpu(effort: Effort, processes: usize, depth: usize, messages: u64) -> io::Result<Figures> {
    let load = Load {
        protocol: Protocol::Http,
        connections: 64,
        depth,
        messages,
        rounds: ROUNDS,
    };
    let mut taken = vec![Vec::new(); SIDES.len()];
    for process in 0..effort.rounds(processes) {
        for (side, loaded) in load_sides(effort, &SIDES, process, &load)? {
            taken[side].push(mean(&loaded.cpus) * loaded.user);
        }
    }
    let means: Vec<f64> = taken.iter().map(|costs| mean(costs)).collect();
    if means[1] == 0.0 {
        return Err(io::Error::other("too short for the kernel's count"));
    }
    let error = standard_error(&taken[0], &taken[1], means[0] / means[1]) / means[1];
    let known = match error.is_finite() {
        true => format!("the ratio is known to ± {error:.3}"),
        false => "too few to know how exact the ratio is".to_owned(),
    };
    let mut figures = Figures::of(means.into_iter().map(|mean| vec![mean]).collect());
    figures.note = Some(format!(
        "means of {} servers of each; {known}",
        taken[0].len()
    ));
    Ok(figures)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Of the mean of what is left of `ours` when `ratio` times `theirs` is taken off.
fn standard_error(ours: &[f64], theirs: &[f64], ratio: f64) -> f64 {
    let n = ours.len() as f64;
    let pairs = ours.iter().zip(theirs);
    let squares: f64 = pairs.map(|(a, b)| (a - ratio * b).powi(2)).sum();
    (squares / (n * (n - 1.0))).sqrt()
}
