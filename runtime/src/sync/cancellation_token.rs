//! "Please stop": said once, heard by every task that holds the token.
//!
//! A task can be aborted from outside, and is dropped wherever it stands. Usually it should rather
//! be asked, so that it can finish a request, flush a file, say goodbye. A [`CancellationToken`]
//! is that question. Each task that should hear gets a clone. One of them calls
//! [`cancel`](CancellationToken::cancel). The others see it
//! ([`is_cancelled`](CancellationToken::is_cancelled)) or wait for it
//! ([`cancelled`](CancellationToken::cancelled)), usually as a branch of a `select!`. It is said
//! once and for good: there is no way back.
//!
//! Work has parts, and parts have parts. So a token has children
//! ([`child_token`](CancellationToken::child_token)). To cancel the server's token cancels every
//! connection; to cancel one connection's token cancels its requests, and no others. `tree`,
//! beside this file, is how the word gets from a token to its children.
//!
//! How it can go wrong: *a task holds a token and never looks at it.* Cancelling is a request.
//! It does nothing to a task that does not wait for it.
//!
//! Tokio has this in `tokio_util::sync`; here it is in [`sync`](crate::sync), since every service
//! needs it.

mod cancelled;
mod guard;
mod tree;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub use cancelled::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
pub use guard::{DropGuard, DropGuardRef};

use tree::Node;

/// Asks every task that holds a clone or a child of it to stop.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::CancellationToken;
/// use runtime::time::{Duration, sleep};
///
/// let token = CancellationToken::new();
/// let theirs = token.clone();
/// let task = runtime::spawn(async move {
///     runtime::select! {
///         () = theirs.cancelled() => "stopped",
///         () = sleep(Duration::from_secs(3600)) => "done",
///     }
/// });
/// token.cancel();
/// assert_eq!(task.await.unwrap(), "stopped");
/// # }
/// ```
pub struct CancellationToken {
    node: Rc<Node>,
}

impl CancellationToken {
    /// A token that is not cancelled.
    pub fn new() -> CancellationToken {
        CancellationToken { node: Node::new() }
    }

    /// A token that is cancelled with this one, and can be cancelled without it.
    ///
    /// ```
    /// let parent = runtime::sync::CancellationToken::new();
    /// let (one, two) = (parent.child_token(), parent.child_token());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !two.is_cancelled() && !parent.is_cancelled());
    /// parent.cancel();
    /// assert!(two.is_cancelled());
    /// ```
    pub fn child_token(&self) -> CancellationToken {
        CancellationToken {
            node: self.node.child(),
        }
    }

    /// Cancels this token with its clones, and all that descend from it. Every task that waits for
    /// that is woken. The second time it does nothing.
    ///
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let clone = token.clone();
    /// clone.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.node.cancel();
    }

    /// Whether it is cancelled: itself, or one that it descends from.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }
}

impl Clone for CancellationToken {
    fn clone(&self) -> CancellationToken {
        self.node.hold();
        let node = Rc::clone(&self.node);
        CancellationToken { node }
    }
}

impl Drop for CancellationToken {
    fn drop(&mut self) {
        self.node.let_go();
    }
}

impl Default for CancellationToken {
    fn default() -> CancellationToken {
        CancellationToken::new()
    }
}

impl PartialEq for CancellationToken {
    /// Whether one is a clone of the other.
    fn eq(&self, other: &CancellationToken) -> bool {
        Rc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Rc::as_ptr(&self.node).hash(state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}
