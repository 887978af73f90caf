//! Places in the reactor are used again and again; an event of an old source never reaches the
//! new one.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use machine::{Ledger, block_on, live, run};
use net::{is_ready, listener, pair, works};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::runtime::{Runtime, Step};
use runtime::task::yield_now;
use runtime::time::Duration;
use runtime::trace::Event;

/// The numbers of the sources that were registered since the last look.
fn registered(runtime: &Runtime) -> Vec<u64> {
    let source = |record: runtime::trace::Record| match record.event {
        Event::SourceRegistered { source, .. } => Some(source),
        _ => None,
    };
    runtime
        .trace()
        .take()
        .into_iter()
        .filter_map(source)
        .collect()
}

#[test]
fn thousands_of_connections_leave_nothing_and_no_number_is_used_twice() {
    let runtime = live();
    block_on(&runtime, async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        for _ in 0..3000 {
            let near = TcpStream::connect(addr).await.unwrap();
            let (far, _) = listener.accept().await.unwrap();
            // A reset leaves no connection to linger in the system.
            near.set_linger(Some(Duration::ZERO)).unwrap();
            drop((near, far));
        }
    });
    let sources = registered(&runtime);
    assert_eq!(sources.len(), 6001);
    assert_eq!(sources.iter().collect::<BTreeSet<_>>().len(), 6001);
    assert!(runtime.snapshot().sources.is_empty());
}

#[test]
fn one_stream_registered_ten_thousand_times_works_on() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        registered(&runtime);
        for round in 0..10_000 {
            near = TcpStream::from_std(near.into_std().unwrap()).unwrap();
            if round % 1000 == 0 {
                works(&mut near, &mut far).await;
            }
        }
        let sources: BTreeSet<_> = registered(&runtime).into_iter().collect();
        assert_eq!(sources.len(), 10_000);
    });
}

#[test]
fn places_are_let_again_in_any_order() {
    run(async {
        let mut pairs = Vec::new();
        for _ in 0..30 {
            pairs.push(pair().await);
        }
        for round in 0..30 {
            let at = round * 7 % pairs.len();
            drop(pairs.swap_remove(at));
            pairs.push(pair().await);
            for (near, far) in &mut pairs {
                works(near, far).await;
            }
        }
    });
}

#[test]
fn readiness_is_not_inherited_with_the_place() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        let (other, _quiet) = pair().await;
        let other = other.into_std().unwrap();
        registered(&runtime);
        far.write_all(b"x").await.unwrap();
        near.readable().await.unwrap();
        drop(near);
        let newer = TcpStream::from_std(other).unwrap();
        assert!(!is_ready(newer.readable()).await);
        // Nothing was sent to it, and nothing comes.
        for _ in 0..200 {
            yield_now().await;
        }
        assert!(!is_ready(newer.readable()).await);
    });
}

#[test]
fn a_descriptor_that_lives_on_elsewhere_speaks_to_nobody() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        let (other, mut quiet) = pair().await;
        let other = other.into_std().unwrap();
        registered(&runtime);
        // A second descriptor of the same socket: the system forgets a socket by itself only
        // when the last one is closed. So it must have been told.
        let copy: OwnedFd = near.as_fd().try_clone_to_owned().unwrap();
        drop(near);
        let mut newer = TcpStream::from_std(other).unwrap();
        registered(&runtime);
        far.write_all(b"for one who has left").await.unwrap();
        far.shutdown().await.unwrap();
        for _ in 0..200 {
            yield_now().await;
        }
        assert!(!is_ready(newer.readable()).await);
        let known = runtime.snapshot().sources;
        let strange = |event: &Event| matches!(event, Event::Ready { source, .. } if !known.contains_key(source));
        assert_eq!(machine::count(&runtime.trace().take(), strange), 0);
        works(&mut newer, &mut quiet).await;
        drop(copy);
    });
}

