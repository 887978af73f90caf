//! The program, from outside: what it prints, what it answers, how it ends.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The program under way. Killed when the test ends, however it ends.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    addr: SocketAddr,
}

impl Program {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", "127.0.0.1:0"]);
        Program::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let addr = line.trim_end().strip_prefix("listening on http://");
        let addr = addr.and_then(|addr| addr.parse().ok());
        let addr = addr.unwrap_or_else(|| panic!("no address in {line:?}"));
        Program {
            child,
            stdout,
            addr,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).expect("it accepts");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        stream
    }

    /// The whole answer to a request on a connection of its own.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill")
            .args([format!("-{name}"), pid])
            .status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end; what it printed to standard error comes along.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it ends");
        (status, self.rest().1)
    }

    /// What is left on standard output and standard error.
    fn rest(&mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("text");
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).expect("text");
        }
        (out, err)
    }

    /// Reads standard error up to the line that contains `what`.
    fn read_errors_until(&mut self, what: &str) -> Vec<String> {
        let stderr = self.child.stderr.as_mut().expect("a pipe");
        let mut lines = Vec::new();
        while !lines
            .last()
            .is_some_and(|line: &String| line.contains(what))
        {
            lines.push(read_line(stderr));
        }
        lines
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One line, without reading ahead.
fn read_line(from: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while from.read(&mut byte).expect("a byte") == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("text")
}

/// Starts an upload of which only a part is sent.
fn half_an_upload(program: &Program) -> TcpStream {
    let mut stream = program.connect();
    let half =
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\n";
    stream.write_all(half.as_bytes()).expect("it reads");
    // Having been told to continue, the request is certainly under way.
    let mut told = [0; 25];
    stream.read_exact(&mut told).expect("it answers");
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"half").expect("it reads");
    stream
}

#[test]
fn it_answers_what_it_promises() {
    let program = Program::start();
    let page = program.get("/");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(page.contains("\r\ncontent-type: text/html; charset=utf-8\r\n"));
    assert!(page.contains("<title>Treadle</title>"));
    for link in ["/api/data", "/api/echo", "/health"] {
        assert!(
            page.contains(&format!("\"{link}\"")),
            "the page links to {link}"
        );
    }
    for elsewhere in ["src=", "href=\"http", "url(", "@import", "<script"] {
        assert!(
            !page.contains(elsewhere),
            "the page loads something from elsewhere: {elsewhere}"
        );
    }

    let data = program.get("/api/data");
    assert!(data.contains("content-type: application/json\r\n"));
    assert!(data.contains("\"message\":\"Hello from Treadle\""));

    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    assert!(program.get("/nowhere").starts_with("HTTP/1.1 404 "));
    assert!(program.get("/health/").starts_with("HTTP/1.1 404 "));
    assert!(program.get("/health?now").starts_with("HTTP/1.1 200 "));
}

#[test]
fn it_sends_back_what_it_gets() {
    let program = Program::start();
    let answer = program.ask(
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/x-test\r\n\
         Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    );
    assert!(answer.contains("content-type: text/x-test\r\n"), "{answer}");
    assert!(answer.contains("content-length: 11\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello world"), "{answer}");
    let empty = program.ask("POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(
        empty.contains("content-type: application/octet-stream\r\n"),
        "{empty}"
    );
    assert!(empty.contains("content-length: 0\r\n"), "{empty}");
}

