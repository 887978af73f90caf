//! What the compiler says about mistakes in programs, and where.
//!
//! Each file in the folder is a small program with marks at the ends of lines: `//~ error: text`
//! where an error must point (its primary span begins there and its message contains the
//! text), `//~ warning: text` likewise; several may stand in a line. What is not marked must
//! not be complained about; a file without marks must compile in silence.
//!
//! All of them are checked with one run of cargo, as the binaries of packages that are written
//! next to the other build products. Spans and levels are read from the compiler's JSON, so
//! that another version of the compiler may word and draw its explanations otherwise.
//!
//! Nothing here needs the network (the lock file is the workspace's, so that everything
//! has been fetched already), and nothing waits for the cargo that runs this test: the
//! build directory is another one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Something said, or to be said, at a line of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complaint {
    line: u64,
    level: String,
    text: String,
}

impl Complaint {
    fn answers(&self, expected: &Complaint) -> bool {
        (self.line, &self.level) == (expected.line, &expected.level)
            && self.text.contains(&expected.text)
    }
}

/// Programs, and what the compiler shall say of them.
pub(crate) struct Programs {
    /// The folder of the crate's manifest, which has the programs in a folder of its tests.
    pub(crate) krate: &'static str,
    /// The name of the programs' folder.
    pub(crate) folder: &'static str,
    /// Where the scratch packages are written.
    pub(crate) scratch: &'static str,
    /// What the packages' workspace writes besides (`{}` is where the crate is).
    pub(crate) workspace: &'static str,
    /// How a program's name ends, its edition, and what its package writes to depend on the
    /// crate (`{}` is where that is). The last ending is empty.
    pub(crate) packages: &'static [(&'static str, &'static str, &'static str)],
}

/// Checks every program and compares what the compiler says with the program's marks.
pub(crate) fn check(suite: &Programs) {
    let programs = suite.programs();
    let scratch = suite.write_packages(&programs);
    let said = complaints(&cargo_check(&scratch));
    let mut report = String::new();
    for program in programs.keys() {
        let empty = Vec::new();
        let said = said.get(program).unwrap_or(&empty);
        let expected = expected(&programs[program]);
        for missing in expected
            .iter()
            .filter(|e| !said.iter().any(|s| s.answers(e)))
        {
            report += &format!("{program}: was not said: {missing:?}\n");
        }
        for extra in said
            .iter()
            .filter(|s| !expected.iter().any(|e| s.answers(e)))
        {
            report += &format!("{program}: was said unexpectedly: {extra:?}\n");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

impl Programs {
    /// Every program's text, by the name of its file.
    fn programs(&self) -> BTreeMap<String, String> {
        let folder = Path::new(self.krate).join("tests").join(self.folder);
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect()
    }

    /// The packages, each with every program of its kind as a binary.
    fn write_packages(&self, programs: &BTreeMap<String, String>) -> PathBuf {
        let scratch = Path::new(self.scratch).join(self.folder);
        let krate = Path::new(self.krate);
        let path = format!("{krate:?}");
        let shared = self.workspace.replace("{}", &path);
        let root = format!("[workspace]\nmembers = [\"package*\"]\nresolver = \"2\"\n\n{shared}");
        write(&scratch.join("Cargo.toml"), &root);
        write(
            &scratch.join("Cargo.lock"),
            &fs::read_to_string(krate.join("../Cargo.lock")).unwrap(),
        );
        for (suffix, edition, dependencies) in self.packages {
            let name = format!("package{suffix}");
            let package = scratch.join(&name);
            let dependencies = dependencies.replace("{}", &path);
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n\
             {dependencies}"
            );
            write(&package.join("Cargo.toml"), &manifest);
            // A program that was renamed or removed shall not be checked any more.
            let _ = fs::remove_dir_all(package.join("src"));
            for (name, text) in programs
                .iter()
                .filter(|(name, _)| self.suffix_of(name) == *suffix)
            {
                write(&package.join(format!("src/bin/{name}.rs")), text);
            }
        }
        scratch
    }

    fn suffix_of(&self, program: &str) -> &'static str {
        let mut suffixes = self.packages.iter().map(|(suffix, ..)| *suffix);
        let found = suffixes.find(|suffix| program.ends_with(suffix));
        found.expect("the last suffix is empty")
    }
}

/// The marks of a program.
fn expected(program: &str) -> Vec<Complaint> {
    let lines = (1..).zip(program.lines());
    lines
        .flat_map(|(line, text)| text.split("//~ ").skip(1).map(move |mark| (line, mark)))
        .filter_map(|(line, mark)| {
            let (level, text) = mark.split_once(": ")?;
            Some(Complaint {
                line,
                level: level.to_owned(),
                text: text.trim_end().to_owned(),
            })
        })
        .collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What cargo prints, one JSON value a line. It fails, of course: most programs do.
fn cargo_check(scratch: &Path) -> Vec<Value> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--workspace",
            "--bins",
            "--keep-going",
            "--offline",
        ])
        .args(["--message-format=json", "--quiet"])
        .arg("--manifest-path")
        .arg(scratch.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(scratch.join("target"))
        // The marks say "warning", whatever the surrounding build makes of warnings.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo can be run");
    let lines = String::from_utf8(output.stdout).unwrap();
    let values: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let checked = values
        .iter()
        .any(|value| value["reason"] == "compiler-artifact");
    assert!(checked, "{}", String::from_utf8_lossy(&output.stderr));
    values
}

/// The compiler's complaints about each program.
fn complaints(messages: &[Value]) -> BTreeMap<String, Vec<Complaint>> {
    let mut complaints: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in messages
        .iter()
        .filter(|value| value["reason"] == "compiler-message")
    {
        let program = message["target"]["name"].as_str().unwrap().to_owned();
        complaints
            .entry(program)
            .or_default()
            .extend(complaint(message));
    }
    complaints
}

/// One message of the compiler; none if it is only the count of errors at the end.
fn complaint(message: &Value) -> Option<Complaint> {
    let program = message["target"]["src_path"].as_str()?;
    let diagnostic = &message["message"];
    let spans = diagnostic["spans"].as_array()?;
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    Some(Complaint {
        line: line_in(program, primary),
        level: diagnostic["level"].as_str()?.to_owned(),
        text: diagnostic["message"].as_str()?.to_owned(),
    })
}

/// The line where a span begins. A span in the source of a macro counts as the place
/// where the program calls the macro, which is what the compiler shows, too.
fn line_in(program: &str, span: &Value) -> u64 {
    match span["file_name"].as_str() {
        Some(file) if program.ends_with(file) => span["line_start"].as_u64().unwrap(),
        Some(_) => line_in(program, &span["expansion"]["span"]),
        None => 0,
    }
}
