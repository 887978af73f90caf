//! `--inspect`: the server is watched, held, stepped and let go, from outside of the process.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use runtime::trace::Recording;
use serde_json::Value;

use support::program::{Program, complaint, half_an_upload};

/// A server with its inspector.
struct Inspected {
    program: Program,
    at: SocketAddr,
    token: String,
}

fn with(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0"]).args(arguments);
    command
}

/// The whole answer of the inspector that listens there.
fn answer_of(at: SocketAddr, token: &str, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(at).expect("it accepts");
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("a timeout");
    let join = if path.contains('?') { '&' } else { '?' };
    let request = format!(
        "{method} {path}{join}token={token} HTTP/1.1\r\nHost: {at}\r\nX-Treadle-Inspect: 1\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// The body of an answer that went well.
fn body_of(answer: &str) -> String {
    let (head, mut rest) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    if !head.to_lowercase().contains("transfer-encoding: chunked") {
        return rest.to_owned();
    }
    let mut body = String::new();
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect(size);
        body.push_str(&more[..size]);
        rest = &more[(size + 2).min(more.len())..];
    }
    body
}

fn json_of(answer: &str) -> Value {
    let body = body_of(answer);
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

impl Inspected {
    fn start() -> Self {
        let mut program = Program::run(with(&["--inspect", "127.0.0.1:0"]));
        let lines = program.read_errors_until("inspect at ");
        let line = lines.last().expect("a line");
        let url = line.split("inspect at http://").nth(1).expect(line);
        let (at, token) = url.split_once("/?token=").expect(line);
        Inspected {
            program,
            at: at.parse().expect(line),
            token: token.to_owned(),
        }
    }

    /// The body of the answer to a request with all that is wanted.
    fn ask(&self, method: &str, path: &str) -> String {
        body_of(&self.answer(method, path))
    }

    /// The whole answer.
    fn answer(&self, method: &str, path: &str) -> String {
        answer_of(self.at, &self.token, method, path)
    }

    fn json(&self, method: &str, path: &str) -> Value {
        json_of(&self.answer(method, path))
    }

    /// Holds the server, and waits until it stands.
    fn hold(&self) -> Value {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let status = self.json("POST", "/pause");
            if status["standing"] == "held" {
                return status;
            }
            assert!(Instant::now() < until, "{status}");
        }
    }
}

#[test]
fn a_held_server_does_nothing_a_step_is_one_transition_and_it_goes_on() {
    let server = Inspected::start();
    let held = server.hold();
    let mut waiting = server.program.connect();
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    waiting.write_all(request).expect("the kernel takes it");
    let short = Some(Duration::from_secs(1));
    waiting.set_read_timeout(short).expect("a timeout");
    assert!(waiting.read(&mut [0]).is_err(), "no answer in a second");
    let still = server.json("POST", "/pause");
    assert_eq!(still["events"], held["events"], "no event in a second");

    let mut polls = 0;
    while polls < 3 {
        let stepped = server.json("POST", "/step");
        let events = stepped["step"].as_array().expect("a list");
        let begun = events.iter().filter(|event| event["kind"] == "PollStart");
        let begun = begun.count();
        assert!(begun <= 1, "one step polls one task at most: {stepped}");
        polls += begun;
    }
    let running = server.json("POST", "/resume");
    assert_eq!(running["standing"], "runs");
    let long = Some(Duration::from_secs(20));
    waiting.set_read_timeout(long).expect("a timeout");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).expect("it answers");
    assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
}

#[test]
fn a_server_that_was_asked_to_end_is_not_held_any_more() {
    let mut server = Inspected::start();
    let _stalled = half_an_upload(&server.program);
    server.program.signal("TERM");
    server.program.read_errors_until("finishes the requests");
    let answer = server.answer("POST", "/pause?seconds=3600");
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    // A second signal ends it at once, as ever.
    server.program.signal("TERM");
    assert_eq!(server.program.end().0.code(), Some(143));
}

#[test]
fn the_moment_after_each_event_is_the_state_of_the_recording() {
    let server = Inspected::start();
    server.program.get("/health");
    server.hold();
    let file = server.ask("GET", "/recording.jsonl");
    let recording = Recording::read_from(file.as_bytes()).expect("a recording");
    let first = recording.records()[0].seq;
    let all = recording.records().len();
    for events in (1..=all).step_by(all / 20) {
        let moment = server.json("GET", &format!("/state?at={}", first + events as u64));
        let state = recording.state_at(events);
        let shown = moment["state"]["tasks"].as_array().expect("a list");
        let shown: Vec<_> = shown
            .iter()
            .filter_map(|task| task["task"].as_u64())
            .collect();
        let tasks: Vec<_> = state.tasks.keys().copied().collect();
        assert_eq!(shown, tasks, "after {events} events");
        assert_eq!(moment["state"]["queueCount"], state.queue.len());
        assert_eq!(moment["state"]["timerCount"], state.wheel.timers.len());
        assert_eq!(moment["state"]["sourceCount"], state.sources.len());
    }
}

