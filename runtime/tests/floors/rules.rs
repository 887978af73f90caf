//! The rules, and how a path is followed to the file that it leads to.
//!
//! A table has one row a file, the lowest floor first:
//!
//! ```text
//! # a comment, or the heading of a floor
//! machine/run_queue              imports nothing of the crate
//! machine/task/waker <- machine/run_queue machine/inbox    imports these two
//! task               <- task/yield_now -> machine/task/join    and shows users what lives there
//! ```
//!
//! 1. Every file has a row and every row a file.
//! 2. A row imports only what stands above it. So nothing runs upwards, and in a circle
//!    something always would.
//! 3. A file imports exactly what its row says. A row that promises more than the file
//!    uses is out of date: it fails too, so that the table can be believed.
//! 4. A `pub use` is no import: it shows a name. A file may show what lies in its own
//!    folder; what lives elsewhere stands behind `->` (`*` is anything, for the crate's root).
//!
//! `folder/*` stands for the files of that folder, as far as they stand above.

use crate::scan::{Found, Named, scan};
use crate::source::{File, module};
use std::collections::{BTreeMap, BTreeSet};

/// All objections to the files, one line each; empty when the floors hold.
pub(crate) fn check(krate: &str, table: &str, files: &[File]) -> Vec<String> {
    let mut objections = Vec::new();
    let rows = rows(table, &mut objections);
    let house = House::new(krate, files, &mut objections);
    rows_and_files(&rows, &house, &mut objections);
    for (at, row) in rows.iter().enumerate() {
        order(&rows, at, &mut objections);
        if let Some(found) = house.found.get(&row.name) {
            imports(&house, &rows, at, found, &mut objections);
            shows(&house, row, found, &mut objections);
        }
    }
    objections
}

/// Which file imports which: `(from, to)`.
pub(crate) fn edges(krate: &str, files: &[File]) -> BTreeSet<(String, String)> {
    let house = House::new(krate, files, &mut Vec::new());
    let mut edges = BTreeSet::new();
    for (name, found) in &house.found {
        let targets = found.imports.iter().map(|named| house.locate(name, named));
        edges.extend(targets.map(|target| (name.clone(), target)));
    }
    edges
}

/// One line of the table.
#[derive(Debug)]
struct Row {
    name: String,
    imports: Vec<String>,
    shows: Vec<String>,
}

fn rows(table: &str, objections: &mut Vec<String>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in table.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let row = row(line);
        if rows.iter().any(|other| other.name == row.name) {
            objections.push(format!("the table has two rows for {}", row.name));
        }
        rows.push(row);
    }
    rows
}

fn row(line: &str) -> Row {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let (rest, shows) = line.split_once("->").unwrap_or((line, ""));
    let (name, imports) = rest.split_once("<-").unwrap_or((rest, ""));
    Row {
        name: name.trim().to_owned(),
        imports: words(imports),
        shows: words(shows),
    }
}

/// Whether a word of the table means this file.
fn covers(word: &str, name: &str) -> bool {
    match word.strip_suffix("/*") {
        Some(folder) => is_in_folder(folder, name),
        None => word == "*" || word == name,
    }
}

