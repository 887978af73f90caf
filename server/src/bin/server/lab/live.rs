//! `/lab/live`: what all demos are doing, as a stream of events, five times a second.
//!
//! The state is read when an event is due and not before: while no viewer is there, nothing is done.
//! Each viewer has a clock of its own. How it can go wrong: viewers without number. So there are so
//! many seats; a seat is free again when its stream is dropped, whatever the reason. When the program
//! ends, the stream ends with the next event.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use runtime::stream::Stream;
use runtime::time::{Duration, Interval, MissedTickBehavior, interval};
use serde_json::{Value, json};
use server::extract::State;
use server::response::IntoResponse;
use server::response::sse::{Event, Sse};
use server::routing::get;
use server::{Json, Router};

use super::count::Count;
use super::demo::SupervisorDemo;
use super::demo::{BreakerDemo, BulkheadDemo, CancelDemo, RateDemo, RetryDemo, ShedDemo};
use crate::background::Background;
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
    viewers: Count,
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
            viewers: Count::default(),
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
            "viewers": self.viewers.get(),
        })
    }
}

/// The same, once: for programs.
async fn state(State(lab): State<Rc<Lab>>) -> Json<Value> {
    Json(lab.state())
}

async fn live(State(lab): State<Rc<Lab>>) -> Result<impl IntoResponse, Problem> {
    if lab.viewers.get() >= SEATS {
        let said = format!("{SEATS} viewers are there, and there is no room for more.");
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, said));
    }
    Ok(Sse::new(Viewer::new(lab)))
}

/// One viewer's stream.
struct Viewer {
    lab: Rc<Lab>,
    ticks: Interval,
}

impl Viewer {
    fn new(lab: Rc<Lab>) -> Self {
        lab.viewers.add();
        let mut ticks = interval(EACH);
        // A viewer who was slow gets the newest state, and not all that was missed.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Viewer { lab, ticks }
    }
}

impl Stream for Viewer {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.ticks.poll_tick(cx));
        let event = Event::default().data(self.lab.state().to_string());
        Poll::Ready(Some(Ok(event)))
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.lab.viewers.remove();
    }
}
