//! A learner at work: a copy of the lab is watched, and its stages are saved one after another.
#![forbid(unsafe_code)]

use lab::FILES;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// What the lab needs of the repository, besides its own folder.
const BESIDE: [&str; 5] = [
    "Cargo.lock",
    "examples/expected/tiny_runtime.txt",
    "examples/support/told.rs",
    "examples/tiny_runtime.rs",
    "tests/support/output.rs",
];

fn repository() -> PathBuf {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR"));
    lab.ancestors()
        .nth(2)
        .expect("it lies in examples/")
        .to_owned()
}

/// A workspace with the lab in it and nothing else.
fn copy() -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("learner");
    for file in BESIDE {
        copy_file(&repository().join(file), &to.join(file));
    }
    copy_folder(&repository().join("examples/lab"), &to.join("examples/lab"));
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let (workspace, _) = manifest
        .split_once("\n[package]")
        .expect("the workspace comes first");
    let is_of_others =
        |line: &&str| line.starts_with("members") || line.starts_with("default-members");
    let kept: Vec<&str> = workspace
        .lines()
        .filter(|line| !is_of_others(line))
        .collect();
    let manifest = kept.join("\n").replacen(
        "[workspace]",
        "[workspace]\nmembers = [\"examples/lab\"]",
        1,
    );
    fs::write(to.join("Cargo.toml"), manifest).unwrap();
    to
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &to),
            false => copy_file(&entry.path(), &to),
        }
    }
}

fn copy_file(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, fs::read(from).unwrap()).unwrap();
}

/// The lab, watching.
struct Lab {
    folder: PathBuf,
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Lab {
    fn begin() -> Lab {
        let folder = copy();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "run",
            "--quiet",
            "--offline",
            "--package",
            "lab",
            "--",
            "--watch",
        ]);
        cargo
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("CARGO_NET_OFFLINE", "true");
        cargo.env("LAB_SECONDS", "120");
        let mut child = cargo
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Lab {
            folder,
            child,
            lines,
        }
    }

    /// What the lab says, up to where it waits.
    fn says(&mut self) -> String {
        let mut said = String::new();
        loop {
            let before = said.len();
            let count = self.lines.read_line(&mut said).unwrap();
            assert!(count > 0, "the lab has ended: {said}");
            if said[before..].starts_with("The lab waits until you save") {
                return said;
            }
        }
    }

    /// Saves a stage, in one go, as editors do.
    fn save(&self, file: &str, text: &str) {
        let beside = self.folder.join("saved");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, self.folder.join("examples/lab/stages").join(file)).unwrap();
    }

    fn solution(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join("examples/lab/solutions").join(file)).unwrap()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // On Unix `cargo run` becomes the program that it runs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_watch_says_where_the_learner_stands_at_each_save() {
    let mut lab = Lab::begin();
    let said = lab.says();
    assert!(
        said.contains("Stage 1 of 10: ") && said.contains("not written yet: "),
        "{said}"
    );

    let solution = lab.solution(FILES[0]);
    lab.save(FILES[0], &solution.replace("cx.waker().wake_by_ref();", ""));
    let said = lab.says();
    assert!(
        said.contains("WRONG") && said.contains("has not called its waker"),
        "{said}"
    );

    lab.save(
        FILES[0],
        &solution.replace("self.left -= 1;", "self.left -= 1"),
    );
    let said = lab.says();
    assert!(said.contains("It does not compile yet"), "{said}");

    lab.save(FILES[0], &solution);
    let said = lab.says();
    assert!(
        said.contains("Stage 1 of 10: a future, polled by hand - right"),
        "{said}"
    );
    assert!(
        said.contains("Stage 2 of 10: ") && said.contains("not written yet: "),
        "{said}"
    );

    // The learner's own pieces stand on each other as well as the solutions do.
    for file in &FILES[1..] {
        lab.save(
            file,
            &lab.solution(file).replace("lab::solutions::", "super::"),
        );
    }
    let mut said = lab.says();
    while !said.contains("All 10 stages are right") {
        assert!(!said.contains("WRONG"), "{said}");
        said = lab.says();
    }
}
