//! Tasks leaked by a cycle of references.
//!
//! *What people write.* A room knows its members by the senders of their channels. Each member is a task
//! that receives until its channel is closed, and that holds the room in order to speak. When the room
//! is dropped the senders go, the channels close, and the members end. So it is thought.
//!
//! *Why it is wrong.* The member holds the room, the room holds the member's sender, and the sender keeps
//! the member's `recv` from answering `None`. The cycle holds itself: the room is never dropped, and
//! its members wait for ever. With the room all its memory is leaked.
//!
//! *The repair.* One link of the cycle is weak: a member holds a `Weak<Room>`, and upgrades it only
//! for as long as it speaks. (For a channel, `Sender::downgrade` does it. A report of such a leak:
//! <https://github.com/dirge-code/dirge/pull/644>.)
//!
//! *What an observer sees.* Tasks that wait for a message when no other task is left to send one.
//! `runtime::trace::assert_nothing_left` asks in a test whether a program leaves tasks behind.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use runtime::sync::mpsc;
use runtime::time::{Duration, sleep};
use runtime::trace::{End, Event};

use crate::seen::{Seen, named, say};

#[derive(Default)]
struct Room {
    members: RefCell<Vec<mpsc::Sender<&'static str>>>,
}

impl Room {
    fn enter(&self) -> mpsc::Receiver<&'static str> {
        let (sender, messages) = mpsc::channel(8);
        self.members.borrow_mut().push(sender);
        messages
    }

    fn tell_all(&self, text: &'static str) {
        for member in self.members.borrow().iter() {
            let _ = member.try_send(text);
        }
    }
}

pub(crate) async fn broken() {
    let room = Rc::new(Room::default());
    for name in ["ada", "bob"] {
        drop(named(name, member(name, Rc::clone(&room), room.enter())));
    }
    close(room).await;
}

async fn member(name: &str, room: Rc<Room>, mut messages: mpsc::Receiver<&'static str>) {
    while let Some(text) = messages.recv().await {
        say(format!("{name} hears: {text}"));
        if text == "is ada there?" && name == "ada" {
            room.tell_all("here I am");
        }
    }
    say(format!("{name} leaves"));
}

pub(crate) async fn repaired() {
    let room = Rc::new(Room::default());
    for name in ["ada", "bob"] {
        let weak = Rc::downgrade(&room);
        drop(named(name, weak_member(name, weak, room.enter())));
    }
    close(room).await;
}

async fn weak_member(name: &str, room: Weak<Room>, mut messages: mpsc::Receiver<&'static str>) {
    while let Some(text) = messages.recv().await {
        say(format!("{name} hears: {text}"));
        if text == "is ada there?" && name == "ada" {
            room.upgrade().inspect(|room| room.tell_all("here I am"));
        }
    }
    say(format!("{name} leaves"));
}

async fn close(room: Rc<Room>) {
    room.tell_all("is ada there?");
    sleep(Duration::from_millis(10)).await;
    say("the room is closed");
    drop(room);
    sleep(Duration::from_millis(10)).await;
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let ended = seen.count(|event| {
        matches!(
            event,
            Event::Ended {
                how: End::Finished,
                ..
            }
        )
    });
    let spawned = seen.counts.tasks_spawned;
    let sums = format!("tasks that were spawned: {spawned}; that ended: {ended}");
    [sums].into_iter().chain(seen.stuck_or_none()).collect()
}
