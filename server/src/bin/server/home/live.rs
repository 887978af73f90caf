//! The program's pulse: `GET /api/stats` for programs, `GET /api/live` for the home page, and
//! `GET /ready` for balancers.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use runtime::time::Instant;
use serde_json::{Value, json};
use server::extract::State;
use server::response::{IntoResponse, Response};
use server::routing::get;
use server::{Json, Router};

use crate::live::Viewers;
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
    viewers: Viewers,
}

impl Pulse {
    pub(crate) fn new(requests: Requests, traffic: Traffic) -> Self {
        Pulse(Rc::new(Shared {
            requests,
            traffic,
            begun: Instant::now(),
            is_draining: Cell::new(false),
            viewers: Viewers::new(SEATS, EACH),
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
        true => Problem::unavailable("The server is about to end.", 1).into_response(),
    }
}

async fn stats(State(pulse): State<Pulse>) -> Json<Value> {
    let mut stats = pulse.values();
    stats["endpoints"] = json!(pulse.0.requests.by_route());
    Json(stats)
}

/// The values, once a second, to each page that watches.
async fn live(State(pulse): State<Pulse>) -> Result<Response, Problem> {
    let watched = pulse.clone();
    pulse.0.viewers.watch(move || watched.values())
}
