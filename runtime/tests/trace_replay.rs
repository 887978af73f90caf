//! What the events say and what the machine is are one and the same.
//!
//! Random programs are stepped. After each step the state that is rebuilt from the events is held
//! against the state that the machine itself shows: every task and what it waits for, every timer
//! and source, the queue, the wheel. An event that is forgotten, told twice or told too early shows
//! at the next step.

#![forbid(unsafe_code)]

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use proptest::prelude::*;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::{Builder, Runtime, Step};
use runtime::sync::{Mutex, Notify, Semaphore, mpsc};
use runtime::task::{AbortHandle, JoinHandle, spawn, yield_now};
use runtime::time::{Duration, advance, sleep, timeout};
use runtime::trace::{Cause, Doing, Event, Mark, Record, Snapshot, TaskState, mark, replay};
use tasks::{Door, run_dry, waker_of};

/// One thing that a task of a random program does.
#[derive(Clone, Debug)]
enum Act {
    Yield,
    Sleep(u64),
    /// A sleep that is given up for a shorter one.
    Race(u64, u64),
    /// Spawns the rest of its acts as a task, and awaits it or not.
    Spawn(Vec<Act>, bool),
    /// Asks for the task that was spawned last to be aborted.
    Abort,
    /// Spends its whole budget.
    Busy,
    /// Waits for ever, without leaving a waker.
    Strand,
    /// Leaves its waker with another party, which drops it or wakes it.
    Knock,
    Open,
    LetGo,
    Panic,
    /// Keeps the lock for so long.
    Lock(u64),
    /// Waits for the lock no longer than so.
    Hurry(u64),
    Acquire(u32),
    Send,
    /// The receiver is behind the lock.
    Recv,
    Listen,
    Ring(bool),
    Mark(u64, Mark),
}

/// What the tasks of a program share.
#[derive(Clone)]
struct World {
    last: Rc<RefCell<Option<AbortHandle>>>,
    door: Rc<RefCell<Door>>,
    sender: mpsc::Sender<()>,
    receiver: Rc<Mutex<mpsc::Receiver<()>>>,
    permits: Rc<Semaphore>,
    bell: Rc<Notify>,
}

impl World {
    fn new() -> World {
        let (sender, receiver) = mpsc::channel(1);
        World {
            last: Rc::default(),
            door: Rc::default(),
            sender,
            receiver: Rc::new(Mutex::new(receiver)),
            permits: Rc::new(Semaphore::new(3)),
            bell: Rc::default(),
        }
    }

