//! Time: sleeping, deadlines, and the wheel that keeps them.
//!
//! In reading order: `wheel` keeps timers by their deadline, `timers` drives it by the
//! runtime's clock, [`sleep()`] is the future that waits in it, and [`timeout()`] and
//! [`interval()`] are built on that. [`Instant`] is a moment by the runtime's clock, which a
//! test may [`pause`] and [`advance`].

mod control;
pub mod error;
mod interval;
mod missed;
mod send_timeout;
mod sleep;
mod timeout;

pub use crate::machine::instant::Instant;
pub use control::{advance, pause, resume};
pub use interval::{Interval, interval, interval_at};
pub use missed::MissedTickBehavior;
pub use sleep::{Sleep, sleep, sleep_until};
pub use std::time::Duration;
pub use timeout::{Timeout, timeout, timeout_at};
