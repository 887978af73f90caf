//! The program, from outside: where it listens, what it logs, and what its help says.

#![cfg(unix)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::program::{Program, complaint, served};
use tempfile::TempDir;

/// The program at a socket in the file system. Killed when the test ends, however it ends.
struct AtPath {
    child: Child,
    path: PathBuf,
}

impl AtPath {
    fn start(folder: &Path, options: &[&str]) -> Self {
        let path = folder.join("socket");
        let mut child = command(&path, folder)
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("a line");
        assert_eq!(line, format!("listening on unix:{}\n", path.display()));
        AtPath { child, path }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = UnixStream::connect(&self.path).expect("it accepts");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Ends it with a signal; gives what it said on standard error.
    fn end(mut self) -> String {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.expect("kill runs").success());
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut said).expect("text");
        said
    }
}

impl Drop for AtPath {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(path: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(["--addr", &format!("unix:{}", path.display())])
        .env("SERVER_DATA", folder.join("data"))
        .env_remove("DATABASE_URL");
    command
}

#[test]
fn it_listens_at_a_path_and_takes_its_socket_away() {
    let folder = TempDir::new().expect("a folder");
    let program = AtPath::start(folder.path(), &[]);
    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    // None of these may need the client's address.
    for path in ["/", "/items", "/orders", "/uploads", "/routes", "/metrics"] {
        assert!(program.get(path).starts_with("HTTP/1.1 200 "), "{path}");
    }
    let path = program.path.clone();
    assert!(path.exists());
    program.end();
    assert!(!path.exists());
}

#[test]
fn the_socket_of_a_dead_process_is_replaced_and_that_of_a_living_one_is_not() {
    let folder = TempDir::new().expect("a folder");
    let mut first = AtPath::start(folder.path(), &[]);
    assert!(
        complaint(command(&first.path, folder.path())).contains("another program does already")
    );
    assert!(first.get("/health").starts_with("HTTP/1.1 200 "));
    first.kill();
    assert!(first.path.exists());
    let second = AtPath::start(folder.path(), &[]);
    assert!(second.get("/health").starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_file_that_is_no_socket_of_its_own_stays() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "precious").expect("a file");
    assert!(complaint(command(&file, folder.path())).contains("no socket"));
    assert_eq!(fs::read(&file).expect("a file"), b"precious");

    // Another program took its place while it ran.
    let program = AtPath::start(folder.path(), &[]);
    let path = program.path.clone();
    fs::remove_file(&path).expect("a socket");
    let _other = UnixListener::bind(&path).expect("a free path");
    program.end();
    assert!(path.exists());
}

#[test]
fn a_path_that_cannot_be_is_one_clear_line() {
    let folder = TempDir::new().expect("a folder");
    assert!(complaint(command(Path::new(""), folder.path())).contains("unix:PATH"));
    let nowhere = folder.path().join("nowhere/socket");
    let text = complaint(command(&nowhere, folder.path()));
    assert!(text.contains(&nowhere.display().to_string()), "{text}");
}

#[test]
fn the_same_port_can_be_had_again_at_once() {
    for workers in ["1", "2"] {
        let start = |addr: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
            // As variables of the environment.
            command
                .env("SERVER_ADDR", addr)
                .env("SERVER_WORKERS", workers);
            Program::run(command)
        };
        let first = start("127.0.0.1:0");
        let addr = first.addr;
        // The server closes these first, so they linger in the kernel (TIME_WAIT).
        assert!(first.get("/health").starts_with("HTTP/1.1 200 "));
        let mut kept = first.connect();
        assert!(served(&mut kept));
        first.signal("TERM");
        assert_eq!(first.end().0.code(), Some(0));
        let second = start(&addr.to_string());
        assert_eq!(second.addr, addr);
        assert!(served(&mut second.connect()));
    }
}