    fn run(self, acts: Vec<Act>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            for act in acts {
                self.act(act).await;
            }
        })
    }

    async fn act(&self, act: Act) {
        match act {
            Act::Yield => yield_now().await,
            Act::Sleep(ms) => sleep(Duration::from_millis(ms)).await,
            Act::Race(a, b) => {
                let long = sleep(Duration::from_millis(a));
                drop(timeout(Duration::from_millis(b), long).await);
            }
            Act::Spawn(acts, wait) => self.spawn(acts, wait).await,
            Act::Abort => {
                if let Some(last) = &*self.last.borrow() {
                    last.abort();
                }
            }
            Act::Busy => {
                let done: Vec<JoinHandle<()>> =
                    (0..150).map(|_| runtime::spawn(async {})).collect();
                for task in done {
                    task.await.unwrap();
                }
            }
            Act::Strand => std::future::pending().await,
            Act::Knock => {
                let waits = self.door.borrow().wait();
                waits.await;
            }
            Act::Open => self.door.borrow().open(),
            Act::LetGo => drop(self.door.replace(Door::default())),
            Act::Mark(id, what) => mark("work", id, what, || format!("{what:?}")),
            Act::Panic => std::panic::resume_unwind(Box::new("on purpose")),
            act => self.share(act).await,
        }
    }

    /// The acts that have to do with locks and channels.
    async fn share(&self, act: Act) {
        match act {
            Act::Lock(ms) => {
                let guard = self.receiver.lock().await;
                sleep(Duration::from_millis(ms)).await;
                drop(guard);
            }
            Act::Hurry(ms) => {
                let patience = Duration::from_millis(ms);
                drop(timeout(patience, self.receiver.lock()).await);
            }
            Act::Acquire(count) => {
                let permits = self.permits.acquire_many(count).await;
                yield_now().await;
                drop(permits);
            }
            Act::Send => _ = self.sender.send(()).await,
            Act::Recv => _ = self.receiver.lock().await.recv().await,
            Act::Listen => self.bell.notified().await,
            Act::Ring(all) => match all {
                true => self.bell.notify_waiters(),
                false => self.bell.notify_one(),
            },
            _ => unreachable!("the other acts are done elsewhere"),
        }
    }

    async fn spawn(&self, acts: Vec<Act>, wait: bool) {
        let task = runtime::spawn(self.clone().run(acts));
        *self.last.borrow_mut() = Some(task.abort_handle());
        if wait {
            drop(task.await);
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let leaf = prop_oneof![
        4 => Just(Act::Yield),
        4 => (0..200_u64).prop_map(Act::Sleep),
        1 => (0..100_000_000_u64).prop_map(Act::Sleep),
        3 => (0..5000_u64, 0..5000_u64).prop_map(|(a, b)| Act::Race(a, b)),
        2 => Just(Act::Abort),
        1 => Just(Act::Busy),
        1 => Just(Act::Strand),
        2 => Just(Act::Knock),
        2 => Just(Act::Open),
        1 => Just(Act::LetGo),
        1 => Just(Act::Panic),
        2 => (0..200_u64).prop_map(Act::Lock),
        2 => (0..200_u64).prop_map(Act::Hurry),
        2 => (0..4_u32).prop_map(Act::Acquire),
        2 => Just(Act::Send),
        2 => Just(Act::Recv),
        1 => Just(Act::Listen),
        1 => any::<bool>().prop_map(Act::Ring),
        3 => (0..3_u64, prop_oneof![Just(Mark::Begin), Just(Mark::Point), Just(Mark::End)])
            .prop_map(|(id, what)| Act::Mark(id, what)),
    ];
    let leaves = prop::collection::vec(leaf, 0..6);
    leaves.prop_recursive(3, 24, 4, |inner| {
        let spawn = (inner, any::<bool>()).prop_map(|(acts, wait)| Act::Spawn(acts, wait));
        prop::collection::vec(spawn, 1..4)
    })
}

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).rng_seed(7);
    builder.build().unwrap()
}

/// Steps until nothing happens any more; after each step, the two states must be one.
fn step_and_compare(runtime: &Runtime, base: &Snapshot) {
    let mut state = base.clone();
    for _ in 0..20_000 {
        let step = runtime.step();
        state = replay(&state, &runtime.trace().take());
        assert_eq!(state, runtime.snapshot(), "after {step:?}");
        match step {
            Step::WouldPark { until: None } => return,
            Step::WouldPark { until } => {
                runtime.park(until);
                state = replay(&state, &runtime.trace().take());
                assert_eq!(state, runtime.snapshot(), "after parking");
            }
            _ => {}
        }
    }
    panic!("the program does not end");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_state_rebuilt_from_events_is_the_state_of_the_machine(
        program in prop::collection::vec(acts(), 1..5),
        unseen in 0..30_usize,
    ) {
        let runtime = paused();
        let world = World::new();
        for acts in program {
            drop(runtime.spawn(world.clone().run(acts)));
        }
        // The observer comes when the program is under way already.
        for _ in 0..unseen {
            if let Step::WouldPark { until: Some(until) } = runtime.step() {
                runtime.park(Some(until));
            }
        }
        let base = start_recording(&runtime);
        step_and_compare(&runtime, &base);
    }
}

