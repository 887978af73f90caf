//! How much, and for how long: what a server may cost its client.

use std::time::Duration;

/// The limits and timeouts of an outgoing connection.
///
/// ```
/// use std::time::Duration;
/// use server::h1::client::Config;
///
/// let config = Config { head_timeout: Duration::from_secs(5), ..Config::default() };
/// assert_eq!(config.max_head, 64 * 1024);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Bytes of a response's head, from the status line to the empty line. Default 64 KiB. (The
    /// most header lines are [`MAX_HEADERS`](crate::h1::MAX_HEADERS).)
    pub max_head: usize,
    /// Bytes of a response's body, unless its reader sets another limit
    /// ([`Body::set_limit`](crate::Body::set_limit)). Default `u64::MAX`, which is no limit: a
    /// body arrives only as fast as it is read.
    pub max_body: u64,
    /// Bytes that chunk extensions, trailers and the zeros in front of chunk sizes may take
    /// together in one body. Default 16 KiB.
    pub max_chunk_overhead: usize,
    /// Informational responses (1xx) to one request. Default 16.
    pub max_informational: usize,
    /// Time from the last byte of a request to the last byte of its response's head. Each
    /// informational response begins it anew. Default 60 s.
    pub head_timeout: Duration,
    /// Time without a single byte of a body that is being read. Default 30 s. The time in which it
    /// is not read does not count. It is also the grace period of
    /// [`min_body_rate`](Self::min_body_rate).
    pub body_timeout: Duration,
    /// Bytes a second that the server must send of a body that is being read. A body that is slower
    /// uses up its [`body_timeout`](Self::body_timeout), and then it is an error. Chunk sizes and
    /// trailers count. Default 0, which is no minimum: a stream of events is slow by nature.
    pub min_body_rate: u32,
    /// Time in which the server takes not a single byte of a request. Default 30 s. It does not
    /// count while the response is there and is not read: then the server may be waiting for us.
    pub write_timeout: Duration,
    /// Time that a request with `Expect: 100-continue` waits for the server's word. Then its body
    /// is sent without it (RFC 9110, section 10.1.1). Default 1 s.
    pub continue_timeout: Duration,
    /// Bytes of a response's body that its reader has dropped, and that are read anyway, so that
    /// the connection can serve another request. Default 64 KiB; more ends the connection.
    pub drain_limit: u64,
    /// Time for these bytes. Default 1 s.
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_head: 64 * 1024,
            max_body: u64::MAX,
            max_chunk_overhead: 16 * 1024,
            max_informational: 16,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            min_body_rate: 0,
            write_timeout: Duration::from_secs(30),
            continue_timeout: Duration::from_secs(1),
            drain_limit: 64 * 1024,
            drain_timeout: Duration::from_secs(1),
        }
    }
}
