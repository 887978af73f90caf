//! A WebSocket over any stream of bytes.
//!
//! ```text
//!   ┌──────┐ 1  we send a close frame           ┌─────────┐
//!   │ Open │ ─────────────────────────────────▶ │ Closing │
//!   └──────┘                                    └─────────┘
//!      │ 2  the peer's close frame comes,            │ 3  the peer's close frame comes
//!      │    and is answered                          │
//!      │ 4  the peer breaks a rule, and is told      │ 4
//!      ▼                                             ▼
//!   ┌─────────────────────────────────────────────────┐ 5  all is written, and ┌───────┐
//!   │ Goodbye                                         │ ─────────────────────▶ │ Ended │
//!   └─────────────────────────────────────────────────┘    the stream closed   └───────┘
//!
//!   6  the stream breaks, or the peer takes too long: from everywhere to Ended
//! ```
//!
//! The functions: 1 `begin_close`, 2 and 3 `receive_close`, 4 `refuse`, 5 `poll_goodbye`, 6
//! `abort`.
//!
//! | file | what it is about |
//! |---|---|
//! | `stage` | the boxes of the picture |
//! | `line` | the stream below |
//! | `stall`, `wakers` | a peer that does not read; two tasks at one socket |
//! | `web_socket` | the type, and how it is made |
//! | `write` | sending: the `Sink` |
//! | `drain` | from the output to the stream |
//! | `read` | receiving: the `Stream`; answers to pings and close frames |
//! | `goodbye` | the end |
//!
//! A WebSocket that waits has no buffer. What it reads into belongs to the thread, and what is
//! left over is kept only until it has been received.

mod drain;
mod goodbye;
pub(crate) mod line;
mod read;
mod stage;
mod stall;
mod wakers;
pub(crate) mod web_socket;
mod write;
