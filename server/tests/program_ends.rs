//! The program, from outside: how it begins and how it ends.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use support::program::{Program, complaint, half_an_upload, is_heeded, served};

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
    program.read_errors_until("finishes the requests");
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
        program.read_errors_until("finishes the requests");
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
    for option in ["", "--inspect 127.0.0.1:0"] {
        let mut command = Command::new("sh");
        let binary = env!("CARGO_BIN_EXE_server");
        let script = format!("trap '' HUP; exec '{binary}' --addr 127.0.0.1:0 {option}");
        command.args(["-c", &script]);
        let program = Program::run(command);
        let mut client = program.connect();
        program.signal("HUP");
        for _ in 0..10 {
            assert!(served(&mut client), "it goes on");
        }
        program.signal("TERM");
        assert_eq!(program.end().0.code(), Some(0), "{option}");
    }
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

/// What it says of an address at which it cannot listen.
fn refused(addr: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", addr]);
    complaint(command)
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = other.local_addr().expect("an address").to_string();
    let text = refused(&addr);
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
        let text = refused(addr);
        assert!(
            text.contains(&format!("{addr:?}")) && text.contains("HOST:PORT"),
            "{text}"
        );
    }
    // An address of documentation (RFC 5737) is well formed and not ours.
    assert!(refused("192.0.2.1:80").contains("192.0.2.1:80"));
}
