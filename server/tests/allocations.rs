//! What a request asks of the allocator: with a plain function, and behind a router.
//!
//! A header map takes two allocations. The handler makes the one of its response, and the engine
//! uses it for a request that comes later; if the response has no headers, the engine makes the
//! one of the request. Nothing else is asked for: the head and the future of the handler lie in
//! memory that an earlier request has used. (That a service costs nothing more when its type is
//! erased is a test beside it, in `server/src/service.rs`.)
//!
//! A router adds what its handlers may ask for: the request's extensions.
#![forbid(unsafe_code)]

use allocation_counter::measure;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::runtime::{Builder, Runtime};
use server::extract::State;
use server::h1::Endpoint;
use server::{Body, Router, Service, routing::get};

const REQUEST: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends so many requests, one after the other, and reads each answer whole.
async fn ask(client: &mut DuplexStream, requests: u64, length: usize) {
    let mut answer = [0; 1024];
    for _ in 0..requests {
        client.write_all(REQUEST).await.unwrap();
        client.read_exact(&mut answer[..length]).await.unwrap();
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

/// How many allocations a request costs, and that none of them stays.
fn allocations_a_request(service: impl Service) -> f64 {
    let runtime = runtime();
    let (mut client, socket) = duplex(4096);
    let endpoint = Endpoint::new(service);
    let length = runtime.block_on(async {
        drop(runtime::spawn(endpoint.connection(socket)));
        client.write_all(REQUEST).await.unwrap();
        client.read(&mut [0; 1024]).await.unwrap()
    });
    // What is kept for the next request has been made after these.
    runtime.block_on(ask(&mut client, 200, length));
    let few = measure(|| runtime.block_on(ask(&mut client, 100, length)));
    let many = measure(|| runtime.block_on(ask(&mut client, 300, length)));
    assert_eq!(
        (few.bytes_current, many.bytes_current),
        (0, 0),
        "nothing stays"
    );
    (many.count_total - few.count_total) as f64 / 200.0
}

/// Two for a header map.
const MAP: f64 = 2.0;

#[test]
fn a_plain_function_costs_one_header_map() {
    let without_headers = |_: Request<Body>| async { Response::new(Body::from("hello")) };
    assert_eq!(allocations_a_request(without_headers), MAP);
    let with_a_header = |_: Request<Body>| async {
        let mut response = Response::new(Body::from("hello"));
        let text = HeaderValue::from_static("text/plain");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response
    };
    assert_eq!(allocations_a_request(with_a_header), MAP);
    let after_a_turn = |_: Request<Body>| async {
        runtime::task::yield_now().await;
        Response::new(Body::from("hello"))
    };
    // A connection whose handler waits keeps what it is at in a box.
    assert_eq!(allocations_a_request(after_a_turn), MAP + 1.0);
}

#[test]
fn a_router_adds_the_extensions_of_the_request() {
    let fallback = Router::new().fallback(|| async { "hello" });
    let fixed = Router::new().route("/a", get(|| async { "hello" }));
    let captured = Router::new().route("/{name}", get(|| async { "hello" }));
    let stateful = Router::new()
        .route("/a", get(|State(_): State<u32>| async { "hello" }))
        .with_state(7);
    let counts = [fallback, fixed, captured, stateful].map(allocations_a_request);
    assert_eq!(counts, [4.0, 5.0, 7.0, 5.0].map(|more| MAP + more));
}
