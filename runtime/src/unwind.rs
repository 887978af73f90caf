//! What a panic leaves behind, and who may say so.
//!
//! A panic that is caught with `catch_unwind` may have come from the middle of a change: half of a
//! list linked, a flag set for something that never happened. The standard library marks the types
//! in whose case that cannot be seen afterwards: [`UnwindSafe`] for those that go into the closure,
//! [`RefUnwindSafe`] for those that it borrows. A cell counts as unsafe until its type says
//! otherwise, and this runtime is made of cells.
//!
//! Here it is said, for those of which Tokio says it. (The channels of [`mpsc`](crate::sync::mpsc)
//! say it where they are made.) It holds because of a rule of the whole house: what is not ours (a
//! waker, the drop of a future, a closure) is called only when our own books are in order, and
//! nothing that is ours panics between two of its entries. So a panic passes through a [`Runtime`]
//! and leaves one that can be used: the task that panicked is at its end, the others are where they
//! were. What the caught code did to *its own* values is for their types to say: a `Mutex<T>` or a
//! `watch` channel lends out what others have put there, and is not listed.

use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::fs::DirEntry;
use crate::machine::task::{AbortHandle, JoinHandle};
use crate::net::{TcpListener, TcpStream, UdpSocket, tcp};
use crate::runtime::{Handle, Runtime};
use crate::sync::{Barrier, Notify, Semaphore};

macro_rules! whole_after_a_panic {
    ($($name:ty),* $(,)?) => {$(
        impl UnwindSafe for $name {}
        impl RefUnwindSafe for $name {}
    )*};
}

whole_after_a_panic!(
    Runtime,
    Handle,
    AbortHandle,
    DirEntry,
    TcpListener,
    TcpStream,
    UdpSocket
);

// Whatever its result is: it cannot be looked at before it is taken.
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

// Their cells may move, but not be shared; as parts of these they may.
impl RefUnwindSafe for Notify {}
impl RefUnwindSafe for Barrier {}
impl RefUnwindSafe for Semaphore {}
impl RefUnwindSafe for tcp::OwnedWriteHalf {}

#[cfg(unix)]
mod unix {
    use super::{RefUnwindSafe, UnwindSafe};
    use crate::net::unix::pipe::{Receiver, Sender};
    use crate::net::{UnixDatagram, UnixListener, UnixStream, unix};

    impl RefUnwindSafe for unix::OwnedWriteHalf {}

    whole_after_a_panic!(UnixDatagram, UnixListener, UnixStream, Sender, Receiver);
}
