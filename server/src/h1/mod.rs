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
//! | `decode/` | from bytes to a request, and all that can be wrong with one |
//! | `chunked` | bodies without a known length |
//! | `encode`, `date`, `pace` | from a response to bytes |
//! | `lent`, `input`, `output` | where the bytes lie, and why an idle connection has none |
//! | `inflow` | a request's body on its way to its reader |
//! | `alarm`, `allowance` | one timer for all timeouts; how slow a peer may be |
//! | `gate`, `idle` | counting connections, and sending them home: all of them, or the one that has been idle longest |
//! | `shared` | what all connections of a server share |
//! | `work` | what a connection in the middle of something remembers |
//! | `connection` | the circle from head to head; start here if you want to see it run |
//! | `transfer`, `waiting` | bytes to and from the socket; how long to wait for them |
//! | `exchange`, `respond`, `ending` | the stages of the circle: handler, answer, goodbye |
//! | `endpoint` | the handle that makes connections, and reaches all of them at once |
//!
//! The standards are RFC 9110 (what messages mean) and RFC 9112 (how they look on the
//! wire); comments name the section where a rule comes from.
//!
//! What is not here: HTTP/2, and `Upgrade`, which is ignored for now (a client that offers
//! to change the protocol gets its answer in HTTP/1.1).

mod alarm;
mod allowance;
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
mod gate;
mod idle;
mod inflow;
mod input;
mod lent;
mod output;
mod pace;
mod refusal;
mod respond;
mod shared;
mod transfer;
mod waiting;
mod work;

pub use config::{Config, MAX_HEADERS};
pub use connection::Connection;
pub use endpoint::Endpoint;
pub use error::Error;
pub use refusal::Refusal;
