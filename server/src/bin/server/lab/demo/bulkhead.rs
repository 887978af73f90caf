//! `/lab/bulkhead/high` and `/lab/bulkhead/low`: calls of two priorities that take a second each.

use std::cell::Cell;
use std::rc::Rc;

use http::StatusCode;
use runtime::time::{Duration, Instant, sleep};
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{Path, Query, State};
use server::response::Response;
use server::routing::post;
use server::{Json, Router};

use super::super::bulkhead::{Bulkhead, Priority};
use super::calls::{Calls, Ended, HowMany, Refusal};
use super::knob::within;
use crate::object::Object;
use crate::pages::Problem;

const WORK: Duration = Duration::from_secs(1);
const PLACES: usize = 6;

/// How many of one priority may wait.
const MAX_WAITING: usize = 6;

pub(crate) struct BulkheadDemo {
    bulkhead: Bulkhead,
    done: Cell<u64>,
    refused: Cell<u64>,
    calls: Calls,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    low_share: Option<usize>,
}

impl BulkheadDemo {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(BulkheadDemo {
            bulkhead: Bulkhead::new(PLACES, 3, MAX_WAITING),
            done: Cell::new(0),
            refused: Cell::new(0),
            calls: Calls::default(),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/bulkhead/{priority}", post(call))
            .route("/lab/bulkhead/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let lane = |priority| {
            let running = self.bulkhead.running(priority);
            let waiting = self.bulkhead.waiting(priority);
            json!({ "running": running, "waiting": waiting })
        };
        json!({
            "places": self.bulkhead.places(),
            "low_share": self.bulkhead.low(),
            "max_waiting": MAX_WAITING,
            "high": lane(Priority::High),
            "low": lane(Priority::Low),
            "done": self.done.get(),
            "refused": self.refused.get(),
        })
    }

    async fn call(self: Rc<Self>, priority: Priority) -> Ended {
        let came = Instant::now();
        let Ok(_place) = self.bulkhead.enter(priority).await else {
            self.refused.set(self.refused.get() + 1);
            let said = format!("{MAX_WAITING} calls of this priority are waiting already.");
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, said).after(WORK));
        };
        let waited = came.elapsed().as_millis();
        sleep(WORK).await;
        self.done.set(self.done.get() + 1);
        Ok(format!("The call waited {waited} ms and worked a second."))
    }
}

async fn call(
    State(demo): State<Rc<BulkheadDemo>>,
    Path(priority): Path<String>,
    Query(many): Query<HowMany>,
) -> Result<Response, Problem> {
    let priority = match priority.as_str() {
        "high" => Priority::High,
        "low" => Priority::Low,
        _ => return Err(Problem::not_found("A priority is \"high\" or \"low\".")),
    };
    let call = || demo.clone().call(priority);
    demo.calls.make(many, Duration::ZERO, call).await
}

async fn set(
    State(demo): State<Rc<BulkheadDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let now = demo.bulkhead.low();
    let low = within("low_share", new.low_share, 1..=PLACES - 1, now)?;
    demo.bulkhead.set_low(low);
    Ok(Json(demo.state()))
}
