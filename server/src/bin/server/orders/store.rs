//! Where orders are kept: a file of SQLite's, or a PostgreSQL.

use std::path::Path;

use tokio_postgres::Config;

use super::connect::migrate;
use super::database::{Db, at_once};
use super::error::Error;
use super::pool::{Pool, Usage};
use crate::sqlite::Sqlite;

/// Scripts for SQLite. What has been published is never changed; new ones are added.
const SQLITE: &[&str] = &[include_str!("sqlite.sql")];

/// The same for PostgreSQL.
const POSTGRES: &[&str] = &[include_str!("postgres.sql")];

const FORM: &str =
    "give --database-url (or DATABASE_URL) as postgres://USER:PASSWORD@HOST/DATABASE";

/// A clone is another handle to the same database.
#[derive(Clone)]
pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(Pool),
}

impl Store {
    pub(crate) async fn sqlite(path: &Path) -> Result<Self, Error> {
        Ok(Store::Sqlite(Sqlite::open(path, SQLITE).await?))
    }

    pub(crate) async fn postgres(url: &str, connections: usize) -> Result<Self, Error> {
        let config = config(url).map_err(|why| Error::Failed(format!("{why}; {FORM}")))?;
        migrate(&config, POSTGRES).await?;
        Ok(Store::Postgres(Pool::new(config, connections)))
    }

    /// Asks a question that changes nothing.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        ask: impl for<'a> AsyncFnOnce(Db<'a>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match self {
            Store::Sqlite(sqlite) => {
                let ask = |connection: &_| Ok(at_once(ask(Db::Sqlite(connection))));
                sqlite.read(ask).await?
            }
            Store::Postgres(pool) => pool.transaction(ask).await,
        }
    }

    /// Runs a transaction. It is committed if `act` returns `Ok`, else nothing of it happens.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        act: impl for<'a> AsyncFnOnce(Db<'a>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match self {
            Store::Sqlite(sqlite) => sqlite.write(|it| within(it, act)).await?,
            Store::Postgres(pool) => pool.transaction(act).await,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Store::Sqlite(_) => "sqlite",
            Store::Postgres(_) => "postgres",
        }
    }

    /// How PostgreSQL's connections are used.
    pub(crate) fn usage(&self) -> Option<Usage> {
        match self {
            Store::Sqlite(_) => None,
            Store::Postgres(pool) => Some(pool.usage()),
        }
    }
}

/// What the URL says, if it says where the database is.
fn config(url: &str) -> Result<Config, String> {
    // What is wrong with it is not said: the words may be a part of the password.
    let unread = |_| "the database's URL cannot be read".to_owned();
    let config: Config = url.parse().map_err(unread)?;
    match config.get_hosts().is_empty() {
        true => Err("the database's URL names no host".to_owned()),
        false => Ok(config),
    }
}

/// Takes back what `act` did if it ends in an error of ours. SQLite's own errors end the transaction
/// anyway.
fn within<T>(
    transaction: &rusqlite::Transaction<'_>,
    act: impl for<'a> AsyncFnOnce(Db<'a>) -> Result<T, Error>,
) -> rusqlite::Result<Result<T, Error>> {
    transaction.execute_batch("SAVEPOINT act")?;
    let outcome = at_once(act(Db::Sqlite(transaction)));
    if outcome.is_err() {
        transaction.execute_batch("ROLLBACK TO act")?;
    }
    Ok(outcome)
}
