//! The command line of the proxy: which backends there are, and what they may cost.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use clap::ValueEnum;
use runtime::sync::Semaphore;
use server::h1::client::Config;

use super::connect::Address;
use crate::seconds::seconds;

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// A server to hand requests for /proxy/... on to: HOST:PORT, or unix:PATH. May be given more
    /// than once, or as a list with commas.
    #[arg(
        long = "backend",
        env = "SERVER_BACKEND",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(super) backends: Vec<Address>,

    /// Which backend gets the next request.
    #[arg(
        long,
        env = "SERVER_BALANCE",
        value_name = "RULE",
        default_value = "round-robin"
    )]
    pub(super) balance: Balance,

    /// How many connections one backend may have at once, WebSockets included.
    #[arg(
        long,
        env = "SERVER_BACKEND_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "64"
    )]
    pub(super) backend_connections: NonZeroUsize,

    /// How many WebSockets may pass at once, over all backends. Each holds a connection for as long as
    /// it likes, and some must be left for requests. By default 32, or half of all connections to backends
    /// if that is less.
    #[arg(long, env = "SERVER_BACKEND_TUNNELS", value_name = "NUMBER")]
    pub(super) backend_tunnels: Option<usize>,

    /// How many requests may wait, all together, until a backend has a connection to spare. None waits
    /// longer than a connection may take to be made.
    #[arg(
        long,
        env = "SERVER_BACKEND_QUEUE",
        value_name = "NUMBER",
        default_value = "256"
    )]
    pub(super) backend_queue: usize,

    /// On how many backends a request is tried, at most. Only a request that may be sent twice is
    /// tried again once it has left.
    #[arg(
        long,
        env = "SERVER_BACKEND_TRIES",
        value_name = "NUMBER",
        default_value = "3"
    )]
    pub(super) backend_tries: NonZeroUsize,

    /// How long a connection to a backend may take to be made.
    #[arg(long, env = "SERVER_BACKEND_CONNECT_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "2")]
    pub(super) backend_connect_timeout: Duration,

    /// How long a backend may take from the end of a request to the head of its answer.
    #[arg(long, env = "SERVER_BACKEND_HEAD_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub(super) backend_head_timeout: Duration,

    /// How long a backend may send nothing of an answer's body, and take nothing of a request.
    #[arg(long, env = "SERVER_BACKEND_BODY_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    pub(super) backend_body_timeout: Duration,

    /// How long a WebSocket may be silent in both directions.
    #[arg(long, env = "SERVER_BACKEND_TUNNEL_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "300")]
    pub(super) backend_tunnel_timeout: Duration,

    /// How long a connection to a backend is kept for the next request.
    #[arg(long, env = "SERVER_BACKEND_IDLE_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub(super) backend_idle_timeout: Duration,

    /// How many bytes a request's body may have. It passes through and is never held as a whole.
    #[arg(
        long,
        env = "SERVER_BACKEND_MAX_BODY",
        value_name = "BYTES",
        default_value = "1073741824"
    )]
    pub(super) backend_max_body: u64,

    /// What a backend is asked for to see whether it is healthy. Any answer below 500 is a sign of
    /// life. Choose what needs all that requests need: their failures alone do not eject a backend.
    #[arg(long, env = "SERVER_BACKEND_HEALTH_PATH", value_name = "PATH", value_parser = path, default_value = "/health")]
    pub(super) backend_health_path: String,

    /// How long after one such question the next one follows.
    #[arg(long, env = "SERVER_BACKEND_HEALTH_INTERVAL", value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    pub(super) backend_health_interval: Duration,

    /// How long the answer to such a question may take, connection included.
    #[arg(long, env = "SERVER_BACKEND_HEALTH_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "2")]
    pub(super) backend_health_timeout: Duration,

    /// After how many failed health checks in a row a backend gets no more requests. When so many requests in
    /// a row have failed, it is checked at once, and a single failed check is enough.
    #[arg(
        long,
        env = "SERVER_BACKEND_FALL",
        value_name = "NUMBER",
        default_value = "3"
    )]
    pub(super) backend_fall: NonZeroU32,

    /// After how many good answers in a row to health checks it gets requests again.
    #[arg(
        long,
        env = "SERVER_BACKEND_RISE",
        value_name = "NUMBER",
        default_value = "2"
    )]
    pub(super) backend_rise: NonZeroU32,

    /// Keep what the client says in Forwarded and X-Forwarded-..., and add to it. Only for a server
    /// that can be reached through another proxy and in no other way: every client can write such a
    /// field. By default they are replaced.
    #[arg(long, env = "SERVER_TRUST_FORWARDED")]
    pub(super) trust_forwarded: bool,
}

/// The rule by which a backend is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Balance {
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
}

impl Options {
    /// How many connections may be made to all backends.
    pub(crate) fn most_connections(&self) -> usize {
        self.connections_to(self.backends.len())
    }

    fn connections_to(&self, backends: usize) -> usize {
        backends.saturating_mul(self.backend_connections.get())
    }

    /// How many WebSockets may pass at once to so many backends.
    pub(crate) fn tunnels(&self, backends: usize) -> usize {
        const USUAL: usize = 32;
        let half = self.connections_to(backends) / 2;
        let tunnels = self.backend_tunnels.unwrap_or(USUAL.min(half));
        tunnels.min(Semaphore::MAX_PERMITS)
    }

    /// Refuses limits of which one makes the other mean nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        let connections = self.most_connections();
        match self.backend_tunnels {
            Some(tunnels) if !self.backends.is_empty() && tunnels >= connections => Err(format!(
                "--backend-tunnels {tunnels} leaves no connection for requests: there are {connections} to all \
                 backends; lower it or raise --backend-connections"
            )),
            _ => Ok(()),
        }
    }

    /// The limits of a connection to a backend.
    pub(super) fn connection(&self) -> Config {
        Config {
            head_timeout: self.backend_head_timeout,
            body_timeout: self.backend_body_timeout,
            write_timeout: self.backend_body_timeout,
            ..Config::default()
        }
    }
}

/// The target of a request: a path, with a query perhaps.
fn path(text: &str) -> Result<String, String> {
    // What follows a `#` is never sent.
    let is_sent = text.starts_with('/') && !text.contains('#');
    let is_path = is_sent && text.parse::<http::uri::PathAndQuery>().is_ok();
    match is_path {
        true => Ok(text.to_owned()),
        false => Err(
            "give a path that begins with a slash and has no `#`, for example /health".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn there_may_be_as_many_places_as_a_semaphore_has() {
        let most = usize::MAX.to_string();
        for option in ["--backend-tunnels", "--backend-connections"] {
            let options = Arguments::parse_from(["server", option, &most]).proxy;
            Semaphore::new(options.tunnels(2));
        }
    }

    #[test]
    fn what_a_check_asks_for_is_a_path_that_is_sent_as_it_is() {
        assert_eq!(path("/health?deep=1"), Ok("/health?deep=1".to_owned()));
        for text in ["/x#y", "health", "", "/a b"] {
            path(text).unwrap_err();
        }
    }
}
