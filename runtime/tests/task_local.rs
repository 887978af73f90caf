//! Task-local values: seen inside of a scope and nowhere else, whatever runs in between.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{set_hook, take_hook};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use runtime::task::futures::TaskLocalFuture;
use runtime::task::yield_now;
use tasks::{Log, hold, message_of_panic, on_drop, panic_quietly, paused, poll_once};

runtime::task_local! {
    static NUMBER: u32;
    /// The name of the client that is served.
    pub static NAME: String
}

runtime::task_local! {}

#[test]
fn tasks_that_take_turns_each_see_their_own_value() {
    paused().block_on(async {
        let task = |n| {
            runtime::spawn(NUMBER.scope(n, async move {
                for _ in 0..10 {
                    assert_eq!(NUMBER.get(), n);
                    yield_now().await;
                }
            }))
        };
        for task in [task(1), task(2), task(3)] {
            assert!(NUMBER.try_get().is_err());
            task.await.unwrap();
        }
    });
}

#[test]
fn an_inner_scope_hides_the_outer_value_and_puts_it_back() {
    paused().block_on(NUMBER.scope(1, async {
        let inner = NUMBER.scope(2, async {
            yield_now().await;
            assert_eq!(NUMBER.get(), 2);
            NUMBER.sync_scope(3, || assert_eq!(NUMBER.get(), 3));
            assert_eq!(NUMBER.get(), 2);
        });
        inner.await;
        assert_eq!(NUMBER.get(), 1);
    }));
}

#[test]
fn two_scopes_of_one_key_in_one_task_do_not_mix() {
    paused().block_on(async {
        let scope = |n| {
            NUMBER.scope(n, async move {
                for _ in 0..5 {
                    assert_eq!(NUMBER.get(), n);
                    yield_now().await;
                }
            })
        };
        runtime::join!(scope(1), scope(2));
        assert!(NUMBER.try_get().is_err());
    });
}

#[test]
fn two_keys_know_nothing_of_each_other() {
    NUMBER.sync_scope(7, || {
        assert!(NAME.try_with(String::len).is_err());
        NAME.sync_scope("seven".into(), || {
            assert_eq!((NUMBER.get(), NAME.get()), (7, "seven".to_owned()));
        });
    });
}

#[test]
fn a_spawned_task_does_not_inherit() {
    paused().block_on(NUMBER.scope(1, async {
        let child = runtime::spawn(async { NUMBER.try_get() });
        assert!(child.await.unwrap().is_err());
    }));
}

#[test]
fn a_panic_takes_the_value_out_again() {
    let text = message_of_panic(|| NUMBER.sync_scope(1, || panic_quietly("no luck")));
    assert_eq!(text, "no luck");
    assert!(NUMBER.try_get().is_err());

    paused().block_on(async {
        let task = runtime::spawn(NUMBER.scope(1, async { panic_quietly("no luck") }));
        assert!(task.await.unwrap_err().is_panic());
        assert!(NUMBER.try_get().is_err());
    });
}

