//! What a job leaves and no task wants: a thread of the pool drops it, never the runtime's own.
//!
//! To drop a value may take as long as to make it. If the runtime's thread did it, every task
//! would wait. So each test here gives a result up in its own way, and asks which thread dropped it.

#[path = "support/tasks.rs"]
mod tasks;

use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::{JoinHandle, JoinSet, spawn_blocking};
use runtime::time::timeout;
use tasks::{OnDrop, hold, on_drop, poll_once, run_dry};

const POOL: &str = "pool";

/// A runtime whose pool has one thread, of a known name.
fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(1);
    builder.thread_name(POOL).build().unwrap()
}

/// Says which thread drops it.
type Value = OnDrop<Box<dyn FnOnce() + Send>>;

/// Who drops values.
struct Drops {
    tell: Sender<Option<String>>,
    told: Receiver<Option<String>>,
}

impl Drops {
    fn new() -> Drops {
        let (tell, told) = mpsc::channel();
        Drops { tell, told }
    }

    fn value(&self) -> Value {
        let tell = self.tell.clone();
        on_drop(Box::new(move || {
            let name = thread::current().name().map(str::to_owned);
            tell.send(name).unwrap();
        }))
    }

    /// So many values are dropped, by the pool; the loop runs meanwhile.
    fn by_pool(&self, count: usize, runtime: &Runtime) {
        let give_up = Instant::now() + Duration::from_secs(60);
        for _ in 0..count {
            let by = loop {
                match self.told.try_recv() {
                    Ok(by) => break by,
                    Err(_) => assert!(Instant::now() < give_up, "never dropped"),
                }
                if let Step::WouldPark { .. } = runtime.step() {
                    let soon = Instant::now() + Duration::from_millis(1);
                    runtime.park(Some(soon.into()));
                }
            };
            assert_eq!(by.as_deref(), Some(POOL));
        }
        assert!(self.told.try_recv().is_err());
    }

    /// So many values are dropped by the pool without the loop, which is gone.
    fn by_pool_alone(&self, count: usize) {
        for _ in 0..count {
            let by = self.told.recv_timeout(Duration::from_secs(60)).unwrap();
            assert_eq!(by.as_deref(), Some(POOL));
        }
        assert!(self.told.try_recv().is_err());
    }
}

#[test]
fn a_drop_that_a_job_waits_for_happens_though_no_thread_is_free() {
    let runtime = runtime();
    let (tell, told) = mpsc::channel::<()>();
    let ended = runtime.spawn_blocking(move || tell);
    let (begin, begun) = mpsc::channel();
    let waits = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        told.recv_timeout(Duration::from_secs(60))
    });
    begun.recv().unwrap();
    drop(ended);
    let heard = runtime.block_on(waits).unwrap();
    assert_eq!(heard, Err(mpsc::RecvTimeoutError::Disconnected));
}

/// Keeps the pool's one thread busy until the sender is dropped.
fn occupy(runtime: &Runtime) -> Sender<()> {
    let (open, opened) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    drop(runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        let _ = opened.recv();
    }));
    begun.recv().unwrap();
    open
}

/// A job that has ended, and of which the runtime's thread has not heard.
fn in_the_inbox<T: Send + 'static>(
    runtime: &Runtime,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let job = runtime.spawn_blocking(work);
    while runtime.snapshot().inbox.messages == 0 {
        runtime.park(None); // its end is a reason to come back
    }
    job
}

/// A job whose result has been delivered.
fn at_home<T: Send + 'static>(
    runtime: &Runtime,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let job = in_the_inbox(runtime, work);
    run_dry(runtime);
    assert!(job.is_finished());
    job
}

#[test]
fn the_value_of_a_job_whose_handle_is_dropped_at_any_time() {
    let (runtime, drops) = (runtime(), Drops::new());
    let value = || {
        let value = drops.value();
        move || value
    };
    drop(runtime.spawn_blocking(value()));
    drops.by_pool(1, &runtime);
    drop(in_the_inbox(&runtime, value()));
    drops.by_pool(1, &runtime);
    drop(at_home(&runtime, value()));
    drops.by_pool(1, &runtime);
    let open = occupy(&runtime);
    drop(runtime.spawn_blocking(value()));
    run_dry(&runtime);
    drop(open);
    drops.by_pool(1, &runtime);
}

