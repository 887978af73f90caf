//! Numbers in binary formats: each type in both orders, in pieces, and cut short.

#[path = "support/scripted.rs"]
mod scripted;

use futures_lite::future::block_on;
use proptest::prelude::*;
use runtime::io::{AsyncReadExt, AsyncWriteExt, ErrorKind};
use scripted::Scripted;
use scripted::Step::{Accept, Fail, Give, Later};

#[test]
fn the_first_byte_is_the_most_significant_unless_the_name_says_le() {
    block_on(async {
        let mut source: &[u8] = &[1, 2, 3, 4, 0xff, 0xfe, 0x80];
        assert_eq!(source.read_u16().await.unwrap(), 0x0102);
        assert_eq!(source.read_u16_le().await.unwrap(), 0x0403);
        assert_eq!(source.read_i16().await.unwrap(), -2);
        assert_eq!(source.read_i8().await.unwrap(), -128);
        let mut target = Vec::new();
        target.write_u32(0x0102_0304).await.unwrap();
        target.write_u32_le(0x0102_0304).await.unwrap();
        target.write_i8(-1).await.unwrap();
        assert_eq!(target, [1, 2, 3, 4, 4, 3, 2, 1, 0xff]);
    });
}

#[test]
fn the_bytes_of_a_number_may_come_and_go_one_by_one() {
    let steps = [
        Give(b"\x01"),
        Later,
        Fail(ErrorKind::Interrupted),
        Give(b"\x02\x03"),
        Give(b"\x04rest"),
    ];
    let mut reader = Scripted::new(steps);
    assert_eq!(block_on(reader.read_u32()).unwrap(), 0x0102_0304);
    let mut rest = Vec::new();
    block_on(reader.read_to_end(&mut rest)).unwrap();
    assert_eq!(rest, b"rest", "not a byte more was taken");

    let mut writer = Scripted::new([Accept(1), Later, Fail(ErrorKind::Interrupted), Accept(2)]);
    block_on(writer.write_u64(0x0102_0304_0506_0708)).unwrap();
    assert_eq!(writer.written, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_stream_that_ends_inside_a_number_is_an_error_that_says_how_far_it_came() {
    let error = block_on((&[1_u8, 2, 3][..]).read_u64()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert!(error.to_string().contains("3 of the 8 bytes"), "{error}");
}

#[test]
fn a_writer_that_accepts_nothing_is_an_error() {
    let mut writer = Scripted::new([Accept(2), Accept(0)]);
    let error = block_on(writer.write_u32(7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
}

/// Writes with one method and reads with the other: the same number, over the right bytes.
macro_rules! there_and_back {
    ($($type:ident: $write:ident $read:ident $to:ident;)*) => {
        proptest! {$(
            #[test]
            fn $read(number: $type) {
                let mut bytes = Vec::new();
                block_on(bytes.$write(number)).unwrap();
                prop_assert_eq!(&bytes[..], &number.$to()[..]);
                let back = block_on((&bytes[..]).$read()).unwrap();
                prop_assert_eq!(back.$to(), number.$to());
            }
        )*}
    };
}

there_and_back! {
    u8: write_u8 read_u8 to_be_bytes;
    i8: write_i8 read_i8 to_be_bytes;
    u16: write_u16 read_u16 to_be_bytes;
    i16: write_i16 read_i16 to_be_bytes;
    u32: write_u32 read_u32 to_be_bytes;
    i32: write_i32 read_i32 to_be_bytes;
    u64: write_u64 read_u64 to_be_bytes;
    i64: write_i64 read_i64 to_be_bytes;
    u128: write_u128 read_u128 to_be_bytes;
    i128: write_i128 read_i128 to_be_bytes;
    f32: write_f32 read_f32 to_be_bytes;
    f64: write_f64 read_f64 to_be_bytes;
    u16: write_u16_le read_u16_le to_le_bytes;
    i16: write_i16_le read_i16_le to_le_bytes;
    u32: write_u32_le read_u32_le to_le_bytes;
    i32: write_i32_le read_i32_le to_le_bytes;
    u64: write_u64_le read_u64_le to_le_bytes;
    i64: write_i64_le read_i64_le to_le_bytes;
    u128: write_u128_le read_u128_le to_le_bytes;
    i128: write_i128_le read_i128_le to_le_bytes;
    f32: write_f32_le read_f32_le to_le_bytes;
    f64: write_f64_le read_f64_le to_le_bytes;
}