#[test]
fn what_led_to_a_failure_is_in_a_file() {
    let mut server = Inspected::start();
    let answer = server.program.get("/proxy/nowhere");
    assert!(answer.starts_with("HTTP/1.1 5"), "{answer}");
    let lines = server.program.read_errors_until("what led to it is in ");
    let line = lines.last().expect("a line");
    assert!(line.contains("was answered with 5"), "{line}");
    let path = line.split("is in ").nth(1).expect(line);
    let file = std::fs::File::open(path).expect(line);
    let recording = Recording::read_from(std::io::BufReader::new(file)).expect("a recording");
    let after = recording.state_at(recording.records().len());
    assert!(after.tasks.values().any(|task| task.polls > 0), "{after:?}");
}

#[test]
fn a_held_server_ends_in_good_order_when_it_is_told_to() {
    let server = Inspected::start();
    server.hold();
    server.program.signal("TERM");
    let (status, errors) = server.program.end();
    assert!(status.success(), "{errors}");
    assert!(errors.contains("finishes the requests"), "{errors}");
}

#[test]
fn what_would_be_open_to_others_or_is_not_one_process_is_refused() {
    for (arguments, why) in [
        (
            &["--inspect", "0.0.0.0:0"][..],
            "other machines could reach the page",
        ),
        (&["--inspect", "nowhere"], "give IP:PORT to --inspect"),
        (
            &["--inspect", "127.0.0.1:0", "--workers", "2"],
            "leave out --workers",
        ),
    ] {
        let said = complaint(with(arguments));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_the_option_that_chooses_another() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = other.local_addr().expect("an address").to_string();
    let said = complaint(with(&["--inspect", &taken]));
    assert!(
        said.ends_with("stop it or choose another port with --inspect\n"),
        "{said}"
    );
    drop(other);
    // Its own port, however it is written.
    let port = taken.rsplit(':').next().expect("a port");
    for addr in [
        &taken,
        &format!("0.0.0.0:{port}"),
        &format!("localhost:{port}"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", addr, "--inspect", &taken]);
        let said = complaint(command);
        assert!(
            said.contains("the server itself listens there (--addr)"),
            "{said}"
        );
    }
}

/// A recording is shown without a server: its moments, its requests, and nothing to hold.
#[test]
fn a_file_is_shown_on_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("recording.jsonl");
    let running = Inspected::start();
    running.program.get("/health");
    std::fs::write(&file, running.ask("GET", "/recording.jsonl")).expect("it is written");
    drop(running);

    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(["--inspect", "127.0.0.1:0", "--show"])
        .arg(&file);
    let mut child = Shown(
        command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts"),
    );
    let mut line = String::new();
    let said = child.0.stderr.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line).expect("a line");
    let url = line
        .trim_end()
        .split("the recording is at http://")
        .nth(1)
        .expect(&line);
    let (at, token) = url.split_once("/?token=").expect(&line);
    let at: SocketAddr = at.parse().expect(&line);

    let recording = Recording::read_from(&std::fs::read(&file).expect("it is there")[..]);
    let recording = recording.expect("a recording");
    let state = json_of(&answer_of(at, token, "GET", "/state"));
    let tasks = state["state"]["tasks"].as_array().expect("tasks").len();
    assert_eq!(tasks, recording.state_at(usize::MAX).tasks.len());
    let listed = json_of(&answer_of(at, token, "GET", "/requests?what=/health"));
    assert_eq!(listed["requests"][0]["status"], "200", "{listed}");
    let refused = answer_of(at, token, "POST", "/pause");
    assert!(
        refused.starts_with("HTTP/1.1 409") && refused.contains("This is a recording"),
        "{refused}"
    );

    let nothing = complaint(with(&["--show", "no/such/file.jsonl"]));
    assert!(
        nothing.contains("cannot show no/such/file.jsonl"),
        "{nothing}"
    );
    let empty = tempfile::tempdir().expect("a folder");
    let file = file.to_str().expect("a name");
    let empty = empty.path().to_str().expect("a name");
    let nothing = complaint(with(&["--show", file, empty]));
    assert!(nothing.contains("has no recordings"), "{nothing}");
}

/// A process that ends with the test.
struct Shown(std::process::Child);

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
