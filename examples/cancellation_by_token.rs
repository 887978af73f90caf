//! Cancellation by token: one word that reaches all tasks that it concerns, and no others.
//!
//! To abort a task is to drop it at whatever `.await` it has come to. Often that is just right. It
//! is not when the task is half-way through something that must be whole, or wants to tidy up, or
//! when what is to be ended is not one task but all that belong together. Then it should be *told*,
//! and end by itself. A `CancellationToken` tells. It can be cloned, and then all clones are one
//! token; or it can have children, which are cancelled with their parent, but not the other way
//! round. So tokens form the same tree as the work: a server, its requests, their parts.
//!
//! What to see in the output (the clock is paused):
//!
//! 1. Request 1 is done in time, and hears of nothing.
//! 2. The client of request 2 leaves: the guard that stands for it is dropped, which cancels the
//!    token of that request, and with it both of its parts. The other requests go on.
//! 3. Then the server is told to stop, which cancels what is left. Request 3 is computing; it looks
//!    at its token between two pieces and tells how far it came. Request 4 is between the two halves
//!    of a payment; it finishes the second before it ends. Request 5 does not listen.
//! 4. Who has not ended after a while is dropped.
#![forbid(unsafe_code)]

use runtime::sync::CancellationToken;
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::Cell;

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    START.set(Some(Instant::now()));
    let server = CancellationToken::new();
    let mut requests = JoinSet::new();
    requests.spawn(quick(server.child_token()));
    let second = server.child_token();
    requests.spawn(in_parts(second.clone()));
    requests.spawn(computing(server.child_token()));
    requests.spawn(paying(server.child_token()));
    requests.spawn(deaf());

    let client = second.drop_guard();
    milliseconds(30).await;
    say("client 2: leaves");
    drop(client);

    milliseconds(70).await;
    say("server:   stops");
    server.cancel();
    let all = async { while requests.join_next().await.is_some() {} };
    if timeout(Duration::from_secs(5), all).await.is_err() {
        say(&format!(
            "server:   {} has not ended, and is dropped",
            requests.len()
        ));
        requests.shutdown().await;
    }
    say("server:   has stopped");
}

/// The shortest form: the work, or nothing if the token comes first.
async fn quick(token: CancellationToken) {
    let work = async {
        milliseconds(10).await;
        "a page"
    };
    match token.run_until_cancelled(work).await {
        Some(page) => say(&format!("request 1: done, {page}")),
        None => say("request 1: cancelled"),
    }
}

/// Each part has a token of its own, a child of the request's: the request could end one of them,
/// and to end the request is to end both.
async fn in_parts(token: CancellationToken) {
    let mut parts = JoinSet::new();
    for part in ["pictures", "words"] {
        let token = token.child_token();
        parts.spawn(async move {
            let work = milliseconds(500);
            let done = token.run_until_cancelled(work).await.is_some();
            say(&format!("request 2: {part}, done: {done}"));
        });
    }
    parts.join_all().await;
    say(&format!("request 2: cancelled: {}", token.is_cancelled()));
}

/// Computes in pieces. Between two of them it gives the thread back, and looks whether to go on:
/// no other task can interrupt it, so it has to ask.
async fn computing(token: CancellationToken) {
    let (mut sum, mut pieces) = (0_u64, 0);
    while pieces < 1000 && !token.is_cancelled() {
        sum = (0..1000).fold(sum, |sum, it| sum.rotate_left(1) ^ it);
        pieces += 1;
        milliseconds(1).await; // where the clock is paused, this is what a piece takes
    }
    say(&format!(
        "request 3: stopped after piece {pieces} of 1000, the sum so far is {sum:x}"
    ));
}

/// Waits for the token where it may be cancelled, and does not look at it where it may not.
async fn paying(token: CancellationToken) {
    let mut paid = 0;
    loop {
        runtime::select! {
            biased;
            () = token.cancelled() => break,
            () = milliseconds(10) => {} // until a client wants to pay
        }
        milliseconds(15).await; // taken from the one account
        let torn = token.is_cancelled();
        milliseconds(15).await; // put on the other
        paid += 1;
        if torn {
            say("request 4: told between the two halves of a payment, and finishes it");
        }
    }
    say(&format!("request 4: cancelled after {paid} whole payments"));
}

async fn deaf() {
    milliseconds(3_600_000).await;
}

async fn milliseconds(number: u64) {
    sleep(Duration::from_millis(number)).await;
}

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
}

fn say(words: &str) {
    let start = START.get().expect("main has set it");
    println!("{:4} ms  {words}", start.elapsed().as_millis());
}
