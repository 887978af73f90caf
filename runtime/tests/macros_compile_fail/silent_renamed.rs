// What a program written for Tokio does, with one line of its Cargo.toml changed.
#![deny(warnings)]

use tokio::sync::mpsc;
use tokio::time::{Duration, sleep};

tokio::task_local! {
    static NUMBER: u32;
}

async fn work() -> u32 {
    tokio::task::yield_now().await;
    NUMBER.get()
}

#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    let (tx, mut rx) = mpsc::channel(1);
    let work = NUMBER.scope(1, work());
    tokio::pin!(work);
    let first = tokio::select! {
        biased;
        n = &mut work => n,
        _ = sleep(Duration::from_secs(1)) => 0,
        else => 2,
    };
    let (sent, received) = tokio::join!(tx.send(first), rx.recv());
    sent.unwrap();
    let both: Result<(u32, u32), ()> =
        tokio::try_join!(async { Ok(received.unwrap()) }, async { Err(()) });
    assert!(both.is_err());
    tokio::spawn(async {}).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
#[allow(dead_code)]
async fn other() {}

#[tokio::main(crate = "tokio")]
#[allow(dead_code)]
async fn named() {}

#[tokio::test]
async fn test() {}