/// Begins to record; the state that the recording begins with is the machine's.
fn start_recording(runtime: &Runtime) -> Snapshot {
    runtime.trace().start(1_000_000);
    let base = runtime.trace().recording().state_at(0);
    assert_eq!(base, runtime.snapshot());
    base
}

#[test]
fn whoever_begins_to_record_finds_the_timers_by_their_numbers() {
    let runtime = paused();
    for millis in [10, 5] {
        let nap = sleep_in(&runtime, millis);
        drop(runtime.spawn(nap));
    }
    run_dry(&runtime);
    let base = start_recording(&runtime);
    step_and_compare(&runtime, &base);
}

fn sleep_in(runtime: &Runtime, millis: u64) -> impl Future<Output = ()> + use<> {
    let _inside = runtime.enter();
    sleep(Duration::from_millis(millis))
}

#[test]
fn whoever_begins_to_record_knows_who_is_stranded() {
    let runtime = paused();
    runtime.trace().observe();
    drop(runtime.spawn(std::future::pending::<()>()));
    run_dry(&runtime);
    let base = start_recording(&runtime);
    assert_eq!(base.tasks[&1].state, TaskState::Stranded);
    step_and_compare(&runtime, &base);
}

/// The state that the recording ends with, which is the machine's. Of what other threads leave in the
/// inbox (the result of a job) no event tells.
fn recorded(runtime: &Runtime) -> Snapshot {
    let mut machine = runtime.snapshot();
    let state = runtime.trace().recording().state_at(usize::MAX);
    machine.inbox = state.inbox;
    assert_eq!(state, machine);
    state
}

#[test]
fn a_poll_in_which_the_observer_changes_is_as_long_in_the_recording() {
    let runtime = Rc::new(paused());
    runtime.trace().observe();
    let inner = Rc::clone(&runtime);
    let task = runtime.spawn(async move {
        inner.trace().stop();
        start_recording(&inner);
        advance(Duration::from_millis(3)).await;
        std::future::pending::<()>().await;
    });
    runtime.block_on(advance(Duration::from_millis(50)));
    let state = recorded(&runtime);
    assert_eq!(state.tasks[&1].spent, Duration::from_millis(3));
    drop(task);
}

#[test]
fn a_poll_that_began_unseen_is_seen_to_end() {
    for observed in [false, true] {
        let runtime = Rc::new(paused());
        let inner = Rc::clone(&runtime);
        let neighbour = runtime.spawn(std::future::pending::<()>());
        let first = runtime.spawn(async move {
            if observed {
                inner.trace().observe();
            }
            start_recording(&inner);
            neighbour.abort(); // The event of this wake says who caused it.
            sleep(Duration::from_millis(5)).await;
        });
        let mut polls = 0;
        while polls < 2 {
            polls += usize::from(matches!(runtime.step(), Step::Polled { .. }));
        }
        let state = recorded(&runtime);
        assert_eq!(state.doing, Doing::Bookkeeping);
        assert_eq!(state.tasks[&2].state, TaskState::Waiting);
        assert_eq!(state.tasks[&2].waits.len(), 1);
        assert_eq!(state.tasks[&1].woken_by, Some(Cause::Task(2)));
        drop(first);
    }
}

/// The loop of `block_on` asks nothing between two polls until it is observed, and that may begin in a poll.
#[test]
fn a_poll_that_the_loop_began_without_a_look_is_seen_to_end() {
    type Rest = fn() -> Pin<Box<dyn Future<Output = ()>>>;
    let rests: [(Rest, Option<TaskState>); 3] = [
        (|| Box::pin(std::future::ready(())), None),
        (
            || Box::pin(std::future::pending()),
            Some(TaskState::Stranded),
        ),
        (
            || Box::pin(sleep(Duration::from_secs(9))),
            Some(TaskState::Waiting),
        ),
    ];
    for (rest, state) in rests {
        let runtime = Rc::new(paused());
        let inner = Rc::clone(&runtime);
        let records = runtime.block_on(async {
            let task = spawn(async move {
                yield_now().await;
                start_recording(&inner);
                rest().await;
            });
            sleep(Duration::from_millis(1)).await;
            drop(task);
            runtime.trace().recording()
        });
        let ends = records
            .records()
            .iter()
            .filter_map(|record| match record.event {
                Event::PollEnd { task: 2, ready, .. } => Some(ready),
                _ => None,
            });
        assert!(ends.eq([state.is_none()]), "{state:?}");
        let seen = recorded(&runtime).tasks.get(&2).map(|task| task.state);
        assert_eq!(seen, state);
    }
}

