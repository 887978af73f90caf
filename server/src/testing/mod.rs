//! Tests of a service, in memory: a server and its clients on one runtime and one clock.
//!
//! Nothing is opened, no port is chosen, no time passes. The server is the whole server, from the
//! bytes of a connection up; only the sockets are replaced by pipes. So a test sees what a client
//! sees: statuses and headers, connections that are kept, timeouts, streams that end when the
//! server stops.
//!
//! ```
//! use server::{Router, extract::Path, routing::get};
//! use server::testing::TestClient;
//!
//! fn app() -> Router {
//!     Router::new().route("/hello/{name}", get(|Path(name): Path<String>| async move {
//!         format!("Hello, {name}!")
//!     }))
//! }
//!
//! // In a test: #[runtime::test(start_paused = true)]
//! # #[runtime::main(start_paused = true)] async fn main() {
//! let client = TestClient::new(app());
//! let response = client.get("/hello/Ada").await;
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.text().await, "Hello, Ada!");
//! # }
//! ```
//!
//! # Time
//!
//! With a paused clock an hour passes in no time: the clock moves when no task is ready, and then
//! to the next timer. It cannot move while bytes are under way, because bytes that are written
//! wake the task that reads them. (With a socket it can: the kernel has the bytes, and no task is
//! ready.)
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//! use runtime::time::{Instant, interval};
//! use server::{Router, routing::get};
//! use server::response::sse::{Event, Sse};
//! use server::testing::TestClient;
//!
//! # #[runtime::main(start_paused = true)] async fn main() {
//! let app = Router::new().route("/ticks", get(|| async {
//!     let mut ticks = interval(Duration::from_secs(60));
//!     Sse::new(futures_lite::stream::poll_fn(move |cx| {
//!         ticks.poll_tick(cx).map(|_| Some(Ok::<_, Infallible>(Event::default().data("tick"))))
//!     }))
//! }));
//! let begin = Instant::now();
//! let mut ticks = TestClient::new(app).get("/ticks").await;
//! for minute in 0..3 {
//!     assert_eq!(ticks.read_until("\n\n").await.unwrap(), "data: tick\n\n");
//!     assert_eq!(begin.elapsed(), Duration::from_secs(60 * minute));
//! }
//! # }
//! ```
//!
//! # Faults
//!
//! [`Faults`] splits what is read and written at random places, holds bytes back, cuts and resets
//! connections. All of it comes from a seed: the same seed gives the same faults and the same
//! bytes ([`Transcript`]), `Date` and the masks of WebSockets included. [`with_seeds`] runs a test
//! with many seeds.
//!
//! | to | use |
//! |---|---|
//! | ask and look at the answer | [`TestClient`], [`TestRequest`], [`TestResponse`] |
//! | have several clients, stop the server, count its connections | [`TestServer`] |
//! | set limits, timeouts and faults | [`Builder`], [`Faults`] |
//! | say bytes that no client would say | [`TestServer::connect`], [`TestStream`] |
//! | talk over a WebSocket | [`TestRequest::websocket`] |
//! | compare what went over the connections | [`Transcript`] |

mod client;
mod faults;
mod fixed_date;
mod half;
mod hub;
mod lines;
mod listener;
mod request;
mod response;
mod seeds;
mod stream;
mod test_server;
mod transcript;
mod wire;

pub use client::TestClient;
pub use faults::Faults;
pub use listener::TestListener;
pub use request::TestRequest;
pub use response::TestResponse;
pub use seeds::with_seeds;
pub use stream::TestStream;
pub use test_server::{Builder, TestServer};
pub use transcript::{Act, Ending, Entry, Side, Transcript};
