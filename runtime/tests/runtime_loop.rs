//! The loop: who is polled when, and that no task starves.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::Write;
use std::net::TcpStream as StdStream;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use runtime::io::AsyncReadExt;
use runtime::net::TcpListener;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{Duration, Instant, sleep};
use runtime::trace::{Event, Record};
use tasks::{Door, Log, message_of_panic, paused, polled, run_dry, spin, take_a_while};

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
        // Paused, so that nothing counts but the polls.
        let builder = builder.event_interval(interval).start_paused(true);
        let runtime = builder.build().unwrap();
        assert_eq!(polls_in_a_round(&runtime), interval as usize);
    }
    let message = message_of_panic(|| {
        Builder::new_current_thread().event_interval(0);
    });
    assert!(message.contains("greater than 0"), "{message}");
}

/// Works for a millisecond in each poll, and yields for ever.
async fn toil() {
    loop {
        take_a_while();
        yield_now().await;
    }
}

/// How many polls a loop that runs by itself makes between two looks at its sockets, beside a task
/// that toils. (One that is stepped does not mind the time: see `runtime_step.rs`.)
fn polls_beside_toil(runtime: &Runtime) -> Vec<usize> {
    runtime.trace().start(10_000);
    runtime.block_on(async {
        let _looked_at = TcpListener::bind("127.0.0.1:0").await.unwrap();
        drop(runtime::spawn(toil()));
        for _ in 0..100 {
            yield_now().await;
        }
    });
    let records = runtime.trace().take();
    let rounds = records.split(|record| matches!(record.event, Event::Turned { .. }));
    let is_poll = |record: &&Record| matches!(record.event, Event::PollStart { .. });
    let mut polls: Vec<usize> = rounds
        .map(|round| round.iter().filter(is_poll).count())
        .collect();
    // The last round was not made to its end.
    polls.pop();
    polls.into_iter().filter(|polls| *polls > 0).collect()
}

#[test]
fn polls_that_take_long_bring_the_look_at_the_driver_forward() {
    let polls = polls_beside_toil(&Runtime::new().unwrap());
    assert!(
        polls.len() > 20 && polls.iter().all(|polls| *polls == 4),
        "{polls:?}"
    );
}

#[test]
fn on_a_paused_clock_only_the_polls_count_however_long_they_take() {
    let polls = polls_beside_toil(&paused());
    assert!(
        polls.len() > 1 && polls.iter().all(|polls| *polls == 61),
        "{polls:?}"
    );
}

#[test]
fn the_news_of_a_socket_is_taken_after_four_polls_that_take_long() {
    let polls = Rc::new(Cell::new(0));
    let seen = Rc::clone(&polls);
    Runtime::new().unwrap().block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        drop(runtime::spawn(async move {
            let mut toil = pin!(toil());
            let mut client = None;
            poll_fn(|cx| {
                seen.set(seen.get() + 1);
                if seen.get() == 10 {
                    client = Some(StdStream::connect(addr).unwrap());
                }
                toil.as_mut().poll(cx)
            })
            .await;
        }));
        listener.accept().await.unwrap();
    });
    // It connects in the tenth; at most three more of its round follow, and one before the listener's.
    assert!((10..=14).contains(&polls.get()), "{polls:?}");
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

/// A thread wakes the same task without end. Between two of its polls every other task has a
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

/// One that waits all the time, one for whom `block_on` waits, and much else that goes on.
#[test]
fn nobody_is_polled_who_was_not_woken() {
    let runtime = paused();
    let asleep = Door::default();
    let waiting = runtime.spawn(asleep.wait());
    for _ in 0..3 {
        let root = Door::default();
        let opener = root.clone();
        drop(runtime.spawn(async move {
            for _ in 0..200 {
                yield_now().await;
            }
            sleep(Duration::from_secs(1)).await;
            spawn_blocking(|| ()).await.unwrap();
            opener.open();
        }));
        runtime.block_on(root.wait());
        assert_eq!(root.polls(), 2, "at its beginning, and when it was woken");
        runtime.block_on(async {});
        assert_eq!(asleep.polls(), 1, "when it was spawned, and never again");
    }
    asleep.open();
    assert_eq!(asleep.polls(), 1, "a wake polls no task by itself");
    runtime.block_on(waiting).unwrap();
    assert_eq!(asleep.polls(), 2);
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
