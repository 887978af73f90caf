//! The end of a runtime that has jobs on its pool.

#[path = "support/tasks.rs"]
mod tasks;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;

use runtime::runtime::{Builder, Handle, Runtime};
use runtime::task::JoinHandle;
use runtime::time::Duration;
use tasks::{on_drop, panic_quietly, poll_once};

fn with_threads(threads: usize) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(threads);
    builder.build().unwrap()
}

fn is_cancelled<T>(job: &mut JoinHandle<T>) -> bool {
    matches!(poll_once(job), Poll::Ready(Err(error)) if error.is_cancelled())
}

/// A job that has begun and runs until the sender is dropped; it returns 7.
fn begun(runtime: &Runtime) -> (mpsc::Sender<()>, JoinHandle<u32>) {
    let (open, opened) = mpsc::channel::<()>();
    let (begin, has_begun) = mpsc::channel();
    let job = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        let _ = opened.recv();
        7
    });
    has_begun.recv().unwrap();
    (open, job)
}

#[test]
fn dropping_a_runtime_waits_for_a_job_that_runs_and_its_handle_has_the_value() {
    let runtime = with_threads(1);
    let (open, mut job) = begun(&runtime);
    // Tells the job to end when the runtime is being dropped, not before.
    let guard = on_drop(move || drop(open));
    drop(runtime.spawn(tasks::hold(guard)));
    drop(runtime);
    assert!(matches!(poll_once(&mut job), Poll::Ready(Ok(7))));
}

#[test]
fn a_job_that_has_not_begun_is_dropped_and_its_handle_hears_a_cancellation() {
    let runtime = with_threads(1);
    let (open, mut first) = begun(&runtime);
    let began = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&began);
    let (dropped, has_dropped) = mpsc::channel();
    let guard = on_drop(move || dropped.send(thread::current().id()).unwrap());
    let mut second = runtime.spawn_blocking(move || {
        theirs.store(true, Ordering::Relaxed);
        drop(guard);
    });
    let bad = on_drop(|| panic_quietly("in the drop"));
    let mut third = runtime.spawn_blocking(move || drop(bad));
    let handle = runtime.handle().clone();
    let remote = thread::spawn(move || handle.spawn_blocking(|| 1))
        .join()
        .unwrap();
    // The tasks are dropped before the pool is closed: the job could begin meanwhile if it
    // were let go here. So it is let go once the others have been dropped.
    let opener = thread::spawn(move || {
        let by = has_dropped.recv().unwrap();
        drop(open);
        by
    });
    drop(runtime);
    assert_eq!(opener.join().unwrap(), thread::current().id());
    assert!(!began.load(Ordering::Relaxed));
    assert!(is_cancelled(&mut second) && is_cancelled(&mut third));
    assert!(matches!(poll_once(&mut first), Poll::Ready(Ok(7))));
    let error = futures_lite::future::block_on(remote).unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn shutting_down_in_the_background_waits_for_nobody() {
    let runtime = with_threads(1);
    let (open, mut job) = begun(&runtime);
    let (dropped, has_dropped) = mpsc::channel();
    let guard = on_drop(move || dropped.send(()).unwrap());
    let mut queued = runtime.spawn_blocking(move || drop(guard));
    runtime.shutdown_background();
    assert!(is_cancelled(&mut job) && is_cancelled(&mut queued));
    has_dropped.recv().unwrap();
    drop(open);
}

#[test]
fn a_timeout_waits_no_longer_and_what_the_job_returns_is_dropped_on_its_thread() {
    let runtime = with_threads(1);
    let (open, opened) = mpsc::channel::<()>();
    let (begin, has_begun) = mpsc::channel();
    let (dropped, has_dropped) = mpsc::channel();
    let mut job = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        let _ = opened.recv();
        on_drop(move || dropped.send(thread::current().id()).unwrap())
    });
    has_begun.recv().unwrap();
    runtime.shutdown_timeout(Duration::from_millis(1));
    assert!(is_cancelled(&mut job));
    drop(open);
    assert_ne!(has_dropped.recv().unwrap(), thread::current().id());
}

#[test]
fn a_timeout_is_not_waited_out_when_the_jobs_end_sooner() {
    let runtime = with_threads(4);
    let jobs: Vec<_> = (0..100)
        .map(|n| runtime.spawn_blocking(move || n))
        .collect();
    let handle = runtime.handle().clone();
    runtime.shutdown_timeout(Duration::MAX);
    for mut job in jobs {
        assert!(job.is_finished());
        assert!(poll_once(&mut job).is_ready());
    }
    let late = handle.spawn_blocking(|| 1);
    let error = futures_lite::future::block_on(late).unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn who_waits_elsewhere_for_a_job_hears_of_the_end() {
    let (going, staying) = (with_threads(1), with_threads(1));
    let (open, job) = begun(&going);
    let waiting = staying.spawn(job);
    staying.step();
    going.shutdown_background();
    let error = staying.block_on(waiting).unwrap().unwrap_err();
    assert!(error.is_cancelled());
    drop(open);
}

#[test]
fn a_job_that_spawns_back_during_the_shutdown_hears_a_cancellation() {
    let runtime = with_threads(1);
    let (open, opened) = mpsc::channel::<()>();
    let (begin, has_begun) = mpsc::channel();
    let mut job = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        let _ = opened.recv();
        let handle = Handle::current();
        let task = handle.spawn(async {});
        let job = handle.spawn_blocking(|| {});
        let task = futures_lite::future::block_on(task).unwrap_err();
        let job = futures_lite::future::block_on(job).unwrap_err();
        (task.is_cancelled(), job.is_cancelled())
    });
    has_begun.recv().unwrap();
    let (dropped, has_dropped) = mpsc::channel::<()>();
    let mut queued = runtime.spawn_blocking(move || drop(dropped));
    let opener = thread::spawn(move || {
        // The pool is closed by the time it drops what was queued.
        assert!(has_dropped.recv().is_err());
        drop(open);
    });
    drop(runtime);
    opener.join().unwrap();
    assert!(matches!(poll_once(&mut job), Poll::Ready(Ok((true, true)))));
    assert!(is_cancelled(&mut queued));
}

#[test]
fn a_task_that_gives_a_job_while_it_is_dropped_is_no_danger() {
    let runtime = with_threads(1);
    let (tell, told) = mpsc::channel();
    let guard = on_drop(move || {
        let mut job = runtime::task::spawn_blocking(|| {});
        tell.send(poll_once(&mut job).is_pending()).unwrap();
    });
    drop(runtime.spawn(tasks::hold(guard)));
    drop(runtime);
    told.recv().unwrap();
}

#[test]
fn a_runtime_without_jobs_has_no_thread_to_wait_for() {
    drop(with_threads(1));
    let runtime = with_threads(1);
    runtime.block_on(runtime.spawn_blocking(|| {})).unwrap();
    drop(runtime); // its idle thread is called and leaves
}
