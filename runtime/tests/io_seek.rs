//! Going to another place in a stream, with a buffer in between.

use std::io::{self, Read, Seek, Write};

use futures_lite::io::Cursor;
use proptest::prelude::*;
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufStream, BufWriter,
    SeekFrom,
};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime::Runtime::new().unwrap().block_on(future)
}

#[test]
fn a_position_is_told_moved_and_taken_back_to_the_beginning() {
    block_on(async {
        let mut text = Cursor::new("abcdef");
        assert_eq!(text.seek(SeekFrom::End(-2)).await.unwrap(), 4);
        assert_eq!(text.stream_position().await.unwrap(), 4);
        assert_eq!(text.rewind().await.unwrap(), 0);
        let before = text.seek(SeekFrom::Current(-1)).await.unwrap_err();
        assert_eq!(before.kind(), io::ErrorKind::InvalidInput);
    });
}

#[test]
fn what_was_read_ahead_is_not_where_the_reader_is() {
    block_on(async {
        let mut reader = BufReader::with_capacity(4, Cursor::new("abcdefgh"));
        assert_eq!(reader.read_u8_().await, b'a');
        assert_eq!(reader.buffer(), b"bcd");
        assert_eq!(reader.seek(SeekFrom::Current(1)).await.unwrap(), 2);
        assert_eq!(reader.fill_buf().await.unwrap(), b"cdef");
        let too_far = reader.seek(SeekFrom::Current(i64::MIN)).await;
        assert!(too_far.is_err());
        assert_eq!(reader.fill_buf().await.unwrap(), b"cdef");
    });
}

/// One byte.
trait ReadOne {
    async fn read_u8_(&mut self) -> u8;
}

impl<R: AsyncReadExt + Unpin> ReadOne for R {
    async fn read_u8_(&mut self) -> u8 {
        let mut byte = [0];
        self.read_exact(&mut byte).await.unwrap();
        byte[0]
    }
}

#[test]
fn what_was_collected_is_written_before_the_position_moves() {
    block_on(async {
        let mut writer = BufWriter::new(Cursor::new(vec![b'.'; 8]));
        writer.write_all(b"abc").await.unwrap();
        assert_eq!(writer.seek(SeekFrom::Current(2)).await.unwrap(), 5);
        writer.write_all(b"xyz").await.unwrap();
        writer.flush().await.unwrap();
        assert_eq!(writer.get_ref().get_ref(), b"abc..xyz");

        let mut stream = BufStream::new(Cursor::new(b"abcdef".to_vec()));
        assert_eq!(stream.read_u8_().await, b'a');
        stream.seek(SeekFrom::Start(4)).await.unwrap();
        assert_eq!(stream.read_u8_().await, b'e');
    });
}

#[derive(Clone, Debug)]
enum Move {
    Read(usize),
    Seek(SeekFrom),
}

fn any_move() -> impl Strategy<Value = Move> {
    let seek = prop_oneof![
        (0..40_u64).prop_map(SeekFrom::Start),
        (-20..20_i64).prop_map(SeekFrom::Current),
        (-40..5_i64).prop_map(SeekFrom::End),
    ];
    prop_oneof![
        (0..10_usize).prop_map(Move::Read),
        seek.prop_map(Move::Seek)
    ]
}

proptest! {
    #[test]
    fn a_buffered_reader_is_where_the_plain_one_is(
        capacity in 1..12_usize,
        moves in prop::collection::vec(any_move(), 0..40),
    ) {
        let bytes: Vec<u8> = (0..32).collect();
        let mut plain = io::Cursor::new(bytes.clone());
        let mut reader = BufReader::with_capacity(capacity, Cursor::new(bytes));
        block_on(async {
            for step in moves {
                match step {
                    Move::Read(n) => {
                        let mut ours = vec![0; n];
                        let n = reader.read(&mut ours).await.unwrap();
                        let mut theirs = vec![0; n];
                        plain.read_exact(&mut theirs).unwrap();
                        assert_eq!(ours[..n], theirs);
                    }
                    Move::Seek(to) => {
                        let (ours, theirs) = (reader.seek(to).await, plain.seek(to));
                        assert_eq!(ours.ok(), theirs.ok());
                    }
                }
            }
        });
    }

    #[test]
    fn a_buffered_writer_writes_where_the_plain_one_does(
        capacity in 1..12_usize,
        moves in prop::collection::vec((0..20_u64, prop::collection::vec(any::<u8>(), 1..10)), 0..20),
    ) {
        let mut plain = io::Cursor::new(Vec::new());
        let mut writer = BufWriter::with_capacity(capacity, Cursor::new(Vec::new()));
        block_on(async {
            for (to, bytes) in moves {
                plain.seek(SeekFrom::Start(to)).unwrap();
                plain.write_all(&bytes).unwrap();
                writer.seek(SeekFrom::Start(to)).await.unwrap();
                writer.write_all(&bytes).await.unwrap();
            }
            writer.flush().await.unwrap();
        });
        prop_assert_eq!(writer.into_inner().into_inner(), plain.into_inner());
    }
}
