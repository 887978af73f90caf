//! The program as a process: started, read, ended.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use runtime::time::{Duration, Instant, sleep};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to end: its own limit is 9 seconds.
const END: Duration = Duration::from_secs(15);

/// How long a process may take to come to rest. Connections whose client is gone without
/// a word are closed by timeouts of 10 to 60 seconds, but no bad client here stays that long.
const REST: Duration = Duration::from_secs(10);

/// What a process has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// Its memory in KiB (resident set).
    pub(crate) memory: u64,
    pub(crate) descriptors: u64,
}

/// A process with a folder of its own. Both are gone when this is dropped.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
    folder: PathBuf,
}

/// The server that cargo has built: the release, if there is one.
pub(crate) fn built() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = here
        .ancestors()
        .nth(3)
        .ok_or("not started by cargo: give the path")?;
    let mut places = ["release", "debug"].map(|it| target.join(it).join("server"));
    let found = places.iter_mut().find(|it| it.exists());
    found
        .map(std::mem::take)
        .ok_or_else(|| "no server is built: cargo build --release -p server".to_owned())
}

impl Program {
    pub(crate) fn start(
        name: &'static str,
        binary: &Path,
        arguments: &[&str],
    ) -> Result<Self, String> {
        let folder = format!("treadle-soak-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let mut child = Command::new(binary)
            .args(["--addr", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", binary.display()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line);
            read.map_err(|error| error.to_string())?;
        }
        let address = line.trim_end().strip_prefix("listening on http://");
        match address.and_then(|it| it.parse().ok()) {
            Some(address) => Ok(Program {
                name,
                address,
                child,
                folder,
            }),
            None => {
                // It has ended already, or it says something that is not for us.
                drop((child.kill(), child.wait()));
                Err(format!("{name}: no address in {line:?}"))
            }
        }
    }

    /// What the process has when its number of descriptors has not changed for a second.
    pub(crate) async fn at_rest(&self) -> Result<Reading, String> {
        let until = Instant::now() + REST;
        let (mut reading, mut since) = (self.read()?, Instant::now());
        while since.elapsed() < Duration::from_secs(1) && Instant::now() < until {
            sleep(Duration::from_millis(100)).await;
            let next = self.read()?;
            if next.descriptors != reading.descriptors {
                since = Instant::now();
            }
            reading = next;
        }
        Ok(reading)
    }

    fn read(&self) -> Result<Reading, String> {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let gone = |error| format!("{}: the process cannot be read: {error}", self.name);
        let status = fs::read_to_string(process.join("status")).map_err(gone)?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok());
        Ok(Reading {
            memory: memory.ok_or_else(|| format!("{}: it has ended", self.name))?,
            descriptors: fs::read_dir(process.join("fd")).map_err(gone)?.count() as u64,
        })
    }

    /// Asks the process to end, and says what was wrong with its end.
    pub(crate) async fn end(mut self) -> Result<(), String> {
        let wrong = |what: String| Err(format!("{}: {what}", self.name));
        let pid = Pid::from_child(&self.child);
        if let Err(error) = kill_process(pid, Signal::TERM) {
            return wrong(format!("SIGTERM cannot be sent: {error}"));
        }
        let began = Instant::now();
        while began.elapsed() < END {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => {
                    println!(
                        "{}: exit code 0, {} ms after SIGTERM",
                        self.name,
                        began.elapsed().as_millis()
                    );
                    return Ok(());
                }
                Ok(Some(status)) => return wrong(format!("it ended with {status}")),
                Ok(None) => sleep(Duration::from_millis(10)).await,
                Err(error) => return wrong(error.to_string()),
            }
        }
        wrong(format!("it did not end within {END:?}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Of a process that has ended, nothing is left to end.
        drop((self.child.kill(), self.child.wait()));
        drop(fs::remove_dir_all(&self.folder));
    }
}
