//! The jobs: how one is claimed, and how it ends.
//!
//! ```text
//! queued ──claim──▶ running ──finish──▶ done
//!    ▲  ▲              │ │
//!    │  └──fail, wait──┘ └──fail, for the fifth time──▶ dead
//!    └───────────────────────retry (a person)────────────┘
//! ```
//!
//! A lease that ends without a word counts as a failure, too: the job may have killed its worker. But
//! such failures alone make a dead letter only when there are more than ten ([`MOST_LEFT`]).
//!
//! The table is the truth, and several processes may work on it. A claim is a *lease*: the job is this
//! worker's until a time. `due_at` is when a job may be claimed: for a queued one when its wait is
//! over, for a running one when its lease is. So a dead process needs no burial. Its jobs are due again,
//! and the next worker takes them.
//!
//! How it can go wrong: a worker is slow, and the lease ends while it works. Then two have the same
//! job. So each says with its last statement which claim it has (`attempts`, `worker`), and what it did
//! happens only if that is still the valid one ([`Error::LeaseLost`]; the transaction is rolled back).

use serde::Serialize;

use super::database::{Db, Row, Value};
use super::error::Error;
use super::job::{Job, Kind, MOST_FAILURES, MOST_LEFT};
use super::ledger;
use super::order::Status;

/// How many jobs of a state the list shows.
const SHOWN: i64 = 50;

/// Claims the job that has been due longest.
pub(crate) async fn claim(
    db: &Db<'_>,
    worker: &str,
    now: i64,
    until: i64,
) -> Result<Option<Job>, Error> {
    let sql = format!(
        "UPDATE jobs SET attempts = attempts + 1, worker = $1, due_at = $2, state = 'running',
         failures = failures + CASE WHEN state = 'running' THEN 1 ELSE 0 END
         WHERE id = (SELECT id FROM jobs WHERE state IN ('queued', 'running') AND due_at <= $3
                     ORDER BY due_at, id LIMIT 1 {})
         RETURNING id, kind, order_id, attempts, failures",
        db.skip_locked()
    );
    let values = [worker.into(), until.into(), now.into()];
    while let Some(row) = db.ask(&sql, &values).await?.pop() {
        let job = Job {
            id: row.int(0)?,
            kind: Kind::of(row.text(1)?)?,
            order: ledger::find(db, row.int(2)?).await?,
            worker: worker.to_owned(),
            attempts: row.int(3)?,
            failures: row.int(4)?,
        };
        if job.failures <= MOST_LEFT {
            return Ok(Some(job));
        }
        end(db, &job, "dead", now, "each worker that had it died").await?;
    }
    Ok(None)
}

/// Does what can be done inside the database, and notes that the job is done: both, or neither.
pub(crate) async fn finish(db: &Db<'_>, job: &Job, now: i64) -> Result<(), Error> {
    // Always in this order: the order, the stock, the job. Two transactions that lock in the same order
    // cannot wait for each other.
    let order = ledger::locked(db, job.order.id).await?;
    match job.kind {
        Kind::Process if order.status == Status::Pending => {
            ledger::set_status(db, order.id, Status::Processing, now).await?;
        }
        Kind::Inventory => ledger::take(db, &order).await?,
        Kind::Process | Kind::Notify => {}
    }
    end(db, job, "done", now, "").await
}

/// Notes a failure. The job is due again at `retry_at`, or dead. Says whether it is dead.
pub(crate) async fn fail(
    db: &Db<'_>,
    job: &Job,
    why: &str,
    now: i64,
    retry_at: i64,
) -> Result<bool, Error> {
    let is_dead = job.failures + 1 >= MOST_FAILURES;
    let (state, due_at) = if is_dead {
        ("dead", now)
    } else {
        ("queued", retry_at)
    };
    end(db, job, state, due_at, why).await?;
    Ok(is_dead)
}

/// Gives a job back that could not be done and is not at fault: another claim may have it from `retry_at` on.
pub(crate) async fn put_off(db: &Db<'_>, job: &Job, retry_at: i64) -> Result<(), Error> {
    end(db, job, "queued", retry_at, "").await
}

