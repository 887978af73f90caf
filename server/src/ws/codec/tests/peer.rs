//! The peer is tungstenite: what it writes we read, and what we write it reads.

use std::io::{self, Read, Write};

use proptest::prelude::*;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::{self, WebSocketContext};

use super::*;
use crate::ws::CloseFrame;

/// A stream that gives its input in pieces, and keeps what is written.
#[derive(Default)]
struct Wire {
    pieces: Vec<Vec<u8>>,
    written: Vec<u8>,
}

impl Wire {
    fn new(pieces: &[&[u8]]) -> Self {
        let pieces = pieces.iter().rev().filter(|piece| !piece.is_empty());
        Wire {
            pieces: pieces.map(|piece| piece.to_vec()).collect(),
            written: Vec::new(),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.pieces.pop() else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let count = piece.len().min(buf.len());
        buf[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn peer(role: Role) -> WebSocketContext {
    let role = match role {
        Role::Client => protocol::Role::Client,
        Role::Server => protocol::Role::Server,
    };
    WebSocketContext::new(role, None)
}

fn other(role: Role) -> Role {
    match role {
        Role::Client => Role::Server,
        Role::Server => Role::Client,
    }
}

fn to_peer(message: &Message) -> tungstenite::Message {
    match message.clone() {
        Message::Text(text) => tungstenite::Message::text(text.as_str()),
        Message::Binary(data) => tungstenite::Message::Binary(data),
        Message::Ping(data) => tungstenite::Message::Ping(data),
        Message::Pong(data) => tungstenite::Message::Pong(data),
        Message::Close(frame) => {
            tungstenite::Message::Close(frame.map(|frame| protocol::CloseFrame {
                code: frame.code.into(),
                reason: frame.reason.as_str().into(),
            }))
        }
    }
}

fn from_peer(message: tungstenite::Message) -> Message {
    match message {
        tungstenite::Message::Text(text) => Message::text(text.as_str()),
        tungstenite::Message::Binary(data) => Message::Binary(data),
        tungstenite::Message::Ping(data) => Message::Ping(data),
        tungstenite::Message::Pong(data) => Message::Pong(data),
        tungstenite::Message::Close(frame) => Message::Close(frame.map(|frame| CloseFrame {
            code: frame.code.into(),
            reason: frame.reason.as_str().into(),
        })),
        tungstenite::Message::Frame(_) => unreachable!("it reads no frames"),
    }
}

fn message() -> impl Strategy<Value = Message> {
    let small = || prop::collection::vec(any::<u8>(), 0..=125);
    let large = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..300),
        1 => (65_530usize..65_540).prop_map(|length| vec![0xa5; length]),
    ];
    prop_oneof![
        3 => ".{0,40}".prop_map(Message::text),
        1 => "\\PC{0,9}".prop_map(|seed| Message::text(seed.repeat(100))),
        3 => large.prop_map(Message::binary),
        1 => small().prop_map(|data| Message::Ping(data.into())),
        1 => small().prop_map(|data| Message::Pong(data.into())),
    ]
}

fn close() -> impl Strategy<Value = Message> {
    let code = prop_oneof![1000u16..=1003, 1007u16..=1013, 3000u16..5000];
    let frame = (code, "[a-zé]{0,60}").prop_map(|(code, reason)| CloseFrame {
        code,
        reason: reason.into(),
    });
    prop::option::of(frame).prop_map(Message::Close)
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Client), Just(Role::Server)]
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![0usize..10, 10usize..1_000], 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_the_peer_writes_we_read(
        role in role(), mut messages in prop::collection::vec(message(), 0..8), last in close(), cuts in cuts(),
    ) {
        messages.push(last);
        let (mut peer, mut wire) = (peer(role), Wire::default());
        for message in &messages {
            peer.write(&mut wire, to_peer(message)).unwrap();
        }
        peer.flush(&mut wire).unwrap();
        let mut decoder = Decoder::new(rules(other(role)));
        let (read, violation) = decode_all(&mut decoder, &cut(&wire.written, &cuts));
        prop_assert_eq!(violation, None);
        // The peer leaves out an empty close frame's code, as we do.
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn what_we_write_the_peer_reads(
        role in role(), mut messages in prop::collection::vec(message(), 0..8), last in close(), cuts in cuts(),
    ) {
        messages.push(last);
        let bytes = encode_all(&mut Encoder::new(&rules(role), None), &messages);
        let (mut peer, mut wire) = (peer(other(role)), Wire::new(&cut(&bytes, &cuts)));
        let mut read = Vec::new();
        while read.len() < messages.len() {
            match peer.read(&mut wire) {
                Ok(message) => read.push(from_peer(message)),
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    prop_assert!(!wire.pieces.is_empty(), "the peer waits for more");
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn a_message_in_fragments_with_pings_between_them_is_one_message(
        role in role(), text in ".{0,60}", binary in any::<bool>(), sizes in prop::collection::vec(0usize..20, 0..6), cuts in cuts(),
    ) {
        let (mut peer, mut wire) = (peer(role), Wire::default());
        let pieces = cut(text.as_bytes(), &sizes);
        let kind = if binary { Data::Binary } else { Data::Text };
        for (n, piece) in pieces.iter().enumerate() {
            let data = if n == 0 { kind } else { Data::Continue };
            let frame = Frame::message(piece.to_vec(), OpCode::Data(data), n + 1 == pieces.len());
            peer.write(&mut wire, tungstenite::Message::Frame(frame)).unwrap();
            peer.write(&mut wire, tungstenite::Message::Ping(vec![n as u8].into())).unwrap();
        }
        peer.flush(&mut wire).unwrap();
        let mut decoder = Decoder::new(rules(other(role)));
        let (mut read, violation) = decode_all(&mut decoder, &cut(&wire.written, &cuts));
        prop_assert_eq!(violation, None);
        let whole = read.remove(pieces.len() - 1);
        let expected = if binary { Message::from(text.as_bytes()) } else { Message::text(&*text) };
        prop_assert_eq!(whole, expected);
        let pings: Vec<_> = (0..pieces.len()).map(|n| Message::Ping(vec![n as u8].into())).collect();
        prop_assert_eq!(read, pings);
    }

    #[test]
    fn what_one_of_us_compresses_the_other_reads(
        role in role(), messages in prop::collection::vec(message(), 0..8), bits in 9u8..=15, cuts in cuts(),
    ) {
        let bytes = encode_all(&mut Encoder::new(&rules(role), Some(bits)), &messages);
        let mut decoder = Decoder::new(rules(other(role)));
        let (read, violation) = decode_all(&mut decoder, &cut(&bytes, &cuts));
        prop_assert_eq!(violation, None);
        prop_assert_eq!(read, messages);
    }

    /// Where the peer refuses, so do we; it takes whole frames of text, so it may do so later.
    #[test]
    fn random_bytes_are_judged_as_the_peer_judges_them(
        role in role(), bytes in prop::collection::vec(
            prop_oneof![Just(0x81u8), Just(0x01), Just(0x80), Just(0x89), Just(0x82), 0u8..8, any::<u8>()], 0..40),
    ) {
        let plain = Rules { compression: false, ..rules(other(role)) };
        let (ours, violation) = decode_all(&mut Decoder::new(plain), &[&bytes]);
        let (mut peer, mut wire) = (peer(other(role)), Wire::new(&[&bytes]));
        let mut theirs = Vec::new();
        let refused = loop {
            match peer.read(&mut wire) {
                Ok(message) => theirs.push(from_peer(message)),
                Err(tungstenite::Error::Io(_)) => break false,
                // It reads nothing behind a close frame.
                Err(tungstenite::Error::ConnectionClosed) => return Ok(()),
                Err(_) => break true,
            }
            if matches!(theirs.last(), Some(Message::Close(_))) {
                return Ok(());
            }
        };
        if refused {
            prop_assert!(violation.is_some(), "the peer refuses {bytes:x?}, we read {ours:?}");
        }
        prop_assert_eq!(&ours[..], &theirs[..ours.len().min(theirs.len())]);
        if violation.is_none() {
            prop_assert_eq!(ours.len(), theirs.len());
        }
    }
}
