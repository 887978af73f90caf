//! The program with several workers: they share a port, and one process watches over them.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use support::program::{Program, complaint, half_an_upload, is_healthy, served};

fn command(workers: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--workers", workers]);
    command
}

fn two() -> Program {
    Program::run(command("2"))
}

/// The processes that the supervisor has started and not buried.
fn workers(program: &Program) -> BTreeSet<u32> {
    let pid = program.child.id();
    let path = format!("/proc/{pid}/task/{pid}/children");
    let pids = fs::read_to_string(path).expect("the kernel tells a task's children");
    let pids = pids.split_whitespace().map(str::parse);
    pids.collect::<Result<_, _>>().expect("numbers")
}

/// Whether the process runs. One that has ended and was not asked for it does not.
fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|it| it.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

fn kill(pid: u32) {
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(status.expect("kill runs").success());
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        yield_now();
    }
}

/// Whether the connection is alive and gets an answer.
fn is_served(stream: &mut TcpStream) -> bool {
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).is_ok() && is_healthy(stream)
}

/// So many uploads under way that each worker has some: that one of two has none of 20 happens once
/// in half a million times.
fn uploads(program: &Program) -> Vec<TcpStream> {
    (0..20).map(|_| half_an_upload(program)).collect()
}

fn finish(uploads: Vec<TcpStream>) {
    for mut upload in uploads {
        upload.write_all(b"half").expect("it reads on");
        let mut answer = String::new();
        upload.read_to_string(&mut answer).expect("it answers");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nhalfhalf"), "{answer}");
    }
}

#[test]
fn workers_share_a_port_and_one_that_is_killed_is_started_again() {
    let mut program = two();
    let before = workers(&program);
    assert_eq!(before.len(), 2);
    let mut clients: Vec<_> = (0..20).map(|_| program.connect()).collect();
    assert!(clients.iter_mut().all(served));

    let killed = *before.first().expect("a worker");
    kill(killed);
    let said = program.read_errors_until("started again");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("worker ") && said[0].contains("SIGKILL"));
    // Its clients are cut. Those of the other one notice nothing.
    let alive = clients.iter_mut().map(is_served);
    let alive = alive.filter(|is_alive| *is_alive).count();
    assert!(alive > 0 && alive < clients.len(), "{alive} of 20");

    wait_until("there are two again", || workers(&program).len() == 2);
    let after = workers(&program);
    assert!(!after.contains(&killed));
    assert_eq!(before.intersection(&after).count(), 1);
    for _ in 0..20 {
        assert!(served(&mut program.connect()), "the port is never closed");
    }
    program.signal("TERM");
    assert_eq!(program.end().0.code(), Some(0));
}

#[test]
fn at_a_signal_every_worker_finishes_what_is_under_way() {
    let mut program = two();
    let pids = workers(&program);
    let under_way = uploads(&program);
    program.signal("TERM");
    program.read_errors_until("finishes the requests");
    program.refuses();
    finish(under_way);
    let (status, errors) = program.end();
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
    assert!(!pids.into_iter().any(runs));
}

#[test]
fn an_interrupt_that_the_terminal_sends_to_all_counts_once() {
    let mut group = command("2");
    group.process_group(0);
    let mut program = Program::run(group);
    let under_way = uploads(&program);
    let all = format!("-{}", program.child.id());
    let status = Command::new("kill").args(["-INT", "--", &all]).status();
    assert!(status.expect("kill runs").success());
    program.read_errors_until("finishes the requests");
    program.refuses();
    finish(under_way);
    let (status, errors) = program.end();
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
}

#[test]
fn a_second_signal_ends_all_of_them_at_once() {
    let mut program = two();
    let pids = workers(&program);
    let _stalled = uploads(&program);
    program.signal("TERM");
    program.read_errors_until("finishes the requests");
    program.signal("INT");
    assert_eq!(program.end().0.code(), Some(130));
    wait_until("no worker is left", || !pids.iter().copied().any(runs));
}

#[test]
fn when_the_supervisor_is_killed_its_workers_finish_and_end() {
    let program = two();
    let pids = workers(&program);
    let under_way = uploads(&program);
    program.signal("KILL");
    program.refuses();
    finish(under_way);
    wait_until("no worker is left", || !pids.iter().copied().any(runs));
}

#[test]
fn all_workers_are_asked_what_they_do() {
    let mut program = two();
    program.signal("USR1");
    for _ in 0..2 {
        program.read_errors_until(" tasks, ");
    }
    assert!(served(&mut program.connect()));
}

#[test]
fn a_worker_that_cannot_be_started_again_ends_all() {
    let mut program = two();
    let data = program.data.path().to_owned();
    fs::remove_dir_all(&data).expect("a folder");
    fs::write(&data, "no folder").expect("a file");
    let pids = workers(&program);
    kill(*pids.first().expect("a worker"));
    let status = program.ended_within(Duration::from_secs(60));
    let errors = program.rest().1;
    fs::remove_file(&data).expect("a file");
    assert_eq!(status, Some(1), "{errors}");
    let last = errors.lines().last().expect("a reason");
    assert!(last.contains("too often"), "{errors}");
    assert!(last.contains(&data.display().to_string()), "{errors}");
    wait_until("no worker is left", || !pids.iter().copied().any(runs));
}

#[test]
fn a_reason_not_to_start_is_told_once() {
    let mut no_folder = command("3");
    no_folder.args(["--data", "/dev/null/data"]);
    assert!(complaint(no_folder).starts_with("server: cannot make the folder /dev/null/data: "));

    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = other.local_addr().expect("an address").to_string();
    let mut taken = Command::new(env!("CARGO_BIN_EXE_server"));
    taken.args(["--workers", "3", "--addr", &addr]);
    assert!(complaint(taken).contains("another program does already"));

    let mut path = Command::new(env!("CARGO_BIN_EXE_server"));
    path.args(["--workers", "2", "--addr", "unix:/nowhere/socket"]);
    assert!(complaint(path).contains("processes can share a port, but no path"));
}

#[test]
fn a_second_program_does_not_join_the_workers_of_the_first() {
    let program = two();
    for workers in ["1", "2"] {
        let mut second = Command::new(env!("CARGO_BIN_EXE_server"));
        let addr = program.addr.to_string();
        second.args(["--workers", workers, "--addr", &addr]);
        second.env("SERVER_DATA", program.data.path());
        assert!(complaint(second).contains("another program does already"));
    }
    assert!(Path::new(program.data.path()).is_dir());
    assert!(served(&mut program.connect()));
}