#[test]
fn a_root_that_records_itself_ends_in_the_recording_in_whatever_way() {
    for panics in [false, true] {
        let runtime = paused();
        let root = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                start_recording(&runtime);
                assert!(!panics, "on purpose");
            });
        }));
        assert_eq!(root.is_err(), panics);
        assert_eq!(recorded(&runtime).doing, Doing::Bookkeeping);
    }
}

#[test]
fn a_job_that_is_aborted_is_no_task_in_the_queue() {
    let runtime = paused();
    start_recording(&runtime);
    let job = runtime.spawn_blocking(|| ());
    job.abort();
    assert!(recorded(&runtime).queue.is_empty());
}

thread_local! {
    /// What a waker, which must be `Send`, looks at.
    static LOOKED_AT: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
    static SEEN: RefCell<Option<(Snapshot, Snapshot)>> = const { RefCell::new(None) };
}

/// A waker that notes the state of the machine, and the one that the events show.
fn looks() -> Waker {
    waker_of(|| {
        let runtime = LOOKED_AT.with_borrow(|runtime| runtime.clone().unwrap());
        let recorded = runtime.trace().recording().state_at(usize::MAX);
        SEEN.set(Some((recorded, runtime.snapshot())));
    })
}

#[test]
fn between_two_polls_nobody_runs() {
    let runtime = Rc::new(paused());
    LOOKED_AT.set(Some(Rc::clone(&runtime)));
    start_recording(&runtime);
    drop(runtime.spawn(async {
        // The future of block_on goes first, so that this one is polled last.
        yield_now().await;
        // A timer whose waker is no task's is called by the loop itself.
        let mut nap = Box::pin(sleep(Duration::from_millis(1)));
        let polled = nap.as_mut().poll(&mut Context::from_waker(&looks()));
        assert!(polled.is_pending());
        sleep(Duration::from_millis(9)).await;
    }));
    runtime.block_on(async { sleep(Duration::from_millis(5)).await });
    let (recorded, machine) = SEEN.take().unwrap();
    assert_eq!(recorded, machine);
    assert_eq!(machine.doing, Doing::Bookkeeping);
    assert_eq!(machine.tasks[&1].state, TaskState::Waiting);
    LOOKED_AT.take();
}

#[test]
fn a_waker_finds_all_timers_told_of_that_fire_with_its_own() {
    let runtime = Rc::new(paused());
    LOOKED_AT.set(Some(Rc::clone(&runtime)));
    start_recording(&runtime);
    let neighbour = sleep_in(&runtime, 1);
    drop(runtime.spawn(async {
        let mut nap = Box::pin(sleep(Duration::from_millis(1)));
        let polled = nap.as_mut().poll(&mut Context::from_waker(&looks()));
        assert!(polled.is_pending());
        neighbour.await;
    }));
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    let (recorded, machine) = SEEN.take().unwrap();
    assert_eq!(recorded, machine);
    assert!(machine.wheel.timers.is_empty());
    LOOKED_AT.take();
}

#[test]
fn a_waker_that_is_called_while_the_thread_parks_finds_it_parked() {
    let runtime = Rc::new(paused());
    LOOKED_AT.set(Some(Rc::clone(&runtime)));
    start_recording(&runtime);
    runtime.block_on(async {
        let (here, there) = runtime::net::UnixStream::pair().unwrap();
        assert!(here.try_read(&mut [0]).is_err());
        let mut readable = Box::pin(here.readable());
        let polled = readable.as_mut().poll(&mut Context::from_waker(&looks()));
        assert!(polled.is_pending());
        there.try_write(b"x").unwrap();
        sleep(Duration::from_millis(5)).await;
    });
    let (recorded, machine) = SEEN.take().unwrap();
    assert_eq!(recorded, machine);
    assert!(matches!(machine.doing, Doing::Parked { until: Some(_) }));
    LOOKED_AT.take();
}

