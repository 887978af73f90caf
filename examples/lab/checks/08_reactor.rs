//! The check of stage 8: a reactor. The sockets are real ones, on 127.0.0.1.

use super::work::{Async, Reactor};
use lab::account::note;
use lab::examiner::{Case, Check, expect, fail};
use lab::sockets;
use lab::solutions::s05::Executor;
use lab::wakers::{Counted, when_called, when_dropped};
use mio::event::Source;
use mio::net::TcpStream;
use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

/// More attempts than a right machine ever makes here.
const TOO_MANY: usize = 100;

const SLEEPS: &str = "No event comes that would wake a task. Perhaps the event has been and gone: try first, and wait \
                      only if the attempt would block. Or the waker of the task that waits was not left in the place \
                      of its socket, or not called.";

pub const CHECK: Check = Check {
    title: "a reactor",
    stops: "stops 11 and 12",
    cases: &[
        Case {
            name: "an attempt that succeeds, or fails for good, is the result at once",
            run: results,
            hangs: SLEEPS,
        },
        Case {
            name: "a task that would block waits, and leaves its waker",
            run: waits,
            hangs: SLEEPS,
        },
        Case {
            name: "a stream that is still being connected is waited for",
            run: not_yet_connected,
            hangs: SLEEPS,
        },
        Case {
            name: "an event wakes all that wait for its socket, and takes their wakers out",
            run: takes_them_out,
            hangs: SLEEPS,
        },
        Case {
            name: "a task that is woken for nothing tries again, and waits again",
            run: waits_again,
            hangs: SLEEPS,
        },
        Case {
            name: "an echo: a server and its client on one thread",
            run: echo,
            hangs: SLEEPS,
        },
        Case {
            name: "a socket that is dropped leaves nothing behind",
            run: leaves_nothing,
            hangs: SLEEPS,
        },
        Case {
            name: "a waker that closes its socket as soon as it is called",
            run: no_borrow,
            hangs: SLEEPS,
        },
        Case {
            name: "a waker that closes a socket as soon as it is dropped",
            run: no_borrow_in_a_drop,
            hangs: SLEEPS,
        },
    ],
};

fn registered<S: Source>(source: S) -> Async<S> {
    Async::new(source).expect("it can be registered")
}

fn connected() -> (Async<TcpStream>, std::net::TcpStream) {
    let (stream, other) = sockets::connected();
    (registered(stream), other)
}

/// The kernel has told of something, or has nothing to tell.
const SOON: Option<Duration> = Some(Duration::from_secs(1));

fn turn(timeout: Option<Duration>) {
    let turned = Reactor::here().turn(timeout);
    turned.expect("the kernel tells of events");
}

/// Runs the tasks until they have ended.
fn run(executor: &Executor) {
    executor.run();
    while executor.tasks() > 0 {
        turn(None);
        executor.run();
    }
}

fn failed(kind: ErrorKind) -> io::Result<()> {
    Err(io::Error::from(kind))
}

fn results() {
    let (mut stream, _other) = connected();
    let counted = Counted::default();
    let waker = counted.waker();
    let mut cx = Context::from_waker(&waker);
    let said = pin!(stream.io(|_| Ok(7))).poll(&mut cx);
    expect(
        said.is_ready(),
        "The attempt would have succeeded, and `io` says Pending in its first poll. Try first, and wait only if the \
         attempt would block: the event for which you wait may have been and gone.",
    );
    expect(
        matches!(said, std::task::Poll::Ready(Ok(7))),
        "The attempt has succeeded, and its value is not the result.",
    );
    expect(
        counted.kept() == 1,
        "The attempt has succeeded, and a waker was left all the same. Leave it only if the attempt would block.",
    );
    let said = pin!(stream.io(|_| failed(ErrorKind::ConnectionReset))).poll(&mut cx);
    let is_error = matches!(said, std::task::Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset);
    expect(
        is_error,
        "The attempt has failed with ConnectionReset, and that error is not the result. Only WouldBlock and \
         NotConnected mean that it is worth while to wait.",
    );
}

