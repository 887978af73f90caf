//! The pool, on a PostgreSQL; and the workers of a program that stops.

use std::time::Duration;

use runtime::sync::oneshot;
use runtime::time::timeout;
use tokio_postgres::Config;

use super::super::database::Db;
use super::super::error::Error;
use super::super::pool::{Pool, Usage};

/// A pool on the database of the environment; a line says so if there is none.
fn pool(limit: usize) -> Option<Pool> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("SKIPPED: a pool of connections: DATABASE_URL is not set, see .ci/postgres");
        return None;
    };
    Some(Pool::new(url.parse().unwrap(), limit))
}

async fn ask(pool: &Pool, sql: &'static str) -> Result<(), Error> {
    pool.transaction(async |db: Db<'_>| db.ask(sql, &[]).await.map(drop))
        .await
}

fn usage(limit: usize, in_use: usize, idle: usize, opened: u64) -> Usage {
    Usage {
        limit,
        in_use,
        idle,
        opened,
    }
}

#[runtime::test]
async fn a_connection_is_used_again_and_one_that_broke_or_was_left_is_not() {
    let Some(pool) = pool(2) else { return };
    for _ in 0..3 {
        ask(&pool, "SELECT 1::text").await.unwrap();
    }
    assert_eq!(pool.usage(), usage(2, 0, 1, 1));

    let failed = ask(&pool, "SELECT (1 / 0)::text").await;
    assert!(matches!(failed, Err(Error::Failed(_))), "{failed:?}");
    assert_eq!(
        pool.usage(),
        usage(2, 0, 1, 1),
        "the mistake was ours, the connection is well"
    );

    let broken = ask(&pool, "SELECT pg_terminate_backend(pg_backend_pid())::text").await;
    assert!(matches!(broken, Err(Error::Down(_))), "{broken:?}");
    assert_eq!(pool.usage(), usage(2, 0, 0, 1));
    ask(&pool, "SELECT 1::text").await.unwrap();

    let left = timeout(
        Duration::from_millis(20),
        ask(&pool, "SELECT pg_sleep(60)::text"),
    )
    .await;
    assert!(left.is_err());
    assert_eq!(
        pool.usage(),
        usage(2, 0, 0, 2),
        "an answer would come that another one asked for"
    );
    ask(&pool, "SELECT 1::text").await.unwrap();
    assert_eq!(pool.usage(), usage(2, 0, 1, 3));
}

#[runtime::test]
async fn when_all_connections_are_in_use_a_request_waits_for_three_seconds() {
    let Some(pool) = pool(1) else { return };
    let (begin, begun) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    let theirs = pool.clone();
    let holder = runtime::spawn(async move {
        let hold = async |_: Db<'_>| {
            begin.send(()).unwrap();
            Ok(ended.await.is_ok())
        };
        theirs.transaction(hold).await
    });
    begun.await.unwrap();
    // Nothing waits for a socket now, so the clock may jump.
    runtime::time::pause();
    let busy = ask(&pool, "SELECT 1::text").await;
    assert!(matches!(busy, Err(Error::Busy(_))), "{busy:?}");
    runtime::time::resume();
    end.send(()).unwrap();
    assert!(holder.await.unwrap().unwrap());
    ask(&pool, "SELECT 1::text").await.unwrap();
    assert_eq!(pool.usage(), usage(1, 0, 1, 1));
}

#[runtime::test(start_paused = true)]
async fn a_database_that_says_nothing_is_one_that_cannot_be_reached() {
    let silent = runtime::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("a");
    let pool = Pool::new(config, 1);
    let down = ask(&pool, "SELECT 1::text").await;
    assert!(matches!(down, Err(Error::Down(_))), "{down:?}");
    assert_eq!(pool.usage(), usage(1, 0, 0, 0));
}
