//! `select!`: several futures at once, until the first has answered.
//!
//! A task that waits for one thing can be waiting for the wrong one: a server waits for
//! the next request while the signal to shut down has come. `select!` waits for both, goes
//! on with the one that comes first, and drops the other. That dropping is the whole
//! difficulty of the macro, for its writer and for its users, so it is shown here in full.
//!
//! This
//!
//! ```text
//! select! {
//!     Some(message) = inbox.recv(), if !full => take(message),
//!     _ = shutdown.changed() => return,
//!     else => break,
//! }
//! ```
//!
//! becomes this (less the paths and a few `#[allow]`s):
//!
//! ```text
//! {
//!     enum __Output<T0, T1> { Branch0(T0), Branch1(T1), AllDisabled }
//!
//!     // 1. The conditions, all of them, before there is any future.
//!     let mut disabled: u8 = 0;
//!     let enabled: bool = !full;
//!     if !enabled { disabled |= 1; }
//!
//!     // 2. The race, in a scope of its own.
//!     let mut output = {
//!         let future0 = inbox.recv();           // also if it is disabled
//!         let future1 = shutdown.changed();
//!         let mut future1 = pin!(IntoFuture::into_future(future1));
//!         let mut future0 = pin!(IntoFuture::into_future(future0));
//!         let output = poll_fn(move |cx| {
//!             ready!(poll_budget_available(cx));
//!             let mut pending = false;
//!             let start: u32 = thread_rng_n(2);
//!             let mut branch = start;
//!             loop {
//!                 match branch {
//!                     0 => if disabled & 1 == 0 {
//!                         match future0.as_mut().poll(cx) {
//!                             Poll::Pending => pending = true,
//!                             Poll::Ready(mut value) => {
//!                                 let mut matches = false;
//!                                 match value {
//!                                     Some(message) if { matches = true; false } => unreachable!(),
//!                                     _ => {}
//!                                 }
//!                                 if matches {
//!                                     return Poll::Ready(__Output::Branch0(value));
//!                                 }
//!                                 disabled |= 1;
//!                             }
//!                         }
//!                     }
//!                     _ => { /* the same for future1, bit 2 and `_` */ }
//!                 }
//!                 branch = if branch == 1 { 0 } else { branch + 1 };
//!                 if branch == start { break; }
//!             }
//!             if pending { Poll::Pending } else { Poll::Ready(__Output::AllDisabled) }
//!         })
//!         .await;
//!         output
//!     };                                        // 3. All futures are dropped here.
//!
//!     // 4. The handler.
//!     match output {
//!         __Output::Branch0(Some(message)) => take(message),
//!         __Output::Branch1(_) => return,
//!         __Output::AllDisabled => break,
//!         _ => unreachable!(),
//!     }
//! }
//! ```
//!
//! **What is dropped when `select!` cancels?** Read the closing brace at 3: every future
//! that was *given* to the macro, the winner's and those that were never polled too, in the
//! order of the branches, before the handler runs. So the handler may use what they had
//! borrowed. A future that was given by reference (`&mut fut`) loses only the reference:
//! it lives on outside, with all its progress, and can be given again. And if the task
//! itself is dropped while it waits, it is at the `.await` inside that scope, and exactly
//! the same is dropped.
//!
//! How it can go wrong:
//!
//! - *A pattern is not a filter.* A value that does not match has been taken from its
//!   source all the same. It is dropped, and its branch is out for the rest of this
//!   `select!`.
//! - *A future holds progress.* If `read_exact` has read half a message when it loses, that
//!   half is gone with it. That is "cancel safety", and the macro's documentation says
//!   which operations have it.
//! - *`biased;` starves.* A first branch that is always ready never lets the second one
//!   answer. Without `biased;` the round starts at random.

