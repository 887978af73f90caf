//! An open file: what is read, written and sought, in which order, and what is lost of it.

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/tasks.rs"]
mod tasks;

use std::collections::VecDeque;
use std::future::Future;
use std::io::{ErrorKind, IoSlice, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use dir::Dir;
use machine::run;
use proptest::prelude::*;
use runtime::fs::{File, OpenOptions};
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufWriter, SeekFrom,
};
use runtime::runtime::{Builder, Runtime};
use runtime::trace::{Event, Wait};
use tasks::message_of_panic;

const HELLO: &[u8] = b"hello, world";

/// A name, and the file that is removed when the name is dropped.
struct Temporary(PathBuf);

impl AsRef<Path> for Temporary {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

#[test]
fn what_is_handed_over_as_a_name_is_kept_until_the_call_has_been_made() {
    let dir = Dir::new();
    run(async {
        let path = dir.file("temporary", HELLO);
        let mut file = File::open(Temporary(path.clone())).await.unwrap();
        assert!(!path.exists());
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text.as_bytes(), HELLO);
        dir.file("temporary", HELLO);
        assert_eq!(runtime::fs::read(Temporary(path)).await.unwrap(), HELLO);
    });
}

/// Begins a future and drops it.
fn give_up<F: Future>(future: F) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it was not to be over so soon");
}

/// A runtime whose pool has one thread, and what lets that thread go on.
fn held_up() -> (Runtime, mpsc::Sender<()>) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (open, opened) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    drop(runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        opened.recv()
    }));
    begun.recv().unwrap();
    (runtime, open)
}

async fn editable(dir: &Dir, contents: impl AsRef<[u8]>) -> File {
    let path = dir.file("file", contents);
    let mut options = OpenOptions::new();
    options.read(true).write(true).open(path).await.unwrap()
}

#[test]
fn what_is_written_and_flushed_is_in_the_file() {
    let dir = Dir::new();
    run(async {
        let mut file = File::create(dir.at("file")).await.unwrap();
        file.write_all(HELLO).await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(dir.at("file")).unwrap(), HELLO);
        let slices = [IoSlice::new(b", "), IoSlice::new(b""), IoSlice::new(HELLO)];
        assert_eq!(file.write_vectored(&slices).await.unwrap(), 14);
        file.shutdown().await.unwrap();
        let twice = [HELLO, b", ", HELLO].concat();
        assert_eq!(std::fs::read(dir.at("file")).unwrap(), twice);
    });
}

#[test]
fn a_file_is_read_to_its_end_and_no_further() {
    let dir = Dir::new();
    let large: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let path = dir.file("large", &large);
    run(async {
        let mut file = File::open(path).await.unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).await.unwrap();
        assert!(read == large);
        assert_eq!(file.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(file.read(&mut []).await.unwrap(), 0);
    });
}

#[test]
fn reads_and_writes_alternate_at_one_position() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        let mut some = [0; 5];
        file.read_exact(&mut some).await.unwrap();
        assert_eq!(&some, b"hello");
        file.write_all(b"! W").await.unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "orld");
        file.rewind().await.unwrap();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "orldhello! World");
    });
}

#[test]
fn bytes_that_nobody_came_for_are_read_next() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        give_up(file.read(&mut [0; 5]));
        let mut all = String::new();
        file.read_to_string(&mut all).await.unwrap();
        assert_eq!(all.as_bytes(), HELLO);
    });
}

#[test]
fn bytes_that_nobody_came_for_do_not_move_a_write_a_seek_or_the_length() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        give_up(file.read(&mut [0; 5]));
        file.write_all(b"J").await.unwrap();
        assert_eq!(file.stream_position().await.unwrap(), 1);
        give_up(file.read(&mut [0; 5]));
        assert_eq!(file.seek(SeekFrom::Current(1)).await.unwrap(), 2);
        give_up(file.read(&mut [0; 5]));
        file.set_len(4).await.unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "ll");
        assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"Jell");
    });
}