fn is_in_folder(folder: &str, name: &str) -> bool {
    let rest = name.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Rule 1.
fn rows_and_files(rows: &[Row], house: &House<'_>, objections: &mut Vec<String>) {
    for (name, found) in &house.found {
        if !rows.iter().any(|row| row.name == *name) {
            let (path, row) = (house.paths[name], house.row(name, found));
            objections.push(format!("{path}: no row in the table; it would be: {row}"));
        }
    }
    for row in rows {
        if !house.found.contains_key(&row.name) {
            objections.push(format!(
                "the table has a row for {}, but there is no such file",
                row.name
            ));
        }
    }
}

/// Rule 2, for the table itself.
fn order(rows: &[Row], at: usize, objections: &mut Vec<String>) {
    for word in &rows[at].imports {
        if !rows[..at].iter().any(|above| covers(word, &above.name)) {
            let name = &rows[at].name;
            objections.push(format!(
                "the table lets {name} import {word}, which does not stand above it: \
                 that runs upwards, or in a circle"
            ));
        }
    }
}

/// Rule 3, with rule 2 for what the file really does.
fn imports(
    house: &House<'_>,
    rows: &[Row],
    at: usize,
    found: &Found,
    objections: &mut Vec<String>,
) {
    let row = &rows[at];
    let mut used = BTreeSet::new();
    for named in &found.imports {
        let target = house.locate(&row.name, named);
        if target == row.name {
            continue;
        }
        match row.imports.iter().find(|word| covers(word, &target)) {
            Some(word) if stands_above(rows, at, &target) => {
                used.insert(word);
            }
            _ => objections.push(forbidden(house, rows, at, named, &target)),
        }
    }
    for word in row.imports.iter().filter(|word| !used.contains(word)) {
        objections.push(format!(
            "the table lets {} import {word}, but it no longer does",
            row.name
        ));
    }
}

fn stands_above(rows: &[Row], at: usize, target: &str) -> bool {
    rows[..at].iter().any(|above| above.name == target)
}

fn forbidden(house: &House<'_>, rows: &[Row], at: usize, named: &Named, target: &str) -> String {
    let row = &rows[at];
    let why = if stands_above(rows, at, target) {
        "which is not in its row"
    } else {
        "which does not stand below it: that runs upwards, or in a circle"
    };
    format!(
        "{}:{}: `{}` leads to {target}, {why}; {} may import: {}",
        house.paths[&row.name],
        named.line,
        named.path.join("::"),
        row.name,
        if row.imports.is_empty() {
            "nothing".to_owned()
        } else {
            row.imports.join(" ")
        },
    )
}

/// Rule 4.
fn shows(house: &House<'_>, row: &Row, found: &Found, objections: &mut Vec<String>) {
    let mut used = BTreeSet::new();
    for shown in &found.shows {
        let target = house.locate(&row.name, &shown.named);
        let own = target == row.name || is_in_folder(&row.name, &target);
        match row.shows.iter().find(|word| covers(word, &target)) {
            Some(word) => {
                used.insert(word);
            }
            None if own => {}
            None => objections.push(format!(
                "{}:{}: shows `{}` of {target}, which is not behind `->` in the row of {}",
                house.paths[&row.name],
                shown.named.line,
                shown.named.path.join("::"),
                row.name,
            )),
        }
    }
    for word in row
        .shows
        .iter()
        .filter(|word| *word != "*" && !used.contains(word))
    {
        objections.push(format!(
            "the table lets {} show {word}, but it no longer does",
            row.name
        ));
    }
}

/// All that was found in all files, arranged so that paths can be followed.
struct House<'a> {
    krate: &'a str,
    found: BTreeMap<String, Found>,
    paths: BTreeMap<String, &'a str>,
    /// Which file holds which module.
    modules: BTreeMap<Vec<String>, String>,
    macros: BTreeMap<String, String>,
}