/// The lines of the access log on a port, with the client's port taken out.
fn logged(form: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--log", form]);
    let mut program = Program::run(command);
    let mut kept = program.connect();
    let from = kept.local_addr().expect("an address").to_string();
    assert!(served(&mut kept) && served(&mut kept));
    let mut lines = program.read_errors_until("/health");
    lines.extend(program.read_errors_until("/health"));
    program.get("/nowhere?secret");
    lines.extend(program.read_errors_until("404"));
    assert!(!lines.concat().contains("secret"), "{lines:?}");
    let cut = |line: String| line.replace(&from, "PEER");
    lines.into_iter().map(cut).collect()
}

#[test]
fn a_line_for_each_request_as_text() {
    let lines = logged("text");
    for (line, number) in lines[..2].iter().zip(1..) {
        assert!(line.starts_with("GET /health 200 3 "), "{line}");
        assert!(line.ends_with(&format!("ms PEER 1/{number}")), "{line}");
    }
}

#[test]
fn a_line_for_each_request_as_json() {
    let lines = logged("json");
    for (line, number) in lines[..2].iter().zip(1..) {
        let entry: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(entry["method"], "GET");
        assert_eq!(entry["path"], "/health");
        assert_eq!(entry["status"], 200);
        assert_eq!(entry["bytes"], 3);
        assert_eq!(entry["peer"], "PEER");
        assert_eq!(entry["connection"], 1);
        assert_eq!(entry["request"], number);
        assert_eq!(entry["complete"], true);
    }
}

#[test]
fn at_a_path_the_log_knows_no_address() {
    let folder = TempDir::new().expect("a folder");
    let program = AtPath::start(folder.path(), &["--log", "json"]);
    program.get("/nowhere");
    let said = program.end();
    let line = said.lines().next().expect("a line");
    let entry: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(entry["peer"], serde_json::Value::Null);
    assert_eq!(entry["status"], 404);
}

#[test]
fn without_the_option_nothing_is_logged() {
    let mut program = Program::start();
    assert!(served(&mut program.connect()));
    program.signal("TERM");
    assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
    let errors = program.rest().1;
    assert!(!errors.contains("/health"), "{errors}");
}

#[test]
fn a_variable_that_is_empty_is_as_one_that_is_not_set() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0"]);
    for name in [
        "LOG",
        "BACKEND",
        "MAX_CONNECTIONS",
        "WORKERS",
        "INSPECT",
        "TIMING",
        "SHOW",
        "HEAD_TIMEOUT",
    ] {
        command.env(format!("SERVER_{name}"), "");
    }
    assert!(served(&mut Program::run(command).connect()));
}

#[test]
fn a_value_that_makes_no_sense_is_said_to_be_of_the_variable_that_has_it() {
    let said = |variable: (&str, &str), options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.env(variable.0, variable.1).args(options);
        let output = command.output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    for (variable, option) in [
        (("SERVER_WORKERS", "abc"), "--workers"),
        (("SERVER_LOG", "xml"), "--log"),
        (("SERVER_BACKEND", "nowhere"), "--backend"),
        (("SERVER_HEAD_TIMEOUT", "0"), "--head-timeout"),
        (("SERVER_TIMING", "perhaps"), "--timing"),
    ] {
        let text = said(variable, &[]);
        let from = format!("from the variable {}'", variable.0);
        assert!(text.contains(option) && text.contains(&from), "{text}");
    }
    let text = said(("SERVER_WORKERS", "2"), &["--workers=abc"]);
    assert!(
        text.contains("--workers") && !text.contains("variable"),
        "{text}"
    );
}

#[test]
fn help_fits_a_page_and_names_a_variable_for_each_option() {
    let output = Command::new(env!("CARGO_BIN_EXE_server"))
        .arg("--help")
        .output();
    let text = String::from_utf8(output.expect("the program starts").stdout).expect("text");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    for heading in ["Options", "Uploads", "Limits", "Orders", "Reverse proxy"] {
        assert!(text.contains(&format!("\n{heading}:\n")), "{heading}");
    }
    let options: Vec<_> = text.split("\n      --").skip(1).collect();
    assert!(options.len() > 30);
    for option in options {
        let name = option.split([' ', '\n']).next().expect("a name");
        assert!(option.contains("[env: "), "--{name}");
    }
}
