//! An HTTP/1.1 server on Treadle's runtime: one thread, no unsafe code, and small enough to
//! read.
//!
//! ```no_run
//! use http::{Request, Response};
//! use runtime::net::TcpListener;
//! use server::{Body, serve};
//!
//! async fn hello(request: Request<Body>) -> Response<Body> {
//!     Response::new(Body::from(format!("Hello from {}\n", request.uri().path())))
//! }
//!
//! fn main() -> std::io::Result<()> {
//!     runtime::runtime::Runtime::new()?.block_on(async {
//!         let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!         serve(listener, hello).await
//!     })
//! }
//! ```
//!
//! # The rooms, in reading order
//!
//! | room | what it is about |
//! |---|---|
//! | [`body`] | what follows a message's head: bytes that are there, or come, or are made |
//! | [`h1`] | the engine: bytes in, requests out; responses in, bytes out. It knows any stream of bytes and any service, and has a tour of its own. [`h1::client`] is its other end |
//! | [`serve`](serve()) | the only place that sees both sockets and services: accepting and stopping |
//! | [`Service`] | what answers requests; how a service is kept without its type |
//! | [`response`] | what a handler may return, and how it becomes a response |
//! | [`extract`] | what a handler may ask of a request |
//! | [`handler`] | async functions whose arguments are extractors |
//! | [`routing`] | from a path and a method to a handler |
//! | [`middleware`], [`error_handling`] | what stands between a router and its handlers |
//! | [`LocalExtension`] | values beside a request that are not `Send` |
//! | [`upgrade`] | connections that leave HTTP |
//! | [`sse`] | server-sent events |
//! | [`files`] | folders and files as services |
//! | [`testing`] | a server and its clients in memory, on one clock |
//! | [`console`] | standard output and standard error, without ever waiting for them |
//! | `main.rs` and its modules | the program `server`: a small site |
//!
//! Arrows go one way: `body ← h1 ← serve`. The types of messages are the [`http`] crate's,
//! so that code written for other servers is at home here.
//!
//! # What it promises
//!
//! * **Nobody can hurt it from outside.** Everything that a peer decides has a limit, every
//!   wait for a peer has a clock, and a peer that goes on too slowly runs out of time
//!   ([`Config`]). A malformed request is refused and never
//!   guessed at. A handler that panics answers 500 and harms nobody else.
//! * **Waiting is cheap.** A connection that waits for its next request holds no buffer; it
//!   is a socket, a timer and two references.
//! * **The slower side sets the pace**, in both directions: at most 64 KiB of a body are read
//!   before the handler asks for them, and a body is made when the client has taken what was made before.
//! * **It ends well.** A server that is told to stop refuses the new, finishes what is under
//!   way, and is gone within a known time.
//!
//! # As for axum
//!
//! A program that was written for the crate axum means the same here, once `axum` is replaced by
//! `server` and `tokio` by `runtime`; and its handlers may hold an `Rc`:
//!
//! ```
//! use server::extract::{Path, State};
//! use server::{Json, Router, http::StatusCode, routing::get};
//! use std::rc::Rc;
//!
//! type Prices = Rc<[u32]>;
//!
//! async fn price(State(prices): State<Prices>, Path(id): Path<usize>) -> Result<Json<u32>, StatusCode> {
//!     prices.get(id).copied().map(Json).ok_or(StatusCode::NOT_FOUND)
//! }
//!
//! let prices: Prices = Rc::new([3, 5]);
//! let app: Router = Router::new().route("/prices/{id}", get(price)).with_state(prices);
//! # let _ = app;
//! ```
//!
//! What differs stands in `DIFFERENCES.md` beside this crate's sources. A plain function from a
//! [`Request`](http::Request) to a future of a [`Response`](http::Response) is a service too,
//! and needs nothing from this crate but [`Body`].
//!
//! The header values of a request, and its target, are slices of one piece of memory, the
//! head as it arrived. A clone of one value keeps all of it, 64 KiB at most. So a service
//! that waits long, for a body or for anything else, copies what it needs of the head and
//! drops the rest first.

#![forbid(unsafe_code)]

pub mod body;
pub mod console;
mod error;
pub mod error_handling;
mod extension;
pub mod extract;
pub mod files;
mod form;
pub mod gateway;
pub mod h1;
pub mod handler;
mod json;
mod local_extension;
mod locals;
#[cfg(feature = "macros")]
pub mod macros;
mod mark;
mod message;
pub mod middleware;
pub mod response;
pub mod routing;
pub mod serve;
mod service;
mod service_ext;
pub mod sse;
mod stopping;
pub mod testing;
#[cfg(feature = "typed-header")]
pub mod typed_header;
pub mod upgrade;
pub mod ws;

pub use body::{Body, BoxError};
pub use error::Error;
pub use extension::Extension;
pub use extract::{RequestExt, RequestPartsExt};
pub use form::Form;
pub use h1::Config;
pub use http;
pub use json::Json;
pub use local_extension::LocalExtension;
#[cfg(feature = "macros")]
pub use macros::{debug_handler, debug_middleware};
pub use routing::Router;
pub use serve::{Serve, WithGracefulShutdown, serve};
pub use service::Service;
pub use service_ext::ServiceExt;
#[cfg(feature = "typed-header")]
pub use {headers, typed_header::TypedHeader};
