//! An echo over TCP.
//!
//! A server and a client, two tasks on one thread, connected by the operating system. A read
//! that finds nothing does not block: it leaves a waker with the *source*, and the reactor,
//! which asks the operating system about all sources at once, calls it.

use super::named;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use std::io;
use std::net::SocketAddr;

pub(crate) const WATCH: &str = "The sources. Each has two directions, and for each the runtime \
    remembers whether it is ready and who waits. A wait ends with the event that the reactor is \
    told when the thread parks or turns. A read that finds nothing more clears the readiness.";

pub(crate) fn start() {
    drop(named("server", server()));
}

async fn server() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    drop(named("client", client(listener.local_addr()?)));
    let (mut stream, _) = listener.accept().await?;
    let mut buffer = [0; 64];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn client(server: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(b"warp and weft").await?;
    stream.read_exact(&mut [0; 13]).await?;
    Ok(())
}
