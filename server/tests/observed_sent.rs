//! A request ends when its answer has been sent: what a client is waited for is time of its request.

#[path = "support/marks.rs"]
mod marks;
mod support;

use std::time::Duration;

use marks::{ended_accounts, recorded, said};
use runtime::time::sleep;
use runtime::trace::Record;
use server::Router;
use server::routing::get;
use story::account::Doing;
use support::{Peer, connect};

const MIB: usize = 1024 * 1024;

/// Runs `visit` against an app with a long answer and a short one, observed; the records.
fn visited(visit: impl AsyncFnOnce(Peer)) -> Vec<Record> {
    let app = Router::new()
        .route("/long", get(|| async { "x".repeat(MIB) }))
        .route("/", get(|| async { "short" }));
    let runtime = recorded();
    runtime.block_on(async { visit(connect(app)).await });
    runtime.trace().take()
}

#[test]
fn a_client_that_takes_its_answer_slowly_is_waited_for_in_its_request() {
    let records = visited(async |mut peer| {
        peer.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n").await;
        sleep(Duration::from_secs(3)).await;
        assert_eq!(peer.answer().await.text().len(), MIB);
    });
    let [request] = &ended_accounts(&records)[..1] else {
        unreachable!("one was asked for");
    };
    let said: Vec<&str> = request.said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(said[said.len() - 2..], ["answer 200", "complete"]);
    let began = request.time_of("answer").unwrap();
    assert_eq!(began, request.begin(), "it does not take long to begin");
    let longest = request.sums()[0];
    assert!(matches!(longest.doing, Doing::Waiting(_)), "{longest:?}");
    assert_eq!(longest.took, Duration::from_secs(3));
}

#[test]
fn answers_that_are_sent_together_end_one_after_the_other() {
    let records = visited(async |mut peer| {
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2))
            .await;
        peer.answer().await;
        peer.answer().await;
    });
    let ends: Vec<String> = said(&records)
        .into_iter()
        .filter(|said| said.contains("Begin") || said.contains("End"))
        .collect();
    assert_eq!(
        ends,
        [
            "request 1 Begin: GET /",
            "request 1 End: answer 200",
            "request 2 Begin: GET /",
            "request 2 End: answer 200",
        ]
    );
}

#[test]
fn a_client_that_leaves_before_it_has_its_answer_cuts_the_request_off() {
    let records = visited(async |mut peer| {
        peer.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n").await;
        peer.take(100).await;
        drop(peer);
        sleep(Duration::from_secs(1)).await;
    });
    let told = said(&records);
    assert!(
        told.join("\n")
            .contains("request 1 Point: answer 200\nrequest 1 End: cut off"),
        "{told:?}"
    );
}
