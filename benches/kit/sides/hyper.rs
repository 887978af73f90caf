//! HTTP on Tokio's side: hyper 1 on the current_thread runtime.
//!
//! hyper is given its best: `pipeline_flush` (it then gathers the answers to pipelined requests
//! into one write), no timer (so it neither sets nor cancels time-outs; Treadle's server has its
//! time-outs on), a body that is static bytes, and no logging.

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
    build().block_on(async move {
        let listener = serve::open(ready).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            rt::spawn(connection(stream));
        }
    })
}

async fn connection(stream: TcpStream) {
    // A client that goes away in the middle is none of our business.
    let _ = http1::Builder::new()
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service_fn(hello))
        .await;
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(HELLO.as_bytes())));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    Ok(response)
}
