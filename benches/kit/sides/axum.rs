//! A router of axum's on Tokio's side, given its best: `pipeline_flush`.
//!
//! `axum::serve` has no way to ask for it, and without it every answer to a pipelined request is a write
//! of its own. So the same router stands on hyper's connection here. See `hyper.rs` for what
//! `pipeline_flush` means, and for whom it is not.

use super::{build, rt, serve, service};
use crate::kit::work::Ports;
use ::axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rt::net::TcpStream;
use std::io;

/// As [`service::serve_routed`], with `pipeline_flush`.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve_routed(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = serve::open(ready).await?;
        let app = service::routed();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            rt::spawn(connection(stream, app.clone()));
        }
    })
}

async fn connection(stream: TcpStream, app: Router) {
    // A client that goes away in the middle is none of our business.
    let _ = http1::Builder::new()
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
        .await;
}
