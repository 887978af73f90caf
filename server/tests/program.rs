//! The program, from outside: what it prints, and what it does when it lacks something.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use support::program::{Program, is_healthy, is_heeded, served};

/// Memory of a process that is in the machine's memory, in bytes.
#[cfg(target_os = "linux")]
fn resident(program: &Program) -> usize {
    let path = format!("/proc/{}/status", program.child.id());
    let status = std::fs::read_to_string(path).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kilobytes
        .map(|count: usize| count * 1024)
        .expect("a number")
}

#[cfg(target_os = "linux")]
#[test]
fn a_request_whose_body_is_awaited_does_not_keep_its_head() {
    const HEAD: usize = 60_000;
    const CLIENTS: usize = 400;
    // A client costs the same however long its head was.
    let short = each_of(CLIENTS, 60);
    let long = each_of(CLIENTS, HEAD);
    let more = long.saturating_sub(short);
    assert!(
        more < HEAD / 6,
        "{more} bytes more for each of {CLIENTS} clients"
    );
}

/// Memory that one of these clients takes while its body is awaited.
#[cfg(target_os = "linux")]
fn each_of(clients: usize, padding: usize) -> usize {
    let program = Program::start();
    let padding = "x".repeat(padding);
    // The value that the answer repeats is a part of the head as well.
    let head = format!(
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-Padding: {padding}\r\n\
         Content-Type: text/x-test\r\nContent-Length: 2\r\n\r\n"
    );
    let before = resident(&program);
    let open: Vec<_> = (0..clients)
        .map(|_| {
            let mut client = program.connect();
            client.write_all(head.as_bytes()).expect("it reads");
            // Having been told to continue, the request has begun, and its body is awaited.
            client.read_exact(&mut [0; 25]).expect("it answers");
            client
        })
        .collect();
    resident(&program).saturating_sub(before) / open.len()
}

/// Asks it what its tasks are doing, and reads the answer. Where it ends is seen by the heading of
/// the next one.
fn dump(program: &mut Program) -> Vec<String> {
    program.signal("USR1");
    let heading = program.read_errors_until("server: ").pop();
    program.signal("USR1");
    let mut lines = Vec::from_iter(heading);
    lines.extend(program.read_errors_until("server: "));
    lines.pop();
    lines
}

#[test]
fn asked_what_it_does_it_says_so_of_every_task_and_keeps_serving() {
    let mut program = Program::start();
    let mut kept = program.connect();
    // What the main task waits for. Besides, there are SIGUSR1 and the connection.
    let mut sources = vec![
        ("listen", "a TCP listener"),
        ("signals", "signal 2"),
        ("signals", "signal 15"),
    ];
    if is_heeded(&"HUP") {
        sources.push(("signals", "signal 1"));
    }
    for _ in 0..3 {
        assert!(served(&mut kept));
        let lines = dump(&mut program);
        // A task's own lines: its head, and what it waits for.
        let tasks: Vec<&[String]> = lines[1..]
            .chunk_by(|_, next| next.starts_with("    for "))
            .collect();
        let of = |place: &str| {
            let place = format!(" ago at {place}:");
            let mut those = tasks.iter().filter(|task| task[0].contains(&place));
            let task = those.next();
            *task.unwrap_or_else(|| panic!("no task of {place} in {lines:#?}"))
        };
        let heading = format!("; {} sources", sources.len() + 2);
        assert!(lines[0].ends_with(&heading), "{}", lines[0]);
        for task in &tasks {
            assert!(task.len() > 1, "{task:?} tells what it waits for");
        }
        let main = of("server/src/bin/server/main.rs");
        assert!(main[0].starts_with("task 1: waiting; spawned "));
        assert!(main[0].contains("; polled "));
        assert_eq!(main.len() - 1, sources.len(), "{main:?}");
        for (file, source) in &sources {
            let source = format!(" ({source}, made at server/src/bin/server/{file}.rs:");
            let mut waits = main[1..].iter();
            let wait = waits.find(|wait| wait.contains(&source));
            let wait = wait.unwrap_or_else(|| panic!("no {source} in {main:?}"));
            assert!(wait.contains(") to be readable"), "{wait}");
        }
        of("server/src/bin/server/signals.rs");
        let connection = of("server/src/serve/accept.rs").join("\n");
        assert!(connection.contains("    for timer "), "{connection}");
        assert!(
            connection.contains("(a TCP stream, made at server/src/serve/listener.rs:"),
            "{connection}"
        );
    }
    assert!(served(&mut kept));
    program.signal("TERM");
    let (status, errors) = program.end();
    assert_eq!(status.code(), Some(0), "{errors}");
}

#[test]
fn the_bound_of_bodies_in_memory_is_an_option() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args([
        "--addr",
        "127.0.0.1:0",
        "--max-held-bodies",
        "5000",
        "--min-rate",
        "0",
    ]);
    let program = Program::run(command);
    let post = |size: usize| {
        let head = "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
        program.ask(&format!(
            "{head}Content-Length: {size}\r\n\r\n{}",
            "x".repeat(size)
        ))
    };
    assert!(post(5_000).starts_with("HTTP/1.1 200 "));
    // It would never find room.
    assert!(post(5_001).starts_with("HTTP/1.1 413 "));
    let mut first = program.connect();
    let head =
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4900\r\n\r\n";
    let body = "x".repeat(4_900);
    first
        .write_all(format!("{head}{}", &body[1..]).as_bytes())
        .expect("it reads");
    let until = Instant::now() + Duration::from_secs(20);
    while !post(4_500).starts_with("HTTP/1.1 503 ") {
        assert!(Instant::now() < until, "the other one holds no room");
    }
    first.write_all(b"x").expect("it reads");
    let mut answer = String::new();
    first.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(post(5_000).starts_with("HTTP/1.1 200 "), "room again");
}

