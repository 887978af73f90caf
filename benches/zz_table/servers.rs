//! Which server a child is, by the protocol and the side that its command line names.

use super::child::{NEIGHBOUR, OBSERVED, WATCHED, say};
use crate::kit::machine::{Core, pin_to};
use crate::kit::sides::{floor, tokio, treadle};
use crate::kit::work::Ports;
use std::io;

/// Serves for ever, once it has said where.
pub(super) fn serve(protocol: &str, side: &str) -> io::Result<()> {
    pin_to(Core::Server);
    let ready = |ports: Ports| say(&format!("{} {}", ports.service, ports.control));
    match (protocol, side) {
        ("echo", "treadle") => treadle::echo::serve(ready),
        ("echo", "tokio") => tokio::echo::serve(ready),
        ("echo", _) => floor::echo::serve(ready),
        ("udp", "treadle") => treadle::udp::serve(ready),
        ("udp", _) => tokio::udp::serve(ready),
        ("unix", "treadle") => treadle::unix::serve(ready),
        ("unix", _) => tokio::unix::serve(ready),
        ("router", "treadle") => treadle::http::serve_router(ready),
        ("routed" | "routed_flushed", "treadle") => treadle::service::serve_routed(ready),
        ("routed", _) => tokio::service::serve_routed(ready),
        ("routed_flushed", _) => tokio::axum::serve_routed(ready),
        ("table", "treadle") => treadle::service::serve_table(ready),
        ("table", _) => tokio::service::serve_table(ready),
        ("tungstenite", "tokio") => tokio::tungstenite::serve(ready),
        (
            "json" | "upload" | "download" | "websocket" | "websocket_as_it_comes" | "tungstenite",
            "treadle",
        ) => treadle::service::serve_bodies(ready),
        ("json" | "upload" | "download" | "websocket" | "websocket_as_it_comes", _) => {
            tokio::service::serve_bodies(ready)
        }
        (NEIGHBOUR, "tokio") => tokio::http::serve_as_it_comes(ready),
        (_, "treadle") => treadle::http::serve(ready),
        (_, OBSERVED) => treadle::observed::serve(|both| both.into_iter().for_each(ready)),
        (_, WATCHED) => treadle::watched::serve(|all| all.into_iter().for_each(ready)),
        (_, "tokio") => tokio::http::serve(ready),
        _ => floor::http::serve(ready),
    }
}
