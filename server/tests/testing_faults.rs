//! Services under faults: split, late, cut and reset connections, many seeds of each.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use futures_lite::stream;
use http::StatusCode;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::time::{Instant, sleep};
use server::body::Body;
use server::extract::{Multipart, Path};
use server::files::ServeDir;
use server::response::sse::{Event, Sse};
use server::routing::{any, get, post};
use server::testing::{Faults, TestClient, TestServer, Transcript, with_seeds};
use server::ws::{Message, WebSocketUpgrade};
use server::{Json, Router};

const SECOND: Duration = Duration::from_secs(1);

/// Pieces of a body that has no length.
fn pieces() -> Body {
    Body::from_stream(stream::iter(
        (0..50).map(|n| Ok::<_, Infallible>(format!("piece {n};"))),
    ))
}

fn all_pieces() -> String {
    (0..50).map(|n| format!("piece {n};")).collect()
}

async fn double(Json(numbers): Json<BTreeMap<String, u64>>) -> Json<BTreeMap<String, u64>> {
    Json(numbers.into_iter().map(|(name, n)| (name, 2 * n)).collect())
}

async fn echo(upgrade: WebSocketUpgrade) -> server::response::Response {
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

async fn sizes(mut form: Multipart) -> Result<String, StatusCode> {
    let mut sizes = String::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.status())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| error.status())?;
        sizes += &format!("{name}: {};", bytes.len());
    }
    Ok(sizes)
}

async fn events() -> Sse<impl futures_core::Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold(0, |n| async move {
        sleep(SECOND).await;
        (n < 3).then(|| (Ok(Event::default().data(n.to_string())), n + 1))
    }))
}

fn app() -> Router {
    Router::new()
        .route(
            "/text/{name}",
            get(|Path(name): Path<String>| async move { name.repeat(3) }),
        )
        .route("/double", post(double))
        .route(
            "/upload",
            post(|text: String| async move { text.to_uppercase() }),
        )
        .route("/pieces", get(|| async { pieces() }))
        .route("/form", post(sizes))
        .route("/events", get(events))
        .route("/echo", any(echo))
}

const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n12345\r\n\
                    --b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n\
                    --\r\n-b\r\r\n\r\n--b--\r\n";

/// What a request should have given, what it gave; or `None`, when its connection failed.
type Outcome = Option<(String, String)>;

