//! The files of the lab. (`build.rs` reads this, too.)

/// How many stages there are.
pub const STAGES: usize = 10;

/// The names of the files of the stages, in order. Those of the checks and of the solutions are the same.
pub const FILES: [&str; STAGES] = [
    "01_poll.rs",
    "02_waker.rs",
    "03_block_on.rs",
    "04_run_queue.rs",
    "05_wakes.rs",
    "06_join.rs",
    "07_timers.rs",
    "08_reactor.rs",
    "09_doorbell.rs",
    "10_runtime.rs",
];