/// Ends a claim, if it is still valid.
async fn end(db: &Db<'_>, job: &Job, state: &str, due_at: i64, why: &str) -> Result<(), Error> {
    let sql = "UPDATE jobs SET state = $1, due_at = $2, error = $3,
         failures = failures + CASE WHEN $3 = '' THEN 0 ELSE 1 END
         WHERE id = $4 AND state = 'running' AND attempts = $5 AND worker = $6
         RETURNING id";
    let values = [
        state.into(),
        due_at.into(),
        why.into(),
        job.id.into(),
        job.attempts.into(),
        Value::from(job.worker.as_str()),
    ];
    match db.ask(sql, &values).await?.is_empty() {
        true => Err(Error::LeaseLost),
        false => Ok(()),
    }
}

/// Brings a dead letter back.
pub(crate) async fn retry(db: &Db<'_>, id: i64, now: i64) -> Result<Shown, Error> {
    let sql = format!(
        "UPDATE jobs SET state = 'queued', failures = 0, due_at = $1
         WHERE id = $2 AND state = 'dead' RETURNING {SHOWN_COLUMNS}"
    );
    if let Some(row) = db.ask(&sql, &[now.into(), id.into()]).await?.first() {
        return Shown::of(row);
    }
    let known = db
        .ask("SELECT state FROM jobs WHERE id = $1", &[id.into()])
        .await?;
    Err(match known.first() {
        None => Error::not_found(format!(
            "There is no job {id}. GET /orders/jobs lists them."
        )),
        Some(row) => Error::conflict(format!("Job {id} is {}, and no dead letter.", row.text(0)?)),
    })
}

/// A job as the list shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    id: i64,
    order: i64,
    kind: Kind,
    state: String,
    due_at: i64,
    attempts: i64,
    failures: i64,
    worker: String,
    error: String,
}

/// What is to be done, by state. Of each state so many are shown, and all are counted.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    pub(crate) counts: Counts,
    queued: Vec<Shown>,
    running: Vec<Shown>,
    pub(crate) dead: Vec<Shown>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) queued: i64,
    pub(crate) running: i64,
    pub(crate) dead: i64,
}

const SHOWN_COLUMNS: &str = "id, order_id, kind, state, due_at, attempts, failures, worker, error";

impl Shown {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok(Shown {
            id: row.int(0)?,
            order: row.int(1)?,
            kind: Kind::of(row.text(2)?)?,
            state: row.text(3)?.to_owned(),
            due_at: row.int(4)?,
            attempts: row.int(5)?,
            failures: row.int(6)?,
            worker: row.text(7)?.to_owned(),
            error: row.text(8)?.to_owned(),
        })
    }
}

pub(crate) async fn list(db: &Db<'_>) -> Result<Listing, Error> {
    Ok(Listing {
        counts: counts(db).await?,
        queued: in_state(db, "state IN ('queued', 'running') AND state = 'queued'").await?,
        running: in_state(db, "state IN ('queued', 'running') AND state = 'running'").await?,
        dead: in_state(db, "state = 'dead'").await?,
    })
}

async fn in_state(db: &Db<'_>, which: &str) -> Result<Vec<Shown>, Error> {
    let sql =
        format!("SELECT {SHOWN_COLUMNS} FROM jobs WHERE {which} ORDER BY due_at, id LIMIT {SHOWN}");
    db.ask(&sql, &[]).await?.iter().map(Shown::of).collect()
}

pub(crate) async fn counts(db: &Db<'_>) -> Result<Counts, Error> {
    let sql = "SELECT state, count(*) FROM jobs WHERE state IN ('queued', 'running') GROUP BY state
         UNION ALL SELECT state, count(*) FROM jobs WHERE state = 'dead' GROUP BY state";
    let mut counts = Counts::default();
    for row in db.ask(sql, &[]).await? {
        match row.text(0)? {
            "queued" => counts.queued = row.int(1)?,
            "running" => counts.running = row.int(1)?,
            _ => counts.dead = row.int(1)?,
        }
    }
    Ok(counts)
}
