//! Connections that leave HTTP, for a WebSocket or another protocol.
//!
//! A handler takes what will be the connection from the request ([`on`]), and answers 101. When
//! the answer has been sent, the connection is the handler's: an [`Upgraded`] stream.

pub use crate::h1::conn::upgrade::{MayUpgrade, OnUpgrade, UpgradeError, on};
pub use crate::h1::conn::upgraded::{Parts, Upgraded};
