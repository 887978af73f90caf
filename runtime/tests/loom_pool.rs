//! The pool of threads, in every order in which its threads can run, with two interruptions at most.
//!
//! A job that is given as the last idle thread leaves is done, once; one that is given as the pool is closed is done or
//! revoked. loom takes another turn at every point where two threads could overtake each other, until there is
//! no turn left to take. A job that no thread comes for is missed at the end.
//!
//! The file under test is compiled into this one: `pool.rs` takes its locks and threads from
//! `crate::base::shim`, and here that module has loom's. Time is modelled by a thread that ends the limits of
//! all waits ([`limits_are_over`]): it can run at any moment, so they end at any moment.
#![forbid(unsafe_code)]

#[path = "../src/base/pool.rs"]
#[allow(dead_code)]
mod pool;

#[path = "../src/base/room.rs"]
#[allow(dead_code)]
mod room;

mod shim {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
    pub(crate) use loom::thread;

    use std::sync::{LockResult, PoisonError};
    use std::time::Duration;

    loom::lazy_static! {
        /// The limits of all waits are over.
        pub(crate) static ref OVER: AtomicBool = AtomicBool::new(false);
    }

    /// loom's, with waits whose limit may be over.
    pub(crate) struct Condvar(loom::sync::Condvar);

    /// Whether the limit was over.
    pub(crate) struct TimedOut(bool);

    impl TimedOut {
        pub(crate) fn timed_out(&self) -> bool {
            self.0
        }
    }

    type Waited<'a, T> = LockResult<(MutexGuard<'a, T>, TimedOut)>;

    impl Condvar {
        pub(crate) fn new() -> Condvar {
            Condvar(loom::sync::Condvar::new())
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        pub(crate) fn wait<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
        ) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait(guard)
        }

        /// Ends at a call, or at once if the limit is over.
        pub(crate) fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            _limit: Duration,
        ) -> Waited<'a, T> {
            if OVER.load(Ordering::Acquire) {
                return Ok((guard, TimedOut(true)));
            }
            let guard = self.wait(guard).unwrap_or_else(PoisonError::into_inner);
            Ok((guard, TimedOut(OVER.load(Ordering::Acquire))))
        }

        pub(crate) fn wait_timeout_while<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            limit: Duration,
            mut goes_on: impl FnMut(&mut T) -> bool,
        ) -> Waited<'a, T> {
            while goes_on(&mut guard) {
                let (again, late) = self.wait_timeout(guard, limit)?;
                guard = again;
                if late.timed_out() {
                    return Ok((guard, late));
                }
            }
            Ok((guard, TimedOut(false)))
        }
    }
}

/// Where the files under test look for each other.
mod base {
    pub(crate) use super::{room, shim};
}

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use pool::{Limits, Pool, Work};
use std::sync::Arc;

/// Counts how often it was done, and how often it was revoked.
#[derive(Default)]
struct Job {
    runs: AtomicUsize,
    revoked: AtomicUsize,
}

impl Work for Job {
    fn run(self: Arc<Self>) {
        self.runs.fetch_add(1, Ordering::AcqRel);
    }

    fn revoke(self: Arc<Self>) {
        self.revoked.fetch_add(1, Ordering::AcqRel);
    }
}

impl Job {
    fn fates(&self) -> [usize; 2] {
        [&self.runs, &self.revoked].map(|count| count.load(Ordering::Acquire))
    }
}

const DONE: [usize; 2] = [1, 0];
const REVOKED: [usize; 2] = [0, 1];

fn pool_of(threads: usize) -> Pool {
    let limits = Limits::default();
    Pool::new(Limits { threads, ..limits })
}

fn give(pool: &Pool) -> Arc<Job> {
    let job = Arc::new(Job::default());
    pool.give(job.clone()).unwrap();
    job
}

/// The limit of each wait is over from now on, and those who wait hear so.
fn limits_are_over(pool: &Pool) {
    let _state = pool.0.lock();
    shim::OVER.store(true, Ordering::Release);
    pool.0.called.notify_all();
    pool.0.empty.notify_all();
}

/// With more threads there are more orders than a test can wait for: see `loom_inbox.rs`.
fn check(program: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(program);
}

#[test]
fn each_job_is_done_once_before_the_close_is_over() {
    for threads in [1, 2] {
        check(move || {
            let pool = pool_of(threads);
            let jobs = [(); 3].map(|()| give(&pool));
            pool.close(None);
            assert_eq!(jobs.map(|job| job.fates()), [DONE; 3]);
            assert_eq!(pool.0.lock().threads, 0, "all have left");
        });
    }
}

#[test]
fn a_job_that_is_given_as_the_last_thread_leaves_is_done() {
    check(|| {
        let pool = pool_of(1);
        let first = give(&pool);
        let theirs = pool.clone();
        let clock = thread::spawn(move || limits_are_over(&theirs));
        let second = give(&pool);
        pool.close(None);
        clock.join().unwrap();
        assert_eq!([first.fates(), second.fates()], [DONE; 2]);
        assert_eq!(pool.0.lock().threads, 0, "it is counted no more");
    });
}

#[test]
fn a_job_that_is_given_as_the_pool_is_closed_is_done_or_revoked() {
    check(|| {
        let pool = pool_of(2);
        let theirs = pool.clone();
        let giver = thread::spawn(move || {
            let job = Arc::new(Job::default());
            let taken = theirs.give(job.clone()).is_ok();
            (job, taken)
        });
        pool.close(None);
        let (job, taken) = giver.join().unwrap();
        match taken {
            true => assert_eq!(job.fates(), DONE),
            false => assert_eq!(job.fates(), REVOKED),
        }
    });
}

/// The close gives up waiting; the job is done all the same, and its thread leaves.
#[test]
fn a_close_whose_patience_is_over_loses_no_job() {
    check(|| {
        let pool = pool_of(1);
        let job = give(&pool);
        let theirs = pool.clone();
        let clock = thread::spawn(move || limits_are_over(&theirs));
        pool.close(Some(std::time::Duration::from_secs(1)));
        clock.join().unwrap();
        pool.close(None);
        assert_eq!(job.fates(), DONE);
    });
}
