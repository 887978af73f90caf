//! The program, from outside: a full disk while it takes orders, and orders under way at its end.

#![cfg(unix)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::program::Program;
use tempfile::TempDir;

/// Orders; gives the status and the body, or nothing if the connection broke before the answer's end.
fn order(addr: SocketAddr, customer: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(addr).ok()?;
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).ok()?;
    let new = json!({"customer": customer, "product": "warp", "quantity": 1}).to_string();
    let length = new.len();
    let request = format!(
        "POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {customer}\r\nContent-Length: {length}\r\n\r\n{new}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

fn start_in(folder: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(["--addr", "127.0.0.1:0", "--data"])
        .arg(folder);
    Program::run(command)
}

#[test]
fn orders_that_were_accepted_before_the_end_are_there_at_the_next_start() {
    let folder = TempDir::new().expect("a folder");
    let mut program = start_in(folder.path());
    let addr = program.addr;
    let accepted = AtomicUsize::new(0);
    let client = |number: usize| {
        let mut ids = Vec::new();
        for round in 0.. {
            match order(addr, &format!("c{number}-{round}")) {
                Some((201, order)) => ids.push(order["id"].clone()),
                // Too many at once; try the next.
                Some((429 | 503, _)) => {}
                Some(other) => panic!("{other:?}"),
                None => break,
            }
            accepted.fetch_add(1, Ordering::Relaxed);
        }
        ids
    };
    let ids: Vec<Value> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|number| scope.spawn(move || client(number)))
            .collect();
        let until = Instant::now() + Duration::from_secs(30);
        while accepted.load(Ordering::Relaxed) < 40 {
            assert!(Instant::now() < until, "orders are accepted");
            std::thread::yield_now();
        }
        program.signal("TERM");
        assert_eq!(program.ended_within(Duration::from_secs(30)), Some(0));
        let ids = clients.into_iter().map(|it| it.join().expect("a client"));
        ids.flatten().collect()
    });
    assert!(!ids.is_empty());
    let again = start_in(folder.path());
    for id in ids {
        let answer = again.get(&format!("/orders/{id}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "order {id}: {answer}");
    }
}

/// Takes the file system away again, also if the test fails.
struct Unmount<'a>(&'a TempDir);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        // Lazily: the program may be ending still.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Fills what is left, to the last byte.
fn fill(path: &Path) {
    let mut filler = fs::File::create(path).expect("a file");
    while filler.write_all(&[1; 4096]).is_ok() {}
    while filler.write_all(&[1]).is_ok() {}
}

#[test]
fn an_order_on_a_full_disk_is_507_and_orders_are_accepted_when_there_is_room_again() {
    let folder = TempDir::new().expect("a folder");
    let mut mount = Command::new("mount");
    let mount = mount.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]);
    let output = mount.arg(folder.path()).output();
    if !output.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: this process may not mount a tmpfs, so no disk was filled");
        return;
    }
    let unmount = Unmount(&folder);
    let program = start_in(folder.path());
    let ask = |customer: &str| order(program.addr, customer).expect("an answer");
    let (status, first) = ask("before");
    assert_eq!(status, 201, "{first}");
    let filler = folder.path().join("filler");
    fill(&filler);
    // What is allocated already may take some orders still.
    let until = Instant::now() + Duration::from_secs(60);
    let mut kept = vec![first["id"].clone()];
    for round in 0.. {
        assert!(Instant::now() < until, "a full disk is noticed");
        match ask(&format!("full-{round}")) {
            (201, order) => kept.push(order["id"].clone()),
            (507, _) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    for id in &kept {
        let answer = program.get(&format!("/orders/{id}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "order {id}: {answer}");
    }
    fs::remove_file(&filler).expect("it goes");
    let (status, after) = ask("after");
    assert_eq!(status, 201, "{after}");
    drop((program, unmount));
}
