//! The loop: who is polled when, and that nobody starves.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::Write;
use std::net::TcpStream as StdStream;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::net::TcpListener;
use runtime::runtime::{Builder, Handle, Runtime, Step};
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, sleep};
use tasks::{Door, Log, message_of_panic, paused, polled, run_dry};

/// A task that yields for ever.
async fn spin() {
    loop {
        yield_now().await;
    }
}

#[test]
fn tasks_are_polled_in_the_order_in_which_they_became_ready() {
    let runtime = paused();
    for _ in 0..3 {
        drop(runtime.spawn(async {
            yield_now().await;
            yield_now().await;
        }));
    }
    assert_eq!(polled(&run_dry(&runtime)), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
}

#[test]
fn a_task_that_is_woken_goes_behind_those_that_are_ready() {
    let runtime = paused();
    let doors = [(); 4].map(|()| Door::default());
    doors
        .iter()
        .for_each(|door| drop(runtime.spawn(door.wait())));
    run_dry(&runtime);
    let _guard = runtime.enter();
    for place in [2, 0, 3, 1] {
        doors[place].open();
    }
    assert_eq!(polled(&run_dry(&runtime)), [3, 1, 4, 2]);
}

#[test]
fn a_new_task_goes_behind_those_that_are_ready() {
    let runtime = paused();
    let log = Log::default();
    let (first, second) = (log.clone(), log.clone());
    drop(runtime.spawn(async move {
        let child = first.clone();
        drop(runtime::spawn(async move { child.add("child") }));
        first.add("first");
    }));
    drop(runtime.spawn(async move { second.add("second") }));
    run_dry(&runtime);
    assert_eq!(log.take(), ["first", "second", "child"]);
}

/// How many polls are made, with tasks ready all the time, between two looks at the inbox.
fn polls_in_a_round(runtime: &Runtime) -> usize {
    drop(runtime.spawn(spin()));
    let until_mail = || {
        drop(runtime.handle().spawn(async {}));
        let steps = std::iter::repeat_with(|| runtime.step());
        steps
            .take_while(|step| !matches!(step, Step::TookInbox { .. }))
            .count()
    };
    until_mail();
    until_mail()
}

#[test]
fn the_driver_is_looked_at_after_sixty_one_polls() {
    assert_eq!(polls_in_a_round(&paused()), 61);
}

#[test]
fn the_driver_is_looked_at_as_often_as_the_builder_was_told() {
    for interval in [1, 2, 7] {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.event_interval(interval).build().unwrap();
        assert_eq!(polls_in_a_round(&runtime), interval as usize);
    }
    let message = message_of_panic(|| {
        Builder::new_current_thread().event_interval(0);
    });
    assert!(message.contains("greater than 0"), "{message}");
}

#[test]
fn tasks_that_yield_for_ever_starve_no_other_task() {
    paused().block_on(async {
        for _ in 0..10 {
            drop(runtime::spawn(spin()));
        }
        let other = runtime::spawn(async {
            for _ in 0..1000 {
                yield_now().await;
            }
        });
        other.await.unwrap();
    });
}

#[test]
fn a_task_that_yields_for_ever_starves_no_timer() {
    Runtime::new().unwrap().block_on(async {
        drop(runtime::spawn(spin()));
        sleep(Duration::from_millis(2)).await;
    });
}

#[test]
fn a_task_that_yields_for_ever_starves_no_socket() {
    Runtime::new().unwrap().block_on(async {
        drop(runtime::spawn(spin()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = StdStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(b"here").unwrap();
        let mut buf = [0; 4];
        server.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"here");
    });
}

#[test]
fn a_task_that_yields_for_ever_starves_no_thread() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    let waits = door.wait();
    let waker = thread::spawn(move || door.open());
    runtime.block_on(async {
        drop(runtime::spawn(spin()));
        waits.await;
    });
    waker.join().unwrap();
}

/// A thread wakes the same task without end. Between two of its polls everybody else has a
/// turn: tasks, timers and sockets.
#[test]
fn a_storm_of_wakes_from_another_thread_starves_nobody() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    let stop = Arc::new(AtomicBool::new(false));
    let (stormy, theirs) = (door.waker(), Arc::clone(&stop));
    let storm = thread::spawn(move || {
        while !theirs.load(Ordering::Relaxed) {
            stormy.wake_by_ref();
        }
    });
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for _ in 0..20 {
            sleep(Duration::from_millis(1)).await;
            let client = StdStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            drop(client);
            assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
            runtime::spawn(yield_now()).await.unwrap();
        }
    });
    stop.store(true, Ordering::Relaxed);
    storm.join().unwrap();
    assert!(door.polls() > 1);
}

