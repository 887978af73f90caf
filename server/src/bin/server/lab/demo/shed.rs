//! `/lab/shed`: calls that take a second, so many at a time; a queue; and what does not fit.

use std::cell::Cell;
use std::rc::Rc;

use http::StatusCode;
use runtime::time::{Duration, Instant, sleep};
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{Query, State};
use server::response::Response;
use server::routing::post;
use server::{Json, Router};

use super::super::concurrency_limit::ConcurrencyLimit;
use super::calls::{Calls, Ended, HowMany, Refusal};
use super::knob::within;
use crate::object::Object;
use crate::pages::Problem;

/// How long a call works.
const WORK: Duration = Duration::from_secs(1);

pub(crate) struct ShedDemo {
    limit: ConcurrencyLimit,
    done: Cell<u64>,
    shed: Cell<u64>,
    calls: Calls,
}

/// What can be set. What is not named stays. Together they keep a call shorter than the time in
/// which the program ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    slots: Option<usize>,
    max_waiting: Option<usize>,
}

impl ShedDemo {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(ShedDemo {
            limit: ConcurrencyLimit::new(4, 8),
            done: Cell::new(0),
            shed: Cell::new(0),
            calls: Calls::default(),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/shed", post(call))
            .route("/lab/shed/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        json!({
            "slots": self.limit.slots(),
            "running": self.limit.running(),
            "waiting": self.limit.waiting(),
            "max_waiting": self.limit.max_waiting(),
            "done": self.done.get(),
            "shed": self.shed.get(),
        })
    }

    async fn call(self: Rc<Self>) -> Ended {
        let came = Instant::now();
        let Ok(_slot) = self.limit.enter().await else {
            self.shed.set(self.shed.get() + 1);
            let said = "All slots are in use and the queue is full. The call was shed.";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, said).after(WORK));
        };
        let waited = came.elapsed().as_millis();
        sleep(WORK).await;
        self.done.set(self.done.get() + 1);
        Ok(format!("The call waited {waited} ms and worked a second."))
    }
}

async fn call(
    State(demo): State<Rc<ShedDemo>>,
    Query(many): Query<HowMany>,
) -> Result<Response, Problem> {
    let call = || demo.clone().call();
    demo.calls.make(many, Duration::ZERO, call).await
}

async fn set(
    State(demo): State<Rc<ShedDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let limit = &demo.limit;
    let slots = within("slots", new.slots, 2..=6, limit.slots())?;
    let max_waiting = within("max_waiting", new.max_waiting, 0..=12, limit.max_waiting())?;
    limit.resize(slots, max_waiting);
    Ok(Json(demo.state()))
}
