//! `#[main]` and `#[test]`: from the synchronous world into the asynchronous one.
//!
//! A program begins in a plain function, and that function has to call `block_on`. These
//! attributes write the four lines that do it, so that a program can begin with `async fn main`.
//! What they write is shown in the attributes' own documentation below; how they write it, in the
//! crate `runtime-macros`.
//!
//! How it can go wrong: an attribute looks like a property of the function, but it changes
//! what the function *is*. `#[runtime::main] async fn connect()` is not an `async fn` any
//! more; called from a task it would start a second runtime inside the first, which panics.

// The `main`s and `#[test]`s in these examples are what the examples are about.
#![allow(clippy::needless_doctest_main, clippy::test_attr_in_doctest)]

/// Makes an `async fn` a plain one that starts a runtime and waits for its body in it.
///
/// This
///
/// ```
/// #[runtime::main]
/// async fn main() {
///     println!("one thread");
/// }
/// ```
///
/// is the same as this:
///
/// ```
/// fn main() {
///     runtime::runtime::Builder::new_current_thread()
///         .enable_all()
///         .build()
///         .expect("Failed building the Runtime")
///         .block_on(async {
///             println!("one thread");
///         })
/// }
/// ```
///
/// It is meant for `main`, which cannot have arguments, but will do for any `async fn`, also
/// with arguments, generics or `self`. Each call starts a runtime of its own and ends it, so
/// what is called often is better given a [`Runtime`] that is kept. When the function
/// returns, the tasks that it has spawned and not awaited are dropped.
///
/// # Arguments
///
/// They are Tokio's, so that programs written for Tokio compile. There is one thread, and
/// that cannot be chosen otherwise.
///
/// | argument | effect |
/// |---|---|
/// | `flavor = "current_thread"`, `"local"` | none: this is what there is |
/// | `flavor = "multi_thread"` | none, and a warning that says so |
/// | `worker_threads = 4` | none, and from 2 on a warning; only with `multi_thread`, or no `flavor` |
/// | `start_paused = true` | the clock stands still, and jumps when all tasks wait: see [`pause`] |
/// | `crate = "path::to::runtime"` | where the crate is found, if not by the package's `Cargo.toml` |
/// | `unhandled_panic = "ignore"` | none: a task's panic goes to the task that awaits its handle |
/// | `unhandled_panic = "shutdown_runtime"` | refused |
/// | `name = "..."` | refused: a runtime has no name |
///
/// As with Tokio, `start_paused` and `unhandled_panic` do not go together with
/// `multi_thread`.
///
/// The warnings are the compiler's `deprecated`, at the argument. In a crate that makes
/// warnings errors (`#![deny(warnings)]`) they are errors, too: that crate has asked to be
/// stopped when something is not as it seems. Remove the argument, or say that it is meant,
/// with `#[allow(deprecated)]` on the function:
///
/// ```
/// #![deny(warnings)]
///
/// #[allow(deprecated)]
/// #[runtime::main(flavor = "multi_thread", worker_threads = 4)]
/// async fn main() {
///     let answer = runtime::spawn(async { 42 }).await;
///     assert_eq!(answer.unwrap(), 42);
/// }
/// ```
///
/// # Panics
///
/// When the runtime cannot be built (the operating system has no descriptors left), and when
/// the function is called inside a runtime.
///
/// # Examples
///
/// Errors that `main` returns are printed, and make the exit code 1:
///
/// ```
/// #[runtime::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let rows = runtime::spawn(async { "3".parse::<u32>() });
///     assert_eq!(rows.await??, 3);
///     Ok(())
/// }
/// ```
///
/// An hour in no time:
///
/// ```
/// use runtime::time::{Duration, Instant, sleep};
///
/// #[runtime::main(start_paused = true)]
/// async fn main() {
///     let start = Instant::now();
///     sleep(Duration::from_secs(3600)).await;
///     assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// }
/// ```
///
/// A dependency that `Cargo.toml` renames (`tokio = { package = "runtime", .. }`) is found under
/// its new name. Where `Cargo.toml` does not tell, the argument does:
///
/// ```
/// use ::runtime as treadle;
///
/// #[treadle::main(crate = "treadle")]
/// async fn main() {}
/// ```
///
/// [`Runtime`]: crate::runtime::Runtime
/// [`pause`]: crate::time::pause
pub use runtime_macros::main;

/// Makes an `async fn` a test, run in a runtime of its own.
///
/// It takes the arguments of [`main`](macro@crate::main); here, `worker_threads` always needs
/// `flavor = "multi_thread"` beside it. The test may return a `Result`, and other attributes
/// (`#[should_panic]`, `#[ignore]`) stay. Each test has its own runtime, clock and tasks, so
/// tests may run at the same time.
///
/// Tests that wait should pause the clock: they are then as fast as if nothing waited, and
/// can tell exactly how long it was.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, sleep};
///
/// #[runtime::test(start_paused = true)]
/// async fn both_wait_at_the_same_time() {
///     let start = Instant::now();
///     runtime::join!(sleep(Duration::from_secs(1)), sleep(Duration::from_secs(3)));
///     assert_eq!(start.elapsed(), Duration::from_secs(3));
/// }
/// # fn main() {}
/// ```
///
/// It is the same as:
///
/// ```
/// #[test]
/// fn both_wait_at_the_same_time() {
///     runtime::runtime::Builder::new_current_thread()
///         .enable_all()
///         .start_paused(true)
///         .build()
///         .expect("Failed building the Runtime")
///         .block_on(async {
///             // ...
///         })
/// }
/// # fn main() {}
/// ```
pub use runtime_macros::test;
