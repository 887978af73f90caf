//! `/lab/live`: what all demos are doing, as a stream of events, five times a second; and
//! `/lab/state`, the same once.

use std::rc::Rc;

use runtime::time::Duration;
use serde_json::{Value, json};
use server::extract::State;
use server::response::Response;
use server::routing::get;
use server::{Json, Router};

use super::demo::SupervisorDemo;
use super::demo::{BreakerDemo, BulkheadDemo, CancelDemo, RateDemo, RetryDemo, ShedDemo};
use crate::background::Background;
use crate::live::Viewers;
use crate::pages::Problem;

/// How many may watch at once.
pub(super) const SEATS: usize = 50;

const EACH: Duration = Duration::from_millis(200);

/// All demos.
pub(super) struct Lab {
    rate: Rc<RateDemo>,
    shed: Rc<ShedDemo>,
    bulkhead: Rc<BulkheadDemo>,
    breaker: Rc<BreakerDemo>,
    retry: Rc<RetryDemo>,
    supervisor: Rc<SupervisorDemo>,
    cancel: Rc<CancelDemo>,
    viewers: Viewers,
}

impl Lab {
    pub(super) fn new(background: &Background) -> Rc<Self> {
        Rc::new(Lab {
            rate: RateDemo::new(),
            shed: ShedDemo::new(),
            bulkhead: BulkheadDemo::new(),
            breaker: BreakerDemo::new(),
            retry: RetryDemo::new(),
            supervisor: SupervisorDemo::new(background),
            cancel: CancelDemo::new(background),
            viewers: Viewers::new(SEATS, EACH),
        })
    }

    pub(super) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/live", get(live))
            .route("/lab/state", get(state))
            .with_state(self.clone())
            .merge(self.rate.routes())
            .merge(self.shed.routes())
            .merge(self.bulkhead.routes())
            .merge(self.breaker.routes())
            .merge(self.retry.routes())
            .merge(self.supervisor.routes())
            .merge(self.cancel.routes())
    }

    fn state(&self) -> Value {
        json!({
            "rate": self.rate.state(),
            "shed": self.shed.state(),
            "bulkhead": self.bulkhead.state(),
            "breaker": self.breaker.state(),
            "retry": self.retry.state(),
            "supervisor": self.supervisor.state(),
            "cancel": self.cancel.state(),
            "viewers": self.viewers.count(),
        })
    }
}

/// The same, once: for programs.
async fn state(State(lab): State<Rc<Lab>>) -> Json<Value> {
    Json(lab.state())
}

async fn live(State(lab): State<Rc<Lab>>) -> Result<Response, Problem> {
    let watched = lab.clone();
    lab.viewers.watch(move || watched.state())
}
