//! Closures sent from other threads, which make on the runtime's thread a future that could not be sent.
#![forbid(unsafe_code)]

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, ThreadId};

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::{Handle, Runtime};
use runtime::task::{self, RemoteJoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::Event;
use tasks::{Door, hold, message_of_panic, on_drop, panic_quietly, paused, run_dry};

/// A handle of a runtime that runs on a thread of its own until this is dropped.
struct Elsewhere {
    handle: Handle,
    stop: Door,
    thread: Option<thread::JoinHandle<()>>,
}

fn elsewhere() -> Elsewhere {
    let (tell, told) = mpsc::channel();
    let stop = Door::default();
    let stopped = stop.wait();
    let thread = thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        tell.send(runtime.handle().clone()).unwrap();
        runtime.block_on(stopped);
    });
    Elsewhere {
        handle: told.recv().unwrap(),
        stop,
        thread: Some(thread),
    }
}

impl Elsewhere {
    fn id(&self) -> ThreadId {
        self.thread.as_ref().unwrap().thread().id()
    }

    fn stop(&mut self) {
        self.stop.open();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Something that says on which thread it was dropped.
fn witness() -> (impl Send + 'static, mpsc::Receiver<ThreadId>) {
    let (tell, told) = mpsc::channel();
    let value = on_drop(move || {
        let _ = tell.send(thread::current().id());
    });
    (value, told)
}

/// The usual use of Tokio's `Handle::block_on`: sleep, connect, spawn, share.
#[test]
fn a_thread_waits_for_a_future_that_cannot_be_sent() {
    let place = elsewhere();
    let heard = place.handle.spawn_with(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Rc::new(Cell::new(0));
        let theirs = Rc::clone(&shared);
        let client = runtime::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"warp").await.unwrap();
            theirs.set(7);
        });
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        client.await.unwrap();
        (text, shared.get(), thread::current().id())
    });
    let heard = heard.blocking_join().unwrap();
    assert_eq!(heard, ("warp".to_owned(), 7, place.id()));
}

#[test]
fn a_job_waits_for_a_task_of_its_own_runtime() {
    let runtime = Runtime::new().unwrap();
    let job = runtime.spawn_blocking(|| {
        let task = Handle::current().spawn_with(|| async {
            sleep(Duration::from_millis(1)).await;
            4
        });
        task.blocking_join().unwrap() + 1
    });
    assert_eq!(runtime.block_on(job).unwrap(), 5);
}

#[test]
fn the_result_is_awaited_in_another_runtime() {
    let place = elsewhere();
    let other = Runtime::new().unwrap();
    let task = place.handle.spawn_with(|| async {
        yield_now().await;
        thread::current().id()
    });
    assert_eq!(other.block_on(task).unwrap(), place.id());
}

#[test]
fn the_closure_runs_in_the_first_poll_of_its_task() {
    let runtime = paused();
    let (tell, told) = mpsc::channel();
    let task = runtime.handle().spawn_with(move || {
        tell.send((task::id(), thread::current().id())).unwrap();
        let inner = runtime::spawn(sleep(Duration::from_secs(60)));
        async move { (inner.await.unwrap(), task::id()) }
    });
    runtime.step(); // takes the inbox
    assert!(told.try_recv().is_err());
    runtime.step(); // polls
    let (id, on) = told.try_recv().unwrap();
    assert_eq!((task.id(), on), (Some(id), thread::current().id()));
    assert_eq!(runtime.block_on(task).unwrap(), ((), id));
}

#[test]
fn the_line_that_sent_the_closure_is_the_line_of_the_task() {
    let runtime = paused();
    runtime.trace().start(100);
    let line = line!() + 1;
    drop(runtime.handle().spawn_with(|| async {}));
    run_dry(&runtime);
    let records = runtime.trace().take();
    let spawned = records.iter().find_map(|record| match &record.event {
        Event::Spawned { at, .. } => Some((at.file.to_string(), at.line)),
        _ => None,
    });
    assert_eq!(spawned, Some((file!().to_owned(), line)));
}

