//! HTTP/1.1 on any stream of bytes.
//!
//! The engine takes a stream that can be read and written ([`futures_io::AsyncRead`] and
//! [`AsyncWrite`](futures_io::AsyncWrite)) and a service, and does everything in between:
//!
//! ```text
//!                 ┌─ scratch ────────── buffers for all connections of the thread ──┐
//!                 │                                                                 │
//!   socket ──▶ read_buf ──▶ decode ──▶ Request ──▶ ┌─────────┐ ──▶ Response ──▶ encode
//!                 │                       ▲        │ service │        │            │
//!                 └──▶ body_decoder ──▶ Body       └─────────┘        └─▶ Body ──▶ write_buf ──▶ socket
//! ```
//!
//! It has two rooms, each with a tour of its own:
//!
//! | room or file | what it is about |
//! |---|---|
//! | `config` | how much, and for how long |
//! | `error` | why a connection ended |
//! | `codec/` | from bytes to messages and back, without a socket |
//! | [`client`] | the other end: an outgoing connection |
//! | `conn/` | one connection's life: its stages, what moves it from one to the next, and all that it waits for |
//!
//! # When a handler learns that its client has gone
//!
//! It is dropped, at the await where it is, with everything it holds. So what must happen in
//! any case belongs into a task of its own, and what must be undone into a destructor.
//!
//! | what happens on the wire | what the engine knows, and when |
//! |---|---|
//! | the connection breaks (reset) | at once: the handler is dropped |
//! | the client closes, its request is complete | only that it will send no more; that is not gone: the client may have closed one direction and wait. The handler goes on. If the client has closed altogether, its system answers the next bytes of ours with a reset |
//! | the client closes in the middle of its body | at once: such a request is never complete, the handler is dropped, and another task that reads the body gets an error |
//! | any of these, behind more than 64 KiB that the handler has not read | when the handler has read so far, or when its answer is written |
//! | the client's machine vanishes without a word | when a write makes no progress for [`Config::write_timeout`], or a read that the handler waits for none for [`Config::body_timeout`] |
//!
//! It makes no difference whether the handler reads the body or not: the engine reads ahead,
//! up to 64 KiB. A client that waits for `100 Continue` sends nothing ahead. A handler whose
//! answer has begun is gone already; its body stream is dropped in its place.
//!
//! The standards are RFC 9110 (what messages mean) and RFC 9112 (how they look on the
//! wire); comments name the section where a rule comes from.
//!
//! `server/tests/rfc.md` lists what they ask, rule by rule, each with the test that holds us to it.
//!
//! What is not here: HTTP/2. A client that asks for another protocol gets it if the handler
//! answers 101 (see [`upgrade`](crate::upgrade)); otherwise the connection stays with HTTP/1.1.
//! A tunnel (`CONNECT`) is offered only to a service that asks for it ([`Methods`]).

pub mod client;
pub(crate) mod codec;
mod config;
pub(crate) mod conn;
mod error;
mod refusals;

pub use crate::mark::Mark;
pub use codec::methods::Methods;
pub use codec::refusal::Refusal;
pub use config::{Config, MAX_HEADERS};
pub use conn::{Connection, Endpoint};
pub use error::Error;
pub use refusals::Refusals;
