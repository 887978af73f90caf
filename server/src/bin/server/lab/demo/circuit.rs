//! `/lab/breaker`: calls of a service that fails at times, by way of a circuit breaker.

use std::cell::Cell;
use std::rc::Rc;

use http::StatusCode;
use runtime::time::{Duration, sleep};
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{Query, State};
use server::response::Response;
use server::routing::post;
use server::{Json, Router};

use super::super::circuit_breaker::{self, CircuitBreaker};
use super::calls::{Calls, Ended, HowMany, Refusal};
use super::knob::within;
use crate::object::Object;
use crate::pages::Problem;

/// How long a call takes.
const CALL: Duration = Duration::from_millis(100);

/// Between two of many calls.
const GAP: Duration = Duration::from_millis(200);

pub(crate) struct BreakerDemo {
    breaker: CircuitBreaker,
    failure_percent: Cell<u32>,
    done: Cell<u64>,
    failed: Cell<u64>,
    refused: Cell<u64>,
    calls: Calls,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    failure_percent: Option<u32>,
}

impl BreakerDemo {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(BreakerDemo {
            breaker: CircuitBreaker::new(3, Duration::from_secs(5)),
            failure_percent: Cell::new(50),
            done: Cell::new(0),
            failed: Cell::new(0),
            refused: Cell::new(0),
            calls: Calls::default(),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/breaker", post(call))
            .route("/lab/breaker/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let threshold = self.breaker.threshold();
        let (state, failures, rest) = match self.breaker.state() {
            circuit_breaker::State::Closed { failures } => ("closed", failures, Duration::ZERO),
            circuit_breaker::State::Open { rest } => ("open", threshold, rest),
            circuit_breaker::State::HalfOpen { .. } => ("half-open", threshold, Duration::ZERO),
        };
        json!({
            "state": state,
            "failures": failures,
            "threshold": threshold,
            "rest_ms": rest.as_millis() as u64,
            "whole_rest_ms": self.breaker.rest().as_millis() as u64,
            "failure_percent": self.failure_percent.get(),
            "done": self.done.get(),
            "failed": self.failed.get(),
            "refused": self.refused.get(),
        })
    }

    async fn call(self: Rc<Self>) -> Ended {
        let leave = match self.breaker.admit() {
            Ok(leave) => leave,
            Err(refused) => {
                add(&self.refused);
                let said = "The breaker is open: the service was not called.";
                let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, said);
                return Err(refusal.after(refused.retry_after));
            }
        };
        sleep(CALL).await;
        let has_failed = fastrand::u32(..100) < self.failure_percent.get();
        let is_probe = leave.is_probe();
        leave.ended(has_failed);
        if has_failed {
            add(&self.failed);
            let said = "The service failed. The breaker has counted it.";
            return Err(Refusal::new(StatusCode::BAD_GATEWAY, said));
        }
        add(&self.done);
        Ok(match is_probe {
            true => "The probe went well: the breaker is closed again.".to_owned(),
            false => "The service answered.".to_owned(),
        })
    }
}

fn add(count: &Cell<u64>) {
    count.set(count.get() + 1);
}

async fn call(
    State(demo): State<Rc<BreakerDemo>>,
    Query(many): Query<HowMany>,
) -> Result<Response, Problem> {
    let call = || demo.clone().call();
    demo.calls.make(many, GAP, call).await
}

async fn set(
    State(demo): State<Rc<BreakerDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let now = demo.failure_percent.get();
    let percent = within("failure_percent", new.failure_percent, 0..=100, now)?;
    demo.failure_percent.set(percent);
    Ok(Json(demo.state()))
}
