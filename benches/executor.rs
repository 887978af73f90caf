//! Criterion's timings of the executor: spawning, waking, yielding; Treadle and Tokio in one group.
//!
//! Criterion measures one contender after the other, so read each figure by itself, over the
//! weeks, and take ratios from `zz_table`. The work is that of `work/executor.rs` and
//! `work/select.rs`, where it also says how it could deceive. Times are CPU time of the thread.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::single::{criterion, single};

fn main() {
    let mut c = criterion();

    let mut group = c.benchmark_group("executor/spawn");
    single(&mut group, "treadle", 1, treadle::executor::spawn_and_await);
    single(&mut group, "tokio", 1, tokio::executor::spawn_and_await);
    single(&mut group, "floor", 1, bare::executor::spawn_and_await);
    group.finish();

    let mut group = c.benchmark_group("executor/spawn_10000");
    let tasks = treadle::executor::TASKS;
    single(
        &mut group,
        "treadle",
        tasks,
        treadle::executor::spawn_then_join,
    );
    single(&mut group, "tokio", tasks, tokio::executor::spawn_then_join);
    single(&mut group, "floor", tasks, bare::executor::spawn_then_join);
    group.finish();

    let mut group = c.benchmark_group("executor/self_wake");
    single(&mut group, "treadle", 1, treadle::executor::self_wake);
    single(&mut group, "tokio", 1, tokio::executor::self_wake);
    single(&mut group, "floor", 1, bare::executor::self_wake);
    group.finish();

    let mut group = c.benchmark_group("executor/yield_1");
    single(&mut group, "treadle", 1, treadle::executor::yield_alone);
    single(&mut group, "tokio", 1, tokio::executor::yield_alone);
    single(&mut group, "floor", 1, bare::executor::yield_alone);
    group.finish();

    let mut group = c.benchmark_group("executor/yield_1000");
    let yields = 20 * treadle::executor::YIELDERS;
    single(
        &mut group,
        "treadle",
        yields,
        treadle::executor::yield_in_a_crowd,
    );
    single(
        &mut group,
        "tokio",
        yields,
        tokio::executor::yield_in_a_crowd,
    );
    single(
        &mut group,
        "floor",
        yields,
        bare::executor::yield_in_a_crowd,
    );
    group.finish();

    let mut group = c.benchmark_group("executor/select");
    single(&mut group, "treadle", 1, treadle::select::race_of_two);
    single(&mut group, "tokio", 1, tokio::select::race_of_two);
    group.finish();

    c.final_summary();
}