#[test]
fn a_closure_that_panics_is_a_task_that_panicked() {
    let runtime = paused();
    let (held, dropped) = witness();
    let task: RemoteJoinHandle<()> = runtime.handle().spawn_with(move || {
        let _held = held;
        panic_quietly("the closure");
        #[allow(unreachable_code)]
        std::future::ready(())
    });
    let other = runtime.spawn(yield_now());
    run_dry(&runtime);
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
    assert!(other.is_finished());
    let error = task.blocking_join().unwrap_err();
    assert_eq!(
        *error.into_panic().downcast::<&str>().unwrap(),
        "the closure"
    );
}

#[test]
fn a_future_that_panics_later_is_a_task_that_panicked() {
    let place = elsewhere();
    let task = place.handle.spawn_with(|| async {
        let held = Rc::new(());
        yield_now().await;
        drop(held);
        panic_quietly("the future")
    });
    assert!(task.blocking_join().unwrap_err().is_panic());
}

#[test]
fn a_task_that_is_aborted_before_its_first_poll_does_not_call_the_closure() {
    let runtime = paused();
    let (held, dropped) = witness();
    let handle = runtime.handle().clone();
    let task = thread::spawn(move || {
        let task = handle.spawn_with(move || -> std::future::Ready<()> {
            let _held = held;
            unreachable!("it was aborted")
        });
        task.abort();
        task
    });
    let task = task.join().unwrap();
    assert!(dropped.try_recv().is_err(), "it lies in the inbox");
    run_dry(&runtime);
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_is_aborted_while_it_waits_drops_its_future_at_home() {
    let runtime = paused();
    let (held, dropped) = witness();
    let task = runtime
        .handle()
        .spawn_with(move || hold((held, Rc::new(()))));
    run_dry(&runtime);
    let (begins, begun) = mpsc::channel();
    let waiter = thread::spawn(move || {
        task.abort();
        begins.send(()).unwrap();
        task.blocking_join().unwrap_err()
    });
    begun.recv().unwrap();
    run_dry(&runtime);
    assert_eq!(dropped.recv(), Ok(thread::current().id()));
    assert!(waiter.join().unwrap().is_cancelled());
}

#[test]
fn a_runtime_that_goes_before_it_takes_the_closure_drops_it_at_home() {
    let runtime = paused();
    let (held, dropped) = witness();
    let handle = runtime.handle().clone();
    let (sends, sent) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let task = handle.spawn_with(move || async move { drop(held) });
        sends.send(()).unwrap();
        task.blocking_join().unwrap_err()
    });
    sent.recv().unwrap();
    assert!(dropped.try_recv().is_err());
    drop(runtime);
    assert_eq!(dropped.recv(), Ok(thread::current().id()));
    assert!(waiter.join().unwrap().is_cancelled());
}

#[test]
fn a_runtime_that_goes_while_the_task_waits_ends_the_wait() {
    let runtime = paused();
    let (held, dropped) = witness();
    let task = runtime
        .handle()
        .spawn_with(move || hold((held, Rc::new(()))));
    run_dry(&runtime);
    let waiter = thread::spawn(move || task.blocking_join().unwrap_err());
    drop(runtime);
    assert_eq!(dropped.recv(), Ok(thread::current().id()));
    assert!(waiter.join().unwrap().is_cancelled());
}

#[test]
fn a_closure_for_a_runtime_that_is_gone_is_dropped_by_who_sends_it() {
    let mut place = elsewhere();
    place.stop();
    let (held, dropped) = witness();
    let task = place.handle.spawn_with(move || async move { drop(held) });
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
    assert!(task.is_finished() && task.id().is_none());
    assert!(task.blocking_join().unwrap_err().is_cancelled());
}