/// The request with this number.
async fn ask(client: &TestClient, number: usize) -> Outcome {
    let upload = "warp and weft ".repeat(2_000);
    let (request, expected) = match number % 6 {
        0 => (client.get("/text/abc"), "200 abcabcabc".to_owned()),
        1 => {
            let request = client
                .post("/double")
                .json(&BTreeMap::from([("a", 2), ("b", 4)]));
            (request, r#"200 {"a":4,"b":8}"#.to_owned())
        }
        2 => {
            let expected = format!("200 {}", upload.to_uppercase());
            (client.post("/upload").body(upload), expected)
        }
        3 => (client.get("/pieces"), format!("200 {}", all_pieces())),
        4 => {
            let request = client.post("/upload").body(pieces());
            (request, format!("200 {}", all_pieces().to_uppercase()))
        }
        _ => {
            let kind = "multipart/form-data; boundary=b";
            let request = client.post("/form").header("content-type", kind);
            (request.body(FORM), "200 a: 5;f: 9;".to_owned())
        }
    };
    let mut response = request.send().await.ok()?;
    let mut text = format!("{} ", response.status().as_str()).into_bytes();
    while let Some(piece) = response.chunk().await {
        text.extend_from_slice(&piece.ok()?);
    }
    Some((expected, String::from_utf8(text).unwrap()))
}

/// Messages there and back.
async fn talk(client: &TestClient) -> Outcome {
    let mut socket = client.get("/echo").websocket().await.ok()?;
    let mut heard = String::new();
    for text in ["tea?", "", &"weft".repeat(5_000)] {
        socket.send(Message::text(text)).await.ok()?;
        match socket.recv().await? {
            Ok(Message::Text(answer)) => heard += answer.as_str(),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(other) => panic!("not what was sent: {other:?}"),
        }
    }
    Some((format!("tea?{}", "weft".repeat(5_000)), heard))
}

/// Everything that the service can do, by two clients at once. How many requests failed.
async fn visit(server: &TestServer) -> u32 {
    let (one, other) = (server.client(), server.client());
    let failed = Cell::new(0);
    let check = async |outcome: Outcome| match outcome {
        Some((expected, found)) => assert_eq!(found, expected),
        None => failed.set(failed.get() + 1),
    };
    let first = async {
        for number in 0..12 {
            check(ask(&one, number).await).await;
        }
    };
    let second = async {
        check(talk(&other).await).await;
        for number in 0..6 {
            check(ask(&other, 5 - number).await).await;
        }
    };
    runtime::join!(first, second);
    failed.get()
}

/// The server stops, and nothing is left.
async fn ends_well(server: &TestServer) {
    let begin = Instant::now();
    server.shutdown().await;
    assert!(begin.elapsed() <= 9 * SECOND, "the deadline of a shutdown");
    assert_eq!(server.open_connections(), 0);
}

#[test]
fn every_answer_is_right_however_bytes_are_split_and_late() {
    with_seeds(0..200, async |seed| {
        let faults = match seed % 2 {
            0 => Faults::seed(seed),
            _ => Faults::seed(seed).stall(SECOND / 10),
        };
        let server = TestServer::builder().faults(faults).serve(app());
        assert_eq!(visit(&server).await, 0);
        ends_well(&server).await;
    });
}

#[test]
fn a_connection_that_breaks_off_gives_an_error_or_a_whole_answer_and_leaves_nothing_behind() {
    let (failed, whole) = (Cell::new(0), Cell::new(0));
    with_seeds(0..200, async |seed| {
        let faults = Faults::seed(seed).stall(SECOND / 100).cut(40).reset(40);
        let server = TestServer::builder().faults(faults).serve(app());
        let lost = visit(&server).await;
        failed.set(failed.get() + lost);
        whole.set(whole.get() + 19 - lost);
        ends_well(&server).await;
    });
    // Both kinds were there, or the test says nothing.
    assert!(
        failed.get() > 500 && whole.get() > 500,
        "{failed:?} {whole:?}"
    );
}

#[test]
fn connections_that_break_off_while_a_server_stops_do_not_keep_it() {
    with_seeds(0..100, async |seed| {
        let faults = Faults::seed(seed).stall(SECOND).cut(30).reset(30);
        let server = TestServer::builder().faults(faults).serve(app());
        let visitor = server.clone();
        let visit = runtime::spawn(async move { visit(&visitor).await });
        sleep(Duration::from_millis(37 * seed)).await;
        ends_well(&server).await;
        visit.await.unwrap();
    });
}

#[test]
fn events_arrive_whole_and_in_order_however_bytes_are_split_and_late() {
    with_seeds(0..50, async |seed| {
        let faults = Faults::seed(seed).stall(3 * SECOND);
        let server = TestServer::builder().faults(faults).serve(app());
        let mut response = server.client().get("/events").await;
        for n in 0..3 {
            let event = response.read_until("\n\n").await;
            assert_eq!(event, Some(format!("data: {n}\n\n")));
        }
        assert_eq!(response.read_until("\n\n").await, None);
    });
}

/// Requests of every kind, one behind the other, before the first answer is read; the last one
/// ends the connection.
fn pipelined() -> String {
    let upload = "x".repeat(10_000);
    let chunks = "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nx-trailer: 1\r\n\r\n";
    format!(
        "GET /text/abc HTTP/1.1\r\nhost: h\r\n\r\n\
         HEAD /text/abc HTTP/1.1\r\nhost: h\r\n\r\n\
         POST /upload HTTP/1.1\r\nhost: h\r\ncontent-length: 10000\r\n\r\n{upload}\
         POST /upload HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{chunks}\
         GET /pieces HTTP/1.1\r\nhost: h\r\n\r\n\
         DELETE /double HTTP/1.1\r\nhost: h\r\n\r\n\
         GET /nowhere HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"
    )
}

/// All that comes back.
async fn answers(server: &TestServer) -> String {
    let (mut reader, mut writer) = runtime::io::split(server.connect().unwrap());
    let writing = runtime::spawn(async move {
        writer.write_all(pipelined().as_bytes()).await.unwrap();
        writer
    });
    let mut all = String::new();
    reader.read_to_string(&mut all).await.unwrap();
    drop(writing.await.unwrap());
    all
}

#[test]
fn pipelined_requests_get_the_same_answers_however_bytes_are_split() {
    with_seeds(0..200, async |seed| {
        let expected = answers(&TestServer::new(app())).await;
        assert_eq!(expected.matches("HTTP/1.1 ").count(), 7);
        let server = TestServer::builder().faults(Faults::seed(seed)).buffer(900);
        assert_eq!(answers(&server.serve(app())).await, expected);
    });
}

#[test]
fn files_arrive_whole_and_in_ranges_however_bytes_are_split_and_late() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..40_000)
        .map(|n| char::from(b'a' + (n % 23) as u8))
        .collect();
    std::fs::write(folder.path().join("f.txt"), &text).unwrap();
    with_seeds(0..30, async |seed| {
        let faults = Faults::seed(seed).stall(SECOND);
        let app = Router::new().fallback_service(ServeDir::new(folder.path()));
        let client = TestServer::builder().faults(faults).serve(app).client();
        assert_eq!(client.get("/f.txt").await.text().await, text);
        let part = client.get("/f.txt").header("range", "bytes=100-20099");
        let part = part.await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.text().await, text[100..20_100]);
    });
}

