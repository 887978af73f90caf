//! What a server that stops does with streams of events and detached handlers; and what becomes of
//! a handler whose client leaves.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use futures_lite::stream;
use http::StatusCode;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::time::{Instant, sleep, timeout};
use server::Router;
use server::extract::rejection::Rejection;
use server::h1::Endpoint;
use server::middleware::{ClientGone, DetachLayer};
use server::response::sse::{Event, KeepAlive, Sse};
use server::routing::get;
use server::testing::TestServer;
use support::{ROOM, connect, connect_with, exchange};

#[runtime::test(start_paused = true)]
async fn a_stream_of_events_ends_when_the_server_stops() {
    let ticks = || async {
        let ticks = stream::unfold((), |()| async {
            sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(Event::default().data("tick")), ()))
        });
        Sse::new(ticks).keep_alive(KeepAlive::default())
    };
    let endpoint = Endpoint::new(Router::new().route("/", get(ticks)));
    let mut peer = connect_with(&endpoint, ROOM);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_millis(2_500)).await;
    let begin = Instant::now();
    endpoint.drain();
    let rest = peer.rest().await;
    assert_eq!(rest.matches("data: tick").count(), 2);
    assert!(rest.ends_with("\r\n0\r\n\r\n"), "a proper end: {rest:?}");
    endpoint.closed().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

/// A router with a handler that takes ten seconds, and how it ended.
fn slow(is_detached: bool) -> (Router, Rc<Cell<&'static str>>) {
    let end = Rc::new(Cell::new("still running"));
    let noted = end.clone();
    let handler = move |gone: ClientGone| {
        let noted = noted.clone();
        async move {
            sleep(Duration::from_secs(10)).await;
            noted.set(match gone.is_gone() {
                true => "done, without the client",
                false => "done",
            });
            "answer"
        }
    };
    let route = match is_detached {
        true => get(handler).layer(DetachLayer::new()),
        false => get(handler),
    };
    (Router::new().route("/", route), end)
}

#[runtime::test(start_paused = true)]
async fn a_detached_handler_goes_on_without_its_client_and_any_other_does_not() {
    for (is_detached, expected) in [(true, "done, without the client"), (false, "still running")] {
        let (app, end) = slow(is_detached);
        let mut peer = connect(app.clone());
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        sleep(Duration::from_secs(1)).await;
        drop(peer.abort().await);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(end.get(), expected);
        end.set("still running");
        assert_eq!(connect(app).get("/").await.body, b"answer");
        assert_eq!(end.get(), "done");
    }
}

#[runtime::test(start_paused = true)]
async fn a_server_that_stops_waits_for_detached_handlers_and_not_for_ever() {
    for is_cut in [false, true] {
        let (app, end) = slow(true);
        let endpoint = Endpoint::new(app);
        let mut peer = connect_with(&endpoint, ROOM);
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        sleep(Duration::from_secs(1)).await;
        drop(peer.abort().await);
        endpoint.drain();
        let early = timeout(Duration::from_secs(8), endpoint.closed()).await;
        assert!(early.is_err(), "it waits");
        if is_cut {
            endpoint.cut();
        }
        endpoint.closed().await;
        let expected = match is_cut {
            true => "still running",
            false => "done, without the client",
        };
        assert_eq!(end.get(), expected);
    }
}

#[runtime::test(start_paused = true)]
async fn the_configuration_says_how_long_a_stop_may_take_and_how_many_connections_there_are() {
    let config = server::Config {
        shutdown_timeout: Duration::from_secs(3),
        max_connections: 1,
        ..server::Config::default()
    };
    let (app, end) = slow(true);
    let app = app.route("/quick", get(|| async {}));
    let server = TestServer::builder().config(config).serve(app);
    let (mut busy, mut waits) = (server.connect().unwrap(), server.connect().unwrap());
    for (client, path) in [(&mut busy, "/"), (&mut waits, "/quick")] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        client.write_all(head.as_bytes()).await.unwrap();
    }
    let answer = timeout(Duration::from_secs(1), waits.read(&mut [0])).await;
    assert!(answer.is_err(), "there is one connection, and it is busy");
    let begin = Instant::now();
    server.shutdown().await;
    assert_eq!(begin.elapsed(), Duration::from_secs(3));
    assert_eq!(end.get(), "still running");
}

