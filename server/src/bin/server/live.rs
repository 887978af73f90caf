//! A page that moves: a state, as a stream of events, to so many viewers.
//!
//! The state is read when an event is due and not before: while no viewer is there, nothing is done.
//! Each viewer has a clock of its own. How it can go wrong: viewers without number. So there are so
//! many seats; a seat is free again when its stream is dropped, whatever the reason. When the program
//! ends, the stream ends with the next event ([`server::sse`]).

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use runtime::stream::Stream;
use runtime::time::{Interval, MissedTickBehavior, interval};
use serde_json::Value;
use server::response::sse::{Event, Sse};
use server::response::{IntoResponse, Response};

use crate::pages::Problem;

/// The viewers of one page.
pub(crate) struct Viewers {
    seats: usize,
    each: Duration,
    taken: Rc<Cell<usize>>,
}

impl Viewers {
    /// So many may watch at once, and see the state once in each `each`.
    pub(crate) fn new(seats: usize, each: Duration) -> Self {
        Viewers {
            seats,
            each,
            taken: Rc::default(),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.taken.get()
    }

    /// The answer to a viewer: the states, one after the other; 503 if all seats are taken.
    pub(crate) fn watch(&self, state: impl Fn() -> Value + 'static) -> Result<Response, Problem> {
        if self.taken.get() >= self.seats {
            let detail = format!("{} pages watch already. Try again later.", self.seats);
            return Err(Problem::unavailable(detail, 10));
        }
        self.taken.set(self.taken.get() + 1);
        let mut ticks = interval(self.each);
        // A viewer who was slow gets the newest state, and not all that was missed.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let taken = self.taken.clone();
        let viewer = Viewer {
            state,
            ticks,
            taken,
        };
        Ok(Sse::new(viewer).into_response())
    }
}

/// One viewer's stream.
struct Viewer<F> {
    state: F,
    ticks: Interval,
    taken: Rc<Cell<usize>>,
}

impl<F> Unpin for Viewer<F> {}

impl<F: Fn() -> Value> Stream for Viewer<F> {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.ticks.poll_tick(cx));
        let event = Event::default().data((self.state)().to_string());
        Poll::Ready(Some(Ok(event)))
    }
}

impl<F> Drop for Viewer<F> {
    fn drop(&mut self) {
        self.taken.set(self.taken.get() - 1);
    }
}