impl<'a> House<'a> {
    fn new(krate: &'a str, files: &'a [File], objections: &mut Vec<String>) -> House<'a> {
        let mut house = House {
            krate,
            found: BTreeMap::new(),
            paths: BTreeMap::new(),
            modules: BTreeMap::new(),
            macros: BTreeMap::new(),
        };
        for file in files {
            match scan(krate, &file.text) {
                Ok(found) => house.add(file, found),
                Err(why) => objections.push(format!("{}: {why}", file.path)),
            }
        }
        house.forget_tests();
        house
    }

    fn add(&mut self, file: &'a File, found: Found) {
        for name in &found.exported_macros {
            self.macros.insert(name.clone(), file.name.clone());
        }
        if file.name != "main" {
            self.modules.insert(module(&file.name), file.name.clone());
        }
        self.paths.insert(file.name.clone(), &file.path);
        self.found.insert(file.name.clone(), found);
    }

    /// Files below a `#[cfg(test)] mod tests;` are no part of the house.
    fn forget_tests(&mut self) {
        let mut tests = Vec::new();
        for (name, found) in &self.found {
            for child in &found.test_children {
                tests.push([module(name), vec![child.clone()]].concat().join("/"));
            }
        }
        let in_tests = |name: &str| tests.iter().any(|test| is_in_folder(test, name));
        self.found.retain(|name, _| !in_tests(name));
    }

    /// The row that would be true of a file.
    fn row(&self, name: &str, found: &Found) -> String {
        let targets = |all: &mut dyn Iterator<Item = &Named>| -> BTreeSet<String> {
            all.map(|named| self.locate(name, named)).collect()
        };
        let mut row = name.to_owned();
        for target in targets(&mut found.imports.iter()) {
            if target != name {
                row += if row.contains("<-") { " " } else { " <- " };
                row += &target;
            }
        }
        for target in targets(&mut found.shows.iter().map(|shown| &shown.named)) {
            if !is_in_folder(name, &target) {
                row += if row.contains("->") { " " } else { " -> " };
                row += &target;
            }
        }
        row
    }

    /// The file in which the thing lives that `from` names.
    fn locate(&self, from: &str, named: &Named) -> String {
        let here = [module(from), named.inside.clone()].concat();
        self.follow(&self.absolute(from, here, &named.path), 0)
    }

    /// A path from the root of the crate; `here` is the module in which it is written.
    fn absolute(&self, from: &str, here: Vec<String>, path: &[String]) -> Vec<String> {
        let (first, rest) = path.split_first().expect("a path has a segment");
        let mut at = match first.as_str() {
            "crate" => Vec::new(),
            name if name == self.krate => Vec::new(),
            "self" => here,
            "super" => here[..here.len().saturating_sub(1)].to_vec(),
            child => [module(from), vec![child.to_owned()]].concat(),
        };
        for segment in rest {
            match segment.as_str() {
                "super" => drop(at.pop()),
                name => at.push(name.to_owned()),
            }
        }
        at
    }

    /// Walks down from the root: into modules, and through what they show.
    fn follow(&self, path: &[String], depth: usize) -> String {
        let mut here = Vec::new();
        let mut file = "lib".to_owned();
        for (at, segment) in path.iter().enumerate() {
            let next = [&here[..], std::slice::from_ref(segment)].concat();
            if let Some(name) = self.modules.get(&next) {
                file.clone_from(name);
            } else if let Some(name) = self.macros.get(segment).filter(|_| at == 0) {
                return name.clone();
            } else if let Some(shown) = self.shown(&file, &here, segment).filter(|_| depth < 16) {
                return self.follow(&[&shown, &path[at + 1..]].concat(), depth + 1);
            } else if !self.is_inline(&file, &next) {
                return file;
            }
            here = next;
        }
        file
    }

    fn is_inline(&self, file: &str, module_path: &[String]) -> bool {
        let inside = &module_path[module(file).len()..];
        self.found
            .get(file)
            .is_some_and(|it| it.inline.contains(inside))
    }

    /// What a module shows under a name: by itself, or through a `*`.
    fn shown(&self, file: &str, here: &[String], name: &str) -> Option<Vec<String>> {
        let found = self.found.get(file)?;
        let inside = &here[module(file).len()..];
        if found.items.contains(&[inside, &[name.to_owned()]].concat()) {
            return None;
        }
        let of_here = || found.shows.iter().filter(|it| it.named.inside == inside);
        let whole = |named: &Named| self.absolute(file, here.to_vec(), &named.path);
        if let Some(shown) = of_here().find(|it| it.name == name) {
            return Some(whole(&shown.named))
                .filter(|it| it[..] != [here, &[name.to_owned()]].concat());
        }
        let globs = of_here().filter(|it| it.name == "*");
        let mut targets = globs.map(|it| whole(&it.named));
        targets
            .find(|target| self.has(target, name))
            .map(|target| [&target[..], &[name.to_owned()]].concat())
    }

    /// Whether a module declares or shows the name.
    fn has(&self, module_path: &[String], name: &str) -> bool {
        let Some(file) = self.modules.get(module_path) else {
            return false;
        };
        let found = &self.found[file];
        let declares = found.items.contains(&vec![name.to_owned()]);
        declares || found.shows.iter().any(|it| it.name == name)
    }
}