#[test]
fn a_closure_whose_drop_panics_does_so_in_its_result() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let waiting = handle.spawn_with({
        let bomb = on_drop(|| panic_quietly("dropped"));
        move || async move { drop(bomb) }
    });
    drop(runtime);
    assert!(waiting.blocking_join().unwrap_err().is_panic());
    let bomb = on_drop(|| panic_quietly("dropped"));
    let refused = handle.spawn_with(move || async move { drop(bomb) });
    assert!(refused.blocking_join().unwrap_err().is_panic());
}

#[test]
fn what_the_closure_does_not_hand_on_is_dropped_before_the_future_is_polled() {
    let runtime = paused();
    let (held, dropped) = witness();
    let task = runtime.handle().spawn_with(move || {
        drop(held);
        async move { dropped.try_recv().is_ok() }
    });
    assert!(runtime.block_on(task).unwrap());
}

#[test]
fn a_dropped_handle_detaches_the_task() {
    let place = elsewhere();
    let (tell, told) = mpsc::channel();
    drop(place.handle.spawn_with(move || async move {
        let held = Rc::new(());
        yield_now().await;
        tell.send(Rc::strong_count(&held)).unwrap();
    }));
    assert_eq!(told.recv(), Ok(1));
}

#[test]
fn a_result_that_is_there_already_is_taken_at_home() {
    let runtime = paused();
    let task = runtime.handle().spawn_with(|| async { 3 });
    run_dry(&runtime);
    assert_eq!(task.blocking_join().unwrap(), 3);
}

#[test]
fn a_thread_refuses_to_wait_for_itself() {
    let runtime = paused();
    let task = runtime.handle().spawn_with(|| async {});
    let message = message_of_panic(|| task.blocking_join());
    assert!(message.contains("Runtime::block_on"), "{message}");
}

#[test]
fn a_task_refuses_to_block_its_thread() {
    let place = elsewhere();
    let handle = place.handle.clone();
    let runtime = paused();
    let message = runtime.block_on(async move {
        let task = handle.spawn_with(|| async {});
        message_of_panic(|| task.blocking_join())
    });
    assert!(message.contains(".await"), "{message}");
}

#[test]
fn a_thread_that_has_built_another_runtime_may_wait() {
    let place = elsewhere();
    let runtime = paused();
    let _entered = runtime.enter();
    let task = place.handle.spawn_with(|| async { 1 });
    assert_eq!(task.blocking_join().unwrap(), 1);
}

/// A job needs no loop: its runtime's own thread may wait for it, outside of its tasks.
#[test]
fn a_job_of_a_handle_can_be_waited_for_by_blocking() {
    let runtime = paused();
    let job = runtime.handle().spawn_blocking(|| 6);
    assert_eq!(job.blocking_join().unwrap(), 6);
    let job = runtime.handle().spawn_blocking(|| panic_quietly("a job"));
    let error: task::JoinError = job.blocking_join().map(|(): ()| ()).unwrap_err();
    assert!(error.is_panic());
}

#[test]
fn many_threads_wait_at_once() {
    let place = elsewhere();
    let threads: Vec<_> = (0..8_u64)
        .map(|n| {
            let handle = place.handle.clone();
            thread::spawn(move || {
                let once =
                    |m| handle.spawn_with(move || async move { Rc::new(n + m) }.then_value());
                (0..50)
                    .map(|m| once(m).blocking_join().unwrap())
                    .sum::<u64>()
            })
        })
        .collect();
    let sums = threads.into_iter().map(|thread| thread.join().unwrap());
    assert!(sums.eq((0..8).map(|n| 50 * n + 49 * 50 / 2)));
}

/// The value in an `Rc`, after a yield during which the future holds it.
trait ThenValue: Future<Output = Rc<u64>> + Sized {
    async fn then_value(self) -> u64 {
        let value = self.await;
        yield_now().await;
        *value
    }
}

impl<F: Future<Output = Rc<u64>>> ThenValue for F {}
