//! Buffered reading and writing: lines, delimiters, what is read ahead, what waits to be
//! written, and what is left when a future is dropped.

#[path = "support/scripted.rs"]
mod scripted;

use std::io::IoSlice;
use std::str::Utf8Error;
use std::task::Poll;

// Both the poll traits and the extension traits: no method may be on two of them in a
// way that makes a plain call ambiguous.
use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use futures_lite::future::block_on;
use proptest::prelude::*;
use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use runtime::io::{BufReader, BufStream, BufWriter, ErrorKind, duplex};
use scripted::Step::{self, Accept, Fail, Give, Later};
use scripted::{Scripted, poll_once};

fn reader(steps: impl IntoIterator<Item = Step>) -> BufReader<Scripted> {
    BufReader::with_capacity(4, Scripted::new(steps))
}

#[test]
#[should_panic(expected = "greater than zero")]
fn a_reader_without_a_buffer_is_refused() {
    BufStream::with_capacity(0, 8, Scripted::new([]));
}

#[test]
fn small_reads_are_served_from_one_large_one() {
    let mut reader = reader([Give(b"abcdef")]);
    block_on(async {
        let mut buf = [0; 3];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 3);
        assert_eq!((&buf, reader.buffer()), (b"abc", &b"d"[..]));
        assert_eq!(
            reader.read(&mut buf).await.unwrap(),
            1,
            "what is there, without waiting"
        );
        assert_eq!(reader.read(&mut buf).await.unwrap(), 2);
        assert_eq!(reader.get_ref().offered, [4, 4]);
    });
}

#[test]
fn a_read_as_large_as_the_buffer_goes_past_it() {
    let mut reader = reader([Give(b"abcdef")]);
    assert_eq!(block_on(reader.read(&mut [0; 8])).unwrap(), 6);
    assert_eq!(reader.get_ref().offered, [8]);
    assert!(reader.buffer().is_empty());
}

#[test]
fn fill_buf_lends_the_same_bytes_until_they_are_consumed() {
    let mut reader = reader([Later, Give(b"abcd"), Fail(ErrorKind::Other)]);
    block_on(async {
        assert_eq!(reader.fill_buf().await.unwrap(), b"abcd");
        reader.consume(3);
        assert_eq!(reader.fill_buf().await.unwrap(), b"d");
        reader.consume(100);
        assert_eq!(
            reader.fill_buf().await.unwrap_err().kind(),
            ErrorKind::Other
        );
        assert_eq!(reader.fill_buf().await.unwrap(), b"", "the end");
    });
}

#[test]
fn fill_buf_that_is_dropped_while_it_waits_takes_nothing() {
    let mut reader = reader([Later, Give(b"abcd")]);
    assert!(poll_once(&mut reader.fill_buf()).is_pending());
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"abcd");
}

#[test]
fn read_until_joins_pieces_and_keeps_what_follows() {
    let mut reader = reader([Give(b"abcdef"), Fail(ErrorKind::Interrupted), Give(b"g;hi")]);
    let mut buf = b"> ".to_vec();
    block_on(async {
        assert_eq!(reader.read_until(b';', &mut buf).await.unwrap(), 8);
        assert_eq!(buf, b"> abcdefg;");
        buf.clear();
        assert_eq!(reader.read_until(b';', &mut buf).await.unwrap(), 2);
        assert_eq!(buf, b"hi");
        assert_eq!(reader.read_until(b';', &mut buf).await.unwrap(), 0);
    });
}

#[test]
fn read_until_that_is_dropped_can_go_on_with_the_same_vector() {
    let mut reader = reader([Give(b"ab"), Later, Give(b"c;")]);
    let mut buf = Vec::new();
    assert!(poll_once(&mut reader.read_until(b';', &mut buf)).is_pending());
    assert_eq!(block_on(reader.read_until(b';', &mut buf)).unwrap(), 2);
    assert_eq!(buf, b"abc;");
}