#[test]
fn the_future_sees_the_value_when_it_is_dropped_before_its_end() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let look = |seen: &Rc<RefCell<Vec<u32>>>| {
        let seen = Rc::clone(seen);
        on_drop(move || seen.borrow_mut().extend(NUMBER.try_get()))
    };
    paused().block_on(async {
        let task = runtime::spawn(NUMBER.scope(1, hold(look(&seen))));
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    // Never polled; and dropped by its own output.
    drop(NUMBER.scope(2, hold(look(&seen))));
    let held = look(&seen);
    let mut ends = Box::pin(NUMBER.scope(3, async move { drop(held) }));
    assert!(poll_once(&mut ends).is_ready());
    assert_eq!(*seen.borrow(), [1, 2, 3]);
}

#[test]
fn the_value_is_dropped_after_the_future_and_with_it() {
    runtime::task_local! {
        static KEPT: Box<dyn std::any::Any>;
    }
    let log = Log::default();
    let value = Box::new(log.on_drop("value"));
    let mut scope = Box::pin(KEPT.scope(value, hold(log.on_drop("future"))));
    assert!(poll_once(&mut scope).is_pending());
    assert!(log.take().is_empty());
    drop(scope);
    assert_eq!(log.take(), ["future", "value"]);
}

#[test]
fn the_value_can_be_taken_back_before_and_after_the_end() {
    let mut scope = Box::pin(NAME.scope("Ada".into(), async {}));
    assert!(poll_once(&mut scope).is_ready());
    assert_eq!(scope.as_mut().take_value().as_deref(), Some("Ada"));
    assert_eq!(scope.as_mut().take_value(), None);

    let mut scope: Pin<Box<TaskLocalFuture<String, _>>> =
        Box::pin(NAME.scope("Ada".into(), async { NAME.try_get() }));
    assert_eq!(scope.as_mut().take_value().as_deref(), Some("Ada"));
    assert!(matches!(poll_once(&mut scope), Poll::Ready(Err(_))));
}

#[test]
fn the_panic_of_a_refused_scope_names_the_line_that_entered_it() {
    let place = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&place);
    let (before, here) = (take_hook(), std::thread::current().id());
    set_hook(Box::new(move |info| {
        if std::thread::current().id() == here {
            *seen.lock().unwrap() = info
                .location()
                .map(|place| (place.file().to_owned(), place.line()));
        }
    }));
    let line = line!() + 1;
    message_of_panic(|| NUMBER.sync_scope(1, || NUMBER.with(|_| NUMBER.sync_scope(2, || {}))));
    set_hook(before);
    assert_eq!(*place.lock().unwrap(), Some((file!().to_owned(), line)));
}

#[test]
fn a_scope_inside_of_with_is_refused_and_nothing_is_lost() {
    NUMBER.sync_scope(1, || {
        let text = message_of_panic(|| NUMBER.with(|_| NUMBER.sync_scope(2, || {})));
        assert!(text.contains("inside of `with` of the same key"), "{text}");
        assert_eq!(NUMBER.get(), 1);
        NUMBER.with(|outer| NUMBER.with(|inner| assert_eq!(outer, inner)));
    });
}

#[test]
fn a_scope_that_is_dropped_inside_of_with_drops_its_future_without_the_value() {
    let log = Log::default();
    let scope = NUMBER.scope(2, hold(log.on_drop("future")));
    NUMBER.sync_scope(1, || NUMBER.with(|_| drop(scope)));
    assert_eq!(log.take(), ["future"]);
}

#[test]
fn looking_outside_of_every_scope_panics_and_says_what_to_do() {
    let text = message_of_panic(|| NUMBER.get());
    assert!(
        text.contains("has no value here") && text.contains("scope"),
        "{text}"
    );
}

#[test]
fn a_scope_that_is_polled_after_its_end_panics() {
    let mut scope = Box::pin(NUMBER.scope(1, async {}));
    assert!(poll_once(&mut scope).is_ready());
    let text = message_of_panic(|| poll_once(&mut scope));
    assert!(text.contains("polled again"), "{text}");
}

#[test]
fn a_scope_dropped_when_the_thread_ends_harms_nobody() {
    thread_local! {
        static LATE: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(None) };
    }
    let thread = std::thread::spawn(|| {
        // Whichever of the two is destroyed first.
        LATE.with_borrow_mut(|late| *late = Some(Box::pin(NAME.scope("x".into(), pending()))));
        NAME.sync_scope("y".into(), || {});
        LATE.with_borrow_mut(|late| {
            let mut cx = Context::from_waker(std::task::Waker::noop());
            late.as_mut()
                .map(|late| late.as_mut().poll(&mut cx).is_pending())
        })
    });
    assert_eq!(thread.join().unwrap(), Some(true));
}

#[test]
fn debug_shows_the_value_and_the_key_nothing() {
    let scope = NUMBER.scope(7, async {});
    assert_eq!(
        format!("{scope:?}"),
        "TaskLocalFuture { value: Some(7), .. }"
    );
    assert_eq!(format!("{NUMBER:?}"), "LocalKey { .. }");
}
