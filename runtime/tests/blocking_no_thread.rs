//! What goes on on the pool when the operating system gives no thread: the call fails, and what it
//! would have used is where it was.
//!
//! A pool whose threads would need a stack of 2^60 bytes gets no thread. The same file in two
//! runtimes, of which one has such a pool, fails in the one and goes on in the other.
#![forbid(unsafe_code)]

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;

use std::collections::HashSet;
use std::future::Future;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};

use dir::Dir;
use futures_io::{AsyncSeek, AsyncWrite};
use machine::{block_on, live, panic_of};
use runtime::fs::{File, OpenOptions, read_dir};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
use runtime::runtime::{Builder, Runtime};
use runtime::task::{JoinSet, yield_now};

/// A runtime whose pool gets no thread.
fn without_threads() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().thread_stack_size(1 << 60);
    builder.build().unwrap()
}

/// Begins a future and drops it.
fn give_up<F: Future>(future: F) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it was not to be over so soon");
}

/// A file of twelve bytes of which twelve have been read ahead, and three taken.
async fn read_ahead(path: &Path) -> File {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).open(path).await.unwrap();
    give_up(file.read(&mut [0; 64]));
    assert_eq!(file.read(&mut [0; 3]).await.unwrap(), 3);
    file
}

/// `fail` fails for want of a thread, and nine bytes of the file are still to be read.
fn nothing_is_lost_by(fail: impl AsyncFnOnce(&mut File)) {
    let (dir, runtime, poor) = (Dir::new(), live(), without_threads());
    let path: PathBuf = dir.file("file", "hello, world");
    block_on(&runtime, async {
        let mut file = read_ahead(&path).await;
        {
            let _inside = poor.enter();
            let polled = pin!(fail(&mut file)).poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_ready());
        }
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "lo, world");
        file.write_all(b"!").await.unwrap();
        file.flush().await.unwrap();
        let now = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            now, "hello, world!",
            "nothing was written or cut that was refused"
        );
    });
}

#[test]
fn bytes_that_were_read_ahead_outlive_a_seek_without_a_thread() {
    nothing_is_lost_by(async |file| {
        file.seek(SeekFrom::Start(1)).await.unwrap_err();
    });
}

#[test]
fn bytes_that_were_read_ahead_outlive_a_write_without_a_thread() {
    nothing_is_lost_by(async |file| {
        file.write(b"HELLO").await.unwrap_err();
        file.write(b"HELLO").await.unwrap_err();
    });
}

#[test]
fn bytes_that_were_read_ahead_outlive_a_cut_without_a_thread() {
    nothing_is_lost_by(async |file| {
        file.set_len(1).await.unwrap_err();
        file.sync_all().await.unwrap_err();
    });
}

#[test]
fn bytes_that_were_read_ahead_outlive_a_call_outside_of_a_runtime() {
    let (dir, runtime) = (Dir::new(), live());
    let path = dir.file("file", "hello, world");
    let mut file = block_on(&runtime, read_ahead(&path));
    let cx = &mut Context::from_waker(Waker::noop());
    panic_of(|| {
        Pin::new(&mut file)
            .poll_seek(cx, SeekFrom::Start(1))
            .map(drop)
    });
    panic_of(|| Pin::new(&mut file).poll_write(cx, b"HELLO").map(drop));
    block_on(&runtime, async {
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "lo, world");
    });
}

/// A read that has not begun when its runtime is dropped is made later. What it has read belongs to
/// the file, and until then the file is not read past those bytes.
#[test]
fn bytes_that_were_read_ahead_outlive_a_runtime_that_waits_for_nobody() {
    let (dir, later) = (Dir::new(), live());
    let path = dir.file("file", "hello, world");
    let mut builder = Builder::new_current_thread();
    let runtime = builder.max_blocking_threads(1).build().unwrap();
    let mut file = runtime.block_on(File::open(&path)).unwrap();
    let (open, door) = channel::<()>();
    drop(runtime.spawn_blocking(move || door.recv()));
    runtime.block_on(async { give_up(file.read(&mut [0; 64])) });
    runtime.shutdown_background();
    block_on(&later, async {
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap_err();
        let error = file.read_to_string(&mut text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceBusy);
        open.send(()).unwrap();
        while let Err(error) = file.read_to_string(&mut text).await {
            assert_eq!(error.kind(), ErrorKind::ResourceBusy);
            yield_now().await;
        }
        assert_eq!(text, "hello, world");
    });
}

#[test]
fn bytes_that_were_read_ahead_outlive_a_return_that_is_refused() {
    let (dir, mut builder) = (Dir::new(), Builder::new_current_thread());
    let path = dir.file("file", "hello, world");
    let runtime = builder.max_blocking_threads(1).build().unwrap();
    let file = runtime.block_on(read_ahead(&path));
    let (open, door) = channel::<()>();
    drop(runtime.spawn_blocking(move || door.recv()));
    runtime.block_on(async { give_up(file.metadata()) });
    let mut file = file.try_into_std().expect_err("it is in use");
    open.send(()).unwrap();
    let mut rest = String::new();
    runtime.block_on(file.read_to_string(&mut rest)).unwrap();
    assert_eq!(rest, "lo, world");
}

/// A device that cannot go back, as a pipe cannot, keeps what it has read.
#[cfg(unix)]
#[test]
fn bytes_that_were_read_ahead_outlive_a_write_that_cannot_go_back() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"hello, world").unwrap();
    drop(writer);
    let runtime = live();
    block_on(&runtime, async {
        let mut file = File::from(std::os::fd::OwnedFd::from(reader));
        give_up(file.read(&mut [0; 64]));
        assert_eq!(file.read(&mut [0; 3]).await.unwrap(), 3);
        file.write_all(b"X").await.unwrap();
        file.flush().await.unwrap_err();
        file.set_len(1).await.unwrap_err();
        let mut rest = String::new();
        file.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "lo, world");
    });
}

/// A listing that ended without a word would be taken for the whole.
#[test]
fn a_directory_goes_on_after_a_journey_without_a_thread() {
    let (dir, runtime, poor) = (Dir::new(), live(), without_threads());
    for number in 0..50 {
        dir.file(&number.to_string(), "");
    }
    block_on(&runtime, async {
        let mut entries = read_dir(dir.path()).await.unwrap();
        let mut seen = HashSet::new();
        for _ in 0..32 {
            seen.insert(entries.next_entry().await.unwrap().unwrap().file_name());
        }
        {
            let _inside = poor.enter();
            let cx = &mut Context::from_waker(Waker::noop());
            assert!(matches!(entries.poll_next_entry(cx), Poll::Ready(Err(_))));
        }
        while let Some(entry) = entries.next_entry().await.unwrap() {
            seen.insert(entry.file_name());
        }
        assert_eq!(seen.len(), 50);
    });
}

#[test]
fn a_join_set_whose_job_found_no_thread_is_as_it_was() {
    let runtime = without_threads();
    let mut set = JoinSet::new();
    let _inside = runtime.enter();
    let (held, gone) = channel::<()>();
    let message = panic_of(|| drop(set.spawn_blocking(move || drop(held))));
    assert!(message.contains("gives no thread"), "{message}");
    assert!(gone.recv().is_err(), "the closure was dropped");
    assert_eq!(set.len(), 0);
    assert!(set.try_join_next().is_none());
    let message = panic_of(|| runtime::task::spawn_blocking(|| ()));
    assert!(message.contains("gives no thread"), "{message}");
}
