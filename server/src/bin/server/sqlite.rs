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
//!   ([`Error::Busy`]).
//! - The process has no descriptor left for another connection ([`Error::is_short`]).
//! - Another process writes to the same file. SQLite waits for it, five seconds at most.
//! - The process is killed. What [`Sqlite::write`] has returned is on the disk
//!   (`synchronous = FULL`), and what it has not is not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use runtime::sync::Semaphore;
use runtime::task::spawn_blocking;
use runtime::time::timeout;
use rusqlite::{Connection, Transaction, TransactionBehavior};

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

/// Why there is no answer from the database.
#[derive(Debug)]
pub(crate) enum Error {
    /// So many requests are in line that this one waited for three seconds in vain.
    Busy,
    /// What SQLite says: the disk is full, say.
    Sqlite(rusqlite::Error),
    /// The pool has no thread for it, or the closure panicked.
    Lost(String),
}

impl Sqlite {
    /// Opens the file, and makes it if there is none. `migrations` are scripts: those that the file
    /// has not seen are run, each once, in their order. A script that has been published is never
    /// changed; what should be different is a new script.
    pub(crate) async fn open(
        path: &Path,
        migrations: &'static [&'static str],
    ) -> Result<Self, Error> {
        let path = path.to_owned();
        let file = path.clone();
        let made = spawn_blocking(move || {
            let mut connection = connect(&file)?;
            migrate(&mut connection, migrations)?;
            Ok(connection)
        });
        let writer = made.await.map_err(Error::lost)?.map_err(Error::Sqlite)?;
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
                None => connect(&path)?,
            };
            let answer = ask(&connection);
            lock(&readers).push(connection);
            answer
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
        job: impl FnOnce() -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let place = timeout(PATIENCE, line.clone().acquire_owned()).await;
        let place = place
            .map_err(|_| Error::Busy)?
            .map_err(|error| Error::Lost(error.to_string()))?;
        let job = runtime::spawn(async move {
            let _place = place;
            spawn_blocking(job).await
        });
        let outcome = job.await.map_err(Error::lost)?;
        outcome.map_err(Error::lost)?.map_err(Error::Sqlite)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
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

/// Whether another connection has the file.
fn is_locked(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    let code = error.sqlite_error_code();
    matches!(code, Some(DatabaseBusy | DatabaseLocked))
}

/// Runs the scripts that the file has not seen. Its number of scripts stands in `user_version`.
fn migrate(connection: &mut Connection, scripts: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (number, script) in (1..).zip(scripts) {
        if number > seen {
            transaction.execute_batch(script)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    transaction.commit()
}

impl Error {
    fn lost(error: impl fmt::Display) -> Self {
        Error::Lost(error.to_string())
    }

    /// Whether the request may be made again, with hope: the database was busy.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Error::Busy => true,
            Error::Sqlite(error) => is_locked(error),
            Error::Lost(_) => false,
        }
    }

    /// Whether a file cannot be opened now, or there is no memory. The files were there when the program began: so
    /// it has no descriptor left.
    pub(crate) fn is_short(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, OutOfMemory};
        let Error::Sqlite(error) = self else {
            return false;
        };
        matches!(error.sqlite_error_code(), Some(CannotOpen | OutOfMemory))
    }

    /// Whether there is no room on the disk.
    pub(crate) fn is_full(&self) -> bool {
        let Error::Sqlite(error) = self else {
            return false;
        };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Busy => f.write_str("the database is busy"),
            Error::Sqlite(error) => write!(f, "SQLite: {error}"),
            Error::Lost(why) => write!(f, "the question was lost: {why}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
