//! How every server under test begins: two ports, and a task for the one that is not served.
//!
//! The *control port* tells the CPU time that the server's thread has used so far: only a thread
//! can read its own CPU clock, so the client that measures has to ask. It asks three times a round
//! (`zz_table/load.rs`), and the last two answers stand around what is measured: thousands of messages,
//! or 16 of a megabyte.

use super::rt::io::AsyncWriteExt;
use super::rt::net::{TcpListener, TcpStream};
use super::rt::spawn;
use crate::kit::clock::thread_cpu;
use crate::kit::work::Ports;
use std::io;

/// Opens the two ports, says where they are, answers the control port from now on, and returns
/// the listener of the service.
pub(crate) async fn open(ready: impl FnOnce(Ports)) -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let control = control().await?;
    ready(Ports {
        service: listener.local_addr()?,
        control: control.local_addr()?,
    });
    answer(control);
    Ok(listener)
}

/// Opens the control port. It is not answered yet.
pub(crate) async fn control() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

/// Answers the control port from now on.
pub(crate) fn answer(control: TcpListener) {
    drop(spawn(tell_cpu(control)));
}

/// Tells everyone who connects how much CPU time this thread has used, in nanoseconds.
async fn tell_cpu(control: TcpListener) {
    while let Ok((stream, _)) = control.accept().await {
        tell(stream).await;
    }
}

/// Tells one who has connected.
pub(crate) async fn tell(mut stream: TcpStream) {
    let cpu = thread_cpu().as_nanos() as u64;
    let _ = stream.write_all(&cpu.to_le_bytes()).await;
}