#[test]
fn a_hundred_and_twenty_eight_results_are_taken_in_one_poll_and_not_one_more() {
    let runtime = paused();
    for (results, polls) in [(127, 1), (128, 1), (129, 2), (256, 2), (257, 3)] {
        let tasks: Vec<_> = (0..results).map(|_| runtime.spawn(async {})).collect();
        run_dry(&runtime);
        let taker = runtime.spawn(async move {
            for task in tasks {
                task.await.unwrap();
            }
        });
        assert_eq!(run_dry(&runtime).len(), polls, "{results} results");
        assert!(taker.is_finished());
    }
}

/// A task that writes to itself: everything it awaits is ready, always.
async fn talk_to_itself<F: FnMut()>(mut after_each_operation: F) {
    let (mut here, mut there) = duplex(1);
    loop {
        here.write_all(b"x").await.unwrap();
        after_each_operation();
        there.read_exact(&mut [0]).await.unwrap();
        after_each_operation();
    }
}

#[test]
fn a_stream_that_is_always_ready_gives_way_after_its_budget() {
    let runtime = paused();
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || theirs.set(theirs.get() + 1))));
    drop(runtime.spawn(spin()));
    let steps: Vec<_> = (0..6).map(|_| runtime.step()).collect();
    assert_eq!(polled(&steps), [1, 2, 1, 2, 1, 2]);
    assert_eq!(operations.get(), 3 * 128);
}

#[test]
fn an_operation_that_has_to_wait_spends_nothing() {
    let runtime = paused();
    let (mut here, mut there) = duplex(1024);
    drop(runtime.spawn(async move {
        let mut buf = [0; 1];
        let mut waiting = poll_fn(|cx| {
            // Asks far more often than the budget is large; there is nothing to be had.
            for _ in 0..1000 {
                assert!(Pin::new(&mut there).poll_read(cx, &mut buf).is_pending());
            }
            Pin::new(&mut here).poll_write(cx, b"y")
        });
        assert_eq!((&mut waiting).await.unwrap(), 1);
    }));
    assert_eq!(
        runtime.step(),
        Step::Polled {
            task: 1,
            ready: true
        }
    );
}

#[test]
fn entering_and_leaving_a_runtime_gives_no_budget_back() {
    let runtime = paused();
    let other = paused();
    let foreign = other.handle().clone();
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || {
        theirs.set(theirs.get() + 1);
        assert!(theirs.get() <= 1000, "it never gives way");
        drop(Handle::current().enter());
        drop(foreign.enter());
    })));
    runtime.step();
    assert_eq!(operations.get(), 128);
}

#[test]
fn stepping_another_runtime_inside_a_task_leaves_the_task_its_own_budget() {
    let runtime = paused();
    let other = paused();
    drop(other.spawn(spin()));
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || {
        theirs.set(theirs.get() + 1);
        assert!(theirs.get() <= 1000, "it never gives way");
        assert_eq!(polled(&[other.step()]), [1]);
    })));
    runtime.step();
    assert_eq!(operations.get(), 128);
}

#[test]
fn block_on_takes_a_future_that_borrows_from_its_caller() {
    let runtime = paused();
    let mut words = vec![String::from("borrowed")];
    let length = runtime.block_on(async {
        words.push(String::from("and changed"));
        yield_now().await;
        words.iter().map(String::len).sum::<usize>()
    });
    assert_eq!((length, words.len()), (19, 2));
    let longest: &str = runtime.block_on(async { &*words[1] });
    assert_eq!(longest, "and changed");
}

#[test]
fn block_on_returns_as_soon_as_its_future_has_ended() {
    let runtime = paused();
    let polls = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&polls);
    drop(runtime.spawn(async move {
        loop {
            theirs.set(theirs.get() + 1);
            yield_now().await;
        }
    }));
    runtime.block_on(async {});
    let after_first = polls.get();
    assert!(after_first <= 1);
    runtime.block_on(yield_now());
    assert!(polls.get() <= after_first + 2);
}

#[test]
fn tasks_that_a_block_on_left_behind_go_on_in_the_next() {
    let runtime = paused();
    let log = Log::default();
    let theirs = log.clone();
    let mut task = None;
    runtime.block_on(async {
        task = Some(runtime::spawn(async move {
            theirs.add("begun");
            sleep(Duration::from_secs(5)).await;
            theirs.add("ended");
        }));
    });
    log.add("between");
    runtime.block_on(task.unwrap()).unwrap();
    assert_eq!(log.take(), ["between", "begun", "ended"]);
}

#[test]
fn a_block_on_inside_a_block_on_panics_and_says_what_to_do() {
    let (outer, inner) = (paused(), paused());
    for runtime in [&outer, &inner] {
        let message = outer.block_on(async { message_of_panic(|| runtime.block_on(async {})) });
        assert!(message.contains("`.await` the future"), "{message}");
        assert!(message.contains("block_on"), "{message}");
    }
    let inner = Rc::new(inner);
    let theirs = Rc::clone(&inner);
    let task = outer.spawn(async move { theirs.block_on(async {}) });
    assert!(outer.block_on(task).unwrap_err().is_panic());
    // Nobody is the worse for it.
    assert_eq!(outer.block_on(async { 1 }) + inner.block_on(async { 2 }), 3);
}

