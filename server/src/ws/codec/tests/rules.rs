//! One row for each rule: bytes, and what comes of them.

use super::*;

/// A frame as a server sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126);
    [&[first, payload.len() as u8], payload].concat()
}

/// The bytes as a whole, and byte by byte: the answer is the same.
fn client(bytes: &[u8]) -> (Vec<Message>, Option<Violation>) {
    read(rules(Role::Client), bytes)
}

fn read(rules: Rules, bytes: &[u8]) -> (Vec<Message>, Option<Violation>) {
    let whole = decode_all(&mut Decoder::new(rules), &[bytes]);
    let bytewise: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(decode_all(&mut Decoder::new(rules), &bytewise), whole);
    whole
}

#[test]
fn each_broken_rule_has_its_violation_and_its_code() {
    let two = |one: Vec<u8>, other: Vec<u8>| [one, other].concat();
    let table: &[(Vec<u8>, Violation, u16)] = &[
        (frame(0x91, b""), Violation::ReservedBits, 1002),
        (frame(0xa2, b""), Violation::ReservedBits, 1002),
        (frame(0xc8, b""), Violation::ReservedBits, 1002),
        (frame(0x83, b""), Violation::ReservedOpcode(3), 1002),
        (frame(0x8c, b""), Violation::ReservedOpcode(12), 1002),
        (vec![0x81, 0x80, 0, 0, 0, 0], Violation::Masked, 1002),
        (vec![0x82, 126, 0, 1, 0], Violation::Length, 1002),
        (vec![0x89, 126, 0, 126], Violation::LongControl, 1002),
        (frame(0x09, b""), Violation::FragmentedControl, 1002),
        (frame(0x80, b""), Violation::NothingToContinue, 1002),
        (frame(0x00, b""), Violation::NothingToContinue, 1002),
        (
            two(frame(0x01, b""), frame(0x81, b"")),
            Violation::Interleaved,
            1002,
        ),
        (
            two(frame(0x01, b""), frame(0x02, b"")),
            Violation::Interleaved,
            1002,
        ),
        (
            two(frame(0x41, b""), frame(0xc0, b"")),
            Violation::ReservedBits,
            1002,
        ),
        (frame(0x88, b"\x03"), Violation::CloseLength, 1002),
        (frame(0x88, b"\x03\xec"), Violation::CloseCode(1004), 1002),
        (frame(0x88, b"\x03\xe8\xc3"), Violation::Utf8, 1007),
        (frame(0x81, b"\xc3"), Violation::Utf8, 1007),
        (
            two(frame(0x01, b"\xc3"), frame(0x80, b"(")),
            Violation::Utf8,
            1007,
        ),
        (frame(0xc2, b"\xff\xff"), Violation::Compression, 1007),
        (frame(0xc2, b""), Violation::Compression, 1007),
        (
            vec![0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1],
            Violation::FrameTooLong,
            1009,
        ),
    ];
    for (bytes, violation, code) in table {
        assert_eq!(client(bytes), (vec![], Some(*violation)), "{bytes:x?}");
        assert_eq!(violation.close_code(), *code);
        assert!(!violation.to_string().is_empty());
    }
}

#[test]
fn a_server_takes_masked_frames_only_unless_told_otherwise() {
    let bare = frame(0x81, b"tea");
    let server = rules(Role::Server);
    assert_eq!(read(server, &bare), (vec![], Some(Violation::NotMasked)));
    let lenient = Rules {
        accept_unmasked: true,
        ..server
    };
    assert_eq!(read(lenient, &bare), (vec![Message::text("tea")], None));
    let masked = [
        &[0x81, 0x83, 1, 2, 3, 4][..],
        &[b't' ^ 1, b'e' ^ 2, b'a' ^ 3],
    ]
    .concat();
    assert_eq!(read(server, &masked), (vec![Message::text("tea")], None));
}

