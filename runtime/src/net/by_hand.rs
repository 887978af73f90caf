//! Sockets, used by hand: wait until one is ready, then try.
//!
//! `read` and `write`, `recv` and `send` wait and transfer in one call. Here the two halves are
//! apart. Waiting takes `&self` and any number of tasks; it transfers nothing, so dropping it
//! loses nothing. Trying never waits.
//!
//! Every socket has these methods, and they are the same dance everywhere. So each is written
//! once, in a macro, and the lines below a macro say who has it; an example begins with two
//! connected ends, `near` and `far`, which each of them makes in its own way.
//!
//! | file | methods |
//! |---|---|
//! | `by_hand` | `ready`, and operations of your own: `try_io`, `async_io` |
//! | `streams` | of bytes: `readable`, `try_read`, ..., `writable`, `try_write`, ... |
//! | `datagrams` | `readable`, `try_recv`, `try_recv_from`, ..., `writable`, `try_send` |
//!
//! How it can go wrong: to be ready is a memory, not a promise. Between the news and the
//! attempt another task may have been quicker. So the attempt may still say "would block",
//! which corrects the memory, and whoever uses these methods goes round in a loop.

mod datagrams;
mod streams;

use std::future::Future;
use std::io;

use crate::net::lined::lined;
use crate::net::{TcpStream, UdpSocket};
#[cfg(unix)]
use crate::net::{UnixDatagram, UnixStream};
use crate::reactor::{Interest, Ready};

/// What a socket that goes both ways does in either of its directions.
macro_rules! both_ways {
    ($Socket:ident: $(#[$near_and_far:meta])*) => {
        impl $Socket {
            /// Waits until one of the wanted directions is ready, and says which are. Any number
            /// of tasks may wait at once.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe.
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// use runtime::io::Interest;
            /// let ready = near.ready(Interest::READABLE | Interest::WRITABLE).await?;
            /// assert!(ready.is_writable() && !ready.is_readable());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
                lined(self.registration.readiness(interest))
            }

            /// Tries an operation of your own on the socket, without waiting, if the direction is
            /// remembered as ready. It must be about this socket, and must say `WouldBlock` when
            /// it would: then the socket is remembered as not ready. Of an interest in both
            /// directions, the one that is ready is taken.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if it is not ready; else those of `operation`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// use runtime::io::Interest;
            /// assert_eq!(near.try_io(Interest::WRITABLE, || Ok(7))?, 7);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_io<R>(
                &self,
                interest: Interest,
                operation: impl FnOnce() -> io::Result<R>,
            ) -> io::Result<R> {
                let want = self.registration.pick(interest);
                self.registration.try_io(want, |_| operation())
            }

            /// As [`try_io`](Self::try_io), and waits until `operation` does not say `WouldBlock`.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe, if `operation` is not half done when it says `WouldBlock`.
            ///
            /// # Errors
            ///
            /// Those of `operation`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// use runtime::io::Interest;
            /// assert_eq!(near.async_io(Interest::WRITABLE, || Ok(7)).await?, 7);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn async_io<R>(
                &self,
                interest: Interest,
                mut operation: impl FnMut() -> io::Result<R>,
            ) -> impl Future<Output = io::Result<R>> {
                let operation = move |_: &_| operation();
                lined(self.registration.perform_either(interest, operation))
            }
        }
    };
}

both_ways! { TcpStream:
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let near = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (far, _) = listener.accept().await?;
}

both_ways! { UdpSocket:
    /// # let near = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
}

#[cfg(unix)]
both_ways! { UnixStream:
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
}

#[cfg(unix)]
both_ways! { UnixDatagram:
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
}