#[test]
fn a_task_that_has_stepped_another_runtime_is_still_inside_its_own() {
    let (outer, inner) = (paused(), paused());
    let message = outer.block_on(async {
        run_dry(&inner);
        message_of_panic(|| inner.block_on(async {}))
    });
    assert!(message.contains("`.await` the future"), "{message}");
}

#[test]
fn a_block_on_that_woke_itself_at_last_does_not_poll_the_next_one() {
    let runtime = paused();
    runtime.block_on(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    }));
    let door = Door::default();
    let opener = door.clone();
    drop(runtime.spawn(async move {
        yield_now().await;
        opener.open();
    }));
    runtime.block_on(door.wait());
    assert_eq!(door.polls(), 2);
}

#[test]
fn a_block_on_under_a_guard_is_no_block_on_inside_another() {
    let (first, second) = (paused(), paused());
    let _in_first = first.enter();
    first.block_on(async {});
    second.block_on(async {});
    let _in_second = second.handle().enter();
    first.block_on(async {});
}

#[test]
fn outside_of_a_runtime_everything_that_needs_one_says_so() {
    let says_so = |what: &str, attempt: fn()| {
        let message = message_of_panic(attempt);
        assert!(message.contains("no runtime"), "{what}: {message}");
        assert!(message.contains("block_on"), "{what}: {message}");
    };
    says_so("spawn", || drop(runtime::spawn(async {})));
    says_so("current", || drop(Handle::current()));
    says_so("sleep", || drop(sleep(Duration::from_secs(1))));
    says_so("pause", runtime::time::pause);
    says_so("resume", runtime::time::resume);
    says_so("bind", || {
        let listener = futures_lite::future::block_on(TcpListener::bind("127.0.0.1:0"));
        drop(listener);
    });
    let error = Handle::try_current().unwrap_err();
    assert!(error.to_string().contains("no runtime"), "{error}");
}

#[test]
fn what_was_not_enabled_says_which_call_is_missing() {
    let bare = Builder::new_current_thread().build().unwrap();
    bare.block_on(async {
        let message = message_of_panic(|| drop(sleep(Duration::from_secs(1))));
        assert!(message.contains("enable_time"), "{message}");
    });
    let message =
        message_of_panic(|| bare.block_on(async { drop(TcpListener::bind("127.0.0.1:0").await) }));
    assert!(message.contains("enable_io"), "{message}");
    assert_eq!(bare.block_on(runtime_is_fine()), 1);
    async fn runtime_is_fine() -> u32 {
        runtime::spawn(async { 1 }).await.unwrap()
    }
}

/// Two runtimes on one thread, stepped in turn; each task opens the door of the other.
#[test]
fn two_runtimes_on_one_thread_wake_each_other_through_their_inboxes() {
    let runtimes = [paused(), paused()];
    let doors: Rc<[[Door; 2]; 50]> =
        Rc::new(std::array::from_fn(|_| [Door::default(), Door::default()]));
    for (mine, runtime) in runtimes.iter().enumerate() {
        let doors = Rc::clone(&doors);
        drop(runtime.spawn(async move {
            for pair in doors.iter() {
                pair[1 - mine].open();
                pair[mine].wait().await;
            }
        }));
    }
    let mut taken = [0; 2];
    let mut ended = 0;
    while ended < 2 {
        for (runtime, taken) in runtimes.iter().zip(&mut taken) {
            match runtime.step() {
                Step::TookInbox { wakes, spawns: 0 } => *taken += wakes,
                Step::Polled { ready: true, .. } => ended += 1,
                _ => {}
            }
        }
    }
    assert!(taken[0] + taken[1] >= 49, "{taken:?}");
}

#[test]
fn a_task_may_step_another_runtime_and_stays_in_its_own() {
    let (outer, inner) = (paused(), paused());
    let log = Log::default();
    let theirs = log.clone();
    drop(inner.spawn(async move {
        drop(runtime::spawn(async move { theirs.add("in the inner") }));
    }));
    let theirs = log.clone();
    let task = outer.spawn(async move {
        assert_eq!(polled(&[inner.step()]), [1]);
        let child = runtime::spawn(async move { theirs.add("in the outer") });
        child.await.unwrap();
        inner
    });
    let inner = outer.block_on(task).unwrap();
    run_dry(&inner);
    assert_eq!(log.take(), ["in the outer", "in the inner"]);
}

