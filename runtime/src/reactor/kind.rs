//! What can be registered, and what it is called.
//!
//! The reactor itself does not care. Whoever looks at the machine does: "a TCP listener" says more
//! than "source 1".

use crate::trace::SourceKind;

/// A mio object that knows what it is.
pub(crate) trait Kind: mio::event::Source {
    fn kind(&self) -> SourceKind;
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
    mio::net::TcpStream => TcpStream;
    mio::net::UdpSocket => UdpSocket;
    #[cfg(unix)] mio::net::UnixListener => UnixListener;
    #[cfg(unix)] mio::net::UnixStream => UnixStream;
    #[cfg(unix)] mio::net::UnixDatagram => UnixDatagram;
    #[cfg(unix)] mio::unix::pipe::Sender => Pipe;
    #[cfg(unix)] mio::unix::pipe::Receiver => Pipe;
}