#[test]
fn read_line_appends_and_joins_a_character_cut_by_the_buffer() {
    let mut reader = reader([Give("grüß Gott\nüber".as_bytes())]);
    let mut text = String::from("> ");
    block_on(async {
        assert_eq!(reader.read_line(&mut text).await.unwrap(), 12);
        assert_eq!(text, "> grüß Gott\n");
        assert_eq!(reader.read_line(&mut text).await.unwrap(), 5);
        assert_eq!(text, "> grüß Gott\nüber");
        assert_eq!(reader.read_line(&mut text).await.unwrap(), 0);
    });
}

#[test]
fn a_line_that_is_not_text_is_refused_and_the_next_one_read() {
    for capacity in [4, 64] {
        let script = Scripted::new([Give(b"12345\xff\nnext\n")]);
        let mut reader = BufReader::with_capacity(capacity, script);
        let mut text = String::from("kept ");
        block_on(async {
            let error = reader.read_line(&mut text).await.unwrap_err();
            assert_eq!((error.kind(), &text[..]), (ErrorKind::InvalidData, "kept "));
            let place = error.into_inner().unwrap().downcast::<Utf8Error>().unwrap();
            assert_eq!(place.valid_up_to(), 10, "counted with what was there");
            assert_eq!(reader.read_line(&mut text).await.unwrap(), 5);
            assert_eq!(text, "kept next\n");
        });
    }
}

#[test]
fn read_line_keeps_the_text_that_came_before_an_error() {
    let mut text = String::from("> ");
    let mut broken = reader([Give(b"half"), Fail(ErrorKind::ConnectionReset)]);
    let error = block_on(broken.read_line(&mut text)).unwrap_err();
    assert_eq!(
        (error.kind(), &text[..]),
        (ErrorKind::ConnectionReset, "> half")
    );

    let mut broken = reader([Give(b"\xff"), Fail(ErrorKind::ConnectionReset)]);
    let error = block_on(broken.read_line(&mut text)).unwrap_err();
    assert_eq!(
        (error.kind(), &text[..]),
        (ErrorKind::ConnectionReset, "> half")
    );
}

#[test]
fn read_line_that_is_dropped_leaves_the_string_alone() {
    let mut reader = reader([Give(b"ab"), Later, Give(b"c\n")]);
    let mut text = String::from("kept ");
    assert!(poll_once(&mut reader.read_line(&mut text)).is_pending());
    assert_eq!(text, "kept ");
}

#[test]
fn next_line_that_is_dropped_loses_nothing() {
    let mut lines = reader([Give(b"ab"), Later, Give(b"cd"), Later, Give(b"ef\ng")]).lines();
    assert!(poll_once(&mut Box::pin(lines.next_line())).is_pending());
    assert!(poll_once(&mut Box::pin(lines.next_line())).is_pending());
    block_on(async {
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "abcdef");
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "g");
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}

