//! Two hosts of a simulation: a client asks a server, which crashes before it answers, and comes back.
//!
//! A crash drops all tasks of the host and resets its connections. The host is then started again from its
//! beginning: it has a second life, with a recording of its own.

use crate::player::Named;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{Builder, Result};
use runtime::time::{Duration, sleep};
use std::io;

pub(crate) const WATCH: &str = "LANES: the server crashes at 5 ms, in the middle of its work, and is started again 20 ms \
    later. The crash resets its connection: that wakes the client, which tries again until it has its answer. Both \
    lives of the server stand in one lane. A deadline in a sentence is by the host's own clock, which begins anew \
    with each life.";

/// More events than any of the hosts has.
const MOST: usize = 20_000;

/// A thousandth of a second.
const MILLI: Duration = Duration::from_millis(1);

/// Runs them until the client has its answer.
pub(crate) fn record(seed: u64) -> io::Result<Vec<Named>> {
    let mut sim = Builder::new().rng_seed(seed).record(MOST).build();
    sim.host("server", answer);
    sim.client("client", async {
        while ask().await.is_err() {
            sleep(10 * MILLI).await;
        }
        Ok(())
    });
    sim.run_for(5 * MILLI).map_err(io::Error::other)?;
    sim.crash("server");
    // A recording is of one life.
    let first = sim.recordings().remove_entry("server");
    sim.run_for(20 * MILLI).map_err(io::Error::other)?;
    sim.bounce("server");
    sim.run().map_err(io::Error::other)?;
    Ok(first.into_iter().chain(sim.recordings()).collect())
}

/// Answers each question, after a while.
async fn answer() -> Result {
    let listener = TcpListener::bind("0.0.0.0:1").await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        let question = stream.read_u8().await?;
        sleep(8 * MILLI).await;
        stream.write_u8(question).await?;
    }
}

async fn ask() -> io::Result<()> {
    let mut stream = TcpStream::connect("server:1").await?;
    stream.write_u8(b'?').await?;
    stream.read_u8().await?;
    Ok(())
}
