//! Senders that wait for the end of all receivers, beside what a model says of them.
//!
//! Broadcast and watch have the same wait, `closed`. In the model it is a flag: a task that was polled
//! while there were receivers is in the line, and is woken once when the last of them goes.

use std::future::Future;

use crate::waits::Wait;

/// The waits of one channel. Each holds a sender.
#[derive(Default)]
pub(crate) struct EndWaits(Vec<EndWait>);

struct EndWait {
    wait: Wait<'static, ()>,
    in_line: bool,
    /// How often it must have been woken.
    wakes: usize,
}

impl EndWaits {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One more begins to wait; there are receivers, or there are none.
    pub(crate) fn begin(&mut self, closed: impl Future<Output = ()> + 'static, receivers: bool) {
        self.0.push(EndWait {
            wait: Wait::new(closed),
            in_line: false,
            wakes: 0,
        });
        self.poll(self.0.len() - 1, receivers);
    }

    /// One of them looks, and is gone if it has heard of the end.
    pub(crate) fn poll(&mut self, at: usize, receivers: bool) {
        let at = at % self.0.len().max(1);
        let Some(one) = self.0.get_mut(at) else {
            return;
        };
        one.in_line = one.wait.is_pending();
        assert_eq!(one.in_line, receivers);
        if !one.in_line {
            self.give_up(at);
        }
    }

    /// One of them waits no more.
    pub(crate) fn give_up(&mut self, at: usize) {
        if !self.0.is_empty() {
            drop(self.0.swap_remove(at % self.0.len()));
        }
    }

    /// The last receiver has gone.
    pub(crate) fn receivers_gone(&mut self) {
        for one in &mut self.0 {
            one.wakes += usize::from(std::mem::take(&mut one.in_line));
        }
    }

    pub(crate) fn check(&self) {
        for one in &self.0 {
            assert_eq!(one.wait.wakes(), one.wakes);
        }
    }
}
