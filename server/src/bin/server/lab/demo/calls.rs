//! Calls of a visitor: one, or up to twenty, of which a demo simulates each by a task.
//!
//! One call is answered as a service would answer it: with what was done, or with a refusal, its
//! status and `Retry-After`. Many calls are answered together, with how many of them went well.
//!
//! How it can go wrong: a visitor who sends more and more of them. So a demo has so many calls under
//! way at most, over all visitors. A visitor who leaves takes the calls along: the tasks are in a
//! `JoinSet`, which is dropped with the request.

use std::future::Future;

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use runtime::task::JoinSet;
use runtime::time::{Duration, sleep};
use serde::Deserialize;
use serde_json::json;
use server::Json;
use server::response::{IntoResponse, Response};

use super::super::count::Count;
use crate::pages::Problem;

/// How many calls one request can make.
pub(super) const MOST: usize = 20;

/// How many calls of one demo may be under way.
pub(super) const MOST_UNDER_WAY: usize = 60;

/// The query of a request: `?calls=20`. Without it, it is one call.
#[derive(Deserialize, Clone, Copy)]
pub(super) struct HowMany {
    calls: Option<usize>,
}

/// How a call ended: a sentence that says what happened, or why it was refused.
pub(super) type Ended = Result<String, Refusal>;

pub(super) struct Refusal {
    status: StatusCode,
    said: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, said: impl Into<String>) -> Self {
        Refusal {
            status,
            said: said.into(),
            retry_after: None,
        }
    }

    pub(super) fn after(self, wait: Duration) -> Self {
        let retry_after = Some(wait);
        Refusal {
            retry_after,
            ..self
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Problem::new(self.status, self.said).into_response();
        if let Some(wait) = self.retry_after {
            // Whole seconds, and not too early.
            let seconds = wait.as_nanos().div_ceil(1_000_000_000).max(1);
            let value = HeaderValue::from_str(&seconds.to_string()).expect("digits");
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        response
    }
}

/// The calls of one demo, over all visitors.
#[derive(Default)]
pub(super) struct Calls(Count);

impl Calls {
    /// Makes so many calls, one each `gap`, and answers when all have ended. Cancel safe: the calls
    /// end with the request.
    pub(super) async fn make<F>(
        &self,
        many: HowMany,
        gap: Duration,
        call: impl Fn() -> F,
    ) -> Result<Response, Problem>
    where
        F: Future<Output = Ended> + 'static,
    {
        let number = many.calls.unwrap_or(1);
        if !(1..=MOST).contains(&number) {
            let said = format!("calls was {number}. Give a number from 1 to {MOST}.");
            return Err(Problem::bad_request(said));
        }
        if self.0.get() + number > MOST_UNDER_WAY {
            let said = "The lab has too many calls under way. Try again in a few seconds.";
            return Err(Problem::unavailable(said, 2));
        }
        let _counted: Vec<_> = (0..number).map(|_| self.0.begin()).collect();
        let mut tasks = JoinSet::new();
        for place in (0_u32..).take(number) {
            let call = call();
            tasks.spawn(async move {
                sleep(gap * place).await;
                call.await
            });
        }
        let mut ended = tasks.join_all().await;
        if number > 1 {
            return Ok(together(&ended));
        }
        Ok(match ended.pop().expect("one call") {
            Ok(said) => Json(json!({ "outcome": "done", "said": said })).into_response(),
            Err(refusal) => refusal.into_response(),
        })
    }
}

fn together(ended: &[Ended]) -> Response {
    let calls = ended.len();
    let done = ended.iter().filter(|it| it.is_ok()).count();
    let failed = calls - done;
    let why = ended.iter().find_map(|it| it.as_ref().err());
    let why = why.map_or(String::new(), |it| format!(" For example: {}", it.said));
    Json(json!({
        "calls": calls,
        "done": done,
        "refused_or_failed": failed,
        "said": format!("{done} of {calls} calls went well, {failed} did not.{why}"),
    }))
    .into_response()
}
