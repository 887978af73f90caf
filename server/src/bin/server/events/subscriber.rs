//! A subscriber: a stream of events that goes on where the client was.
//!
//! It keeps the number of the tick that it wants next, and takes it from the history; while it is not
//! there, it waits until the number of the newest tick changes. So a client that reads slowly costs no
//! memory. What it wanted may have left the history meanwhile: then it is told of the gap, and goes on
//! with the oldest tick that there is.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use runtime::stream::wrappers::WatchStream;
use server::response::sse::Event;

use super::feed::{Feed, Tick};

/// How many subscribers there may be at once.
pub(super) const SUBSCRIBERS: usize = 200;

/// How long a client is asked to wait before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// A subscriber. It is counted until it is dropped.
pub(super) struct Subscriber {
    feed: Rc<Feed>,
    newest: WatchStream<u64>,
    /// The number of the tick that comes next.
    next: u64,
    /// What is said before that.
    first: Vec<Event>,
}

impl Subscriber {
    /// Adds a subscriber: it goes on behind `last`, the id of the tick that it saw last, or begins with
    /// the next tick. `None`: there are too many.
    pub(super) fn of(feed: &Rc<Feed>, last: Option<&str>) -> Option<Self> {
        let count = feed.subscribers.get();
        if count >= SUBSCRIBERS {
            return None;
        }
        feed.subscribers.set(count + 1);
        let newest = feed.newest.subscribe();
        let now = *newest.borrow();
        let mut subscriber = Subscriber {
            feed: feed.clone(),
            newest: WatchStream::new(newest),
            next: now + 1,
            first: Vec::new(),
        };
        if let Some(last) = last {
            subscriber.go_on(feed.number(last).filter(|seen| *seen <= now));
        }
        let begin = Event::default().comment("one tick a second").retry(RETRY);
        subscriber.first.push(begin);
        Some(subscriber)
    }

    /// Goes on behind the tick of this number. `None`: the tick was of another run of the program.
    fn go_on(&mut self, seen: Option<u64>) {
        self.next = seen.unwrap_or(0) + 1;
        if seen.is_none() {
            self.next = self.feed.at_or_behind(1).map_or(1, |tick| tick.number);
            self.first.push(self.gap(None));
        }
    }

    /// The event for this tick, or for the gap before it.
    fn event(&mut self, tick: Tick) -> Event {
        let missed = tick.number - self.next;
        if missed > 0 {
            self.next = tick.number;
            return self.gap(Some(missed));
        }
        self.next += 1;
        self.feed.sent.set(self.feed.sent.get() + 1);
        let Tick { number, at } = tick;
        let data = format!(r#"{{"number":{number},"at":{at}}}"#);
        Event::default().id(self.feed.id(number)).data(data)
    }

    /// Says that so many ticks are missing.
    fn gap(&self, missed: Option<u64>) -> Event {
        self.feed.gaps.set(self.feed.gaps.get() + 1);
        let missed = missed.map_or("null".to_owned(), |missed| missed.to_string());
        let data = format!(r#"{{"missed":{missed}}}"#);
        Event::default().event("gap").data(data)
    }
}

impl Stream for Subscriber {
    type Item = Result<Event, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.get_mut();
        if let Some(event) = me.first.pop() {
            return Poll::Ready(Some(Ok(event)));
        }
        loop {
            if let Some(tick) = me.feed.at_or_behind(me.next) {
                return Poll::Ready(Some(Ok(me.event(tick))));
            }
            if ready!(Pin::new(&mut me.newest).poll_next(cx)).is_none() {
                return Poll::Ready(None);
            }
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let count = &self.feed.subscribers;
        count.set(count.get() - 1);
    }
}
