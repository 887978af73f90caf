//! Waiting for a peer, and what ends the wait.
//!
//! Whatever a connection waits for, it waits through [`Turn::wait`], which knows for how long
//! (see [`Config`](crate::h1::config::Config)). Most waits have a fixed time. Two are measured by
//! what the peer does meanwhile, the wait for a body and the wait for room to write: they have
//! an [`Allowance`](super::allowance::Allowance), and this is where it is spent and earned.
//!
//! How it can go wrong: a peer that makes the connection wait now for this and now for that
//! must not have its whole time anew with each change. So the rest of an interrupted wait is
//! noted before another begins.

use std::task::Poll;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};

use super::connection::{Step, Turn};
use super::state::Stage;
use super::timeouts::Wait;
use crate::mark::Mark;
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Waits, unless that has lasted too long already.
    pub(super) fn wait(&mut self, wait: Wait) -> Step {
        if self.timeouts.wait() != Some(wait) {
            self.stop_waiting();
        }
        if self.budget.is_to_blame() {
            // Not a wait for the peer: what it has sent or taken has not been looked at.
            return Step::Rest;
        }
        let time = self.time_for(wait);
        match self.timeouts.poll(wait, time, self.now, self.cx) {
            Poll::Pending => Step::Rest,
            Poll::Ready(()) => self.expired(wait),
        }
    }

    /// How long a wait that begins now may last.
    fn time_for(&self, wait: Wait) -> Duration {
        let config = &self.shared.config;
        match wait {
            Wait::Idle if self.work.has_begun => config.idle_timeout,
            Wait::Idle => config.first_timeout(),
            Wait::Head => config.head_timeout,
            Wait::Drain => config.linger_timeout,
            Wait::Write => self.work.allowance.left(config.write_timeout),
            Wait::Body => {
                let allowance = self
                    .work
                    .request_body
                    .as_ref()
                    .map(|request_body| request_body.allowance);
                allowance.unwrap_or_default().left(config.body_timeout)
            }
            Wait::Linger => config.linger_timeout.min(self.time_to_linger()),
            Wait::Delivery => config.linger_timeout,
        }
    }

    fn time_to_linger(&self) -> Duration {
        match &self.work.stage {
            Stage::Linger(linger) => linger.until.saturating_duration_since(self.now),
            _ => Duration::MAX,
        }
    }

    /// The peer is not waited for any more, for now.
    pub(super) fn stop_waiting(&mut self) {
        match (self.timeouts.stop(self.now), &mut self.work.request_body) {
            (Some((Wait::Write, left)), _) => self.work.allowance.set(left),
            (Some((Wait::Body, left)), Some(request_body)) => request_body.allowance.set(left),
            _ => {}
        }
    }

    /// So much of a body has arrived, in whatever way it is laid out.
    pub(super) fn received(&mut self, count: usize) {
        self.stop_waiting();
        let config = &self.shared.config;
        if let Some(request_body) = &mut self.work.request_body {
            let allowance = &mut request_body.allowance;
            allowance.earn(count, config.min_body_rate, config.body_timeout);
        }
    }

    /// So much has left.
    #[inline]
    pub(super) fn sent(&mut self, count: usize) {
        if self.timeouts.is_set() || !self.work.allowance.is_full() {
            self.count_sent(count);
        }
    }

    #[cold]
    fn count_sent(&mut self, count: usize) {
        self.stop_waiting();
        let config = &self.shared.config;
        let allowance = &mut self.work.allowance;
        allowance.earn(count, config.min_write_rate, config.write_timeout);
    }
}
