//! The program, from outside: what it prints, what it answers, how it ends.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
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
        Program::with_stderr(Stdio::piped())
    }

    fn run(command: Command) -> Self {
        Program::run_with(command, Stdio::piped())
    }

    fn with_stderr(stderr: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", "127.0.0.1:0"]);
        Program::run_with(command, stderr)
    }

    fn run_with(mut command: Command, stderr: Stdio) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(stderr)
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

    /// With fewer descriptors than the connections that it takes.
    fn with_few_descriptors() -> Self {
        let mut command = Command::new("sh");
        let binary = env!("CARGO_BIN_EXE_server");
        let script =
            format!("ulimit -n 20; exec '{binary}' --addr 127.0.0.1:0 --max-connections 99");
        command.args(["-c", &script]);
        Program::run(command)
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

    /// Its exit code, if it ends in time.
    fn ended_within(&mut self, limit: Duration) -> Option<i32> {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::yield_now();
        }
        None
    }

    /// Waits for its end; what it printed to standard error comes along.
    fn end(mut self) -> (ExitStatus, String) {
        self.ended_within(Duration::from_secs(60));
        let status = self.child.try_wait().expect("a child");
        (status.expect("it ends within a minute"), self.rest().1)
    }

    /// Waits until it takes no new connections.
    fn refuses(&self) {
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.addr).is_ok() {
            assert!(Instant::now() < until, "it still accepts");
        }
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

