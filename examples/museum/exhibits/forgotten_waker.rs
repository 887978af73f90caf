//! A future that forgets its waker.
//!
//! *What people write.* A future of their own that answers `Pending` when there is nothing yet, and
//! `Ready` when there is. It works in a test in which the value is there already.
//!
//! *Why it is wrong.* `Pending` means: "I have left the waker where it will be called." The executor does
//! not ask again by itself. A future that leaves the waker nowhere is never polled a second time.
//! (The sibling of this bug: to keep the waker of the *first* poll only. A future may move to
//! another task, and each poll's waker replaces the one before.)
//!
//! *The repair.* Keep a clone of the waker, and call it when the value comes.
//!
//! *What an observer sees.* After the poll no waker of the task is left anywhere, and it is not
//! queued: the event `Stranded`. `runtime::trace::assert_nothing_stranded` asks that in a test. The
//! contract stands at <https://doc.rust-lang.org/std/future/trait.Future.html#tymethod.poll>.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use runtime::time::{Duration, sleep};
use runtime::trace::Event;

use crate::seen::{Seen, named, say};

#[derive(Default)]
struct Mailbox {
    letters: RefCell<VecDeque<&'static str>>,
    reader: Cell<Option<Waker>>,
}

impl Mailbox {
    fn post(&self, letter: &'static str) {
        say("a letter is posted");
        self.letters.borrow_mut().push_back(letter);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    fn take(&self) -> Option<&'static str> {
        self.letters.borrow_mut().pop_front()
    }
}

/// The next letter, broken.
struct Forgetful(Rc<Mailbox>);

impl Future for Forgetful {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        match self.0.take() {
            Some(letter) => Poll::Ready(letter),
            None => Poll::Pending, // and who will call whom?
        }
    }
}

/// The next letter, repaired.
struct NextLetter(Rc<Mailbox>);

impl Future for NextLetter {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        match self.0.take() {
            Some(letter) => Poll::Ready(letter),
            None => {
                self.0.reader.set(Some(cx.waker().clone()));
                Poll::Pending
            }
        }
    }
}

pub(crate) async fn broken() {
    let mailbox = Rc::new(Mailbox::default());
    read_one(Forgetful(Rc::clone(&mailbox)), &mailbox).await;
}

pub(crate) async fn repaired() {
    let mailbox = Rc::new(Mailbox::default());
    read_one(NextLetter(Rc::clone(&mailbox)), &mailbox).await;
}

async fn read_one(next: impl Future<Output = &'static str> + 'static, mailbox: &Mailbox) {
    let reader = named("reader", async move {
        say("the reader looks into the mailbox");
        say(format!("the reader reads: {}", next.await));
    });
    sleep(Duration::from_millis(10)).await;
    mailbox.post("the loom is ready");
    let _ = reader.await;
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let stranded = seen.all(|event| match event {
        Event::Stranded { task } => Some(*task),
        _ => None,
    });
    match stranded[..] {
        [] => vec!["no task is stranded".to_owned()],
        _ => stranded
            .iter()
            .map(|task| format!("{} is stranded: no waker of it is left", seen.name(*task)))
            .chain(seen.stuck())
            .collect(),
    }
}
