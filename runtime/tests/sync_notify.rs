//! Notify: who hears of which nudge, and that a nudge to one is never lost.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use events::{here, traced};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::Notify;
use runtime::sync::futures::Notified;
use runtime::task::yield_now;
use runtime::trace::Shared;
use tasks::{panic_quietly, paused, poll_once, waker_of};
use waits::{Wait, told, waker_that};

#[test]
fn a_nudge_that_is_early_is_kept_and_only_one() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_one();
    assert!(Wait::new(notify.notified()).poll().is_ready());
    assert!(Wait::new(notify.notified()).is_pending());
}

#[test]
fn a_nudge_to_one_wakes_the_one_who_has_waited_longest() {
    let notify = Notify::new();
    let mut waits: Vec<_> = (0..3).map(|_| Wait::begun(notify.notified())).collect();
    notify.notify_one();
    assert!(waits[0].is_woken() && !waits[1].is_woken());
    notify.notify_last();
    assert!(waits[2].is_woken() && !waits[1].is_woken());
    waits[0].ready();
    waits[2].ready();
    assert!(waits[1].is_pending());
}

#[test]
fn a_nudge_to_all_is_heard_by_every_future_that_was_made_and_by_none_made_later() {
    let notify = Notify::new();
    let mut polled = Wait::begun(notify.notified());
    let mut fresh = notify.notified();
    notify.notify_waiters();
    assert!(polled.is_woken());
    polled.ready();
    assert!(poll_once(&mut fresh).is_ready());
    assert!(Wait::new(notify.notified()).is_pending());
}

#[test]
fn a_nudge_to_all_leaves_the_kept_one_for_another() {
    let notify = Notify::new();
    let mut before = notify.notified();
    notify.notify_one();
    notify.notify_waiters();
    assert!(poll_once(&mut before).is_ready());
    assert!(
        Wait::new(notify.notified()).poll().is_ready(),
        "it is still kept"
    );
}

#[test]
fn a_nudge_to_one_that_was_not_heard_of_goes_to_the_next() {
    let notify = Notify::new();
    let first = Wait::begun(notify.notified());
    let mut next = Wait::begun(notify.notified());
    notify.notify_one();
    drop(first);
    assert!(next.is_woken());
    next.ready();
    let only = Wait::begun(notify.notified());
    notify.notify_one();
    drop(only);
    assert!(Wait::new(notify.notified()).poll().is_ready(), "it is kept");
}

#[test]
fn a_nudge_to_the_last_that_was_not_heard_of_goes_to_the_last_but_one() {
    let notify = Notify::new();
    let waits: Vec<_> = (0..3).map(|_| Wait::begun(notify.notified())).collect();
    let [first, middle, last] = waits.try_into().ok().unwrap();
    notify.notify_last();
    drop(last);
    assert!(middle.is_woken() && !first.is_woken());
}

#[test]
fn a_nudge_to_one_is_passed_on_also_if_a_nudge_to_all_came_after_it() {
    let notify = Notify::new();
    let one = Wait::begun(notify.notified());
    notify.notify_one();
    notify.notify_waiters();
    drop(one);
    assert!(Wait::new(notify.notified()).poll().is_ready());
}

#[test]
fn a_nudge_to_all_is_not_passed_on() {
    let notify = Notify::new();
    let one = Wait::begun(notify.notified());
    notify.notify_waiters();
    let mut later = Wait::begun(notify.notified());
    drop(one);
    assert!(!later.is_woken() && later.is_pending());
}

#[test]
fn a_wait_that_is_dropped_in_the_line_is_passed_over() {
    let notify = Notify::new();
    let first = Wait::begun(notify.notified());
    let mut second = Wait::begun(notify.notified());
    drop(first);
    notify.notify_one();
    second.ready();
    assert!(
        Wait::new(notify.notified()).is_pending(),
        "nothing was kept"
    );
}

#[test]
fn what_is_enabled_is_in_the_line_without_a_poll() {
    let notify = Arc::new(Notify::new());
    let mut early = notify.notified();
    let mut owned = Arc::clone(&notify).notified_owned();
    assert!(!Pin::new(&mut early).enable());
    assert!(!Pin::new(&mut owned).enable());
    notify.notify_one();
    assert!(Pin::new(&mut early).enable());
    assert!(!Pin::new(&mut owned).enable(), "the first was first");
    assert!(poll_once(&mut early).is_ready());
    notify.notify_one();
    assert!(poll_once(&mut owned).is_ready());
    let mut kept = notify.notified();
    notify.notify_one();
    assert!(Pin::new(&mut kept).enable(), "it takes what is kept");
}

#[test]
fn an_enabled_wait_that_is_polled_by_a_task_wakes_that_task() {
    paused().block_on(async {
        let notify = Arc::new(Notify::new());
        let theirs = Arc::clone(&notify);
        let task = runtime::spawn(async move {
            let mut notified = theirs.notified();
            Pin::new(&mut notified).enable();
            Pin::new(&mut notified).enable();
            notified.await;
        });
        yield_now().await;
        notify.notify_one();
        task.await.unwrap();
    });
}

#[test]
fn a_wait_that_is_over_stays_over() {
    let notify = Notify::new();
    notify.notify_one();
    let mut notified = notify.notified();
    assert!(poll_once(&mut notified).is_ready());
    assert!(poll_once(&mut notified).is_ready());
    drop(notified);
    assert!(Wait::new(notify.notified()).is_pending(), "it was heard of");
}

