//! The inbox, in every order in which its threads can run.
//!
//! A lost wake-up shows itself once in a million runs, on another person's machine. loom runs
//! a small program again and again and takes another turn at every point where two threads
//! could overtake each other, weak memory included, until there is no turn left to take. A
//! message that is slept through becomes a deadlock, and loom names the schedule.
//!
//! The file under test is compiled into this one: `inbox.rs` takes its lock and its flags
//! from `crate::base::shim`, and here that module has loom's. What the operating system does
//! (a thread waits on an eventfd that others write) is modelled by [`Eventfd`].

#[path = "../src/machine/inbox.rs"]
#[allow(dead_code)]
mod inbox;

#[path = "../src/base/room.rs"]
#[allow(dead_code)]
mod room;

mod shim {
    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

/// Where the files under test look for each other.
mod base {
    pub(crate) use super::{room, shim};
}

use inbox::{Inbox, Mark};
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// What the owner sleeps on: a counter that a writer raises and the sleeper takes.
#[derive(Default)]
struct Eventfd {
    written: Mutex<usize>,
    changed: Condvar,
}

impl Eventfd {
    fn write(&self) {
        *self.written.lock().unwrap() += 1;
        self.changed.notify_one();
    }

    /// Sleeps until another thread has written. If none ever does, that is a deadlock.
    fn sleep(&self) {
        let mut written = self.written.lock().unwrap();
        while *written == 0 {
            written = self.changed.wait(written).unwrap();
        }
        *written = 0;
    }

    fn writes(&self) -> usize {
        *self.written.lock().unwrap()
    }
}

fn inbox<M: 'static>() -> (Arc<Eventfd>, Arc<Inbox<M>>) {
    let eventfd = Arc::new(Eventfd::default());
    let theirs = Arc::clone(&eventfd);
    (eventfd, Arc::new(Inbox::new(move || theirs.write())))
}

/// Three threads have more orders than a test can wait for. loom then leaves out those in
/// which threads are interrupted more than this often, beyond the times when they must be;
/// nearly all real races need one or two.
fn with_three_threads(program: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(program);
}

/// The owner's loop: takes, looks, parks, until `done` says that it has seen everything.
fn run<M>(
    inbox: &Inbox<M>,
    eventfd: &Eventfd,
    taken: impl Fn(&M),
    mut done: impl FnMut(Vec<M>) -> bool,
) {
    loop {
        let mut mail = Vec::new();
        if inbox.may_have_messages() {
            inbox.take(&mut mail, &taken);
        }
        if done(mail) {
            return;
        }
        if inbox.prepare_to_park() {
            eventfd.sleep();
            inbox.unparked();
        } else {
            assert!(inbox.may_have_messages(), "it refused to park for nothing");
        }
    }
}

#[test]
fn no_message_is_slept_through() {
    with_three_threads(|| {
        let (eventfd, inbox) = inbox();
        let senders = [1, 2].map(|message| {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.send(message).unwrap())
        });
        let mut sum = 0;
        run(
            &inbox,
            &eventfd,
            |_| (),
            |mail| {
                sum += mail.iter().sum::<i32>();
                sum == 3
            },
        );
        senders.into_iter().for_each(|it| it.join().unwrap());
    });
}

#[test]
fn the_messages_of_one_sender_arrive_in_order() {
    loom::model(|| {
        let (eventfd, inbox) = inbox();
        let theirs = Arc::clone(&inbox);
        let sender = thread::spawn(move || (0..2).for_each(|n| theirs.send(n).unwrap()));
        let mut all = Vec::new();
        run(
            &inbox,
            &eventfd,
            |_| (),
            |mail| {
                all.extend(mail);
                all.len() == 2
            },
        );
        assert_eq!(all, [0, 1]);
        sender.join().unwrap();
    });
}

#[test]
fn many_senders_unpark_a_sleeping_owner_once() {
    with_three_threads(|| {
        let (eventfd, inbox) = inbox();
        assert!(inbox.prepare_to_park());
        let senders = [1, 2].map(|message| {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.send(message).unwrap())
        });
        senders.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(eventfd.writes(), 1);
    });
}

