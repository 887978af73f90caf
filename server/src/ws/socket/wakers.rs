//! Two tasks at one socket.
//!
//! A WebSocket may be split: one task reads, another one writes. But the reader writes too,
//! as it answers pings and close frames. The stream below remembers one waker for its writing
//! side, and the last one wins. So a task that waits for room to write leaves a waker that
//! wakes both.

use std::sync::Arc;
use std::task::{Context, Wake, Waker};

/// Who polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Reader,
    Writer,
}

/// The tasks that wait.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Wakers {
    /// This side waits.
    pub(super) fn wait(&mut self, side: Side, cx: &Context<'_>) {
        let place = self.place(side);
        match place {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *place = Some(cx.waker().clone()),
        }
    }

    /// Wakes the task of this side, if it waits.
    pub(super) fn wake(&mut self, side: Side) {
        if let Some(waker) = self.place(side).take() {
            waker.wake();
        }
    }

    /// A waker for the task of this side and for that of the other one; `None` if there is but
    /// one task.
    pub(super) fn both(&mut self, side: Side, cx: &Context<'_>) -> Option<Waker> {
        let other = match side {
            Side::Reader => Side::Writer,
            Side::Writer => Side::Reader,
        };
        let other = self.place(other).as_ref()?;
        if other.will_wake(cx.waker()) {
            return None;
        }
        Some(Arc::new(Both(cx.waker().clone(), other.clone())).into())
    }

    fn place(&mut self, side: Side) -> &mut Option<Waker> {
        match side {
            Side::Reader => &mut self.reader,
            Side::Writer => &mut self.writer,
        }
    }
}

/// Wakes two tasks.
struct Both(Waker, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}
