//! Two mutexes in opposite order.
//!
//! *What people write.* A transfer locks the account that gives, awaits something, and locks the account
//! that takes. Two transfers in opposite directions run at the same time.
//!
//! *Why it is wrong.* Each task holds the lock that the other waits for, and neither gives back what it
//! holds before it has both: a *deadlock*. On one thread it happens as well as on many: an `.await` under
//! the first lock is enough. It hangs only when the two meet, so tests seldom see it.
//!
//! *The repair.* All tasks lock in the same order, whatever the direction: here the lower number first.
//! (Better still, hold no lock across an `.await`: look, let go, await, lock again.)
//!
//! *What an observer sees.* Tasks that wait for each other's locks: each holds what the other waits for,
//! whatever else goes on. `runtime::trace::assert_no_deadlock` asks that in a test. A kindred deadlock, in which a task
//! holds the lock for a future that it does not poll any more: <https://rfd.shared.oxide.computer/rfd/0609>.

use std::rc::Rc;

use runtime::sync::Mutex;
use runtime::time::{Duration, sleep};
use story::waits::{chains, in_words};

use crate::seen::{Seen, named, say};

type Accounts = Rc<[Mutex<u32>; 2]>;

pub(crate) async fn broken() {
    let accounts: Accounts = Rc::new([Mutex::new(100), Mutex::new(100)]);
    let tasks = [
        named("there", transfer(Rc::clone(&accounts), 0, 1)),
        named("back", transfer(Rc::clone(&accounts), 1, 0)),
    ];
    for task in tasks {
        let _ = task.await;
    }
}

async fn transfer(accounts: Accounts, from: usize, to: usize) {
    let mut giver = accounts[from].lock().await;
    say(format!("account {from} is locked, to be charged"));
    ask_the_bank().await;
    let mut taker = accounts[to].lock().await;
    *giver -= 10;
    *taker += 10;
    say(format!("10 have gone from account {from} to account {to}"));
}

pub(crate) async fn repaired() {
    let accounts: Accounts = Rc::new([Mutex::new(100), Mutex::new(100)]);
    let tasks = [
        named("there", transfer_in_order(Rc::clone(&accounts), 0, 1)),
        named("back", transfer_in_order(Rc::clone(&accounts), 1, 0)),
    ];
    for task in tasks {
        let _ = task.await;
    }
}

async fn transfer_in_order(accounts: Accounts, from: usize, to: usize) {
    let mut lower = accounts[from.min(to)].lock().await;
    ask_the_bank().await;
    let mut upper = accounts[from.max(to)].lock().await;
    let (giver, taker) = match from < to {
        true => (&mut *lower, &mut *upper),
        false => (&mut *upper, &mut *lower),
    };
    *giver -= 10;
    *taker += 10;
    say(format!("10 have gone from account {from} to account {to}"));
}

async fn ask_the_bank() {
    sleep(Duration::from_millis(5)).await;
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let chains = chains(&seen.end);
    let chains = chains.iter().map(|chain| in_words(chain, &seen.end));
    chains.chain(seen.stuck_or_none()).collect()
}
