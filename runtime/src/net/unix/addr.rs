//! The address of a Unix socket: a path, an abstract name, or none.

use std::fmt;
use std::io;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::Path;

/// The address of a Unix socket.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let (near, _far) = runtime::net::UnixStream::pair()?;
/// assert!(near.peer_addr()?.is_unnamed());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SocketAddr(pub(super) net::SocketAddr);

impl SocketAddr {
    /// Whether it is no name at all.
    ///
    /// ```
    /// let addr = std::os::unix::net::SocketAddr::from_pathname("/tmp/a")?;
    /// assert!(!runtime::net::unix::SocketAddr::from(addr).is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path, if it is one.
    ///
    /// ```
    /// let addr = std::os::unix::net::SocketAddr::from_pathname("/tmp/a")?;
    /// let addr = runtime::net::unix::SocketAddr::from(addr);
    /// assert_eq!(addr.as_pathname(), Some(std::path::Path::new("/tmp/a")));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }

    /// The abstract name, if it is one, without the zero byte before it.
    ///
    /// ```
    /// use std::os::linux::net::SocketAddrExt;
    /// let addr = std::os::unix::net::SocketAddr::from_abstract_name("loom")?;
    /// let addr = runtime::net::unix::SocketAddr::from(addr);
    /// assert_eq!(addr.as_abstract_name(), Some(&b"loom"[..]));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        abstracts::SocketAddrExt::as_abstract_name(&self.0)
    }
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(addr: net::SocketAddr) -> SocketAddr {
        SocketAddr(addr)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(addr: SocketAddr) -> net::SocketAddr {
        addr.0
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address that `path` stands for: an abstract one, if it begins with a zero byte.
pub(super) fn of_path(path: &Path) -> io::Result<net::SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(name) = path.as_os_str().as_bytes().strip_prefix(b"\0") {
        return <net::SocketAddr as abstracts::SocketAddrExt>::from_abstract_name(name);
    }
    net::SocketAddr::from_pathname(path)
}

#[cfg(target_os = "android")]
use std::os::android::net as abstracts;
#[cfg(target_os = "linux")]
use std::os::linux::net as abstracts;
