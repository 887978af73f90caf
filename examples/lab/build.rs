//! Puts each check beside the work that it examines: the learner's stages, the solutions, and the wrong
//! solutions. And takes the program out of `examples/tiny_runtime.rs` that the tenth stage has to run.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[allow(unreachable_pub, reason = "the library shows them")]
#[path = "src/files.rs"]
mod files;
use files::FILES;

/// The program begins here in `tiny_runtime.rs`. What is above it is the runtime.
const PROGRAM: &str = "async fn nap(";

fn main() {
    let lab = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to"));
    let tiny = lab.join("../tiny_runtime.rs");
    for changed in [
        &lab.join("build.rs"),
        &lab.join("src/files.rs"),
        &lab.join("solutions"),
        &lab.join("wrong"),
        &tiny,
    ] {
        println!("cargo::rerun-if-changed={}", changed.display());
    }

    let text = read(&tiny);
    let at = text.find(PROGRAM).expect("tiny_runtime has a program");
    write(&out.join("tiny_program.rs"), &text[at..]);
    write(&out.join("stages.rs"), &checks(&lab, "crate::stages"));
    write(&out.join("solutions.rs"), &checks(&lab, "lab::solutions"));
    write(&out.join("wrong.rs"), &wrong(&lab, &out));
}

/// A module for each stage, with its check beside the work; and all the checks.
fn checks(lab: &Path, works: &str) -> String {
    let mut text = String::new();
    let mut all = String::new();
    for file in FILES {
        let name = format!("s{}", &file[..2]);
        let check = lab.join("checks").join(file);
        let work = format!("use {works}::{name} as work;");
        module(&mut text, &name, &work, &check);
        let _ = write!(all, "&{name}::check::CHECK, ");
    }
    let _ = writeln!(
        text,
        "pub const CHECKS: [&lab::examiner::Check; lab::STAGES] = [{all}];"
    );
    text
}

fn module(text: &mut String, name: &str, work: &str, check: &Path) {
    let _ = writeln!(
        text,
        "pub mod {name} {{ {work} #[path = {check:?}] pub mod check; }}"
    );
}

/// A module for each wrong solution; and their names with their checks.
fn wrong(lab: &Path, out: &Path) -> String {
    let mut text = String::new();
    let mut all = String::new();
    for file in FILES {
        let list = lab.join("wrong").join(file).with_extension("txt");
        let solution = read(&lab.join("solutions").join(file));
        for (number, fault) in faults(&read(&list)).into_iter().enumerate() {
            let name = format!("w{}_{number}", &file[..2]);
            let path = out.join(format!("{name}.rs"));
            write(&path, &fault.put_into(&solution, &list));
            let work = format!("#[path = {path:?}] mod work;");
            module(&mut text, &name, &work, &lab.join("checks").join(file));
            let title = &fault.title;
            let _ = write!(
                all,
                "({:?}, {title:?}, &{name}::check::CHECK), ",
                &file[..2]
            );
        }
    }
    let kind = "&[(&str, &str, &lab::examiner::Check)]";
    let _ = writeln!(text, "pub const CHECKS: {kind} = &[{all}];");
    text
}

/// What makes a solution wrong.
struct Fault {
    title: String,
    /// What stands in the solution, once, and what stands there instead.
    changes: Vec<(String, String)>,
}

/// The form of the lists is told in the first of them.
fn faults(list: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut is_title = true;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let last = faults.last_mut().and_then(|it| it.changes.last_mut());
        if line.is_empty() {
            is_title = true;
        } else if is_title {
            faults.push(Fault {
                title: line.to_owned(),
                changes: Vec::new(),
            });
            is_title = false;
        } else if let Some(old) = line.strip_prefix("- ") {
            let fault = faults.last_mut().expect("a title comes first");
            fault.changes.push((old.to_owned(), String::new()));
        } else if let (Some(new), Some(change)) = (line.strip_prefix('+'), last) {
            change.1 = new.trim_start().to_owned();
        }
    }
    faults
}

impl Fault {
    fn put_into(&self, solution: &str, list: &Path) -> String {
        let mut places: Vec<(usize, &str, &str)> = Vec::new();
        for (old, new) in &self.changes {
            let found: Vec<_> = solution.match_indices(old).collect();
            assert!(
                found.len() == 1,
                "{}: `{old}` stands {} times in the solution",
                list.display(),
                found.len()
            );
            places.push((found[0].0, old, new));
        }
        // From the end on, so that the places stay true.
        places.sort_unstable();
        let mut text = solution.to_owned();
        for (at, old, new) in places.into_iter().rev() {
            text.replace_range(at..at + old.len(), new);
        }
        text
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    // What has not changed keeps its time, and is not compiled again.
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
