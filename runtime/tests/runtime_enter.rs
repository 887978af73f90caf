//! Being in a runtime: who is, in which, and what it is like outside.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::RefCell;
use std::rc::Rc;

use runtime::net::TcpListener;
use runtime::runtime::{Builder, Handle, Runtime, Step};
use runtime::time::{Duration, Instant, sleep};
use tasks::{Door, Log, message_of_panic, paused, polled, run_dry};

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
    // No harm is done.
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
                Step::TookInbox {
                    wakes, spawns: 0, ..
                } => *taken += wakes,
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
