//! A process that is stopped (SIGSTOP) and goes on (SIGCONT): what has come meanwhile is heard before the clock is
//! looked at, so it is not too late.

#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use runtime::io::AsyncReadExt;
use runtime::net::TcpListener;
use runtime::runtime::Runtime;
use runtime::time::{Duration, timeout};
use rustix::process::{Pid, Signal, kill_process};

/// Set in the process that is stopped.
const CHILD: &str = "TREADLE_STOPPED_CHILD";

/// How long the child waits for its second byte. It is stopped long before.
const LIMIT: Duration = Duration::from_secs(3);

/// Waits for a byte, and then for another, with a limit.
async fn wait_for_two_bytes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nport {}", listener.local_addr().unwrap().port());
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.read_u8().await.unwrap();
    println!("\nwaits");
    match timeout(LIMIT, stream.read_u8()).await {
        Ok(byte) => println!("\nread {}", byte.unwrap()),
        Err(_) => println!("\ntoo late"),
    }
}

/// Until all threads of the process are in this state: `S`, it sleeps; `T`, it is stopped.
fn until_all_are(child: &Child, state: &str) {
    let folder = format!("/proc/{}/task", child.id());
    let is_in_state = |thread: fs::DirEntry| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default();
        after.starts_with(state)
    };
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_dir(&folder)
        .unwrap()
        .all(|it| is_in_state(it.unwrap()))
    {
        assert!(Instant::now() < until, "its threads are not all {state}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A process that ends with the test, also if it is stopped then.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_has_come_while_the_process_was_stopped_is_heard_before_timers_fire() {
    if env::var_os(CHILD).is_some() {
        return Runtime::new().unwrap().block_on(wait_for_two_bytes());
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["--nocapture", "--exact"])
        .arg("what_has_come_while_the_process_was_stopped_is_heard_before_timers_fire")
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Kept(child);
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut said = |begins: &str| {
        let mut lines = lines.by_ref().map(Result::unwrap);
        let line = lines.find(|line| line.starts_with(begins));
        line.expect("the child says it")[begins.len()..].to_owned()
    };
    let port: u16 = said("port ").parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(&[1]).unwrap();
    said("waits");
    until_all_are(&child.0, "S");
    let pid = Pid::from_child(&child.0);
    kill_process(pid, Signal::STOP).unwrap();
    until_all_are(&child.0, "T");
    stream.write_all(&[7]).unwrap();
    // Its deadline passes.
    thread::sleep(LIMIT);
    kill_process(pid, Signal::CONT).unwrap();
    assert_eq!(said("read "), "7");
    assert!(child.0.wait().unwrap().success());
}
