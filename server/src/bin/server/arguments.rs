//! The command line. Each option is also a variable of the environment: `--max-body` is
//! `SERVER_MAX_BODY`.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use server::Config;

use crate::open_files::default_connections;
use crate::orders;
use crate::proxy;
use crate::seconds::{seconds, seconds_or_none};
use crate::uploads;

/// A web site with many services, served by one thread on the runtime Treadle.
#[derive(Parser, Debug)]
#[command(name = "server", version, after_help = NOTES, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Where to listen: HOST:PORT, or unix:PATH for a socket in the file system. Port 0 takes any
    /// free port.
    #[arg(
        long,
        env = "SERVER_ADDR",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:3000"
    )]
    pub(crate) addr: String,

    /// How many processes serve, on one port. One that ends is started again. Files and databases are
    /// common to all; chat rooms, counters and the lab are each process's own.
    #[arg(
        long,
        env = "SERVER_WORKERS",
        value_name = "NUMBER",
        default_value = "1"
    )]
    pub(crate) workers: NonZeroU16,

    /// The folder for everything that is kept. It is made if there is none.
    #[arg(
        long,
        env = "SERVER_DATA",
        value_name = "FOLDER",
        default_value = "./data"
    )]
    pub(crate) data: PathBuf,

    /// Write a line for each request that reaches a handler on standard error, in this form. What is refused before,
    /// because it is no valid request or too large, has none: `http_refusals_total` at /metrics counts it.
    #[arg(long, env = "SERVER_LOG", value_name = "FORM")]
    pub(crate) log: Option<LogForm>,

    /// Say in each answer how the time up to it was spent, in the header Server-Timing: running, in the run
    /// queue, waiting; with --inspect also for what, and at which line of the source. Every client sees it,
    /// and may learn by it what the server has and how busy it is.
    #[arg(long, env = "SERVER_TIMING")]
    pub(crate) timing: bool,

    /// Show on a page what the server does, live: IP:PORT, of this machine only. The page can hold the
    /// server and step it. Its address, with a token, goes to standard error. What led to a failed or
    /// slow request or a panic is kept in the folder `frozen` of --data: the newest 20 files, of which a
    /// process writes 10 at most.
    #[arg(long, env = "SERVER_INSPECT", value_name = "ADDRESS")]
    pub(crate) inspect: Option<String>,

    /// Show recordings on that page, and serve nothing: a file of the folder `frozen`, one of the stepper
    /// or of TREADLE_RECORD; or several files, or a folder of them: the one that a failing seed of a simulation names,
    /// or one of the stepper's --save FOLDER. Each host is a lane then. The page is at 127.0.0.1:3001, or where
    /// --inspect says.
    #[arg(
        long,
        env = "SERVER_SHOW",
        value_name = "FILE",
        num_args = 1..,
        conflicts_with = "workers"
    )]
    pub(crate) show: Vec<PathBuf>,

    #[command(flatten, next_help_heading = "Uploads")]
    pub(crate) uploads: uploads::Options,

    #[command(flatten, next_help_heading = "Limits")]
    pub(crate) limits: Limits,

    #[command(flatten, next_help_heading = "Orders")]
    pub(crate) orders: orders::Options,

    #[command(flatten, next_help_heading = "Reverse proxy")]
    pub(crate) proxy: proxy::Options,
}

/// The form of the access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Words between blanks.
    Text,
    /// An object a line.
    Json,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Limits {
    /// How many connections may be open at once. When another one comes, the connection that
    /// has been idle longest is closed; if none is idle, the newcomer waits. By default, as many as
    /// the process may have open files (ulimit -n), less those for other things: an eighth of them, or 64 if
    /// that is more, for the program; --backend-connections for each backend; --database-connections for
    /// PostgreSQL. Clients have an eighth of them at least, and never more than 100,000.
    #[arg(long, env = "SERVER_MAX_CONNECTIONS", value_name = "NUMBER")]
    max_connections: Option<NonZeroUsize>,

    /// How many connections may wait to be accepted. The kernel may allow fewer: on Linux, no
    /// more than /proc/sys/net/core/somaxconn.
    #[arg(long, env = "SERVER_BACKLOG", value_name = "NUMBER", default_value_t = Config::default().backlog)]
    backlog: u32,

    /// How many bytes a request's body may have, where the service has no limit of its own. By default
    /// 2 MiB, or --max-held-bodies if that is less.
    #[arg(long, env = "SERVER_MAX_BODY", value_name = "BYTES")]
    max_body: Option<u64>,

    /// How many bytes of request bodies may be in memory at once, over all connections. The
    /// body that would be too much is answered with 503.
    #[arg(long, env = "SERVER_MAX_HELD_BODIES", value_name = "BYTES", default_value_t = Config::default().max_held_bodies)]
    max_held_bodies: u64,

    /// How many bytes a second a peer must send of a body, and take of an answer. A slower peer
    /// uses up its time of grace: --body-timeout if it sends, --write-timeout if it reads. Then a slow
    /// sender gets status 408, and the connection of a slow reader is dropped. 0 asks for no minimum.
    #[arg(long, env = "SERVER_MIN_RATE", value_name = "BYTES", default_value_t = Config::default().min_body_rate)]
    min_rate: u32,

    /// How long a request's head may take, from its first byte to its last.
    #[arg(long, env = "SERVER_HEAD_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    head_timeout: Duration,

    /// How long a connection may wait for its next request.
    #[arg(long, env = "SERVER_IDLE_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    idle_timeout: Duration,

    /// How long a peer may send nothing of a body that is awaited.
    #[arg(long, env = "SERVER_BODY_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    body_timeout: Duration,

    /// How long a peer may take nothing of an answer.
    #[arg(long, env = "SERVER_WRITE_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    write_timeout: Duration,

    /// How long the requests under way may take after the signal to end.
    #[arg(long, env = "SERVER_SHUTDOWN_TIMEOUT", value_name = "SECONDS", value_parser = seconds, default_value = "9")]
    pub(crate) shutdown_timeout: Duration,

    /// How long to go on after the signal to end, while /ready says no: time for a balancer to hear of
    /// it.
    #[arg(long, env = "SERVER_DRAIN_DELAY", value_name = "SECONDS", value_parser = seconds_or_none, default_value = "0")]
    pub(crate) drain_delay: Duration,
}