#[test]
fn an_owner_that_is_awake_is_not_unparked() {
    loom::model(|| {
        let (eventfd, inbox) = inbox();
        let theirs = Arc::clone(&inbox);
        let sender = thread::spawn(move || theirs.send(()).unwrap());
        let mut mail = Vec::new();
        inbox.take(&mut mail, |()| ());
        sender.join().unwrap();
        assert_eq!(eventfd.writes(), 0);
    });
}

#[test]
fn an_owner_that_was_woken_by_something_else_can_park_again() {
    loom::model(|| {
        let (eventfd, inbox) = inbox();
        // A timer ended this nap: no thread wrote.
        assert!(inbox.prepare_to_park());
        let theirs = Arc::clone(&inbox);
        let sender = thread::spawn(move || theirs.send(()).unwrap());
        inbox.unparked();
        run(&inbox, &eventfd, |_| (), |mail| mail.len() == 1);
        sender.join().unwrap();
    });
}

/// Two threads wake one task. Each first leaves a trace of why, as real wakers do; the owner
/// looks for those traces only when a message tells it to. If a wake were merged into one
/// whose message has been taken already, the owner would never look again.
#[test]
fn a_wake_that_is_merged_into_another_is_not_lost() {
    with_three_threads(|| {
        let (eventfd, inbox) = inbox();
        let mark = Arc::new(Mark::new());
        let reasons = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let wakers = [0, 1].map(|n| {
            let (inbox, mark) = (Arc::clone(&inbox), Arc::clone(&mark));
            let reasons = Arc::clone(&reasons);
            thread::spawn(move || {
                reasons[n].store(true, Ordering::Relaxed);
                inbox.send_once(&mark, || ());
            })
        });
        let clear = |_: &()| mark.clear();
        run(&inbox, &eventfd, clear, |mail| {
            assert!(mail.len() <= 1, "one mark, two messages");
            let seen = |n: usize| reasons[n].load(Ordering::Relaxed);
            mail.len() == 1 && seen(0) && seen(1)
        });
        wakers.into_iter().for_each(|it| it.join().unwrap());
    });
}

#[test]
fn a_message_meets_a_closing_owner_or_comes_back_to_its_sender() {
    loom::model(|| {
        let (_, inbox) = inbox();
        let theirs = Arc::clone(&inbox);
        let sender = thread::spawn(move || theirs.send(7).err());
        let left = inbox.close();
        let refused = sender.join().unwrap();
        match refused {
            Some(message) => assert_eq!((message, left), (7, vec![])),
            None => assert_eq!(left, [7]),
        }
    });
}

#[test]
fn a_closed_inbox_takes_nothing_and_unparks_nobody() {
    loom::model(|| {
        let (eventfd, inbox) = inbox();
        assert!(inbox.prepare_to_park());
        assert!(inbox.close().is_empty());
        let theirs = Arc::clone(&inbox);
        let sender = thread::spawn(move || {
            assert_eq!(theirs.send(1), Err(1));
            theirs.send_once(&Mark::new(), || unreachable!("a message without a reader"));
        });
        sender.join().unwrap();
        assert!(inbox.close().is_empty());
        assert_eq!(eventfd.writes(), 0);
    });
}

/// The gate closes, then nudges: an owner that found the gate open a moment ago must not
/// park before it has looked again.
#[test]
fn a_nudge_is_not_slept_through() {
    loom::model(|| {
        let (eventfd, inbox) = inbox::<()>();
        let held = Arc::new(AtomicBool::new(false));
        let (gate, theirs) = (Arc::clone(&held), Arc::clone(&inbox));
        let debugger = thread::spawn(move || {
            gate.store(true, Ordering::Relaxed);
            theirs.nudge();
        });
        while !held.load(Ordering::Relaxed) {
            if inbox.prepare_to_park() {
                eventfd.sleep();
                inbox.unparked();
            }
        }
        debugger.join().unwrap();
    });
}
