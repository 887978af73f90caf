//! HTTP on Tokio's side: hyper 1 on the current_thread runtime.
//!
//! hyper is given its best: `pipeline_flush` (it then gathers the answers to pipelined requests
//! into one write), no timer (so it neither sets nor cancels time-outs; Treadle's server has its
//! time-outs on), a body that is static bytes, and no logging.
//!
//! How one fools oneself: with `pipeline_flush` hyper writes only when its read buffer is empty. A
//! client that never lets it become empty is not answered at all, and what is not written grows in
//! hyper's memory. So beside such a client hyper runs as it comes ([`serve_as_it_comes`]).

use super::{build, rt, serve};
use crate::kit::work::{HELLO, Ports};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rt::net::TcpStream;
use std::convert::Infallible;
use std::io;

/// Serves HTTP on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    serve_with(true, ready)
}

/// As [`serve`], without `pipeline_flush`.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_as_it_comes(ready: impl FnOnce(Ports)) -> io::Result<()> {
    serve_with(false, ready)
}

fn serve_with(pipeline_flush: bool, ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = serve::open(ready).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            rt::spawn(connection(stream, pipeline_flush));
        }
    })
}

async fn connection(stream: TcpStream, pipeline_flush: bool) {
    // A client that goes away in the middle is none of our business.
    let _ = http1::Builder::new()
        .pipeline_flush(pipeline_flush)
        .serve_connection(TokioIo::new(stream), service_fn(hello))
        .await;
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(HELLO.as_bytes())));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    Ok(response)
}
