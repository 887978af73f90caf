//! Workers: tasks that claim jobs, do them, and note how it ended.
//!
//! A worker that finds no job waits for the hint. One task per process gives it at a slow pace
//! ([`PACE`]), for jobs that came from another process, whose wait is over, or whose worker died. A worker
//! that finds a job passes the hint on ([`turn`]), so as many wake as there is work for.
//!
//! How it ends: when the program stops, a worker claims nothing more and finishes what it has. If that
//! takes too long, it is aborted, and another process does the job after its lease.

use std::cell::Cell;
use std::time::Duration;

use runtime::task::JoinSet;
use runtime::time::{interval, sleep, timeout};

use super::database::Db;
use super::error::Error;
use super::figures::Outcome;
use super::job::{Job, Kind, backoff, millis, now};
use super::notifications;
use super::outbox;
use super::service::Orders;
use crate::background::{Background, Stopping};

/// How often the table is looked at without a hint.
const PACE: Duration = Duration::from_millis(500);

/// How often the jobs are counted.
const LOOK: Duration = Duration::from_secs(5);

/// How long a worker leaves the database alone that could not be asked.
const REST: Duration = Duration::from_secs(1);

/// Starts so many workers.
pub(crate) fn start(orders: &Orders, background: &Background, workers: u16) {
    let hinting = orders.clone();
    background.spawn("orders: look for jobs", |stopping| hint(hinting, stopping));
    let looking = orders.clone();
    background.spawn("orders: count jobs", |stopping| look(looking, stopping));
    // Names that no other process has: a number that a process had before may be given again.
    let process = format!("{}-{:08x}", std::process::id(), fastrand::u32(..));
    for number in 1..=workers {
        let (orders, name) = (orders.clone(), format!("{process}/{number}"));
        let task = format!("orders: worker {number}");
        background.spawn(&task, |stopping| work(orders, name, stopping));
    }
}

async fn hint(orders: Orders, mut stopping: Stopping) {
    let mut ticks = interval(PACE);
    loop {
        runtime::select! {
            _ = ticks.tick() => orders.0.hint.notify_one(),
            () = stopping.wait() => return,
        }
    }
}

async fn look(orders: Orders, mut stopping: Stopping) {
    let mut ticks = interval(LOOK);
    let looks = async {
        loop {
            ticks.tick().await;
            orders.look().await;
        }
    };
    runtime::select! {
        () = looks => {}
        () = stopping.wait() => {}
    }
}

async fn work(orders: Orders, name: String, mut stopping: Stopping) {
    // Each turn is a task: a job that panics ends it, and not the worker. The job is left to its lease.
    let mut turns = JoinSet::new();
    while !stopping.is_now() {
        let (mine, called) = (orders.clone(), name.clone());
        turns.spawn(async move { turn(&mine, &called, now()).await });
        let waits_for = match turns.join_next().await {
            Some(Ok(Ok(true))) => continue,
            Some(Ok(Ok(false))) => None,
            Some(Ok(Err(error))) => {
                error.log();
                Some(REST)
            }
            _ => Some(REST),
        };
        let pause = async {
            match waits_for {
                Some(rest) => sleep(rest).await,
                None => orders.0.hint.notified().await,
            }
        };
        runtime::select! {
            () = pause => {}
            () = stopping.wait() => {}
        }
    }
}

/// Claims a job that is due at `now`, and does it. Says whether there was one.
pub(crate) async fn turn(orders: &Orders, name: &str, now: i64) -> Result<bool, Error> {
    let name = name.to_owned();
    let until = now + millis(orders.0.lease);
    let claim = async move |db: Db<'_>| outbox::claim(&db, &name, now, until).await;
    let Some(job) = orders.0.store.write(claim).await? else {
        return Ok(false);
    };
    orders.0.hint.notify_one();
    let _running = Running::begin(&orders.0.figures.running);
    let outcome = attempt(orders, &job, now).await;
    orders.0.figures.job(job.kind, outcome).add();
    Ok(true)
}

async fn attempt(orders: &Orders, job: &Job, now: i64) -> Outcome {
    // The second half of the lease is for noting how it ended.
    let done = timeout(orders.0.lease / 2, perform(orders, job)).await;
    let late = |_| Error::Job("it took longer than half of its lease".to_owned());
    let why = match done.map_err(late).and_then(|it| it) {
        Ok(()) => return Outcome::Done,
        Err(error) if error.is_not_the_jobs() => return put_off(orders, job, now, &error).await,
        Err(Error::LeaseLost) => return Outcome::Left,
        Err(error) => {
            error.log();
            error.for_the_list()
        }
    };
    let job = job.clone();
    let retry_at = now + millis(backoff(job.failures + 1));
    let fail = async move |db: Db<'_>| outbox::fail(&db, &job, &why, now, retry_at).await;
    match orders.0.store.write(fail).await {
        Ok(true) => Outcome::Dead,
        Ok(false) => Outcome::Failed,
        Err(error) => left(&error),
    }
}

/// The job is given back, unless the database itself is away: then its lease ends.
async fn put_off(orders: &Orders, job: &Job, now: i64, error: &Error) -> Outcome {
    error.log();
    let job = job.clone();
    let retry_at = now + millis(backoff(job.failures + 1));
    let give_back = async move |db: Db<'_>| outbox::put_off(&db, &job, retry_at).await;
    // It has been said already what is wrong.
    drop(orders.0.store.write(give_back).await);
    Outcome::Left
}

/// The job will be claimed again.
fn left(error: &Error) -> Outcome {
    error.log();
    Outcome::Left
}

async fn perform(orders: &Orders, job: &Job) -> Result<(), Error> {
    fail_if_asked(job)?;
    if job.kind == Kind::Notify {
        notifications::send(&orders.0.notifications, &job.order).await?;
    }
    let (id, mine, now) = (job.order.id, job.clone(), now());
    let finish = async move |db: Db<'_>| outbox::finish(&db, &mine, now).await;
    let outcome = orders.0.store.write(finish).await;
    orders.0.cache.drop_entry(id);
    outcome
}

/// Two products that show what retries and dead letters are.
fn fail_if_asked(job: &Job) -> Result<(), Error> {
    match (job.order.product.as_str(), job.kind) {
        ("broken", Kind::Process) => Err(Error::Job("the product is broken".to_owned())),
        #[cfg(test)]
        ("panics", _) => panic!("as asked"),
        ("flaky", _) if job.failures < 2 => Err(Error::Job("it works the third time".to_owned())),
        _ => Ok(()),
    }
}

/// Counts a job that is under way, however it ends.
struct Running<'a>(&'a Cell<u64>);

impl<'a> Running<'a> {
    fn begin(count: &'a Cell<u64>) -> Self {
        count.set(count.get() + 1);
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