fn waits() {
    let (mut stream, _other) = connected();
    let counted = Counted::default();
    let waker = counted.waker();
    let mut attempts = 0;
    let mut reading = Box::pin(stream.io(|it| {
        attempts += 1;
        if attempts > TOO_MANY {
            fail("Nothing has come, and `io` tries again and again without an event in between. After WouldBlock \
                  it must be pending.");
        }
        it.read(&mut [0; 8])
    }));
    let said = reading.as_mut().poll(&mut Context::from_waker(&waker));
    if let std::task::Poll::Ready(result) = said {
        fail(&format!(
            "There was nothing to read, and `io` gives {result:?}. WouldBlock is no result: the task has to wait \
             until something comes, and to be pending until then."
        ));
    }
    expect(
        counted.calls() == 0,
        "There was nothing to read, and `io` has called its waker itself: so it is polled again at once, and tries \
         again, and burns the processor until something comes. The reactor calls the waker, when there is an event.",
    );
    expect(
        counted.kept() > 1,
        "There was nothing to read, and `io` says Pending, but it has left its waker nowhere: nothing will ever poll \
         the task again. It belongs into the socket's place in the slab.",
    );
}

fn waits_again() {
    let (mut stream, mut other) = connected();
    turn(SOON);
    let counted = Counted::default();
    let mut reading = Box::pin(stream.io(|it| it.read(&mut [0; 8])));
    let mut poll = |waker: &Waker| reading.as_mut().poll(&mut Context::from_waker(waker));
    let first = poll(Waker::noop());
    note("check: nothing has come, and the future of `io` is polled once more, by another task");
    let second = poll(&counted.waker());
    expect(
        first.is_pending() && second.is_pending(),
        "A task tried to read, had to wait, and was polled again, although nothing had come. `io` is ready. An event \
         is a hint and no promise: a task that was woken tries again, and may have to wait again.",
    );
    other.write_all(b"now").expect("the stream is open");
    turn(SOON);
    expect(
        counted.calls() == 1,
        "The future of `io` was polled by one task and then by another. Bytes have come, and the second was not woken. \
         Each poll that says Pending leaves its own waker.",
    );
}

fn not_yet_connected() {
    let (mut stream, _other) = connected();
    let counted = Counted::default();
    let waker = counted.waker();
    let mut cx = Context::from_waker(&waker);
    note("check: the attempt fails with NotConnected");
    let said = pin!(stream.io(|_| failed(ErrorKind::NotConnected))).poll(&mut cx);
    expect(
        said.is_pending(),
        "The attempt has failed with NotConnected, and that is the result. It is an attempt at a stream that is still \
         being connected: the task waits, as after WouldBlock, and tries again when there is an event.",
    );
    expect(
        counted.kept() > 1,
        "The attempt has failed with NotConnected, and `io` says Pending, but it has left its waker nowhere.",
    );
}

/// Polls `io` once, with an attempt to read. There is nothing to read, so the waker is left.
fn leave(stream: &mut Async<TcpStream>, waker: &Waker) {
    let mut reading = Box::pin(stream.io(|it| it.read(&mut [0; 8])));
    let said = reading.as_mut().poll(&mut Context::from_waker(waker));
    expect(
        said.is_pending(),
        "There was nothing to read, and `io` is ready.",
    );
}

