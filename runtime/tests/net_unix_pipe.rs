//! Pipes: bytes one way, ends that go away, and what is no pipe.
#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;

use std::io::{ErrorKind, Read};
use std::process::{Command, Stdio};

use dir::Dir;
use machine::{drop_when_woken, run};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::unix::pipe::{OpenOptions, Receiver, Sender, pipe};
use runtime::spawn;
use runtime::task::yield_now;

#[test]
fn bytes_go_one_way_and_the_end_is_the_drop_of_the_sender() {
    run(async {
        let (mut sender, mut receiver) = pipe().unwrap();
        let total = 500_000;
        let writer = spawn(async move { sender.write_all(&vec![3; total]).await });
        let mut all = Vec::new();
        receiver.read_to_end(&mut all).await.unwrap();
        writer.await.unwrap().unwrap();
        assert!(all == vec![3; total]);
    });
}

#[test]
fn a_receiver_that_goes_away_wakes_who_writes() {
    run(async {
        let (mut sender, receiver) = pipe().unwrap();
        let writer = spawn(async move { sender.write_all(&vec![0; 500_000]).await });
        yield_now().await;
        assert!(!writer.is_finished());
        drop(receiver);
        let error = writer.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_read_that_was_woken_and_given_up_leaves_the_bytes_to_the_next() {
    run(async {
        let (mut sender, mut receiver) = pipe().unwrap();
        let error = receiver.try_read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let writer = spawn(async move {
            yield_now().await;
            sender.write_all(b"x").await.unwrap();
            sender
        });
        drop_when_woken(receiver.readable()).await;
        let _sender = writer.await.unwrap();
        assert_eq!(receiver.read(&mut [0; 8]).await.unwrap(), 1);
    });
}

#[test]
fn a_child_process_writes_into_it() {
    run(async {
        let (sender, mut receiver) = pipe().unwrap();
        let mut child = Command::new("echo")
            .arg("hello")
            .stdin(Stdio::null())
            .stdout(sender.into_blocking_fd().unwrap())
            .spawn()
            .unwrap();
        let mut text = String::new();
        receiver.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello\n");
        assert!(child.wait().unwrap().success());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_fifo_is_opened_by_its_path() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("fifo");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        // No process reads: a sender is refused, unless it is its own reader.
        assert!(OpenOptions::new().open_sender(&path).is_err());
        assert!(
            OpenOptions::new()
                .unchecked(true)
                .open_sender(&path)
                .is_err()
        );
        let own = OpenOptions::new().read_write(true).open_sender(&path);
        own.unwrap().write_all(b"gone with it").await.unwrap();
        let mut receiver = OpenOptions::new().open_receiver(&path).unwrap();
        let mut sender = OpenOptions::new().open_sender(&path).unwrap();
        sender.write_all(b"hello").await.unwrap();
        drop(sender);
        let mut text = String::new();
        receiver.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
    });
}

#[test]
fn what_is_no_pipe_or_of_the_other_direction_is_an_error() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("file");
        std::fs::write(&path, "text").unwrap();
        let error = OpenOptions::new().open_receiver(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let file = std::fs::File::open(&path).unwrap();
        assert!(Receiver::from_file(file).is_err());
        let (mut sender, receiver) = pipe().unwrap();
        let reads = receiver.into_nonblocking_fd().unwrap();
        assert!(Sender::from_owned_fd(reads.try_clone().unwrap()).is_err());
        let mut receiver = Receiver::from_owned_fd(reads).unwrap();
        sender.write_all(b"still there").await.unwrap();
        assert_eq!(receiver.read(&mut [0; 16]).await.unwrap(), 11);
        // Out of the reactor, it blocks again where that is wanted.
        sender.write_all(b"x").await.unwrap();
        let mut file = std::fs::File::from(receiver.into_blocking_fd().unwrap());
        assert_eq!(file.read(&mut [0; 16]).unwrap(), 1);
    });
}
