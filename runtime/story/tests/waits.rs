//! Who waits for whom.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use runtime::net::UnixStream;
use runtime::runtime::{Builder, Runtime};
use runtime::sync::{Mutex, Semaphore};
use runtime::task::yield_now;
use runtime::time::{sleep, timeout};
use story::waits::{Chain, WayOut, chains, in_words};

/// A chain in words, and how its circle can open.
type Told = (String, Option<WayOut>);

/// What is said of all chains when the tasks that are spawned here have come to wait.
fn told(spawn: impl FnOnce()) -> Vec<Told> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.trace().observe();
    runtime.block_on(async {
        spawn();
        for _ in 0..5 {
            yield_now().await;
        }
        let state = runtime.snapshot();
        let told = |chain: Chain| (in_words(&chain, &state), chain.circle);
        chains(&state).into_iter().map(told).collect()
    })
}

/// Tasks 2, 3, 4 take a mutex each and then want the next one's; `close` makes the last want the first's.
fn in_line(close: bool) -> Vec<Told> {
    told(|| {
        let locks: Rc<[Mutex<()>]> = (0..3).map(|_| Mutex::new(())).collect();
        for number in 0..3 {
            let locks = Rc::clone(&locks);
            drop(runtime::spawn(async move {
                let _own = locks[number].lock().await;
                yield_now().await;
                if close || number < 2 {
                    drop(locks[(number + 1) % 3].lock().await);
                }
                pending::<()>().await;
            }));
        }
    })
}

#[test]
fn a_chain_goes_from_the_one_that_waits_to_the_one_that_can_go_on() {
    let chain = "task 2 waits for mutex 2, held by task 3, which waits for mutex 3, held by task 4";
    assert_eq!(in_line(false), [(chain.to_owned(), None)]);
}

#[test]
fn a_circle_is_one_chain_and_says_so() {
    let chain = "task 2 waits for mutex 2, held by task 3, which waits for mutex 3, held by task 4, \
                 which waits for mutex 1, held by task 2: deadlock";
    assert_eq!(in_line(true), [(chain.to_owned(), Some(WayOut::None))]);
}

/// Whose turn it is waits for none, and permits that were taken outside of all tasks have no holder.
#[test]
fn who_is_about_to_run_is_in_no_chain() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    let permits = Rc::new(Semaphore::new(1));
    let inside = runtime.enter();
    let own = permits.try_acquire().unwrap();
    drop(inside);
    let other = Rc::clone(&permits);
    let task = runtime.spawn(async move { drop(other.acquire().await) });
    runtime.block_on(yield_now());
    assert!(chains(&runtime.snapshot()).is_empty(), "no task holds it");
    let inside = runtime.enter();
    drop(own);
    drop(inside);
    assert!(chains(&runtime.snapshot()).is_empty());
    drop(task);
}

/// Tasks 2 and 3 take a mutex each and then want the other one's, by `want`.
fn crossed<W: Future<Output = ()> + 'static>(want: fn(Rc<Mutex<()>>) -> W) -> Vec<Told> {
    told(|| {
        let locks = [(); 2].map(|()| Rc::new(Mutex::new(())));
        for [own, other] in [[0, 1], [1, 0]].map(|order| order.map(|it| Rc::clone(&locks[it]))) {
            drop(runtime::spawn(async move {
                let _own = own.lock().await;
                yield_now().await;
                want(other).await;
            }));
        }
    })
}

const CROSSED: &str =
    "task 2 waits for mutex 2, held by task 3, which waits for mutex 1, held by task 2";
const A_WAY_OUT: &str = "a circle, but one of these waits can still end";

/// One that waits with a time-out gives up, so the circle is no deadlock.
#[test]
fn a_circle_with_a_time_out_is_no_deadlock() {
    let told = crossed(|lock| async move {
        drop(timeout(Duration::from_secs(60), lock.lock()).await);
    });
    assert_eq!(
        told,
        [(format!("{CROSSED}: {A_WAY_OUT}"), Some(WayOut::Waits))]
    );
}

/// As a connection does, whose handler waits for a lock.
#[test]
fn a_circle_of_tasks_that_also_wait_for_their_clients_opens_when_one_goes_away() {
    let told = crossed(|lock| async move {
        let (near, _far) = UnixStream::pair().unwrap();
        let (mut client, mut lock) = (pin!(near.readable()), pin!(lock.lock()));
        poll_fn(|context| match client.as_mut().poll(context).is_ready() {
            true => Poll::Ready(()),
            false => lock.as_mut().poll(context).map(drop),
        })
        .await;
    });
    let end = "deadlock, unless a client goes away";
    assert_eq!(told, [(format!("{CROSSED}: {end}"), Some(WayOut::Clients))]);
}

/// Tasks 2 and 3 hold a permit of two each. Task 2 wants a mutex of task 4, which wants a permit. Task 3 does `other`.
fn permits<F: Future<Output = ()> + 'static>(other: F) -> Vec<Told> {
    told(|| {
        let (permits, mutex) = (Rc::new(Semaphore::new(2)), Rc::new(Mutex::new(())));
        let [first, second] = [(); 2].map(|()| Rc::clone(&permits));
        let lock = Rc::clone(&mutex);
        drop(runtime::spawn(async move {
            let _permit = first.acquire().await.unwrap();
            yield_now().await;
            drop(lock.lock().await);
        }));
        drop(runtime::spawn(async move {
            let _permit = second.acquire().await.unwrap();
            other.await;
        }));
        drop(runtime::spawn(async move {
            let _guard = mutex.lock().await;
            drop(permits.acquire().await.unwrap());
        }));
    })
}

#[test]
fn a_circle_is_open_as_long_as_another_holder_can_go_on() {
    let circle = "task 2 waits for mutex 2, held by task 4, \
                  which waits for semaphore 1, held by task 2 and 1 more";
    let sleeps = permits(async { sleep(Duration::from_millis(50)).await });
    assert_eq!(
        sleeps,
        [(format!("{circle}: {A_WAY_OUT}"), Some(WayOut::Waits))]
    );
    // Nothing will ever wake the other one. But task 1 runs.
    let end = "deadlock, unless another task adds permits";
    let stands = permits(pending());
    assert_eq!(
        stands,
        [(format!("{circle}: {end}"), Some(WayOut::Permits))]
    );
}

/// The stepper marks the tasks that are stuck, and the inspector says "deadlock": of the same tasks.
#[test]
fn of_a_circle_without_a_way_out_all_tasks_are_stuck() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    let permits = Rc::new(Semaphore::new(1));
    let task = runtime.spawn(async move {
        let _own = permits.acquire().await.unwrap();
        drop(permits.acquire().await);
    });
    while !matches!(runtime.step(), runtime::runtime::Step::WouldPark { .. }) {}
    let state = runtime.snapshot();
    assert_eq!(state.stuck().into_iter().collect::<Vec<_>>(), [1]);
    let chain = &chains(&state)[0];
    let said = "task 1 waits for semaphore 1, held by task 1: deadlock";
    assert_eq!(
        (in_words(chain, &state).as_str(), chain.circle),
        (said, Some(WayOut::None))
    );
    drop(task);
}
