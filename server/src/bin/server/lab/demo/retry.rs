//! `/lab/retry`: calls of a service that fails at times, each tried up to five times.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use http::StatusCode;
use runtime::time::{Duration, Instant, sleep};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::extract::{Query, State};
use server::response::Response;
use server::routing::post;
use server::{Json, Router};

use super::super::retry::{Backoff, retry};
use super::calls::{Calls, Ended, HowMany, Refusal};
use super::knob::within;
use crate::object::Object;
use crate::pages::Problem;

/// How long an attempt takes.
const ATTEMPT: Duration = Duration::from_millis(50);

/// How many calls the picture shows.
const SHOWN: usize = 6;

pub(crate) struct RetryDemo {
    failure_percent: Cell<u32>,
    jitter: Cell<u32>,
    recent: RefCell<VecDeque<Rc<RefCell<Run>>>>,
    done: Cell<u64>,
    given_up: Cell<u64>,
    calls: Calls,
}

/// One call: when its attempts ended, in milliseconds from its begin, and whether they failed.
#[derive(Default, Serialize)]
struct Run {
    attempts: Vec<Attempt>,
    has_ended: bool,
}

#[derive(Serialize)]
struct Attempt {
    at_ms: u64,
    has_failed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    failure_percent: Option<u32>,
    jitter_percent: Option<u32>,
}

impl RetryDemo {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(RetryDemo {
            failure_percent: Cell::new(60),
            jitter: Cell::new(50),
            recent: RefCell::default(),
            done: Cell::new(0),
            given_up: Cell::new(0),
            calls: Calls::default(),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/retry", post(call))
            .route("/lab/retry/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let recent = self.recent.borrow();
        let recent: Vec<_> = recent.iter().map(|run| json!(&*run.borrow())).collect();
        json!({
            "recent": recent,
            "failure_percent": self.failure_percent.get(),
            "jitter_percent": self.jitter.get(),
            "done": self.done.get(),
            "given_up": self.given_up.get(),
        })
    }

    fn backoff(&self) -> Backoff {
        Backoff {
            attempts: 5,
            base: Duration::from_millis(200),
            longest: Duration::from_millis(1600),
            jitter: self.jitter.get(),
        }
    }

    /// A new line of the picture.
    fn begin(&self) -> Rc<RefCell<Run>> {
        let run = Rc::<RefCell<Run>>::default();
        let mut recent = self.recent.borrow_mut();
        recent.push_back(run.clone());
        while recent.len() > SHOWN {
            recent.pop_front();
        }
        run
    }

    async fn call(self: Rc<Self>) -> Ended {
        let (run, begun) = (Ends(self.begin()), Instant::now());
        let ended = retry(self.backoff(), async |attempt| {
            sleep(ATTEMPT).await;
            let has_failed = fastrand::u32(..100) < self.failure_percent.get();
            let at_ms = begun.elapsed().as_millis() as u64;
            run.0
                .borrow_mut()
                .attempts
                .push(Attempt { at_ms, has_failed });
            if has_failed {
                Err(attempt)
            } else {
                Ok(attempt)
            }
        });
        let ended = ended.await;
        let took = begun.elapsed().as_millis();
        let (count, ended) = match ended {
            Ok(attempt) => {
                let said = format!("Attempt {attempt} went well, {took} ms after the begin.");
                (&self.done, Ok(said))
            }
            Err(attempt) => {
                let said = format!("All {attempt} attempts failed, the last after {took} ms.");
                let refusal = Refusal::new(StatusCode::BAD_GATEWAY, said);
                (&self.given_up, Err(refusal))
            }
        };
        count.set(count.get() + 1);
        ended
    }
}

/// Marks the end of a run, also of one that is dropped.
struct Ends(Rc<RefCell<Run>>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.borrow_mut().has_ended = true;
    }
}

async fn call(
    State(demo): State<Rc<RetryDemo>>,
    Query(many): Query<HowMany>,
) -> Result<Response, Problem> {
    let call = || demo.clone().call();
    demo.calls.make(many, Duration::ZERO, call).await
}

async fn set(
    State(demo): State<Rc<RetryDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let now = demo.failure_percent.get();
    let failures = within("failure_percent", new.failure_percent, 0..=100, now)?;
    let jitter = within(
        "jitter_percent",
        new.jitter_percent,
        0..=100,
        demo.jitter.get(),
    )?;
    demo.failure_percent.set(failures);
    demo.jitter.set(jitter);
    Ok(Json(demo.state()))
}
