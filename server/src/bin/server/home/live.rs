//! The program's pulse: `GET /api/stats` for programs, `GET /api/live` for the home page, and
//! `GET /ready` for balancers.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use runtime::stream::Stream;
use runtime::time::{Instant, Interval, MissedTickBehavior, interval};
use serde_json::{Value, json};
use server::extract::State;
use server::response::sse::{Event, Sse};
use server::response::{IntoResponse, Response};
use server::routing::get;
use server::{Json, Router};

use crate::metrics::Requests;
use crate::pages::{Problem, of_kind};
use crate::traffic::Traffic;

/// How many pages may watch at once.
const SEATS: usize = 200;

const EACH: Duration = Duration::from_secs(1);

/// What the pulse is taken of. A clone is another handle to the same.
#[derive(Clone)]
pub(crate) struct Pulse(Rc<Shared>);

struct Shared {
    requests: Requests,
    traffic: Traffic,
    begun: Instant,
    is_draining: Cell<bool>,
    viewers: Cell<usize>,
}

impl Pulse {
    pub(crate) fn new(requests: Requests, traffic: Traffic) -> Self {
        Pulse(Rc::new(Shared {
            requests,
            traffic,
            begun: Instant::now(),
            is_draining: Cell::new(false),
            viewers: Cell::new(0),
        }))
    }

    /// From now on the program is not ready: it is about to end.
    pub(crate) fn drain(&self) {
        self.0.is_draining.set(true);
    }

    pub(crate) fn routes(&self) -> Router {
        Router::new()
            .route("/ready", get(readiness))
            .route("/api/stats", get(stats))
            .route("/api/live", get(live))
            .with_state(self.clone())
    }

    fn values(&self) -> Value {
        let it = &*self.0;
        json!({
            "requests": it.requests.total(),
            "in_flight": it.requests.in_flight(),
            "connections": it.traffic.open(),
            "uptime_seconds": it.begun.elapsed().as_secs(),
        })
    }
}

/// Whether new requests should come here. A balancer asks, and sends them elsewhere if not.
async fn readiness(State(pulse): State<Pulse>) -> Response {
    match pulse.0.is_draining.get() {
        false => of_kind("text/plain; charset=utf-8", "ready\n"),
        true => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is ending");
            problem.with(RETRY_AFTER, 1).into_response()
        }
    }
}

async fn stats(State(pulse): State<Pulse>) -> Json<Value> {
    let mut stats = pulse.values();
    stats["endpoints"] = json!(pulse.0.requests.by_route());
    Json(stats)
}

/// The values, once a second, to each viewer. Server-sent events end when the server does.
async fn live(State(pulse): State<Pulse>) -> Result<Response, Problem> {
    let mut ticks = interval(EACH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let seat = Seat::take(&pulse)?;
    Ok(Sse::new(Viewer { seat, ticks }).into_response())
}

/// A viewer's stream.
struct Viewer {
    seat: Seat,
    ticks: Interval,
}

impl Stream for Viewer {
    type Item = Result<Event, serde_json::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.ticks.poll_tick(cx));
        let event = Event::default().json_data(self.seat.0.values());
        Poll::Ready(Some(event.map_err(serde::ser::Error::custom)))
    }
}

/// A viewer's place. Dropped, it is free again.
struct Seat(Pulse);

impl Seat {
    fn take(pulse: &Pulse) -> Result<Seat, Problem> {
        let viewers = &pulse.0.viewers;
        if viewers.get() >= SEATS {
            let detail =
                format!("{SEATS} pages watch already; GET /api/stats has the same numbers");
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).with(RETRY_AFTER, 10));
        }
        viewers.set(viewers.get() + 1);
        Ok(Seat(pulse.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let viewers = &self.0.0.viewers;
        viewers.set(viewers.get() - 1);
    }
}
