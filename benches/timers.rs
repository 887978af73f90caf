//! Criterion's timings of timers: setting and dropping one; Treadle and Tokio in one group.
//!
//! The work is that of `work/timers.rs`, where it says how it could deceive (a cold Tokio, the
//! budget, timers that fire). Ratios are `zz_table`'s business. Times are CPU time of the thread.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::single::{criterion, single};

/// How many timers wait in the second group; each contender sets them before it is measured.
const OUTSTANDING: u64 = 1_000_000;

fn main() {
    let mut c = criterion();

    let mut group = c.benchmark_group("timers/sleep_0");
    single(&mut group, "treadle", 1, || {
        treadle::timers::set_and_drop(0)
    });
    single(&mut group, "tokio", 1, || tokio::timers::set_and_drop(0));
    single(&mut group, "floor", 1, || bare::timers::set_and_drop(0));
    group.finish();

    let mut group = c.benchmark_group("timers/sleep_1000000");
    single(&mut group, "treadle", 1, || {
        treadle::timers::set_and_drop(OUTSTANDING)
    });
    single(&mut group, "tokio", 1, || {
        tokio::timers::set_and_drop(OUTSTANDING)
    });
    single(&mut group, "floor", 1, || {
        bare::timers::set_and_drop(OUTSTANDING)
    });
    group.finish();

    c.final_summary();
}