/// What went over all connections of a visit.
fn transcripts(seed: u64) -> Vec<Transcript> {
    let all = Cell::new(Vec::new());
    with_seeds([seed], async |seed| {
        let faults = Faults::seed(seed).stall(SECOND).cut(20).reset(20);
        let server = TestServer::builder().faults(faults).serve(app());
        visit(&server).await;
        server.shutdown().await;
        all.set(server.transcripts());
    });
    all.take()
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_the_same_time_and_another_seed_others() {
    for seed in 0..10 {
        let first = transcripts(seed);
        assert!(first.iter().map(|it| it.received().len()).sum::<usize>() > 1_000);
        assert_eq!(first, transcripts(seed), "seed {seed}");
        assert_ne!(first, transcripts(seed + 100));
    }
}

/// Stalls longer than a timeout end in that timeout, and not in a wrong answer.
#[test]
fn a_head_that_comes_too_slowly_is_refused_with_408() {
    let statuses: Cell<[u32; 2]> = Cell::default();
    with_seeds(0..100, async |seed| {
        let faults = Faults::seed(seed).stall(60 * SECOND);
        let server = TestServer::builder().faults(faults).serve(app());
        let counts = statuses.get();
        match server.client().get("/text/abc").send().await {
            Ok(response) if response.status() == 200 => statuses.set([counts[0] + 1, counts[1]]),
            Ok(response) => {
                assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
                statuses.set([counts[0], counts[1] + 1]);
            }
            // Nothing had come of it, or the answer took too long.
            Err(error) => assert!(error.is_incomplete_message(), "{error}"),
        }
    });
    assert!(
        statuses.get().iter().all(|count| *count > 0),
        "{statuses:?}"
    );
}

/// A future that never ends is found, by its seed.
#[test]
fn a_test_that_hangs_panics_after_an_hour_of_virtual_time() {
    let hang: fn() -> std::future::Pending<()> = std::future::pending;
    let caught = std::panic::catch_unwind(|| with_seeds([7], async |_| hang().await));
    let panic = caught.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert_eq!(text, "after 3600s of virtual time it has not ended");
}