#[test]
fn lines_lose_their_ends_and_nothing_else() {
    let mut lines = (&b"a\r\n\nb\r\r\nc\rd\r"[..]).lines();
    block_on(async {
        for expected in ["a", "", "b\r", "c\rd\r"] {
            assert_eq!(lines.next_line().await.unwrap().unwrap(), expected);
        }
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}

#[test]
fn lines_go_on_after_a_line_that_is_not_text() {
    let mut lines = (&b"\xff\nfine\n"[..]).lines();
    block_on(async {
        let error = lines.next_line().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "fine");
    });
}

#[test]
fn next_segment_that_is_dropped_loses_nothing() {
    let mut segments = reader([Give(b"a,,b"), Later, Give(b"c,")]).split(b',');
    block_on(async {
        assert_eq!(segments.next_segment().await.unwrap().unwrap(), b"a");
        assert_eq!(segments.next_segment().await.unwrap().unwrap(), b"");
    });
    assert!(poll_once(&mut Box::pin(segments.next_segment())).is_pending());
    block_on(async {
        assert_eq!(segments.next_segment().await.unwrap().unwrap(), b"bc");
        assert_eq!(segments.next_segment().await.unwrap(), None);
    });
}

#[test]
fn take_and_chain_of_buffered_readers_are_buffered_readers() {
    let (first, second): (&[u8], &[u8]) = (b"on", b"e\ntwo\nthree\n");
    let mut lines = first.chain(second).take(7).lines();
    block_on(async {
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "one");
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "two");
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}

#[test]
fn writes_are_collected_until_the_next_would_not_fit() {
    let mut writer = BufWriter::with_capacity(4, Scripted::new([]));
    block_on(async {
        writer.write_all(b"ab").await.unwrap();
        writer.write_all(b"cd").await.unwrap();
        assert_eq!(
            (writer.buffer(), &writer.get_ref().written[..]),
            (&b"abcd"[..], &b""[..])
        );
        writer.write_all(b"e").await.unwrap();
        assert_eq!(
            (writer.buffer(), &writer.get_ref().written[..]),
            (&b"e"[..], &b"abcd"[..])
        );
        writer.write_all(b"past the buffer").await.unwrap();
        assert_eq!(writer.get_ref().written, b"abcdepast the buffer");
        assert!(writer.buffer().is_empty());
    });
}

#[test]
fn vectored_writes_are_collected_too() {
    let mut writer = BufWriter::with_capacity(4, Scripted::new([]));
    let parts = [IoSlice::new(b"a"), IoSlice::new(b""), IoSlice::new(b"bc")];
    block_on(async {
        assert_eq!(writer.write_vectored(&parts).await.unwrap(), 3);
        assert_eq!(writer.buffer(), b"abc");
        assert_eq!(writer.write_vectored(&parts).await.unwrap(), 3);
        assert_eq!(
            (writer.buffer(), &writer.get_ref().written[..]),
            (&b"abc"[..], &b"abc"[..])
        );
    });
}

#[test]
fn a_flush_that_is_dropped_half_way_sends_nothing_twice_and_loses_nothing() {
    let script = Scripted::new([Accept(1), Later, Fail(ErrorKind::Interrupted), Accept(1)]);
    let mut writer = BufWriter::new(script);
    block_on(writer.write_all(b"abcd")).unwrap();
    assert!(poll_once(&mut writer.flush()).is_pending());
    assert_eq!(writer.buffer(), b"bcd", "what has not been accepted");
    block_on(async {
        writer.write_all(b"ef").await.unwrap();
        writer.flush().await.unwrap();
    });
    assert_eq!(writer.get_ref().written, b"abcdef");
    assert_eq!(writer.get_ref().calls, ["flush"]);
}

#[test]
fn a_flush_that_fails_keeps_what_was_not_accepted() {
    let script = Scripted::new([Accept(1), Fail(ErrorKind::TimedOut), Accept(0)]);
    let mut writer = BufWriter::new(script);
    block_on(async {
        writer.write_all(b"abc").await.unwrap();
        assert_eq!(
            writer.flush().await.unwrap_err().kind(),
            ErrorKind::TimedOut
        );
        assert_eq!(
            writer.flush().await.unwrap_err().kind(),
            ErrorKind::WriteZero
        );
        assert_eq!(writer.buffer(), b"bc");
        writer.flush().await.unwrap();
    });
    assert_eq!(writer.into_inner().written, b"abc");
}

#[test]
fn shutdown_flushes_before_it_closes() {
    let mut writer = BufWriter::new(Scripted::new([]));
    block_on(async {
        writer.write_all(b"abc").await.unwrap();
        writer.shutdown().await.unwrap();
    });
    assert_eq!(writer.get_ref().written, b"abc");
    assert_eq!(writer.get_ref().calls, ["close"]);
}

#[test]
fn both_directions_of_a_stream_are_buffered() {
    let (here, mut there) = duplex(64);
    let mut here = BufStream::with_capacity(16, 16, here);
    block_on(async {
        here.write_all(b"question\n").await.unwrap();
        assert!(
            poll_once(&mut there.read(&mut [0; 16])).is_pending(),
            "not flushed"
        );
        here.flush().await.unwrap();
        assert_eq!(there.read(&mut [0; 16]).await.unwrap(), 9);
        there.write_all(b"answer\nmore").await.unwrap();
        let mut line = String::new();
        here.read_line(&mut line).await.unwrap();
        assert_eq!(line, "answer\n");
    });
}

/// What may be asked of a buffered reader. The number is how much room is offered, or how
/// much is consumed.
#[derive(Clone, Debug)]
enum Ask {
    Read(usize),
    FillBuf(usize),
    ReadUntil,
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        (1..12_usize).prop_map(Ask::Read),
        (0..12_usize).prop_map(Ask::FillBuf),
        Just(Ask::ReadUntil),
    ]
}

