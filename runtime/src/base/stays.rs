//! What the compiler says of a handle, a sender or a lock that is moved to another thread.
//!
//! The compiler refuses it, and names the part of the value that may not be moved: an `Rc` or a
//! `Cell` inside. That is true and no help. A message of our own (`diagnostic::on_unimplemented`) can
//! be had for our own traits only, and `Send` and `Sync` are the standard library's. But the compiler
//! names *every* such part, by its type. So a part that takes no room stands beside the others, and
//! its type's name says what to do: send the work to the value's thread, or, for a `static`, give each
//! thread its own. (The compiler leaves a long name out, so it is a short one.)

use std::marker::PhantomData;

/// See the file's heading. It is never made.
#[allow(non_camel_case_types, reason = "it is read as a sentence")]
#[derive(Debug)]
pub(crate) enum Use_Handle_spawn_with_or_thread_local {}

/// The part that says so.
pub(crate) type Stays = PhantomData<*const Use_Handle_spawn_with_or_thread_local>;

/// The only value of [`Stays`].
pub(crate) const STAYS: Stays = PhantomData;
