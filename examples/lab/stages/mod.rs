//! The stages, as the learner has them.

#[path = "01_poll.rs"]
pub mod s01;
#[path = "02_waker.rs"]
pub mod s02;
#[path = "03_block_on.rs"]
pub mod s03;
#[path = "04_run_queue.rs"]
pub mod s04;
#[path = "05_wakes.rs"]
pub mod s05;
#[path = "06_join.rs"]
pub mod s06;
#[path = "07_timers.rs"]
pub mod s07;
#[path = "08_reactor.rs"]
pub mod s08;
#[path = "09_doorbell.rs"]
pub mod s09;
#[path = "10_runtime.rs"]
pub mod s10;
