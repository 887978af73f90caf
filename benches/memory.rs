//! The bytes that an idle task and a pending timer ask of the allocator.
//!
//! This is a target of its own because of its allocator: one that counts every call pays four
//! locked instructions for an allocation and its return, which would be a quarter of the time of
//! a spawn. So it lives here, where nothing is timed, and `zz_table` runs it and says its figures
//! beside the resident memory.
//!
//! Requested bytes leave out what the allocator adds (its own header, rounding) and what a vector
//! keeps ready; resident memory has both. Neither alone is the truth.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::wishes::Wishes;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many tasks or timers are brought to rest.
const THINGS: u64 = 100_000;

const ROWS: [&str; 2] = ["memory/task", "memory/timer"];

const USAGE: &str = "\
The bytes that an idle task and a pending timer ask of the allocator.

cargo bench -p treadle --bench memory -- [NAME]...

NAME  measures only the rows with that in their names";

fn main() {
    let wishes = Wishes::of(std::env::args().skip(1));
    if wishes.answer(USAGE, &ROWS) {
        return;
    }
    if wishes.include("memory/task") {
        say(
            "task",
            [
                treadle::memory::idle_tasks(THINGS, asked()),
                tokio::memory::idle_tasks(THINGS, asked()),
                bare::memory::idle_tasks(THINGS, asked()),
            ],
        );
    }
    if wishes.include("memory/timer") {
        say(
            "timer",
            [
                treadle::memory::pending_timers(THINGS, asked()),
                tokio::memory::pending_timers(THINGS, asked()),
                bare::memory::pending_timers(THINGS, asked()),
            ],
        );
    }
}

/// From now until it is called: bytes asked for and not given back.
fn asked() -> impl FnOnce() -> u64 {
    let region = Region::new(COUNTING);
    move || {
        let change = region.change();
        (change.bytes_allocated - change.bytes_deallocated) as u64
    }
}

fn say(thing: &str, bytes: [u64; 3]) {
    let [treadle, tokio, floor] = bytes.map(|bytes| bytes as f64 / THINGS as f64);
    println!("requested bytes a {thing}: treadle {treadle:.0}, tokio {tokio:.0}, floor {floor:.0}");
}
