//! HTTP/1.1 on any stream of bytes.
//!
//! The engine takes a stream that can be read and written ([`futures_io::AsyncRead`] and
//! [`AsyncWrite`](futures_io::AsyncWrite)) and a service, and does everything in between:
//!
//! ```text
//!                 ┌─ lent ────────────── one desk for all connections of the thread ─┐
//!                 │                                                                  │
//!   socket ──▶ input ──▶ decode ──▶ Request ──▶ ┌─────────┐ ──▶ Response ──▶ encode ─┤
//!                 │                    ▲        │ service │        │                 │
//!                 └──▶ inflow ──▶ Body ┘        └─────────┘        └─▶ Body ──▶ output ──▶ socket
//!                      (chunked)
//! ```
//!
//! In reading order:
//!
//! | file | what it is about |
//! |---|---|
//! | `config` | how much, and for how long |
//! | `refusal`, `error` | saying no; why a connection ended |
//! | `grammar`, `methods` | which byte may stand where; which methods are served |
//! | `decode/` | from bytes to a request, and all that can be wrong with one |
//! | `chunked`, `extension` | bodies without a known length |
//! | `encode`, `hop`, `date`, `pace` | from a response to bytes |
//! | `lent`, `input`, `output` | where the bytes lie, and why an idle connection has none |
//! | `inflow` | a request's body on its way to its reader |
//! | `alarm`, `allowance` | one timer for all timeouts; how slow a peer may be |
//! | `gate`, `idle` | counting connections, and sending them home: all of them, or the one that has been idle longest |
//! | `shared` | what all connections of a server share |
//! | `work` | what a connection in the middle of something remembers |
//! | `connection` | the circle from head to head; start here if you want to see it run |
//! | `budget`, `turns` | how much one turn of a connection may do; who has another one |
//! | `transfer`, `waiting` | bytes to and from the socket; how long to wait for them |
//! | `head`, `exchange`, `request_body`, `respond`, `ending` | the stages of the circle: the next request, handler and its request's body, answer, goodbye |
//! | `upgrade`, `upgraded` | leaving HTTP: the handler gets the stream |
//! | `endpoint` | the handle that makes connections, and reaches all of them at once |
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
//! | any of these, behind more than 64 KiB that nobody has read | when the handler has read so far, or when its answer is written |
//! | the client's machine vanishes without a word | when a write makes no progress for [`Config::write_timeout`], or a read that the handler waits for none for [`Config::body_timeout`] |
//!
//! It makes no difference whether the handler reads the body or not: the engine reads ahead,
//! up to 64 KiB. A client that waits for `100 Continue` sends nothing ahead. A handler whose
//! answer has begun is gone already; its body stream is dropped in its place.
//!
//! The standards are RFC 9110 (what messages mean) and RFC 9112 (how they look on the
//! wire); comments name the section where a rule comes from.
//!
//! What is not here: HTTP/2. A client that asks for another protocol gets it if the handler
//! answers 101 (see [`upgrade`](crate::upgrade)); otherwise the connection stays with HTTP/1.1.

mod alarm;
pub(crate) mod allowance;
mod budget;
mod chunked;
mod config;
mod connection;
mod date;
mod decode;
mod encode;
mod ending;
mod endpoint;
mod error;
mod exchange;
mod extension;
mod gate;
mod grammar;
mod head;
mod hop;
mod idle;
mod inflow;
mod input;
pub(crate) mod lent;
mod methods;
pub(crate) mod output;
mod pace;
mod refusal;
mod request_body;
mod respond;
mod shared;
mod transfer;
mod turns;
pub(crate) mod upgrade;
pub(crate) mod upgraded;
mod waiting;
mod work;

pub use crate::mark::Mark;
pub use config::{Config, MAX_HEADERS};
pub use connection::Connection;
pub use endpoint::Endpoint;
pub use error::Error;
pub use methods::Methods;
pub use refusal::Refusal;
