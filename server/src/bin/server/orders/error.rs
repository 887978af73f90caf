//! Why a request or a job failed, and what a client is told.
//!
//! Two databases say in their own ways that they are busy, full or gone. Here it becomes one word, for
//! two readers: a worker asks whether the job is at fault, and a client whether to ask again. What the database itself
//! says is for a third reader, the person who runs this server: standard error has it
//! ([`Error::log`]).

use std::fmt::Display;
use std::io;

use http::StatusCode;
use server::response::{IntoResponse, Response};
use tokio_postgres::error::SqlState;

use crate::complaints::complain;
use crate::pages::Problem;
use crate::sqlite;

/// Whom complaints on standard error are about.
const SUBJECT: &str = "orders";

/// Why there is no answer. A transaction that ends in an error has not happened.
#[derive(Debug)]
pub(crate) enum Error {
    /// The request may be made again, with hope: too many are in line, or two were in each other's way.
    Busy(String),
    /// The database cannot be reached.
    Down(String),
    /// This machine lacks something for the moment: descriptors, say, or another program has the file.
    Short(String),
    /// There is no room on the disk of the database, or of this server.
    Full(String),
    /// The database refuses the statement. That is a mistake of this program.
    Failed(String),
    /// The request cannot be fulfilled.
    Refused(StatusCode, String),
    /// The job cannot be done now.
    Job(String),
    /// The job belongs to another worker by now.
    LeaseLost,
}

impl Error {
    pub(crate) fn not_found(why: String) -> Self {
        Error::Refused(StatusCode::NOT_FOUND, why)
    }

    pub(crate) fn conflict(why: String) -> Self {
        Error::Refused(StatusCode::CONFLICT, why)
    }

    pub(crate) fn unprocessable(why: String) -> Self {
        Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, why)
    }

    pub(crate) fn down(error: impl Display) -> Self {
        Error::Down(error.to_string())
    }

    /// Whether the database or this machine is at fault, and not the job.
    pub(crate) fn is_not_the_jobs(&self) -> bool {
        use Error::{Busy, Down, Full, Short};
        matches!(self, Busy(_) | Down(_) | Short(_) | Full(_))
    }

    /// Says on standard error what the person who runs this server should know. That something is only busy, or
    /// that a request or a job is refused, is no such thing.
    pub(crate) fn log(&self) {
        use Error::{Down, Failed, Full, Short};
        if matches!(self, Down(_) | Short(_) | Full(_) | Failed(_)) {
            complain(SUBJECT, self);
        }
    }

    /// Why a job has failed, for the list of jobs that every client may read.
    pub(crate) fn for_the_list(&self) -> String {
        match self {
            Error::Failed(_) => "the server could not do it; its log says why".to_owned(),
            other => other.to_string(),
        }
    }

    /// What a client is told.
    fn answer(self) -> Problem {
        match self {
            Error::Refused(status, why) => Problem::new(status, why),
            Error::Busy(why) => {
                let detail = format!("There is too much to do now ({why}). Try again.");
                Problem::unavailable(detail, 1)
            }
            Error::Down(_) => {
                self.log();
                Problem::unavailable("The database cannot be reached. Try again.", 3)
            }
            Error::Short(_) => Problem::short(SUBJECT, self),
            Error::Full(_) => Problem::disk_full(SUBJECT, self),
            other => Problem::internal(SUBJECT, other),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.answer().into_response()
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Busy(why) => write!(f, "the database is busy: {why}"),
            Error::Down(why) => write!(f, "the database cannot be reached: {why}"),
            Error::Full(why) => write!(f, "there is no room on the disk: {why}"),
            Error::Short(why) | Error::Failed(why) | Error::Job(why) => f.write_str(why),
            Error::Refused(status, why) => write!(f, "{status}: {why}"),
            Error::LeaseLost => f.write_str("the job belongs to another worker by now"),
        }
    }
}

impl From<sqlite::Error> for Error {
    fn from(error: sqlite::Error) -> Self {
        match error {
            error if error.is_full() => Error::Full(error.to_string()),
            error if error.is_busy() => Error::Busy("too many requests wait for it".to_owned()),
            error if error.is_short() => Error::Short(error.to_string()),
            error => Error::Failed(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        const DOWN: [SqlState; 4] = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
        ];
        const CROSSED: &str = "two transactions were in each other's way";
        const BUSY: [SqlState; 2] = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ];
        match error.code() {
            None if is_of_the_connection(&error) => Error::Down(said(&error)),
            None => Error::Failed(said(&error)),
            Some(code) if DOWN.contains(code) => Error::Down(said(&error)),
            Some(code) if BUSY.contains(code) => Error::Busy(CROSSED.to_owned()),
            Some(&SqlState::DISK_FULL) => Error::Full(said(&error)),
            Some(_) => Error::Failed(said(&error)),
        }
    }
}

/// What PostgreSQL says, or what its connection does. The error itself says only that there is one of its kind; what
/// is behind it says which.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

/// What came is nothing that a PostgreSQL sends.
pub(super) fn is_of_another_protocol(error: &tokio_postgres::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|it| it.downcast_ref::<io::Error>());
    source.is_some_and(|it| {
        matches!(
            it.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other
        )
    })
}

fn is_of_the_connection(error: &tokio_postgres::Error) -> bool {
    let is_io = match std::error::Error::source(error) {
        Some(source) => source.is::<io::Error>(),
        None => false,
    };
    is_io || error.is_closed()
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::*;

    /// As it is when the process has no descriptor left.
    #[runtime::test]
    async fn a_file_that_cannot_be_opened_is_the_databases_fault_and_for_later() {
        let folder = std::env::temp_dir();
        let error = Store::sqlite(&folder).await.err().unwrap();
        assert!(error.is_not_the_jobs(), "{error}");
        let answer = error.into_response();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
}
