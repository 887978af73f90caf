//! How much, and for how long: the numbers that keep a stranger from hurting the server.
//!
//! Each client can send anything, at any speed, for as long as it likes.
//! A server without limits can be filled up (a head that never ends, a body larger than
//! the memory) or held up (a byte a minute on ten thousand connections). So everything
//! that a peer decides has a bound here, and every wait for a peer has a clock.
//!
//! Each bound has its answer: the status code in the field's description. Every timeout
//! runs on the runtime's timer wheel and costs nothing while traffic flows (see `conn/timeouts.rs`).

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

use super::codec::methods::Methods;
use super::refusals::Refusals;
use crate::ws::config::WebSocketConfig;

/// The most header lines a request may have: 100. More are refused with 431.
///
/// The one limit that is a constant: the parser's table for them lies on the stack.
///
/// ```
/// assert_eq!(server::h1::MAX_HEADERS, 100);
/// ```
pub const MAX_HEADERS: usize = 100;

/// All limits and timeouts of a server.
///
/// | name | default | it keeps a client from | at the limit |
/// |---|---|---|---|
/// | [`max_connections`](Self::max_connections) | 7/8 of the descriptors, 100,000 at most | taking all descriptors | the connection that is idle longest closes; else the newcomer waits |
/// | [`backlog`](Self::backlog) | 4,096 | being refused in a burst | the kernel refuses, or drops, the connection |
/// | [`methods`](Self::methods) | those registered with IANA | | 501 |
/// | [`max_head`](Self::max_head) | 64 KiB | filling the memory | 431 |
/// | [`max_target`](Self::max_target) | 16 KiB | filling the memory | 414 |
/// | [`MAX_HEADERS`], a constant | 100 | costing time | 431 |
/// | [`head_timeout`](Self::head_timeout) | 10 s | holding a connection | 408; before the first byte the connection closes |
/// | [`idle_timeout`](Self::idle_timeout) | 60 s | holding a connection | the connection closes |
/// | [`max_requests`](Self::max_requests) | no limit | staying with one server for ever | `Connection: close` in the last answer |
/// | [`max_body`](Self::max_body) | 2 MiB | filling the memory | 413 |
/// | [`max_chunk_overhead`](Self::max_chunk_overhead) | 16 KiB | costing time | 400 |
/// | [`max_held_bodies`](Self::max_held_bodies) | 256 MiB | filling the memory, with others | 503 |
/// | [`body_timeout`](Self::body_timeout) | 30 s | holding a handler | 408 |
/// | [`min_body_rate`](Self::min_body_rate) | 240 bytes/s | holding a handler | 408 |
/// | [`write_timeout`](Self::write_timeout) | 30 s | holding an answer in memory | the connection is dropped |
/// | [`min_write_rate`](Self::min_write_rate) | 240 bytes/s | holding an answer in memory | the connection is dropped |
/// | [`drain_limit`](Self::drain_limit) | 64 KiB | sending what no handler reads | the connection closes after the answer |
/// | [`linger_timeout`](Self::linger_timeout) | 5 s | holding a connection after its answer | the connection is dropped |
/// | [`linger_time`](Self::linger_time) | 60 s | the same, by sending on | the connection is dropped |
/// | [`linger_limit`](Self::linger_limit) | 64 MiB | the same, by sending fast | the connection is dropped |
/// | [`shutdown_timeout`](Self::shutdown_timeout) | 9 s | keeping the process alive | the connection is dropped, a detached handler aborted |
/// | [`websocket`](Self::websocket) | [`WebSocketConfig`]'s | filling the memory, holding a connection | close code 1009, or the connection is dropped |
///
/// [`refusals`](Self::refusals) counts what is refused. Time limits of handlers, limits for each
/// client and a limit that sheds are layers: see [`middleware`](crate::middleware).
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
    /// How many connections [`serve`](crate::serve()) has open at once. Default: seven eighths of
    /// the file descriptors that the process may have (its soft limit, `ulimit -n`), and never more
    /// than 100,000. What happens to the next one:
    /// [`with_max_connections`](crate::Serve::with_max_connections).
    pub max_connections: usize,
    /// How many connections may wait in the kernel's queue to be accepted. Default 4,096. See
    /// [`with_backlog`](crate::Serve::with_backlog).
    pub backlog: u32,
    /// Requests of one connection. The answer to the last one says `Connection: close`. Default
    /// [`u32::MAX`], which is no limit. A limit spreads long-lived clients anew over the servers
    /// behind a load balancer.
    pub max_requests: u32,
    /// How long requests under way may take after the signal to stop
    /// ([`with_graceful_shutdown`](crate::Serve::with_graceful_shutdown)). Default 9 s: a supervisor
    /// that says "ten seconds" means the whole process. Then connections are dropped and detached
    /// handlers aborted.
    pub shutdown_timeout: Duration,
    /// The limits and timeouts of WebSockets, unless a handler sets others.
    pub websocket: WebSocketConfig,
    /// The methods that reach the handler. Default: those that are registered with IANA, without
    /// `CONNECT`; any other is answered with 501.
    pub methods: Methods,
    /// The connections are secured by TLS, or come from a gateway that is trusted to have done
    /// that. Default no; then a request whose target is an `https` address is answered with 421
    /// (RFC 9110, section 7.4). A target that is a path is served in any case.
    pub is_secure: bool,
    /// Bytes of a request's head, from the request line to the empty line. Default 64 KiB;
    /// more is answered with 431.
    pub max_head: usize,
    /// Bytes of the request target (the path and query). Default 16 KiB; more is answered
    /// with 414.
    pub max_target: usize,
    /// Bytes of a request's body, unless the service sets another limit
    /// ([`Body::set_limit`](crate::Body::set_limit)). Default 2 MiB; more is answered with 413:
    /// before any of it is read if the request announced its length, else as soon as it is
    /// passed.
    pub max_body: u64,
    /// Bytes that chunk extensions, trailers and the zeros in front of chunk sizes may take
    /// together in one body. They are read and thrown away. Default 16 KiB; more is answered with 400.
    pub max_chunk_overhead: usize,
    /// Time for a head to arrive, from its first byte to its last. Default 10 s; then 408. A
    /// new connection has as long for the first byte; then the server closes it and sends no
    /// answer.
    pub head_timeout: Duration,
    /// Time that a connection may wait for its next request, and the most that it may wait for
    /// its first. Empty lines do not count as a request. Default 60 s; then the server closes the
    /// connection and sends no answer. A full server closes the connection that has been idle
    /// longest before that.
    pub idle_timeout: Duration,
    /// Time without a single byte of a body that a handler waits for. Default 30 s; then
    /// 408. It is also the grace period of [`min_body_rate`](Self::min_body_rate).
    pub body_timeout: Duration,
    /// Bytes a second that a peer must send of a body that a handler waits for. Default 240;
    /// 0 is no minimum. A body that is slower uses up its
    /// [`body_timeout`](Self::body_timeout), and then comes 408. Everything that belongs to
    /// the body counts: data, chunk sizes, chunk extensions, trailers. The time in which the
    /// handler does not read does not count.
    pub min_body_rate: u32,
    /// Time without a single byte of a response leaving. Default 30 s; then the connection
    /// is dropped. It is also the grace period of [`min_write_rate`](Self::min_write_rate).
    pub write_timeout: Duration,
    /// Bytes a second that a peer must take of a response that waits for it. Default 240; 0
    /// is no minimum. A slower peer uses up its [`write_timeout`](Self::write_timeout), and
    /// then the connection is dropped.
    pub min_write_rate: u32,
    /// Bytes of request bodies that may be in memory at once, over all connections of an
    /// endpoint. Default 256 MiB; the body that would pass it is answered with 503. A body that
    /// begins is answered with 503 when more than three quarters are in use: the rest is for those that
    /// have begun.
    ///
    /// A piece of a body counts from its arrival until its [`Bytes`](bytes::Bytes) are
    /// dropped, and so does what [`to_bytes`](crate::body::to_bytes) collects. A body of
    /// less than 4 KiB that arrived together with its head does not count, nor does what the
    /// engine reads ahead while a handler does not read, which is at most 64 KiB a connection.
    pub max_held_bodies: u64,
    /// Bytes of a request's body that the handler did not read and that are read anyway, so that the
    /// connection can go on, or change its protocol. Default 64 KiB; more ends the connection.
    pub drain_limit: u64,
    /// Time without a single byte while the server lingers. To linger is to throw away what
    /// a peer still sends after its connection's last answer, so that the peer gets to read
    /// that answer. Default 5 s; then the connection is dropped. Once the server stops, it is
    /// the time to linger in all. A full server that has a newcomer does not wait so long.
    ///
    /// It is the time for two other waits: for answers to arrive before the connection is reset
    /// because a later one broke off, and for the rest of a body that the handler did not want
    /// (see [`drain_limit`](Self::drain_limit)).
    pub linger_timeout: Duration,
    /// Time to linger in all, however much the peer sends. Default 60 s; then the connection is
    /// dropped.
    pub linger_time: Duration,
    /// Bytes thrown away while lingering. Default 64 MiB; then the connection is dropped.
    pub linger_limit: u64,
    /// Counts what the engine refuses. Keep a clone, to read it.
    pub refusals: Refusals,
}

