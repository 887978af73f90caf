//! One way to ask two databases.
//!
//! The statements of this service are written once ([`ledger`](super::ledger),
//! [`outbox`](super::outbox)), as `async fn`s that ask a [`Db`]. With PostgreSQL a question
//! waits for the network. With SQLite it does not wait: it is a call of a library, on a thread of the
//! blocking pool, and the future is ready at its first poll ([`at_once`]). So the same function serves both,
//! and neither pays for the other.
//!
//! What differs between the two is in this file: how a row is read, and how a row is locked. SQLite locks
//! the whole file for a writer, so nothing needs to be said. PostgreSQL has many writers: `FOR UPDATE`
//! takes a row until the transaction ends, and `SKIP LOCKED` steps over rows that others have taken.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::error::Error;
use crate::sqlite;

/// A database, in a transaction.
pub(crate) enum Db<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a Client),
}

/// What goes into a question, and comes out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
    Null,
}

/// A row of an answer.
pub(crate) struct Row(Vec<Value>);

impl Db<'_> {
    /// Runs a statement, with its values for `$1`, `$2` and so on. The rows are those of a `SELECT` or a
    /// `RETURNING`.
    pub(crate) async fn ask(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        match self {
            Db::Sqlite(connection) => ask_sqlite(connection, sql, values)
                .map_err(|error| sqlite::Error::of(connection, error).into()),
            Db::Postgres(client) => ask_postgres(client, sql, values).await,
        }
    }

    /// What a `SELECT` says at its end to have its rows for itself until the transaction ends.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Db::Sqlite(_) => "",
            Db::Postgres(_) => "FOR UPDATE",
        }
    }

    /// The same, without the rows that another transaction has.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Db::Sqlite(_) => "",
            Db::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        }
    }
}

/// The outcome of a future that waits for nothing, as those that ask SQLite.
pub(crate) fn at_once<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(Error::Failed("a question to SQLite waited".to_owned())),
    }
}

fn ask_sqlite(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value],
) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    for (number, value) in (1..).zip(values) {
        // By its name: SQLite counts by the order in which names appear.
        if let Some(index) = statement.parameter_index(&format!("${number}"))? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let columns = statement.column_count();
    let mut rows = Vec::new();
    let mut found = statement.raw_query();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|at| row.get_ref(at).map(Value::from));
        rows.push(Row(values.collect::<rusqlite::Result<_>>()?));
    }
    Ok(rows)
}

/// With the types of the values said, a question is one round trip.
async fn ask_postgres(client: &Client, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
    let values: Vec<(&(dyn ToSql + Sync), Type)> = values.iter().map(Value::typed).collect();
    let rows = client.query_typed(sql, &values).await?;
    let value = |row: &tokio_postgres::Row, at: usize| match *row.columns()[at].type_() {
        Type::INT8 => Ok(row
            .try_get::<_, Option<i64>>(at)?
            .map_or(Value::Null, Value::Int)),
        _ => Ok(row
            .try_get::<_, Option<String>>(at)?
            .map_or(Value::Null, Value::Text)),
    };
    let row = |row: &tokio_postgres::Row| -> Result<Row, tokio_postgres::Error> {
        let values = (0..row.len()).map(|at| value(row, at));
        Ok(Row(values.collect::<Result<_, _>>()?))
    };
    Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
}

impl Row {
    pub(crate) fn int(&self, at: usize) -> Result<i64, Error> {
        match self.0.get(at) {
            Some(Value::Int(number)) => Ok(*number),
            other => Err(Error::Failed(format!(
                "no number in column {at}: {other:?}"
            ))),
        }
    }

    pub(crate) fn text(&self, at: usize) -> Result<&str, Error> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(Error::Failed(format!("no text in column {at}: {other:?}"))),
        }
    }
}

impl Value {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Value::Int(number) => (number, Type::INT8),
            Value::Text(text) => (text, Type::TEXT),
            Value::Null => (&None::<String>, Type::TEXT),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Value::Null, Value::from)
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            _ => Value::Null,
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Null => ValueRef::Null,
        }))
    }
}
