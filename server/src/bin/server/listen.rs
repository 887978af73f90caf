//! Where the program listens: at a port, alone or with others, or at a socket in the file system.
//!
//! A port is shared by SO_REUSEPORT: several processes have a listening socket each, and the kernel
//! spreads the connections over them. Any program of the same user may join them if it asks for it, so
//! [`reserve`] first tries the port without the option, and finds out whether it is taken.
//!
//! The file of a socket outlives its process. A second process that wants the same path asks the socket:
//! if nothing answers, the file is what a dead process has left, and is removed. How it can go wrong: two
//! processes do this at the same moment, and the second removes the socket of the first. Start one.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use runtime::net::{TcpListener, TcpSocket, UnixListener, UnixStream};

use crate::leash::worker_at;
use crate::local_error::is_local;

/// How an address begins that is a path.
const UNIX: &str = "unix:";

const HINT: &str = "give HOST:PORT, for example --addr 127.0.0.1:3000, or unix:PATH";

/// Where the program listens.
pub(crate) enum Place {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

impl Place {
    /// Listens where a worker is told to, or else where the command line says.
    pub(crate) async fn open(addr: &str) -> Result<Self, String> {
        if let Some(at) = worker_at() {
            let listener = shared(at).and_then(|socket| socket.listen(128));
            let listener = listener.map_err(|error| refused(&at.to_string(), &error))?;
            return Ok(Place::Tcp(listener));
        }
        match path(addr) {
            Some(path) => unix(path).await,
            None => tcp(addr).await.map(Place::Tcp),
        }
    }

    /// The one line that says where it listens.
    pub(crate) fn line(&self) -> Result<String, String> {
        match self {
            Place::Tcp(listener) => match listener.local_addr() {
                Ok(addr) => Ok(line(addr)),
                Err(error) => Err(format!("cannot tell the address: {error}")),
            },
            Place::Unix(_, file) => Ok(format!("listening on {UNIX}{}\n", file.path.display())),
        }
    }
}

/// The line for a port.
pub(crate) fn line(addr: SocketAddr) -> String {
    format!("listening on http://{addr}\n")
}

/// The path, if the address is one.
pub(crate) fn path(addr: &str) -> Option<&Path> {
    addr.strip_prefix(UNIX).map(Path::new)
}

/// Binds the first of the addresses behind what was typed that can be bound.
async fn tcp(addr: &str) -> Result<TcpListener, String> {
    let addrs = resolve(addr)?;
    let listener = TcpListener::bind(&addrs[..]).await;
    listener.map_err(|error| refused(addr, &error))
}

/// Takes an address for several processes, which listen at it later ([`Place::open`]). The socket
/// keeps the port and gets no connections, because it does not listen.
pub(crate) async fn reserve(addr: &str) -> Result<(TcpSocket, SocketAddr), String> {
    let alone = tcp(addr).await?;
    let at = alone.local_addr().map_err(|error| refused(addr, &error))?;
    drop(alone);
    let socket = shared(at).map_err(|error| refused(addr, &error))?;
    Ok((socket, at))
}

fn shared(at: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match at {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(at)?;
    Ok(socket)
}

/// A socket in the file system. Its file is removed with this value, unless another one has taken
/// its place.
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

async fn unix(path: &Path) -> Result<Place, String> {
    let addr = format!("{UNIX}{}", path.display());
    if path.as_os_str().is_empty() {
        return Err(format!("bad address {addr:?}: {HINT}"));
    }
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            remove_stale(path).await?;
            UnixListener::bind(path)
        }
        outcome => outcome,
    };
    let listener = listener.map_err(|error| refused(&addr, &error))?;
    let path = path.to_owned();
    let identity = identity(&path);
    Ok(Place::Unix(listener, SocketFile { path, identity }))
}

/// Removes the socket of a process that is gone.
async fn remove_stale(path: &Path) -> Result<(), String> {
    let addr = format!("{UNIX}{}", path.display());
    let is_socket = path
        .symlink_metadata()
        .is_ok_and(|found| found.file_type().is_socket());
    if !is_socket {
        return Err(format!(
            "cannot listen on {addr}: there is a file of this name that is no socket; choose \
             another path"
        ));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(|error| refused(&addr, &error))
        }
        Err(error) if is_local(&error) => Err(refused(&addr, &error)),
        // Also one that has no room for another connection: something listens there.
        _ => Err(refused(&addr, &io::ErrorKind::AddrInUse.into())),
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = path.symlink_metadata().ok()?;
    Some((found.dev(), found.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.identity.is_some() && self.identity == identity(&self.path) {
            // If it cannot be removed, the next process finds it stale.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

fn refused(addr: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            let what = path(addr).map_or("port", |_| "path");
            format!("cannot listen on {addr}: {}", taken(what, "--addr"))
        }
        _ => format!("cannot listen on {addr}: {error}"),
    }
}

/// What is said of a port or path at which another program listens. `option` chooses it.
pub(crate) fn taken(what: &str, option: &str) -> String {
    format!("another program does already; stop it or choose another {what} with {option}")
}

/// Whether the program, told to listen at `addr`, would take the port of `other`, too.
pub(crate) fn takes(addr: &str, other: SocketAddr) -> bool {
    let is_same = |one: SocketAddr| {
        let is_all = one.ip().is_unspecified() && (one.is_ipv6() || other.is_ipv4());
        is_all || one.ip() == other.ip()
    };
    let addrs = addr.to_socket_addrs().into_iter().flatten();
    let mut those = addrs.filter(|one| one.port() == other.port() && one.port() != 0);
    path(addr).is_none() && those.any(is_same)
}

fn resolve(addr: &str) -> Result<Vec<SocketAddr>, String> {
    let addrs = addr
        .to_socket_addrs()
        .map_err(|error| format!("bad address {addr:?}: {error}; {HINT}"))?;
    Ok(addrs.collect())
}
