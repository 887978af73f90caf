//! A PostgreSQL of a test's own, on a socket in a temporary folder.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Stopped, and gone, when the test ends.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    owner: Option<String>,
}

impl Postgres {
    /// Starts one. Where there is none to start, a line says so, and the test has nothing to do.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("SKIPPED: orders in PostgreSQL: initdb and pg_ctl are not there");
            return None;
        };
        // PostgreSQL refuses to run as root. Then another user owns it.
        let owner = (said("id", &["-u"])? == "0").then(|| match said("id", &["-u", "postgres"]) {
            Some(_) => "postgres".to_owned(),
            None => "nobody".to_owned(),
        });
        let folder = TempDir::new().expect("a folder");
        if let Some(owner) = &owner {
            let path = folder.path().to_str()?;
            said("chown", &[owner, path]).expect("root may");
        }
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), all).expect("our folder");
        let postgres = Postgres {
            folder,
            programs,
            owner,
        };
        let how = [
            "--auth=trust",
            "--username=treadle",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ];
        postgres.run("initdb", &how);
        postgres.start_again();
        Some(postgres)
    }

    pub(crate) fn start_again(&self) {
        let folder = self.folder.path().display();
        let options =
            format!("-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off");
        let log = format!("--log={folder}/log");
        self.run("pg_ctl", &["start", "--wait", &log, "--options", &options]);
    }

    /// What is under way is broken off, and nothing is put in order.
    pub(crate) fn crash(&mut self) {
        self.run("pg_ctl", &["stop", "--wait", "--mode=immediate"]);
    }

    /// At once: what is under way is broken off.
    pub(crate) fn stop(&mut self) {
        self.run("pg_ctl", &["stop", "--wait", "--mode=fast"]);
    }

    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().to_str().expect("a plain name");
        format!("postgres://treadle@{}/postgres", folder.replace('/', "%2F"))
    }

    /// Has a statement run.
    pub(crate) fn sql(&self, sql: &str) {
        let url = self.url();
        let mut command = Command::new("psql");
        let status = command.args(["--quiet", &url, "--command", sql]).status();
        assert!(status.expect("it runs").success(), "{sql}");
    }

    fn run(&self, name: &str, more: &[&str]) {
        assert!(
            self.command(name, more)
                .status()
                .expect("it runs")
                .success(),
            "{name}"
        );
    }

    fn command(&self, name: &str, more: &[&str]) -> Command {
        let program = self.programs.join(name);
        let mut command = match &self.owner {
            Some(owner) => {
                let mut command = Command::new("runuser");
                command.args(["-u", owner, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        let folder = self.folder.path();
        command.arg("-D").arg(folder.join("data")).args(more);
        // Not the folder that the test is in: it may be closed to the owner. And no pipe: the database
        // would keep it open.
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self
            .command("pg_ctl", &["stop", "--wait", "--mode=immediate"])
            .status();
    }
}

/// The folder of initdb and pg_ctl: Debian keeps them off the PATH, a version beside the other.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = Path::new("/usr/lib/postgresql").read_dir();
    folders.extend(
        versions
            .into_iter()
            .flatten()
            .flatten()
            .map(|it| it.path().join("bin")),
    );
    let is_there = |it: &PathBuf| it.join("initdb").is_file() && it.join("pg_ctl").is_file();
    folders.into_iter().find(is_there)
}

/// What a command prints, if it succeeds.
fn said(name: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(name).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
