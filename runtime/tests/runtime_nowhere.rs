//! What needs a runtime and finds none panics, and points at the line of the program: by the place
//! of the panic where a function panics, in the message where a future does (its poll is called by
//! an executor, whose line is of no use).
#![forbid(unsafe_code)]
#![allow(clippy::redundant_closure, reason = "the line is that of the closure")]

use runtime::fs::{self, File};
use runtime::io::{AsyncReadExt, AsyncWriteExt, stdin, stdout};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_host};
use runtime::net::{UnixDatagram, UnixListener, UnixStream, unix::pipe};
use runtime::runtime::{Builder, Handle};
use runtime::signal::ctrl_c;
use runtime::task::{JoinSet, spawn_blocking};
use runtime::time::{Duration, interval, sleep, timeout};
use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{self, AssertUnwindSafe, Location, catch_unwind};
use std::sync::Once;

const NOWHERE: &str = "no runtime on this thread";

thread_local!(static LAST: RefCell<(String, String)> = RefCell::default());

/// Where the panic of `work` is, and what it says.
fn panic_of(work: impl FnOnce()) -> (String, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let at = panic
                .location()
                .map(|at| format!("{}:{}", at.file(), at.line()));
            let text = panic.payload().downcast_ref::<String>().cloned();
            LAST.set((at.unwrap_or_default(), text.unwrap_or_default()));
            before(panic);
        }));
    });
    LAST.take();
    assert!(
        catch_unwind(AssertUnwindSafe(work)).is_err(),
        "it does not panic"
    );
    LAST.take()
}

/// Whether `line` is in the call that begins at `caller`: a call may take four lines.
fn is_in(caller: &Location<'_>, file: &str, line: &str) -> bool {
    let lines = caller.line()..caller.line() + 4;
    file == caller.file() && line.parse().is_ok_and(|line| lines.contains(&line))
}

/// `work` panics at the line that calls this.
#[track_caller]
fn here<R>(says: &str, work: impl FnOnce() -> R) {
    let (place, message) = panic_of(|| drop(work()));
    let (file, line) = place.split_once(':').unwrap();
    assert!(is_in(Location::caller(), file, line), "{place}: {message}");
    assert!(message.contains(says), "{message}");
}

/// The future that `make` makes panics, and its message has the line that calls this.
#[track_caller]
fn told<F: Future>(says: &str, make: impl FnOnce() -> F) {
    let (_, message) = panic_of(|| drop(futures_lite::future::block_on(make())));
    assert!(message.contains(says), "{message}");
    let place = message
        .split_once("(it was called at ")
        .map(|(_, place)| place);
    let mut place = place.unwrap_or_default().split(':');
    let (file, line) = (place.next().unwrap(), place.next().unwrap());
    assert!(is_in(Location::caller(), file, line), "{message}");
}

#[test]
fn functions_panic_at_the_line_that_calls_them() {
    here(NOWHERE, || runtime::spawn(async {}));
    here(NOWHERE, || spawn_blocking(|| ()));
    here(NOWHERE, || JoinSet::new().spawn(async {}));
    here(NOWHERE, || Handle::current());
    here(NOWHERE, || sleep(Duration::from_secs(1)));
    here(NOWHERE, || interval(Duration::from_secs(1)));
    here(NOWHERE, || timeout(Duration::from_secs(1), pending::<()>()));
    here(NOWHERE, || UnixStream::pair());
    here(NOWHERE, || UnixDatagram::pair());
    here(NOWHERE, || UnixDatagram::unbound());
    here(NOWHERE, || pipe::pipe());
    here(NOWHERE, || ctrl_c());
    let socket = || TcpSocket::new_v4().unwrap();
    socket().bind("127.0.0.1:0".parse().unwrap()).unwrap();
    here(NOWHERE, || socket().listen(1));
    let std = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    std.set_nonblocking(true).unwrap();
    here(NOWHERE, || TcpListener::from_std(std));
    let path = std::env::temp_dir().join(format!("treadle-nowhere-{}", std::process::id()));
    here(NOWHERE, || UnixListener::bind(&path));
    let _ = std::fs::remove_file(&path);
    here(NOWHERE, || UnixDatagram::bind(&path));
    let _ = std::fs::remove_file(&path);
}

#[test]
fn futures_tell_the_line_that_made_them() {
    told(NOWHERE, || TcpListener::bind("127.0.0.1:0"));
    told(NOWHERE, || UdpSocket::bind("127.0.0.1:0"));
    told(NOWHERE, || TcpStream::connect("127.0.0.1:1"));
    told(NOWHERE, || TcpStream::connect("localhost:1"));
    told(NOWHERE, || lookup_host("localhost:1"));
    told(NOWHERE, || fs::read("x"));
    told(NOWHERE, || fs::read_to_string("x"));
    told(NOWHERE, || fs::write("x", "y"));
    told(NOWHERE, || fs::copy("x", "y"));
    told(NOWHERE, || fs::metadata("x"));
    told(NOWHERE, || fs::symlink_metadata("x"));
    told(NOWHERE, || fs::try_exists("x"));
    told(NOWHERE, || fs::read_dir("x"));
    told(NOWHERE, || fs::create_dir("x/y/z"));
    told(NOWHERE, || fs::create_dir_all("x/y/z"));
    told(NOWHERE, || fs::remove_dir("x/y/z"));
    told(NOWHERE, || fs::remove_dir_all("x/y/z"));
    told(NOWHERE, || fs::rename("x/y", "x/z"));
    told(NOWHERE, || fs::remove_file("x/y"));
    told(NOWHERE, || fs::hard_link("x/y", "x/z"));
    told(NOWHERE, || fs::symlink("x/y", "x/y/z"));
    told(NOWHERE, || fs::read_link("x"));
    told(NOWHERE, || fs::canonicalize("x"));
    told(NOWHERE, || File::open("x"));
    told(NOWHERE, || File::create("x/y"));
    told(NOWHERE, || File::options().read(true).open("x"));
}

#[test]
fn what_reads_and_writes_tells_the_line_that_asked() {
    told(NOWHERE, || async { stdin().read(&mut [0]).await.map(drop) });
    told(NOWHERE, || async {
        stdin().read_to_end(&mut Vec::new()).await.map(drop)
    });
    told(NOWHERE, || async { stdout().write_all(b"x").await });
}

#[test]
fn what_was_not_enabled_is_told_with_the_line() {
    let bare = Builder::new_current_thread().build().unwrap();
    let _entered = bare.enter();
    here("without timers", || sleep(Duration::from_secs(1)));
    here("without I/O", || UnixStream::pair());
}

#[test]
fn a_foreign_thread_under_a_guard_is_told_the_line() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    let thread = std::thread::spawn(move || {
        let _entered = handle.enter();
        here("Handle::spawn_with", || sleep(Duration::from_secs(1)));
        told("Handle::spawn_with", || TcpListener::bind("127.0.0.1:0"));
        told("Handle::spawn_with", || fs::read("x"));
    });
    thread.join().unwrap();
}