#[test]
fn a_wrong_method_is_told_the_right_one() {
    let program = Program::start();
    let ask = |method: &str, path: &str| {
        program.ask(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    };
    for (method, path, allow) in [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/api/data", "GET, HEAD"),
        ("PUT", "/health", "GET, HEAD"),
        ("GET", "/api/echo", "POST"),
        ("BREW", "/api/echo", "POST"),
    ] {
        let answer = ask(method, path);
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{answer}");
    }
    for path in ["/", "/api/data", "/health"] {
        let answer = ask("HEAD", path);
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
        assert!(
            !answer.contains("content-length: 0"),
            "as long as the answer to a GET"
        );
    }
}

#[test]
fn an_interrupt_or_a_termination_ends_it_with_success() {
    for signal in ["INT", "TERM"] {
        let program = Program::start();
        let mut idle = program.connect();
        idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            .expect("it reads");
        idle.read_exact(&mut [0; 100]).expect("it answers");
        program.signal(signal);
        let (status, _) = program.end();
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[test]
fn what_is_in_flight_is_finished_and_nothing_new_is_accepted() {
    let mut program = Program::start();
    let mut upload = half_an_upload(&program);
    program.signal("TERM");
    program.read_errors_until("finishing");
    // The listening socket is closed by now, or about to be.
    while TcpStream::connect(program.addr).is_ok() {}
    upload.write_all(b"half").expect("it reads on");
    let mut answer = String::new();
    upload.read_to_string(&mut answer).expect("it answers");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhalfhalf"), "{answer}");
    assert_eq!(program.end().0.code(), Some(0));
}

#[test]
fn a_peer_that_stalls_does_not_keep_it_alive() {
    let program = Program::start();
    let _stalled = half_an_upload(&program);
    let start = Instant::now();
    program.signal("TERM");
    let (status, _) = program.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second, code) in [("TERM", "TERM", 143), ("TERM", "INT", 130)] {
        let mut program = Program::start();
        let _stalled = half_an_upload(&program);
        program.signal(first);
        program.read_errors_until("finishing");
        let start = Instant::now();
        program.signal(second);
        let (status, _) = program.end();
        assert_eq!(status.code(), Some(code));
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "it did not wait for the upload"
        );
    }
}

/// Runs it with an address at which it cannot listen; gives the one line it says.
fn complaint(addr: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_server"))
        .args(["--addr", addr])
        .output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = other.local_addr().expect("an address").to_string();
    let text = complaint(&addr);
    assert!(
        text.contains(&addr) && text.contains("another program"),
        "{text}"
    );
}

#[test]
fn a_bad_address_is_one_clear_line() {
    for addr in [
        "nonsense",
        "127.0.0.1",
        "127.0.0.1:99999",
        "300.0.0.1:80",
        "",
    ] {
        let text = complaint(addr);
        assert!(
            text.contains(&format!("{addr:?}")) && text.contains("HOST:PORT"),
            "{text}"
        );
    }
    // An address of documentation (RFC 5737) is well formed and not ours.
    assert!(complaint("192.0.2.1:80").contains("192.0.2.1:80"));
}

/// Asks it what its tasks are doing, and reads the answer up to the connection's timer.
fn dump(program: &mut Program) -> Vec<String> {
    program.signal("USR1");
    let first = program.read_errors_until("server: ");
    let tasks: usize = first[0]["server: ".len()..]
        .split(' ')
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or_else(|| panic!("{first:?}"));
    // The last task is the youngest: the connection, which waits for two things.
    let last = program.read_errors_until(&format!("task {tasks}:"));
    let waits = (0..2).map(|_| program.read_errors_until("    for ").remove(0));
    let waits: Vec<_> = waits.collect();
    [first, last, waits].concat()
}

#[test]
fn asked_what_it_does_it_says_so_of_every_task_and_keeps_serving() {
    let mut program = Program::start();
    let mut kept = program.connect();
    for _ in 0..3 {
        assert!(served(&mut kept));
        let lines = dump(&mut program);
        let task = |number: u64| {
            let head = format!("task {number}: waiting; spawned ");
            let at = lines.iter().position(|line| line.starts_with(&head));
            at.unwrap_or_else(|| panic!("no task {number} in {lines:#?}"))
        };
        let (main, dumping, connection) = (task(1), task(2), task(3));
        assert_eq!(
            lines[0],
            "server: 3 tasks, 0 of them queued; 1 timer; 5 sources"
        );
        assert!(lines[main].contains(" ago at server/src/main.rs:"));
        assert!(lines[main].contains("; polled "));
        let waits = &lines[main + 1..dumping];
        let sources = ["a TCP listener", "signal 2", "signal 15"];
        assert_eq!(waits.len(), sources.len(), "{waits:?}");
        for (wait, source) in waits.iter().zip(sources) {
            let source = format!(" ({source}, made at server/src/main.rs:");
            assert!(wait.contains(&source), "{wait}");
            assert!(wait.ends_with(") to be readable"), "{wait}");
        }
        assert!(lines[connection].contains(" ago at server/src/serve.rs:"));
        let waits = lines[connection + 1..].join("\n");
        assert!(waits.contains("    for timer "), "{waits}");
        assert!(
            waits.contains("(a TCP stream, made at server/src/serve.rs:"),
            "{waits}"
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
    assert!(post(5_001).starts_with("HTTP/1.1 503 "));
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

/// Asks on this connection, and reads the answer to its last byte.
fn served(stream: &mut TcpStream) -> bool {
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\nok\n") && stream.read_exact(&mut byte).is_ok() {
        answer.push(byte[0]);
    }
    answer.starts_with(b"HTTP/1.1 200 OK\r\n")
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_it_keeps_serving_does_not_spin_and_recovers() {
    let mut command = Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_server");
    command.args([
        "-c",
        &format!("ulimit -n 20; exec '{binary}' --addr 127.0.0.1:0 --max-connections 99"),
    ]);
    let mut program = Program::run(command);
    let mut first = program.connect();
    assert!(served(&mut first));
    let mut crowd: Vec<_> = (0..30).map(|_| program.connect()).collect();
    program.read_errors_until("cannot accept");
    let before = ticks(program.child.id());
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        assert!(served(&mut first), "those who are in are served");
        std::thread::sleep(Duration::from_millis(50));
    }
    let used = ticks(program.child.id()) - before;
    assert!(
        used < 50,
        "{used} hundredths of a second of processor time in one second"
    );
    let mut last = crowd.pop().expect("thirty");
    drop(crowd);
    assert!(
        served(&mut last),
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
