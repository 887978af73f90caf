use super::*;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn woken(count: &Count) -> usize {
    count.0.load(Ordering::Relaxed)
}

#[test]
fn each_change_of_state_wakes_all_connections_once() {
    let tracker = Rc::new(Tracker::default());
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let cx = Context::from_waker(&waker);
    let mut registrations: Vec<Option<Registration>> = (0..3).map(|_| None).collect();
    for registration in &mut registrations {
        tracker.enter();
        tracker.register(registration, &cx);
        tracker.register(registration, &cx);
    }
    tracker.advance(State::Draining);
    tracker.advance(State::Draining);
    assert_eq!(woken(&count), 3);
    tracker.leave(registrations.pop().unwrap());
    for registration in &mut registrations {
        tracker.register(registration, &cx);
    }
    tracker.advance(State::Cut);
    tracker.advance(State::Draining);
    assert_eq!((woken(&count), tracker.state()), (5, State::Cut));
}

#[test]
fn a_void_registration_does_not_take_a_later_one_with_it() {
    let tracker = Tracker::default();
    let cx = Context::from_waker(Waker::noop());
    let (mut early, mut late) = (None, None);
    tracker.enter();
    tracker.register(&mut early, &cx);
    tracker.advance(State::Draining);
    tracker.enter();
    tracker.register(&mut late, &cx);
    tracker.leave(early);
    assert_eq!(tracker.registry.borrow().entries.len(), 1);
    tracker.leave(late);
    assert_eq!(
        (tracker.registry.borrow().entries.len(), tracker.open()),
        (0, 0)
    );
}

#[test]
fn the_last_to_leave_wakes_the_watcher() {
    let tracker = Tracker::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let cx = Context::from_waker(&waker);
    tracker.enter();
    tracker.enter();
    assert!(tracker.poll_below(1, &cx).is_pending());
    tracker.leave(None);
    assert_eq!(woken(&count), 0);
    tracker.leave(None);
    assert_eq!(woken(&count), 1);
    assert!(tracker.poll_below(1, &cx).is_ready());
}

#[test]
fn who_waits_for_room_is_woken_by_the_first_to_leave() {
    let tracker = Tracker::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let cx = Context::from_waker(&waker);
    for _ in 0..3 {
        tracker.enter();
    }
    assert!(tracker.poll_below(4, &cx).is_ready());
    assert!(tracker.poll_below(3, &cx).is_pending());
    tracker.leave(None);
    assert_eq!(woken(&count), 1);
    tracker.leave(None);
    assert_eq!(woken(&count), 1, "no task waits any more");
}

/// A connection that has been polled and is idle now.
fn idle(tracker: &Tracker, waker: &Waker) -> Option<Registration> {
    let mut registration = None;
    tracker.enter();
    assert!(!tracker.register(&mut registration, &Context::from_waker(waker)));
    tracker.settle(registration.as_ref(), Some(Queue::Served));
    registration
}

#[test]
fn only_so_many_are_asked_to_leave_as_are_too_many() {
    let tracker = Tracker::default();
    let counts: [Arc<Count>; 3] = Default::default();
    let wakers = counts.clone().map(Waker::from);
    let mut registrations: Vec<_> = wakers.iter().map(|waker| idle(&tracker, waker)).collect();
    let cx = Context::from_waker(Waker::noop());
    for _ in 0..5 {
        assert!(tracker.poll_room(3, &cx).is_pending());
    }
    assert_eq!(counts.each_ref().map(|count| woken(count)), [1, 0, 0]);
    assert!(tracker.register(&mut registrations[0], &Context::from_waker(&wakers[0])));
    tracker.leave(registrations.swap_remove(0));
    assert!(tracker.poll_room(3, &cx).is_ready());
    assert!(tracker.poll_room(2, &cx).is_pending());
    assert_eq!(counts.each_ref().map(|count| woken(count)), [1, 1, 0]);
}

#[test]
fn when_the_one_that_was_asked_has_a_request_another_one_is_asked() {
    let tracker = Tracker::default();
    let (acceptor, first, second) = (
        Arc::new(Count::default()),
        Arc::new(Count::default()),
        Arc::new(Count::default()),
    );
    let wakers = [first.clone(), second.clone()].map(Waker::from);
    let mut registrations = wakers.each_ref().map(|waker| idle(&tracker, waker));
    let waker = Waker::from(acceptor.clone());
    let cx = Context::from_waker(&waker);
    tracker.settle(registrations[1].as_ref(), None);
    assert!(tracker.poll_room(2, &cx).is_pending());
    assert!(tracker.register(&mut registrations[0], &Context::from_waker(&wakers[0])));
    tracker.settle(registrations[0].as_ref(), None);
    assert_eq!((woken(&acceptor), woken(&first)), (1, 1));
    // No connection is idle now; the acceptor hears when one is.
    assert!(tracker.poll_room(2, &cx).is_pending());
    tracker.settle(registrations[1].as_ref(), Some(Queue::Served));
    assert_eq!((woken(&acceptor), woken(&second)), (2, 0));
    assert!(tracker.poll_room(2, &cx).is_pending());
    assert_eq!(woken(&second), 1);
}

/// It was asked while it was idle, and a request came that was refused.
#[test]
fn one_that_lingers_can_be_asked_again() {
    let tracker = Tracker::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let cx = Context::from_waker(&waker);
    let mut registration = idle(&tracker, &waker);
    assert!(tracker.ask_longest() && !tracker.ask_longest());
    assert!(tracker.register(&mut registration, &cx), "it is asked");
    tracker.settle(registration.as_ref(), Some(Queue::Parting));
    assert!(
        !tracker.register(&mut registration, &cx),
        "not since it lingers"
    );
    assert!(tracker.ask_longest());
    assert_eq!(woken(&count), 2);
    assert!(tracker.register(&mut registration, &cx));
}

#[test]
fn the_room_of_many_connections_that_have_left_is_given_back_although_one_stays() {
    let tracker = Tracker::default();
    let waker = Waker::noop();
    let mut registrations: Vec<Option<Registration>> =
        (0..20_000).map(|_| idle(&tracker, waker)).collect();
    registrations
        .drain(1..)
        .for_each(|registration| tracker.leave(registration));
    let room = tracker.registry.borrow().entries.capacity();
    assert!(room <= registry::KEPT, "room for {room}, and one is left");
    let first = registrations.remove(0).unwrap();
    assert!(
        tracker.deregister(&first).is_some(),
        "it is still registered"
    );
}