#[test]
fn a_seek_that_was_given_up_does_not_answer_another() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        give_up(file.seek(SeekFrom::Start(3)));
        assert_eq!(file.seek(SeekFrom::Start(7)).await.unwrap(), 7);
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "world");
    });
}

#[test]
fn a_seek_that_was_given_up_and_is_asked_for_again_is_made_twice() {
    run(async {
        let dir = Dir::new();
        let mut file = File::open(dir.file("text", "0123456789")).await.unwrap();
        give_up(file.seek(SeekFrom::Current(3)));
        assert_eq!(file.seek(SeekFrom::Current(3)).await.unwrap(), 6);
        // One that is polled often is made once.
        assert_eq!(file.seek(SeekFrom::Current(3)).await.unwrap(), 9);
        let mut reader = BufReader::new(file);
        give_up(reader.seek(SeekFrom::Current(-3)));
        assert_eq!(reader.seek(SeekFrom::Current(-3)).await.unwrap(), 3);
    });
}

#[test]
fn a_seek_before_the_beginning_is_an_error_and_nothing_has_moved() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        let error = file.seek(SeekFrom::End(-100)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(file.stream_position().await.unwrap(), 0);
        // Nor is anything lost that was read ahead.
        give_up(file.read(&mut [0; 5]));
        assert!(file.seek(SeekFrom::Current(-1)).await.is_err());
        let mut all = String::new();
        file.read_to_string(&mut all).await.unwrap();
        assert_eq!(all.as_bytes(), HELLO);
    });
}

#[test]
fn a_file_dropped_with_a_write_under_way_loses_nothing() {
    let dir = Dir::new();
    let (runtime, open) = held_up();
    let std = std::fs::File::create(dir.at("file")).unwrap();
    runtime.block_on(async {
        let mut file = File::from_std(std);
        assert_eq!(file.write(HELLO).await.unwrap(), HELLO.len());
    });
    assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"");
    open.send(()).unwrap();
    drop(runtime);
    assert_eq!(std::fs::read(dir.at("file")).unwrap(), HELLO);
}

#[cfg(unix)]
#[test]
fn a_write_that_has_not_begun_outlives_a_runtime_that_waits_for_nobody() {
    let (runtime, open) = held_up();
    let (mut read, write) = std::os::unix::net::UnixStream::pair().unwrap();
    runtime.block_on(async {
        let mut file = File::from(std::os::fd::OwnedFd::from(write));
        file.write_all(HELLO).await.unwrap();
    });
    runtime.shutdown_background();
    open.send(()).unwrap();
    let mut heard = Vec::new();
    read.read_to_end(&mut heard).unwrap(); // until the file is closed
    assert_eq!(heard, HELLO);
}

#[test]
fn a_write_after_the_pool_is_closed_is_refused() {
    let dir = Dir::new();
    let runtime = Runtime::new().unwrap();
    let mut file = File::from_std(std::fs::File::create(dir.at("file")).unwrap());
    let guard = runtime.handle().clone();
    drop(runtime);
    let _inside = guard.enter();
    let message = message_of_panic(|| give_up(file.write(HELLO)));
    assert!(message.contains("is gone"), "{message}");
}

#[test]
fn an_error_of_a_write_is_heard_at_the_next_write_or_flush_once() {
    let dir = Dir::new();
    let path = dir.file("file", HELLO);
    run(async {
        let mut file = File::open(path).await.unwrap(); // not to write it
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        assert!(file.flush().await.is_err());
        file.flush().await.unwrap();
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        // What comes between does not hear of it, and does not lose it.
        file.sync_all().await.unwrap();
        assert_eq!(file.stream_position().await.unwrap(), 0);
        assert!(file.write(b"y").await.is_err());
        file.flush().await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text.as_bytes(), HELLO);
    });
}

#[test]
fn a_directory_cannot_be_read_as_a_file() {
    let dir = Dir::new();
    run(async {
        let mut file = File::open(dir.path()).await.unwrap();
        let error = file.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
    });
}

