use std::time::Duration;

use runtime::time::{advance, sleep};
use serde_json::Value;
use server::testing::{TestClient, TestServer};
use server::ws::WebSocketError;

use super::*;

mod silence;

struct Site {
    server: TestServer,
    client: TestClient,
}

impl Site {
    fn new() -> Self {
        let metrics = Metrics::default();
        let app = routes(&metrics).merge(metrics.routes());
        // A small buffer: so a client that does not read is noticed soon.
        let server = TestServer::builder().buffer(1024).serve(app);
        let client = server.client();
        Site { server, client }
    }

    async fn try_join(&self, name: &str) -> Result<WebSocket, server::Error> {
        let request = self.client.get("/ws/chat").query(&[("name", name)]);
        request.websocket().await
    }

    async fn join(&self, name: &str) -> WebSocket {
        let mut socket = self.try_join(name).await.expect("the handshake succeeds");
        assert_eq!(next(&mut socket).await["kind"], "history");
        assert_eq!(line(&mut socket).await, format!("join {name} "));
        socket
    }

    async fn number(&self, line: &str) -> bool {
        let metrics = self.client.get("/metrics").await.text().await;
        metrics.lines().any(|found| found == line)
    }
}

/// The next message of the room, as JSON.
async fn next(socket: &mut WebSocket) -> Value {
    loop {
        match socket.recv().await.expect("a message").expect("a message") {
            Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The next message in short.
async fn line(socket: &mut WebSocket) -> String {
    let line = next(socket).await;
    let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", word("kind"), word("name"), word("text"))
}

/// The code of the close frame, which comes next but for lines.
async fn closed(socket: &mut WebSocket) -> CloseCode {
    loop {
        match socket.recv().await.expect("a message").expect("a message") {
            Message::Close(Some(frame)) => return frame.code,
            Message::Text(_) | Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The status that a server answers in the place of a handshake.
fn status(refused: Result<WebSocket, server::Error>) -> http::StatusCode {
    let error = refused.expect_err("no WebSocket").into_inner();
    match error.downcast_ref() {
        Some(WebSocketError::Refused(status, _)) => *status,
        _ => panic!("{error}"),
    }
}

#[runtime::test(start_paused = true)]
async fn what_one_says_all_hear_and_they_hear_who_comes_and_goes() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let mut eve = site.join("eve").await;
    assert_eq!(line(&mut ada).await, "join eve ");
    ada.send(Message::text(" <b>hello</b>\n")).await.unwrap();
    assert_eq!(line(&mut ada).await, "say ada <b>hello</b>");
    assert_eq!(line(&mut eve).await, "say ada <b>hello</b>");
    assert!(site.number("chat_members 2").await);
    assert!(site.number("chat_messages_total 1").await);
    eve.send(Message::Close(None)).await.unwrap();
    assert_eq!(line(&mut ada).await, "leave eve ");
    drop(ada);
    while !site.number("chat_members 0").await {
        sleep(Duration::from_millis(1)).await;
    }
}

#[runtime::test(start_paused = true)]
async fn a_newcomer_gets_the_members_and_the_last_fifty_lines_in_their_order() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    for number in 0..60 {
        ada.send(Message::text(number.to_string())).await.unwrap();
        assert_eq!(line(&mut ada).await, format!("say ada {number}"));
        advance(member::EACH).await;
    }
    let mut eve = site.try_join("eve").await.unwrap();
    let first = next(&mut eve).await;
    assert_eq!(first["name"], "eve");
    assert_eq!(first["members"], serde_json::json!(["ada", "eve"]));
    let lines = first["lines"].as_array().unwrap();
    let texts: Vec<_> = lines.iter().map(|line| line["text"].clone()).collect();
    let expected: Vec<_> = (10..60)
        .map(|number| Value::from(number.to_string()))
        .collect();
    assert_eq!(texts, expected);
    assert!(lines[0]["at"].as_u64().unwrap() > 1_600_000_000_000);
}

#[runtime::test(start_paused = true)]
async fn a_name_that_is_taken_is_told_so_by_a_close_code_and_is_free_when_its_member_has_left() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let mut second = site.try_join("ada").await.unwrap();
    assert_eq!(closed(&mut second).await, TAKEN);
    ada.send(Message::text("still here")).await.unwrap();
    assert_eq!(line(&mut ada).await, "say ada still here");
    ada.send(Message::Close(None)).await.unwrap();
    while ada.recv().await.is_some() {}
    site.join("ada").await;
}

#[runtime::test(start_paused = true)]
async fn a_name_is_short_and_can_be_seen() {
    let site = Site::new();
    let long = "x".repeat(33);
    for name in [
        "",
        " ",
        " ada",
        "ada ",
        "a\nb",
        "a\u{0}b",
        "a\u{202e}b",
        "\u{200b}",
        &long,
    ] {
        let refused = site.try_join(name).await;
        assert_eq!(status(refused), 400, "{name:?}");
    }
    assert_eq!(status(site.client.get("/ws/chat").websocket().await), 400);
    for name in [
        "Ada Lovelace",
        "\u{1d4d0}",
        "\u{7e54}\u{308a}\u{624b}",
        &long[1..],
    ] {
        site.join(name).await;
    }
    assert_eq!(site.client.get("/ws/chat?name=eve").await.status(), 400);
}

#[runtime::test(start_paused = true)]
async fn strangers_who_come_and_go_are_let_in_so_many_a_second_and_leave_no_lines() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    ada.send(Message::text("a line")).await.unwrap();
    // One was Ada.
    for number in 1..room::ENTRIES {
        drop(site.join(&number.to_string()).await);
    }
    let mut early = site.try_join("early").await.unwrap();
    assert_eq!(closed(&mut early).await, close_code::AGAIN);
    advance(room::ENTRY).await;
    let mut late = site.try_join("late").await.unwrap();
    let lines = next(&mut late).await["lines"].clone();
    assert_eq!((&lines[0]["text"], lines.get(1)), (&"a line".into(), None));
}

#[runtime::test(start_paused = true)]
async fn a_full_room_is_503_and_costs_nothing() {
    let site = Site::new();
    let mut members = Vec::new();
    for number in 0..room::MEMBERS {
        members.push(site.try_join(&number.to_string()).await.unwrap());
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(status(site.try_join("late").await), 503);
    drop(members.pop());
    while site.server.open_connections() > room::MEMBERS {
        sleep(Duration::from_millis(1)).await;
    }
    site.try_join("late").await.unwrap();
}

#[runtime::test(start_paused = true)]
async fn a_client_that_does_not_read_has_to_leave_and_the_others_go_on() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let _dan = site.try_join("dan").await.unwrap();
    assert_eq!(line(&mut ada).await, "join dan ");
    let long = "x".repeat(member::LONGEST_LINE);
    for _ in 0..4 {
        ada.send(Message::text(long.clone())).await.unwrap();
        assert_eq!(line(&mut ada).await, format!("say ada {long}"));
    }
    assert!(site.number("chat_members 2").await);
    assert_eq!(line(&mut ada).await, "leave dan ");
    assert!(site.number("chat_members 1").await);
    assert!(site.number("chat_dropped_total{reason=\"slow\"} 1").await);
    ada.send(Message::text("on")).await.unwrap();
    assert_eq!(line(&mut ada).await, "say ada on");
}

#[runtime::test(start_paused = true)]
async fn a_member_that_misses_a_line_has_to_leave() {
    let room = Room::new();
    let (seat, _, mut lines) = room.enter("ada").unwrap();
    for number in 0..room::BEHIND {
        seat.say(&number.to_string());
    }
    assert!(lines.next().await.is_none(), "its own coming is forgotten");
    drop(seat);
    assert_eq!(room.members(), 0);
}

#[runtime::test(start_paused = true)]
async fn a_client_that_writes_too_fast_is_told_so_and_then_sent_away() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    for _ in 0..member::BURST {
        ada.send(Message::text("x")).await.unwrap();
        assert_eq!(line(&mut ada).await, "say ada x");
    }
    ada.send(Message::text("x")).await.unwrap();
    assert_eq!(next(&mut ada).await["kind"], "refused");
    // One more is allowed after a while, and then the count of refusals begins anew.
    advance(member::EACH).await;
    ada.send(Message::text("y")).await.unwrap();
    assert_eq!(line(&mut ada).await, "say ada y");
    for _ in 0..member::MOST_REFUSED {
        ada.send(Message::text("x")).await.unwrap();
        assert_eq!(next(&mut ada).await["kind"], "refused");
    }
    ada.send(Message::text("x")).await.unwrap();
    assert_eq!(closed(&mut ada).await, close_code::POLICY);
    assert!(site.number("chat_dropped_total{reason=\"rate\"} 1").await);
}

#[runtime::test(start_paused = true)]
async fn long_and_empty_lines_are_refused_and_bytes_and_huge_messages_end_the_stay() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let long = "\u{1d4d0}".repeat(member::LONGEST_LINE);
    ada.send(Message::text(long.clone())).await.unwrap();
    assert_eq!(line(&mut ada).await, format!("say ada {long}"));
    for text in [format!("{long}x"), "  ".to_owned()] {
        ada.send(Message::text(text)).await.unwrap();
        assert_eq!(next(&mut ada).await["kind"], "refused");
    }
    ada.send(Message::text("x".repeat(LONGEST_MESSAGE + 1)))
        .await
        .unwrap();
    assert_eq!(closed(&mut ada).await, close_code::SIZE);
    let mut eve = site.join("eve").await;
    eve.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(closed(&mut eve).await, close_code::UNSUPPORTED);
}

