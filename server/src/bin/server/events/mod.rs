//! Server-sent events: a tick each second, and nothing lost when a connection breaks.
//!
//! `GET /events` is a response that does not end: text, an event after the other. Each has an id. A
//! browser that has lost its connection connects again by itself and names the last id that it saw
//! (`Last-Event-ID`); a script that opens a new `EventSource` names it in the query (`?after=…`). It
//! gets the ticks that it missed, of the last five minutes. What is older is gone: then an event `gap`
//! says so, and how many ticks are missing, if the server knows.
//!
//! How it can go wrong, and what happens then:
//!
//! - The server was started again, and its numbers begin anew. The id says which run it is from.
//! - A client reads slowly. The stream is asked for an event when the connection can take it, so nothing
//!   piles up; the engine drops a connection that takes nothing for too long.
//! - There are too many subscribers: 503, with `Retry-After`. A browser's `EventSource` gives up then; the
//!   page tries again by itself.
//! - The server stops: the response ends in good order at once ([`server::sse`]).

mod feed;
mod subscriber;

use std::rc::Rc;
use std::time::Duration;

use runtime::select;
use runtime::time::interval;
use serde::Deserialize;
use server::Router;
use server::extract::{Query, State};
use server::response::sse::{KeepAlive, LastEventId, Sse};
use server::response::{IntoResponse, Response};
use server::routing::get;

use crate::background::{Background, Stopping};
use crate::metrics::{Kind, Metrics, Text};
use crate::pages::{self, Problem};
use crate::wall_clock::millis;
use feed::Feed;
use subscriber::Subscriber;

pub(crate) fn routes(background: &Background, metrics: &Metrics) -> Router {
    let ticker = Ticker {
        feed: Feed::new(millis() / 1000),
        background: background.clone(),
    };
    let counted = ticker.feed.clone();
    metrics.register(move |text| count(&counted, text));
    Router::new()
        .route("/events", get(events).with_state(ticker))
        .route("/events/page", get(page))
        .route("/assets/events.js", pages::script(include_str!("page.js")))
}

/// The feed, and how its ticks come to be.
#[derive(Clone)]
struct Ticker {
    feed: Rc<Feed>,
    background: Background,
}

impl Ticker {
    /// Sees to it that there is a tick each second, for as long as a client listens, or may come back
    /// and ask for what it missed. A server without clients sleeps.
    fn start(&self) {
        if self.feed.is_ticking.replace(true) {
            return;
        }
        let feed = self.feed.clone();
        self.background
            .spawn("events: ticks", |stopping| tick(feed, stopping));
    }
}

async fn page() -> Response {
    pages::page(
        "Events",
        include_str!("page.html"),
        Some("/assets/events.js"),
    )
}

/// Adds a tick each second, until the program ends, or there has been no client for as long as
/// ticks are kept.
async fn tick(feed: Rc<Feed>, mut stopping: Stopping) {
    let mut seconds = interval(Duration::from_secs(1));
    let mut alone = 0;
    while alone < feed::HISTORY {
        select! {
            _ = seconds.tick() => feed.tick(millis()),
            () = stopping.wait() => break,
        }
        alone = match feed.subscribers.get() {
            0 => alone + 1,
            _ => 0,
        };
    }
    feed.is_ticking.set(false);
}

#[derive(Deserialize)]
struct Asked {
    after: Option<String>,
}

async fn events(
    State(ticker): State<Ticker>,
    Query(Asked { after }): Query<Asked>,
    last: Option<LastEventId>,
) -> Response {
    let last = last.map(|LastEventId(id)| id).or(after);
    let last = last.filter(|id| !id.is_empty());
    let Some(subscriber) = Subscriber::of(&ticker.feed, last.as_deref()) else {
        let full = "Too many clients listen to the events. Come again in ten seconds.";
        return Problem::unavailable(full, 10).into_response();
    };
    ticker.start();
    Sse::new(subscriber)
        .keep_alive(KeepAlive::new().text("still here"))
        .into_response()
}

fn count(feed: &Feed, text: &mut Text) {
    text.single(
        "events_subscribers",
        Kind::Gauge,
        "Clients that listen to the events.",
        feed.subscribers.get(),
    );
    text.single(
        "events_sent_total",
        Kind::Counter,
        "Ticks that clients were sent.",
        feed.sent.get(),
    );
    text.single(
        "events_gaps_total",
        Kind::Counter,
        "How often a client was told that ticks are missing.",
        feed.gaps.get(),
    );
}

#[cfg(test)]
mod tests;
