//! Time: sleeping, deadlines, and the wheel that keeps them.
//!
//! In reading order: `wheel` keeps timers by their deadline, `timers` drives it by the
//! runtime's clock, [`sleep()`] is the future that waits in it, and [`timeout()`] and
//! [`interval()`] are built on that. [`Instant`] is a moment by the runtime's clock, which a
//! test may [`pause`] and [`advance`].

mod beyond;
mod control;
pub mod error;
mod instant;
mod interval;
mod missed;
mod sleep;
mod timeout;
mod timers;
pub(crate) mod wheel;

pub use control::{advance, pause, resume};
pub use instant::Instant;
pub use interval::{Interval, interval, interval_at};
pub use missed::MissedTickBehavior;
pub use sleep::{Sleep, sleep, sleep_until};
pub use std::time::Duration;
pub use timeout::{Timeout, timeout, timeout_at};
pub(crate) use timers::Timers;