#[runtime::test(start_paused = true)]
async fn when_the_server_stops_each_client_is_told_1001() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let mut eve = site.join("eve").await;
    let stopped = site.server.shutdown();
    assert_eq!(closed(&mut ada).await, close_code::AWAY);
    assert_eq!(closed(&mut eve).await, close_code::AWAY);
    while ada.recv().await.is_some() {}
    while eve.recv().await.is_some() {}
    stopped.await;
}

#[runtime::test(start_paused = true)]
async fn the_echo_sends_back_text_and_bytes_and_no_more_than_it_may() {
    let site = Site::new();
    let join = async || site.client.get("/ws/echo").websocket().await;
    let mut socket = join().await.unwrap();
    let messages = [
        Message::text("tea?"),
        Message::binary(vec![0xff; 3]),
        Message::binary(vec![7; 900]),
    ];
    for message in messages {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message);
    }
    let huge = Message::binary(vec![0; echo::LONGEST + 1]);
    let (mut far, sent) = (socket, huge);
    let _ = far.send(sent).await;
    assert_eq!(closed(&mut far).await, close_code::SIZE);

    let mut silent = join().await.unwrap();
    assert_eq!(closed(&mut silent).await, close_code::NORMAL);

    let mut clients = Vec::new();
    for _ in 0..echo::CLIENTS {
        clients.push(join().await.unwrap());
    }
    assert_eq!(status(join().await), 503);
    assert!(site.number("echo_clients 100").await);
}

#[runtime::test(start_paused = true)]
async fn the_page_and_its_script_are_there() {
    let site = Site::new();
    let page = site.client.get("/chat").await.text().await;
    assert!(page.contains("<script src=\"/assets/chat.js\" defer>"));
    assert!(page.contains("aria-live"));
    let script = site.client.get("/assets/chat.js").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(script.text().await.contains(&format!("TAKEN = {TAKEN};")));
}
