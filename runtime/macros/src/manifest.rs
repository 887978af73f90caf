//! Under which name a package knows the crate whose macro it uses.
//!
//! An attribute must write a path into the user's program, and a procedural macro has no
//! `$crate`. A package that renames the dependency (`tokio = { package = "runtime", .. }`) has no
//! `::runtime`. Cargo says in `CARGO_MANIFEST_DIR` where the package's `Cargo.toml` is, so the name
//! is looked up there: the dependency whose package is that crate. A dependency that is inherited
//! (`tokio.workspace = true`) is looked up in the manifest of the workspace.
//!
//! How it can go wrong: there is no manifest (another build system), or it does not say. Then it is
//! the package's own name.
//!
//! The crate `server-macros` has this file as a module of its own, for the name of `server`.

use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::toml::{self, Entry};

/// The name of the crate of `package` in the package that is being compiled.
pub(crate) fn crate_name(package: &str) -> String {
    let name = find(package).unwrap_or_else(|| package.to_owned());
    name.replace('-', "_")
}

fn find(package: &str) -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let manifest = read(&folder)?;
    name_in(package, &manifest, || workspace_of(&folder, &manifest))
}

fn read(folder: &Path) -> Option<Vec<Entry>> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    Some(toml::entries(&text))
}

/// The manifest of the workspace that a package belongs to.
fn workspace_of(folder: &Path, manifest: &[Entry]) -> Option<Vec<Entry>> {
    let is_root = |entries: &[Entry]| entries.iter().any(|entry| entry.path[0] == "workspace");
    let named = value(manifest, &["package", "workspace"]);
    if let Some(root) = named {
        return read(&folder.join(root));
    }
    let roots = folder.ancestors().filter_map(read);
    roots.into_iter().find(|entries| is_root(entries))
}

/// The value at exactly this path.
fn value<'a>(entries: &'a [Entry], path: &[&str]) -> Option<&'a str> {
    let found = entries.iter().find(|entry| entry.path == path)?;
    Some(&found.value)
}

/// The name of the dependency on a package, the one that most targets of the manifest's can see.
fn name_in(
    wanted: &str,
    manifest: &[Entry],
    workspace: impl Fn() -> Option<Vec<Entry>>,
) -> Option<String> {
    // Read once, and only if a dependency is inherited.
    let root = OnceCell::new();
    let named = |(_, name, entry): &(_, &String, &Entry)| match entry.path.last()?.as_str() {
        "package" => (entry.value == wanted).then(|| (*name).clone()),
        "workspace" => {
            let root = root.get_or_init(&workspace).as_ref()?;
            let package = value(root, &["workspace", "dependencies", name, "package"]);
            let package = package.unwrap_or(name);
            (package == wanted).then(|| (*name).clone())
        }
        // It has its own name, unless it says otherwise.
        _ if *name == wanted => {
            let section = &entry.path[..=entry.path.iter().position(|part| part == *name)?];
            let renames = |other: &&Entry| {
                other.path.starts_with(section) && other.path.last().unwrap() == "package"
            };
            let other = manifest.iter().find(renames);
            other.is_none().then(|| (*name).clone())
        }
        _ => None,
    };
    let mut dependencies: Vec<_> = manifest.iter().filter_map(dependency).collect();
    dependencies.sort_by_key(|(rank, ..)| *rank);
    dependencies.iter().find_map(named)
}

/// What a line says of a dependency: how many targets see it (0 is most), its name, the line.
fn dependency(entry: &Entry) -> Option<(usize, &String, &Entry)> {
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let path = &entry.path[..];
    let (path, conditional) = match path {
        [target, _, rest @ ..] if target == "target" => (rest, 1),
        _ => (path, 0),
    };
    let [section, name, ..] = path else {
        return None;
    };
    let rank = sections.iter().position(|known| section == known)?;
    Some((2 * rank + conditional, name, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(manifest: &str) -> Option<String> {
        name_in("runtime", &toml::entries(manifest), || None)
    }

    fn inherited(manifest: &str, workspace: &str) -> Option<String> {
        name_in("runtime", &toml::entries(manifest), || {
            Some(toml::entries(workspace))
        })
    }

    #[test]
    fn a_renamed_dependency_is_found_however_it_is_written() {
        for manifest in [
            "[dependencies]\ntokio = { package = \"runtime\", path = \"../runtime\" }",
            "[dependencies]\ntokio = { path = '..', package = 'runtime' } # a comment",
            "[dependencies.tokio]\npath = \"..\"\npackage = \"runtime\"",
            "dependencies.tokio.package = \"runtime\"",
            "[dependencies]\ntokio.package = \"runtime\"\ntokio.path = \"..\"",
            "[dependencies]\n\"tokio\" = {\n  package = \"runtime\",\n  features = [\n  \"trace\",\n ],\n}",
            "[target.'cfg(unix)'.dependencies]\ntokio = { package = \"runtime\" }",
            "[dev-dependencies]\ntokio = { package = \"runtime\" }",
            "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\ntokio = { package = \"runtime\" }",
        ] {
            assert_eq!(name(manifest).as_deref(), Some("tokio"), "{manifest}");
        }
    }

    #[test]
    fn a_dependency_that_is_not_renamed_has_its_own_name() {
        for manifest in [
            "[dependencies]\nruntime = \"1\"",
            "[dependencies]\nruntime = { path = \"..\", features = [\"serde\"] }",
            "[dependencies]\nruntime.path = \"..\"",
            "[dependencies.runtime]\npath = \"..\"",
            "[dependencies]\nruntime.workspace = true",
            "[dependencies]\ntokio = \"1\"\n[dev-dependencies]\nruntime = \"1\"",
        ] {
            let found = inherited(manifest, "[workspace]\nmembers = []");
            assert_eq!(found.as_deref(), Some("runtime"), "{manifest}");
        }
    }

    #[test]
    fn a_name_is_inherited_from_the_workspace() {
        let workspace = "[workspace.dependencies]\ntokio = { package = \"runtime\", path = \"r\" }";
        for manifest in [
            "[dependencies]\ntokio.workspace = true",
            "[dependencies]\ntokio = { workspace = true, features = [\"serde\"] }",
            "[dependencies.tokio]\nworkspace = true",
        ] {
            let found = inherited(manifest, workspace);
            assert_eq!(found.as_deref(), Some("tokio"), "{manifest}");
        }
        assert_eq!(inherited("[dependencies]\ntokio = \"1\"", workspace), None);
    }

    #[test]
    fn what_most_targets_see_goes_first() {
        let manifest = "[dev-dependencies]\nruntime = \"1\"\n\
            [dependencies]\nloom = { package = \"runtime\" }";
        assert_eq!(name(manifest).as_deref(), Some("loom"));
    }

    #[test]
    fn others_are_not_taken_for_it() {
        for manifest in [
            "",
            "[dependencies]\ntokio = \"1\"",
            "[dependencies]\nruntime = { package = \"other\" }",
            "[dependencies]\nruntime = { version = \"1\", package = \"other\" }",
            "[package.metadata.dependencies]\ntokio = { package = \"runtime\" }",
            "[dependencies]\ntokio = { package = \"runtime-macros\" }",
            "# [dependencies]\n# tokio = { package = \"runtime\" }",
            "[package]\ndescription = \"\"\"\n[dependencies]\nruntime = '1'\n\"\"\"",
        ] {
            assert_eq!(name(manifest), None, "{manifest}");
        }
    }
}