thread_local! {
    /// What the meddling waker drops, and what it registers in its place.
    static OUT: RefCell<Option<TcpStream>> = const { RefCell::new(None) };
    static IN: RefCell<Option<std::net::TcpStream>> = const { RefCell::new(None) };
    static NEWER: RefCell<Option<TcpStream>> = const { RefCell::new(None) };
}

/// When it is called, in the middle of a turn, it drops one source and registers another.
struct Meddler;

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        OUT.take();
        if let Some(next) = IN.take() {
            NEWER.set(Some(TcpStream::from_std(next).unwrap()));
        }
    }
}

#[test]
fn a_waker_may_drop_and_register_sources_in_the_middle_of_a_turn() {
    let runtime = live();
    let (first, mut first_far, second, mut second_far, _third_far) = block_on(&runtime, async {
        let ((first, first_far), (second, second_far)) = (pair().await, pair().await);
        let (third, third_far) = pair().await;
        IN.set(Some(third.into_std().unwrap()));
        let far = [first_far, second_far].map(|far| far.into_std().unwrap());
        let [first_far, second_far] = far;
        (first, first_far, second, second_far, third_far)
    });
    let _entered = runtime.enter();
    let waker = Waker::from(Arc::new(Meddler));
    let mut cx = Context::from_waker(&waker);
    for stream in [&first, &second] {
        assert!(stream.poll_read_ready(&mut cx).is_pending());
    }
    OUT.set(Some(second));
    // Both are ready before the reactor looks: one turn hears of both.
    first_far.write_all(b"1").unwrap();
    second_far.write_all(b"2").unwrap();
    while NEWER.with_borrow(Option::is_none) {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    let newer = NEWER.take().unwrap();
    block_on(&runtime, async {
        for _ in 0..100 {
            yield_now().await;
        }
        assert!(!is_ready(newer.readable()).await);
        assert_eq!(first.try_read(&mut [0; 8]).unwrap(), 1);
    });
}

#[derive(Clone, Copy, Debug)]
enum Op {
    /// Opens a connection in this slot; closes what was there.
    Open(usize),
    Close(usize),
    /// The far end sends a byte.
    Send(usize),
    /// Reads what was sent.
    Receive(usize),
    /// Lets the reactor look.
    Turn,
}

const SLOTS: usize = 6;

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..SLOTS).prop_map(Op::Open),
        2 => (0..SLOTS).prop_map(Op::Close),
        4 => (0..SLOTS).prop_map(Op::Send),
        3 => (0..SLOTS).prop_map(Op::Receive),
        2 => Just(Op::Turn),
    ]
}

/// A connection, and how many bytes are on their way to its near end.
struct Line {
    near: TcpStream,
    far: TcpStream,
    sent: usize,
}

async fn apply(lines: &mut [Option<Line>], op: Op) {
    match op {
        Op::Open(at) => {
            let (near, far) = pair().await;
            lines[at] = Some(Line { near, far, sent: 0 });
        }
        Op::Close(at) => lines[at] = None,
        Op::Send(at) => {
            if let Some(line) = &mut lines[at] {
                line.far.write_all(b"x").await.unwrap();
                line.sent += 1;
            }
        }
        Op::Receive(at) => {
            if let Some(line) = &mut lines[at] {
                let mut bytes = vec![0; line.sent];
                line.near.read_exact(&mut bytes).await.unwrap();
                line.sent = 0;
            }
        }
        Op::Turn => yield_now().await,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_line_to_which_nothing_was_sent_has_nothing_to_read(ops in vec(op(), 1..80)) {
        let runtime = live();
        block_on(&runtime, async {
            let mut lines: Vec<Option<Line>> = (0..SLOTS).map(|_| None).collect();
            for op in ops {
                apply(&mut lines, op).await;
                for line in lines.iter().flatten().filter(|line| line.sent == 0) {
                    let tried = line.near.try_read(&mut [0; 8]);
                    prop_assert!(tried.is_err(), "read {tried:?}");
                }
            }
            Ok(())
        })?;
        Ledger::of(&runtime).assert_empty();
    }
}
