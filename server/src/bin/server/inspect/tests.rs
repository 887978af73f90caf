//! Who may ask, and what is answered: on a runtime that is watched, with the client in memory.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use http::{Method, StatusCode};
use runtime::runtime::{Builder, Runtime};
use runtime::trace::{Event, Film};
use serde_json::Value;
use server::testing::TestClient;

mod of_files;
mod of_lanes;
mod of_requests;
mod of_runs;
mod of_spans;

use super::guard::Token;
use super::loopback;
use super::part::Part;
use super::shown::Shown;
use super::watched::{Ends, Watched};
use super::{answers, lines, picture, tape, timeline};

/// A runtime that has done something, and what the inspector knows of it.
fn watched() -> (Runtime, Rc<Watched>) {
    let runtime = Runtime::new().unwrap();
    let watched = Rc::new(Watched::new(Ends::of(&runtime)));
    runtime.block_on(async {
        let child = runtime::spawn(runtime::time::sleep(Duration::from_millis(1)));
        child.await.unwrap();
    });
    watched.take();
    (runtime, watched)
}

/// A client of the page that shows this.
fn client(shown: Shown) -> TestClient {
    client_in(PathBuf::new(), shown)
}

/// The same of a page that writes files into this folder.
fn client_in(folder: PathBuf, shown: Shown) -> TestClient {
    TestClient::new(answers::routes(shown, Token::of("secret"), folder))
}

/// Asks the inspector of such a runtime.
fn asked(method: &Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
    let (_observed, watched) = watched();
    Runtime::new().unwrap().block_on(async {
        let client = client(Shown::live(Part::live(watched)));
        let mut request = client.request(method.clone(), path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.await;
        (answer.status(), answer.text().await)
    })
}

fn status(method: &Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    asked(method, path, headers).0
}

const HERE: (&str, &str) = ("host", "127.0.0.1:3001");
const OURS: (&str, &str) = ("x-treadle-inspect", "1");

#[test]
fn without_the_token_nothing_is_told() {
    for path in [
        "/",
        "/live",
        "/recording",
        "/state?at=1",
        "/recording.jsonl",
    ] {
        for token in [
            "",
            "token=",
            "token=secre",
            "token=secret1",
            "token=Secret",
            "other=secret",
        ] {
            let join = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{join}{token}");
            assert_eq!(status(&Method::GET, &path, &[HERE]), 403, "{path}");
        }
    }
    assert_eq!(
        status(&Method::GET, "/recording?token=secret", &[HERE]),
        200
    );
}

#[test]
fn only_a_host_of_this_machine_is_answered() {
    for (host, expected) in [
        ("127.0.0.1:3001", 200),
        ("127.0.0.2", 200),
        ("localhost:3001", 200),
        ("[::1]:3001", 200),
        ("[::1]", 200),
        ("example.org:3001", 403),
        ("127.0.0.1.example.org", 403),
        ("localhost.example.org:3001", 403),
        ("192.168.0.1:3001", 403),
    ] {
        let got = status(&Method::GET, "/recording?token=secret", &[("host", host)]);
        assert_eq!(got, expected, "{host}");
    }
}

#[test]
fn what_changes_something_needs_our_header_and_the_right_moment() {
    for path in ["/pause", "/step", "/resume"] {
        let path = format!("{path}?token=secret");
        assert_eq!(status(&Method::POST, &path, &[HERE]), 403, "{path}");
        assert_eq!(status(&Method::GET, &path, &[HERE]), 405, "{path}");
    }
    assert_eq!(
        status(&Method::POST, "/resume?token=secret", &[HERE, OURS]),
        200
    );
    let (too_early, why) = asked(&Method::POST, "/step?token=secret", &[HERE, OURS]);
    assert_eq!(too_early, 409, "{why}");
    assert!(why.contains("Hold it first"), "{why}");
}

#[test]
fn the_policy_lets_one_script_run_and_nothing_come_from_elsewhere() {
    let (_observed, watched) = watched();
    Runtime::new().unwrap().block_on(async {
        let client = client(Shown::live(Part::live(watched)));
        let answer = client
            .get("/?token=secret")
            .header("host", "localhost")
            .await;
        assert_eq!(answer.status(), 200);
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap();
        let nonce = nonce.split('\'').next().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let page = answer.text().await;
        assert_eq!(page.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("{{"), "all is filled in");
        assert!(!page.contains("http://") && !page.contains("https://"));
    });
}

#[test]
fn each_event_is_told_once_and_with_the_state_that_the_recording_has() {
    let (_observed, watched) = watched();
    let film = watched.film();
    let range = film.range();
    let whole = film.recording(0);
    let told = tape::told(&film, range.start, range.end);
    let seqs = told.iter().map(|event| event["seq"].as_u64().unwrap());
    assert!(seqs.eq(range.clone()));
    for event in range {
        let index = (event - film.range().start) as usize;
        let moment = tape::moment(&film, event + 1, &lines::sources(), tape::chain).unwrap();
        assert_eq!(moment["event"], told[index], "alone, and among others");
        let state = whole.state_at(index + 1);
        let tasks: Vec<u64> = state.tasks.keys().copied().collect();
        let shown = moment["state"]["tasks"].as_array().unwrap();
        let shown: Vec<u64> = shown
            .iter()
            .map(|task| task["task"].as_u64().unwrap())
            .collect();
        assert_eq!(shown, tasks, "after event {event}");
        assert_eq!(moment["state"]["timerCount"], state.wheel.timers.len());
    }
}

#[test]
fn the_timeline_has_each_poll() {
    let (_observed, watched) = watched();
    let film = watched.film();
    let polls = film.records(film.range());
    let polls = polls
        .filter(|record| matches!(record.event, Event::PollEnd { .. }))
        .count();
    let end = film.present().time + Duration::from_millis(1);
    let drawn = timeline::draw(&film, Duration::ZERO, end, 10_000);
    let spans = drawn["spans"].as_array().unwrap();
    let of_tasks = spans.iter().filter(|span| span[0] != 0);
    let drawn: u64 = of_tasks.filter_map(|span: &Value| span[4].as_u64()).sum();
    assert_eq!(drawn, polls as u64);
    let all = timeline::draw(&film, Duration::ZERO, Duration::from_secs(3600), 100);
    let few = all["spans"].as_array().unwrap();
    assert!(few.len() <= 3, "nearer than a point: {few:?}");
}

/// One thread: at no place of the picture do the tasks run for more than all of the time.
#[test]
fn busy_tasks_share_the_thread_in_the_timeline() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.trace().start(100_000);
    // Each poll takes 300 microseconds.
    let works = || async {
        for _ in 0..100 {
            runtime::time::advance(Duration::from_micros(300)).await;
        }
    };
    let tasks = [(); 4].map(|()| runtime.spawn(works()));
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    let film = Film::of(&runtime.trace().recording());
    let drawn = timeline::draw(&film, Duration::ZERO, film.present().time, 100);
    let spans: Vec<[u64; 6]> = serde_json::from_value(drawn["spans"].clone()).unwrap();
    let of_tasks = spans.iter().filter(|[task, ..]| (1..=4).contains(task));
    let shares: Vec<_> = of_tasks.map(|span| (span[2] - span[1], span[5])).collect();
    assert!(shares.len() > 4 * 10, "in many pieces: {shares:?}");
    let time: u64 = shares.iter().map(|(time, _)| time).sum();
    let busy: u64 = shares.iter().map(|(_, busy)| busy).sum();
    assert_eq!(busy, 4 * 100 * 300);
    assert!(
        busy * 3 < time,
        "they take turns: {busy} of {time} microseconds"
    );
    // Each of these wakes itself, many times within a point.
    let arrows = drawn["arrows"].as_array().unwrap().len();
    assert!(drawn["wakes"].as_u64().unwrap() >= 400);
    assert!((4..150).contains(&arrows), "{arrows}");
}

