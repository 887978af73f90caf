//! The program `server` as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program under way. Killed when the test ends, however it ends.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) addr: SocketAddr,
    /// What it keeps, for as long as the test runs.
    pub(crate) data: TempDir,
}

impl Program {
    pub(crate) fn start() -> Self {
        Program::with_stderr(Stdio::piped())
    }

    pub(crate) fn run(command: Command) -> Self {
        Program::run_with(command, Stdio::piped())
    }

    pub(crate) fn with_stderr(stderr: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", "127.0.0.1:0"]);
        Program::run_with(command, stderr)
    }

    pub(crate) fn run_with(mut command: Command, stderr: Stdio) -> Self {
        let data = TempDir::new().expect("a folder");
        let mut child = command
            .env("SERVER_DATA", data.path())
            // A test that means a PostgreSQL names it.
            .env_remove("DATABASE_URL")
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
            data,
        }
    }

    /// With fewer descriptors than the connections that it takes. What it keeps, signals and the
    /// reactor take about 24 of them.
    pub(crate) fn with_few_descriptors() -> Self {
        let mut command = Command::new("sh");
        let binary = env!("CARGO_BIN_EXE_server");
        let script =
            format!("ulimit -n 32; exec '{binary}' --addr 127.0.0.1:0 --max-connections 99");
        command.args(["-c", &script]);
        Program::run(command)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).expect("it accepts");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        stream
    }

    /// The whole answer to a request on a connection of its own.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill")
            .args([format!("-{name}"), pid])
            .status();
        assert!(status.expect("kill runs").success());
    }

    /// Its exit code, if it ends in time.
    pub(crate) fn ended_within(&mut self, limit: Duration) -> Option<i32> {
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
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        self.ended_within(Duration::from_secs(60));
        let status = self.child.try_wait().expect("a child");
        (status.expect("it ends within a minute"), self.rest().1)
    }

    /// Waits until it takes no new connections.
    pub(crate) fn refuses(&self) {
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.addr).is_ok() {
            assert!(Instant::now() < until, "it still accepts");
        }
    }

    /// What is left on standard output and standard error.
    pub(crate) fn rest(&mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("text");
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).expect("text");
        }
        (out, err)
    }

    /// Reads standard error up to the line that contains `what`.
    ///
    /// # Panics
    ///
    /// If standard error ends without such a line.
    pub(crate) fn read_errors_until(&mut self, what: &str) -> Vec<String> {
        let stderr = self.child.stderr.as_mut().expect("a pipe");
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| line.contains(what)) {
            let line = next_line(stderr);
            let line = line.unwrap_or_else(|| panic!("no line has {what:?}: {lines:?}"));
            lines.push(line);
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

/// The one line that the program says when it cannot start. One that starts says so, and is killed.
pub(crate) fn complaint(mut command: Command) -> String {
    let data = TempDir::new().expect("a folder");
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("SERVER_DATA", data.path())
        .env_remove("DATABASE_URL")
        .spawn();
    let mut child = child.expect("the program starts");
    let mut printed = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    let read = BufReader::new(stdout).read_line(&mut printed);
    if read.expect("text") > 0 {
        child.kill().expect("it runs");
    }
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(printed, "");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// Whether the program heeds this signal: not a hangup that these tests were told to ignore (as
/// `nohup cargo test` does), for the program inherits that.
pub(crate) fn is_heeded(signal: &&str) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    *signal != "HUP" || ignored.unwrap_or(0) & 1 == 0
}

/// One line, without reading ahead; an empty one at the end.
pub(crate) fn read_line(from: &mut impl Read) -> String {
    next_line(from).unwrap_or_default()
}

/// The same; `None` at the end.
fn next_line(from: &mut impl Read) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while from.read(&mut byte).expect("a byte") == 1 {
        if byte == *b"\n" {
            return Some(String::from_utf8(line).expect("text"));
        }
        line.push(byte[0]);
    }
    (!line.is_empty()).then(|| String::from_utf8(line).expect("text"))
}

/// Starts an upload of which only a part is sent.
pub(crate) fn half_an_upload(program: &Program) -> TcpStream {
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

/// Asks on this connection, and reads the answer to its last byte.
pub(crate) fn served(stream: &mut TcpStream) -> bool {
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).expect("it reads");
    is_healthy(stream)
}

/// Reads an answer of `/health` to its last byte.
pub(crate) fn is_healthy(stream: &mut TcpStream) -> bool {
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\nok\n") && stream.read_exact(&mut byte).is_ok() {
        answer.push(byte[0]);
    }
    answer.starts_with(b"HTTP/1.1 200 OK\r\n")
}
