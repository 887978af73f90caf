//! Two streams that talk to each other by way of us: both directions at once, each to its own
//! end, and the first error ends the whole.

#[path = "support/scripted.rs"]
mod scripted;

use std::pin::pin;

use futures_lite::future::block_on;
use proptest::prelude::*;
use runtime::io::{
    AsyncReadExt, AsyncWriteExt, BufWriter, ErrorKind, copy_bidirectional,
    copy_bidirectional_with_sizes, duplex, join,
};
use runtime::runtime::Builder;
use runtime::spawn;
use scripted::Scripted;
use scripted::Step::{Accept, Fail, Give, Later};
use scripted::{Piece, accepted, given, piece, poll_once};

#[test]
fn both_directions_are_copied_and_counted() {
    let mut a = join(
        Scripted::new([Give(b"ab"), Later, Give(b"c")]),
        Scripted::new([]),
    );
    let mut b = join(
        Scripted::new([Give(b"12345")]),
        Scripted::new([Accept(2), Later]),
    );
    let counts = block_on(copy_bidirectional(&mut a, &mut b)).unwrap();
    assert_eq!(counts, (3, 5));
    assert_eq!(
        (&a.writer().written[..], &b.writer().written[..]),
        (&b"12345"[..], &b"abc"[..])
    );
    for writer in [a.writer(), b.writer()] {
        assert_eq!(writer.calls.last(), Some(&"close"));
    }
}

#[test]
fn one_side_that_ends_is_told_to_the_other_and_the_answer_still_comes() {
    let (mut client, mut near) = duplex(64);
    let (mut far, mut server) = duplex(64);
    let mut copying = Box::pin(copy_bidirectional(&mut near, &mut far));
    block_on(client.write_all(b"question")).unwrap();
    block_on(client.shutdown()).unwrap();
    assert!(poll_once(&mut copying).is_pending());
    let mut heard = String::new();
    block_on(server.read_to_string(&mut heard)).unwrap();
    assert_eq!(heard, "question");

    block_on(server.write_all(b"the answer")).unwrap();
    drop(server);
    assert!(poll_once(&mut copying).is_ready());
    drop(copying);
    drop(near);
    let mut heard = String::new();
    block_on(client.read_to_string(&mut heard)).unwrap();
    assert_eq!(heard, "the answer");
}

#[test]
fn a_direction_that_is_stuck_does_not_hold_up_the_other() {
    let (mut client, mut near) = duplex(8);
    let (mut far, mut server) = duplex(8);
    let mut copying = pin!(copy_bidirectional_with_sizes(&mut near, &mut far, 4, 4));
    // The server reads nothing, until everything on the way is full.
    while poll_once(&mut pin!(client.write(b"x"))).is_ready() {
        assert!(poll_once(&mut copying).is_pending());
    }
    for _ in 0..100 {
        block_on(server.write_all(b"tick")).unwrap();
        assert!(poll_once(&mut copying).is_pending());
        let mut heard = [0; 4];
        assert!(poll_once(&mut pin!(client.read_exact(&mut heard))).is_ready());
        assert_eq!(&heard, b"tick");
    }
}

#[test]
fn the_first_error_ends_both_directions_at_once() {
    for (reads, writes) in [
        (vec![Fail(ErrorKind::ConnectionReset)], vec![]),
        (vec![Give(b"x")], vec![Fail(ErrorKind::ConnectionReset)]),
    ] {
        let mut a = join(Scripted::new(reads), Scripted::new([]));
        let (silent, _peer) = duplex(64);
        let mut b = join(silent, Scripted::new(writes));
        let error = block_on(copy_bidirectional(&mut a, &mut b)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[test]
fn what_a_writer_holds_back_is_flushed_before_waiting() {
    let (mut client, mut near) = duplex(64);
    let (far, mut server) = duplex(64);
    let mut far = BufWriter::new(far);
    let mut copying = pin!(copy_bidirectional(&mut near, &mut far));
    block_on(client.write_all(b"hello")).unwrap();
    assert!(poll_once(&mut copying).is_pending());
    let mut heard = [0; 5];
    assert!(poll_once(&mut pin!(server.read_exact(&mut heard))).is_ready());
}

#[test]
fn a_buffer_of_nothing_is_refused() {
    for (there, back) in [(0, 1), (1, 0)] {
        let refused = std::panic::catch_unwind(|| {
            let (mut a, mut b) = duplex(1);
            drop(copy_bidirectional_with_sizes(&mut a, &mut b, there, back));
        });
        assert!(refused.is_err());
    }
}

#[test]
fn streams_that_are_always_ready_leave_the_others_their_turn() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let endless = || join(runtime::io::repeat(7), runtime::io::sink());
        let copying = spawn(async move {
            let (mut a, mut b) = (endless(), endless());
            copy_bidirectional(&mut a, &mut b).await
        });
        let other = spawn(async {});
        other.await.unwrap();
        copying.abort();
    });
}

/// All bytes of one direction come, however they are cut on either side.
fn carried(there: &[Piece], back: &[Piece], a_takes: &[Piece], b_takes: &[Piece]) {
    let (from_a, said_by_a) = given(there);
    let (from_b, said_by_b) = given(back);
    let mut a = join(Scripted::new(from_a), Scripted::new(accepted(a_takes)));
    let mut b = join(Scripted::new(from_b), Scripted::new(accepted(b_takes)));
    let counts = block_on(copy_bidirectional_with_sizes(&mut a, &mut b, 7, 5)).unwrap();
    assert_eq!(counts, (said_by_a.len() as u64, said_by_b.len() as u64));
    assert_eq!(a.writer().written, said_by_b);
    assert_eq!(b.writer().written, said_by_a);
}

proptest! {
    #[test]
    fn nothing_is_lost_or_doubled_however_it_comes_in_pieces(
        there in proptest::collection::vec(piece(), 0..12),
        back in proptest::collection::vec(piece(), 0..12),
        a_takes in proptest::collection::vec(piece(), 0..12),
        b_takes in proptest::collection::vec(piece(), 0..12),
    ) {
        carried(&there, &back, &a_takes, &b_takes);
    }
}
