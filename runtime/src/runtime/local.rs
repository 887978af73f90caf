//! Tokio's names for a runtime that stays on its thread.
//!
//! Tokio has a runtime for futures that are not `Send`, its `LocalRuntime`. Every runtime here is
//! one, so it is another name of [`Runtime`].

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::panic::Location;

use super::{Builder, Runtime};
use crate::base::boxed::box_if_large;
use crate::machine::task::JoinHandle;

/// Another name of [`Runtime`], which takes futures that are not `Send` anyway.
///
/// ```
/// use runtime::runtime::LocalRuntime;
/// use std::rc::Rc;
///
/// let runtime = LocalRuntime::new()?;
/// let shared = Rc::new(5);
/// let task = runtime.spawn_local(async move { *shared });
/// assert_eq!(runtime.block_on(task).unwrap(), 5);
/// # Ok::<(), std::io::Error>(())
/// ```
pub type LocalRuntime = Runtime;

/// What can be chosen for a [`LocalRuntime`] alone: nothing, as in Tokio today.
///
/// ```
/// use runtime::runtime::{Builder, LocalOptions};
///
/// let runtime = Builder::new_current_thread().build_local(LocalOptions::default())?;
/// runtime.block_on(async {});
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    /// Neither `Send` nor `Sync`, as Tokio's.
    _stays: PhantomData<*mut u8>,
}

impl Builder {
    /// Another name of [`build`](Builder::build), for programs that build a [`LocalRuntime`].
    ///
    /// # Errors
    ///
    /// As `build`.
    ///
    /// ```
    /// use runtime::runtime::{Builder, LocalOptions};
    ///
    /// let mut builder = Builder::new_current_thread();
    /// let runtime = builder.enable_all().build_local(LocalOptions::default())?;
    /// runtime.block_on(async {});
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "Tokio's signature")]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        self.build()
    }
}

impl Runtime {
    /// Another name of [`spawn`](Runtime::spawn), which needs no `Send` anyway.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.spawn_local(async { 1 });
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let at = Location::caller();
        let executor = &self.machine.executor;
        box_if_large!(F: future = Box::pin(future); executor.spawn(future, at))
    }
}
