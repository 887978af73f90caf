//! Peers that are slow: as long as they make progress they are served, and no longer.

mod support;

use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::time::sleep;
use server::{Body, serve};
use std::future::IntoFuture;

const SECOND: Duration = Duration::from_secs(1);

/// The kernel calls a socket writable only when a third of its buffer is free, which are
/// megabytes: at this speed that takes longer than the server waits for any progress.
#[runtime::test(start_paused = true)]
async fn a_steady_slow_download_over_a_real_socket_is_not_cut() {
    const SIZE: usize = 12_000_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let large = |_: Request<Body>| async { Response::new(Body::from("x".repeat(SIZE))) };
    let server = runtime::spawn(serve(listener, large).into_future());
    let mut client = TcpStream::connect(addr).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let (mut received, mut buffer) = (0, [0; 20_000]);
    loop {
        let count = client.read(&mut buffer).await.unwrap();
        if count == 0 {
            break;
        }
        received += count;
        sleep(SECOND).await;
    }
    assert!(received > SIZE, "cut after {received} bytes");
    server.abort();
}
