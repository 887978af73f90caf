//! What there is: files, packages, features, and the items of every source file.

use crate::items::items;
use crate::markdown::Document;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The repository, as far as words may name it. Paths are written from the top.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    files: BTreeSet<String>,
    /// Per source file: `step`, and `Runtime::step`.
    items: BTreeMap<String, BTreeSet<String>>,
    /// Per package its folder: empty, or with a slash at the end.
    packages: BTreeMap<String, String>,
    features: BTreeSet<String>,
    benches: String,
}

impl Workspace {
    pub(crate) fn read(root: &Path) -> Workspace {
        let mut all = crate::support::files(root, "");
        for hidden in [".ci", ".vscode"] {
            all.extend(crate::support::files(&root.join(hidden), ""));
        }
        let mut workspace = Workspace::default();
        for path in all {
            let name = crate::support::relative(&path);
            if let Ok(text) = fs::read_to_string(&path) {
                workspace.add(&name, &text);
            }
            workspace.files.insert(name);
        }
        workspace
    }

    /// Adds a file with its text.
    pub(crate) fn add(&mut self, name: &str, text: &str) {
        self.files.insert(name.to_owned());
        if name.ends_with(".rs") {
            self.items.insert(name.to_owned(), items(text));
        }
        if name.starts_with("benches/") {
            self.benches += text;
        }
        if let Some(folder) = name.strip_suffix("Cargo.toml") {
            self.manifest(folder, text);
        }
    }

    fn manifest(&mut self, folder: &str, text: &str) {
        let mut section = "";
        for line in text.lines() {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            match (section, key.trim()) {
                (_, heading) if heading.starts_with('[') => section = heading,
                ("[package]", "name") => {
                    let name = value.trim().trim_matches('"').to_owned();
                    self.packages.insert(name, folder.to_owned());
                }
                ("[features]", name) => drop(self.features.insert(name.to_owned())),
                _ => {}
            }
        }
    }

    pub(crate) fn package(&self, name: &str) -> Option<String> {
        self.packages.get(name).cloned()
    }

    /// The folders of all packages.
    pub(crate) fn folders(&self) -> Vec<String> {
        self.packages.values().cloned().collect()
    }

    pub(crate) fn has_feature(&self, name: &str) -> bool {
        self.features.contains(name)
    }

    pub(crate) fn is_file(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    pub(crate) fn benches_mention(&self, name: &str) -> bool {
        self.benches.contains(name)
    }

    /// Every item's plain name, with its file.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.items.iter();
        all.flat_map(|(file, items)| items.iter().map(move |it| (file.as_str(), it.as_str())))
    }

    /// Whether an item of that name is anywhere, or in that file.
    pub(crate) fn has_item(&self, file: Option<&str>, name: &str) -> bool {
        match file {
            Some(file) => self.items.get(file).is_some_and(|it| it.contains(name)),
            None => self.items.values().any(|it| it.contains(name)),
        }
    }

    /// Whether there is a folder at the top that is called so.
    pub(crate) fn has_folder(&self, name: &str) -> bool {
        self.files
            .iter()
            .any(|it| it.starts_with(&format!("{name}/")))
    }

    /// The files and folders that a path means: from the top, from the document's folder, or as the end
    /// of a longer path. `*` is any text, `{a,b}` is `a` or `b`.
    pub(crate) fn find(&self, document: &str, path: &str) -> Vec<&str> {
        let path = path.trim_end_matches('/').trim_start_matches("./");
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut ancestors: Vec<&str> = Vec::new();
        for file in &self.files {
            ancestors.push(file);
            ancestors.extend(file.match_indices('/').map(|(at, _)| &file[..at]));
        }
        let beside = format!("{folder}/{path}");
        let fits = |it: &&str| {
            fits(path, it)
                || fits(&beside, it)
                || it
                    .match_indices('/')
                    .any(|(at, _)| fits(path, &it[at + 1..]))
        };
        ancestors.retain(|it| fits(it));
        ancestors.sort_unstable();
        ancestors.dedup();
        ancestors
    }

    /// A link leads to a page, to a file, or to a heading.
    pub(crate) fn link(
        &self,
        document: &str,
        target: &str,
        parsed: &Document,
    ) -> Result<(), String> {
        if target.contains("://") || target.starts_with("mailto:") {
            return Ok(());
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        if path.is_empty() {
            return match parsed.anchors.contains(anchor) {
                true => Ok(()),
                false => Err(format!("there is no heading for the link `#{anchor}`")),
            };
        }
        let folder = document
            .rsplit_once('/')
            .map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let full = clean(&format!("{folder}{path}"));
        match self.is_file(&full) || self.has_folder(&full) {
            true => Ok(()),
            false => Err(format!("the link to `{target}` leads nowhere")),
        }
    }
}

/// `a/../b` is `b`.
fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|it| !it.is_empty() && *it != ".") {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a path fits a pattern with `*` and `{a,b}`.
fn fits(pattern: &str, path: &str) -> bool {
    if let (Some(open), Some(close)) = (pattern.find('{'), pattern.find('}')) {
        let (before, after) = (&pattern[..open], &pattern[close + 1..]);
        let mut choices = pattern[open + 1..close].split(',');
        return choices.any(|it| fits(&format!("{before}{}{after}", it.trim()), path));
    }
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(rest) = path.strip_prefix(before) else {
        return false;
    };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().any(|at| fits(after, &rest[at..]))
}
