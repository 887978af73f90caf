//! A supervisor: it starts workers, and starts a worker again that has failed.
//!
//! A worker that has failed is in a state that its author did not foresee. To throw it away and to
//! begin afresh is safer than to mend it. But what fails at once each time would be started for ever.
//! So there is a pause before each restart, longer each time, and a *limit*: after so many restarts
//! within a while the supervisor concludes that the fault lies deeper. It gives up, drops all its
//! workers, and says so to what started it.
//!
//! How it can go wrong: a limit without a window. Then a worker that fails once a month is given up
//! some day. And a supervisor that is dropped must not leave its workers running: they are in its
//! `JoinSet`, which drops them.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::Future;

use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep};

/// How often workers may be started again.
pub(crate) struct RestartLimit {
    /// So many restarts within [`within`](RestartLimit::within).
    pub(crate) max: usize,
    pub(crate) within: Duration,
    /// The pause before the first of them. Each further one doubles it.
    pub(crate) pause: Duration,
    restarts: VecDeque<Instant>,
}

impl RestartLimit {
    pub(crate) fn new(max: usize, within: Duration, pause: Duration) -> Self {
        RestartLimit {
            max,
            within,
            pause,
            restarts: VecDeque::new(),
        }
    }

    /// Whether one more restart is allowed, and after which pause.
    pub(crate) fn restart(&mut self) -> Option<Duration> {
        let recent = self.recent();
        self.restarts.drain(..self.restarts.len() - recent);
        if recent >= self.max {
            return None;
        }
        self.restarts.push_back(Instant::now());
        let doubled = 2_u32.saturating_pow(u32::try_from(recent).unwrap_or(u32::MAX));
        Some(self.pause.saturating_mul(doubled).min(self.within))
    }

    /// How many restarts count at the moment.
    pub(crate) fn recent(&self) -> usize {
        let counts = |at: &&Instant| at.elapsed() < self.within;
        self.restarts.iter().filter(counts).count()
    }

    /// Forgets the past.
    pub(crate) fn clear(&mut self) {
        self.restarts.clear();
    }
}

/// What happens to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Started,
    /// It has failed, and starts again after this pause.
    Failed(Duration),
    /// It has failed, and once too often.
    GivenUp,
    /// It has ended well, and is not started again.
    Done,
}

/// This worker failed, and the limit was reached. All workers have been dropped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GaveUp(pub(crate) usize);

/// Runs the workers 0 to `workers`, each made by `start`, until all have ended well or one has
/// failed too often. An error and a panic are both failures. Dropping the future drops the
/// workers.
pub(crate) async fn supervise<F>(
    workers: usize,
    limit: &RefCell<RestartLimit>,
    start: impl Fn(usize) -> F + Clone + 'static,
    report: impl Fn(usize, Report) + Clone + 'static,
) -> Result<(), GaveUp>
where
    F: Future<Output = Result<(), String>> + 'static,
{
    let mut running = JoinSet::new();
    let mut names = HashMap::new();
    let begin = |running: &mut JoinSet<_>, worker, pause| {
        let (start, report) = (start.clone(), report.clone());
        let task = running.spawn(async move {
            sleep(pause).await;
            report(worker, Report::Started);
            start(worker).await
        });
        (task.id(), worker)
    };
    for worker in 0..workers {
        names.extend([begin(&mut running, worker, Duration::ZERO)]);
    }
    while let Some(ended) = running.join_next_with_id().await {
        let (id, is_done) = match ended {
            Ok((id, ended)) => (id, ended.is_ok()),
            Err(error) => (error.id(), false),
        };
        let worker = names.remove(&id).expect("is one of ours");
        if is_done {
            report(worker, Report::Done);
            continue;
        }
        let pause = limit.borrow_mut().restart();
        let Some(pause) = pause else {
            report(worker, Report::GivenUp);
            running.shutdown().await;
            return Err(GaveUp(worker));
        };
        report(worker, Report::Failed(pause));
        names.extend([begin(&mut running, worker, pause)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
