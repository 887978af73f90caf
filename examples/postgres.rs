//! PostgreSQL by tokio-postgres, which needs no Tokio to run.
//!
//! ```text
//! DATABASE_URL=postgres://user:password@localhost/database cargo run --example postgres
//! bash .ci/postgres cargo run --example postgres      with a database of its own, gone afterwards
//! ```
//!
//! tokio-postgres carries Tokio in its name, but asks only for its two I/O traits. `connect_raw`
//! takes any stream that has them; ours has futures-io's, and `tokio_util::compat` translates.
//! Connecting gives two things: a *client*, which questions are put to, and a *connection*, the
//! future that moves the bytes and must be polled for anything to happen. Here it is a task.
//!
//! The program works in a table of its own that the database forgets when it leaves.
//!
//! What to see in the output:
//!
//! 1. Rows go in by a prepared statement and come out with their types.
//! 2. Three questions on one connection without waiting in between: the client sends them one after
//!    the other, and the answers come back in order. That is what `join!` buys here.
//! 3. A transaction that is dropped before its commit has not happened.
//! 4. What the database refuses is an error with its code. The connection goes on.
//! 5. What the database says by itself, a notification, comes out at the connection.
//! 6. A query that takes too long is cancelled, on a second connection, as the protocol has it.
//! 7. The client is dropped, the connection says good-bye, and its task ends.
//!
//! Without `DATABASE_URL` there is one line to see, and it says so.
#![forbid(unsafe_code)]

use futures_lite::stream::{self, StreamExt};
use runtime::net::TcpStream;
use runtime::sync::mpsc;
use runtime::task::JoinHandle;
use runtime::time::{Duration, interval, timeout};
use std::pin::pin;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
/// What the database said by itself.
type Heard = mpsc::Receiver<String>;

#[runtime::main]
async fn main() -> Outcome<()> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("no database: DATABASE_URL is not set");
        return Ok(());
    };
    let config: Config = url.parse()?;
    let (mut client, connection, mut heard) = connect(&config).await?;
    println!("connected");

    rows(&client).await?;
    at_once(&client).await?;
    not_committed(&mut client).await?;
    refused(&client).await?;
    notified(&client, &mut heard).await?;
    cancelled(&client, &config).await?;

    drop(client);
    connection.await??;
    println!("good-bye");
    Ok(())
}

/// A stream of ours, in Tokio's traits, to the database; and the task that keeps the talk going.
async fn connect(config: &Config) -> Outcome<(Client, JoinHandle<Result<(), Error>>, Heard)> {
    let stream = dial(config).await?;
    let (client, mut connection) = config.connect_raw(stream, NoTls).await?;
    let (told, heard) = mpsc::channel(16);
    let task = runtime::spawn(async move {
        let mut messages = stream::poll_fn(|cx| connection.poll_message(cx));
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(it) = message? {
                // Full, or no task listens: it is missed. Waiting here would stop the answers too.
                let _ = told.try_send(format!("{}: {}", it.channel(), it.payload()));
            }
        }
        Ok(())
    });
    Ok((client, task, heard))
}

async fn dial(config: &Config) -> Outcome<Compat<TcpStream>> {
    let Some(Host::Tcp(host)) = config.get_hosts().first() else {
        return Err("DATABASE_URL must name a host that is reached by TCP".into());
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let dialing = TcpStream::connect((host.as_str(), port));
    let stream = timeout(Duration::from_secs(10), dialing).await??;
    stream.set_nodelay(true)?;
    Ok(stream.compat())
}

async fn rows(client: &Client) -> Outcome<()> {
    client
        .batch_execute(
            "CREATE TEMPORARY TABLE spools (
                 number  integer PRIMARY KEY,
                 colour  text NOT NULL,
                 metres  double precision)",
        )
        .await?;
    let add = client
        .prepare("INSERT INTO spools VALUES ($1, $2, $3)")
        .await?;
    let spools = [
        (1, "red", Some(30.5)),
        (2, "blue", Some(7.0)),
        (3, "green", None),
    ];
    for (number, colour, metres) in spools {
        client.execute(&add, &[&number, &colour, &metres]).await?;
    }
    println!("rows:");
    for row in client
        .query("SELECT * FROM spools ORDER BY number", &[])
        .await?
    {
        let (number, colour): (i32, &str) = (row.get("number"), row.get("colour"));
        let metres: Option<f64> = row.get("metres");
        println!("  {number} {colour:5} {metres:?}");
    }
    Ok(())
}

async fn at_once(client: &Client) -> Outcome<()> {
    let (count, longest, metres) = runtime::try_join!(
        client.query_one("SELECT count(*) FROM spools", &[]),
        client.query_one(
            "SELECT colour FROM spools ORDER BY metres DESC NULLS LAST LIMIT 1",
            &[]
        ),
        client.query_one("SELECT sum(metres) FROM spools", &[]),
    )?;
    let (count, longest): (i64, &str) = (count.get(0), longest.get(0));
    let metres: f64 = metres.get(0);
    println!("three questions at once: {count} spools, {metres} metres, {longest} is the longest");
    Ok(())
}

async fn not_committed(client: &mut Client) -> Outcome<()> {
    let count = "SELECT count(*) FROM spools";
    let transaction = client.transaction().await?;
    transaction.execute("DELETE FROM spools", &[]).await?;
    let inside: i64 = transaction.query_one(count, &[]).await?.get(0);
    drop(transaction); // an early return by `?` does the same
    let after: i64 = client.query_one(count, &[]).await?.get(0);
    println!("a transaction that is dropped: {inside} spools within, {after} after it");
    Ok(())
}

async fn refused(client: &Client) -> Outcome<()> {
    let again = client.execute("INSERT INTO spools VALUES (1, 'red', 1)", &[]);
    let error = again.await.err().ok_or("there were two spools 1")?;
    let unique = error.code() == Some(&SqlState::UNIQUE_VIOLATION);
    println!("a number twice: refused, as not unique: {unique}");
    Ok(())
}

async fn notified(client: &Client, heard: &mut Heard) -> Outcome<()> {
    client
        .batch_execute("LISTEN loom; NOTIFY loom, 'the shuttle is empty'")
        .await?;
    let words = timeout(Duration::from_secs(10), heard.recv()).await?;
    println!("heard: {}", words.ok_or("the connection has ended")?);
    Ok(())
}

/// To cancel is to knock on the door again, with the number of one's first connection. Who knocks
/// before the query has begun is not heard; so it knocks until the query ends.
async fn cancelled(client: &Client, config: &Config) -> Outcome<()> {
    let token = client.cancel_token();
    let mut query = pin!(client.batch_execute("SELECT pg_sleep(600)"));
    let mut knocks = interval(Duration::from_millis(50));
    let ended = loop {
        runtime::select! {
            ended = &mut query => break ended,
            _ = knocks.tick() => token.cancel_query_raw(dial(config).await?, NoTls).await?,
        }
    };
    let error = ended.err().ok_or("it slept for ten minutes")?;
    let cancelled = error.code() == Some(&SqlState::QUERY_CANCELED);
    println!("a query of ten minutes: cancelled: {cancelled}");
    Ok(())
}
