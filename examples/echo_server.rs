//! An echo server for many clients, on one thread.
//!
//! ```text
//! cargo run --example echo_server -- 127.0.0.1:7000     serves until it is interrupted
//! nc 127.0.0.1 7000                                      in as many other terminals as you like
//! cargo run --example echo_server                        shows itself with clients of its own
//! ```
//!
//! One task accepts. Each connection becomes a task of its own that reads as if it were alone
//! in the world: where a blocking program would stop its thread, the task leaves a waker with
//! the reactor, and the thread goes on with a task that has something to do.
//!
//! What to see in the output of the demonstration:
//!
//! 1. The first client connects and keeps silent. No other client waits for it.
//! 2. A hundred others come, talk, and go, all at the same time.
//! 3. Then the first one speaks, and is served as if nothing had been.
#![forbid(unsafe_code)]

use runtime::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use runtime::net::{TcpListener, TcpStream};
use runtime::time::{Duration, sleep};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

/// What the server has done so far. Every task may count, for they share one thread.
#[derive(Default)]
struct Done {
    connections: Cell<u32>,
    bytes: Cell<u64>,
}

/// Accepts for ever; a task for each connection.
async fn serve(listener: TcpListener, done: Rc<Done>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => drop(runtime::spawn(connection(stream, peer, done.clone()))),
            Err(error) => {
                // Out of descriptors, most likely. Those who are here go on; give them time.
                eprintln!("accept: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Sends back what comes until the client has no more to say.
async fn connection(mut stream: TcpStream, peer: SocketAddr, done: Rc<Done>) {
    let (mut reader, mut writer) = stream.split();
    match io::copy(&mut reader, &mut writer).await {
        Ok(bytes) => {
            done.connections.set(done.connections.get() + 1);
            done.bytes.set(done.bytes.get() + bytes);
        }
        Err(error) => eprintln!("{peer}: {error}"),
    }
}

/// A client: says a few lines, waits for each to come back, and leaves.
async fn client(server: SocketAddr, lines: Vec<String>) -> io::Result<u32> {
    let mut stream = TcpStream::connect(server).await?;
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    let mut right = 0;
    for line in lines {
        writer.write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        reader.read_line(&mut answer).await?;
        right += u32::from(answer == line);
    }
    writer.shutdown().await?;
    // The server answers the end with the end.
    let rest = reader.read_to_end(&mut Vec::new()).await?;
    assert_eq!(rest, 0, "nothing comes back that was not sent");
    Ok(right)
}

async fn demonstrate() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving on {address}");
    let done = Rc::new(Done::default());
    let server = runtime::spawn(serve(listener, done.clone()));

    let mut silent = TcpStream::connect(address).await?;
    println!("the first client is connected, and silent");

    let lines = |n| vec![format!("I am client {n}\n"), format!("{n} says good-bye\n")];
    let others: Vec<_> = (1..=100)
        .map(|n| runtime::spawn(client(address, lines(n))))
        .collect();
    let mut right = 0;
    for other in others {
        right += other.await.expect("a client does not panic")?;
    }
    println!("100 others have come and gone, {right} of 200 answers were right");

    silent.write_all(b"now I").await?;
    let mut answer = [0; 5];
    silent.read_exact(&mut answer).await?;
    println!(
        "the first client got {:?}",
        String::from_utf8_lossy(&answer)
    );

    let (connections, bytes) = (done.connections.get(), done.bytes.get());
    println!("the server has sent back {bytes} bytes to {connections} clients who left");
    server.abort();
    Ok(())
}

#[runtime::main]
async fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None | Some("--demo") => demonstrate().await,
        Some(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("serving on {}", listener.local_addr()?);
            serve(listener, Rc::default()).await;
            Ok(())
        }
    }
}
