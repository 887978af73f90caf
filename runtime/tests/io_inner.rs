//! What stands between a program and a stream gives access to the stream: to look at it, to go past the
//! buffer, to take it back.

use std::pin::Pin;

use futures_lite::future::block_on;
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufStream, BufWriter, DuplexStream,
    duplex, empty, join, sink,
};

#[test]
fn a_buffered_reader_shows_what_it_has_read_ahead() {
    block_on(async {
        let mut reader = BufReader::new(&b"abc"[..]);
        assert!(reader.buffer().is_empty());
        assert_eq!(*reader.get_ref(), b"abc");
        reader.read_u8().await.unwrap();
        assert_eq!(reader.buffer(), b"bc");
        assert!(reader.get_ref().is_empty(), "all was read ahead");
    });
}

#[test]
fn a_buffered_writer_shows_what_it_has_collected() {
    block_on(async {
        let mut writer = BufWriter::new(Vec::new());
        assert!(writer.buffer().is_empty());
        writer.write_all(b"later").await.unwrap();
        assert_eq!(
            (writer.buffer(), writer.get_ref().len()),
            (&b"later"[..], 0)
        );
        writer.flush().await.unwrap();
        assert_eq!(
            (writer.buffer(), &writer.get_ref()[..]),
            (&b""[..], &b"later"[..])
        );
    });
}

#[test]
fn the_pinned_stream_within_is_not_buffered() {
    block_on(async {
        let mut reader = BufReader::new(&b"abc"[..]);
        let mut stream = Pin::new(&mut reader).get_pin_mut();
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        assert_eq!(reader.read_u8().await.unwrap(), b'b');

        let mut writer = BufWriter::new(Vec::new());
        let mut stream = Pin::new(&mut writer).get_pin_mut();
        stream.write_all(b"at once").await.unwrap();
        assert_eq!(writer.get_ref(), b"at once");

        let (stream, mut peer) = duplex(64);
        let mut stream = BufStream::new(stream);
        let _: &DuplexStream = stream.get_ref();
        let mut inner = Pin::new(&mut stream).get_pin_mut();
        inner.write_all(b"x").await.unwrap();
        assert_eq!(peer.read_u8().await.unwrap(), b'x');
    });
}

#[test]
fn the_parts_of_a_chain_are_there_in_their_order() {
    block_on(async {
        let mut both = (&b"one"[..]).chain(&b"two"[..]);
        assert_eq!(both.get_ref(), (&&b"one"[..], &&b"two"[..]));
        let (_, mut second) = Pin::new(&mut both).get_pin_mut();
        assert_eq!(second.read_u8().await.unwrap(), b't');
        *both.get_mut().1 = b"three";
        both.read_exact(&mut [0; 4]).await.unwrap();
        assert_eq!(both.into_inner(), (&b""[..], &b"hree"[..]));
    });
}

#[test]
fn lines_give_the_stream_back_behind_the_last_line_that_was_read() {
    block_on(async {
        let mut lines = (&b"one\ntwo\nthree"[..]).lines();
        assert_eq!(*lines.get_ref(), b"one\ntwo\nthree");
        lines.get_mut().read_u8().await.unwrap();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("ne"));
        assert_eq!(lines.into_inner(), b"two\nthree");
    });
}

#[test]
fn what_is_read_past_a_limit_is_not_counted() {
    block_on(async {
        let mut part = (&b"abcdef"[..]).take(4);
        assert_eq!(*part.get_ref(), b"abcdef");
        let mut stream = Pin::new(&mut part).get_pin_mut();
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        assert_eq!(part.limit(), 4);
        part.read_u8().await.unwrap();
        assert_eq!(part.limit(), 3);
    });
}

#[test]
fn the_two_of_a_joined_stream_can_be_reached_one_by_one() {
    block_on(async {
        let mut stream = join(&b"in"[..], Vec::<u8>::new());
        assert!(*stream.reader() == b"in" && stream.writer().is_empty());
        *stream.reader_mut() = b"something else";
        stream.writer_mut().push(b'x');
        assert_eq!(stream.into_inner(), (&b"something else"[..], b"x".to_vec()));

        let mut stream = join(&b"in"[..], sink());
        let mut reader = Pin::new(&mut stream).reader_pin_mut();
        assert_eq!(reader.read_u8().await.unwrap(), b'i');
        let mut stream = join(empty(), Vec::new());
        let mut writer = Pin::new(&mut stream).writer_pin_mut();
        writer.write_all(b"out").await.unwrap();
        assert_eq!(stream.writer(), b"out");
    });
}
