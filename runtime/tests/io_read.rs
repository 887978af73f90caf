//! Reading: short reads, pauses, errors, the end of the stream, and dropped futures.

#[path = "support/scripted.rs"]
mod scripted;

use bytes::{BufMut, BytesMut};
use futures_lite::future::block_on;
use runtime::io::{AsyncReadExt, AsyncWriteExt, ErrorKind, duplex};
use scripted::Step::{Fail, Give, Later};
use scripted::{Scripted, poll_once};

#[test]
fn a_read_returns_what_has_arrived_and_then_the_end() {
    let mut reader = Scripted::new([Give(b"ab"), Later, Give(b"cde")]);
    let mut buf = [0; 8];
    block_on(async {
        assert_eq!(reader.read(&mut buf).await.unwrap(), 2);
        assert_eq!(&buf[..2], b"ab");
        assert_eq!(reader.read(&mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"cde");
        assert_eq!(reader.read(&mut buf).await.unwrap(), 0);
    });
}

#[test]
fn a_single_read_hands_an_interruption_to_its_caller() {
    let mut reader = Scripted::new([Fail(ErrorKind::Interrupted), Give(b"a")]);
    let error = block_on(reader.read(&mut [0; 1])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[test]
fn a_read_that_is_dropped_while_it_waits_loses_nothing() {
    let (mut here, mut there) = duplex(16);
    let mut buf = [0; 4];
    assert!(poll_once(&mut here.read(&mut buf)).is_pending());
    block_on(async {
        there.write_all(b"late").await.unwrap();
        assert_eq!(here.read(&mut buf).await.unwrap(), 4);
    });
    assert_eq!(&buf, b"late");
}

#[test]
fn read_exact_gathers_pieces_and_tries_again_when_interrupted() {
    let steps = [
        Give(b"a"),
        Later,
        Fail(ErrorKind::Interrupted),
        Give(b"bc"),
        Give(b"de"),
    ];
    let mut reader = Scripted::new(steps);
    let mut buf = [0; 4];
    assert_eq!(block_on(reader.read_exact(&mut buf)).unwrap(), 4);
    assert_eq!(&buf, b"abcd");
    assert!(
        !reader.is_done(),
        "the fifth byte is left for the next read"
    );
}

#[test]
fn read_exact_of_nothing_does_not_touch_the_stream() {
    let mut reader = Scripted::new([Fail(ErrorKind::Other)]);
    assert_eq!(block_on(reader.read_exact(&mut [])).unwrap(), 0);
    assert!(!reader.is_done());
}

#[test]
fn read_exact_says_how_far_it_came_when_the_stream_ends() {
    let mut reader = Scripted::new([Give(b"abc")]);
    let error = block_on(reader.read_exact(&mut [0; 5])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(
        error.to_string(),
        "the stream ended after 3 of the 5 bytes asked for"
    );
}

#[test]
fn read_exact_reports_an_error_in_the_middle() {
    let mut reader = Scripted::new([Give(b"abc"), Fail(ErrorKind::ConnectionReset)]);
    let error = block_on(reader.read_exact(&mut [0; 5])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn read_buf_appends_and_stops_at_a_buffer_without_room() {
    let reader = Scripted::new([Give(b"abcdef")]);
    block_on(async {
        let mut growing = BytesMut::from("> ");
        assert_eq!(reader.take(4).read_buf(&mut growing).await.unwrap(), 4);
        assert_eq!(&growing[..], b"> abcd");
    });
    let mut reader = Scripted::new([Give(b"abcdef")]);
    block_on(async {
        let mut array = [0; 4];
        let mut fixed = &mut array[..];
        assert_eq!(reader.read_buf(&mut fixed).await.unwrap(), 4);
        assert!(!fixed.has_remaining_mut());
        assert_eq!(reader.read_buf(&mut fixed).await.unwrap(), 0);
        assert_eq!(&array, b"abcd");
    });
}

#[test]
fn read_buf_takes_at_most_eight_kibibytes_at_a_time() {
    let mut reader = &[7; 10_000][..];
    let mut buf = BytesMut::with_capacity(20_000);
    block_on(async {
        assert_eq!(reader.read_buf(&mut buf).await.unwrap(), 8192);
        assert_eq!(reader.read_buf(&mut buf).await.unwrap(), 10_000 - 8192);
    });
    assert_eq!(&buf[..], [7; 10_000]);
}

#[test]
fn read_to_end_appends_everything_and_counts_only_what_it_read() {
    let steps = [
        Give(b"b"),
        Later,
        Fail(ErrorKind::Interrupted),
        Give(&[7; 5000]),
        Give(b"z"),
    ];
    let mut reader = Scripted::new(steps);
    let mut buf = b"a".to_vec();
    assert_eq!(block_on(reader.read_to_end(&mut buf)).unwrap(), 5002);
    assert_eq!(
        (buf.len(), buf[0], buf[1], buf[2], buf[5002]),
        (5003, b'a', b'b', 7, b'z')
    );
}

#[test]
fn read_to_end_keeps_what_came_before_an_error_and_no_zeros_after_it() {
    let mut reader = Scripted::new([Give(b"abc"), Later, Fail(ErrorKind::ConnectionReset)]);
    let mut buf = Vec::new();
    let error = block_on(reader.read_to_end(&mut buf)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(buf, b"abc");
}

#[test]
fn read_to_end_that_is_dropped_leaves_what_came_and_no_zeros() {
    let mut reader = Scripted::new([Give(b"abc"), Later, Give(b"def")]);
    let mut buf = Vec::new();
    assert!(poll_once(&mut reader.read_to_end(&mut buf)).is_pending());
    assert_eq!(buf, b"abc");
    assert_eq!(block_on(reader.read_to_end(&mut buf)).unwrap(), 3);
    assert_eq!(buf, b"abcdef");
}

#[test]
fn read_to_end_does_not_enlarge_a_vector_that_was_exactly_large_enough() {
    let content = [7; 4096];
    let mut reader = &content[..];
    let mut buf = Vec::with_capacity(4096);
    let capacity = buf.capacity();
    assert_eq!(block_on(reader.read_to_end(&mut buf)).unwrap(), 4096);
    assert_eq!(buf.capacity(), capacity);
}

#[test]
fn read_to_end_takes_what_comes_in_pieces_without_enlarging_a_vector_that_is_large_enough() {
    let mut reader = Scripted::new([Give(b"a"), Give(&[7; 62]), Give(b"z")]);
    let mut buf = Vec::with_capacity(64);
    let capacity = buf.capacity();
    assert_eq!(block_on(reader.read_to_end(&mut buf)).unwrap(), 64);
    assert_eq!(buf.capacity(), capacity);
}

#[test]
fn read_to_end_offers_small_buffers_to_a_slow_stream_and_large_ones_to_a_fast_one() {
    let mut slow = Scripted::new(std::iter::repeat_n(Give(b"x"), 100));
    let mut buf = Vec::with_capacity(1024 * 1024);
    assert_eq!(block_on(slow.read_to_end(&mut buf)).unwrap(), 100);
    assert!(
        slow.offered.iter().all(|&size| size <= 8192),
        "{:?}",
        slow.offered
    );

    const LARGE: &[u8] = &[1; 1024 * 1024];
    let mut fast = Scripted::new([Give(LARGE)]);
    let mut buf = Vec::new();
    assert_eq!(block_on(fast.read_to_end(&mut buf)).unwrap(), LARGE.len());
    assert!(fast.offered.len() < 50, "{} attempts", fast.offered.len());
}

#[test]
fn read_to_string_joins_a_character_that_was_cut() {
    let mut reader = Scripted::new([Give(b"gr\xc3"), Later, Give(b"\xbc\xc3\x9f")]);
    let mut text = String::from("> ");
    assert_eq!(block_on(reader.read_to_string(&mut text)).unwrap(), 6);
    assert_eq!(text, "> grüß");
}

#[test]
fn read_to_string_leaves_the_string_alone_when_it_fails_or_is_dropped() {
    let mut text = String::from("before");

    let mut invalid = Scripted::new([Give(b"ok \xff")]);
    let error = block_on(invalid.read_to_string(&mut text)).unwrap_err();
    assert_eq!(
        (error.kind(), &text[..]),
        (ErrorKind::InvalidData, "before")
    );

    let mut broken = Scripted::new([Give(b"ok"), Fail(ErrorKind::ConnectionReset)]);
    let error = block_on(broken.read_to_string(&mut text)).unwrap_err();
    assert_eq!(
        (error.kind(), &text[..]),
        (ErrorKind::ConnectionReset, "before")
    );

    let mut late = Scripted::new([Give(b"ok"), Later]);
    assert!(poll_once(&mut late.read_to_string(&mut text)).is_pending());
    assert_eq!(text, "before");
}

#[test]
fn take_ends_after_its_limit_without_asking_the_stream_again() {
    let mut limited = Scripted::new([Give(b"abc"), Give(b"def"), Fail(ErrorKind::Other)]).take(5);
    let mut buf = Vec::new();
    assert_eq!(block_on(limited.read_to_end(&mut buf)).unwrap(), 5);
    assert_eq!((&buf[..], limited.limit()), (&b"abcde"[..], 0));
    limited.set_limit(1);
    assert_eq!(block_on(limited.read_to_end(&mut buf)).unwrap(), 1);
    assert!(
        !limited.into_inner().is_done(),
        "the error was never reached"
    );
}

#[test]
fn chain_reads_the_second_after_the_end_of_the_first() {
    let first = Scripted::new([Give(b"ab"), Later]);
    let second = Scripted::new([Give(b"cd")]);
    let mut chain = first.chain(second);
    block_on(async {
        assert_eq!(
            chain.read(&mut []).await.unwrap(),
            0,
            "an empty read is not the end"
        );
        let mut text = String::new();
        assert_eq!(chain.read_to_string(&mut text).await.unwrap(), 4);
        assert_eq!(text, "abcd");
    });
}
