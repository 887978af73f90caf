//! What this process has done with orders, in numbers.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::job::Kind;
use super::outbox::Counts;
use super::pool::Usage;
use crate::metrics::{Kind as Of, Text};

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) created: Count,
    pub(crate) repeated: Count,
    pub(crate) hits: Count,
    pub(crate) misses: Count,
    pub(crate) running: Cell<u64>,
    /// Jobs in the database, at the last look; `None` if it could not be asked.
    pub(crate) waiting: Cell<Option<Counts>>,
    /// For each kind of job: done, failed (and to be tried again), dead, lost to another worker.
    jobs: [[Count; 4]; 3],
}

#[derive(Default)]
pub(crate) struct Count(Cell<u64>);

/// How a worker's turn with a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Dead,
    /// The lease ended, or the database could not be asked: the job will be claimed again.
    Left,
}

impl Count {
    pub(crate) fn add(&self) {
        self.0.set(self.0.get() + 1);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }
}

impl Outcome {
    const ALL: [Outcome; 4] = [Outcome::Done, Outcome::Failed, Outcome::Dead, Outcome::Left];

    fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Dead => "dead",
            Outcome::Left => "left",
        }
    }
}

impl Figures {
    pub(crate) fn job(&self, kind: Kind, outcome: Outcome) -> &Count {
        &self.jobs[kind as usize][outcome as usize]
    }

    pub(crate) fn as_json(&self) -> Value {
        let jobs = Outcome::ALL.map(|outcome| {
            let counts = Kind::ALL.map(|kind| (kind.name(), self.job(kind, outcome).get()));
            (outcome.name(), BTreeMap::from(counts))
        });
        json!({
            "orders": { "created": self.created.get(), "repeated": self.repeated.get() },
            "cache": { "hits": self.hits.get(), "misses": self.misses.get() },
            "jobs": BTreeMap::from(jobs),
        })
    }

    /// For `GET /metrics`.
    pub(crate) fn write(&self, text: &mut Text) {
        text.single(
            "orders_created_total",
            Of::Counter,
            "Orders that were accepted.",
            self.created.get(),
        );
        text.single(
            "orders_repeated_total",
            Of::Counter,
            "Requests that were answered with the order that their Idempotency-Key had made.",
            self.repeated.get(),
        );
        let name = "orders_cache_lookups_total";
        text.family(
            name,
            Of::Counter,
            "Orders that were asked for, by where they were found.",
        );
        text.sample(name, &[("result", "hit")], self.hits.get());
        text.sample(name, &[("result", "miss")], self.misses.get());
        let name = "orders_jobs_total";
        text.family(
            name,
            Of::Counter,
            "Jobs that a worker had, by kind and outcome.",
        );
        for (kind, outcome) in Kind::ALL
            .iter()
            .flat_map(|kind| Outcome::ALL.map(|it| (kind, it)))
        {
            let labels = [("kind", kind.name()), ("outcome", outcome.name())];
            text.sample(name, &labels, self.job(*kind, outcome).get());
        }
        text.single(
            "orders_jobs_running",
            Of::Gauge,
            "Jobs that a worker of this process has now.",
            self.running.get(),
        );
        if let Some(waiting) = self.waiting.get() {
            let name = "orders_jobs_waiting";
            text.family(
                name,
                Of::Gauge,
                "Jobs in the database by state, a few seconds ago.",
            );
            text.sample(name, &[("state", "queued")], waiting.queued);
            text.sample(name, &[("state", "running")], waiting.running);
            text.sample(name, &[("state", "dead")], waiting.dead);
        }
    }
}

impl Usage {
    /// For `GET /metrics`.
    pub(crate) fn write(self, text: &mut Text) {
        let name = "orders_connections";
        text.family(
            name,
            Of::Gauge,
            "Connections of this process to PostgreSQL, by use.",
        );
        text.sample(name, &[("state", "in_use")], self.in_use);
        text.sample(name, &[("state", "idle")], self.idle);
        text.single(
            "orders_connections_opened_total",
            Of::Counter,
            "Connections to PostgreSQL that were opened.",
            self.opened,
        );
    }
}
