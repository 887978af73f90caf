//! What can be set on a socket.
//!
//! An option is a switch or a number that the operating system keeps with each socket; nothing is
//! remembered here. A connection that is accepted begins with the options of its listener. What
//! they mean is the system's business: it rounds, doubles and refuses as it pleases, and an option
//! of IPv6 is an error on a socket of IPv4.
//!
//! The getter and the setter of an option differ in nothing but their names. So a socket has a
//! table of its options, and a macro writes both methods of each line: `tcp/options.rs`,
//! `udp/options.rs`.

/// Writes a getter and a setter for each option of a socket. A line is the option's meaning,
/// whatever else is to be said of it, both names, the type, and the names of the crate socket2.
macro_rules! options {
    ($Socket:ident, |$socket:ident| $of_system:expr; $(
        #[doc = $meaning:literal] $(#[$more:meta])*
        $get:ident, $set:ident: $type:ty = $get_of:ident, $set_of:ident;
    )*) => {
        impl $Socket {$(
            #[doc = concat!("Returns", $meaning, ".")]
            ///
            $(#[$more])*
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn $get(&self) -> std::io::Result<$type> {
                let $socket = self;
                socket2::SockRef::from($of_system).$get_of()
            }

            #[doc = concat!("Sets", $meaning, ".")]
            ///
            $(#[$more])*
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn $set(&self, value: $type) -> std::io::Result<()> {
                let $socket = self;
                socket2::SockRef::from($of_system).$set_of(value)
            }
        )*}
    };
}
pub(super) use options;

/// The network device of a socket, which is got as bytes and set, or not, by a name.
#[cfg(any(target_os = "linux", target_os = "android"))]
macro_rules! device {
    ($Socket:ident, |$socket:ident| $of_system:expr) => {
        impl $Socket {
            /// The network device that the socket is bound to, if any (`SO_BINDTODEVICE`).
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn device(&self) -> std::io::Result<Option<Vec<u8>>> {
                let $socket = self;
                socket2::SockRef::from($of_system).device()
            }

            /// Binds the socket to a network device by its name, or to none (`SO_BINDTODEVICE`).
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn bind_device(&self, interface: Option<&[u8]>) -> std::io::Result<()> {
                let $socket = self;
                socket2::SockRef::from($of_system).bind_device(interface)
            }
        }
    };
}
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use device;
