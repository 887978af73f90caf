//! After a panic that was caught: which types say that they are whole, and that they are.
//!
//! `catch_unwind` takes only what is `UnwindSafe`, so each test here is one of the types, too:
//! nothing is wrapped.
#![forbid(unsafe_code)]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};

use machine::{Ledger, live};
use net::pair;
use runtime::fs::DirEntry;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket, tcp};
use runtime::runtime::{Builder, Handle, Runtime};
use runtime::sync::{Barrier, Notify, Semaphore, mpsc};
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::time::{Duration, sleep};

/// Panics without the message that the panic hook prints.
fn panic_quietly() -> ! {
    resume_unwind(Box::new("on purpose"))
}

#[test]
fn what_tokio_calls_unwind_safe_is() {
    fn is<T: UnwindSafe + RefUnwindSafe>() {}
    is::<Runtime>();
    is::<Builder>();
    is::<Handle>();
    is::<JoinHandle<*mut ()>>();
    is::<AbortHandle>();
    is::<Notify>();
    is::<Barrier>();
    is::<Semaphore>();
    is::<mpsc::Sender<*mut ()>>();
    is::<mpsc::Receiver<*mut ()>>();
    is::<mpsc::UnboundedSender<*mut ()>>();
    is::<mpsc::UnboundedReceiver<*mut ()>>();
    is::<DirEntry>(); // with every feature
    is::<TcpListener>();
    is::<TcpSocket>();
    is::<TcpStream>();
    is::<tcp::OwnedReadHalf>();
    is::<tcp::OwnedWriteHalf>();
    is::<UdpSocket>();
}

#[cfg(unix)]
#[test]
fn what_only_unix_has_is_too() {
    use runtime::net::unix::pipe::{Receiver, Sender};
    use runtime::net::unix::{OwnedReadHalf, OwnedWriteHalf};
    use runtime::net::{UnixDatagram, UnixListener, UnixStream};

    fn is<T: UnwindSafe + RefUnwindSafe>() {}
    is::<UnixDatagram>();
    is::<UnixListener>();
    is::<UnixStream>();
    is::<OwnedReadHalf>();
    is::<OwnedWriteHalf>();
    is::<Sender>();
    is::<Receiver>();
}

/// The future of `block_on` panics while it waits for a timer and a socket, and others wait too.
#[test]
fn a_runtime_whose_block_on_panicked_goes_on_where_it_was() {
    let runtime = live();
    let nap = runtime.spawn(async { sleep(Duration::from_millis(2)).await });
    let (mut near, mut far) = runtime.block_on(pair());
    for _ in 0..3 {
        let caught = catch_unwind(|| {
            runtime.block_on(async {
                let nap = sleep(Duration::from_secs(100));
                let heard = async {
                    far.readable().await.unwrap();
                };
                let fall = async {
                    yield_now().await;
                    panic_quietly()
                };
                runtime::join!(nap, heard, fall)
            })
        });
        assert!(caught.is_err());
    }
    runtime.block_on(nap).unwrap();
    runtime.block_on(async {
        near.write_all(b"!").await.unwrap();
        assert_eq!(far.read_u8().await.unwrap(), b'!');
        drop((near, far));
    });
    Ledger::of(&runtime).assert_empty();
}

#[test]
fn a_notify_that_a_panic_passed_by_still_wakes() {
    let runtime = live();
    let notify = Notify::new();
    let caught = catch_unwind(|| {
        runtime.block_on(async {
            let waiting = notify.notified();
            let fall = async { panic_quietly() };
            runtime::join!(waiting, fall)
        })
    });
    assert!(caught.is_err());
    notify.notify_one();
    runtime.block_on(notify.notified());
}
