use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counting() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count(AtomicUsize::new(0)));
    (count.clone(), Waker::from(count))
}

#[test]
fn a_reader_that_finds_nothing_asks_and_is_woken_by_the_push() {
    let (feed, mut incoming) = channel(None, 100, &Held::default());
    let (woken, waker) = counting();
    let mut cx = Context::from_waker(&waker);
    assert!(!feed.is_wanted());
    assert!(incoming.poll_chunk(&mut cx).is_pending());
    assert!(feed.is_wanted());
    feed.push(Bytes::from_static(b"abc"));
    assert!(!feed.is_wanted());
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    let Poll::Ready(Some(Ok(piece))) = incoming.poll_chunk(&mut cx) else {
        panic!()
    };
    assert_eq!(piece, "abc");
}

#[test]
fn a_waiting_connection_is_woken_by_the_question_and_by_the_end_of_the_reader() {
    let (feed, mut incoming) = channel(None, 100, &Held::default());
    let (woken, waker) = counting();
    let mut cx = Context::from_waker(&waker);
    feed.register(&cx);
    assert!(incoming.poll_chunk(&mut cx).is_pending());
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    feed.register(&cx);
    drop(incoming);
    assert_eq!(woken.0.load(Ordering::Relaxed), 2);
    assert!(feed.is_abandoned());
}

#[test]
fn a_connection_that_vanishes_fails_the_body_instead_of_ending_it() {
    let (feed, mut incoming) = channel(Some(10), 100, &Held::default());
    let mut cx = Context::from_waker(Waker::noop());
    feed.push(Bytes::from_static(b"abc"));
    drop(feed);
    assert!(matches!(
        incoming.poll_chunk(&mut cx),
        Poll::Ready(Some(Ok(_)))
    ));
    assert_eq!(incoming.remaining(), Some(7));
    let Poll::Ready(Some(Err(error))) = incoming.poll_chunk(&mut cx) else {
        panic!()
    };
    assert!(error.is_closed());
    assert!(matches!(incoming.poll_chunk(&mut cx), Poll::Ready(None)));
}

#[test]
fn a_limit_is_passed_by_what_is_announced_and_by_what_comes() {
    let mut cx = Context::from_waker(Waker::noop());
    for (length, limit) in [(Some(10), 9), (None, 2)] {
        let (feed, mut incoming) = channel(length, u64::MAX, &Held::default());
        let (woken, waker) = counting();
        feed.push(Bytes::from_static(b"abc"));
        incoming.set_limit(limit);
        feed.register(&Context::from_waker(&waker));
        let Poll::Ready(Some(Err(error))) = incoming.poll_chunk(&mut cx) else {
            panic!("a limit of {limit}");
        };
        assert!(error.is_too_large() && feed.is_over());
        assert_eq!(
            woken.0.load(Ordering::Relaxed),
            1,
            "the connection learns it"
        );
    }
}

#[test]
fn a_limit_counts_what_is_handed_out() {
    let mut cx = Context::from_waker(Waker::noop());
    let (feed, mut incoming) = channel(Some(10), 10, &Held::default());
    feed.push(Bytes::from_static(b"abcd"));
    assert!(incoming.poll_chunk(&mut cx).is_ready());
    assert_eq!(feed.limit(), 6);
    assert!(!feed.is_too_large(), "what is left is allowed");
    incoming.set_limit(5);
    assert!(feed.is_too_large());
}

#[test]
fn a_reader_that_goes_takes_its_piece_along() {
    let held = Held::default();
    let (feed, incoming) = channel(None, 100, &held);
    feed.push(Bytes::from_static(b"abc"));
    assert_eq!(held.total(), 3);
    drop(incoming);
    assert_eq!(held.total(), 0, "no reader will ever take it");
    feed.push(Bytes::from_static(b"abc"));
    assert_eq!(held.total(), 0, "nor one that comes later");
}