#[test]
fn guards_nest_and_each_puts_back_what_was_before() {
    let (first, second) = (paused(), paused());
    let tasks_of = |runtime: &Runtime| format!("{runtime:?}");
    let before = [&first, &second].map(tasks_of);
    {
        let _in_first = first.enter();
        drop(runtime::spawn(async {}));
        {
            let _in_second = second.handle().enter();
            drop(runtime::spawn(async {}));
            drop(runtime::spawn(async {}));
        }
        drop(runtime::spawn(async {}));
    }
    assert!(Handle::try_current().is_err());
    assert_ne!([&first, &second].map(tasks_of), before);
    assert_eq!(polled(&run_dry(&first)), [1, 2]);
    assert_eq!(polled(&run_dry(&second)), [1, 2]);
}

#[test]
fn whoever_leaves_a_runtime_leaves_its_clock_behind() {
    const HOUR: Duration = Duration::from_secs(3600);
    let (first, second) = (paused(), paused());
    first.block_on(runtime::time::advance(HOUR));
    second.block_on(runtime::time::advance(2 * HOUR));
    let now = Instant::now;
    let in_first = first.block_on(async {
        let in_first = now();
        let guard = second.enter();
        assert!(now() > in_first);
        drop(guard);
        assert_eq!(now(), in_first);
        in_first
    });
    assert!(now() < in_first, "outside it is not that late");
}

/// The clock jumps only when there is nothing else to do, and a socket that is ready is
/// something to do.
#[test]
fn a_paused_clock_does_not_jump_over_a_socket_that_is_ready() {
    paused().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = StdStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let start = Instant::now();
        drop(runtime::spawn(sleep(Duration::from_secs(1))));
        for _ in 0..10 {
            client.write_all(b"!").unwrap();
            server.read_exact(&mut [0]).await.unwrap();
        }
        assert_eq!(Instant::now(), start);
    });
}

#[test]
fn a_guard_dropped_before_one_made_later_panics_and_says_so() {
    let (first, second) = (paused(), paused());
    let in_first = first.enter();
    let in_second = second.enter();
    let message = message_of_panic(|| drop(in_first));
    assert!(message.contains("reverse order"), "{message}");
    drop(in_second);
}

#[test]
fn a_guard_may_stay_in_a_task_that_ends_with_it() {
    let (first, second) = (paused(), paused());
    first.block_on(async {
        let ran = Rc::new(RefCell::new(Vec::new()));
        let theirs = Rc::clone(&ran);
        {
            let _guard = second.enter();
            drop(runtime::spawn(async move { theirs.borrow_mut().push(2) }));
        }
        runtime::spawn(async {}).await.unwrap();
        assert!(ran.borrow().is_empty());
        run_dry(&second);
        assert_eq!(*ran.borrow(), [2]);
    });
}

/// Draws from the generator of the runtime that this thread is in.
async fn draws(n: usize) -> Vec<u8> {
    let mut drawn = Vec::new();
    for _ in 0..n {
        drawn.push(runtime::select! {
            () = async {} => 0,
            () = async {} => 1,
            () = async {} => 2,
            () = async {} => 3,
        });
    }
    drawn
}

#[test]
fn the_generator_goes_on_where_it_stood_however_the_runtime_is_entered() {
    let in_one_go = paused().block_on(draws(60));

    let (runtime, other) = (paused(), paused());
    let mut in_pieces = runtime.block_on(draws(10));
    let guard = runtime.enter();
    in_pieces.extend(futures_lite::future::block_on(draws(10)));
    in_pieces.extend(runtime.block_on(draws(10)));
    {
        let _other = other.enter();
        assert_eq!(futures_lite::future::block_on(draws(10)), in_one_go[..10]);
        in_pieces.extend(runtime.block_on(draws(10)));
    }
    in_pieces.extend(futures_lite::future::block_on(draws(10)));
    drop(guard);
    in_pieces.extend(runtime.block_on(draws(10)));
    assert_eq!(in_pieces, in_one_go);
    assert_eq!(other.block_on(draws(50)), in_one_go[10..]);
}

#[test]
fn ten_thousand_tasks_that_talk_in_a_circle_all_come_to_their_end() {
    const TASKS: usize = 10_000;
    let doors: Rc<Vec<Door>> = Rc::new((0..=TASKS).map(|_| Door::default()).collect());
    let ended = Rc::new(AtomicUsize::new(0));
    paused().block_on(async {
        for n in 0..TASKS {
            let (doors, ended) = (Rc::clone(&doors), Rc::clone(&ended));
            drop(runtime::spawn(async move {
                doors[n].wait().await;
                ended.fetch_add(1, Ordering::Relaxed);
                doors[n + 1].open();
            }));
        }
        doors[0].open();
        doors[TASKS].wait().await;
    });
    assert_eq!(ended.load(Ordering::Relaxed), TASKS);
}
