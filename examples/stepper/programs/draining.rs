//! A read that leaves something, and says that nothing is left.
//!
//! The operating system tells of a socket once, when something arrives, and not again because something
//! is still there. So the runtime remembers that the socket is readable, until a read finds it empty. A
//! read that claims to have found it empty, and has not, waits for something new to arrive.

use super::named;
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::UnixStream;
use runtime::time::{Duration, sleep};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as Socket;

pub(crate) const WATCH: &str = "Each reader is sent 8 bytes, and takes 4 at a time. The thorough one is \
    told once: its socket is remembered as readable, and it reads until it has found nothing. The hasty one \
    says \"would block\" after 4 bytes. That is believed, and it sleeps beside the 4 that are left. Only \
    what is new wakes it: a byte at 20 ms, the end of the stream at 40 ms. It never sees that end.";

pub(crate) fn start() {
    for is_hasty in [false, true] {
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        match is_hasty {
            true => drop(named("hasty", read_once(near))),
            false => drop(named("thorough", read_all(near))),
        }
        drop(named("writer", write(far)));
    }
}

async fn write(mut stream: UnixStream) -> io::Result<()> {
    stream.write_all(b"warpweft").await?;
    sleep(Duration::from_millis(20)).await;
    stream.write_all(b"!").await?;
    sleep(Duration::from_millis(20)).await; // and the socket stays open
    Ok(())
}

async fn read_all(mut stream: UnixStream) -> io::Result<()> {
    let mut part = [0; 4];
    while stream.read(&mut part).await? > 0 {}
    Ok(())
}

/// With an operation of its own, which reads once and wants to be called again when there is more.
async fn read_once(stream: UnixStream) -> io::Result<()> {
    let mut socket = Socket::from(stream.as_fd().try_clone_to_owned()?);
    let read = || {
        let _ = socket.read(&mut [0; 4])?;
        Err(io::ErrorKind::WouldBlock.into()) // it has not looked for more
    };
    stream.async_io(Interest::READABLE, read).await
}
