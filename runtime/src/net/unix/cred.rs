//! Which process is at the other end of a Unix socket.
//!
//! The operating system remembers which process connected, and cannot be lied to: so a service may let in
//! one user and not another without a password. It tells what was true when the connection was
//! made; the process may be gone by now, and its number given to another.

/// A user's number.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type uid_t = u32;
/// A group's number.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type gid_t = u32;
/// A process's number.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type pid_t = i32;

/// A process, its user and its group; see [`UnixStream::peer_cred`](super::UnixStream::peer_cred).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let (near, far) = runtime::net::UnixStream::pair()?;
/// let (me, you) = (near.peer_cred()?, far.peer_cred()?);
/// assert_eq!((me.uid(), me.gid()), (you.uid(), you.gid()));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// The user that the process runs as.
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The group that the process runs as.
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The process, where the system tells it.
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}

/// The process that connected the other end of `socket`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn of_peer<S: std::os::fd::AsFd>(socket: &S) -> std::io::Result<UCred> {
    let cred = rustix::net::sockopt::socket_peercred(socket)?;
    Ok(UCred {
        pid: Some(cred.pid.as_raw_nonzero().get()),
        uid: cred.uid.as_raw(),
        gid: cred.gid.as_raw(),
    })
}
