//! Our HTTP/1.1 client against hyper's server, and both clients against ours: the same requests, the
//! same answers.

#![forbid(unsafe_code)]

#[path = "../examples/support/hyper_io.rs"]
mod hyper_io;

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_io::Io;
use runtime::io::duplex;
use server::Body;
use server::body::to_bytes;
use server::h1::Endpoint;
use server::h1::client::{self, SendRequest};

type Out = BoxBody<Bytes, Infallible>;

fn full(bytes: impl Into<Bytes>) -> Out {
    Full::new(bytes.into()).boxed()
}

/// Of a length that is not told.
fn pieces(pieces: &[&'static str]) -> Out {
    let frames: Vec<_> = pieces
        .iter()
        .map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))
        .collect();
    BodyExt::boxed(StreamBody::new(futures_lite::stream::iter(frames)))
}

/// A site on hyper.
async fn site(request: Request<Incoming>) -> Result<Response<Out>, Infallible> {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    Ok(match path.as_str() {
        "/echo" => {
            let body = request.into_body().collect().await.unwrap();
            Response::new(full(body.to_bytes()))
        }
        "/pieces" => Response::new(pieces(&["one ", "two ", "three"])),
        "/none" => {
            let mut response = Response::new(full(""));
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        "/close" => {
            let mut response = Response::new(pieces(&["bye"]));
            *response.version_mut() = Version::HTTP_10;
            response
        }
        _ => Response::new(full(format!("{method} {}", request.uri()))),
    })
}

/// Our client of the site on hyper.
async fn client() -> SendRequest {
    let (near, far) = duplex(777);
    runtime::spawn(async move {
        let connection = http1::Builder::new().serve_connection(Io(far), service_fn(site));
        let _ = connection.await;
    });
    let (sender, connection) = client::handshake(near).await.unwrap();
    runtime::spawn(connection);
    sender
}

fn request(method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.header("host", "x").body(body.into()).unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[runtime::test]
async fn requests_follow_one_another_on_a_connection_to_hyper() {
    let mut sender = client().await;
    let streamed = || Body::from_stream(Body::from("streamed").into_data_stream());
    for (request, expected) in [
        (request("GET", "/a?b", ""), "GET /a?b"),
        (request("POST", "/echo", "hello"), "hello"),
        (request("POST", "/echo", streamed()), "streamed"),
        (request("GET", "/pieces", ""), "one two three"),
        (request("HEAD", "/pieces", ""), ""),
        (request("GET", "/none", ""), ""),
        (request("POST", "/echo", ""), ""),
        (request("DELETE", "/a", ""), "DELETE /a"),
    ] {
        sender.ready().await.unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(text(response).await, expected);
    }
}

#[runtime::test]
async fn a_megabyte_goes_to_hyper_and_back() {
    let mut sender = client().await;
    let sent: Vec<u8> = (0..1_000_000u32).map(|n| (n / 251) as u8).collect();
    let response = sender.send_request(request("POST", "/echo", sent.clone()));
    let body = response.await.unwrap().into_body();
    assert!(to_bytes(body, usize::MAX).await.unwrap() == sent);
}

#[runtime::test]
async fn hyper_asks_for_a_body_that_waits() {
    let mut sender = client().await;
    let mut waits = request("POST", "/echo", "hello");
    let expect = header::HeaderValue::from_static("100-continue");
    waits.headers_mut().insert(header::EXPECT, expect);
    let response = sender.send_request(waits).await.unwrap();
    assert_eq!(text(response).await, "hello");
}

#[runtime::test]
async fn trailers_reach_hyper() {
    let frames = [
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"data"))),
        Ok(Frame::trailers(HeaderMap::from_iter([(
            header::ETAG,
            header::HeaderValue::from_static("x"),
        )]))),
    ];
    let body = StreamBody::new(futures_lite::stream::iter(frames));
    let mut sender = client().await;
    let request = request("POST", "/echo", Body::new(body));
    assert_eq!(
        text(sender.send_request(request).await.unwrap()).await,
        "data"
    );
    sender.ready().await.unwrap();
}

/// What a client of our server is told, whichever client it is.
#[runtime::test]
async fn hypers_client_and_ours_get_the_same_of_our_server() {
    let endpoint = Endpoint::new(|request: Request<Body>| async move {
        let head = format!("{} {} ", request.method(), request.uri());
        let bytes = to_bytes(request.into_body(), 1024).await.unwrap();
        Response::new(Body::from(head + std::str::from_utf8(&bytes).unwrap()))
    });
    let (near, far) = duplex(777);
    runtime::spawn(endpoint.connection(far));
    let (mut ours, connection) = client::handshake(near).await.unwrap();
    runtime::spawn(connection);
    let (near, far) = duplex(777);
    runtime::spawn(endpoint.connection(far));
    let handshake = hyper::client::conn::http1::handshake::<_, Full<Bytes>>;
    let (mut hypers, connection) = handshake(Io(near)).await.unwrap();
    runtime::spawn(connection);
    for (method, path, body) in [
        ("GET", "/a", ""),
        ("POST", "/b?c", "hello"),
        ("HEAD", "/a", ""),
        ("GET", "http://x/whole", ""),
        ("OPTIONS", "*", ""),
    ] {
        let ask = || {
            Request::builder()
                .method(method)
                .uri(path)
                .header("host", "x")
        };
        ours.ready().await.unwrap();
        hypers.ready().await.unwrap();
        let our = ours.send_request(ask().body(Body::from(body)).unwrap());
        let their = hypers.send_request(ask().body(Full::from(body)).unwrap());
        let (our, their) = (our.await.unwrap(), their.await.unwrap());
        assert_eq!(our.status(), their.status());
        let names = |headers: &HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(
            names(our.headers()),
            names(their.headers()),
            "{method} {path}"
        );
        let their = their.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(text(our).await, their, "{method} {path}");
    }
}
