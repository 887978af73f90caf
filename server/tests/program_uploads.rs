//! The program, from outside: uploads when the disk is full, and when the process is killed.

#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use support::program::{Program, served};
use support::tmpfs::Tmpfs;
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// A form with one file of so many bytes: its head, and the whole body.
fn upload(name: &str, size: usize) -> (String, Vec<u8>) {
    let field =
        format!("--b\r\ncontent-disposition: form-data; name=f; filename=\"{name}\"\r\n\r\n");
    let mut body = field.into_bytes();
    body.resize(body.len() + size, b'x');
    body.extend_from_slice(b"\r\n--b--\r\n");
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        body.len()
    );
    (head, body)
}

/// The status of the answer to an upload.
fn status(program: &Program, name: &str, size: usize) -> String {
    let mut stream = program.connect();
    let (head, body) = upload(name, size);
    stream.write_all(head.as_bytes()).expect("it reads");
    // A refusal may come before the server has read all of it.
    let _ = stream.write_all(&body);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.get(9..12).unwrap_or_default().to_owned()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.join("uploads")).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.into_string().expect("text"))
        .collect()
}

/// Sends the half of an upload, and waits until a part is in the folder.
fn half_an_upload(program: &Program, folder: &Path) -> TcpStream {
    let mut stream = program.connect();
    let (head, body) = upload("lost.txt", MIB);
    stream.write_all(head.as_bytes()).expect("it reads");
    stream.write_all(&body[..MIB / 2]).expect("it reads");
    let until = Instant::now() + Duration::from_secs(20);
    while !names(folder).iter().any(|name| name.starts_with(".part-")) {
        assert!(Instant::now() < until, "no part appears");
        std::thread::yield_now();
    }
    stream
}

/// The program with its data in this folder, through a line of the shell.
fn start_in(folder: &Path, before: &str) -> Program {
    let mut command = Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_server");
    let script = format!("{before} exec '{binary}' --addr 127.0.0.1:0 --data \"$0\"");
    command.args(["-c", &script]).arg(folder);
    Program::run(command)
}

#[test]
fn a_file_that_the_system_does_not_let_grow_is_507_and_the_server_goes_on() {
    let folder = TempDir::new().expect("a folder");
    // The shell counts in blocks of 512 bytes (POSIX) or 1024 (bash): one or two MiB.
    let program = start_in(folder.path(), "ulimit -f 2048;");
    let mut kept = program.connect();
    for _ in 0..2 {
        assert_eq!(status(&program, "large.txt", 5 * MIB), "507");
        assert_eq!(names(folder.path()), BTreeSet::new());
    }
    assert_eq!(status(&program, "small.txt", MIB / 2), "201");
    assert!(served(&mut kept));
}

#[test]
fn a_full_disk_is_507_and_leaves_nothing() {
    let Some(folder) = Tmpfs::mount("4m") else {
        return;
    };
    let mut program = start_in(folder.path(), "");
    for _ in 0..2 {
        assert_eq!(status(&program, "large.txt", 6 * MIB), "507");
        assert_eq!(names(folder.path()), BTreeSet::new());
    }
    let lines = program.read_errors_until("uploads: No space left on device");
    let line = lines.last().expect("a line");
    assert!(line.starts_with("server: uploads: /"), "{line}");
    assert_eq!(status(&program, "small.txt", MIB / 2), "201");
    assert_eq!(names(folder.path()), ["small.txt".to_owned()].into());
    drop(program);
}

#[test]
fn a_kill_leaves_whole_files_and_the_next_start_removes_the_rest() {
    let folder = TempDir::new().expect("a folder");
    let mut program = start_in(folder.path(), "");
    assert_eq!(status(&program, "whole.txt", 1000), "201");
    let _half = half_an_upload(&program, folder.path());
    program.child.kill().expect("a child");
    program.child.wait().expect("a child");
    assert_eq!(names(folder.path()).len(), 2, "the part is still there");
    let program = start_in(folder.path(), "");
    assert_eq!(names(folder.path()), ["whole.txt".to_owned()].into());
    assert!(
        program
            .get("/uploads/whole.txt")
            .starts_with("HTTP/1.1 200 ")
    );
}

#[test]
fn an_upload_under_way_is_finished_before_the_program_ends() {
    let folder = TempDir::new().expect("a folder");
    let mut program = start_in(folder.path(), "");
    let mut stream = half_an_upload(&program, folder.path());
    program.signal("TERM");
    program.refuses();
    let (_, body) = upload("lost.txt", MIB);
    stream.write_all(&body[MIB / 2..]).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
    assert_eq!(names(folder.path()), ["lost.txt".to_owned()].into());
}
