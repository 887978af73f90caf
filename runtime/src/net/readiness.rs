//! Waiting until a socket is ready, and trying without waiting.
//!
//! `read` and `write`, `recv` and `send` wait and transfer in one call. Here the two halves are
//! apart. Waiting takes `&self` and any number of tasks; it transfers nothing, so dropping it
//! loses nothing. Trying never waits.
//!
//! | macro | methods |
//! |---|---|
//! | [`ready!`] | `ready`: in one direction, or in either |
//! | [`waits!`] | `readable`, `writable`, and `poll_read_ready`, `poll_send_ready`, ... |
//! | [`own_operations!`] | `try_io`, `async_io`: operations of the program's own |
//! | [`operation!`] | one of ours, in its three forms: `recv`, `poll_recv`, `try_recv` |
//!
//! In brackets is the way from `self` to the registration.
//!
//! How it can go wrong: to be ready is a memory, not a promise. Between the news and the
//! attempt another task may have been quicker. So the attempt may still say "would block",
//! which corrects the memory, and the caller goes round in a loop.

/// Waiting for either direction. The example makes `near`, which can be written to.
macro_rules! ready {
    ([$($registration:tt)+] $(#[$near:meta])*) => {
        /// Waits until one of the wanted directions is ready, and says which are, and whether one
        /// of them is at its end. Any number of tasks may wait at once.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        ///
        /// # Errors
        ///
        /// If the runtime has been shut down.
        ///
        ///  ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        $(#[$near])*
        /// assert!(near.ready(runtime::io::Interest::WRITABLE).await?.is_writable());
        /// # Ok(()) }
        /// ```
        #[track_caller]
        pub fn ready(
            &self,
            interest: $crate::machine::reactor::Interest,
        ) -> impl Future<Output = std::io::Result<$crate::machine::reactor::Ready>> {
            $crate::net::socket::with_caller(self.$($registration)+.readiness(interest))
        }
    };
}
pub(super) use ready;

/// Waiting for one direction, until what `$until` says; `$attempt` is the method that tries. The
/// example comes last.
macro_rules! waits {
    (
        [$($registration:tt)+] $wait:ident, $poll:ident: $Direction:ident,
        $until:literal, $attempt:ident; $(#[$example:meta])*
    ) => {
        $crate::net::readiness::waits! {
            [$($registration)+] $wait: $Direction, $until, $attempt; $(#[$example])*
        }

        #[doc = concat!("As [`", stringify!($wait), "`](Self::", stringify!($wait), "), for a")]
        /// `poll` that is written by hand. Only the last caller is woken.
        ///
        /// # Errors
        ///
        /// If the runtime has been shut down.
        pub fn $poll(
            &self,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            self.$($registration)+.poll_readiness($crate::trace::Direction::$Direction, cx)
        }
    };
    (
        [$($registration:tt)+] $wait:ident: $Direction:ident,
        $until:literal, $attempt:ident; $(#[$example:meta])*
    ) => {
        #[doc = concat!("Waits until ", $until, ".")]
        ///
        /// It may be wrong: another task may have been quicker.
        #[doc = concat!("[`", stringify!($attempt), "`](Self::", stringify!($attempt), ") tells.")]
        /// Any number of tasks may wait at once.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        ///
        /// # Errors
        ///
        /// If the runtime has been shut down.
        ///
        $(#[$example])*
        #[track_caller]
        pub fn $wait(&self) -> impl Future<Output = std::io::Result<()>> {
            let interest = $crate::machine::reactor::Interest::of($crate::trace::Direction::$Direction);
            let readiness = self.$($registration)+.readiness(interest);
            $crate::net::socket::with_caller(async { readiness.await.map(drop) })
        }
    };
}
pub(super) use waits;

/// Operations of the program's own, on a socket that goes both ways. The example makes `near`,
/// which can be written to.
macro_rules! own_operations {
    ($(#[$near:meta])*) => {
        /// Tries an operation of your own on the socket, without waiting, if the direction is
        /// remembered as ready. It must be about this socket, and must say `WouldBlock` when
        /// it would: then the socket is remembered as not ready. Of an interest in both
        /// directions, the one that is ready is taken.
        ///
        /// # Errors
        ///
        /// `WouldBlock` if it is not ready; else those of `operation`.
        ///
        ///  ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        $(#[$near])*
        /// use runtime::io::Interest;
        /// near.writable().await?;
        /// assert_eq!(near.try_io(Interest::WRITABLE, || Ok(7))?, 7);
        /// assert_eq!(near.async_io(Interest::WRITABLE, || Ok(7)).await?, 7);
        /// # Ok(()) }
        /// ```
        pub fn try_io<R>(
            &self,
            interest: $crate::machine::reactor::Interest,
            operation: impl FnOnce() -> std::io::Result<R>,
        ) -> std::io::Result<R> {
            let want = self.registration.pick(interest);
            self.registration.try_once(want, operation)
        }

        /// As [`try_io`](Self::try_io), and waits until `operation` does not say `WouldBlock`. One that
        /// says `Interrupted` is called again at once.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe, if `operation` is not half done when it says `WouldBlock`.
        ///
        /// # Errors
        ///
        /// Those of `operation`.
        #[track_caller]
        pub fn async_io<R>(
            &self,
            interest: $crate::machine::reactor::Interest,
            mut operation: impl FnMut() -> std::io::Result<R>,
        ) -> impl Future<Output = std::io::Result<R>> {
            let operation = move |_: &_| operation();
            $crate::net::socket::with_caller(self.registration.perform_either(interest, operation))
        }
    };
}
pub(super) use own_operations;

/// One operation in its forms: it waits; it is polled by hand; it does not wait. The
/// documentation is that of the first.
macro_rules! operation {
    (
        $(#[$doc:meta])*
        $wait:ident $(/ $form:ident)+
        $(<$Type:ident: $Bound:path>)? ($($arg:ident: $Arg:ty),*) -> $Output:ty =
        $Direction:ident |$socket:ident| $body:expr
    ) => {
        $(#[$doc])*
        #[track_caller]
        pub fn $wait$(<$Type: $Bound>)?(
            &self,
            $($arg: $Arg),*
        ) -> impl Future<Output = std::io::Result<$Output>> {
            let want = $crate::trace::Direction::$Direction;
            $crate::net::socket::with_caller(self.registration.perform(want, move |$socket| $body))
        }

        $crate::net::readiness::operation! { @attempts
            $wait $(/ $form)+
            $(<$Type: $Bound>)? ($($arg: $Arg),*) -> $Output = $Direction |$socket| $body
        }
    };
    (@attempts
        $wait:ident / $poll:ident / $attempt:ident
        $(<$Type:ident: $Bound:path>)? ($($arg:ident: $Arg:ty),*) -> $Output:ty =
        $Direction:ident |$socket:ident| $body:expr
    ) => {
        #[doc = concat!("As [`", stringify!($wait), "`](Self::", stringify!($wait), "), for a")]
        /// `poll` that is written by hand. Only the last caller is woken.
        ///
        /// # Errors
        ///
        #[doc = concat!("As for `", stringify!($wait), "`.")]
        pub fn $poll$(<$Type: $Bound>)?(
            &self,
            cx: &mut std::task::Context<'_>,
            $($arg: $Arg),*
        ) -> std::task::Poll<std::io::Result<$Output>> {
            self.registration.poll_io($crate::trace::Direction::$Direction, cx, |$socket| $body)
        }

        $crate::net::readiness::operation! { @attempts
            $wait / $attempt
            $(<$Type: $Bound>)? ($($arg: $Arg),*) -> $Output = $Direction |$socket| $body
        }
    };
    (@attempts
        $wait:ident / $attempt:ident
        $(<$Type:ident: $Bound:path>)? ($($arg:ident: $Arg:ty),*) -> $Output:ty =
        $Direction:ident |$socket:ident| $body:expr
    ) => {
        #[doc = concat!("As [`", stringify!($wait), "`](Self::", stringify!($wait), "), without")]
        /// waiting.
        ///
        /// # Errors
        ///
        #[doc = concat!("`WouldBlock` if it would have to wait; else as for `", stringify!($wait), "`.")]
        pub fn $attempt$(<$Type: $Bound>)?(&self, $($arg: $Arg),*) -> std::io::Result<$Output> {
            self.registration.try_io($crate::trace::Direction::$Direction, |$socket| $body)
        }
    };
}
pub(super) use operation;
