//! Runs one of the examples and hands back what it printed.
//!
//! `cargo test` builds the examples too, so they lie beside the test binary. A run of one
//! test alone (`cargo test --test examples`) does not build them; then it is done here, so
//! that no test compares the output of last week's program. Whether it is last week's is asked
//! of the example's own files and of all that the workspace's crates are made of.

use super::{files, relative, root};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Only a hanging example meets it: none takes more than a second or two, but the stepper may build a
/// program first.
const PATIENCE: Duration = Duration::from_secs(300);

/// What `cargo run -q --example NAME -- ARGS` prints on standard output.
pub(crate) fn example(name: &str, args: &[&str]) -> Result<String, String> {
    run(name, Command::new(binary(name)?).args(args))
}

/// The same where a variable of the environment is not set.
pub(crate) fn example_without(name: &str, variable: &str) -> Result<String, String> {
    run(name, Command::new(binary(name)?).env_remove(variable))
}

fn run(name: &str, command: &mut Command) -> Result<String, String> {
    let mut child = command
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("example {name}: cannot be started: {error}"))?;
    let (stdout, stderr) = read(&mut child, name)?;
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(stdout);
    }
    Err(format!(
        "example {name}: ended with {status}\n--- standard output\n{stdout}\n\
         --- standard error\n{stderr}\n---"
    ))
}

/// Reads both streams to their end, on threads, so that neither can fill up and block.
fn read(child: &mut Child, name: &str) -> Result<(String, String), String> {
    let stdout = drain(child.stdout.take().expect("is piped"));
    let stderr = drain(child.stderr.take().expect("is piped"));
    let both = stdout
        .recv_timeout(PATIENCE)
        .and_then(|out| Ok((out, stderr.recv_timeout(PATIENCE)?)));
    both.map_err(|_| {
        let _ = child.kill();
        format!(
            "example {name}: still running after {} s",
            PATIENCE.as_secs()
        )
    })
}

fn drain(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// The program, built if need be.
pub(crate) fn binary(name: &str) -> Result<PathBuf, String> {
    let profile = profile_folder();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = profile.join("examples").join(file);
    if !sources(name).iter().all(|source| is_newer(&path, source)) {
        build(name, &profile)?;
    }
    Ok(path)
}

/// What the example is made of: its own files, and the crates of this workspace.
fn sources(name: &str) -> Vec<PathBuf> {
    let mut sources = own_sources(name);
    let says = |what: &str| {
        let texts = sources.iter().map(fs::read_to_string);
        texts.flatten().any(|text| text.contains(what))
    };
    let mut crates = vec!["runtime/src", "runtime/macros/src"];
    for (name, folder) in [("server::", "server/src"), ("story::", "runtime/story/src")] {
        crates.extend(says(name).then_some(folder));
    }
    sources.extend(crates.iter().flat_map(|it| files(&root().join(it), ".rs")));
    sources
}

/// The example's own file or folder, those of `examples/support` that it names, and the other example that
/// the stepper has in it.
fn own_sources(name: &str) -> Vec<PathBuf> {
    let folder = root().join("examples");
    let mut own = match folder.join(name).is_dir() {
        true => files(&folder.join(name), ".rs"),
        false => vec![folder.join(format!("{name}.rs"))],
    };
    let mut others = files(&folder.join("support"), ".rs");
    others.insert(0, folder.join("tiny_runtime.rs"));
    for other in others {
        let named = format!("{}\"]", relative(&other).replace("examples/", ""));
        let texts = own.iter().map(fs::read_to_string);
        if texts.flatten().any(|text| text.contains(&named)) {
            own.push(other);
        }
    }
    own
}

/// `target/debug` or `target/release`: this test binary lies in `deps` below it.
fn profile_folder() -> PathBuf {
    let me = std::env::current_exe().expect("a running test knows its file");
    let deps = me.parent().expect("which lies in a folder");
    deps.parent().expect("below the profile's").to_owned()
}

fn is_newer(program: &Path, source: &Path) -> bool {
    let age = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    matches!((age(program), age(source)), (Some(program), Some(source)) if program >= source)
}

/// The package that says that the example is its own.
pub(crate) fn package(name: &str) -> &'static str {
    let manifest = fs::read_to_string(root().join("examples/Cargo.toml"));
    let is_there = manifest.is_ok_and(|it| it.contains(&format!("\nname = \"{name}\"\n")));
    if is_there { "examples" } else { "treadle" }
}

fn build(name: &str, profile: &Path) -> Result<(), String> {
    let mut cargo = Command::new(env!("CARGO"));
    let package = package(name);
    cargo.args(["build", "--quiet", "--package", package, "--example", name]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let target = profile.parent().expect("the target folder");
    cargo.arg("--target-dir").arg(target).current_dir(root());
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("example {name}: does not build: {other:?}")),
    }
}