/// Processor time that a process has used, in clock ticks (hundredths of a second).
#[cfg(target_os = "linux")]
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let after_name = stat.rsplit(')').next().expect("fields");
    let fields: Vec<_> = after_name.split_whitespace().collect();
    fields[11].parse::<u64>().expect("utime") + fields[12].parse::<u64>().expect("stime")
}

/// A stream that takes nothing more, and its other end, which is not read yet.
fn full_stream() -> (Stdio, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    let mut filler = theirs.try_clone().expect("a descriptor");
    filler.set_nonblocking(true).expect("an option");
    while filler.write(&[b'.'; 1024]).is_ok() {}
    while filler.write(b".").is_ok() {}
    filler.set_nonblocking(false).expect("an option");
    ours.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    (Stdio::from(OwnedFd::from(theirs)), ours)
}

#[test]
fn a_standard_error_that_nobody_reads_stops_neither_requests_nor_signals() {
    for signal in ["TERM", "HUP"].into_iter().filter(is_heeded) {
        let (stderr, mut reader) = full_stream();
        let mut program = Program::with_stderr(stderr);
        let mut client = program.connect();
        for _ in 0..100 {
            program.signal("USR1");
            assert!(served(&mut client), "while its dump cannot be written");
        }
        // Half a request: there is something to finish, and to say.
        client
            .write_all(b"GET /health HTTP/1.1\r\n")
            .expect("it reads");
        program.signal(signal);
        program.refuses();
        client.write_all(b"Host: x\r\n\r\n").expect("it reads");
        assert!(is_healthy(&mut client));
        assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
        let mut said = String::new();
        drop(program);
        reader.read_to_string(&mut said).expect("text");
        assert!(said.len() < 1024 * 1024, "{}", said.len());
    }
}

#[test]
fn a_dump_is_whole_when_its_reader_comes_late() {
    let (stderr, mut reader) = full_stream();
    let mut program = Program::with_stderr(stderr);
    let mut client = program.connect();
    program.signal("USR1");
    assert!(served(&mut client) && served(&mut client));
    let mut said = Vec::new();
    while !said.ends_with(b" of them queued; ") {
        let mut byte = [0];
        reader.read_exact(&mut byte).expect("a byte");
        said.push(byte[0]);
    }
    program.signal("TERM");
    assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
    drop(program);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    assert!(
        rest.contains(" ago at server/src/serve/accept.rs:"),
        "{rest}"
    );
    assert!(rest.ends_with(
        "server: finishes the requests that are under way; a second signal stops it at once\n"
    ));
}

#[test]
fn a_standard_output_that_nobody_reads_or_that_is_closed_is_no_reason_not_to_serve() {
    let (full, _reader) = full_stream();
    let (closed, reader) = full_stream();
    drop(reader);
    for stdout in [full, closed] {
        // Where it listens cannot be read from it, so the port is chosen beforehand.
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = port.local_addr().expect("an address");
        drop(port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", &addr.to_string()]);
        let data = TempDir::new().expect("a folder");
        command.env("SERVER_DATA", data.path());
        let mut child = command.stdout(stdout).spawn().expect("the program starts");
        let until = Instant::now() + Duration::from_secs(20);
        let stream = loop {
            match TcpStream::connect(addr) {
                Ok(stream) => break Some(stream),
                Err(_) if Instant::now() < until => std::thread::yield_now(),
                Err(_) => break None,
            }
        };
        let answers = stream.is_some_and(|mut stream| {
            let limit = Some(Duration::from_secs(20));
            stream.set_read_timeout(limit).is_ok() && served(&mut stream)
        });
        let _ = child.kill();
        let _ = child.wait();
        assert!(answers);
    }
}

#[test]
fn without_descriptors_idle_connections_make_room_for_newcomers() {
    let program = Program::with_few_descriptors();
    let mut clients: Vec<TcpStream> = Vec::new();
    for client in 0..30 {
        let mut stream = program.connect();
        assert!(
            served(&mut stream),
            "client {client}, while the ones before are idle"
        );
        clients.push(stream);
    }
    let mut last = clients.pop().expect("thirty");
    assert!(served(&mut last), "it is not the one that was idle longest");
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_it_keeps_serving_does_not_spin_and_recovers() {
    let mut program = Program::with_few_descriptors();
    // What follows a whole request is the first half of the next: no connection is idle.
    let next = b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x";
    let mut first = program.connect();
    first.write_all(&next[4..]).expect("it reads");
    let serve = |first: &mut TcpStream| {
        first.write_all(next).expect("it reads");
        is_healthy(first)
    };
    assert!(serve(&mut first));
    let mut streams: Vec<_> = (0..30).map(|_| program.connect()).collect();
    for stream in &mut streams {
        stream.write_all(b"GET /health HTTP/1.1\r\n").expect("room");
    }
    program.read_errors_until("cannot accept");
    let before = ticks(program.child.id());
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        assert!(serve(&mut first), "those who are in are served");
        std::thread::sleep(Duration::from_millis(50));
    }
    let used = ticks(program.child.id()) - before;
    assert!(
        used < 50,
        "{used} hundredths of a second of processor time in one second"
    );
    let mut last = streams.pop().expect("thirty");
    drop(streams);
    last.write_all(b"Host: x\r\n\r\n").expect("room");
    assert!(
        is_healthy(&mut last),
        "and those who waited are, when there is room"
    );
    program.signal("TERM");
    let (status, errors) = program.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        !errors.contains("cannot accept"),
        "it was said once: {errors}"
    );
}
