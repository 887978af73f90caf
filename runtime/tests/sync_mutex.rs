//! Mutexes: one at a time, in order, and the lock always goes on to the next.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use events::{events, here, traced, woken};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::{Mutex, MutexGuard, OwnedMutexGuard};
use runtime::task::yield_now;
use runtime::trace::{Cause, Shared};
use tasks::{on_drop, panic_quietly, paused};
use waits::{Wait, told, waker_that};

#[test]
fn one_task_at_a_time_is_between_lock_and_unlock() {
    paused().block_on(async {
        let inside = Arc::new(Mutex::new(false));
        let visit = |inside: Arc<Mutex<bool>>| async move {
            let mut inside = inside.lock().await;
            assert!(!std::mem::replace(&mut *inside, true));
            yield_now().await;
            *inside = false;
        };
        let tasks: Vec<_> = (0..5)
            .map(|_| runtime::spawn(visit(Arc::clone(&inside))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn the_lock_is_handed_to_the_one_who_has_waited_longest() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let mut first = Wait::begun(mutex.lock());
    let mut second = Wait::begun(mutex.lock());
    drop(guard);
    assert!(first.is_woken() && !second.is_woken());
    assert!(mutex.try_lock().is_err(), "no task gets in between");
    assert!(second.is_pending());
    let guard = first.ready();
    let mut again = Wait::begun(mutex.lock());
    drop(guard);
    drop(second.ready());
    drop(again.ready());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_wait_that_is_dropped_does_not_keep_the_lock() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let never_polled = Wait::new(mutex.lock());
    let in_the_line = Wait::begun(mutex.lock());
    let granted = Wait::begun(mutex.lock());
    let mut last = Wait::begun(mutex.lock());
    drop((never_polled, in_the_line));
    drop(guard);
    assert!(granted.is_woken() && !last.is_woken());
    drop(granted);
    assert!(
        last.is_woken(),
        "the lock that was not heard of is passed on"
    );
    drop(last.ready());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_panic_unlocks_and_leaves_the_value_as_it_was() {
    let mutex = Arc::new(Mutex::new(1));
    for owned in [false, true] {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            if owned {
                *Arc::clone(&mutex).try_lock_owned().unwrap() += 1;
                let _guard = Arc::clone(&mutex).try_lock_owned().unwrap();
                panic_quietly("under an owned guard");
            }
            let mut guard = mutex.try_lock().unwrap();
            *guard += 1;
            panic_quietly("under a guard");
        }));
        assert!(panicked.is_err());
    }
    assert_eq!(*mutex.try_lock().unwrap(), 3);
}

#[test]
fn an_aborted_task_unlocks() {
    paused().block_on(async {
        let mutex = Arc::new(Mutex::new(5));
        let (plain, owned) = (Arc::clone(&mutex), Arc::clone(&mutex));
        let tasks = [
            runtime::spawn(async move {
                let _guard = plain.lock().await;
                std::future::pending::<()>().await;
            }),
            runtime::spawn(async move {
                let _guard = owned.lock_owned().await;
                std::future::pending::<()>().await;
            }),
        ];
        yield_now().await;
        for task in tasks {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert_eq!(*mutex.lock().await, 5);
    });
}

#[test]
fn an_owned_guard_carries_the_value_and_puts_it_back() {
    let mutex = Arc::new(Mutex::new(String::from("a")));
    let mut guard = Arc::clone(&mutex).try_lock_owned().unwrap();
    guard.push('b');
    assert!(mutex.try_lock().is_err());
    assert!(Arc::clone(&mutex).try_lock_owned().is_err());
    let mut wait = Wait::begun(mutex.lock());
    drop(guard);
    assert_eq!(*wait.ready(), "ab");
    drop(wait);
    assert_eq!(Arc::try_unwrap(mutex).unwrap().into_inner(), "ab");
}

#[test]
fn an_owned_guard_keeps_the_mutex_alive() {
    let mut guard = Arc::new(Mutex::new(vec![1])).try_lock_owned().unwrap();
    guard.push(2);
    assert_eq!(*guard, [1, 2]);
    assert!(OwnedMutexGuard::mutex(&guard).try_lock().is_err());
}

#[test]
fn the_value_may_use_the_mutex_when_it_is_dropped() {
    let mutex = Arc::new(Mutex::new(None::<Box<dyn std::any::Any>>));
    let theirs = Arc::clone(&mutex);
    let tried = Rc::new(Cell::new(None));
    let seen = Rc::clone(&tried);
    let noisy = on_drop(move || seen.set(Some(theirs.try_lock().is_ok())));
    *mutex.try_lock().unwrap() = Some(Box::new(noisy));
    let taken = mutex.try_lock().unwrap().take();
    drop(taken);
    assert_eq!(tried.get(), Some(true));
}

#[test]
fn a_waker_may_take_the_lock_that_it_was_woken_for() {
    type Lock<'a> = std::pin::Pin<Box<dyn Future<Output = OwnedMutexGuard<u32>> + 'a>>;
    for owned in [false, true] {
        let mutex = Arc::new(Mutex::new(1));
        let lock: Rc<Cell<Option<Lock<'_>>>> = Rc::default();
        let (theirs, got) = (Rc::clone(&lock), Rc::new(Cell::new(0)));
        let seen = Rc::clone(&got);
        let waker = waker_that(move || {
            let mut lock = theirs.take().expect("the wait");
            match lock.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(guard) => seen.set(*guard),
                Poll::Pending => panic_quietly("it was woken for nothing"),
            }
        });
        let mut wait: Lock<'_> = Box::pin(Arc::clone(&mutex).lock_owned());
        let guards = match owned {
            true => (None, Some(Arc::clone(&mutex).try_lock_owned().unwrap())),
            false => (Some(mutex.try_lock().unwrap()), None),
        };
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        lock.set(Some(wait));
        drop(guards);
        assert_eq!(got.get(), 1, "owned: {owned}");
        assert!(mutex.try_lock().is_ok());
    }
}

#[test]
fn a_guard_that_is_leaked_keeps_the_lock_but_not_the_value_from_its_owner() {
    let mut mutex = Mutex::new(1);
    std::mem::forget(mutex.try_lock());
    assert!(mutex.try_lock().is_err());
    assert_eq!(*mutex.get_mut(), 1);
    assert_eq!(mutex.into_inner(), 1);
}

#[test]
fn a_mutex_shows_its_value_or_that_it_is_locked() {
    let mutex = Arc::new(Mutex::from(1));
    assert_eq!(format!("{mutex:?}"), "Mutex { data: 1 }");
    let guard = mutex.try_lock().unwrap();
    assert_eq!(
        format!("{mutex:?} {guard:?} {guard}"),
        "Mutex { data: <locked> } 1 1"
    );
    drop(guard);
    let guard = Arc::clone(&mutex).try_lock_owned().unwrap();
    assert_eq!(
        format!("{mutex:?} {guard:?} {guard}"),
        "Mutex { data: <locked> } 1 1"
    );
}

#[test]
fn a_free_lock_is_taken_and_given_back_without_memory() {
    let mutex = Mutex::new(0);
    let mut cx = Context::from_waker(Waker::noop());
    let count = allocation_counter::measure(|| {
        for _ in 0..10 {
            let lock = std::pin::pin!(mutex.lock());
            assert!(lock.poll(&mut cx).is_ready());
        }
    });
    assert_eq!(count.count_total, 0);
}

#[test]
fn a_trace_tells_which_mutex_a_task_waits_for_and_where_and_who_unlocked() {
    let runtime = traced();
    let line = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&line);
    runtime.block_on(async move {
        let mutex = Arc::new(Mutex::new(()));
        let guard = mutex.lock().await;
        let waiting = Arc::clone(&mutex);
        let waiter = runtime::spawn(async move {
            theirs.set(here().line + 1);
            drop(waiting.lock().await);
        });
        yield_now().await;
        drop(guard);
        waiter.await.unwrap();
    });
    let mut all = events(&runtime).into_iter();
    assert!(all.any(|event| event == woken(2, Cause::Task(1))));
    runtime.block_on(async {
        let mutex = Arc::new(Mutex::new(()));
        let _guard = mutex.lock().await;
        drop(Wait::begun(mutex.lock()));
        line.set(here().line - 1);
        drop(Wait::begun(Arc::clone(&mutex).lock_owned()));
    });
    let told = told(&runtime);
    assert_eq!(told.len(), 2);
    for ((kind, number, at), line) in told.into_iter().zip([line.get(), line.get() + 2]) {
        assert_eq!(
            (kind, number),
            (Shared::Mutex, 2),
            "the second mutex that was waited for"
        );
        assert_eq!(at.map(|at| (at.file, at.line)), Some((file!(), line)));
    }
}

/// What a test does with a mutex and those who wait for it.
#[derive(Clone, Debug)]
enum Op {
    Lock,
    LockOwned,
    TryLock,
    /// The wait of this number, modulo their count.
    Poll(usize),
    Cancel(usize),
    Unlock,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Lock),
        2 => Just(Op::LockOwned),
        1 => Just(Op::TryLock),
        5 => any::<usize>().prop_map(Op::Poll),
        3 => any::<usize>().prop_map(Op::Cancel),
        5 => Just(Op::Unlock),
    ]
}