fn takes_them_out() {
    let (mut stream, mut other) = connected();
    turn(SOON);
    let tasks = [Counted::default(), Counted::default()];
    for task in &tasks {
        leave(&mut stream, &task.waker());
    }
    note("check: two tasks wait. An event comes whose token is no place, then that of the socket");
    let bell = Reactor::here().waker().expect("there is an eventfd");
    bell.wake().expect("the kernel takes it");
    other.write_all(b"now").expect("the stream is open");
    let woken = || tasks.iter().map(Counted::calls).sum();
    turn(SOON);
    if woken() == 0_u32 {
        turn(SOON);
    }
    match woken() {
        0 => fail(
            "Two tasks wait for a socket, bytes have come, and neither task was woken. Perhaps their wakers were not \
             called. Or the turn has ended at the event that came first: its token is no place in the slab, so it is \
             passed over, and the next one counts all the same.",
        ),
        1 => fail("Two tasks wait for a socket, bytes have come, and one was woken. Wake both."),
        _ => {}
    }
    expect(
        tasks.iter().all(|task| task.kept() == 0),
        "An event has come, and its wakers were called, but they still lie in the place. The next event would call \
         them again, although their tasks wait for something else by then, and the place would grow with each wait. \
         Take them out: `append`, or `std::mem::take`.",
    );
}

/// What an attempt gives that has to succeed.
fn done<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| fail(&format!("`io` gives an error: {error}.")))
}

fn echo() {
    let executor = Executor::with_bell(|| {});
    let (listener, address) = sockets::listener();
    let mut listener = registered(listener);
    executor.spawn(async move {
        let (stream, _) = done(listener.io(|it| it.accept()).await);
        let (mut stream, mut bytes) = (registered(stream), [0; 64]);
        let mut attempts = 0;
        loop {
            let read = stream.io(|it| {
                attempts += 1;
                expect(
                    attempts < TOO_MANY,
                    "The server tries to read again and again, although nothing comes.",
                );
                it.read(&mut bytes)
            });
            let count = done(read.await);
            note(format!("server: {count} bytes have come"));
            if count == 0 {
                return;
            }
            done(stream.io(|it| it.write(&bytes[..count])).await);
        }
    });
    let got = Rc::new(RefCell::new(String::new()));
    let result = got.clone();
    executor.spawn(async move {
        let stream = TcpStream::connect(address).expect("there is room for a socket");
        let (mut stream, mut bytes) = (registered(stream), [0; 64]);
        done(stream.io(|it| it.write(b"warp and weft")).await);
        let count = done(stream.io(|it| it.read(&mut bytes)).await);
        result
            .borrow_mut()
            .push_str(&String::from_utf8_lossy(&bytes[..count]));
    });
    run(&executor);
    let got = got.take();
    expect(
        got == "warp and weft",
        &format!("The client has sent \"warp and weft\", and got {got:?}."),
    );
}

fn leaves_nothing() {
    let (mut stream, _other) = connected();
    let counted = Counted::default();
    leave(&mut stream, &counted.waker());
    note("check: drops the socket");
    drop(stream);
    expect(
        Reactor::here().sources() == 0,
        "The socket was dropped, and its place in the slab is still taken. A server that has had a million clients \
         would have a million places.",
    );
    let calls = "The socket was dropped, and its drop has called the waker.";
    expect(counted.calls() == 0, calls);
    let kept = "The socket was dropped, and a waker of it is still kept.";
    expect(counted.kept() == 0, kept);
}

thread_local!(static STREAM: RefCell<Option<Async<TcpStream>>> = const { RefCell::new(None) });

fn closes() {
    note("check: the waker closes the socket");
    // At the end of the case it is gone, perhaps.
    let _ = STREAM.try_with(RefCell::take);
}

fn no_borrow() {
    let (mut stream, mut other) = connected();
    turn(SOON);
    leave(&mut stream, &when_called(closes));
    STREAM.set(Some(stream));
    other.write_all(b"now").expect("the stream is open");
    while STREAM.with_borrow(Option::is_some) {
        turn(None);
    }
    expect(
        Reactor::here().sources() == 0,
        "The socket was closed by a waker, and its place is still taken.",
    );
}

fn no_borrow_in_a_drop() {
    let ((mut stream, _other), (another, _)) = (connected(), connected());
    STREAM.set(Some(another));
    leave(&mut stream, &when_dropped(closes));
    note("check: drops a socket, and with it the waker, which closes another one");
    drop(stream);
    expect(
        Reactor::here().sources() == 0,
        "A socket was closed by a waker that was dropped, and its place is still taken.",
    );
}
