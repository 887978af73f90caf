//! SQLite, off the thread that serves: one writer, a few readers, and a queue with an end.
//!
//! SQLite is a library that reads and writes a file. Each call may wait for the disk, so none is made
//! on the runtime's thread: a question is a closure that runs on the blocking pool
//! ([`runtime::task::spawn_blocking`]), with a connection of its own while it runs.
//!
//! The file is in WAL mode ("write-ahead log"): readers do not wait for the writer, nor the writer for
//! them. But there is one writer at a time, whatever one does. So the program has one connection that
//! writes, and requests stand in line for it in memory, where the wait costs no thread. A closure of
//! [`Sqlite::write`] runs in a transaction: all of it happens, or nothing.
//!
//! How it can go wrong:
//!
//! - The request is gone while its closure runs. The closure runs to its end: what was begun is
//!   written, as if the client had left a moment later. The next one waits for that, in line.
//! - The disk is slower than the requests. A wait in line ends after three seconds
//!   ([`Error::is_busy`]).
//! - The process has no descriptor left for another connection ([`Error::is_short`]).
//! - Another process writes to the same file. SQLite waits for it, five seconds at most.
//! - A newer version of this program has made the file. It is not opened: its tables may be others.
//! - The process is killed. What [`Sqlite::write`] has returned is on the disk
//!   (`synchronous = FULL`), and what it has not is not.

mod error;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use runtime::sync::Semaphore;
use runtime::task::spawn_blocking;
use runtime::time::timeout;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub(crate) use error::Error;
use error::{Why, is_locked};

/// How many questions are read at once.
const READERS: usize = 4;

/// How long a request waits in line.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long SQLite waits for another process.
const BUSY: Duration = Duration::from_secs(5);

/// How long a thread of the pool waits before it tries again what SQLite itself does not wait for.
const PAUSE: Duration = Duration::from_millis(5);

/// A database. A clone is another handle to the same one.
#[derive(Clone)]
pub(crate) struct Sqlite(Rc<Shared>);

struct Shared {
    path: PathBuf,
    writing: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    writer: Arc<Mutex<Connection>>,
    /// Connections that no question uses now.
    readers: Arc<Mutex<Vec<Connection>>>,
}

impl Sqlite {
    /// Opens the file, and makes it if there is none. `migrations` are scripts: those that the file
    /// has not seen are run, each once, in their order. A script that has been published is never
    /// changed; what should be different is a new script.
    pub(crate) async fn open(
        path: &Path,
        migrations: &'static [&'static str],
    ) -> Result<Self, Error> {
        let file = path.to_owned();
        let made = spawn_blocking(move || {
            let mut connection = connect(&file, OpenFlags::default())?;
            migrate(&mut connection, migrations)?;
            Ok(connection)
        });
        let made = made.await.map_err(Why::lost).and_then(|it| it);
        let writer = made.map_err(|why| Error::new(path, why))?;
        let path = path.to_owned();
        Ok(Sqlite(Rc::new(Shared {
            path,
            writing: Arc::new(Semaphore::new(1)),
            reading: Arc::new(Semaphore::new(READERS)),
            writer: Arc::new(Mutex::new(writer)),
            readers: Arc::default(),
        })))
    }

    /// Asks a question. It sees the database as it is at one moment, if it is a single statement.
    ///
    /// Cancel safe: a question that is not awaited any more is dropped.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (path, readers) = (self.0.path.clone(), self.0.readers.clone());
        let job = move || {
            let idle = lock(&readers).pop();
            let connection = match idle {
                Some(connection) => connection,
                // The file is there. If it is not, an empty one would be no help.
                None => connect(&path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)?,
            };
            let answer = ask(&connection);
            lock(&readers).push(connection);
            Ok(answer?)
        };
        self.run(&self.0.reading, job).await
    }

    /// Runs a transaction. It is committed if the closure returns `Ok`, else nothing of it happens.
    ///
    /// Cancel safe while it stands in line. Once the closure runs, it runs to its end.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let writer = self.0.writer.clone();
        let job = move || {
            // A closure that panicked has left no transaction open: dropped, it is rolled back.
            let mut connection = lock(&writer);
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = act(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        };
        self.run(&self.0.writing, job).await
    }

    /// Waits in line, and runs a job on the pool. The place in line is kept until the job has ended,
    /// also when this future is dropped before.
    async fn run<T: Send + 'static>(
        &self,
        line: &Arc<Semaphore>,
        job: impl FnOnce() -> Result<T, Why> + Send + 'static,
    ) -> Result<T, Error> {
        let outcome = run(line, job).await;
        outcome.map_err(|why| Error::new(&self.0.path, why))
    }
}

async fn run<T: Send + 'static>(
    line: &Arc<Semaphore>,
    job: impl FnOnce() -> Result<T, Why> + Send + 'static,
) -> Result<T, Why> {
    let place = timeout(PATIENCE, line.clone().acquire_owned()).await;
    let place = place.map_err(|_| Why::Busy)?.map_err(Why::lost)?;
    let job = runtime::spawn(async move {
        let _place = place;
        spawn_blocking(job).await
    });
    job.await.map_err(Why::lost)?.map_err(Why::lost)?
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Why> {
    open(path, flags).map_err(|error| Why::cannot_open(path, error))
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    use_wal(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // KiB of pages that each connection keeps. The system keeps the file's pages anyway.
    connection.pragma_update(None, "cache_size", -512)?;
    Ok(connection)
}

/// Makes it a file with a write-ahead log, if it is none yet. Each of several processes that open a new file at the same
/// moment wants it for itself then, and SQLite does not wait for that: it says at once that the file is locked.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let until = Instant::now() + BUSY;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_locked(&error) && Instant::now() < until => thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

/// Runs the scripts that the file has not seen. Its number of scripts stands in `user_version`.
fn migrate(connection: &mut Connection, scripts: &[&str]) -> Result<(), Why> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if seen as usize > scripts.len() {
        return Err(Why::Newer);
    }
    for (number, script) in (1..).zip(scripts) {
        if number > seen {
            transaction.execute_batch(script)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests;
