//! axum's tests, made ready to run here.
//!
//! `server/tests/axum_suite.sh` fetches the crate, has this program lift its tests out of their
//! modules ([`lift`]), compiles them against the crate `server` and runs them. Nothing of their
//! text is kept. What is left out stands in `server/tests/axum_suite.txt` with its reason; the
//! form of that table, and what it protects from, is told in `runtime/tests/tokio_suite`, whose
//! means this program uses.
//!
//! The modules are built as axum has them: `routing/tests/nest.rs` becomes the module
//! `routing::tests::nest` of the suite, and `routing` is a shell that passes on what
//! `server::routing` offers. So every `crate::`, `super::` and `axum::` of a test leads to ours.
//!
//! Called as `axum-suite AXUM SERVER TABLE OUT`: the folder `src` of axum, the one of our server,
//! the table, and a folder to fill with the modules, and with `left.txt`, `excluded.txt` and
//! `excluded_count.txt`. It prints the declarations of the outermost modules.
//!
//! Called as `axum-suite programs TABLE OUT NAME=FOLDER...`, it prepares what stands in
//! documentation ([`programs`]).

#![forbid(unsafe_code)]

mod change;
mod lift;
mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};
use tokio_suite::cut;
use tokio_suite::lists::{Lists, text_of, write};
use tokio_suite::table::Table;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let prepared = match &arguments[..] {
        [word, table, out, folders @ ..] if word == Path::new("programs") => {
            programs::prepare(folders, table, out).map(|()| String::new())
        }
        [axum, server, table, out] => prepare(axum, server, table, out),
        _ => Err("usage: axum-suite AXUM SERVER TABLE OUT".to_owned()),
    };
    match prepared {
        Ok(modules) => {
            print!("{modules}");
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            eprintln!("axum-suite: {complaint}");
            ExitCode::FAILURE
        }
    }
}

/// Files by the path of their module: `["routing", "tests", "nest"]`.
type Files = BTreeMap<Vec<String>, PathBuf>;

fn prepare(axum: &Path, server: &Path, table: &Path, out: &Path) -> Result<String, String> {
    let mut table = Table::read(&text_of(table)?)?;
    let mut lists = Lists::default();
    let mut files = Files::new();
    find(axum, &mut Vec::new(), &mut files)
        .map_err(|error| format!("{}: {error}", axum.display()))?;
    only_with_tests(&mut files)?;
    for (module, file) in &files {
        let text = text_of(file)?;
        let shell = match is_tests(module) {
            true => text,
            false => lift::shell(&text, &words(&files, module)?, |name| {
                has(&files, module, name)
            })?,
        };
        let name = module.join("/");
        let prepared = cut::prepare(&name, &shell, &mut table, |file, _, tokens| {
            change::changes(file, tokens)
        })?;
        lists.add(&prepared);
        let offered = match is_tests(module) {
            true => String::new(),
            false => prelude(server, module)?,
        };
        let place = file.strip_prefix(axum).map_err(|error| error.to_string())?;
        write(&out.join(place), &(offered + &prepared.text))?;
    }
    table.must_be_used()?;
    lists.write(out)?;
    let outermost = files.keys().filter(|module| module.len() == 1);
    Ok(outermost
        .map(|module| format!("pub mod {};\n", module[0]))
        .collect())
}

/// All files below `folder`, the crate's root excepted.
fn find(folder: &Path, module: &mut Vec<String>, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        module.push(name.clone().into_owned());
        if path.is_dir() {
            find(&path, module, files)?;
        } else if name == "mod" {
            files.insert(module[..module.len() - 1].to_vec(), path.clone());
        } else if path.extension().is_some_and(|it| it == "rs") && name != "lib" {
            files.insert(module.clone(), path.clone());
        }
        module.pop();
    }
    Ok(())
}

/// Leaves the files that have tests, and the modules that those are in.
fn only_with_tests(files: &mut Files) -> Result<(), String> {
    let mut kept: Vec<Vec<String>> = Vec::new();
    for (module, file) in &*files {
        if is_tests(module) || lift::tests(&text_of(file)?)?.is_some() {
            kept.push(module.clone());
        }
    }
    files.retain(|module, _| {
        // The helpers are the script's business.
        module[0] != "test_helpers" && kept.iter().any(|it| it.starts_with(module))
    });
    Ok(())
}

/// Whether the module is tests from end to end.
fn is_tests(module: &[String]) -> bool {
    module.iter().any(|name| name == "tests")
}

/// All words of a module's tests.
fn words(files: &Files, module: &[String]) -> Result<BTreeSet<String>, String> {
    let mut words = BTreeSet::new();
    for (path, file) in files.iter().filter(|(path, _)| path.starts_with(module)) {
        let text = text_of(file)?;
        if is_tests(path) {
            lift::words(&text, &mut words)?;
        } else if path == module {
            lift::words(&lift::tests(&text)?.unwrap_or_default(), &mut words)?;
        }
    }
    Ok(words)
}

fn has(files: &Files, module: &[String], child: &str) -> bool {
    let mut path = module.to_vec();
    path.push(child.to_owned());
    files.contains_key(&path)
}

/// Modules that are private here, too, and do what axum's do. They are tested by their sources.
const PRIVATE: [&str; 1] = ["routing/strip_prefix"];

/// What stands in a module in place of what axum's defines, on one line.
fn prelude(server: &Path, module: &[String]) -> Result<String, String> {
    let name = module.join("/");
    if PRIVATE.contains(&&*name) {
        let file = server.join(name + ".rs");
        let file = file.canonicalize().map_err(|error| error.to_string())?;
        return Ok(format!("#[path = {file:?}] mod ours; use ours::*; "));
    }
    let path = offered(server, module)?;
    Ok(format!("pub use server{path}::*; use crate::here::*; "))
}

/// The path of the public module of ours that is nearest to `module`, from the crate's root on.
fn offered(server: &Path, module: &[String]) -> Result<String, String> {
    if module[0] == "services" {
        return Ok("::files".to_owned()); // tower-http's name
    }
    let (mut path, mut folder) = (String::new(), server.to_owned());
    let mut source = text_of(&server.join("lib.rs"))?;
    for name in module {
        if !lift::offers(&source, name) {
            break;
        }
        path += &format!("::{name}");
        let file = folder.join(format!("{name}.rs"));
        folder.push(name);
        source = match file.exists() {
            true => text_of(&file)?,
            false => text_of(&folder.join("mod.rs")).unwrap_or_default(),
        };
    }
    Ok(path)
}
