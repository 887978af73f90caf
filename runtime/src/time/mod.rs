//! Time: sleeping and deadlines.
//!
//! The machine keeps timers by their deadline (`machine/timers/wheel.rs`) and fires them by the runtime's clock
//! (`machine/timers.rs`). In reading order: [`sleep()`] is the future that waits for a timer, and [`timeout()`] and
//! [`interval()`] are built on that. [`Instant`] is a moment by the runtime's clock, which a
//! test may [`pause`] and [`advance`].

mod control;
pub mod error;
mod interval;
mod missed;
mod send_timeout;
mod sleep;
mod timeout;

pub use crate::base::instant::Instant;
pub use control::{advance, pause, resume};
pub use interval::{Interval, interval, interval_at};
pub use missed::MissedTickBehavior;
pub use sleep::{Sleep, sleep, sleep_until};
pub use std::time::Duration;
pub use timeout::{Timeout, timeout, timeout_at};
