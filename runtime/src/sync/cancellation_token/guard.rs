//! A guard that cancels its token when it is dropped.
//!
//! A task that started others should not leave them behind, in whatever way it ends: it returns,
//! fails with `?`, panics, or is aborted. The guard is dropped in all these cases. A task that
//! wants the others to go on disarms its guard.

use super::CancellationToken;

impl CancellationToken {
    /// A guard that cancels this token when it is dropped.
    ///
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// let guard = token.clone().drop_guard();
    /// drop(guard);
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self) }
    }

    /// As [`drop_guard`](CancellationToken::drop_guard), with a borrow of the token.
    ///
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// drop(token.drop_guard_ref());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef { token: Some(self) }
    }
}

/// Cancels a token when it is dropped: see [`CancellationToken::drop_guard`].
///
/// ```
/// let token = runtime::sync::CancellationToken::new();
/// {
///     let _guard = token.clone().drop_guard();
/// }
/// assert!(token.is_cancelled());
/// ```
#[derive(Debug)]
#[must_use = "dropping the guard cancels the token"]
pub struct DropGuard {
    /// `None`: disarmed.
    token: Option<CancellationToken>,
}

impl DropGuard {
    /// Gives the token back; it is not cancelled.
    ///
    /// ```
    /// let guard = runtime::sync::CancellationToken::new().drop_guard();
    /// assert!(!guard.disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancellationToken {
        match self.token.take() {
            Some(token) => token,
            None => unreachable!("disarming consumes the guard"),
        }
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

/// Cancels a token when it is dropped: see [`CancellationToken::drop_guard_ref`].
///
/// ```
/// let token = runtime::sync::CancellationToken::new();
/// {
///     let _guard = token.drop_guard_ref();
/// }
/// assert!(token.is_cancelled());
/// ```
#[derive(Debug)]
#[must_use = "dropping the guard cancels the token"]
pub struct DropGuardRef<'a> {
    /// `None`: disarmed.
    token: Option<&'a CancellationToken>,
}

impl<'a> DropGuardRef<'a> {
    /// Gives the token back; it is not cancelled.
    ///
    /// ```
    /// let token = runtime::sync::CancellationToken::new();
    /// assert!(!token.drop_guard_ref().disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> &'a CancellationToken {
        match self.token.take() {
            Some(token) => token,
            None => unreachable!("disarming consumes the guard"),
        }
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            token.cancel();
        }
    }
}
