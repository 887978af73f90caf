//! Who waits for whom.

use std::rc::Rc;

use runtime::runtime::Runtime;
use runtime::sync::{Mutex, Semaphore};
use runtime::task::yield_now;
use story::waits::{chains, in_words};

/// Tasks 2, 3, 4 take a mutex each and then want the next one's; `close` makes the last want the first's.
fn in_line(close: bool) -> Vec<(String, bool)> {
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    runtime.block_on(async {
        let locks: Rc<[Mutex<()>]> = (0..3).map(|_| Mutex::new(())).collect();
        for number in 0..3 {
            let locks = Rc::clone(&locks);
            drop(runtime::spawn(async move {
                let _own = locks[number].lock().await;
                yield_now().await;
                if close || number < 2 {
                    drop(locks[(number + 1) % 3].lock().await);
                }
                std::future::pending::<()>().await;
            }));
        }
        for _ in 0..3 {
            yield_now().await;
        }
        let state = runtime.snapshot();
        let told = |chain| (in_words(chain, &state), chain.is_circle);
        chains(&state).iter().map(told).collect()
    })
}

#[test]
fn a_chain_goes_from_the_one_that_waits_to_the_one_that_can_go_on() {
    let chain = "task 2 waits for mutex 2, held by task 3, which waits for mutex 3, held by task 4";
    assert_eq!(in_line(false), [(chain.to_owned(), false)]);
}

#[test]
fn a_circle_is_one_chain_and_says_so() {
    let chain = "task 2 waits for mutex 2, held by task 3, which waits for mutex 3, held by task 4, \
                 which waits for mutex 1, held by task 2: deadlock";
    assert_eq!(in_line(true), [(chain.to_owned(), true)]);
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

/// One that waits with a time-out gives up, so the circle is no deadlock.
#[test]
fn a_circle_with_a_way_out_is_no_deadlock() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    runtime.block_on(async {
        let locks: Rc<[Mutex<()>]> = (0..2).map(|_| Mutex::new(())).collect();
        for number in 0..2 {
            let locks = Rc::clone(&locks);
            drop(runtime::spawn(async move {
                let _own = locks[number].lock().await;
                yield_now().await;
                let other = locks[1 - number].lock();
                drop(runtime::time::timeout(std::time::Duration::from_secs(60), other).await);
            }));
        }
        for _ in 0..3 {
            yield_now().await;
        }
        let state = runtime.snapshot();
        let chain = &chains(&state)[0];
        assert_eq!((chain.is_circle, chain.is_deadlock), (true, false));
        assert!(in_words(chain, &state).ends_with("a circle, until one of them gives up"));
    });
}