/// Polls once; a future that is not ready is dropped. These operations lose nothing by it.
async fn ask_once(reader: &mut BufReader<Scripted>, ask: &Ask, seen: &mut Vec<u8>) {
    match *ask {
        Ask::Read(room) => {
            let mut buf = vec![0; room];
            if let Poll::Ready(Ok(n)) = poll_once(&mut reader.read(&mut buf)) {
                seen.extend_from_slice(&buf[..n]);
            }
        }
        Ask::FillBuf(most) => {
            if let Poll::Ready(Ok(buf)) = poll_once(&mut reader.fill_buf()) {
                let n = buf.len().min(most);
                seen.extend_from_slice(&buf[..n]);
                reader.consume(n);
            }
        }
        Ask::ReadUntil => {
            let _ = poll_once(&mut reader.read_until(b'\n', seen));
        }
    }
}

proptest! {
    #[test]
    fn bytes_come_in_order_whatever_is_asked_and_however_often_it_is_dropped(
        capacity in 1..10_usize,
        pieces in proptest::collection::vec(scripted::piece(), 0..40),
        asks in proptest::collection::vec(ask(), 0..100),
    ) {
        let (steps, content) = scripted::given(&pieces);
        let mut reader = BufReader::with_capacity(capacity, Scripted::new(steps));
        let mut seen = Vec::new();
        block_on(async {
            for ask in &asks {
                ask_once(&mut reader, ask, &mut seen).await;
            }
            reader.read_to_end(&mut seen).await.unwrap();
        });
        prop_assert_eq!(seen, content);
    }

    #[test]
    fn bytes_go_in_order_however_much_is_accepted_and_however_often_it_is_dropped(
        capacity in 0..10_usize,
        pieces in proptest::collection::vec(scripted::piece(), 0..40),
        writes in proptest::collection::vec((0..20_usize, any::<bool>()), 0..40),
    ) {
        let script = Scripted::new(scripted::accepted(&pieces));
        let mut writer = BufWriter::with_capacity(capacity, script);
        let mut sent = Vec::new();
        for (len, flush) in writes {
            let src: Vec<u8> = (0..len).map(|n| (sent.len() + n) as u8).collect();
            if let Poll::Ready(Ok(n)) = poll_once(&mut writer.write(&src)) {
                sent.extend_from_slice(&src[..n]);
            }
            prop_assert!(writer.buffer().len() <= capacity);
            if flush {
                let _ = poll_once(&mut writer.flush());
            }
        }
        block_on(writer.flush()).unwrap();
        prop_assert_eq!(&writer.get_ref().written, &sent);
    }
}

/// A program that is generic over the poll traits and calls the extension methods.
async fn first_word<S>(stream: &mut S) -> std::io::Result<Vec<u8>>
where
    S: AsyncRead + AsyncBufRead + AsyncWrite + Unpin + ?Sized,
{
    let mut word = Vec::new();
    stream.read_until(b' ', &mut word).await?;
    stream.consume(1);
    stream.write_all(&word).await?;
    stream.flush().await?;
    Ok(word)
}

#[test]
fn extension_methods_work_on_trait_objects_and_generics_with_all_traits_in_scope() {
    let (here, mut there) = duplex(64);
    let mut here = BufStream::new(here);
    block_on(async {
        there.write_all(b"one !two").await.unwrap();
        assert_eq!(first_word(&mut here).await.unwrap(), b"one ");
        let boxed: &mut (dyn AsyncBufRead + Unpin) = &mut here;
        assert_eq!(boxed.fill_buf().await.unwrap(), b"two");
    });
}
