//! The source files of a crate, and the modules that they are.

use std::fs;
use std::path::Path;

/// One file: the module it is, and its text.
#[derive(Debug)]
pub(crate) struct File {
    /// As the table writes it: `lib`, `task` (for `task.rs` or `task/mod.rs`), `task/waker`.
    pub(crate) name: String,
    /// From the top of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every `.rs` file below the `src` of a crate that is called `krate`. Programs in `bin` are crates of
/// their own.
pub(crate) fn read(krate: &str, src: &Path) -> Vec<File> {
    let mut files = Vec::new();
    collect(krate, src, src, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn collect(krate: &str, src: &Path, folder: &Path, files: &mut Vec<File>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && path != src.join("bin") {
            collect(krate, src, &path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let below = path.strip_prefix(src).unwrap();
            let below = below.to_string_lossy().replace('\\', "/");
            files.push(File {
                name: name(&below),
                path: format!("{krate}/src/{below}"),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

/// `time/mod.rs` and `time.rs` are `time`; `time/wheel.rs` is `time/wheel`.
pub(crate) fn name(below_src: &str) -> String {
    let stem = below_src.strip_suffix(".rs").unwrap_or(below_src);
    stem.strip_suffix("/mod").unwrap_or(stem).to_owned()
}

/// The module path of a file: empty for a crate's root.
pub(crate) fn module(name: &str) -> Vec<String> {
    match name {
        "lib" | "main" => Vec::new(),
        name => name.split('/').map(str::to_owned).collect(),
    }
}
