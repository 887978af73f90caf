//! A WebSocket over a stream in memory: what it answers by itself, how it ends, and what a
//! peer that does not read comes to.

use std::time::Duration;

use bytes::Bytes;
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::sync::CancellationToken;
use runtime::time::{Instant, timeout};
use server::Error;
use server::ws::{
    CloseFrame, Message, Violation, WebSocket, WebSocketConfig, WebSocketError, close_code,
};

const SECOND: Duration = Duration::from_secs(1);

/// A server's end, and the bare stream of its client.
fn bare(room: usize) -> (WebSocket, DuplexStream) {
    let (near, far) = duplex(room);
    (WebSocket::server(far, WebSocketConfig::default()), near)
}

fn pair(room: usize) -> (WebSocket, WebSocket) {
    let (server, near) = bare(room);
    (server, WebSocket::client(near, WebSocketConfig::default()))
}

/// A client's frame, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126);
    let head = [first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
    [&head, payload].concat()
}

fn closed(code: u16, reason: &str) -> Message {
    let reason = reason.into();
    Message::Close(Some(CloseFrame { code, reason }))
}

fn inside(error: Error) -> WebSocketError {
    let inner = error.into_inner().downcast();
    *inner.expect("errors of a WebSocket are of one type")
}

async fn next(socket: &mut WebSocket) -> Message {
    socket.recv().await.expect("not the end").expect("no error")
}

async fn last_error(socket: &mut WebSocket) -> WebSocketError {
    let error = socket.recv().await.expect("not the end");
    assert!(socket.recv().await.is_none(), "an error comes last");
    inside(error.expect_err("an error"))
}

#[runtime::test(start_paused = true)]
async fn messages_travel_both_ways_and_the_close_handshake_ends_both_sides() {
    let (mut server, mut client) = pair(1024);
    let large = Message::binary(vec![7; 100_000]);
    let echo = runtime::spawn(async move {
        while let Some(message) = server.recv().await {
            // As axum's own test does: the close frame comes back, too.
            server.send(message.unwrap()).await.unwrap();
        }
    });
    for message in [Message::text("tea"), Message::binary(b"".to_vec()), large] {
        client.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut client).await, message);
    }
    client.send(closed(4000, "enough")).await.unwrap();
    assert_eq!(next(&mut client).await, closed(4000, ""));
    assert!(client.recv().await.is_none());
    echo.await.unwrap();
    let error = client.send(Message::text("more")).await.unwrap_err();
    assert!(matches!(inside(error), WebSocketError::Closed));
}

#[runtime::test(start_paused = true)]
async fn a_ping_is_seen_and_answered_and_nothing_is_answered_after_our_close_frame() {
    let (mut server, mut client) = bare(1024);
    client.write_all(&frame(0x89, b"here?")).await.unwrap();
    assert_eq!(next(&mut server).await, Message::Ping("here?".into()));
    let mut answer = [0; 7];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"\x8a\x05here?", "without another call");

    server.send(Message::Close(None)).await.unwrap();
    client.write_all(&frame(0x89, b"still?")).await.unwrap();
    assert_eq!(next(&mut server).await, Message::Ping("still?".into()));
    client.write_all(&frame(0x88, b"")).await.unwrap();
    assert_eq!(next(&mut server).await, Message::Close(None));
    assert!(server.recv().await.is_none());
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\x88\0");
}

#[runtime::test(start_paused = true)]
async fn a_close_frame_is_answered_even_if_the_program_receives_nothing_more() {
    let (mut server, mut client) = bare(1024);
    client
        .write_all(&frame(0x88, b"\x03\xe9bye"))
        .await
        .unwrap();
    assert_eq!(next(&mut server).await, closed(1001, "bye"));
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"\x88\x02\x03\xe9");
}

