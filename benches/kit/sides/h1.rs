//! HTTP on Treadle's side: the server crate's engine, through its ordinary front door.
//!
//! Nothing is switched off for the benches: limits are checked, the four time-outs are set and
//! dropped, the `Host` header is looked at, a panic in the handler would be caught. hyper, on the
//! other side, is given no timer.

use super::{build, serve as ports};
use crate::kit::work::{HELLO, Ports};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use server::routing::get;
use server::{Body, Router};
use std::io;

/// Serves HTTP on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = ports::open(ready).await?;
        server::serve(listener, hello).await
    })
}

/// The same answer through a router of one route.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_router(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = ports::open(ready).await?;
        server::serve(listener, Router::new().route("/", get(hello))).await
    })
}

pub(super) async fn hello(_: Request<Body>) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from_static(HELLO.as_bytes())));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}