#[test]
fn control_frames_may_stand_within_a_message() {
    let bytes = [
        frame(0x01, b"one "),
        frame(0x89, b"?"),
        frame(0x00, b""),
        frame(0x8a, b""),
        frame(0x80, b"two"),
        frame(0x88, b"\x03\xe8bye"),
    ];
    let goodbye = crate::ws::CloseFrame {
        code: 1000,
        reason: "bye".into(),
    };
    let expected = vec![
        Message::Ping("?".into()),
        Message::Pong("".into()),
        Message::text("one two"),
        Message::Close(Some(goodbye)),
    ];
    assert_eq!(client(&bytes.concat()), (expected, None));
}

#[test]
fn bad_text_is_refused_before_its_frame_is_complete() {
    // The frame has 100 bytes; the third is wrong, and the rest does not come.
    let (messages, violation) = client(&[0x81, 100, b'a', 0xce, 0x28]);
    assert_eq!((messages, violation), (vec![], Some(Violation::Utf8)));
    // Beyond the last character of Unicode: the second byte says so.
    let cut_off = [0x81, 100, 0xf4, 0x90];
    assert_eq!(client(&cut_off).1, Some(Violation::Utf8));
}

#[test]
fn compression_that_was_not_negotiated_is_a_reserved_bit() {
    let plain = Rules {
        compression: false,
        ..rules(Role::Client)
    };
    assert_eq!(
        read(plain, &frame(0xc1, b"")).1,
        Some(Violation::ReservedBits)
    );
}

#[test]
fn messages_have_a_limit_however_they_come() {
    let small = Rules {
        max_message: 10,
        ..rules(Role::Client)
    };
    assert_eq!(read(small, &frame(0x82, &[0; 10])).1, None);
    assert_eq!(
        read(small, &[0x82, 11]).1,
        Some(Violation::MessageTooLong),
        "by its head alone"
    );
    let halves = [frame(0x02, &[0; 6]), vec![0x80, 5]].concat();
    assert_eq!(read(small, &halves).1, Some(Violation::MessageTooLong));
    let bomb = encode_all(
        &mut Encoder::new(&rules(Role::Server), Some(15)),
        &[Message::binary(vec![0; 100_000])],
    );
    assert!(bomb.len() < 500);
    let most = Rules {
        max_message: 99_999,
        ..rules(Role::Client)
    };
    assert_eq!(read(most, &bomb).1, Some(Violation::MessageTooLong));
    let enough = Rules {
        max_message: 100_000,
        ..most
    };
    assert_eq!(
        read(enough, &bomb),
        (vec![Message::binary(vec![0; 100_000])], None)
    );
}

#[test]
fn a_compressed_message_may_be_fragmented() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let bytes = [
        frame(0x41, &hello[..3]),
        frame(0x89, b""),
        frame(0x00, &hello[3..]),
        frame(0x80, b""),
    ];
    let expected = vec![Message::Ping("".into()), Message::text("Hello")];
    assert_eq!(client(&bytes.concat()), (expected, None));
}

#[test]
fn what_a_peer_announces_takes_no_memory_before_it_comes() {
    let mut decoder = Decoder::new(Rules {
        max_frame: usize::MAX,
        max_message: usize::MAX,
        ..rules(Role::Client)
    });
    let mut head = &[0x82, 127, 0, 0, 0x7f, 0, 0, 0, 0, 0][..];
    assert_eq!(decoder.decode(&mut head), Ok(Step::Starved));
    assert_eq!(decoder.wanted(), 0x7f00_0000_0000);
    let mut some = &[0; 100][..];
    assert_eq!(decoder.decode(&mut some), Ok(Step::More));
    assert_eq!(decoder.wanted(), 0x7f00_0000_0000 - 100);
}

#[test]
fn control_messages_that_are_too_long_are_not_sent() {
    let mut encoder = Encoder::new(&rules(Role::Server), None);
    assert!(encoder.encode(Message::Ping(vec![0; 126].into())).is_err());
    assert!(encoder.encode(Message::Pong(vec![0; 126].into())).is_err());
    assert!(encoder.encode(Message::Ping(vec![0; 125].into())).is_ok());
}
