//! What can be registered, and what it is called.
//!
//! The reactor itself does not need it. An observer does: "a TCP listener" says more than
//! "source 1".

use crate::trace::SourceKind;

/// A mio object that knows what it is.
pub(crate) trait Kind: mio::event::Source {
    fn kind(&self) -> SourceKind;

    /// Whether a transfer of less than was asked for proves that the direction is drained:
    /// nothing to read is left, or no room to write. `registration.rs` says of which this is true.
    fn short_is_proof(&self) -> bool {
        false
    }

    /// The descriptor of one whose events may speak of urgent data.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn descriptor(&self) -> Option<i32> {
        None
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $object:path => $kind:ident;)*) => {$(
        $(#[$meta])*
        impl Kind for $object {
            fn kind(&self) -> SourceKind {
                SourceKind::$kind
            }
        }
    )*};
}

kinds! {
    mio::net::TcpListener => TcpListener;
    mio::net::UdpSocket => UdpSocket;
    #[cfg(unix)] mio::net::UnixListener => UnixListener;
    #[cfg(unix)] mio::net::UnixStream => UnixStream;
    #[cfg(unix)] mio::net::UnixDatagram => UnixDatagram;
    #[cfg(unix)] mio::unix::pipe::Sender => Pipe;
    #[cfg(unix)] mio::unix::pipe::Receiver => Pipe;
}

impl Kind for mio::net::TcpStream {
    fn kind(&self) -> SourceKind {
        SourceKind::TcpStream
    }

    fn short_is_proof(&self) -> bool {
        // Only there can the reactor ask to be told of urgent data.
        cfg!(any(target_os = "linux", target_os = "android"))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn descriptor(&self) -> Option<i32> {
        Some(std::os::fd::AsRawFd::as_raw_fd(self))
    }
}
