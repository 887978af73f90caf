//! Running the program, recorded.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::find::Target;

/// How often it is asked whether the program has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs it, for so long at most, and says how it ended. What it prints goes to the standard error: the
/// standard output is the stepper's own.
pub(crate) fn run(
    program: &Path,
    target: &Target,
    recording: &Path,
    patience: Duration,
    quiet: bool,
) -> io::Result<String> {
    let mut command = Command::new(program);
    command.env("TREADLE_RECORD", recording);
    // As `cargo run` does: below this folder the runtime looks for the sources.
    command.env("CARGO_MANIFEST_DIR", &target.folder);
    command.stdin(Stdio::null());
    if quiet {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    } else {
        command.stdout(io::stderr());
    }
    let mut child = command.spawn()?;
    Ok(match wait(&mut child, patience)? {
        Some(status) if status.success() => "The program ended by itself.".to_owned(),
        Some(status) => format!("The program failed: {status}."),
        None => format!(
            "The program had not ended after {} s, and was ended then; --for gives it longer.",
            patience.as_secs()
        ),
    })
}

/// Waits for the end, and makes an end of it if it does not come.
fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
