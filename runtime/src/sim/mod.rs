//! Several hosts on one virtual clock, one seed and one thread.
//!
//! A test of a distributed program wants to see what happens when the network breaks, when a server dies in the
//! middle of a request, when an answer takes a minute; and it wants to see it again. Here each **host** is a
//! runtime of its own. The program in it uses [`net`](crate::net), [`fs`](crate::fs) and [`time`](crate::time) as
//! always; the sockets that it makes belong to a network in memory, and its files to a disk in memory. Time passes only when no host has anything left to do,
//! so an hour takes as long as what happens in it. All chance comes from one **seed**: the same seed gives the
//! same events, at the same moments.
//!
//! ```
//! use runtime::io::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::{TcpListener, TcpStream};
//! use runtime::sim::Builder;
//!
//! let mut sim = Builder::new().rng_seed(7).build();
//! sim.host("server", || async {
//!     let listener = TcpListener::bind("0.0.0.0:80").await?;
//!     loop {
//!         let (mut stream, _) = listener.accept().await?;
//!         stream.write_all(b"hello").await?;
//!     }
//! });
//! sim.client("client", async {
//!     let mut stream = TcpStream::connect("server:80").await?;
//!     let mut text = String::new();
//!     stream.read_to_string(&mut text).await?;
//!     assert_eq!(text, "hello");
//!     Ok(())
//! });
//! sim.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//!
//! [`Sim::run`] is a loop. Each host is stepped ([`Runtime::step`](crate::runtime::Runtime::step)) until it says
//! that it would park. Then the time moves to the next moment at which anything will happen: a timer
//! of a host, an arrival in the network, the end of a call of a disk, a fault. A simulated socket is registered with the host's reactor as one
//! of the system is, and becomes ready in the same way (`net/system.rs`, `net/simulated/`). A call of `fs` is a job, as one on
//! the pool is, and is done without a thread (`fs/system.rs`, `fs/simulated/`). So a recording
//! of a host shows what one of a real program shows.
//!
//! # What is modelled
//!
//! | | |
//! |---|---|
//! | TCP | connect, accept, the backlog (a full one leaves the client waiting), half-close, reset, a receive buffer of 64 KiB, short writes, delays, a bound on the bandwidth; what is lost is sent again, with the pauses of Linux, and after them the connection is given up; zero-window probes |
//! | UDP | delays, so that one datagram overtakes another; loss; a queue of 256; a connected socket hears that no socket is at its peer's address |
//! | names | the names of the hosts, and `localhost`. The first host has the address 10.0.0.1, the next 10.0.0.2 |
//! | files | all of [`fs`](crate::fs) but links, custom flags, permissions of directories, and what goes to or comes from the standard library. A path begins at `/` of the host's own disk, which outlives the host. A call takes 0.1 to 1 ms; one that is on its way when the host crashes is not done. The disk may be [full](Sim::set_disk_capacity), [broken](Sim::set_disk_errors) or slow, always or [for a while](Trouble::DiskFull) |
//! | a crash, for the disk | what was [not synced](Unsynced) is kept, lost or torn, by chance: of a file's bytes the writes up to some moment and a part of the next, or any sectors of 512 bytes, with zeros where the length has grown; of the names in a directory (made, removed, renamed) the changes up to some moment. A rename is whole or not at all |
//! | a sync | `sync_data` makes the bytes durable; `sync_all` also the file's name, those of the directories above it, and what came before in these directories; `sync_all` of a directory, which is opened as a [`File`](crate::fs::File), the names in it. Permissions and times are durable at once |
//! | a host | [crashes](Sim::crash) and [comes back](Sim::bounce): its program starts anew, its connections are reset. Its clock may [jump](Trouble::Ahead) ahead, and its [time of day](since_epoch) be [behind](Trouble::Behind) |
//! | the system | answers [oddly](Sim::set_odd_answers), if it is asked to: "would block" too early, news too late or untrue, `EMFILE`, `ECONNABORTED` |
//! | signals | a host hears those that the test [sends](Sim::signal). What is sent to the process, such as a Ctrl-C, has its usual effect |
//! | options | are stored without effect; only a time to linger of zero acts: it resets |
//!
//! What is not modelled: urgent data, multicast (joining a group is refused), broadcast, links that keep
//! packets until they are let go, hosts that lose their power (one that crashes resets its connections, as a process that is
//! killed does; for a host that falls silent, [part](Sim::partition) it from the others first), the standard library's sockets
//! and files ([`into_std`](crate::net::TcpStream::into_std) is refused), addresses of IPv6 but the loopback's, Unix sockets and
//! pipes with a name (refused). Those without a name (`pair`, `pipe`),
//! processes, threads and what `std::fs` does are the machine's, also a file that the standard library has opened
//! ([`from_std`](crate::fs::File::from_std)). A simulated file's descriptor is that of an empty file: locks and mappings act on that
//! one. Its device and inode numbers mean nothing. A directory's metadata says only that it is one.
//! Times of files are simulated; the simulation begins on 1 January 2026. A host's
//! clock is paused: [`time::advance`](crate::time::advance) moves it ahead of the others',
//! [`time::resume`](crate::time::resume) panics. There is no standard input (to read it is an error); output is the machine's. [`SystemTime`](std::time::SystemTime) is the machine's; [`since_epoch`] is the host's.
//!
//! The simulation waits for work on the [blocking pool](crate::task::spawn_blocking), and no time passes meanwhile.
//! So work that waits for what the program does later never ends (after ten seconds a line on standard error names the seed and the host), and of two jobs at once, which ends first is up to
//! the machine.
//!
//! Each socket, each open file and each host takes descriptors of the process; the usual limit of 1,024 is enough for some hundreds of
//! connections. A socket belongs to the host that made it, and is used by that host only. An open file stays a file of its
//! host's disk, also if another host uses it.
//!
//! # The real machine
//!
//! What a simulated network answers oddly, the real system may answer, too. A runtime that is no host of a
//! simulation has it do so, by a seed: [`odd_answers`](crate::runtime::Builder::odd_answers) of its builder has sockets and
//! pipes of the system say "would block" too early, has calls be interrupted by signals (`EINTR`), transfers
//! be short, events be late or untrue; [`odd_refusals`](crate::runtime::Builder::odd_refusals) has no descriptors be left
//! (`EMFILE`) and clients give up (`ECONNABORTED`); [`odd_clock`](crate::runtime::Builder::odd_clock) has the clock
//! jump. The first a program must not notice, the others it must survive. The environment variable
//! `TREADLE_ODD=0.05` does it to each runtime of a program whose builder does not say, so that a whole test suite can be
//! run below it. (`machine/reactor/odd.rs`)
//!
//! # Seeing it
//!
//! With the feature `serde`, a seed that fails [leaves](seeds()) a recording of each life of a host, in one folder. The stepper opens all of them at once
//! (`cargo run --example stepper -- FOLDER`): a lane for each host, and a step is the next event of any. For that,
//! the recording of a host has its [lane](crate::trace::Lane): when the host was run, on the clock that all
//! share, and because of which deed of which host its sockets became ready. A [fault](Fault) is told in the recordings of the
//! hosts that it concerns, where it begins and where it ends. Only a simulation that
//! [records](Builder::record) takes note of that.
//!
//! How it can go wrong: a program that asks something else for the time or for chance (the standard library's
//! clock, a `HashMap`'s order, the address of an allocation) does not do the same thing twice.