#[test]
fn opening_finds_makes_empties_and_refuses_as_it_was_told() {
    let dir = Dir::new();
    run(async {
        let missing = File::open(dir.at("new")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        let mut made = File::create_new(dir.at("new")).await.unwrap();
        made.write_all(HELLO).await.unwrap();
        made.flush().await.unwrap();
        let again = File::create_new(dir.at("new")).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        let mut options = File::options();
        let mut log = options.append(true).open(dir.at("new")).await.unwrap();
        log.rewind().await.unwrap();
        log.write_all(b"!").await.unwrap();
        log.flush().await.unwrap();
        assert_eq!(std::fs::read(dir.at("new")).unwrap(), b"hello, world!");
        drop(File::create(dir.at("new")).await.unwrap());
        assert_eq!(std::fs::read(dir.at("new")).unwrap(), b"");
        let nothing = OpenOptions::new().open(dir.at("new")).await.unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn a_file_comes_from_the_standard_library_and_goes_back() {
    let dir = Dir::new();
    run(async {
        let mut file = File::from(std::fs::File::create(dir.at("file")).unwrap());
        file.write_all(HELLO).await.unwrap();
        let file = file.try_into_std().expect_err("a write is under way");
        let mut std = file.into_std().await;
        assert_eq!(std.stream_position().unwrap(), HELLO.len() as u64);
        std.write_all(b"!").unwrap();
        assert_eq!(std::fs::read(dir.at("file")).unwrap(), b"hello, world!");
        let file = File::from(std);
        assert!(file.try_into_std().is_ok());
    });
}

#[test]
fn a_clone_has_the_same_position() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, b"").await;
        file.write_all(b"hello").await.unwrap();
        file.set_max_buf_size(3);
        let mut clone = file.try_clone().await.unwrap();
        assert_eq!(clone.max_buf_size(), 3);
        clone.write_all(b", world").await.unwrap();
        clone.flush().await.unwrap();
        file.rewind().await.unwrap();
        let mut text = String::new();
        clone.read_to_string(&mut text).await.unwrap();
        assert_eq!(text.as_bytes(), HELLO);
    });
}

#[test]
fn tasks_that_share_a_file_take_turns_and_one_that_goes_away_holds_nobody_up() {
    let dir = Dir::new();
    run(async {
        let file = Rc::new(editable(&dir, b"").await);
        let set = |len: u64| {
            let file = Rc::clone(&file);
            runtime::spawn(async move { file.set_len(len).await })
        };
        let tasks: Vec<_> = (0..20).map(set).collect();
        runtime::task::yield_now().await;
        tasks
            .iter()
            .step_by(2)
            .for_each(runtime::task::JoinHandle::abort);
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.is_err(), n % 2 == 0);
        }
        file.sync_data().await.unwrap();
        assert_eq!(file.metadata().await.unwrap().len(), 19);
        let mut permissions = file.metadata().await.unwrap().permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions).await.unwrap();
        assert!(file.metadata().await.unwrap().permissions().readonly());
    });
}

#[test]
fn no_trip_carries_more_than_the_limit() {
    let dir = Dir::new();
    run(async {
        let mut file = editable(&dir, HELLO).await;
        assert_eq!(file.max_buf_size(), 2 * 1024 * 1024);
        file.set_max_buf_size(3);
        assert_eq!(file.read(&mut [0; 8]).await.unwrap(), 3);
        assert_eq!(file.write(HELLO).await.unwrap(), 3);
        let message = message_of_panic(|| file.set_max_buf_size(0));
        assert!(message.contains("greater than 0"));
    });
}