#[test]
fn the_payload_of_a_panic_that_is_not_awaited() {
    let (runtime, drops) = (runtime(), Drops::new());
    let panic = || {
        let payload = drops.value();
        move || -> () { resume_unwind(Box::new(payload)) }
    };
    drop(runtime.spawn_blocking(panic()));
    drops.by_pool(1, &runtime);
    drop(in_the_inbox(&runtime, panic()));
    drops.by_pool(1, &runtime);
    drop(at_home(&runtime, panic()));
    drops.by_pool(1, &runtime);
}

#[test]
fn the_value_of_a_job_that_was_aborted_too_late_or_timed_out() {
    let (runtime, drops) = (runtime(), Drops::new());
    let value = drops.value();
    let (open, opened) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let job = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        let _ = opened.recv();
        value
    });
    begun.recv().unwrap();
    job.abort();
    run_dry(&runtime);
    drop(job);
    let value = drops.value();
    let late = runtime.block_on(async {
        let job = spawn_blocking(move || value);
        timeout(Duration::ZERO, job).await
    });
    assert!(late.is_err());
    drop(open);
    drops.by_pool(2, &runtime);
}

#[test]
fn the_closure_of_a_job_that_was_aborted_in_time() {
    let (runtime, drops) = (runtime(), Drops::new());
    let open = occupy(&runtime);
    let held = drops.value();
    let job = runtime.spawn_blocking(move || drop(held));
    job.abort();
    // The handle need not wait for a thread to be free.
    assert!(runtime.block_on(job).unwrap_err().is_cancelled());
    drop(open);
    drops.by_pool(1, &runtime);
}

#[test]
fn the_values_of_a_set_that_is_shut_down_or_dropped() {
    let (runtime, drops) = (runtime(), Drops::new());
    let mut set = JoinSet::new();
    let fill = |set: &mut JoinSet<Value>| {
        let _inside = runtime.enter();
        for _ in 0..3 {
            let value = drops.value();
            set.spawn_blocking(move || value);
        }
    };
    fill(&mut set);
    runtime.block_on(set.shutdown());
    drops.by_pool(3, &runtime);
    fill(&mut set);
    while runtime.block_on(async { set.join_next().await }).is_some() {
        let by = drops.told.recv().unwrap();
        assert_eq!(by, thread::current().name().map(str::to_owned), "taken");
    }
    fill(&mut set);
    drop(set);
    drops.by_pool(3, &runtime);
}

#[test]
fn the_value_of_a_job_given_by_a_handle() {
    let (runtime, drops) = (runtime(), Drops::new());
    let job = || {
        let value = drops.value();
        runtime.handle().spawn_blocking(move || value)
    };
    let open = occupy(&runtime);
    drop(job());
    drop(open);
    drops.by_pool(1, &runtime);
    let ended = job();
    while !ended.is_finished() {
        thread::yield_now();
    }
    drop(ended);
    drops.by_pool(1, &runtime);
    let taken = runtime.block_on(job()).unwrap();
    assert!(drops.told.try_recv().is_err());
    drop(taken);
}

#[test]
fn what_the_tasks_of_a_runtime_no_longer_take_because_it_is_gone() {
    let ends: [fn(Runtime); 2] = [drop, Runtime::shutdown_background];
    for end in ends {
        let (runtime, drops) = (runtime(), Drops::new());
        let value = || {
            let value = drops.value();
            move || value
        };
        // One result is delivered, one is in the inbox.
        let home = at_home(&runtime, value());
        let inbox = in_the_inbox(&runtime, value());
        drop(runtime.spawn(hold((home, inbox))));
        end(runtime);
        drops.by_pool_alone(2);
        // One job runs, and one waits for its turn.
        let runtime = self::runtime();
        let (open, opened) = mpsc::channel::<()>();
        let late = drops.value();
        let running = runtime.spawn_blocking(move || {
            let _ = opened.recv();
            late
        });
        let queued = runtime.spawn_blocking(value());
        let guard = on_drop(move || drop(open));
        drop(runtime.spawn(hold(((running, queued), guard))));
        end(runtime);
        drops.by_pool_alone(2);
    }
}

#[test]
fn a_value_that_came_in_time_belongs_to_the_handle_though_the_runtime_is_gone() {
    let (runtime, drops) = (runtime(), Drops::new());
    let value = drops.value();
    let mut job = runtime.spawn_blocking(move || value);
    drop(runtime);
    let Poll::Ready(Ok(value)) = poll_once(&mut job) else {
        panic!("no value");
    };
    assert!(drops.told.try_recv().is_err());
    drop(value);
}