impl Config {
    /// Time that a new connection may wait for its first byte.
    #[inline]
    pub(crate) fn first_timeout(&self) -> Duration {
        self.head_timeout.min(self.idle_timeout)
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_connections: default_connections(),
            backlog: 4096,
            max_requests: u32::MAX,
            shutdown_timeout: Duration::from_secs(9),
            websocket: WebSocketConfig::default(),
            methods: Methods::Registered,
            is_secure: false,
            max_head: 64 * 1024,
            max_target: 16 * 1024,
            max_body: 2 * 1024 * 1024,
            max_chunk_overhead: 16 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            min_body_rate: 240,
            write_timeout: Duration::from_secs(30),
            min_write_rate: 240,
            max_held_bodies: 256 * 1024 * 1024,
            drain_limit: 64 * 1024,
            linger_timeout: Duration::from_secs(5),
            linger_time: Duration::from_secs(60),
            linger_limit: 64 * 1024 * 1024,
            refusals: Refusals::default(),
        }
    }
}

/// What [`Config::max_connections`] says.
fn default_connections() -> usize {
    const MOST: u64 = 100_000;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
    let most = (limit - limit / 8).clamp(1, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = include_str!("config.rs");

    #[test]
    fn the_table_has_a_row_for_each_field_and_none_besides() {
        let fields = SOURCE.lines().filter_map(|line| {
            let name = line.strip_prefix("    pub ")?.split_once(':')?.0;
            // These are no limits.
            (!["is_secure", "refusals"].contains(&name)).then_some(name)
        });
        let rows = SOURCE.lines().filter_map(|line| {
            let name = line.strip_prefix("/// | [`")?.split_once('`')?.0;
            (name != "MAX_HEADERS").then_some(name)
        });
        let (mut fields, mut rows): (Vec<_>, Vec<_>) = (fields.collect(), rows.collect());
        fields.sort_unstable();
        rows.sort_unstable();
        assert_eq!(fields, rows);
    }

    #[test]
    fn the_table_tells_the_defaults() {
        let config = Config::default();
        let bytes = |count: u64| match count {
            count if count % (1024 * 1024) == 0 => format!("{} MiB", count / (1024 * 1024)),
            count => format!("{} KiB", count / 1024),
        };
        let seconds = |time: Duration| format!("{} s", time.as_secs());
        let rate = |rate: u32| format!("{rate} bytes/s");
        for (name, default) in [
            ("max_head", bytes(config.max_head as u64)),
            ("max_target", bytes(config.max_target as u64)),
            ("max_body", bytes(config.max_body)),
            (
                "max_chunk_overhead",
                bytes(config.max_chunk_overhead as u64),
            ),
            ("max_held_bodies", bytes(config.max_held_bodies)),
            ("drain_limit", bytes(config.drain_limit)),
            ("linger_limit", bytes(config.linger_limit)),
            ("head_timeout", seconds(config.head_timeout)),
            ("idle_timeout", seconds(config.idle_timeout)),
            ("body_timeout", seconds(config.body_timeout)),
            ("write_timeout", seconds(config.write_timeout)),
            ("linger_timeout", seconds(config.linger_timeout)),
            ("linger_time", seconds(config.linger_time)),
            ("shutdown_timeout", seconds(config.shutdown_timeout)),
            ("min_body_rate", rate(config.min_body_rate)),
            ("min_write_rate", rate(config.min_write_rate)),
        ] {
            let row = format!("/// | [`{name}`](Self::{name}) | {default} |");
            assert!(SOURCE.contains(&row), "{row}");
        }
    }
}
