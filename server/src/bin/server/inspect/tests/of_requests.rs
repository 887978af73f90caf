//! What is told of requests: on a runtime that is watched, with the client in memory.

use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::runtime::Runtime;
use serde_json::{Value, json};

use super::super::requests;
use super::super::trouble::{self, Trouble};
use super::super::watched::{Ends, Watched};

/// Requests to a router in memory, on a runtime that is watched.
fn requested(paths: &[&str]) -> Rc<Watched> {
    let runtime = Runtime::new().unwrap();
    let watched = Rc::new(Watched::new(Ends::of(&runtime)));
    let slow = || runtime::time::sleep(Duration::from_millis(1));
    let app = server::Router::new()
        .route("/slow/{name}", server::routing::get(slow))
        .route("/bad", server::routing::get(StatusCode::BAD_GATEWAY))
        .route("/", server::routing::get(|| async {}));
    runtime.block_on(async {
        let (near, far) = runtime::io::duplex(10_000);
        let served = server::h1::Endpoint::new(app).connection(far);
        let served = runtime::spawn(served);
        let mut near = near;
        for path in paths {
            let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            near.write_all(head.as_bytes()).await.unwrap();
        }
        near.shutdown().await.unwrap();
        let mut answers = Vec::new();
        near.read_to_end(&mut answers).await.unwrap();
        drop(near);
        drop(served.await.unwrap());
    });
    watched.take();
    watched
}

#[test]
fn requests_are_listed_the_newest_first_and_by_what_is_wanted() {
    let watched = requested(&["/", "/slow/a?secret=1", "/nowhere/b"]);
    let asked = |wanted: Value| -> Vec<Value> {
        let wanted = serde_json::from_value(wanted).unwrap();
        let listed = requests::of(&watched.accounts(), &wanted, &|number| number);
        let each = listed["requests"].as_array().unwrap().iter();
        each.map(|it| json!([it["asked"], it["route"], it["status"]]))
            .collect()
    };
    let [plain, slow, none] = [
        json!(["GET /", "/", "200"]),
        json!(["GET /slow/a", "/slow/{name}", "200"]),
        json!(["GET /nowhere/b", null, "404"]),
    ];
    assert_eq!(asked(json!({})), [none.clone(), slow.clone(), plain]);
    assert_eq!(
        asked(json!({ "what": " {name}" })),
        std::slice::from_ref(&slow)
    );
    assert_eq!(
        asked(json!({ "what": "/nowhere" })),
        std::slice::from_ref(&none)
    );
    assert_eq!(asked(json!({ "status": "4" })), [none]);
    assert_eq!(asked(json!({ "slower": 1 })), [slow]);
    assert_eq!(asked(json!({ "open": true })), [] as [Value; 0]);
}

#[test]
fn those_under_way_at_a_moment_are_those_that_had_begun_and_not_ended() {
    let watched = requested(&["/", "/slow/a"]);
    let under_way = |at: u64| -> Vec<String> {
        let wanted = serde_json::from_value(json!({ "open": true, "at": at })).unwrap();
        let listed = requests::of(&watched.accounts(), &wanted, &|number| number);
        let each = listed["requests"].as_array().unwrap().iter();
        each.map(|it| it["asked"].as_str().unwrap().to_owned())
            .collect()
    };
    let accounts = watched.accounts();
    for account in accounts.ended().filter(|it| requests::is_request(it)) {
        let [begin, end] = [account.said.first(), account.said.last()].map(|it| it.unwrap().seq);
        let asked = &account.said[0].text;
        assert!(
            !under_way(begin).contains(asked),
            "not before its first event"
        );
        assert!(under_way(begin + 1).contains(asked) && under_way(end).contains(asked));
        assert!(
            !under_way(end + 1).contains(asked),
            "not after its last event"
        );
    }
}

#[test]
fn a_head_that_was_broken_off_is_listed_and_one_that_was_read_is_its_request() {
    let runtime = Runtime::new().unwrap();
    let watched = Rc::new(Watched::new(Ends::of(&runtime)));
    runtime.block_on(async {
        let (mut near, far) = runtime::io::duplex(1000);
        let app = server::Router::new().route("/", server::routing::get(|| async {}));
        let served = runtime::spawn(server::h1::Endpoint::new(app).connection(far));
        for piece in ["GET / HTTP/1.1\r\nHo", "st: x\r\n\r\nGET /se"] {
            near.write_all(piece.as_bytes()).await.unwrap();
            runtime::time::sleep(Duration::from_millis(1)).await;
        }
        near.shutdown().await.unwrap();
        drop(served.await.unwrap());
    });
    watched.take();
    let listed = requests::of(&watched.accounts(), &requests::Wanted::default(), &|it| it);
    let each = listed["requests"].as_array().unwrap().iter();
    let each: Vec<_> = each
        .map(|it| json!([it["scope"], it["id"], it["asked"], it["last"]]))
        .collect();
    assert_eq!(
        each,
        [
            json!(["head", 2, "(part of a head)", "cut off"]),
            json!(["request", 1, "GET /", "answer 200"]),
        ]
    );
}

#[test]
fn the_line_of_a_slow_request_names_its_route_and_its_waits() {
    let mut account = requested(&["/slow/secret"])
        .accounts()
        .ended()
        .next()
        .unwrap()
        .clone();
    let mut trouble = Trouble::default();
    trouble.look_at(&account);
    assert_eq!(trouble.why(), None, "it was fast");
    let (begin, end) = (account.begin(), account.end());
    let stretch = |time: Duration| match time > begin + (end - begin) / 2 {
        true => time + Duration::from_secs(2),
        false => time,
    };
    for piece in &mut account.pieces {
        (piece.from, piece.to) = (stretch(piece.from), stretch(piece.to));
    }
    account
        .said
        .iter_mut()
        .for_each(|said| said.time = stretch(said.time));
    trouble.hold();
    trouble.look_at(&account);
    assert_eq!(trouble.why(), None, "the inspector holds it up");
    trouble.let_go(account.begin());
    trouble.look_at(&account);
    assert_eq!(trouble.why(), None, "the inspector has held it up");
    let mut trouble = Trouble::default();
    trouble.hold();
    trouble.let_go(Duration::ZERO);
    trouble.look_at(&account);
    let why = trouble.why().expect("it began after the inspector let go");
    assert!(why.starts_with("GET /slow/{name} took 200"), "{why}");
    let line = trouble::line(&account, account.end());
    assert!(
        line.starts_with("server: slow: GET /slow/{name} took 200"),
        "{line}"
    );
    assert!(
        line.contains("it waits for timer 1 (of_requests.rs:"),
        "{line}"
    );
    assert!(!line.contains("secret") && line.ends_with('\n'), "{line}");
}

#[test]
fn a_request_that_failed_is_a_reason_to_keep_what_led_to_it() {
    assert_eq!(requested(&["/", "/nowhere"]).trouble(), None);
    // A head of another version is answered with 505, and is the client's fault.
    let refused = requested(&["/ HTTP/2.0\r\nX: y"]);
    let listed = requests::of(
        &refused.accounts(),
        &requests::Wanted::default(),
        &|number| number,
    );
    let first = &listed["requests"][0];
    assert_eq!(
        (&first["asked"], &first["status"]),
        (&json!("GET /"), &json!("505"))
    );
    assert!(first["refused"].is_string(), "{first}");
    assert_eq!(refused.trouble(), None);
    let watched = requested(&["/bad", "/"]);
    let why = watched.trouble();
    assert_eq!(why.as_deref(), Some("GET /bad was answered with 502"));
    assert_eq!(watched.trouble(), None, "it is told once");
}
