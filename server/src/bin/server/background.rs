//! What runs beside the requests: tasks of services, and how they end.
//!
//! A health check, a worker that takes jobs: such a task belongs to the program, not to a request.
//! When the program is told to stop, it first lets the requests finish. Then each of these tasks
//! hears that it should end ([`Stopping`]), and the program waits for it, but not for ever.
//!
//! How it can go wrong: a task that hears nothing, because it waits for something else. So a task
//! waits for both with `select!`, and what it must not leave half done it does outside of that.
//! After the deadline the tasks that are left are aborted.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use runtime::sync::watch;
use runtime::task::JoinSet;
use runtime::time::timeout;

/// The tasks of the services. A clone is another handle to the same tasks.
#[derive(Clone)]
pub(crate) struct Background(Rc<Shared>);

struct Shared {
    tasks: RefCell<JoinSet<()>>,
    is_stopping: watch::Sender<bool>,
}

/// Tells a task that the program ends. A clone tells the same.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Background {
    pub(crate) fn new() -> Self {
        Background(Rc::new(Shared {
            tasks: RefCell::new(JoinSet::new()),
            is_stopping: watch::channel(false).0,
        }))
    }

    /// Runs `task` until it ends. It is told when the program does. The inspector shows it by its name.
    #[track_caller]
    pub(crate) fn spawn<F>(&self, name: &str, task: impl FnOnce(Stopping) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let task = task(self.stopping());
        let mut tasks = self.0.tasks.borrow_mut();
        // What has ended is forgotten here, so that the set stays small.
        while tasks.try_join_next().is_some() {}
        let spawned = tasks.build_task().name(name).spawn(task);
        drop(spawned.expect("it never fails"));
    }

    pub(crate) fn stopping(&self) -> Stopping {
        Stopping(self.0.is_stopping.subscribe())
    }

    /// Tells all tasks to end and waits for them, `patience` at most. What is left then is aborted.
    /// Returns how many that were.
    pub(crate) async fn shutdown(&self, patience: Duration) -> usize {
        self.0.is_stopping.send_replace(true);
        let mut tasks = self.0.tasks.take();
        let ended = async { while tasks.join_next().await.is_some() {} };
        drop(timeout(patience, ended).await);
        let left = tasks.len();
        tasks.shutdown().await;
        left
    }
}

impl Stopping {
    /// Waits until the program ends. Cancel safe.
    pub(crate) async fn wait(&mut self) {
        // An error means that nothing is left which could say so: the program has ended.
        let _ = self.0.wait_for(|is_stopping| *is_stopping).await;
    }

    /// Whether the program ends.
    pub(crate) fn is_now(&self) -> bool {
        *self.0.borrow()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use super::*;
    use runtime::time::{Instant, sleep};

    #[runtime::test(start_paused = true)]
    async fn a_task_that_listens_ends_in_its_own_time_and_another_one_is_aborted() {
        let background = Background::new();
        let is_done = Rc::new(Cell::new(false));
        let done = is_done.clone();
        background.spawn("listens", |mut stopping| async move {
            stopping.wait().await;
            sleep(Duration::from_secs(1)).await;
            done.set(stopping.is_now());
        });
        background.spawn("hears nothing", |_| pending());
        sleep(Duration::from_secs(60)).await;
        assert!(!is_done.get());
        let begun = Instant::now();
        assert_eq!(background.shutdown(Duration::from_secs(5)).await, 1);
        assert!(is_done.get());
        assert_eq!(begun.elapsed(), Duration::from_secs(5));
    }
}