mod builder;
mod change;
mod failure;
mod fault;
mod host;
mod lane;
mod patience;
mod random;
mod seeds;
mod settings;
mod world;

use std::io;
use std::net::IpAddr;
use std::time::Duration;

pub use crate::fs::simulated::Unsynced;
pub use builder::Builder;
pub use failure::{Failure, Result};
pub use fault::{Fault, Trouble};
pub use seeds::seeds;
#[cfg(feature = "macros")]
pub use seeds::sim_test;
pub use world::Sim;

use crate::base::wall;
use crate::net::simulated;

/// The address of the host of this name.
///
/// # Errors
///
/// If there is no such host (of kind `NotFound`).
///
/// # Panics
///
/// If this is not called by the program of a host.
///
/// ```
/// let mut sim = runtime::sim::Builder::new().build();
/// sim.client("one", async {
///     assert_eq!(runtime::sim::lookup("one")?.to_string(), "10.0.0.1");
///     Ok(())
/// });
/// sim.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn lookup(host: &str) -> io::Result<IpAddr> {
    here().lookup(host)
}

/// The simulated time since the simulation began. It is the same for all hosts.
///
/// # Panics
///
/// If this is not called by the program of a host.
#[track_caller]
pub fn elapsed() -> Duration {
    here().network.now()
}

/// The time of day, as the clock of this host says it: the time since 1970. `None` if this is not called by the program of a
/// host; a program under test asks here first, and then the system.
///
/// A thread of the [blocking pool](crate::task::spawn_blocking) runs no host: ask before, and take the answer along.
///
/// It begins on 1 January 2026, and goes on with the time of the host, back also: see [`Trouble::Behind`] and
/// [`Trouble::Ahead`]. [`SystemTime`](std::time::SystemTime) is the machine's.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
///
/// fn time_of_day() -> SystemTime {
///     match runtime::sim::since_epoch() {
///         Some(since) => UNIX_EPOCH + since,
///         None => SystemTime::now(),
///     }
/// }
///
/// let mut sim = runtime::sim::Builder::new().build();
/// sim.client("one", async {
///     let before = time_of_day();
///     runtime::time::sleep(Duration::from_secs(3600)).await;
///     assert_eq!(time_of_day(), before + Duration::from_secs(3600));
///     Ok(())
/// });
/// sim.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn since_epoch() -> Option<Duration> {
    wall::read()
}

/// Nothing gets through between two hosts from now on, in both directions. What TCP sends meanwhile is
/// sent again later; datagrams are lost.
///
/// # Panics
///
/// If this is not called by the program of a host, or there is no host of that name.
#[track_caller]
pub fn partition(one: &str, other: &str) {
    change::set_broken(&here().network, one, other, true);
}

/// Ends a [`partition`].
///
/// # Panics
///
/// As `partition`.
#[track_caller]
pub fn repair(one: &str, other: &str) {
    change::set_broken(&here().network, one, other, false);
}

/// Nothing gets through from one host to another from now on. What the other sends does get through, but it hears no
/// answer: TCP sends it again, which the program that receives it does not see, and gives the connection up in the end.
///
/// # Panics
///
/// As [`partition`].
#[track_caller]
pub fn partition_oneway(from: &str, to: &str) {
    change::change_link(&here().network, from, to, |link| link.broken = true);
}

/// Ends a [`partition_oneway`], and that half of a [`partition`].
///
/// # Panics
///
/// As `partition`.
#[track_caller]
pub fn repair_oneway(from: &str, to: &str) {
    change::change_link(&here().network, from, to, |link| link.broken = false);
}

#[track_caller]
fn here() -> simulated::Host {
    match simulated::current() {
        Some(host) => host,
        None => {
            panic!("this thread runs no host of a simulation: call this from the program of one")
        }
    }
}