#[test]
fn a_buffered_reader_and_writer_make_few_trips() {
    let dir = Dir::new();
    let runtime = machine::live();
    runtime.block_on(async {
        let file = File::create(dir.at("lines")).await.unwrap();
        let mut writer = BufWriter::new(file);
        for n in 0..100 {
            writer.write_all(format!("{n}\n").as_bytes()).await.unwrap();
        }
        writer.flush().await.unwrap();
        let file = File::open(dir.at("lines")).await.unwrap();
        let mut lines = BufReader::new(file).lines();
        for n in 0..100 {
            let line = lines.next_line().await.unwrap();
            assert_eq!(line, Some(n.to_string()));
        }
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
    let records = runtime.trace().take();
    let trips = records
        .iter()
        .filter(|record| matches!(record.event, Event::JobQueued { .. }));
    // Create, write; open, read, read the end.
    assert_eq!(trips.count(), 5);
}

#[test]
fn a_recording_has_the_line_that_waits_for_the_disk() {
    let dir = Dir::new();
    let path = dir.file("file", HELLO);
    let runtime = machine::live();
    let (line, read) = (line!(), runtime::fs::read(path));
    runtime.block_on(read).unwrap();
    let records = runtime.trace().take();
    let lines: VecDeque<_> = records
        .iter()
        .filter_map(|record| match record.event {
            Event::JobQueued { at, .. } => Some(at.line),
            Event::Waiting {
                on: Wait::Job(_),
                at: Some(at),
            } => Some(at.line),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [line, line]);
}

/// What a program may do with a file, at random; `true`: it gives up half-way.
#[derive(Clone, Debug)]
enum Move {
    Read(usize, bool),
    Write(Vec<u8>),
    Seek(SeekFrom),
    SetLen(u64),
    Flush,
}

fn any_move() -> impl Strategy<Value = Move> {
    let bytes = prop::collection::vec(any::<u8>(), 0..20);
    let seek = prop_oneof![
        (0..40_u64).prop_map(SeekFrom::Start),
        (-20..20_i64).prop_map(SeekFrom::Current),
        (-20..20_i64).prop_map(SeekFrom::End),
    ];
    prop_oneof![
        (0..20_usize, any::<bool>()).prop_map(|(n, give_up)| Move::Read(n, give_up)),
        bytes.prop_map(Move::Write),
        seek.prop_map(Move::Seek),
        (0..40_u64).prop_map(Move::SetLen),
        Just(Move::Flush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The standard library's file is the model. (It is asked for exactly as many bytes as were
    /// got: how many one read brings is not promised.)
    #[test]
    fn a_file_does_what_the_standard_library_s_does(moves in prop::collection::vec(any_move(), 0..30)) {
        let dir = Dir::new();
        let runtime = Runtime::new().unwrap();
        let open = |name| {
            let path = dir.file(name, HELLO);
            std::fs::File::options().read(true).write(true).open(path).unwrap()
        };
        let mut model = open("model");
        let mut file = File::from_std(open("file"));
        runtime.block_on(async {
            for step in moves {
                match step {
                    Move::Read(n, true) if n > 0 => {
                        let mut buf = vec![0; n];
                        let read = pin!(file.read(&mut buf));
                        let polled = read.poll(&mut Context::from_waker(Waker::noop()));
                        if let Poll::Ready(Ok(n)) = polled {
                            model.read_exact(&mut vec![0; n]).unwrap();
                        }
                    }
                    Move::Read(n, _) => {
                        let mut ours = vec![0; n];
                        let n = file.read(&mut ours).await.unwrap();
                        let mut theirs = vec![0; n];
                        model.read_exact(&mut theirs).unwrap();
                        assert_eq!(ours[..n], theirs);
                    }
                    Move::Write(bytes) => {
                        file.write_all(&bytes).await.unwrap();
                        model.write_all(&bytes).unwrap();
                    }
                    Move::Seek(to) => {
                        let (ours, theirs) = (file.seek(to).await, model.seek(to));
                        assert_eq!(ours.ok(), theirs.ok());
                    }
                    Move::SetLen(len) => {
                        file.set_len(len).await.unwrap();
                        model.set_len(len).unwrap();
                    }
                    Move::Flush => file.flush().await.unwrap(),
                }
            }
            file.flush().await.unwrap();
        });
        let contents = |name| std::fs::read(dir.at(name)).unwrap();
        prop_assert_eq!(contents("file"), contents("model"));
    }
}
