//! The program without a descriptor to spare, from outside: what its services say then, and whom the proxy blames.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use support::program::{Program, served};

/// A connection that is never idle: what follows a whole request is the first word of the next.
struct Busy(TcpStream);

impl Busy {
    fn new(program: &Program) -> Self {
        let mut stream = program.connect();
        stream.write_all(b"GET ").expect("room");
        Busy(stream)
    }

    /// The answer: its head, and as much of a body as the head says.
    fn get(&mut self, path: &str) -> String {
        let rest = format!("{path} HTTP/1.1\r\nHost: x\r\n\r\nGET ");
        self.0.write_all(rest.as_bytes()).expect("it reads");
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).expect("it answers");
            answer.extend_from_slice(&byte);
        }
        let head = String::from_utf8(answer).expect("text");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |it| it.parse().expect("a number"))];
        self.0.read_exact(&mut body).expect("it answers");
        head + &String::from_utf8_lossy(&body)
    }
}

/// A program with few descriptors, and connections that take them all. The last of these options counts.
fn busy(options: &str) -> (Program, Busy, Vec<Busy>) {
    let binary = env!("CARGO_BIN_EXE_server");
    let limits = "--max-connections 99 --head-timeout 60";
    let script = format!("ulimit -n 40; exec '{binary}' --addr 127.0.0.1:0 {limits} {options}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    let mut program = Program::run(command);
    let folder = program.data.path().join("uploads");
    std::fs::write(folder.join("a.txt"), "hello").expect("it is written");
    let mut first = Busy::new(&program);
    assert!(first.get("/health").starts_with("HTTP/1.1 200 OK\r\n"));
    let others = (0..40).map(|_| Busy::new(&program)).collect();
    program.read_errors_until("cannot accept");
    (program, first, others)
}

/// Asks until there is no descriptor for the answer. One may have come free a moment ago; in the pause, another client
/// gets it.
fn until_short(client: &mut Busy, path: &str) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = client.get(path);
        if !answer.starts_with("HTTP/1.1 200 OK\r\n") {
            return answer;
        }
        assert!(Instant::now() < until, "it has descriptors: {answer}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn is_for_later(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: "), "{answer}");
    for word in ["os error", "open files", "unable to open", "127.0.0.1"] {
        assert!(!answer.contains(word), "{answer}");
    }
}

#[test]
fn a_proxy_without_descriptors_blames_no_backend() {
    let behind = Program::start();
    let (addr, port) = (behind.addr, behind.addr.port());
    let (_program, mut client, others) = busy(&format!(
        "--backend {addr} --backend localhost:{port} --backend-fall 3 \
         --backend-health-interval 0.02 --backend-idle-timeout 0.001"
    ));
    is_for_later(&until_short(&mut client, "/proxy/health"));
    // Checks need a descriptor, too.
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        client.get("/proxy/health");
        let shown = client.get("/proxy");
        assert!(!shown.contains("\"healthy\":false"), "{shown}");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(others);
    let until = Instant::now() + Duration::from_secs(20);
    while !client.get("/proxy/health").ends_with("\r\n\r\nok\n") {
        assert!(Instant::now() < until, "it does not recover");
    }
}

#[test]
fn what_needs_a_descriptor_and_finds_none_says_that_it_may_be_asked_again() {
    let (_program, mut client, others) = busy("");
    for path in ["/items", "/uploads", "/uploads/a.txt"] {
        let answer = until_short(&mut client, path);
        is_for_later(&answer);
    }
    drop(others);
    for path in ["/items", "/uploads", "/uploads/a.txt"] {
        let until = Instant::now() + Duration::from_secs(20);
        while !client.get(path).starts_with("HTTP/1.1 200 OK\r\n") {
            assert!(Instant::now() < until, "{path} does not recover");
        }
    }
}

#[test]
fn a_start_without_descriptors_says_what_the_system_says_and_what_to_do() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let binary = env!("CARGO_BIN_EXE_server");
    let script = format!("ulimit -n 12; exec '{binary}' --addr 127.0.0.1:0 --data \"$0\"");
    let mut command = Command::new("sh");
    // A PostgreSQL would be connected to meanwhile, and would have the last descriptor by chance.
    command.env_remove("DATABASE_URL");
    let output = command.args(["-c", &script]).arg(folder.path()).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    let last = said.lines().last().expect("a line");
    assert!(last.starts_with("server: cannot open the "), "{said}");
    let why =
        ".sqlite: Too many open files (os error 24); let it have more: descriptors by ulimit -n";
    assert!(last.ends_with(why), "{said}");
}

#[test]
fn by_default_clients_leave_descriptors_for_backends_and_for_the_program() {
    let script = format!(
        "ulimit -n 200; exec '{}' --addr 127.0.0.1:0 --backend 127.0.0.1:1,127.0.0.1:2 \
         --backend-connections 50",
        env!("CARGO_BIN_EXE_server")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    let program = Program::run(command);
    let mut others = Vec::new();
    for _ in 0..40 {
        let mut client = program.connect();
        assert!(served(&mut client));
        others.push(client);
    }
    program.signal("TERM");
    let (_, errors) = program.end();
    // 200, less 64 for the program and 50 for each backend.
    let line = "36 connections are open, and no more are allowed";
    assert!(errors.contains(line), "{errors}");
}
