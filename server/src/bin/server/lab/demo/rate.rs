//! `/lab/rate`: calls that cost a token.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use http::StatusCode;
use runtime::time::Duration;
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{Query, State};
use server::response::Response;
use server::routing::post;
use server::{Json, Router};

use super::super::token_bucket::TokenBucket;
use super::calls::{Calls, Ended, HowMany, Refusal};
use super::knob::within;
use crate::object::Object;
use crate::pages::Problem;

pub(crate) struct RateDemo {
    bucket: RefCell<TokenBucket>,
    per_second: Cell<u32>,
    allowed: Cell<u64>,
    refused: Cell<u64>,
    calls: Calls,
}

/// What can be set. What is not named stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    per_second: Option<u32>,
    capacity: Option<u32>,
}

impl RateDemo {
    pub(crate) fn new() -> Rc<Self> {
        let per_second = 2;
        Rc::new(RateDemo {
            bucket: RefCell::new(TokenBucket::new(10, refill(per_second))),
            per_second: Cell::new(per_second),
            allowed: Cell::new(0),
            refused: Cell::new(0),
            calls: Calls::default(),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/rate", post(call))
            .route("/lab/rate/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let bucket = self.bucket.borrow();
        json!({
            "tokens": bucket.tokens(),
            "capacity": bucket.capacity(),
            "per_second": self.per_second.get(),
            "allowed": self.allowed.get(),
            "refused": self.refused.get(),
        })
    }

    fn take(&self) -> Ended {
        let taken = self.bucket.borrow_mut().take();
        let Err(wait) = taken else {
            self.allowed.set(self.allowed.get() + 1);
            let left = self.bucket.borrow().tokens();
            return Ok(format!("The call took a token. {left} are left."));
        };
        self.refused.set(self.refused.get() + 1);
        let said = format!(
            "The bucket is empty. The next token comes in {} ms.",
            wait.as_millis()
        );
        Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, said).after(wait))
    }
}

fn refill(per_second: u32) -> Duration {
    Duration::from_secs(1) / per_second
}

async fn call(
    State(demo): State<Rc<RateDemo>>,
    Query(many): Query<HowMany>,
) -> Result<Response, Problem> {
    let take = || {
        let demo = demo.clone();
        async move { demo.take() }
    };
    demo.calls.make(many, Duration::ZERO, take).await
}

async fn set(
    State(demo): State<Rc<RateDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let per_second = within("per_second", new.per_second, 1..=20, demo.per_second.get())?;
    let now = demo.bucket.borrow().capacity();
    let capacity = within("capacity", new.capacity, 1..=20, now)?;
    demo.per_second.set(per_second);
    demo.bucket
        .borrow_mut()
        .resize(capacity, refill(per_second));
    Ok(Json(demo.state()))
}
