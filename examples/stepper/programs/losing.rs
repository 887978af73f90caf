//! Bytes that a cancelled read loses.
//!
//! `read_exact` reads as often as it must, and has what came so far in its own future. `select!` drops the
//! futures that have not won. So a message of which one half has come is lost when another branch wins:
//! `read_exact` is not *cancel safe*.

use super::named;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::UnixStream;
use runtime::time::{Duration, sleep};
use std::io;

pub(crate) const WATCH: &str = "The reader wants 4 bytes, and has 2 when its timer fires after 30 ms. The \
    select! drops the read, and with it the 2 bytes: no event tells of that, only the next read, which \
    begins with the third byte. So what the reader takes for its message is \"ftwa\", and not \"weft\". \
    (How to repair it: cargo run --example museum -- lost_bytes.)";

pub(crate) fn start() {
    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    drop(named("reader", read(near)));
    drop(named("writer", write(far)));
}

async fn read(mut stream: UnixStream) -> io::Result<[u8; 4]> {
    let mut message = [0; 4];
    loop {
        runtime::select! {
            read = stream.read_exact(&mut message) => return read.map(|_| message),
            () = sleep(Duration::from_millis(30)) => {} // and the read is dropped
        }
    }
}

async fn write(mut stream: UnixStream) -> io::Result<()> {
    for (pause, part) in [(10, "we"), (30, "ft"), (10, "warp")] {
        sleep(Duration::from_millis(pause)).await;
        stream.write_all(part.as_bytes()).await?;
    }
    Ok(())
}
