//! `/lab/cancel`: a tree of nine tasks on three branches, any of which a visitor may cancel.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use http::StatusCode;
use runtime::task::JoinSet;
use runtime::time::Duration;
use serde::Deserialize;
use serde_json::{Value, json};
use server::extract::{Path, State};
use server::routing::post;
use server::{Json, Router};

use super::super::task_tree::{Leaf, TaskTree, work};
use super::knob::within;
use crate::background::{Background, Stopping};
use crate::object::Object;
use crate::pages::Problem;

const BRANCHES: [&str; 3] = ["a", "b", "c"];
const LEAVES: usize = 3;
const STEP: Duration = Duration::from_millis(500);
const TIDY_UP: Duration = Duration::from_millis(600);

pub(crate) struct CancelDemo {
    background: Background,
    tree: RefCell<Rc<TaskTree>>,
    leaves: [[Cell<Leaf>; LEAVES]; BRANCHES.len()],
    steps: Cell<u32>,
    is_running: Cell<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    steps: Option<u32>,
}

impl CancelDemo {
    pub(crate) fn new(background: &Background) -> Rc<Self> {
        Rc::new(CancelDemo {
            background: background.clone(),
            tree: RefCell::new(Rc::new(TaskTree::new(BRANCHES.len()))),
            leaves: [(); 3].map(|()| [(); LEAVES].map(|()| Cell::new(Leaf::Done))),
            steps: Cell::new(20),
            is_running: Cell::new(false),
        })
    }

    pub(crate) fn routes(self: &Rc<Self>) -> Router {
        Router::new()
            .route("/lab/cancel/start", post(start))
            .route("/lab/cancel/settings", post(set))
            .route("/lab/cancel/{branch}", post(cancel))
            .with_state(self.clone())
    }

    pub(crate) fn state(&self) -> Value {
        let tree = self.tree.borrow().clone();
        let branches = (0..BRANCHES.len()).map(|number| {
            let leaves = self.leaves[number].each_ref().map(|leaf| shown(leaf.get()));
            json!({
                "name": BRANCHES[number],
                "is_cancelled": tree.is_cancelled(number),
                "leaves": leaves,
            })
        });
        json!({
            "branches": branches.collect::<Vec<_>>(),
            "steps": self.steps.get(),
            "is_running": self.is_running.get(),
        })
    }

    /// Runs a tree until all its tasks have ended. When the program ends, it cancels them.
    async fn run(self: Rc<Self>, tree: Rc<TaskTree>, mut stopping: Stopping) {
        let mut tasks = JoinSet::new();
        for branch in 0..BRANCHES.len() {
            for leaf in 0..LEAVES {
                let (demo, token) = (self.clone(), tree.leaf(branch));
                let say = move |now| demo.leaves[branch][leaf].set(now);
                let steps = self.steps.get();
                tasks.spawn(work(token, steps, STEP, TIDY_UP, say));
            }
        }
        let mut is_told = false;
        loop {
            runtime::select! {
                () = stopping.wait(), if !is_told => {
                    is_told = true;
                    tree.cancel();
                }
                ended = tasks.join_next() => if ended.is_none() { break },
            }
        }
        self.is_running.set(false);
    }
}

/// What a task does, and how many steps it has done.
fn shown(leaf: Leaf) -> Value {
    let (state, steps) = match leaf {
        Leaf::Running(steps) => ("running", Some(steps)),
        Leaf::TidyingUp(steps) => ("tidying-up", Some(steps)),
        Leaf::Cancelled(steps) => ("cancelled", Some(steps)),
        Leaf::Done => ("done", None),
    };
    json!({ "state": state, "steps": steps })
}

async fn start(State(demo): State<Rc<CancelDemo>>) -> Result<Json<Value>, Problem> {
    if demo.is_running.replace(true) {
        let said = "The tree has tasks that have not ended. Cancel \"all\", or wait for them.";
        return Err(Problem::new(StatusCode::CONFLICT, said));
    }
    let tree = Rc::new(TaskTree::new(BRANCHES.len()));
    drop(demo.tree.replace(tree.clone()));
    for leaf in demo.leaves.as_flattened() {
        leaf.set(Leaf::Running(0));
    }
    let ours = demo.clone();
    let run = |stopping| ours.run(tree, stopping);
    demo.background.spawn("lab: tree of tasks", run);
    let said = "Nine tasks have begun, three on each of the branches a, b and c.";
    Ok(Json(json!({ "outcome": "done", "said": said })))
}

async fn cancel(
    State(demo): State<Rc<CancelDemo>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let tree = demo.tree.borrow().clone();
    let said = match BRANCHES.iter().position(|branch| *branch == name) {
        Some(number) => {
            tree.cancel_branch(number);
            format!("Branch {name} was told to end. The others go on.")
        }
        None if name == "all" => {
            tree.cancel();
            "All branches were told to end.".to_owned()
        }
        None => {
            let said = "A branch is \"a\", \"b\" or \"c\"; \"all\" is the whole tree.";
            return Err(Problem::not_found(said));
        }
    };
    Ok(Json(json!({ "outcome": "done", "said": said })))
}

async fn set(
    State(demo): State<Rc<CancelDemo>>,
    Json(Object(new)): Json<Object<Settings>>,
) -> Result<Json<Value>, Problem> {
    let steps = within("steps", new.steps, 2..=60, demo.steps.get())?;
    demo.steps.set(steps);
    Ok(Json(demo.state()))
}
