//! Who may have another turn at once.
//!
//! A connection that has spent the [budget](super::budget) of its turn wants another one. If two
//! hundred such connections all went to the end of the run queue, a neighbour whose one small
//! request has just arrived would stand behind all of them. So only a few of them are in the run
//! queue at a time. The others wait in line for a **place**, and each place is handed to the
//! connection that has waited longest. The same work is done in the same order; only the run queue is
//! short, and a connection that has been idle finds its turn soon.
//!
//! The line is a [`Semaphore`]: first come, first served, and a connection that is dropped while it
//! waits leaves no gap.
//!
//! How it can go wrong: a place that is held by a connection which does not run is lost to all
//! others. So a place is held from the wake to the end of that one turn, and never longer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use runtime::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Connections that want another turn and are in the run queue.
const AT_ONCE: usize = 8;

/// The places, and the line in front of them.
pub(super) struct Turns(Arc<Semaphore>);

/// A place in the run queue for one turn.
pub(super) type Place = OwnedSemaphorePermit;

/// The place for the next turn, or the wait for it.
pub(super) enum NextTurn {
    Granted(Place),
    Waits(Pin<Box<dyn Future<Output = Result<Place, AcquireError>>>>),
}

impl Default for Turns {
    fn default() -> Self {
        Turns(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Turns {
    /// Asks for another turn: the task of `cx` is woken when it may have it.
    pub(super) fn ask(&self, cx: &mut Context<'_>) -> NextTurn {
        let next = match self.0.clone().try_acquire_owned() {
            Ok(place) => NextTurn::Granted(place),
            Err(_) => NextTurn::Waits(Box::pin(self.0.clone().acquire_owned())),
        };
        match next.begin(cx) {
            Ok(place) => {
                cx.waker().wake_by_ref();
                NextTurn::Granted(place)
            }
            Err(waits) => waits,
        }
    }
}

impl NextTurn {
    /// The place, if the turn may begin; else the wait, which will wake the task of `cx`.
    pub(super) fn begin(self, cx: &mut Context<'_>) -> Result<Place, NextTurn> {
        let mut wait = match self {
            NextTurn::Granted(place) => return Ok(place),
            NextTurn::Waits(wait) => wait,
        };
        match wait.as_mut().poll(cx) {
            Poll::Ready(place) => Ok(place.expect("the line is never closed")),
            Poll::Pending => Err(NextTurn::Waits(wait)),
        }
    }
}