/// Waits for several futures at once, goes on with the **first** one whose output matches
/// its pattern, and drops the others.
///
/// It must stand where `.await` may stand: in an `async` function, block or closure. Between
/// its braces stand up to 64 branches, and perhaps an `else`:
///
/// ```text
/// pattern = future => handler,
/// pattern = future, if condition => handler,
/// else => handler,
/// ```
///
/// The future is any expression that is a future (or [`IntoFuture`]). All futures are
/// polled together, as part of the current task. As soon as one is ready and its output
/// matches the pattern, all futures are dropped, the handler runs with the pattern's
/// bindings, and its value is the value of the `select!`; so all handlers have the same
/// type. A handler that is a block needs no comma. Nothing is boxed or spawned.
///
/// In detail:
///
/// 1. All conditions are evaluated, from top to bottom. A branch whose condition is false is
///    *disabled*, for this time around.
/// 2. All future expressions are evaluated, from top to bottom, those of disabled branches
///    too; but a disabled branch's future is never polled.
/// 3. The enabled futures are polled, beginning with one that is drawn at random and going
///    around. If none is ready, the task waits until one of them wakes it, and this step is
///    repeated.
/// 4. When one is ready, its output is compared with its pattern. On a match the race is over:
///    the futures are dropped and the handler runs. Otherwise the output is dropped, the
///    branch is disabled (a future that was ready is never polled again), and the others go on.
/// 5. When all branches are disabled, `else` runs, after the futures are dropped.
///
/// Handlers run after the race, in the code around the `select!`: they may `.await`, use `?`,
/// `return`, `break` and `continue` loops outside, and use anything that the futures had
/// borrowed. While a handler runs, no other branch does.
///
/// # Panics
///
/// When all branches are disabled (by their conditions, or because their outputs did not
/// match) and there is no `else`.
///
/// # Fairness
///
/// The start is drawn anew at each poll, so a branch that is always ready cannot keep the
/// others from being seen. The draw comes from the running runtime's generator: with
/// [`Builder::rng_seed`] a program makes the same choices every time.
///
/// `biased;` in front of the first branch polls from top to bottom instead, always. It saves
/// the draw, and sometimes the order matters: a shutdown signal that must be noticed before
/// the next message stands first. In exchange it is up to you that the upper branches leave
/// room for the lower ones.
///
/// A task that has used up its budget waits here for its next turn, whatever the branches
/// could do, as Tokio's does.
///
/// # Cancel safety
///
/// Every `select!` cancels: all its futures but one are dropped unfinished. A future that
/// has not answered is *cancel safe* if dropping it and making it again is as good as having
/// kept it. In a loop around `select!` that is exactly what happens, so there every branch
/// should be cancel safe, or be given by reference.
///
/// | operation | cancel safe | because |
/// |---|---|---|
/// | `accept` | yes | a connection that was not handed out is still in the queue |
/// | `readable`, `writable`, `ready`, `peek` | yes | they take nothing |
/// | `read`, `write` and their `_buf` and `_vectored` forms | yes | one attempt, which either was ready or did nothing |
/// | `fill_buf`, `next_line`, `flush`, `shutdown`, `write_all_buf` | yes | how far they came is kept outside the future |
/// | `read_exact`, `read_line`, `read_to_string`, `write_all`, `copy` | **no** | how far they came is known to the future alone |
/// | `read_until`, `read_to_end`, `copy_buf` | in part | the bytes are safe, their count is lost |
/// | `sleep` | by reference | made anew, it begins anew: [`pin!`](crate::pin) it outside the loop |
/// | `Interval::tick` | yes | a tick that was not handed out comes with the next call |
/// | `timeout` | by reference | made anew, it begins anew, and so does the future in it |
/// | `JoinHandle` | by reference | it answers once; dropping it detaches the task |
/// | `Signal::recv` | yes | a signal that was not handed out is still noted |
/// | `ctrl_c` | in a loop, no | a signal between two calls is seen by neither: keep one `Signal` |
/// | `yield_now` | yes | there is nothing to lose |
/// | `join!`, `try_join!` | by reference | what finished branches answered is dropped with it: join references |
/// | an `async fn` of yours | if each of its `.await`s is, and what it holds there may be lost | |
///
/// Losing progress is not wrong in itself: a program that shuts down does not need the rest of the
/// message.
///
/// # Examples
///
/// The first answer wins:
///
/// ```
/// use runtime::time::{sleep, Duration};
///
/// #[runtime::main]
/// async fn main() {
///     # runtime::time::pause();
///     let slow = async {
///         sleep(Duration::from_millis(20)).await;
///         "slow"
///     };
///     let fast = async {
///         sleep(Duration::from_millis(10)).await;
///         "fast"
///     };
///     let winner = runtime::select! {
///         name = slow => name,
///         name = fast => name,
///     };
///     assert_eq!(winner, "fast");
/// }
/// ```
///
/// A time limit for a whole loop. The sleep is pinned outside and given by reference, so
/// that it goes on from one turn to the next:
///
/// ```
/// use runtime::time::{sleep, Duration};
///
/// async fn weave_a_row() {
///     sleep(Duration::from_millis(30)).await;
/// }
///
/// #[runtime::main]
/// async fn main() {
///     # runtime::time::pause();
///     let limit = sleep(Duration::from_millis(100));
///     runtime::pin!(limit);
///     let mut rows = 0;
///     loop {
///         runtime::select! {
///             () = &mut limit => break,
///             () = weave_a_row() => rows += 1,
///         }
///     }
///     assert_eq!(rows, 3);
/// }
/// ```
///
/// Patterns decide which branches take part, `else` what happens when none is left. Here two
/// iterators, which stand in for two channels, are emptied in any order. (Note the `async`:
/// a plain `ready(letters.next())` would take a letter before the race, and lose it with it.)
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (mut letters, mut numbers) = ("abc".chars(), 1..=3);
/// let (mut text, mut sum) = (String::new(), 0);
/// loop {
///     runtime::select! {
///         Some(letter) = async { letters.next() } => text.push(letter),
///         Some(number) = async { numbers.next() } => sum += number,
///         else => break,
///     }
/// }
/// assert_eq!((text.as_str(), sum), ("abc", 6));
/// # }
/// ```
///
/// `if` keeps a future that has answered from being polled again:
///
/// ```
/// # async fn a() -> u8 { 1 }
/// # async fn b() -> u8 { 2 }
/// # #[runtime::main] async fn main() {
/// let (a, b) = (a(), b());
/// runtime::pin!(a, b);
/// let (mut from_a, mut from_b) = (None, None);
/// while from_a.is_none() || from_b.is_none() {
///     runtime::select! {
///         value = &mut a, if from_a.is_none() => from_a = Some(value),
///         value = &mut b, if from_b.is_none() => from_b = Some(value),
///     }
/// }
/// assert_eq!((from_a, from_b), (Some(1), Some(2)));
/// # }
/// ```
///
/// A condition is no substitute for a branch. In this loop the time limit may pass *between*
/// the `while` and the `select!`, whose first branch is then disabled, and the last row is
/// woven to its end however long it takes:
///
/// ```no_run
/// # use runtime::time::{sleep, Duration};
/// # async fn weave_a_row() {}
/// # async fn example() {
/// # let limit = sleep(Duration::from_millis(100));
/// # runtime::pin!(limit);
/// while !limit.is_elapsed() {
///     runtime::select! {
///         () = &mut limit, if !limit.is_elapsed() => {}
///         () = weave_a_row() => {}
///     }
/// }
/// # }
/// ```
///
/// `biased;`, so that a word that is there is heard before the next piece of work:
///
/// ```
/// use std::future::{pending, ready};
///
/// # #[runtime::main] async fn main() {
/// let mut stop = Box::pin(pending::<()>());
/// let mut pieces = 0;
/// loop {
///     runtime::select! {
///         biased;
///         () = &mut stop => break,
///         () = ready(()) => {
///             pieces += 1;
///             if pieces == 5 {
///                 break;
///             }
///         }
///     }
/// }
/// assert_eq!(pieces, 5);
/// # }
/// ```
///
/// [`IntoFuture`]: std::future::IntoFuture
/// [`Builder::rng_seed`]: crate::runtime::Builder::rng_seed
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => {
        $crate::macros::support::select! { $crate $($branches)* }
    };
}
