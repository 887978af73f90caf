//! Tasks, and the handles by which one learns how they ended.
//!
//! `spawn` hands a future to the runtime, which polls it by itself from then on. What comes
//! back is a `JoinHandle`: a future of the task's result. A task returns, panics or is aborted
//! (or goes down with its runtime, which counts as aborted), and the task that awaits the handle hears
//! of it as a value: nothing is thrown through the runtime, and no other task notices.
//!
//! What to see in the output:
//!
//! 1. `spawn` only puts a task in line: `main` goes on, and the tasks run when it waits.
//! 2. Tasks need not be `Send`. They never leave this thread, so they may share an `Rc` with a
//!    plain `RefCell`: no lock, no atomic.
//! 3. A panic ends the task that panicked, and only that one. It arrives as a `JoinError`.
//!    (The panic's own message is on standard error, as always.)
//! 4. `abort` drops a waiting task where it stands, with all that it holds.
//! 5. Dropping a handle does not end the task: it is detached, and goes on alone.
#![forbid(unsafe_code)]

use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use std::cell::RefCell;
use std::rc::Rc;

/// Says when it goes.
struct Thread(&'static str);

impl Drop for Thread {
    fn drop(&mut self) {
        println!("  the {} thread is dropped", self.0);
    }
}

#[runtime::main]
async fn main() {
    println!("A task that returns a value:");
    let cloth = Rc::new(RefCell::new(Vec::new()));
    let shared = cloth.clone();
    let weaver = runtime::spawn(async move {
        for row in 1..=3 {
            shared.borrow_mut().push(row);
            yield_now().await;
        }
        "woven"
    });
    println!("  spawned, rows so far: {:?}", cloth.borrow());
    println!(
        "  joined: {:?}, rows now: {:?}",
        weaver.await,
        cloth.borrow()
    );

    println!("A task that panics:");
    let clumsy = runtime::spawn(async {
        let _thread = Thread("red");
        panic!("a knot")
    });
    let error: runtime::task::JoinError = clumsy.await.unwrap_err();
    println!("  joined: is_panic = {}", error.is_panic());
    println!("  it said: {:?}", error.into_panic().downcast_ref::<&str>());

    println!("A task that is aborted:");
    let slow = runtime::spawn(async {
        let _thread = Thread("blue");
        sleep(Duration::from_secs(3600)).await;
    });
    yield_now().await; // so that it is polled once, and waits
    slow.abort();
    let error = slow.await.unwrap_err();
    println!("  joined: is_cancelled = {}, {error}", error.is_cancelled());

    println!("A task whose handle is dropped:");
    let (cloth, shared) = (Rc::clone(&cloth), cloth);
    drop(runtime::spawn(async move { shared.borrow_mut().push(4) }));
    yield_now().await;
    println!("  it ran all the same, rows now: {:?}", cloth.borrow());
}
