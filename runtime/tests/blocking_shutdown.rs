//! The end of a runtime that has jobs on its pool.

#[path = "support/dir.rs"]
mod dir;
#[path = "support/tasks.rs"]
mod tasks;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;

use dir::Dir;
use runtime::io::AsyncWriteExt;
use runtime::runtime::{Builder, Handle, Runtime};
use runtime::task::{JoinHandle, JoinSet, spawn_blocking};
use runtime::time::Duration;
use tasks::{on_drop, poll_once};

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
fn a_job_given_just_before_the_end_is_done() {
    const LONG: Duration = Duration::from_secs(600);
    let ends: [fn(Runtime); 2] = [drop, |runtime| runtime.shutdown_timeout(LONG)];
    for round in 0..100 {
        let runtime = with_threads(4);
        let done = Arc::new(AtomicUsize::new(0));
        let job = || {
            let done = Arc::clone(&done);
            move || {
                done.fetch_add(1, Ordering::Relaxed);
            }
        };
        let mut set = JoinSet::new();
        runtime.block_on(async {
            (0..3).for_each(|_| drop(spawn_blocking(job())));
            drop(Handle::current().spawn_blocking(job()));
            set.spawn_blocking(job());
            set.detach_all();
        });
        ends[round % 2](runtime);
        assert_eq!(done.load(Ordering::Relaxed), 5, "round {round}");
    }
}

#[test]
fn the_jobs_that_have_not_begun_are_done_in_their_order_and_their_handles_have_the_values() {
    let runtime = with_threads(1);
    let (open, mut first) = begun(&runtime);
    let (order, seen) = mpsc::channel();
    let mut jobs: Vec<_> = (0..50)
        .map(|n| {
            let order = order.clone();
            runtime.spawn_blocking(move || order.send(n).map(|()| n))
        })
        .collect();
    let handle = runtime.handle().clone();
    let remote = thread::spawn(move || handle.spawn_blocking(|| 1));
    let remote = remote.join().unwrap();
    // Lets the first job go when the runtime is being dropped, not before.
    let guard = on_drop(move || drop(open));
    drop(runtime.spawn(tasks::hold(guard)));
    drop(runtime);
    assert!(matches!(poll_once(&mut first), Poll::Ready(Ok(7))));
    for (n, job) in jobs.iter_mut().enumerate() {
        assert!(matches!(poll_once(job), Poll::Ready(Ok(Ok(value))) if value == n));
    }
    assert_eq!(
        seen.try_iter().collect::<Vec<_>>(),
        (0..50).collect::<Vec<_>>()
    );
    assert_eq!(futures_lite::future::block_on(remote).unwrap(), 1);
}

#[test]
fn a_job_whose_abort_has_not_had_its_turn_does_not_begin() {
    let runtime = with_threads(1);
    let (open, first) = begun(&runtime);
    let began = Arc::new(AtomicBool::new(false));
    let job = || {
        let began = Arc::clone(&began);
        runtime.spawn_blocking(move || began.store(true, Ordering::Relaxed))
    };
    let (mut second, third) = (job(), job());
    let (done, is_done) = mpsc::channel();
    drop(runtime.spawn_blocking(move || done.send(()).unwrap()));
    second.abort();
    // A task that is dropped may abort a job too.
    drop(runtime.spawn(tasks::hold(on_drop(move || third.abort()))));
    runtime.shutdown_background();
    drop((open, first));
    is_done.recv().unwrap();
    assert!(!began.load(Ordering::Relaxed));
    assert!(is_cancelled(&mut second));
}

#[test]
fn what_a_file_was_told_to_do_is_done_though_the_runtime_goes() {
    let dir = Dir::new();
    for round in 0..50 {
        let runtime = with_threads(1);
        let (whole, streamed) = (dir.at("whole"), dir.at("streamed"));
        runtime.block_on(async {
            let mut write = Box::pin(runtime::fs::write(&whole, b"all of it"));
            assert!(poll_once(&mut write).is_pending());
            let mut file = runtime::fs::File::create(&streamed).await.unwrap();
            file.write_all(b"all of it").await.unwrap();
            let mut flush = Box::pin(file.flush());
            drop(poll_once(&mut flush));
        });
        drop(runtime);
        for path in [whole, streamed] {
            assert_eq!(std::fs::read(&path).unwrap(), b"all of it", "round {round}");
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn shutting_down_in_the_background_waits_for_no_job_and_all_are_done() {
    let runtime = with_threads(1);
    let (open, mut job) = begun(&runtime);
    let (done, is_done) = mpsc::channel();
    let mut queued = runtime.spawn_blocking(move || done.send(5).unwrap());
    runtime.shutdown_background();
    assert!(is_cancelled(&mut job) && is_cancelled(&mut queued));
    assert!(is_done.try_recv().is_err());
    drop(open);
    assert_eq!(is_done.recv(), Ok(5));
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
        let task = futures_lite::future::block_on(task).unwrap_err();
        // The tasks are gone. The pool is closed next; until then it takes jobs, which wait, for
        // its one thread is this one.
        let refused = loop {
            let job = handle.spawn_blocking(|| {});
            if job.is_finished() {
                break job;
            }
            thread::yield_now();
        };
        let job = futures_lite::future::block_on(refused).unwrap_err();
        (task.is_cancelled(), job.is_cancelled())
    });
    has_begun.recv().unwrap();
    let guard = on_drop(move || drop(open));
    drop(runtime.spawn(tasks::hold(guard)));
    drop(runtime);
    assert!(matches!(poll_once(&mut job), Poll::Ready(Ok((true, true)))));
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
