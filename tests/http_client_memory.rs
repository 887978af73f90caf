//! What an idle connection of the HTTP client holds. A file of its own: it counts the bytes of the
//! whole process.

#![forbid(unsafe_code)]

use std::alloc::System;

use http::{Request, Response};
use runtime::net::{TcpListener, TcpStream};
use server::body::to_bytes;
use server::h1::client::{SendRequest, handshake};
use server::{Body, serve};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn held() -> usize {
    let stats = GLOBAL.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Sends a body, and reads a larger one.
async fn exchange(sender: &mut SendRequest) {
    let request = Request::post("/")
        .body(Body::from(vec![1u8; 100_000]))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!(body.len(), 1_000_000);
    sender.ready().await.unwrap();
}

#[runtime::test]
async fn an_idle_connection_holds_no_buffer() {
    const MANY: usize = 100;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::task::spawn_detached(async move {
        let _ = serve(listener, |request: Request<Body>| async move {
            to_bytes(request.into_body(), usize::MAX).await.unwrap();
            Response::new(Body::from(vec![1u8; 1_000_000]))
        })
        .await;
    });
    let mut senders = Vec::with_capacity(MANY);
    let mut before = 0;
    for n in 0..=MANY {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = handshake(stream).await.unwrap();
        runtime::spawn(connection);
        exchange(&mut sender).await;
        senders.push(sender);
        if n == 0 {
            // The thread's buffers, and what the first connection has made for all, are there now.
            before = held();
        }
    }
    let each = (held() - before) / MANY;
    // Both ends, the server's and the client's, each with its task and its socket.
    assert!(each < 2_000, "{each} bytes a pair of connections");
}
