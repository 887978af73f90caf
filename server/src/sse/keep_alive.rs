//! Something sent when nothing is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;
use runtime::time::{Instant, Sleep, sleep};

use super::event::Event;

/// What is sent when no event has been sent for a while. For
/// [`Sse::keep_alive`](super::Sse::keep_alive).
///
/// ```
/// use std::time::Duration;
/// use server::response::sse::{Event, KeepAlive};
///
/// let keep_alive = KeepAlive::new().interval(Duration::from_secs(5)).text("still here");
/// let as_event = KeepAlive::new().event(Event::default().event("ping"));
/// # let _ = (keep_alive, as_event, Event::DEFAULT_KEEP_ALIVE);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct KeepAlive {
    event: Event,
    interval: Duration,
}

impl KeepAlive {
    /// An empty comment, every 15 seconds. Its example is [`KeepAlive`]'s.
    pub fn new() -> Self {
        KeepAlive {
            event: Event::DEFAULT_KEEP_ALIVE,
            interval: Duration::from_secs(15),
        }
    }

    /// After how long a silence it is sent. Its example is [`KeepAlive`]'s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The comment's text. Its example is [`KeepAlive`]'s.
    ///
    /// # Panics
    ///
    /// If it has more than one line.
    pub fn text(self, text: impl AsRef<str>) -> Self {
        self.event(Event::default().comment(text))
    }

    /// An event in the place of the comment. Its example is [`KeepAlive`]'s.
    pub fn event(mut self, event: Event) -> Self {
        self.event = event.whole();
        self
    }
}

impl Default for KeepAlive {
    fn default() -> Self {
        KeepAlive::new()
    }
}

pin_project! {
    /// A stream of events that is never silent for long. From
    /// [`Sse::keep_alive`](super::Sse::keep_alive).
    /// Its example is [`Sse::keep_alive`](super::Sse::keep_alive)'s.
    #[derive(Debug)]
    pub struct KeepAliveStream<S> {
        #[pin]
        events: S,
        #[pin]
        silence: Sleep,
        keep_alive: KeepAlive,
    }
}

impl<S> KeepAliveStream<S> {
    pub(super) fn new(events: S, keep_alive: KeepAlive) -> Self {
        KeepAliveStream {
            events,
            silence: sleep(keep_alive.interval),
            keep_alive,
        }
    }
}

impl<S, E> Stream for KeepAliveStream<S>
where
    S: Stream<Item = Result<Event, E>>,
{
    type Item = Result<Event, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let event = match this.events.poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => event,
            Poll::Ready(end) => return Poll::Ready(end),
            Poll::Pending => {
                ready!(this.silence.as_mut().poll(cx));
                this.keep_alive.event.clone()
            }
        };
        let deadline = Instant::now() + this.keep_alive.interval;
        this.silence.reset(deadline);
        Poll::Ready(Some(Ok(event)))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::poll_fn;

    use runtime::runtime::Builder;

    use super::*;

    #[test]
    fn a_silence_is_broken_once_each_interval_and_an_event_begins_it_anew() {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(async {
            let start = Instant::now();
            // One event after seven seconds, and then silence.
            let mut wait = Some(Box::pin(sleep(Duration::from_secs(7))));
            let events = futures_lite::stream::poll_fn(move |cx| {
                let Some(sleep) = &mut wait else {
                    return Poll::Pending;
                };
                ready!(sleep.as_mut().poll(cx));
                wait = None;
                Poll::Ready(Some(Ok::<_, Infallible>(Event::default().data("x"))))
            });
            let keep_alive = KeepAlive::new().interval(Duration::from_secs(5)).text("on");
            let mut stream = std::pin::pin!(KeepAliveStream::new(events, keep_alive));
            for (seconds, text) in [(5, ": on\n\n"), (7, "data: x\n\n"), (12, ": on\n\n")] {
                let event = poll_fn(|cx| stream.as_mut().poll_next(cx)).await;
                assert_eq!(event.unwrap().unwrap().into_bytes(), text);
                assert_eq!(start.elapsed(), Duration::from_secs(seconds));
            }
        });
    }
}
