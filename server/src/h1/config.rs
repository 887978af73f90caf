//! How much, and for how long: the numbers that keep a stranger from hurting the server.
//!
//! Whoever can reach the port can send anything, at any speed, for as long as they like.
//! A server without limits can be filled up (a head that never ends, a body larger than
//! the memory) or held up (a byte a minute on ten thousand connections). So everything
//! that a peer decides has a bound here, and every wait for a peer has a clock.
//!
//! Each bound has its answer: the status code in the field's description. Every timeout
//! runs on the runtime's timer wheel and costs nothing while traffic flows (see `alarm`).

use std::time::Duration;

/// The most header lines a request may have: 100. More are refused with 431.
///
/// The one limit that is a constant: the parser's table for them lies on the stack.
///
/// ```
/// assert_eq!(server::h1::MAX_HEADERS, 100);
/// ```
pub const MAX_HEADERS: usize = 100;

/// The limits and timeouts of HTTP/1.1 connections.
///
/// ```
/// use std::time::Duration;
/// use server::Config;
///
/// let config = Config { idle_timeout: Duration::from_secs(5), ..Config::default() };
/// assert_eq!(config.max_body, 2 * 1024 * 1024);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Bytes of a request's head, from the request line to the empty line. Default 64 KiB;
    /// more is answered with 431.
    pub max_head: usize,
    /// Bytes of the request target (the path and query). Default 16 KiB; more is answered
    /// with 414.
    pub max_target: usize,
    /// Bytes of a request's body. Default 2 MiB; more is answered with 413: before any of
    /// it is read if the request announced its length, else as soon as it is passed.
    pub max_body: u64,
    /// Bytes that chunk extensions and trailers of one body may take together. They are
    /// read and thrown away. Default 16 KiB; more is answered with 400.
    pub max_chunk_overhead: usize,
    /// Time for a head to arrive, from its first byte to its last. Default 10 s; then 408.
    pub head_timeout: Duration,
    /// Time that a connection may wait for the next request. Default 60 s; then it is
    /// closed without a word.
    pub idle_timeout: Duration,
    /// Time without a single byte of a body that a handler waits for. Default 30 s; then
    /// 408.
    pub body_timeout: Duration,
    /// Time without a single byte of a response leaving. Default 30 s; then the connection
    /// is dropped.
    pub write_timeout: Duration,
    /// Bytes of a request's body that nobody wants and that are read anyway, so that the
    /// connection can go on. Default 64 KiB; more ends the connection.
    pub drain_limit: u64,
    /// Time to linger after an early answer: how long a closed-off connection still throws
    /// away what the peer sends, so that the peer gets to read the answer. Default 5 s.
    pub linger_timeout: Duration,
    /// Bytes thrown away while lingering. Default 16 MiB.
    pub linger_limit: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_head: 64 * 1024,
            max_target: 16 * 1024,
            max_body: 2 * 1024 * 1024,
            max_chunk_overhead: 16 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            drain_limit: 64 * 1024,
            linger_timeout: Duration::from_secs(5),
            linger_limit: 16 * 1024 * 1024,
        }
    }
}
