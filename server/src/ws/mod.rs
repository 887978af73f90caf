//! WebSockets (RFC 6455), with compressed messages (RFC 7692).
//!
//! In reading order:
//!
//! | file | what it is about |
//! |---|---|
//! | `message`, `utf8_bytes`, [`close_code`] | what travels |
//! | `codec/` | bytes to messages and back, without a socket |
//! | `config`, `error` | how much and for how long; what can go wrong |
//! | `socket/` | a connection: sending, receiving, the end |
//! | `handshake`, `extension` | what both ends say before the first message |
//! | `client` | the client's side of it |
//! | `upgrade`, [`rejection`] | the server's side: the extractor, and how it refuses |

pub(crate) mod client;
pub mod close_code;
pub(crate) mod codec;
pub(crate) mod config;
mod error;
mod extension;
mod handshake;
mod message;
pub mod rejection;
mod socket;
mod upgrade;
mod utf8_bytes;

pub use client::connect;
pub use codec::violation::Violation;
pub use config::WebSocketConfig;
pub use error::WebSocketError;
pub use message::{CloseCode, CloseFrame, Message};
pub use socket::web_socket::WebSocket;
pub use upgrade::{DefaultOnFailedUpgrade, OnFailedUpgrade, WebSocketUpgrade};
pub use utf8_bytes::Utf8Bytes;
