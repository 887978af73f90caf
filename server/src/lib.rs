//! An HTTP/1.1 server on Treadle's runtime: one thread, no unsafe code, and small enough to
//! read.
//!
//! ```no_run
//! use runtime::net::TcpListener;
//! use server::{Router, routing::get};
//!
//! #[runtime::main]
//! async fn main() -> std::io::Result<()> {
//!     let app = Router::new().route("/", get(|| async { "Hello, World!" }));
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     server::serve(listener, app).await
//! }
//! ```
//!
//! That is a whole service. What follows makes it larger, one step at a time. The crates are not
//! published, so `Cargo.toml` says where their folders are. `serde` is for the types of [`Json`] and
//! [`Path`](extract::Path).
//!
//! ```toml
//! [dependencies]
//! runtime = { path = "../treadle/runtime" }
//! server = { path = "../treadle/server" }
//! serde = { version = "1", features = ["derive"] }
//! ```
//!
//! Four programs show it at work, each with its imports and with the commands to try it. Run one as in
//! `cargo run --example hello_server`:
//!
//! | program | what it is |
//! |---|---|
//! | `examples/hello_server.rs` | a service that ends when it is told to |
//! | `examples/items_api.rs` | routes, state and JSON |
//! | `examples/chat.rs` | WebSockets and a room |
//! | `examples/uploads.rs` | a form with files, written while it arrives |
//!
//! `NOTES.md` follows a request through the code: stops 24 to 31.
//!
//! # From a path to a handler
//!
//! A [`Router`] knows paths, and for each path its methods. A *handler* is an async function. What it
//! takes are [extractors](extract), which read the request; what it returns becomes the
//! [`response`].
//!
//! ```
//! use server::extract::{Path, Query};
//! use server::http::StatusCode;
//! use server::routing::{get, post};
//! use server::testing::TestClient;
//! use server::{Json, Router};
//! use std::collections::HashMap;
//!
//! async fn greet(Path(name): Path<String>, Query(query): Query<HashMap<String, String>>) -> String {
//!     let greeting = query.get("with").map_or("Hello", String::as_str);
//!     format!("{greeting}, {name}!")
//! }
//!
//! async fn sum(Json(numbers): Json<Vec<u32>>) -> (StatusCode, Json<u32>) {
//!     (StatusCode::CREATED, Json(numbers.iter().sum()))
//! }
//!
//! let app = Router::new().route("/greet/{name}", get(greet)).route("/sums", post(sum));
//! # #[runtime::main(start_paused = true)] async fn test(app: Router) {
//! let client = TestClient::new(app);
//! assert_eq!(client.get("/greet/Ada?with=Welcome").await.text().await, "Welcome, Ada!");
//! assert_eq!(client.post("/sums").json(&[1, 2, 3]).await.json::<u32>().await, 6);
//!
//! // What does not fit is refused, and the handler does not run.
//! assert_eq!(client.post("/sums").json(&"three").await.status(), 422);
//! assert_eq!(client.get("/sums").await.status(), 405);
//! # }
//! # test(app);
//! ```
//!
//! # State, and errors
//!
//! What handlers share is the router's state: any value that can be cloned. One thread runs all of
//! them, so an [`Rc`](std::rc::Rc) and a `Cell` will do. An error of a handler is a response too:
//! implement [`IntoResponse`](response::IntoResponse) for it, and `?` works.
//!
//! ```
//! use server::Router;
//! use server::extract::{Path, State};
//! use server::http::StatusCode;
//! use server::response::{IntoResponse, Response};
//! use server::routing::get;
//! use server::testing::TestClient;
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! #[derive(Clone, Default)]
//! struct Shop { stock: Rc<RefCell<Vec<String>>> }
//!
//! struct OutOfStock;
//!
//! impl IntoResponse for OutOfStock {
//!     fn into_response(self) -> Response {
//!         (StatusCode::NOT_FOUND, "come back tomorrow").into_response()
//!     }
//! }
//!
//! async fn take(State(shop): State<Shop>) -> Result<String, OutOfStock> {
//!     let item = shop.stock.borrow_mut().pop().ok_or(OutOfStock)?;
//!     Ok(format!("one {item}"))
//! }
//!
//! let shop = Shop::default();
//! shop.stock.borrow_mut().push("scarf".to_owned());
//! let app = Router::new().route("/", get(take)).with_state(shop);
//! # #[runtime::main(start_paused = true)] async fn test(app: Router) {
//! let client = TestClient::new(app);
//! assert_eq!(client.get("/").await.text().await, "one scarf");
//! assert_eq!(client.get("/").await.status(), 404);
//! # }
//! # test(app);
//! ```
//!
//! # What stands around handlers
//!
//! A [`middleware`] sees requests before a handler, and responses after it. Some are
//! ready-made: a timeout, a log of accesses, limits. Layers of tower-http work as
//! they are. The layer that was added last sees the request first.
//!
//! ```
//! use server::extract::Request;
//! use server::middleware::{Next, TimeoutLayer, from_fn};
//! use server::response::Response;
//! use server::testing::TestClient;
//! use server::{Router, routing::get};
//! use std::time::Duration;
//!
//! async fn name_the_house(request: Request, next: Next) -> Response {
//!     let mut response = next.run(request).await;
//!     response.headers_mut().insert("x-house", "Treadle".parse().unwrap());
//!     response
//! }
//!
//! # #[runtime::main(start_paused = true)] async fn main() {
//! let app = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     .route("/never", get(|| std::future::pending::<()>()))
//!     .layer(TimeoutLayer::new(Duration::from_secs(10)))
//!     .layer(from_fn(name_the_house));
//! let client = TestClient::new(app);
//! assert_eq!(client.get("/").await.header("x-house"), Some("Treadle"));
//! assert_eq!(client.get("/never").await.status(), 408);
//! # }
//! ```
//!
//! # What goes on for long
//!
//! A body may be made while it is sent ([`Body::from_stream`]), and read while it arrives
//! ([`Body::chunk`], [`Multipart`](extract::Multipart)). [`Sse`](response::sse) is a stream of events,
//! a [`WebSocket`](ws) a conversation. [`ServeDir`](files::ServeDir) sends files.
//!
//! When it is told to stop, the server accepts no more, finishes what is under way, ends streams of
//! events and closes WebSockets, and `serve` returns after nine seconds at the latest
//! ([`Serve::with_graceful_shutdown`]).
//!
//! # Tests
//!
//! [`testing`] runs the whole server in memory, with a client beside it. Time is the runtime's: with
//! a paused clock a timeout of an hour takes no time. The examples of this crate are such tests.
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
//! | [`ws`] | WebSockets: the handshake, messages, the end |
//! | [`files`] | folders and files as services |
//! | [`gateway`] | requests that are handed on to another server |
//! | [`testing`] | a server and its clients in memory, on one clock |
//! | [`console`] | standard output and standard error, without ever waiting for them |
//! | `main.rs` and its modules | the program `server`: a small site |
//!
//! `serve` uses `h1`, and `h1` uses `body`; never the other way round. The types of messages are the [`http`] crate's,
//! so that code written for other servers is at home here.
//!
//! # What it promises
//!
//! * **A peer cannot hurt it.** Everything that a peer decides has a limit, every
//!   wait for a peer has a clock, and a peer that goes on too slowly runs out of time
//!   ([`Config`]). A malformed request is refused and never
//!   guessed at. A handler that panics answers 500, and the others go on.
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
//! `server` and `tokio` by `runtime`; and its handlers may hold an `Rc`.
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
mod current;
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
mod observed;
pub mod response;
pub mod routing;
pub mod serve;
mod service;
mod service_ext;
mod shortage;
pub mod sse;
mod stopping;
pub mod testing;
#[cfg(feature = "typed-header")]
pub mod typed_header;
pub mod upgrade;
pub mod ws;

pub use body::error::Error;
pub use body::{Body, BoxError};
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

/// The page of the package, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
