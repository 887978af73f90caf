//! A task of a set, with a name.
//!
//! As [`task::Builder`](crate::task::Builder) is to `spawn`, this is to
//! [`JoinSet::spawn`]: the same, with a name that a recording tells.

use std::future::Future;
use std::io;
use std::panic::Location;

use super::JoinSet;
use crate::base::boxed::box_if_large;
use crate::task::AbortHandle;

/// Spawns one task of a set; made by [`JoinSet::build_task`].
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let mut set = runtime::task::JoinSet::new();
/// set.build_task().name("adder").spawn(async { 1 + 2 })?;
/// assert_eq!(set.join_all().await, [3]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a, T> {
    set: &'a mut JoinSet<T>,
    name: Option<&'a str>,
}

impl<T> JoinSet<T> {
    /// A builder of a task of this set, which can give it a name.
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder {
            set: self,
            name: None,
        }
    }
}

impl<'a, T: 'static> Builder<'a, T> {
    /// Gives the task a name, which [`trace`](crate::trace) has in its `Spawned` event.
    ///
    /// ```
    /// let mut set = runtime::task::JoinSet::<()>::new();
    /// let builder = set.build_task().name("worker");
    /// ```
    pub fn name(self, name: &'a str) -> Builder<'a, T> {
        let name = Some(name);
        Builder { name, ..self }
    }

    /// Makes a task of `future` and puts it into the set; see [`JoinSet::spawn`].
    ///
    /// # Errors
    ///
    /// None; the `Result` is Tokio's signature.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<AbortHandle>
    where
        F: Future<Output = T> + 'static,
    {
        let at = Location::caller();
        Ok(box_if_large!(F: future = Box::pin(future); self.set.spawn_named(future, self.name, at)))
    }
}
