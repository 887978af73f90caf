//! Three hosts of a simulation: a client asks a server, which asks a store.
//!
//! Each is a runtime of its own. What one sends is what wakes another: so the chain of causes goes through all
//! three. Halfway, nothing gets through between the server and the store; what TCP sends meanwhile is sent
//! again.

use crate::player::Named;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{Builder, Fault, Result, Trouble};
use runtime::time::{Duration, sleep};
use std::io;

pub(crate) const WATCH: &str = "LANES: one row a host, one column an event, on the clock that all three share. \
    The client's question wakes the server, whose question wakes the store. From 2 ms on, for 150 ms, nothing gets \
    through between server and store: what is sent is lost, and TCP sends it again. Follow the causes (key b) of \
    the client's last poll back: they lead through all three hosts. Tab keeps the panels at one host.";

/// More events than any of the hosts has.
const MOST: usize = 20_000;

/// A thousandth of a second.
const MILLI: Duration = Duration::from_millis(1);

/// Seed 0 of the stepper is this one of the simulation: in it the fault meets the store's answer, and little else.
const FIRST: u64 = 9;

/// Runs them until the client has its answer.
pub(crate) fn record(seed: u64) -> io::Result<Vec<Named>> {
    let seed = seed.wrapping_add(FIRST);
    let mut sim = Builder::new().rng_seed(seed).record(MOST).build();
    sim.host("store", || answer(b"42", MILLI));
    sim.host("server", ask_the_store);
    sim.client("client", ask());
    sim.fault(Fault {
        at: 2 * MILLI,
        lasts: 150 * MILLI,
        what: Trouble::Apart("server".into(), "store".into()),
    });
    sim.run().map_err(io::Error::other)?;
    Ok(sim.recordings().into_iter().collect())
}

/// The store: answers each question, after a while.
async fn answer(with: &[u8], after: Duration) -> Result {
    let listener = TcpListener::bind("0.0.0.0:1").await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        let _question = stream.read_u8().await?;
        sleep(after).await;
        stream.write_all(with).await?;
    }
}

/// The server: what it is asked, it asks the store.
async fn ask_the_store() -> Result {
    let listener = TcpListener::bind("0.0.0.0:1").await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut store = TcpStream::connect("store:1").await?;
        let question = stream.read_u8().await?;
        store.write_u8(question).await?;
        let mut answer = [0; 2];
        store.read_exact(&mut answer).await?;
        stream.write_all(&answer).await?;
    }
}

async fn ask() -> Result {
    let mut stream = TcpStream::connect("server:1").await?;
    stream.write_u8(b'?').await?;
    stream.read_exact(&mut [0; 2]).await?;
    Ok(())
}
