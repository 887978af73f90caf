//! Criterion's timings of channels and locks; Treadle and Tokio in one group.
//!
//! The work is that of `work/sync.rs`, where it says how it could deceive (the budget, and what is
//! the executor's rather than the channel's). Ratios are `zz_table`'s business. Times are CPU time
//! of the thread.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{tokio, treadle};
use kit::single::{criterion, single};

/// How many messages a stream has at least: what it does once is spread over them.
const MESSAGES: u64 = 10_000;

fn main() {
    let mut c = criterion();

    let mut group = c.benchmark_group("sync/ping_pong");
    single(&mut group, "treadle", 1, treadle::sync::ping_pong);
    single(&mut group, "tokio", 1, tokio::sync::ping_pong);
    group.finish();

    let mut group = c.benchmark_group("sync/oneshot");
    single(&mut group, "treadle", 1, treadle::sync::ask_and_answer);
    single(&mut group, "tokio", 1, tokio::sync::ask_and_answer);
    group.finish();

    let mut group = c.benchmark_group("sync/stream");
    single(&mut group, "treadle", MESSAGES, treadle::sync::stream);
    single(&mut group, "tokio", MESSAGES, tokio::sync::stream);
    group.finish();

    let mut group = c.benchmark_group("sync/select");
    single(
        &mut group,
        "treadle",
        MESSAGES,
        treadle::sync::select_of_two,
    );
    single(&mut group, "tokio", MESSAGES, tokio::sync::select_of_two);
    group.finish();

    let mut group = c.benchmark_group("sync/mutex");
    single(&mut group, "treadle", 1, treadle::sync::lock);
    single(&mut group, "tokio", 1, tokio::sync::lock);
    group.finish();

    let mut group = c.benchmark_group("sync/semaphore");
    single(&mut group, "treadle", 1, treadle::sync::acquire);
    single(&mut group, "tokio", 1, tokio::sync::acquire);
    group.finish();

    c.final_summary();
}
