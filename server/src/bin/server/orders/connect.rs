//! A connection to PostgreSQL, and the first thing that is done with one.
//!
//! tokio-postgres needs no Tokio to run. `connect_raw` takes any stream with Tokio's two I/O traits; ours
//! has those of futures-io, and `tokio_util::compat` translates. What comes out is a client, which
//! questions are put to, and a future that moves the bytes. The future becomes a task; it ends when the
//! client is dropped, or when the connection breaks.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::net::{TcpStream, UnixStream};
use runtime::task::spawn_detached;
use runtime::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use super::error::{Error, is_of_another_protocol};
use crate::local_error::is_shortage;

/// A number that means the migrations of orders, among PostgreSQL's advisory locks.
const LOCK: i64 = 0x0074_7265_6164_6c65;

/// How long it may take until a connection is there, unless `connect_timeout` of the URL says it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the database's host, which has let the user in.
pub(crate) async fn connect(config: &Config) -> Result<Client, Error> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let Some(host) = config.get_hosts().first() else {
        return Err(Error::Down("the database's URL names no host".to_owned()));
    };
    let at = match host {
        Host::Tcp(host) => format!("{host}:{port}"),
        Host::Unix(folder) => socket(folder, port).display().to_string(),
    };
    let patience = config.get_connect_timeout().copied().unwrap_or(PATIENCE);
    let silent = |_| {
        Err(Error::Down(format!(
            "{at} has not answered for {patience:?}"
        )))
    };
    let opened = timeout(patience, open(config, host, port, &at)).await;
    opened.unwrap_or_else(silent)
}

async fn open(config: &Config, host: &Host, port: u16, at: &str) -> Result<Client, Error> {
    match host {
        Host::Tcp(host) => {
            let stream = TcpStream::connect((host.as_str(), port)).await;
            let stream = stream.map_err(|error| away(at, &error))?;
            stream.set_nodelay(true).map_err(Error::down)?;
            talk(config, stream, at).await
        }
        Host::Unix(folder) => {
            let stream = UnixStream::connect(socket(folder, port)).await;
            let stream = stream.map_err(|error| away(at, &error))?;
            talk(config, stream, at).await
        }
    }
}

fn socket(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

fn away(at: &str, error: &io::Error) -> Error {
    let why = format!("{at}: {error}");
    match is_shortage(error) {
        true => Error::Short(why),
        false => Error::Down(why),
    }
}

async fn talk<S>(config: &Config, stream: S, at: &str) -> Result<Client, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let talk = config.connect_raw(stream.compat(), NoTls).await;
    let (client, connection) = talk.map_err(|error| not_let_in(at, error))?;
    spawn_detached(async move {
        // Why it broke is said to the client's next question.
        let _ = connection.await;
    });
    Ok(client)
}

fn not_let_in(at: &str, error: tokio_postgres::Error) -> Error {
    let hint = match is_of_another_protocol(&error) {
        true => "what answers there does not speak PostgreSQL's protocol: ",
        false => "",
    };
    match Error::from(error) {
        Error::Down(why) => Error::Down(format!("{at}: {hint}{why}")),
        Error::Failed(why) => Error::Failed(format!("{at}: {hint}{why}")),
        other => other,
    }
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

#[cfg(test)]
mod tests {
    use std::future::pending;

    use runtime::io::AsyncWriteExt;
    use runtime::net::TcpListener;
    use runtime::task::JoinHandle;

    use super::*;

    /// Why there is no connection to a host that says this and hangs up; if it says nothing, it stays.
    async fn refused(says: &'static [u8], options: &str) -> (String, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let host: JoinHandle<()> = runtime::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            if says.is_empty() {
                pending::<()>().await;
            }
            stream.write_all(says).await.unwrap();
        });
        let config = format!("postgres://a:secret@{at}/b{options}").parse();
        let error = connect(&config.unwrap()).await.err().unwrap();
        host.abort();
        assert!(matches!(error, Error::Down(_)), "{error:?}");
        (at.to_string(), error.to_string())
    }

    #[runtime::test(start_paused = true)]
    async fn a_host_that_says_nothing_is_waited_for_as_long_as_the_url_says() {
        for (options, patience) in [("", "10s"), ("?connect_timeout=3", "3s")] {
            let (at, said) = refused(b"", options).await;
            let why =
                format!("the database cannot be reached: {at} has not answered for {patience}");
            assert_eq!(said, why);
        }
    }

    #[runtime::test]
    async fn a_host_that_is_no_postgres_is_called_that() {
        let (at, said) = refused(b"HTTP/1.1 400 Bad Request\r\n\r\n", "").await;
        let why = format!(
            "the database cannot be reached: {at}: what answers there does not speak PostgreSQL's protocol: "
        );
        assert!(said.starts_with(&why), "{said}");
    }
}
