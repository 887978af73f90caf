//! Why a cell could not be filled.
//!
//! Either it is full, and the value in it is the one to use; or it is being filled, and the value
//! will be there soon. In both cases the one that was offered is not lost: the error has it.

use std::error::Error;
use std::fmt;

/// Why [`OnceCell::set`](super::OnceCell::set) did not fill the cell. It has the value.
///
/// ```
/// use runtime::sync::OnceCell;
///
/// let error = OnceCell::from(1).set(2).unwrap_err();
/// assert!(error.is_already_init_err());
/// assert_eq!(error.to_string(), "AlreadyInitializedError");
/// ```
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// The cell was full.
    AlreadyInitializedError(T),
    /// Another task is filling it.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether the cell was full.
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, SetError::AlreadyInitializedError(_))
    }

    /// Whether another task is filling the cell.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let cell = runtime::sync::OnceCell::new();
    /// let error = cell.get_or_try_init(|| async { cell.set(1).map(|()| 2) }).await;
    /// assert!(error.unwrap_err().is_initializing_err());
    /// # }
    /// ```
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, SetError::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetError::AlreadyInitializedError(_) => "AlreadyInitializedError",
            SetError::InitializingError(_) => "InitializingError",
        })
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}