#[test]
fn the_states_agree_about_sockets_too() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.trace().start(1_000_000);
    let base = runtime.snapshot();
    let echo = runtime.spawn(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = runtime::spawn(async move {
            let mut client = TcpStream::connect(address).await.unwrap();
            let mut answer = [0; 5];
            client.write_all(b"hello").await.unwrap();
            client.read_exact(&mut answer).await.unwrap();
        });
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 64];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            stream.write_all(&buffer[..read]).await.unwrap();
        }
        client.await.unwrap();
    });
    let mut state = base;
    while !echo.is_finished() {
        let step = runtime.step();
        state = replay(&state, &runtime.trace().take());
        let mut machine = runtime.snapshot();
        // This clock runs.
        machine.time = state.time;
        assert_eq!(state, machine, "after {step:?}");
        if let Step::WouldPark { until } = step {
            runtime.park(until);
        }
    }
    assert!(state.sources.is_empty());
}

#[test]
fn a_ring_that_is_full_still_knows_every_state_that_it_holds() {
    let runtime = paused();
    runtime.trace().start(10);
    drop(runtime.spawn(async {
        for _ in 0..50 {
            sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<()>().await;
    }));
    while let Step::Polled { .. } | Step::Fired { .. } | Step::WouldPark { until: Some(_) } =
        match runtime.step() {
            Step::WouldPark { until: Some(until) } => {
                runtime.park(Some(until));
                Step::WouldPark { until: Some(until) }
            }
            step => step,
        }
    {}
    let recording = runtime.trace().recording();
    assert_eq!(recording.records().len(), 10);
    assert!(runtime.trace().lost() > 100);
    let state = recording.state_at(10);
    assert_eq!(state, runtime.snapshot());
    assert_eq!(state.tasks[&1].state, TaskState::Stranded);
}

#[test]
fn the_inbox_is_seen_by_a_snapshot_alone_and_all_else_is_equal() {
    let runtime = Runtime::new().unwrap();
    let far = runtime.handle().clone();
    let send = || drop(far.spawn(async {}));
    send();
    runtime.trace().start(1000);
    let recording = || runtime.trace().recording();
    let base = recording().base().clone();
    assert_eq!(base.inbox.messages, 1, "what lay there at the beginning");
    while !matches!(runtime.step(), Step::WouldPark { .. }) {}
    send();
    let (mut machine, mut added) = (runtime.snapshot(), recording().state_at(1000));
    assert_eq!((machine.inbox.messages, added.inbox.messages), (1, 0));
    machine.inbox = Default::default();
    // Time goes on without events.
    added.time = machine.time;
    assert_eq!(machine, added);
}

#[test]
fn a_damaged_recording_is_added_up_without_a_panic() {
    let runtime = paused();
    drop(runtime.spawn(std::future::pending::<()>()));
    let mut state = runtime.snapshot();
    let view = state.tasks.get_mut(&1).unwrap();
    (view.spent, view.polls) = (Duration::MAX, u64::MAX);
    let events = [
        Event::PollStart { task: 1 },
        Event::PollEnd {
            task: 1,
            ready: false,
            spent: 255,
        },
    ];
    for (seq, event) in events.into_iter().enumerate() {
        let record = Record {
            seq: seq as u64,
            time: Duration::from_secs(seq as u64),
            task: Some(1),
            place: state.tasks[&1].at,
            event,
        };
        state.apply(&record);
    }
    let view = &state.tasks[&1];
    assert_eq!((view.spent, view.polls), (Duration::MAX, 0));
}
