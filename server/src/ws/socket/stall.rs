//! A peer that does not take what is sent to it.
//!
//! While something waits to be written, the peer's [`Allowance`] runs down; bytes that leave
//! add to it. While nothing waits, or the sender does something else, the clock stands still.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use runtime::time::{Instant, Sleep, sleep};

use crate::h1::conn::allowance::Allowance;
use crate::ws::config::WebSocketConfig;

/// How long the peer may still be waited for.
#[derive(Debug, Default)]
pub(super) struct Stall {
    allowance: Allowance,
    /// Runs while something waits.
    timer: Option<Box<Sleep>>,
}

impl Stall {
    /// The socket takes nothing now. Ready when that has lasted too long.
    pub(super) fn poll(&mut self, config: &WebSocketConfig, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.allowance.left(config.write_timeout);
        let timer = self.timer.get_or_insert_with(|| Box::new(sleep(left)));
        Pin::new(&mut **timer).poll(cx)
    }

    /// Bytes have left.
    pub(super) fn progress(&mut self, bytes: usize, config: &WebSocketConfig) {
        self.stop();
        self.allowance
            .earn(bytes, config.min_write_rate, config.write_timeout);
    }

    /// Nothing is waited for any more.
    pub(super) fn stop(&mut self) {
        if let Some(timer) = self.timer.take() {
            let left = timer.deadline().saturating_duration_since(Instant::now());
            self.allowance.set(left);
        }
    }
}