/// Whether the program heeds this signal: not a hangup that these tests were told to ignore (as
/// `nohup cargo test` does), for the program inherits that.
fn is_heeded(signal: &&str) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    *signal != "HUP" || ignored.unwrap_or(0) & 1 == 0
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
fn text_that_a_form_sends_comes_back_as_the_text_that_it_was() {
    let program = Program::start();
    let echo = |kind: &str, body: &str| {
        let length = body.len();
        program.ask(&format!(
            "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    };
    let answer = echo("text/plain", "text=Schu\u{df} \u{2013} \u{7e54}\r\n");
    assert!(
        answer.contains("content-type: text/plain; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("\r\n\r\ntext=Schu\u{df} \u{2013} \u{7e54}\r\n"),
        "{answer}"
    );
    for said in [
        "text/plain; charset=iso-8859-1",
        "text/html",
        "application/json",
    ] {
        let answer = echo(said, "x");
        assert!(
            answer.contains(&format!("content-type: {said}\r\n")),
            "{answer}"
        );
    }
}

#[test]
fn the_page_names_the_address_that_it_was_asked_at_and_repeats_nothing_else() {
    let program = Program::start();
    let ask = |head: &str| program.ask(&format!("GET / {head}Connection: close\r\n\r\n"));
    let addr = program.addr.to_string();
    assert!(ask(&format!("HTTP/1.1\r\nHost: {addr}\r\n")).contains(&format!("'http://{addr}/")));
    for hostile in ["x'$(reboot)", "x;reboot", "&lt;script"] {
        let page = ask(&format!("HTTP/1.1\r\nHost: {hostile}\r\n"));
        assert!(page.starts_with("HTTP/1.1 "), "{page}");
        assert!(!page.contains("reboot") && !page.contains("&lt;"), "{page}");
    }
    assert!(ask("HTTP/1.0\r\n").contains("'http://127.0.0.1:3000/"));
}

#[test]
fn a_browser_that_asks_for_an_icon_gets_one() {
    let program = Program::start();
    let head = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = program.ask(&format!("HEAD /favicon.ico {head}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(
        answer.contains("content-type: image/x-icon\r\n"),
        "{answer}"
    );
}

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
    let program = Program::start();
    let padding = "x".repeat(HEAD);
    // The value that the answer repeats is a part of the head as well.
    let head = format!(
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-Padding: {padding}\r\n\
         Content-Type: text/x-test\r\nContent-Length: 2\r\n\r\n"
    );
    let before = resident(&program);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let mut client = program.connect();
            client.write_all(head.as_bytes()).expect("it reads");
            // Having been told to continue, the request has begun, and its body is awaited.
            client.read_exact(&mut [0; 25]).expect("it answers");
            client
        })
        .collect();
    let each = resident(&program).saturating_sub(before) / CLIENTS;
    assert!(
        each < HEAD / 6,
        "{each} bytes for each of {} clients",
        clients.len()
    );
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
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/api/data", "GET, HEAD, OPTIONS"),
        ("PUT", "/health", "GET, HEAD, OPTIONS"),
        ("GET", "/api/echo", "POST, OPTIONS"),
        ("PROPFIND", "/api/echo", "POST, OPTIONS"),
    ] {
        let answer = ask(method, path);
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{answer}");
    }
    for (path, allow) in [
        ("*", "GET, HEAD, POST, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/api/echo", "POST, OPTIONS"),
    ] {
        let answer = ask("OPTIONS", path);
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{answer}");
    }
    let answer = ask("BREW", "/api/echo");
    assert!(answer.starts_with("HTTP/1.1 501 "), "{answer}");
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
    for signal in ["INT", "TERM", "HUP"].into_iter().filter(is_heeded) {
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
    program.refuses();
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
    for (first, second, code) in [
        ("TERM", "TERM", 143),
        ("TERM", "INT", 130),
        ("HUP", "HUP", 129),
    ]
    .into_iter()
    .filter(|(first, ..)| is_heeded(first))
    {
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

#[cfg(target_os = "linux")]
#[test]
fn a_hangup_that_was_ignored_stays_ignored() {
    let mut command = Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_server");
    let script = format!("trap '' HUP; exec '{binary}' --addr 127.0.0.1:0");
    command.args(["-c", &script]);
    let program = Program::run(command);
    let mut client = program.connect();
    program.signal("HUP");
    for _ in 0..10 {
        assert!(served(&mut client), "it goes on");
    }
    program.signal("TERM");
    assert_eq!(program.end().0.code(), Some(0));
}

#[test]
fn help_names_the_signals_and_the_options() {
    let output = Command::new(env!("CARGO_BIN_EXE_server"))
        .arg("--help")
        .output();
    let text = String::from_utf8(output.expect("the program starts").stdout).expect("text");
    for name in [
        "SIGTERM",
        "SIGINT",
        "SIGHUP",
        "SIGUSR1",
        "--backlog",
        "[default: 4096]",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

/// How many of `wanted` connections the kernel takes while the server accepts none: it is
/// allowed one, which is busy.
#[cfg(target_os = "linux")]
fn queued(options: &[&str], wanted: usize, patience: Duration) -> usize {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--max-connections", "1"]);
    command.args(options);
    let program = Program::run(command);
    let _busy = half_an_upload(&program);
    let connect = |_| TcpStream::connect_timeout(&program.addr, patience).ok();
    let clients: Vec<_> = (0..wanted).map_while(connect).collect();
    clients.len()
}

#[cfg(target_os = "linux")]
#[test]
fn a_burst_of_clients_waits_in_the_kernels_queue_which_has_a_length() {
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("a setting");
    let most: usize = most.trim().parse().expect("a number");
    let wanted = most.min(300);
    assert_eq!(queued(&[], wanted, Duration::from_secs(20)), wanted);
    let few = queued(&["--backlog", "5"], 20, Duration::from_millis(100));
    assert!(few < 20, "{few} of 20 with room for five");
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
            "server: 3 tasks, 0 of them queued; 1 timer; 6 sources"
        );
        assert!(lines[main].contains(" ago at server/src/main.rs:"));
        assert!(lines[main].contains("; polled "));
        let waits = &lines[main + 1..dumping];
        let sources = ["a TCP listener", "signal 2", "signal 15", "signal 1"];
        assert_eq!(waits.len(), sources.len(), "{waits:?}");
        for (wait, source) in waits.iter().zip(sources) {
            let source = format!(" ({source}, made at server/src/main.rs:");
            assert!(wait.contains(&source), "{wait}");
            assert!(wait.ends_with(") to be readable"), "{wait}");
        }
        assert!(lines[connection].contains(" ago at server/src/serve/accept.rs:"));
        let waits = lines[connection + 1..].join("\n");
        assert!(waits.contains("    for timer "), "{waits}");
        assert!(
            waits.contains("(a TCP stream, made at server/src/serve/accept.rs:"),
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
    is_healthy(stream)
}

/// Reads an answer of `/health` to its last byte.
fn is_healthy(stream: &mut TcpStream) -> bool {
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\nok\n") && stream.read_exact(&mut byte).is_ok() {
        answer.push(byte[0]);
    }
    answer.starts_with(b"HTTP/1.1 200 OK\r\n")
}

/// A stream that takes nothing more, and its other end, which nobody reads yet.
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
    while !said.ends_with(b" tasks, 0 of them queued; ") {
        let mut byte = [0];
        reader.read_exact(&mut byte).expect("a byte");
        said.push(byte[0]);
    }
    program.signal("TERM");
    assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
    drop(program);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    assert!(rest.contains("task 3: "), "{rest}");
    assert!(rest.ends_with("server: finishing; once more to stop at once\n"));
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
    // What follows a whole request is the first half of the next: nobody here is idle.
    let next = b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x";
    let mut first = program.connect();
    first.write_all(&next[4..]).expect("it reads");
    let serve = |first: &mut TcpStream| {
        first.write_all(next).expect("it reads");
        is_healthy(first)
    };
    assert!(serve(&mut first));
    let mut crowd: Vec<_> = (0..30).map(|_| program.connect()).collect();
    for stream in &mut crowd {
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
    let mut last = crowd.pop().expect("thirty");
    drop(crowd);
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