impl Arguments {
    /// Refuses options of which one makes another one mean nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.limits.check()?;
        self.uploads.check()?;
        self.proxy.check()
    }

    /// The limits of the server.
    pub(crate) fn config(&self) -> Config {
        let to_others = self
            .proxy
            .most_connections()
            .saturating_add(self.orders.most_connections());
        let connections = self.limits.max_connections.map(NonZeroUsize::get);
        Config {
            max_connections: connections.unwrap_or_else(|| default_connections(to_others)),
            ..self.limits.config()
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), String> {
        let (each, all) = (self.config().max_body, self.max_held_bodies);
        match each > all {
            false => Ok(()),
            true => Err(format!(
                "--max-body {each} is more than --max-held-bodies {all}: a body of that size would never \
                 find room; lower the one or raise the other"
            )),
        }
    }

    fn config(&self) -> Config {
        let usual = Config::default();
        Config {
            backlog: self.backlog,
            max_body: self
                .max_body
                .unwrap_or_else(|| usual.max_body.min(self.max_held_bodies)),
            max_held_bodies: self.max_held_bodies,
            min_body_rate: self.min_rate,
            min_write_rate: self.min_rate,
            head_timeout: self.head_timeout,
            idle_timeout: self.idle_timeout,
            body_timeout: self.body_timeout,
            write_timeout: self.write_timeout,
            shutdown_timeout: self.shutdown_timeout,
            ..usual
        }
    }
}

/// What `--help` says at its end.
const NOTES: &str = "\
Each option may also be given as a variable of the environment, as its [env] says. The command line
wins. A variable that is empty is as one that is not set.

Signals:
  SIGTERM, SIGINT, SIGHUP  Accept nothing new, finish the requests under way (see
                           --shutdown-timeout), and end. The second one ends the program at
                           once. SIGHUP is ignored where it was ignored before (nohup).
  SIGUSR1                  Say on standard error what every task is doing.
With --workers, send them to the process that was started: it passes them on to the others.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn arguments(line: &str) -> Arguments {
        let words = std::iter::once("server").chain(line.split_whitespace());
        Arguments::parse_from(words)
    }

    #[test]
    fn the_options_of_all_services_go_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_that_contradict_each_other_are_refused_by_their_names() {
        for (line, one, other) in [
            (
                "--max-body 11 --max-held-bodies 10",
                "--max-body 11",
                "--max-held-bodies 10",
            ),
            (
                "--max-upload-file 11 --max-upload 10",
                "--max-upload-file 11",
                "--max-upload 10",
            ),
            (
                "--backend a:1 --backend-tunnels 2 --backend-connections 2",
                "--backend-tunnels 2",
                "--backend-connections",
            ),
        ] {
            let why = arguments(line).check().unwrap_err();
            assert!(why.contains(one) && why.contains(other), "{why}");
        }
        for line in [
            "",
            "--max-body 10 --max-held-bodies 10",
            "--max-upload-file 10 --max-upload 10",
            "--backend a:1,b:1 --backend-tunnels 3 --backend-connections 2",
            "--backend a:1 --backend-tunnels 0 --backend-connections 1",
            // There is no backend.
            "--backend-tunnels 2 --backend-connections 2",
        ] {
            assert_eq!(arguments(line).check(), Ok(()), "{line}");
        }
    }

    #[test]
    fn a_limit_that_is_not_given_follows_the_one_above_it() {
        let small =
            arguments("--max-held-bodies 10 --max-upload 20 --backend a:1 --backend-connections 4");
        assert_eq!(small.check(), Ok(()));
        assert_eq!(small.config().max_body, 10);
        assert_eq!(small.uploads.largest_file(), 20);
        assert_eq!(small.proxy.tunnels(1), 2);
        let usual = arguments("--backend a:1");
        assert_eq!(usual.config().max_body, 2 << 20);
        assert_eq!(usual.uploads.largest_file(), 128 << 20);
        assert_eq!(usual.proxy.tunnels(1), 32);
    }
}
