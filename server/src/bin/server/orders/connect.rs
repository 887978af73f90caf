//! A connection to PostgreSQL, and the first thing that is done with one.
//!
//! tokio-postgres needs no Tokio to run. `connect_raw` takes any stream with Tokio's two I/O traits; ours
//! has those of futures-io, and `tokio_util::compat` translates. What comes out is a client, which
//! questions are put to, and a future that moves the bytes. The future becomes a task; it ends when the
//! client is dropped, or when the connection breaks.

use std::io;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::net::{TcpStream, UnixStream};
use runtime::task::spawn_detached;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use super::error::Error;
use crate::local_error::is_shortage;

/// A number that means the migrations of orders, among PostgreSQL's advisory locks.
const LOCK: i64 = 0x0074_7265_6164_6c65;

pub(crate) async fn connect(config: &Config) -> Result<Client, Error> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => {
            let stream = TcpStream::connect((host.as_str(), port)).await;
            let stream = stream.map_err(|error| away(&format!("{host}:{port}"), &error))?;
            stream.set_nodelay(true).map_err(Error::down)?;
            talk(config, stream).await
        }
        Some(Host::Unix(folder)) => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            let stream = UnixStream::connect(&path).await;
            let stream = stream.map_err(|error| away(&path.display().to_string(), &error))?;
            talk(config, stream).await
        }
        None => Err(Error::Down("the database's URL names no host".to_owned())),
    }
}

fn away(at: &str, error: &io::Error) -> Error {
    let why = format!("{at}: {error}");
    match is_shortage(error) {
        true => Error::Short(why),
        false => Error::Down(why),
    }
}

async fn talk<S>(config: &Config, stream: S) -> Result<Client, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (client, connection) = config.connect_raw(stream.compat(), NoTls).await?;
    spawn_detached(async move {
        // Why it broke is said to the client's next question.
        let _ = connection.await;
    });
    Ok(client)
}

/// Runs the scripts that the database has not seen, each once, in their order, also when several
/// processes start at the same time.
pub(crate) async fn migrate(config: &Config, scripts: &[&str]) -> Result<(), Error> {
    let mut client = connect(config).await?;
    let transaction = client.transaction().await?;
    let begin = format!(
        "SELECT pg_advisory_xact_lock({LOCK});
         CREATE TABLE IF NOT EXISTS orders_migrations (number BIGINT PRIMARY KEY)"
    );
    transaction.batch_execute(&begin).await?;
    let count = "SELECT count(*) FROM orders_migrations";
    let seen: i64 = transaction.query_one(count, &[]).await?.get(0);
    if seen > scripts.len() as i64 {
        let why = "a newer version of this program has made its tables: start that one, or take another database";
        return Err(Error::Failed(why.to_owned()));
    }
    for (number, script) in (1_i64..).zip(scripts) {
        if number > seen {
            transaction.batch_execute(script).await?;
            let note = "INSERT INTO orders_migrations VALUES ($1)";
            transaction.execute(note, &[&number]).await?;
        }
    }
    Ok(transaction.commit().await?)
}
