//! The program, from outside: a full disk while it takes orders, and orders under way at its end.

#![cfg(unix)]

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::orders::post_order;
use support::program::Program;
use support::tmpfs::Tmpfs;
use tempfile::TempDir;

fn start_in(folder: &Path, more: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(["--addr", "127.0.0.1:0", "--data"])
        .arg(folder)
        .args(more);
    Program::run(command)
}

#[test]
fn orders_that_were_accepted_before_the_end_are_there_at_the_next_start() {
    let folder = TempDir::new().expect("a folder");
    let mut program = start_in(folder.path(), &[]);
    let addr = program.addr;
    let accepted = AtomicUsize::new(0);
    let client = |number: usize| {
        let mut ids = Vec::new();
        for round in 0.. {
            match post_order(addr, &format!("c{number}-{round}"), 1) {
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
    let again = start_in(folder.path(), &[]);
    for id in ids {
        let answer = again.get(&format!("/orders/{id}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "order {id}: {answer}");
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
    let Some(folder) = Tmpfs::mount("8m") else {
        return;
    };
    // No worker finds the full disk before the request does.
    let mut program = start_in(folder.path(), &["--order-workers", "0"]);
    let addr = program.addr;
    let ask = |customer: &str| post_order(addr, customer, 1).expect("an answer");
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
    let said = program.read_errors_until("server: orders: there is no room on the disk: ");
    assert!(said.concat().contains("orders.sqlite"), "{said:?}");
    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    for id in &kept {
        let answer = program.get(&format!("/orders/{id}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "order {id}: {answer}");
    }
    fs::remove_file(&filler).expect("it goes");
    let (status, after) = ask("after");
    assert_eq!(status, 201, "{after}");
    drop(program);
}
