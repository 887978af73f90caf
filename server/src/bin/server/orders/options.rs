//! What the command line says of orders.

use std::num::NonZeroUsize;

#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub(crate) struct Options {
    /// A PostgreSQL for the orders: postgres://USER:PASSWORD@HOST/DATABASE. A connection must be there within 10
    /// seconds, or as many as ?connect_timeout=SECONDS says. Without it orders are kept in a file in the folder of
    /// --data.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,

    /// How many connections to PostgreSQL this process may have.
    #[arg(
        long,
        env = "SERVER_DATABASE_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "8"
    )]
    pub(crate) database_connections: NonZeroUsize,

    /// How many jobs of orders are worked on at once, in this process.
    #[arg(long, env = "SERVER_ORDER_WORKERS", value_name = "NUMBER", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(..=256))]
    pub(crate) order_workers: u16,

    /// How long a job belongs to its worker. When a process dies, others take its jobs after that time.
    #[arg(long, env = "SERVER_ORDER_LEASE", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) order_lease: u32,

    /// How many jobs may wait. When there are more, an order is answered with 503.
    #[arg(
        long,
        env = "SERVER_ORDER_QUEUE",
        value_name = "NUMBER",
        default_value_t = 10_000
    )]
    pub(crate) order_queue: u32,
}

impl Options {
    /// How many connections may be made to a database server.
    pub(crate) fn most_connections(&self) -> usize {
        let most = self.database_connections.get();
        self.database_url.as_ref().map_or(0, |_| most)
    }
}
