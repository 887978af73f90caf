//! `/lab/supervisor`: three workers, which a visitor may crash, and their supervisor.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use http::StatusCode;
use runtime::sync::Notify;
use runtime::time::{Duration, sleep};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::extract::{Path, State};
use server::routing::post;
use server::{Json, Router};

use super::super::supervisor::{Report, RestartLimit, supervise};
use super::knob::within;
use crate::background::{Background, Stopping};
use crate::object::Object;
use crate::pages::Problem;

const WORKERS: usize = 3;

/// How long a worker works on one item.
const ITEM: Duration = Duration::from_millis(500);

pub(crate) struct SupervisorDemo {
    workers: [Worker; WORKERS],
    limit: RefCell<RestartLimit>,
    has_given_up: Cell<bool>,
    /// Starts a supervisor again that has given up.
    begin: Notify,
}

#[derive(Default)]
struct Worker {
    state: Cell<Life>,
    restarts: Cell<u64>,
    items: Cell<u64>,
    crash: Notify,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Life {
    Running,
    Pausing,
    #[default]
    Stopped,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    max_restarts: Option<usize>,
}

impl SupervisorDemo {
    pub(crate) fn new(background: &Background) -> Rc<Self> {
        let (within, pause) = (Duration::from_secs(20), Duration::from_millis(500));
        let demo = Rc::new(SupervisorDemo {
            workers: Default::default(),
            limit: RefCell::new(RestartLimit::new(3, within, pause)),
            has_given_up: Cell::new(false),
            begin: Notify::new(),
        });
        let ours = demo.clone();
        background.spawn("lab: supervisor", |stopping| ours.run(stopping));
        demo
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/supervisor/crash/{worker}", post(crash))
            .route("/lab/supervisor/start", post(start))
            .route("/lab/supervisor/settings", post(set))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let limit = self.limit.borrow();
        let workers = self.workers.each_ref().map(|worker| {
            json!({
                "state": worker.state.get(),
                "restarts": worker.restarts.get(),
                "items": worker.items.get(),
            })
        });
        json!({
            "workers": workers,
            "recent_restarts": limit.recent(),
            "max_restarts": limit.max,
            "within_seconds": limit.within.as_secs(),
            "has_given_up": self.has_given_up.get(),
        })
    }

    /// Supervises; when that has been given up, waits for a visitor who begins anew.
    async fn run(self: Rc<Self>, mut stopping: Stopping) {
        let supervised = async {
            loop {
                let (start, report) = (self.clone(), self.clone());
                let start = move |number| start.clone().work(number);
                let report = move |number, what| report.report(number, what);
                let _gave_up = supervise(WORKERS, &self.limit, start, report).await;
                self.has_given_up.set(true);
                self.workers
                    .iter()
                    .for_each(|it| it.state.set(Life::Stopped));
                self.begin.notified().await;
                self.limit.borrow_mut().clear();
                self.has_given_up.set(false);
            }
        };
        runtime::select! {
            () = stopping.wait() => {}
            () = supervised => {}
        }
    }

    async fn work(self: Rc<Self>, number: usize) -> Result<(), String> {
        let worker = &self.workers[number];
        let works = async {
            loop {
                sleep(ITEM).await;
                worker.items.set(worker.items.get() + 1);
            }
        };
        runtime::select! {
            () = worker.crash.notified() => Err("a visitor crashed it".to_owned()),
            () = works => Ok(()),
        }
    }

    fn report(&self, number: usize, what: Report) {
        let worker = &self.workers[number];
        worker.state.set(match what {
            Report::Started => Life::Running,
            Report::Failed(_) => Life::Pausing,
            Report::GivenUp | Report::Done => Life::Stopped,
        });
        if let Report::Failed(_) = what {
            worker.restarts.set(worker.restarts.get() + 1);
        }
    }
}

async fn crash(
    State(demo): State<Rc<SupervisorDemo>>,
    Path(number): Path<usize>,
) -> Result<Json<Value>, Problem> {
    let worker = number.checked_sub(1).and_then(|it| demo.workers.get(it));
    let worker =
        worker.ok_or_else(|| Problem::not_found(format!("The workers are 1 to {WORKERS}.")))?;
    if worker.state.get() != Life::Running {
        let said = "This worker is not running. Wait until it is started again.";
        return Err(Problem::new(StatusCode::CONFLICT, said));
    }
    worker.crash.notify_waiters();
    let said = format!("Worker {number} was told to crash. Its supervisor sees to it.");
    Ok(Json(json!({ "outcome": "done", "said": said })))
}

async fn start(State(demo): State<Rc<SupervisorDemo>>) -> Result<Json<Value>, Problem> {
    if !demo.has_given_up.get() {
        let said = "The supervisor has not given up: it is at work.";
        return Err(Problem::new(StatusCode::CONFLICT, said));
    }
    demo.begin.notify_waiters();
    let said = "A new supervisor has begun, with three new workers.";
    Ok(Json(json!({ "outcome": "done", "said": said })))
}

async fn set(
    State(demo): State<Rc<SupervisorDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let now = demo.limit.borrow().max;
    let max = within("max_restarts", new.max_restarts, 0..=6, now)?;
    demo.limit.borrow_mut().max = max;
    Ok(Json(demo.state()))
}
