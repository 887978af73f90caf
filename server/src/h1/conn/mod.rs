//! One connection's life, from its first byte to its last.
//!
//! The life of a connection is a circle that it leaves at the end. The boxes are its stages
//! ([`Stage`](state::Stage)); each number is a transition, and the table names the function that
//! makes it.
//!
//! ```text
//!         1           ┌──────────────────────── 8 ────────────────────────┐
//!         │   2       │                                                   │
//!         ▼  ┌─┐      ▼                                                   │
//!        ┌───┴─▼┐    3    ┌─────────┐    5    ┌────────┐    7    ┌───────┴┐
//!        │ Head ├────────▶│ Handler ├────────▶│ Stream ├────────▶│ Drain  │
//!        └──┬───┘         └─┬─▲─┬───┘         └─┬────┬─┘         └───┬────┘
//!           │               └4┘ │ 6             │    │ 11            │ 9
//!           │ 10             10 │  └─▶ Switch   │ 10 │               │
//!           ▼                   ▼        │      ▼    │               ▼
//!        ┌──────────────────────────┐    │   Close   │            Close
//!        │          Close           │    │           ▼
//!        └──────┬──────────────┬────┘    │ 13     ┌───────┐
//!            12 │              │ 13      │        │ Sever │
//!               ▼              ▼         ▼        └───┬───┘
//!           ┌────────┐  13                            │ 13
//!           │ Linger ├───────────▶  the end  ◀────────┘
//!           └────────┘
//! ```
//!
//! | | when | made by |
//! |---|---|---|
//! | 1 | an endpoint is given a stream | [`Connection::new`](connection::Connection) |
//! | 2 | no head is complete: the answers leave, and the socket is read | [`Turn::await_head`](connection::Turn::await_head) |
//! | 3 | a head is complete: the service is called, and its future polled | [`Turn::begin`](connection::Turn::begin) |
//! | 4 | the handler waits: its request's body is read, or the socket is watched | [`Turn::attend`](connection::Turn::attend) |
//! | 5 | the handler has answered. A body that is there as a whole is copied behind its head, and 7 follows at once; one in pieces becomes a stage | [`Turn::respond`](connection::Turn::respond), [`Turn::send`](connection::Turn::send) |
//! | 6 | the answer is 101, or agrees to a tunnel: when it has left, the stream is the handler's. If the handler has left a part of the request's body, that is drained first | [`Turn::read_to_switch`](connection::Turn::read_to_switch), [`Turn::begin_to_switch`](connection::Turn::begin_to_switch), [`Turn::switch`](connection::Turn::switch) |
//! | 7 | the answer is complete. If the request's body is not, it is drained; else 8 or 9 follows at once | [`Turn::finish`](connection::Turn::finish) |
//! | 8 | nothing is left of the request, and another one may follow | [`Turn::finish`](connection::Turn::finish), [`Turn::drained`](connection::Turn::drained) |
//! | 9 | this was the last request, or too much of its body is left (which refuses an answer that waits to switch) | [`Turn::finish`](connection::Turn::finish), [`Turn::drained`](connection::Turn::drained), [`Turn::give_up`](connection::Turn::give_up) |
//! | 10 | the request is refused, or breaks off, or the answer does | [`Turn::refuse`](connection::Turn::refuse), [`Turn::body_failed`](connection::Turn::body_failed), [`Turn::break_off`](connection::Turn::break_off) |
//! | 11 | the answer fails, and its end must not look like one | [`Turn::fail_stream`](connection::Turn::fail_stream), [`Turn::break_off`](connection::Turn::break_off) |
//! | 12 | the last answer has left, and the peer may still be sending | [`Turn::close`](connection::Turn::close), [`Turn::begin_to_linger`](connection::Turn::begin_to_linger) |
//! | 13 | nothing is left to do | [`Turn::close`](connection::Turn::close), [`Turn::switch`](connection::Turn::switch), [`Turn::sever`](connection::Turn::sever), [`Turn::linger`](connection::Turn::linger) |
//!
//! From every stage a connection ends at once when its socket fails, when a wait has lasted too
//! long and no answer can be given ([`Turn::expired`](connection::Turn::expired)), and when the
//! server is cut off ([`State::Cut`](tracker::State::Cut)).
//!
//! In reading order:
//!
//! | file | what it is about |
//! |---|---|
//! | `connection` | the future, and the loop around the stages; start here if you want to see it run |
//! | `state` | what a connection in the middle of something remembers |
//! | `head`, `handler`, `request_body`, `response`, `close` | the stages |
//! | `upgrade`, `upgraded` | leaving HTTP: the handler gets the stream |
//! | `transfer`, `waiting` | bytes to and from the socket; how long to wait for them |
//! | `scratch`, `read_buf`, `write_buf` | where the bytes lie, and why an idle connection has none |
//! | `timeouts`, `allowance` | one timer for all timeouts; how slow a peer may be |
//! | `budget`, `turns` | how much one turn of a connection may do; who has another one |
//! | `tracker`, `idle` | counting connections, and ending them: all of them, or the one that has been idle longest |
//! | `shared` | what all connections of a server share |
//! | `endpoint` | the handle that makes connections, and reaches all of them at once |

pub(crate) mod allowance;
mod budget;
mod close;
mod connection;
mod endpoint;
mod handler;
mod head;
mod idle;
pub(in crate::h1) mod read_buf;
mod request_body;
mod response;
pub(crate) mod scratch;
mod shared;
mod state;
pub(in crate::h1) mod timeouts;
mod tracker;
mod transfer;
mod turns;
pub(crate) mod upgrade;
pub(crate) mod upgraded;
mod waiting;
pub(crate) mod write_buf;

pub use connection::Connection;
pub use endpoint::Endpoint;
