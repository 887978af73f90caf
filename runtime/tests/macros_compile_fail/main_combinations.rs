#![allow(deprecated)]

#[runtime::main(
    flavor = "current_thread",
    worker_threads = 2, //~ error: `worker_threads` requires the flavor `multi_thread`
)]
async fn workers_on_one_thread() {}

#[runtime::test(
    worker_threads = 2, //~ error: write `#[runtime::test(flavor = "multi_thread", ...)]`
)]
async fn tests_are_on_one_thread_by_default() {}

#[runtime::main(
    flavor = "multi_thread",
    start_paused = true, //~ error: `start_paused` requires the flavor `current_thread`
)]
async fn paused_on_many_threads() {}

#[runtime::main(
    worker_threads = 2,
    unhandled_panic = "ignore", //~ error: `unhandled_panic` requires the flavor `current_thread`
)]
async fn panics_on_many_threads() {}

fn main() {}