#[runtime::test(start_paused = true)]
async fn a_broken_rule_is_told_with_its_code_before_the_error_is_given() {
    for (bytes, violation, code) in [
        (frame(0x83, b""), Violation::ReservedOpcode(3), 1002_u16),
        (vec![0x81, 0], Violation::NotMasked, 1002),
        (frame(0x81, b"\xff"), Violation::Utf8, 1007),
        (
            vec![0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            Violation::FrameTooLong,
            1009,
        ),
        (frame(0xc1, b""), Violation::ReservedBits, 1002),
    ] {
        let (mut server, mut client) = bare(1024);
        // What comes behind it is thrown away, so that the peer's system does not reset.
        let peer = runtime::spawn(async move {
            client.write_all(&bytes).await.unwrap();
            client.write_all(&[0xff; 5_000]).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            answer
        });
        let error = last_error(&mut server).await;
        assert!(
            matches!(error, WebSocketError::Violation(v) if v == violation),
            "{error}"
        );
        let answer = peer.await.unwrap();
        assert_eq!(
            (answer[0], &answer[2..4]),
            (0x88, &code.to_be_bytes()[..]),
            "{violation}"
        );
        assert_eq!(usize::from(answer[1]), answer.len() - 2);
    }
}

#[runtime::test(start_paused = true)]
async fn a_peer_that_goes_on_after_a_broken_rule_is_waited_for_only_so_long() {
    let (mut server, mut client) = bare(1024);
    client.write_all(&frame(0x83, b"")).await.unwrap();
    let start = Instant::now();
    let peer = runtime::spawn(async move {
        let mut sent = 0;
        while client.write_all(b"more").await.is_ok() {
            sent += 1;
            runtime::time::sleep(SECOND).await;
        }
        sent
    });
    let error = last_error(&mut server).await;
    assert!(matches!(error, WebSocketError::Violation(_)));
    assert_eq!(start.elapsed(), 5 * SECOND);
    drop(server);
    assert!(peer.await.unwrap() <= 7);
}

#[runtime::test(start_paused = true)]
async fn a_stream_that_ends_without_a_close_frame_is_an_error() {
    let (mut server, client) = bare(1024);
    drop(client);
    assert!(matches!(
        last_error(&mut server).await,
        WebSocketError::Reset
    ));
    let (mut server, mut client) = bare(1024);
    client.write_all(&frame(0x81, b"tea")[..8]).await.unwrap();
    drop(client);
    assert!(matches!(
        last_error(&mut server).await,
        WebSocketError::Reset
    ));
}

#[runtime::test(start_paused = true)]
async fn a_peer_that_does_not_answer_a_close_frame_is_waited_for_only_so_long() {
    let (mut server, _client) = bare(1024);
    server.send(Message::Close(None)).await.unwrap();
    let start = Instant::now();
    assert!(matches!(
        last_error(&mut server).await,
        WebSocketError::Timeout
    ));
    assert_eq!(start.elapsed(), 5 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn a_sender_waits_for_a_peer_that_does_not_read_and_not_for_ever() {
    let (mut server, client) = pair(1024);
    let start = Instant::now();
    let message = Message::binary(vec![0; 1_000]);
    let mut sent = 0;
    let error = loop {
        match server.send(message.clone()).await {
            Ok(()) => sent += 1,
            Err(error) => break inside(error),
        }
    };
    assert!(matches!(error, WebSocketError::Timeout), "{error}");
    assert_eq!(sent, 1, "what the stream takes");
    assert_eq!(start.elapsed(), 30 * SECOND);
    let error = server.send(message).await.unwrap_err();
    assert!(matches!(inside(error), WebSocketError::Closed));
    drop(client);
}

#[runtime::test(start_paused = true)]
async fn what_is_fed_without_a_flush_is_bounded() {
    use futures_core::Stream;
    use futures_sink::Sink;
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::{Context, Waker};

    let (mut server, mut client) = pair(16);
    let mut cx = Context::from_waker(Waker::noop());
    let mut fed = 0;
    while Pin::new(&mut server).poll_ready(&mut cx).is_ready() {
        let message = Message::binary(vec![fed as u8; 1_000]);
        Pin::new(&mut server).start_send(message).unwrap();
        fed += 1;
    }
    assert!((64..=67).contains(&fed), "64 KiB and one message: {fed}");
    let over = Pin::new(&mut server).start_send(Message::text("more"));
    assert!(matches!(inside(over.unwrap_err()), WebSocketError::Full));
    // All of it arrives, as soon as the peer reads.
    let flush = runtime::spawn(async move {
        poll_fn(|cx| Pin::new(&mut server).poll_flush(cx))
            .await
            .unwrap();
        server
    });
    for n in 0..fed {
        let message = poll_fn(|cx| Pin::new(&mut client).poll_next(cx)).await;
        assert_eq!(
            message.unwrap().unwrap(),
            Message::binary(vec![n as u8; 1_000])
        );
    }
    flush.await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_steady_reader_is_served_however_slow_and_a_trickle_is_not() {
    for (bytes, is_served) in [(300, true), (100, false)] {
        let (mut server, mut client) = bare(16);
        let peer = runtime::spawn(async move {
            let mut piece = vec![0; bytes];
            while client.read_exact(&mut piece).await.is_ok() {
                runtime::time::sleep(SECOND).await;
            }
        });
        let sent = server.send(Message::binary(vec![0; 40_000])).await;
        assert_eq!(sent.is_ok(), is_served, "{bytes} bytes a second");
        drop(server);
        peer.await.unwrap();
    }
}

#[runtime::test(start_paused = true)]
async fn a_flood_of_pings_from_a_peer_that_does_not_read_piles_up_nothing() {
    let (mut server, mut client) = bare(64);
    let peer = runtime::spawn(async move {
        for n in 0..5_000u16 {
            client
                .write_all(&frame(0x89, &n.to_be_bytes()))
                .await
                .unwrap();
        }
        client
    });
    for n in 0..5_000u16 {
        let ping = Message::Ping(Bytes::copy_from_slice(&n.to_be_bytes()));
        assert_eq!(next(&mut server).await, ping);
    }
    let mut client = peer.await.unwrap();
    let goodbye = runtime::spawn(async move { server.send(Message::Close(None)).await });
    let mut answers = vec![0; 100_000];
    let mut count = 0;
    while !answers[..count].ends_with(b"\x88\0") {
        count += client.read(&mut answers[count..]).await.unwrap();
    }
    goodbye.await.unwrap().unwrap();
    // The first ones, then the last one: 64 KiB and the stream's room at most.
    assert!(count < 20_100, "{count}");
    assert!(
        answers[..count].ends_with(b"\x8a\x02\x13\x87\x88\0"),
        "the last ping is answered"
    );
}

#[runtime::test(start_paused = true)]
async fn messages_that_came_together_are_received_one_by_one() {
    let (mut server, mut client) = bare(64 * 1024);
    let many: Vec<u8> = (0..200u8).flat_map(|n| frame(0x82, &[n])).collect();
    client.write_all(&many).await.unwrap();
    for n in 0..200u8 {
        assert_eq!(next(&mut server).await, Message::binary(vec![n]));
    }
    let waits = timeout(SECOND, server.recv()).await;
    assert!(waits.is_err(), "there are no more");
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_says_so_to_those_that_receive_and_to_those_that_send() {
    for receives in [true, false] {
        let (server, mut client) = pair(1024);
        let stop = CancellationToken::new();
        let mut server = server.with_shutdown(stop.clone());
        let handler = runtime::spawn(async move {
            if receives {
                while server.recv().await.is_some() {}
            } else {
                while server.send(Message::text("tick")).await.is_ok() {
                    runtime::time::sleep(SECOND).await;
                }
                while server.recv().await.is_some() {}
            }
        });
        runtime::time::sleep(SECOND / 2).await;
        stop.cancel();
        let mut last = next(&mut client).await;
        while last == Message::text("tick") {
            last = next(&mut client).await;
        }
        assert_eq!(last, closed(close_code::AWAY, ""));
        assert!(client.recv().await.is_none());
        handler.await.unwrap();
    }
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_still_receives_what_was_under_way_and_ends_in_time() {
    let (server, mut client) = bare(1024);
    let stop = CancellationToken::new();
    let mut server = server.with_shutdown(stop.clone());
    stop.cancel();
    client.write_all(&frame(0x81, b"late")).await.unwrap();
    assert_eq!(next(&mut server).await, Message::text("late"));
    let start = Instant::now();
    assert!(matches!(
        last_error(&mut server).await,
        WebSocketError::Timeout
    ));
    assert_eq!(start.elapsed(), 5 * SECOND);
}

#[runtime::test(start_paused = true)]
async fn a_ping_or_pong_that_is_too_long_is_not_sent_and_harms_nothing() {
    let (mut server, mut client) = pair(1024);
    for message in [
        Message::Ping(vec![0; 126].into()),
        Message::Pong(vec![0; 126].into()),
    ] {
        let error = server.send(message).await.unwrap_err();
        assert!(matches!(inside(error), WebSocketError::LongControl));
    }
    server.send(Message::text("fine")).await.unwrap();
    assert_eq!(next(&mut client).await, Message::text("fine"));
}