#[test]
fn a_file_is_a_recording_that_can_be_read() {
    let (answer, text) = asked(&Method::GET, "/recording.jsonl?token=secret", &[HERE]);
    assert_eq!(answer, 200);
    let recording = runtime::trace::Recording::read_from(text.as_bytes()).unwrap();
    assert!(!recording.records().is_empty());
    let (answer, text) = asked(&Method::GET, "/perfetto.json?token=secret", &[HERE]);
    assert_eq!(answer, 200);
    assert!(text.starts_with("{\"traceEvents\":["), "{text}");
}

#[test]
fn only_this_machine_may_be_listened_at() {
    assert!(loopback("127.0.0.1:3001").is_ok() && loopback("[::1]:0").is_ok());
    for (addr, why) in [
        ("0.0.0.0:3001", "other machines could reach"),
        ("192.168.0.1:3001", "other machines could reach"),
        ("[::]:3001", "other machines could reach"),
        ("localhost", "give IP:PORT"),
        ("3001", "give IP:PORT"),
    ] {
        let refused = loopback(addr).unwrap_err();
        assert!(refused.contains(why), "{addr}: {refused}");
    }
}

#[test]
fn two_tasks_in_a_deadlock_are_shown_with_what_each_holds() {
    use runtime::sync::Mutex;
    use runtime::task::yield_now;

    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    let locks = [(); 2].map(|()| Rc::new(Mutex::new(())));
    for [first, second] in [[0, 1], [1, 0]].map(|order| order.map(|it| Rc::clone(&locks[it]))) {
        drop(runtime.spawn(async move {
            let _first = first.lock().await;
            yield_now().await;
            drop(second.lock().await);
        }));
    }
    runtime.block_on(async {
        for _ in 0..3 {
            yield_now().await;
        }
    });
    let state = picture::of(&runtime.snapshot());
    assert_eq!(state["stuck"], serde_json::json!([1, 2]));
    let first = &state["shared"][0];
    assert_eq!(first["key"], "mutex 1");
    let text = first["text"].as_str().unwrap();
    assert!(
        text.starts_with("held by task 1, which took it at tests.rs:"),
        "{text}"
    );
    assert!(text.ends_with("; awaited by task 2"), "{text}");
    let waits = &state["tasks"][0]["waits"][0];
    assert_eq!(waits["key"], "mutex 2", "the same name everywhere");
}
