//! Why SQLite gives no answer: which file it is, what is wrong, and what helps, in one line.
//!
//! SQLite says "unable to open database file", and not why the system did not open it. So the system is asked once
//! more ([`system_error`]).
//!
//! How it can go wrong: the file is opened for that question, and closed. Then the locks are gone that other connections
//! of this process have on it: on Unix they end when a process closes *any* descriptor of the file. So it is not opened.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rustix::fs::{Access, access};

use crate::local_error::is_shortage;

/// Why there is no answer from the database.
#[derive(Debug)]
pub(crate) struct Error {
    file: PathBuf,
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    /// So many requests are in line that this one waited for three seconds in vain.
    Busy,
    /// What SQLite says: the disk is full, say.
    Sqlite(rusqlite::Error),
    /// What the system says of a file that cannot be opened.
    System(io::Error),
    /// The file has seen scripts that this program does not have.
    Newer,
    /// The pool has no thread for it, or the closure panicked.
    Lost(String),
}

impl Error {
    pub(super) fn new(file: &Path, why: Why) -> Self {
        let file = file.to_owned();
        Error { file, why }
    }

    /// What went wrong with this connection.
    pub(crate) fn of(connection: &rusqlite::Connection, error: rusqlite::Error) -> Self {
        let file = connection.path().unwrap_or_default();
        Error::new(Path::new(file), Why::Sqlite(error))
    }

    /// Whether so many requests are in line that this one waited in vain.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.why, Why::Busy)
    }

    /// Whether there is no descriptor or no memory at the moment, or another program has the file. Where the system
    /// does not say why a file cannot be opened, it is taken for that: the files were there when the program began.
    pub(crate) fn is_short(&self) -> bool {
        use ErrorCode::{CannotOpen, OutOfMemory};
        match &self.why {
            Why::System(error) => is_shortage(error),
            Why::Sqlite(error) => {
                let code = error.sqlite_error_code();
                is_locked(error) || matches!(code, Some(CannotOpen | OutOfMemory))
            }
            Why::Busy | Why::Newer | Why::Lost(_) => false,
        }
    }

    /// Whether there is no room on the disk.
    pub(crate) fn is_full(&self) -> bool {
        self.why.code() == Some(ErrorCode::DiskFull)
    }
}

/// Whether another connection has the file.
pub(super) fn is_locked(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseBusy, DatabaseLocked};
    let code = error.sqlite_error_code();
    matches!(code, Some(DatabaseBusy | DatabaseLocked))
}

impl Why {
    pub(super) fn lost(error: impl fmt::Display) -> Self {
        Why::Lost(error.to_string())
    }

    /// Why this file cannot be opened: what the system says, if it does.
    pub(super) fn cannot_open(path: &Path, error: rusqlite::Error) -> Self {
        let system = match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => system_error(path).err(),
            _ => None,
        };
        system.map_or(Why::Sqlite(error), Why::System)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Why::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// What the person who runs this server can do.
    fn advice(&self) -> Option<&'static str> {
        const ELSEWHERE: &str = "move it away, or give another folder with --data";
        match self {
            Why::Newer => Some("start that one, or give another folder with --data"),
            Why::System(error) if is_shortage(error) => {
                Some("let it have more: descriptors by ulimit -n")
            }
            _ => match self.code()? {
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => Some(ELSEWHERE),
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    Some("another process has it: wait, or end that one")
                }
                ErrorCode::DiskFull => Some("make room there"),
                _ => None,
            },
        }
    }
}

/// Asks the system for what SQLite needs: a few descriptors, a folder that can be written to, and the file.
fn system_error(path: &Path) -> io::Result<()> {
    // The file, its log, the index of its log, and the folder, for two connections.
    const DESCRIPTORS: usize = 8;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let opened = (0..DESCRIPTORS).map(|_| File::open(folder));
    opened.collect::<io::Result<Vec<_>>>()?;
    access(folder, Access::WRITE_OK | Access::EXEC_OK)?;
    Ok(access(path, Access::READ_OK | Access::WRITE_OK)?)
}

impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Self {
        Why::Sqlite(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.why)?;
        match self.why.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Busy => f.write_str("too many requests wait for the database"),
            // The statement, which it would print as well, has many lines.
            Why::Sqlite(rusqlite::Error::SqlInputError { msg, .. }) => f.write_str(msg),
            Why::Sqlite(error) => error.fmt(f),
            Why::System(error) => error.fmt(f),
            Why::Newer => f.write_str("a newer version of this program has made this file"),
            Why::Lost(why) => write!(f, "the question was lost: {why}"),
        }
    }
}

impl std::error::Error for Error {}
