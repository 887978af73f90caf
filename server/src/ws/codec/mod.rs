//! From bytes to messages and back, without a socket (RFC 6455, sections 5 to 8, and RFC 7692).
//!
//! In reading order:
//!
//! | file | what it is about |
//! |---|---|
//! | `frame` | the head of a frame |
//! | `mask` | what a client does to its payloads |
//! | `utf8` | text that is checked as it arrives |
//! | `deflate` | compressed messages |
//! | `close` | what a close frame says |
//! | `violation` | what can be wrong, and which code says so |
//! | `partial`, `decode` | from bytes to messages |
//! | `encode` | from messages to bytes |

mod close;
pub(crate) mod decode;
mod deflate;
pub(crate) mod encode;
mod frame;
pub(crate) mod mask;
mod partial;
#[cfg(test)]
mod tests;
mod utf8;
pub(crate) mod violation;

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It masks what it sends.
    Client,
    /// It does not.
    Server,
}

/// What is allowed on a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) role: Role,
    /// Bytes of a frame's payload.
    pub(crate) max_frame: usize,
    /// Bytes of a message, when it is decompressed.
    pub(crate) max_message: usize,
    /// Whether messages may be compressed.
    pub(crate) compression: bool,
    /// Whether a server takes frames without a mask.
    pub(crate) accept_unmasked: bool,
}
