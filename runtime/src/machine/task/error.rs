//! Why a task has no value for the one who awaits it.

use std::any::Any;
use std::fmt;
use std::sync::Mutex;

use super::Id;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send + 'static>;

/// A payload, one word wide. It may be sent but not shared; the lock, for which no thread ever
/// waits, is what makes a [`JoinError`] `Sync`, so that `?` carries it anywhere.
pub(crate) type Kept = Box<Mutex<Payload>>;

/// How a task failed to produce its value.
pub(crate) enum Failure {
    Cancelled,
    Panicked(Kept),
}

impl Failure {
    #[cold]
    pub(crate) fn panicked(payload: Payload) -> Failure {
        Failure::Panicked(Box::new(Mutex::new(payload)))
    }
}

/// A task ended without a value: it was cancelled, or it panicked.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let error = runtime::spawn(async { panic!("no luck") }).await.unwrap_err();
/// assert!(error.is_panic());
/// assert_eq!(error.to_string(), "task 2 panicked with message \"no luck\"");
/// assert_eq!(*error.into_panic().downcast_ref::<&str>().unwrap(), "no luck");
/// # }
/// ```
pub struct JoinError {
    id: Id,
    why: Failure,
}

impl JoinError {
    pub(crate) fn new(task: u64, why: Failure) -> JoinError {
        JoinError {
            id: Id::new(task),
            why,
        }
    }

    /// Whether the task was aborted, or dropped when its runtime was shut down.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// handle.abort();
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn is_cancelled(&self) -> bool {
        matches!(self.why, Failure::Cancelled)
    }

    /// Whether the task panicked.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let error = runtime::spawn(async { panic!() }).await.unwrap_err();
    /// assert!(error.is_panic());
    /// # }
    /// ```
    pub fn is_panic(&self) -> bool {
        matches!(self.why, Failure::Panicked(_))
    }

    /// What the panic carried, to be examined or handed to
    /// [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Panics
    ///
    /// If the task did not panic: see [`is_panic`](JoinError::is_panic), or use
    /// [`try_into_panic`](JoinError::try_into_panic).
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let error = runtime::spawn(async { panic!("7") }).await.unwrap_err();
    /// assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "7");
    /// # }
    /// ```
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(error) => panic!("into_panic of a task that did not panic: {error}"),
        }
    }

    /// What the panic carried; if the task did not panic, the error again.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// handle.abort();
    /// assert!(handle.await.unwrap_err().try_into_panic().is_err());
    /// # }
    /// ```
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        match self.why {
            Failure::Cancelled => Err(self),
            Failure::Panicked(payload) => Ok(match payload.into_inner() {
                Ok(payload) => payload,
                Err(poisoned) => poisoned.into_inner(),
            }),
        }
    }

    /// Which task it was.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(async { panic!() });
    /// let id = handle.id();
    /// assert_eq!(handle.await.unwrap_err().id(), id);
    /// # }
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }

    /// The panic's message, if it carried one.
    pub(crate) fn message(&self) -> Option<String> {
        let Failure::Panicked(payload) = &self.why else {
            return None;
        };
        panic_text(&**payload.lock().ok()?)
    }
}

/// The text that a panic was given, if it was one.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> Option<String> {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&'static str>().copied());
    text.map(str::to_owned)
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match (&self.why, self.message()) {
            (Failure::Cancelled, _) => write!(f, "task {id} was cancelled"),
            (_, Some(message)) => write!(f, "task {id} panicked with message {message:?}"),
            (_, None) => write!(f, "task {id} panicked"),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match (&self.why, self.message()) {
            (Failure::Cancelled, _) => write!(f, "JoinError::Cancelled({id:?})"),
            (_, Some(message)) => write!(f, "JoinError::Panic({id:?}, {message:?}, ...)"),
            (_, None) => write!(f, "JoinError::Panic({id:?}, ...)"),
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for std::io::Error {
    fn from(error: JoinError) -> std::io::Error {
        let what = match error.why {
            Failure::Cancelled => "task was cancelled",
            Failure::Panicked(_) => "task panicked",
        };
        std::io::Error::other(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_goes_anywhere() {
        fn anywhere<T: Send + Sync + std::error::Error + 'static>() {}
        anywhere::<JoinError>();
    }

    #[test]
    fn a_payload_that_is_no_text_is_not_shown() {
        let error = JoinError::new(3, Failure::panicked(Box::new(17)));
        assert_eq!(error.to_string(), "task 3 panicked");
        assert_eq!(format!("{error:?}"), "JoinError::Panic(Id(3), ...)");
    }
}
