//! The check of stage 8: a reactor. The sockets are real ones, on 127.0.0.1.

use super::work::{Async, Reactor};
use lab::account::note;
use lab::examiner::{Case, Check, expect, fail};
use lab::solutions::s05::Executor;
use mio::net::{TcpListener, TcpStream};
use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Wake, Waker};

/// More attempts than a right machine ever makes here.
const TOO_MANY: usize = 100;

const SLEEPS: &str = "The thread sleeps in the kernel, and no event comes that would wake a task. Perhaps the event \
                      has been and gone: try first, and wait only if the attempt would block. Or the waker of the \
                      task that waits was not left, or not called.";

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
            name: "a waker that closes its socket at once",
            run: no_borrow,
            hangs: SLEEPS,
        },
    ],
};

fn listener() -> (Async<TcpListener>, SocketAddr) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = TcpListener::bind(any).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    (Async::new(listener).expect("it can be registered"), address)
}

/// A stream, and what the other end of it is: a plain socket, which waits.
fn connected() -> (Async<TcpStream>, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let other = std::net::TcpStream::connect(address).expect("it listens");
    let (stream, _) = listener.accept().expect("it has connected");
    stream.set_nonblocking(true).expect("a socket can be that");
    (
        Async::new(TcpStream::from_std(stream)).expect("it can be registered"),
        other,
    )
}

/// Runs the tasks until they have ended.
fn run(executor: &Executor) {
    executor.run();
    while executor.tasks() > 0 {
        Reactor::here()
            .turn(None)
            .expect("the kernel tells of events");
        executor.run();
    }
}

fn results() {
    let (mut stream, _other) = connected();
    let mut cx = Context::from_waker(Waker::noop());
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
    let said = pin!(stream.io(|_| Err::<(), _>(io::Error::from(ErrorKind::ConnectionReset))))
        .poll(&mut cx);
    let is_error = matches!(said, std::task::Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset);
    expect(
        is_error,
        "The attempt has failed with ConnectionReset, and that error is not the result. Only \
                      WouldBlock and NotConnected mean that it is worth while to wait.",
    );
}

/// Counts its calls, and by its `Arc` the places where it is kept.
#[derive(Default)]
struct Counted(AtomicU32);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn waits() {
    let (mut stream, _other) = connected();
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(counted.clone());
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
        counted.0.load(Ordering::Relaxed) == 0,
        "There was nothing to read, and `io` has called its waker itself: so it is polled again at once, and tries \
         again, and burns the processor until something comes. The reactor calls the waker, when there is an event.",
    );
    expect(
        Arc::strong_count(&counted) > 2,
        "There was nothing to read, and `io` says Pending, but it has left its waker nowhere: nothing will ever poll \
         the task again. It belongs into the socket's place in the slab.",
    );
}

fn echo() {
    let executor = Executor::with_bell(|| {});
    let (mut listener, address) = listener();
    executor.spawn(async move {
        let (stream, _) = listener.io(|it| it.accept()).await.expect("a client comes");
        let (mut stream, mut bytes) = (Async::new(stream).expect("it can be registered"), [0; 64]);
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
            let count = read.await.expect("the client sends, or goes");
            note(format!("server: {count} bytes have come"));
            if count == 0 {
                return;
            }
            stream
                .io(|it| it.write(&bytes[..count]))
                .await
                .expect("the client listens");
        }
    });
    let got = Rc::new(RefCell::new(String::new()));
    let result = got.clone();
    executor.spawn(async move {
        let stream = TcpStream::connect(address).expect("there is room for a socket");
        let (mut stream, mut bytes) = (Async::new(stream).expect("it can be registered"), [0; 64]);
        stream
            .io(|it| it.write(b"warp and weft"))
            .await
            .expect("the server listens");
        let count = stream
            .io(|it| it.read(&mut bytes))
            .await
            .expect("the server answers");
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
    let counted = Arc::new(Counted::default());
    {
        let waker = Waker::from(counted.clone());
        let mut reading = Box::pin(stream.io(|it| it.read(&mut [0; 8])));
        let said = reading.as_mut().poll(&mut Context::from_waker(&waker));
        expect(
            said.is_pending(),
            "There was nothing to read, and `io` is ready.",
        );
    }
    note("check: drops the socket");
    drop(stream);
    expect(
        Reactor::here().sources() == 0,
        "The socket was dropped, and its place in the slab is still taken. A server that has had a million clients \
         would have a million places.",
    );
    expect(
        Arc::strong_count(&counted) == 1,
        "The socket was dropped, and a waker of it is still kept.",
    );
}

/// A waker that closes the socket as soon as it is called.
struct Closes;

thread_local!(static STREAM: RefCell<Option<Async<TcpStream>>> = const { RefCell::new(None) });

impl Wake for Closes {
    fn wake(self: Arc<Self>) {
        note("check: the waker that is called closes the socket");
        drop(STREAM.take());
    }
}

fn no_borrow() {
    let (mut stream, mut other) = connected();
    Reactor::here()
        .turn(Some(std::time::Duration::from_secs(1)))
        .expect("the kernel tells of events");
    let waker = Waker::from(Arc::new(Closes));
    {
        let mut reading = Box::pin(stream.io(|it| it.read(&mut [0; 8])));
        let _ = reading.as_mut().poll(&mut Context::from_waker(&waker));
    }
    STREAM.set(Some(stream));
    other.write_all(b"now").expect("the stream is open");
    while STREAM.with_borrow(Option::is_some) {
        Reactor::here()
            .turn(None)
            .expect("the kernel tells of events");
    }
    expect(
        Reactor::here().sources() == 0,
        "The socket was closed by a waker, and its place is still taken.",
    );
}
