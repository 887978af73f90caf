//! `pin!`: a promise, by name, that a value stays where it is.
//!
//! The future of an `async fn` may hold references into itself (a local variable, and a
//! borrow of it across an `.await`). Moving it would leave them pointing at where it was,
//! so a future can be polled only through `Pin<&mut F>`: a reference that promises that
//! the value behind it will not move again. `.await` pins what it is given, by taking it.
//! A program that awaits a future *by reference*, to go on with it later, pins it first.
//!
//! How it can go wrong: the promise would break if the value could be reached by another way, and
//! moved. So the macro takes the variable by value and gives its name to the pinned reference; the
//! value itself has no name any more.

/// Pins values to the place where they are now, under the same names.
///
/// `pin!(fut)` makes `fut` a `Pin<&mut F>`, which can be polled, and awaited as
/// `(&mut fut).await` or as a branch of [`select!`](crate::select), any number of times
/// until it is ready. It may be used with several names at once, and around `let`
/// statements. The place belongs to the enclosing block: when that ends, the value is
/// dropped.
///
/// For a value that must outlive the block, use [`Box::pin`]. For an expression,
/// [`std::pin::pin!`] does the same and gives the reference back instead of a name.
///
/// # Examples
///
/// One future, waited for in two steps:
///
/// ```
/// async fn work() -> u32 {
///     7
/// }
///
/// # #[runtime::main] async fn main() {
/// let work = work();
/// runtime::pin!(work);
///
/// let first_try = runtime::select! {
///     answer = &mut work => Some(answer),
///     _ = std::future::pending::<()>() => None,
/// };
/// assert_eq!(first_try, Some(7));
/// # }
/// ```
///
/// Around `let`:
///
/// ```
/// # async fn one() -> u32 { 1 }
/// # async fn two() -> u32 { 2 }
/// # #[runtime::main] async fn main() {
/// runtime::pin! {
///     let first = one();
///     let second = two();
/// }
/// assert_eq!((&mut first).await + (&mut second).await, 3);
/// # }
/// ```
///
/// Without it, a future that is not [`Unpin`] cannot be awaited by reference:
///
/// ```compile_fail,E0277
/// # async fn work() {}
/// # async fn example() {
/// let mut work = work();
/// (&mut work).await;
/// # }
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => { $(
        #[allow(unused_mut)]
        let mut $name = ::core::pin::pin!($name);
    )* };
    ($(let $name:ident = $value:expr;)*) => { $(
        #[allow(unused_mut)]
        let mut $name = ::core::pin::pin!($value);
    )* };
}