#[test]
fn a_waker_may_come_back() {
    let notify = Rc::new(Notify::new());
    let theirs = Rc::clone(&notify);
    let waker = waker_that(move || {
        theirs.notify_one();
        theirs.notify_waiters();
    });
    let mut first = notify.notified();
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut first).poll(&mut cx).is_pending());
    let mut second = Wait::begun(notify.notified());
    notify.notify_waiters();
    second.ready();
    assert!(poll_once(&mut first).is_ready());
    assert!(
        Wait::new(notify.notified()).poll().is_ready(),
        "the waker's nudge is kept"
    );
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_hearing() {
    let notify = Notify::new();
    let waker = waker_of(|| panic_quietly("a bad waker"));
    let mut bad = notify.notified();
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut bad).poll(&mut cx).is_pending());
    let good = Wait::begun(notify.notified());
    notify.notify_waiters();
    assert!(good.is_woken());
}

#[test]
fn a_trace_tells_which_notify_a_task_waits_for_and_where() {
    let runtime = traced();
    let line = runtime.block_on(async {
        let notify = Arc::new(Notify::new());
        drop(Wait::begun(notify.notified()));
        drop(Wait::begun(Arc::clone(&notify).notified_owned()));
        here().line
    });
    let told = told(&runtime);
    let of = |line| Some((file!(), line));
    let places: Vec<_> = told
        .iter()
        .map(|told| told.2.map(|at| (at.file, at.line)))
        .collect();
    assert_eq!(places, [of(line - 2), of(line - 1)]);
    assert!(
        told.iter()
            .all(|told| (told.0, told.1) == (Shared::Notify, 1))
    );
}

/// What a test does with a notify and those who wait for it.
#[derive(Clone, Debug)]
enum Op {
    Make,
    /// The future of this number, modulo their count.
    Poll(usize),
    Enable(usize),
    Drop(usize),
    One,
    Last,
    Waiters,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Make),
        5 => any::<usize>().prop_map(Op::Poll),
        2 => any::<usize>().prop_map(Op::Enable),
        4 => any::<usize>().prop_map(Op::Drop),
        3 => Just(Op::One),
        2 => Just(Op::Last),
        1 => Just(Op::Waiters),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Fresh,
    Waiting,
    /// By a nudge that must be passed on (to the last, if so), or by one that need not.
    Called(Option<bool>),
    Done,
}

#[derive(Default)]
struct Model {
    kept: bool,
    states: Vec<State>,
    line: VecDeque<usize>,
}

impl Model {
    fn nudge(&mut self, last: bool) {
        let called = if last {
            self.line.pop_back()
        } else {
            self.line.pop_front()
        };
        match called {
            Some(id) => self.states[id] = State::Called(Some(last)),
            None => self.kept = true,
        }
    }

    fn nudge_all(&mut self) {
        self.line.clear();
        for state in &mut self.states {
            if matches!(state, State::Fresh | State::Waiting) {
                *state = State::Called(None);
            }
        }
    }

    fn poll(&mut self, id: usize) -> Poll<()> {
        match self.states[id] {
            State::Fresh if self.kept => self.kept = false,
            State::Fresh => {
                self.states[id] = State::Waiting;
                self.line.push_back(id);
                return Poll::Pending;
            }
            State::Waiting => return Poll::Pending,
            State::Called(_) | State::Done => {}
        }
        self.states[id] = State::Done;
        Poll::Ready(())
    }

    fn drop(&mut self, id: usize) {
        self.line.retain(|&other| other != id);
        if let State::Called(Some(last)) = self.states[id] {
            self.nudge(last);
        }
        self.states[id] = State::Done;
    }
}

proptest! {
    #[test]
    fn a_notify_does_what_its_model_does(ops in vec(op(), 1..80)) {
        let notify = Notify::new();
        let mut model = Model::default();
        let mut futures: Vec<(usize, Notified<'_>)> = Vec::new();
        for op in ops {
            match op {
                Op::Make => {
                    futures.push((model.states.len(), notify.notified()));
                    model.states.push(State::Fresh);
                }
                Op::Poll(at) if !futures.is_empty() => {
                    let at = at % futures.len();
                    let (id, future) = &mut futures[at];
                    prop_assert_eq!(poll_once(future), model.poll(*id));
                }
                Op::Enable(at) if !futures.is_empty() => {
                    let at = at % futures.len();
                    let (id, future) = &mut futures[at];
                    prop_assert_eq!(Pin::new(future).enable(), model.poll(*id).is_ready());
                }
                Op::Drop(at) if !futures.is_empty() => {
                    let (id, future) = futures.swap_remove(at % futures.len());
                    drop(future);
                    model.drop(id);
                }
                Op::One => {
                    notify.notify_one();
                    model.nudge(false);
                }
                Op::Last => {
                    notify.notify_last();
                    model.nudge(true);
                }
                Op::Waiters => {
                    notify.notify_waiters();
                    model.nudge_all();
                }
                _ => {}
            }
        }
        for (id, mut future) in futures {
            prop_assert_eq!(poll_once(&mut future), model.poll(id));
            drop(future);
            model.drop(id);
        }
        let kept = poll_once(&mut notify.notified()).is_ready();
        prop_assert_eq!(kept, model.kept);
    }
}
