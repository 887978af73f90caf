//! The program, from outside: it is told to end while all kinds of requests are under way.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::program::{Program, half_an_upload, served};

/// Reads until this is there; what was read comes along.
fn read_until(stream: &mut TcpStream, what: &[u8]) -> Vec<u8> {
    let (mut read, mut byte) = (Vec::new(), [0]);
    while !read.ends_with(what) {
        let text = String::from_utf8_lossy(&read);
        assert_eq!(stream.read(&mut byte).expect("bytes"), 1, "{text}");
        read.push(byte[0]);
    }
    read
}

/// Asks again and again on kept connections, until the program lets the connection go. Returns how many
/// answers were whole. An answer that has begun must be whole.
fn asks_until_the_end(addr: SocketAddr, answered: &AtomicUsize) -> usize {
    let mut whole = 0;
    while let Ok(mut stream) = TcpStream::connect(addr) {
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("a timeout");
        loop {
            let request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
            let (mut answer, mut byte) = (Vec::new(), [0]);
            if stream.write_all(request).is_err() {
                break;
            }
            while !answer.ends_with(b"\r\n\r\nok\n") && stream.read_exact(&mut byte).is_ok() {
                answer.push(byte[0]);
            }
            if answer.is_empty() {
                break;
            }
            let text = String::from_utf8_lossy(&answer);
            assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
            assert!(text.ends_with("\r\n\r\nok\n"), "{text}");
            whole += 1;
            answered.fetch_add(1, Ordering::Relaxed);
            if text.contains("connection: close\r\n") {
                break;
            }
        }
    }
    whole
}

#[test]
fn a_signal_under_load_cuts_no_answer_of_several_clients() {
    let mut program = Program::start();
    let addr = program.addr;
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| asks_until_the_end(addr, &answered)))
            .collect();
        let until = Instant::now() + Duration::from_secs(30);
        while answered.load(Ordering::Relaxed) < 400 {
            assert!(Instant::now() < until, "the clients are served");
            std::thread::yield_now();
        }
        program.signal("TERM");
        assert_eq!(program.ended_within(Duration::from_secs(30)), Some(0));
        for client in clients {
            assert!(client.join().expect("whole answers") > 0);
        }
    });
}

#[test]
fn a_signal_ends_streams_in_their_own_way_and_finishes_an_upload() {
    let mut program = Program::start();
    let mut events = program.connect();
    events
        .write_all(b"GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
        .expect("it reads");
    let head = read_until(&mut events, b"\r\n\r\n");
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"));
    let mut socket = program.connect();
    socket
        .write_all(
            b"GET /ws/echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
              Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .expect("it reads");
    let head = read_until(&mut socket, b"\r\n\r\n");
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    let mut upload = half_an_upload(&program);

    program.signal("TERM");
    program.read_errors_until("finishes the requests");
    // A close frame (RFC 6455, section 5.5.1) with 1001: the server goes away.
    let mut frame = [0; 4];
    socket.read_exact(&mut frame).expect("a frame");
    assert_eq!((frame[0], &frame[2..]), (0x88, &1001_u16.to_be_bytes()[..]));
    // The stream of events ends as a chunked body does, so a client knows that nothing was cut.
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).expect("an end");
    assert!(
        rest.ends_with(b"0\r\n\r\n"),
        "{:?}",
        String::from_utf8_lossy(&rest)
    );
    upload.write_all(b"half").expect("it reads on");
    let mut answer = String::new();
    upload.read_to_string(&mut answer).expect("it answers");
    assert!(answer.ends_with("\r\n\r\nhalfhalf"), "{answer}");
    drop(socket);
    assert_eq!(program.end().0.code(), Some(0));
}

#[test]
fn the_port_is_free_at_once_though_connections_were_open() {
    let program = Program::start();
    let addr = program.addr;
    let mut kept = program.connect();
    assert!(served(&mut kept));
    program.signal("TERM");
    assert_eq!(program.end().0.code(), Some(0));
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", &addr.to_string()]);
    let again = Program::run_with(command, Stdio::piped());
    assert_eq!(again.addr, addr);
    assert!(again.get("/health").ends_with("\r\n\r\nok\n"));
}

#[test]
fn a_backend_that_hangs_is_a_504_and_the_proxy_goes_on() {
    let hangs = TcpListener::bind("127.0.0.1:0").expect("a port");
    let backend = hangs.local_addr().expect("an address").to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--backend", &backend]);
    command.args(["--backend-head-timeout", "0.2"]);
    let mut program = Program::run(command);
    let answer = program.get("/proxy/");
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    program.signal("TERM");
    assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
}
