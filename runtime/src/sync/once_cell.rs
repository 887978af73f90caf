//! A cell that is filled once: the first task fills it, the others wait for that.
//!
//! A connection that all tasks share, a token that must be fetched before the first request: it
//! is made when it is first needed, the making takes a while, and meanwhile other tasks need it
//! too. They should wait for the one that is being made, and not each make their own.
//!
//! Beside the value stands one [permit](super::permits): the right to fill the cell. The task
//! that gets it calls its function; the others stand in line. When the value is there the permit
//! is closed, which wakes all of them, and they find the value. When the function fails, or is
//! dropped in the middle, the permit is given back, and the next in line calls its own function.
//!
//! How it can go wrong: *the function asks for the same cell.* It waits for itself, for ever.

mod error;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::Location;

pub use error::SetError;

use super::permits::Permits;
use crate::trace::Shared;

/// A value that is there from some moment on.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::OnceCell;
///
/// let cell = OnceCell::new();
/// let made = || async { "made once" };
/// let (one, two) = runtime::join!(cell.get_or_init(made), cell.get_or_init(made));
/// assert_eq!((*one, *two), ("made once", "made once"));
/// assert_eq!(cell.get(), Some(&"made once"));
/// # }
/// ```
///
/// One for the whole program stands in a `thread_local!`:
///
/// ```
/// use runtime::sync::OnceCell;
/// use std::rc::Rc;
///
/// thread_local!(static TOKEN: Rc<OnceCell<String>> = Rc::new(OnceCell::new()));
///
/// async fn length() -> usize {
///     let cell = TOKEN.with(Rc::clone);
///     cell.get_or_init(|| async { "fetched".to_owned() }).await.len()
/// }
/// # assert_eq!(runtime::runtime::Runtime::new()?.block_on(length()), 7);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct OnceCell<T> {
    value: std::cell::OnceCell<T>,
    /// One: the right to fill. Closed: it is filled.
    permits: Permits,
}

impl<T> OnceCell<T> {
    /// An empty cell.
    pub const fn new() -> OnceCell<T> {
        OnceCell {
            value: std::cell::OnceCell::new(),
            permits: Permits::new(1, Shared::OnceCell),
        }
    }

    /// As [`new`](OnceCell::new), which is `const` here too.
    ///
    /// ```
    /// use runtime::sync::OnceCell;
    ///
    /// thread_local!(static CELL: OnceCell<u32> = const { OnceCell::const_new() });
    /// assert!(CELL.with(|cell| cell.set(5)).is_ok());
    /// ```
    pub const fn const_new() -> OnceCell<T> {
        OnceCell::new()
    }

    /// A cell that is full if there is a value.
    ///
    /// ```
    /// let cell = runtime::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.get(), Some(&5));
    /// ```
    pub fn new_with(value: Option<T>) -> OnceCell<T> {
        value.map_or_else(OnceCell::new, OnceCell::from)
    }

    /// Whether it is filled.
    pub fn initialized(&self) -> bool {
        self.get().is_some()
    }

    /// The value, if it is there.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, if it is there, to change it.
    ///
    /// ```
    /// let mut cell = runtime::sync::OnceCell::from(5);
    /// *cell.get_mut().unwrap() += 1;
    /// assert_eq!(cell.into_inner(), Some(6));
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Fills the cell with a value that is at hand.
    ///
    /// # Errors
    ///
    /// If it is full, or another task is filling it. The error gives the value back.
    ///
    /// ```
    /// use runtime::sync::{OnceCell, SetError};
    ///
    /// let cell = OnceCell::new();
    /// assert_eq!(cell.set(5), Ok(()));
    /// assert_eq!(cell.set(6), Err(SetError::AlreadyInitializedError(6)));
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        if self.initialized() {
            return Err(SetError::AlreadyInitializedError(value));
        }
        match self.permits.try_take(1) {
            Ok(()) => {
                self.fill(value);
                Ok(())
            }
            Err(_) => Err(SetError::InitializingError(value)),
        }
    }

    /// The value; if it is not there yet, the one that `f` makes. If another is making it, this
    /// waits.
    ///
    /// # Cancel safety
    ///
    /// Dropped while `f` makes the value, that is lost, and the next in line makes its own.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let cell = runtime::sync::OnceCell::new();
    /// assert_eq!(cell.get_or_init(|| async { 1 }).await, &1);
    /// assert_eq!(cell.get_or_init(|| async { 2 }).await, &1);
    /// # }
    /// ```
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let at = Location::caller();
        async move {
            if let Some(value) = self.get() {
                return value;
            }
            let make = || async { Ok::<T, Infallible>(f().await) };
            match self.get_or_make(make, at).await {
                Ok(value) => value,
                Err(never) => match never {},
            }
        }
    }

    /// As [`get_or_init`](OnceCell::get_or_init), with a function that may fail. Then the cell
    /// stays empty, and the next in line tries with its own.
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while `f` makes the value, that is lost, and the next in line makes its own.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let cell = runtime::sync::OnceCell::new();
    /// assert_eq!(cell.get_or_try_init(|| async { "x".parse::<u32>() }).await.is_err(), true);
    /// assert_eq!(cell.get_or_try_init(|| async { "5".parse::<u32>() }).await, Ok(&5));
    /// # }
    /// ```
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.get_or_make(f, Location::caller())
    }

    async fn get_or_make<E, F, Fut>(&self, make: F, at: &'static Location<'static>) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        match self.permits.acquire(1, at).await {
            Ok(()) => {
                let _back = Back(&self.permits);
                let value = make().await?;
                Ok(self.fill(value))
            }
            Err(_) => Ok(self.filled()),
        }
    }

    /// For the task that has the permit: puts the value in, and wakes all waiters.
    fn fill(&self, value: T) -> &T {
        let value = self.value.get_or_init(|| value);
        self.permits.close();
        value
    }

    fn filled(&self) -> &T {
        match self.get() {
            Some(value) => value,
            None => unreachable!("the permits are closed when the value is there"),
        }
    }

    /// Takes the cell apart.
    ///
    /// ```
    /// let cell = runtime::sync::OnceCell::from(5);
    /// assert_eq!(cell.into_inner(), Some(5));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out: the cell is empty, and can be filled again.
    ///
    /// ```
    /// let mut cell = runtime::sync::OnceCell::from(5);
    /// assert_eq!(cell.take(), Some(5));
    /// assert!(cell.set(6).is_ok());
    /// ```
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }
}

/// Gives the right to fill back, however the filling ended. (If it succeeded, the permit is
/// closed already.)
struct Back<'a>(&'a Permits);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.give(1);
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> OnceCell<T> {
        let cell = OnceCell::new();
        cell.fill(value);
        cell
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> OnceCell<T> {
        OnceCell::new()
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> OnceCell<T> {
        OnceCell::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &OnceCell<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell")
            .field("value", &self.get())
            .finish()
    }
}
