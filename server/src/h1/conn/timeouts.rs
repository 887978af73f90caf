//! One timer for all the timeouts of a connection, set as rarely as possible.
//!
//! A connection always waits for one thing at a time: the next request, the rest of a head,
//! a piece of body, room to write. Each wait has its own limit, so at any moment there is
//! one deadline. To set a timer for each would mean one insertion into the wheel and one
//! removal with every request, for a timer that practically never fires.
//!
//! So the deadline and the timer are two things. The deadline is a number, and to change it
//! costs nothing. The timer is armed for *some* moment not later than the deadline: when it
//! fires and the deadline has moved on meanwhile, the timer is armed again, for the deadline
//! as it is now. A busy connection with an idle timeout of sixty seconds thus touches the
//! wheel once a minute, however many thousand requests it serves in that minute. Only a
//! deadline that comes *nearer* (from sixty seconds of idling to ten for a head that has
//! begun) sets the timer at once, and that happens only when a client is slow.
//!
//! How it can go wrong: measuring progress. A limit on *time without a byte* must start
//! anew with each byte; a limit on *the whole head* must not, or a client that sends a byte
//! every nine seconds would stay for ever. So the deadline is fixed when a wait of a kind
//! begins, and stays until [`progress`](Timeouts::progress) is reported or another kind begins.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use runtime::time::{Instant, Sleep, sleep_until};

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// The first byte of the next request.
    Idle,
    /// The rest of a head.
    Head,
    /// A piece of a body that a reader waits for.
    Body,
    /// Room to write.
    Write,
    /// The rest of a body without a reader.
    Drain,
    /// The peer to see that we have closed.
    Linger,
    /// What was sent to arrive, before a reset.
    Delivery,
}

/// The deadline of the current wait, and the timer behind it. `W` says what is waited for.
#[derive(Debug)]
pub(in crate::h1) struct Timeouts<W> {
    timer: Sleep,
    due: Instant,
    /// What the deadline is for; `None` if the next wait sets a new one.
    wait: Option<W>,
}

impl<W: Copy + PartialEq> Timeouts<W> {
    /// The timer is armed for `longest` from now at first; no wait lasts yet.
    pub(in crate::h1) fn new(longest: Duration) -> Self {
        let due = after(Instant::now(), longest);
        Timeouts {
            timer: sleep_until(due),
            due,
            wait: None,
        }
    }

    /// Something happened: the next wait has its whole time.
    #[inline]
    pub(in crate::h1) fn progress(&mut self) {
        self.wait = None;
    }

    /// Whether a wait lasts.
    #[inline]
    pub(in crate::h1) fn is_set(&self) -> bool {
        self.wait.is_some()
    }

    /// The wait that lasts, if one does.
    #[inline]
    pub(in crate::h1) fn wait(&self) -> Option<W> {
        self.wait
    }

    /// Ends the wait, if one lasts: its kind, and the time that it had left.
    pub(in crate::h1) fn stop(&mut self, now: Instant) -> Option<(W, Duration)> {
        let wait = self.wait.take()?;
        Some((wait, self.due.saturating_duration_since(now)))
    }

    /// Ready when the wait has lasted too long: `time`, counted from `now` if the wait begins
    /// with this poll. `now` is the moment the poll began.
    #[inline]
    pub(in crate::h1) fn poll(
        &mut self,
        wait: W,
        time: Duration,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if self.wait != Some(wait) {
            self.wait = Some(wait);
            self.due = after(now, time);
            if self.due < self.timer.deadline() {
                self.arm();
            }
        }
        // When the timer fires early, because the deadline has moved on, it is armed again.
        loop {
            ready!(Pin::new(&mut self.timer).poll(cx));
            if self.timer.deadline() >= self.due {
                return Poll::Ready(());
            }
            self.arm();
        }
    }

    #[cold]
    fn arm(&mut self) {
        Pin::new(&mut self.timer).reset(self.due);
    }
}

/// `now + time`; a time too long for the clock is thirty years, which is never.
pub(super) fn after(now: Instant, time: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now.checked_add(time).unwrap_or(now + NEVER)
}
