//! The program as a proxy, from outside: real sockets, and processes that die.

#![cfg(unix)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::program::Program;

/// A proxy to these backends.
fn proxy(backends: &str, options: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--backend", backends]);
    command.args(["--backend-health-interval", "0.05"]);
    command.args(options);
    Program::run_with(command, Stdio::piped())
}

/// A backend at the address of one that is gone.
fn again_at(addr: SocketAddr) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", &addr.to_string()]);
    Program::run_with(command, Stdio::null())
}

/// Looks at the backends until the text is there.
fn shows(proxy: &Program, text: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while !proxy.get("/proxy").contains(text) {
        assert!(Instant::now() < until, "no {text}: {}", proxy.get("/proxy"));
    }
}

#[test]
fn requests_and_answers_pass_through_sockets() {
    let behind = Program::start();
    let proxy = proxy(&behind.addr.to_string(), &[]);
    let answer = proxy.get("/proxy/api/data");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nvia: 1.1 treadle-"), "{answer}");
    assert!(answer.contains("Hello from Treadle"), "{answer}");
    let answer = proxy.ask(
        "POST /proxy/api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    );
    assert!(answer.ends_with("\r\n\r\nhello world"), "{answer}");
    let metrics = proxy.get("/metrics");
    let line = format!("proxy_backend_up{{backend=\"{}\"}} 1\n", behind.addr);
    assert!(metrics.contains(&line), "{metrics}");
}

#[test]
fn a_backend_that_is_killed_costs_no_get_and_comes_back() {
    let mut first = Program::start();
    let second = Program::start();
    let addr = first.addr;
    let proxy = proxy(&format!("{addr},{}", second.addr), &[]);
    let ask = || {
        let answer = proxy.get("/proxy/health");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    };
    (0..10).for_each(|_| ask());
    first.child.kill().expect("it is killed");
    first.child.wait().expect("it ends");
    (0..20).for_each(|_| ask());
    shows(&proxy, "\"healthy\":false");
    (0..10).for_each(|_| ask());
    let _again = again_at(addr);
    let until = Instant::now() + Duration::from_secs(20);
    while proxy.get("/proxy").contains("\"healthy\":false") {
        assert!(Instant::now() < until, "it stays away");
    }
    (0..10).for_each(|_| ask());
}

#[test]
fn a_request_under_way_is_finished_before_the_proxy_ends() {
    let behind = Program::start();
    let mut proxy = proxy(&behind.addr.to_string(), &[]);
    let mut upload = proxy.connect();
    let half = "POST /proxy/api/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\
                Content-Length: 8\r\n\r\n";
    upload.write_all(half.as_bytes()).expect("it reads");
    let mut told = [0; 25];
    upload.read_exact(&mut told).expect("it answers");
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    upload.write_all(b"half").expect("it reads");
    proxy.signal("TERM");
    proxy.read_errors_until("finishes the requests");
    proxy.refuses();
    upload.write_all(b"half").expect("it reads on");
    let mut answer = String::new();
    upload.read_to_string(&mut answer).expect("it answers");
    assert!(answer.ends_with("\r\n\r\nhalfhalf"), "{answer}");
    assert_eq!(proxy.end().0.code(), Some(0));
}

#[test]
fn a_backend_may_be_a_socket_in_the_file_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                if stream.read_line(&mut line).expect("a line") == 0 {
                    break;
                }
            }
            let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nunix";
            // A health check may be over by then.
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    let proxy = proxy(&format!("unix:{}", path.display()), &[]);
    let answer = proxy.get("/proxy/");
    assert!(answer.ends_with("\r\n\r\nunix"), "{answer}");
}

#[test]
fn the_client_hears_that_there_is_no_answer_and_the_log_says_where_and_why() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = closed.local_addr().expect("an address");
    drop(closed);
    let mut proxy = proxy(&addr.to_string(), &["--backend-fall", "1000000"]);
    let answer = proxy.get("/proxy/");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(
        answer.contains("The backend cannot be reached."),
        "{answer}"
    );
    assert!(!answer.contains(&addr.port().to_string()), "{answer}");
    assert!(!answer.contains("os error"), "{answer}");
    let line = format!("the backend {addr} cannot be reached: Connection refused");
    proxy.read_errors_until(&line);
}

#[test]
fn what_is_no_address_is_said_at_the_start() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--backend", "http://127.0.0.1:8000/"]);
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("give HOST:PORT"), "{said}");
}
