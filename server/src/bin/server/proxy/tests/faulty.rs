//! Networks that deliver bytes in pieces, late, and not to the end; with many seeds. Whatever
//! happens, a client never takes half an answer for a whole one, and no connection is lost.

use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use futures_lite::stream;
use runtime::time::sleep;
use server::body::{Body, Bytes};
use server::testing::{Faults, with_seeds};

use super::*;

const PIECE: &str = "0123456789abcdef";

/// Longer than the faults' longest way.
const PIECES: usize = 1000;

fn pieces() -> Body {
    let piece = |_| Ok::<_, Infallible>(Bytes::from(PIECE));
    Body::from_stream(stream::iter((0..PIECES).map(piece)))
}

/// The same bytes with their length, in chunks, and back from the client.
fn app() -> Router {
    Router::new()
        .route("/known", any(async || PIECE.repeat(PIECES)))
        .route("/chunked", any(async || pieces()))
        .route("/echo", any(async |body: Body| body))
}

/// What the client has got; `None` if it was cut off.
async fn got(request: TestRequest) -> Option<(u16, String)> {
    let mut response = request.send().await.ok()?;
    let mut text = String::new();
    while let Some(piece) = response.chunk().await {
        text.push_str(std::str::from_utf8(&piece.ok()?).unwrap());
    }
    Some((response.status().as_u16(), text))
}

async fn ask_everything(site: &Site, whole: &Cell<usize>, failed: &Cell<usize>) {
    let all = PIECE.repeat(PIECES);
    for round in 0..4 {
        for path in ["/proxy/known", "/proxy/chunked", "/proxy/echo"] {
            let request = match path {
                "/proxy/echo" if round % 2 == 0 => site.client.post(path).body(pieces()),
                "/proxy/echo" => site.client.post(path).body(all.clone()),
                _ => site.get(path),
            };
            match got(request).await {
                Some((200, text)) => {
                    assert!(text == all, "{path}: {} bytes", text.len());
                    whole.set(whole.get() + 1);
                }
                Some((status, _)) => {
                    assert!([502, 503, 504].contains(&status), "{status}");
                    failed.set(failed.get() + 1);
                }
                None => failed.set(failed.get() + 1),
            }
        }
    }
}

#[test]
fn no_answer_is_shorter_than_it_says_whatever_the_network_does() {
    let (whole, failed) = (Cell::new(0), Cell::new(0));
    with_seeds(0..30, async |seed| {
        let faults = Faults::seed(seed)
            .stall(Duration::from_secs(1))
            .cut(30)
            .reset(20);
        let behind = TestServer::builder()
            .faults(faults)
            .buffer(1024)
            .serve(app());
        let line = "--backend-fall 1000 --backend-tries 2";
        let connects = (0..2).map(|_| Box::new(InMemory(behind.clone())) as Box<dyn Connect>);
        let site = site(line, connects.collect());
        ask_everything(&site, &whole, &failed).await;
        sleep(Duration::from_secs(600)).await;
        for backend in &site.backends {
            assert_eq!(backend.in_use(), 0);
            assert!(backend.idle() <= 1);
        }
    });
    assert!(
        whole.get() > 50 && failed.get() > 15,
        "{whole:?} {failed:?}"
    );
}
