//! A task with a name.
//!
//! A task is known by a number and by the line that spawned it. Where one line spawns many,
//! a name tells them apart in a recording.

use std::future::Future;
use std::io;
use std::panic::Location;

use crate::base::boxed::box_if_large;
use crate::machine::context::machine;
use crate::task::JoinHandle;
use crate::task::spawn::spawn_named;

/// Spawns a task that has a name.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let task = runtime::task::Builder::new().name("adder").spawn(async { 1 + 2 })?;
/// assert_eq!(task.await.unwrap(), 3);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// A builder of a task without a name.
    ///
    /// ```
    /// let builder = runtime::task::Builder::new();
    /// ```
    #[must_use]
    pub fn new() -> Builder<'a> {
        Builder::default()
    }

    /// Gives the task a name, which [`trace`](crate::trace) has in its `Spawned` event.
    ///
    /// ```
    /// let builder = runtime::task::Builder::new().name("worker");
    /// ```
    #[must_use]
    pub fn name(self, name: &'a str) -> Builder<'a> {
        Builder { name: Some(name) }
    }

    /// Makes a task of `future`; see [`spawn`](crate::spawn).
    ///
    /// # Errors
    ///
    /// None; the `Result` is Tokio's signature.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let task = runtime::task::Builder::new().name("worker").spawn(async {})?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let at = Location::caller();
        Ok(
            box_if_large!(F: future = Box::pin(future); match self.name {
                Some(name) => spawn_named(future, name, at),
                None => machine().executor.spawn(future, at),
            }),
        )
    }
}
