//! Requests by route, method and status, and how long they took.
//!
//! A request is counted under the pattern of its route (`/items/{id}`), not under its path: there
//! are as many patterns as the program has, and as many paths as clients can think of. The time runs from
//! the request's head to the answer's head; a stream's body may go on for hours.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use http::{Method, StatusCode};
use runtime::time::Instant;
use serde::Serialize;
use server::extract::{MatchedPath, Request, State};
use server::middleware::Next;
use server::response::Response;

use super::registry::Metrics;
use super::text::{Kind, Text};
use crate::proxy::pattern as pattern_of_proxy;

/// The upper ends of the histogram's buckets, in seconds.
const BUCKETS: [f64; 10] = [
    0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
];

/// What was asked. A clone is another handle to the same counts.
#[derive(Clone, Default)]
pub(crate) struct Requests(Rc<Shared>);

#[derive(Default)]
struct Shared {
    routes: RefCell<BTreeMap<String, Route>>,
    in_flight: Cell<u64>,
    total: Cell<u64>,
}

#[derive(Default)]
struct Route {
    /// By method and status; no status for a request whose client left before the answer.
    answers: BTreeMap<(&'static str, Option<u16>), u64>,
    /// How many took no longer than each bucket says.
    within: [u64; BUCKETS.len()],
    count: u64,
    spent: Duration,
}

/// A route in `GET /api/stats`.
#[derive(Debug, Serialize)]
pub(crate) struct RouteStats {
    route: String,
    requests: u64,
    /// Those that were answered with a status of 500 or above.
    errors: u64,
    mean_ms: f64,
}

impl Requests {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let requests = Requests::default();
        let it = requests.clone();
        metrics.register(move |text| it.write(text));
        requests
    }

    /// The layer that counts.
    pub(crate) async fn track(
        State(requests): State<Requests>,
        request: Request,
        next: Next,
    ) -> Response {
        let route = pattern(&request).to_owned();
        let mut under_way = UnderWay::new(requests, route, name(request.method()));
        let response = next.run(request).await;
        under_way.status = Some(response.status());
        response
    }

    /// All requests that came.
    pub(crate) fn total(&self) -> u64 {
        self.0.total.get()
    }

    /// Requests whose answer has not begun.
    pub(crate) fn in_flight(&self) -> u64 {
        self.0.in_flight.get()
    }

    pub(crate) fn by_route(&self) -> Vec<RouteStats> {
        let routes = self.0.routes.borrow();
        let stats = routes.iter().map(|(name, route)| RouteStats {
            route: name.clone(),
            requests: route.count,
            errors: route.errors(),
            mean_ms: route.spent.as_secs_f64() * 1_000.0 / route.count.max(1) as f64,
        });
        stats.collect()
    }

    fn write(&self, text: &mut Text) {
        let help = "Requests whose answer has not begun.";
        text.single(
            "http_requests_in_flight",
            Kind::Gauge,
            help,
            self.in_flight(),
        );
        let routes = self.0.routes.borrow();
        let name = "http_requests_total";
        let help = "Requests by route, method and status; no status if the client left.";
        text.family(name, Kind::Counter, help);
        for (path, route) in &*routes {
            for ((method, status), count) in &route.answers {
                let status = status.map_or_else(|| "none".to_owned(), |code| code.to_string());
                let labels = [
                    ("route", path.as_str()),
                    ("method", method),
                    ("status", &status),
                ];
                text.sample(name, &labels, count);
            }
        }
        let name = "http_request_duration_seconds";
        let help = "Time from a request's head to its answer's head.";
        text.family(name, Kind::Histogram, help);
        for (path, route) in &*routes {
            route.write_histogram(text, name, path);
        }
    }
}

fn pattern(request: &Request) -> &str {
    match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str(),
        None => pattern_of_proxy(request.uri().path()).unwrap_or("(none)"),
    }
}

impl Route {
    fn errors(&self) -> u64 {
        let is_error = |status: &Option<u16>| status.is_some_and(|status| status >= 500);
        let answers = self.answers.iter();
        let errors = answers.filter(|((_, status), _)| is_error(status));
        errors.map(|(_, count)| count).sum()
    }

    fn add(&mut self, method: &'static str, status: Option<StatusCode>, took: Duration) {
        let key = (method, status.map(|status| status.as_u16()));
        *self.answers.entry(key).or_default() += 1;
        self.count += 1;
        self.spent += took;
        for (within, end) in self.within.iter_mut().zip(BUCKETS) {
            *within += u64::from(took.as_secs_f64() <= end);
        }
    }

    fn write_histogram(&self, text: &mut Text, name: &str, path: &str) {
        let bucket = format!("{name}_bucket");
        for (end, count) in BUCKETS.iter().zip(self.within) {
            text.sample(&bucket, &[("route", path), ("le", &end.to_string())], count);
        }
        text.sample(&bucket, &[("route", path), ("le", "+Inf")], self.count);
        let spent = self.spent.as_secs_f64();
        text.sample(&format!("{name}_sum"), &[("route", path)], spent);
        text.sample(&format!("{name}_count"), &[("route", path)], self.count);
    }
}

/// A request whose answer has not begun. It is counted when this is dropped.
struct UnderWay {
    requests: Requests,
    route: String,
    method: &'static str,
    begun: Instant,
    status: Option<StatusCode>,
}

impl UnderWay {
    fn new(requests: Requests, route: String, method: &'static str) -> Self {
        let shared = &requests.0;
        shared.in_flight.set(shared.in_flight.get() + 1);
        shared.total.set(shared.total.get() + 1);
        UnderWay {
            route,
            method,
            begun: Instant::now(),
            status: None,
            requests,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let shared = &self.requests.0;
        shared.in_flight.set(shared.in_flight.get() - 1);
        let mut routes = shared.routes.borrow_mut();
        let route = routes.entry(std::mem::take(&mut self.route)).or_default();
        route.add(self.method, self.status, self.begun.elapsed());
    }
}

/// The method, as a label: of names that clients could invent there is one.
fn name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