enum Guard<'a> {
    Borrows(MutexGuard<'a, u32>),
    Owns(OwnedMutexGuard<u32>),
}

impl Guard<'_> {
    /// Writes the next number, over the one that must be there.
    fn count(&mut self, count: &mut u32) {
        let value = match self {
            Guard::Borrows(guard) => &mut **guard,
            Guard::Owns(guard) => &mut **guard,
        };
        assert_eq!(*value, *count, "another task's writing is lost");
        *value += 1;
        *count += 1;
    }
}

/// The model: who holds the lock (with a guard, or handed over and not polled yet), who waits.
#[derive(Default)]
struct Model {
    /// The waiter to whom it was handed over.
    granted: Option<u64>,
    line: VecDeque<u64>,
    locked: bool,
}

impl Model {
    fn unlock(&mut self) {
        self.granted = self.line.pop_front();
        self.locked = self.granted.is_some();
    }
}

proptest! {
    #[test]
    fn a_mutex_does_what_its_model_does(ops in vec(op(), 1..80)) {
        let mutex = Arc::new(Mutex::new(0));
        let (mut model, mut count, mut next) = (Model::default(), 0, 0);
        let mut held: Option<Guard<'_>> = None;
        let mut waits: Vec<(u64, Wait<'_, Guard<'_>>)> = Vec::new();
        for op in ops {
            match op {
                Op::Lock | Op::LockOwned => {
                    let (borrowed, owned) = (&mutex, Arc::clone(&mutex));
                    let mut wait = match op {
                        Op::Lock => Wait::new(async { Guard::Borrows(borrowed.lock().await) }),
                        _ => Wait::new(async { Guard::Owns(owned.lock_owned().await) }),
                    };
                    match wait.poll() {
                        Poll::Ready(guard) => {
                            prop_assert!(!std::mem::replace(&mut model.locked, true));
                            held = Some(guard);
                        }
                        Poll::Pending => {
                            prop_assert!(model.locked);
                            model.line.push_back(next);
                            waits.push((next, wait));
                            next += 1;
                        }
                    }
                }
                Op::TryLock => prop_assert_eq!(mutex.try_lock().is_err(), model.locked),
                Op::Poll(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let polled = waits[at].1.poll();
                    prop_assert_eq!(polled.is_ready(), model.granted == Some(waits[at].0));
                    if let Poll::Ready(guard) = polled {
                        waits.swap_remove(at);
                        model.granted = None;
                        held = Some(guard);
                    }
                }
                Op::Cancel(at) if !waits.is_empty() => {
                    let (id, wait) = waits.swap_remove(at % waits.len());
                    drop(wait);
                    model.line.retain(|&other| other != id);
                    if model.granted == Some(id) {
                        model.unlock();
                    }
                }
                Op::Unlock => if let Some(mut guard) = held.take() {
                    guard.count(&mut count);
                    drop(guard);
                    model.unlock();
                },
                _ => {}
            }
            for (id, wait) in &waits {
                prop_assert_eq!(wait.is_woken(), model.granted == Some(*id));
            }
        }
        drop((held, waits));
        prop_assert_eq!(*mutex.try_lock().unwrap(), count);
    }
}
