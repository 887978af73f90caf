//! Who is at the other end of a Unix socket.
//!
//! The operating system remembers who connected, and cannot be lied to: so a service may let in
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

/// A process and whose it is; see [`UnixStream::peer_cred`](super::UnixStream::peer_cred).
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let (near, far) = runtime::net::UnixStream::pair()?;
/// let (me, you) = (near.peer_cred()?, far.peer_cred()?);
/// assert_eq!((me.uid(), me.gid()), (you.uid(), you.gid()));
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// The user that the process runs as.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(near.peer_cred()?.uid(), far.peer_cred()?.uid());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The group that the process runs as.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(near.peer_cred()?.gid(), far.peer_cred()?.gid());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The process, where the system tells it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (near, _far) = runtime::net::UnixStream::pair()?;
    /// if let Some(pid) = near.peer_cred()?.pid() {
    ///     assert_eq!(pid as u32, std::process::id());
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}

/// Who connected the other end of `socket`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn of_peer<S: std::os::fd::AsFd>(socket: &S) -> std::io::Result<UCred> {
    let cred = rustix::net::sockopt::socket_peercred(socket)?;
    Ok(UCred {
        pid: Some(cred.pid.as_raw_nonzero().get()),
        uid: cred.uid.as_raw(),
        gid: cred.gid.as_raw(),
    })
}