/// It holds what it held until it ends, and a server that has ended must hold nothing.
#[runtime::test(start_paused = true)]
async fn a_detached_handler_that_a_cut_overtakes_is_dropped_before_the_server_has_ended() {
    let held = Rc::new(());
    let holds = held.clone();
    let handler = move || {
        let holds = holds.clone();
        async move {
            std::future::pending::<()>().await;
            drop(holds);
        }
    };
    let app = Router::new().route("/", get(handler).layer(DetachLayer::new()));
    let endpoint = Endpoint::new(app);
    let mut gone = connect_with(&endpoint, ROOM);
    let mut stays = connect_with(&endpoint, ROOM);
    for peer in [&mut gone, &mut stays] {
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    }
    sleep(Duration::from_secs(1)).await;
    drop(gone.abort().await);
    endpoint.cut();
    endpoint.closed().await;
    drop(endpoint);
    assert!(stays.end().await.unwrap_err().is_shut_down());
    assert_eq!(
        Rc::strong_count(&held),
        1,
        "dropped, with all that they hold"
    );
}

#[runtime::test(start_paused = true)]
async fn a_detached_handler_hears_that_its_client_has_gone() {
    let heard = Rc::new(Cell::new(None));
    let noted = heard.clone();
    let begin = Instant::now();
    let handler = move |gone: ClientGone| {
        let noted = noted.clone();
        async move {
            gone.await;
            noted.set(Some(begin.elapsed()));
        }
    };
    let app = Router::new().route("/", get(handler).layer(DetachLayer::new()));
    let mut peer = connect(app);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(heard.get(), None);
    drop(peer.abort().await);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(heard.get(), Some(Duration::from_secs(3)));
}

#[runtime::test(start_paused = true)]
async fn a_panic_of_a_detached_handler_is_answered() {
    let panics = || async {
        if true {
            panic!("the loom is stuck")
        }
    };
    let app = Router::new().route("/", get(panics).layer(DetachLayer::new()));
    let mut peer = connect(app);
    assert_eq!(peer.get("/").await.status, 500);
    assert_eq!(peer.get("/nowhere").await.status, 404);
}

#[runtime::test(start_paused = true)]
async fn one_hook_words_all_rejections_of_a_router() {
    use server::extract::Path;
    let reword = |rejection: &Rejection, head: &http::request::Parts| {
        (
            StatusCode::IM_A_TEAPOT,
            format!("{}: {}", head.uri, rejection.status()),
        )
    };
    let app = Router::new()
        .route(
            "/{n}",
            get(|Path(n): Path<u8>| async move { n.to_string() }),
        )
        .on_rejection(reword);
    let mut peer = connect(app);
    assert_eq!(peer.get("/7").await.body, b"7");
    let refused = peer.get("/x").await;
    assert_eq!(refused.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(refused.body, b"/x: 400 Bad Request");
}

/// Each is refused for a rule that can be read, and counted.
#[runtime::test(start_paused = true)]
async fn refusals_are_counted_with_their_rules() {
    let config = server::Config {
        max_body: 3,
        ..server::Config::default()
    };
    let refusals = config.refusals.clone();
    for (wire, rule) in [
        ("GET / HTTP/1.1\r\n\r\n", "RFC 9112, section 3.2"),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "RFC 9112, section 3.2",
        ),
        (
            "GET / HTTP/9.1\r\nHost: x\r\n\r\n",
            "RFC 9110, section 15.6.6",
        ),
        (
            "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
            "RFC 9110, section 15.6.2",
        ),
        (
            "GET /% HTTP/1.1\r\nHost: x\r\n\r\n",
            "RFC 3986, section 2.1",
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfour",
            "RFC 9110, section 15.5.14",
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "RFC 9112, section 7.1",
        ),
    ] {
        let before = refusals.all();
        let mut peer = support::connect_to_site(config.clone());
        peer.send(wire).await;
        peer.finish_sending().await;
        peer.rest().await;
        let after = refusals.all();
        let new = after.iter().find(|entry| !before.contains(entry));
        let (refusal, times) = new.unwrap_or_else(|| panic!("not counted: {wire:?}"));
        assert_eq!((refusal.rule(), *times), (Some(rule), 1), "{wire:?}");
    }
    assert_eq!(refusals.total(), 7);
    assert!(
        exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 ")
    );
    assert_eq!(refusals.total(), 7, "a count belongs to its endpoint");
}
