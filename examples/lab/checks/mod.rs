//! The checks. (`build.rs` compiles them: see `src/lib.rs`.)

#[path = "01_poll.rs"]
mod s01;
#[path = "02_waker.rs"]
mod s02;
#[path = "03_block_on.rs"]
mod s03;
#[path = "04_run_queue.rs"]
mod s04;
#[path = "05_wakes.rs"]
mod s05;
#[path = "06_join.rs"]
mod s06;
#[path = "07_timers.rs"]
mod s07;
#[path = "08_reactor.rs"]
mod s08;
#[path = "09_doorbell.rs"]
mod s09;
#[path = "10_runtime.rs"]
mod s10;
