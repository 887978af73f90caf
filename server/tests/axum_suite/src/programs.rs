//! Programs to be compiled and run: those in a crate's documentation, and whole files.
//!
//! Each becomes a module of its own whose documentation it is, so that rustdoc tests it and says its
//! name: the path of its file, and for documentation which of the file's programs it is.
//! `docs/middleware.md`'s third is `docs_middleware_3`.

use std::fs;
use std::path::{Path, PathBuf};

use tokio_suite::lists::{text_of, write};
use tokio_suite::table::Table;

/// A program: its name, what stands behind the fence, its text.
struct Program {
    name: String,
    attributes: String,
    text: String,
}

/// Writes the crate that has the programs of `folders` into `out`, without those that `table`
/// excludes, and the lists of `left.txt`, `excluded.txt` and `excluded_count.txt`. A folder is given as
/// `NAME=PATH`; the names of its programs begin with that name.
pub(crate) fn prepare(folders: &[PathBuf], table: &Path, out: &Path) -> Result<(), String> {
    let mut table = Table::read(&text_of(table)?)?;
    let (mut root, mut left, mut excluded, mut count) =
        (String::new(), String::new(), String::new(), 0);
    for folder in folders {
        let folder = folder.to_string_lossy();
        let (name, path) = folder
            .split_once('=')
            .ok_or("a folder is given as NAME=PATH")?;
        let mut programs = Vec::new();
        find(Path::new(path), name, &mut programs)?;
        for program in programs {
            let name = &program.name;
            if let Some(reason) = table.reason(name) {
                count += 1;
                excluded += &format!("{name}: {reason}\n");
                continue;
            }
            left += &format!("{name}\n");
            root += &format!("#[doc = include_str!(\"{name}.md\")]\npub mod {name} {{}}\n");
            let text = format!("```{}\n{}```\n", program.attributes, program.text);
            write(&out.join(format!("{name}.md")), &text)?;
        }
    }
    table.must_be_used()?;
    write(&out.join("lib.rs"), &root)?;
    write(&out.join("left.txt"), &left)?;
    write(&out.join("excluded.txt"), &excluded)?;
    write(&out.join("excluded_count.txt"), &format!("{count}\n"))
}

/// All programs below `folder`, or in that file, in the order of their names.
fn find(folder: &Path, name: &str, programs: &mut Vec<Program>) -> Result<(), String> {
    let complaint = |error| format!("{}: {error}", folder.display());
    let mut entries = fs::read_dir(folder).map_err(complaint)?;
    let mut paths = Vec::new();
    while let Some(entry) = entries.next().transpose().map_err(complaint)? {
        paths.push(entry.path());
    }
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{name}_{}", stem.replace('-', "_"));
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            // A file that must not compile is not a program.
            if stem != "fail" {
                find(&path, &name, programs)?;
            }
        } else if ending == "rs" && is_program(&path) {
            let (attributes, text) = ("no_run".to_owned(), text_of(&path)?);
            programs.push(Program {
                name,
                attributes,
                text,
            });
        } else if ending == "rs" || ending == "md" {
            let text = text_of(&path)?;
            let lines = text.lines().map(|line| match &*ending {
                "rs" => documentation(line),
                _ => Some(line),
            });
            in_documentation(&name, lines, programs);
        }
    }
    Ok(())
}

/// Whether the file is a program from end to end.
fn is_program(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("pass"))
}

/// What a line of a source says to its reader, if it is a line of documentation.
fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let said = line
        .strip_prefix("///")
        .or_else(|| line.strip_prefix("//!"))?;
    Some(said.strip_prefix(' ').unwrap_or(said))
}

/// The programs between the fences of these lines.
fn in_documentation<'a>(
    name: &str,
    lines: impl Iterator<Item = Option<&'a str>>,
    programs: &mut Vec<Program>,
) {
    let mut open: Option<Program> = None;
    let mut count = 0;
    for line in lines {
        let fence = line.and_then(|line| line.trim_start().strip_prefix("```"));
        open = match (open, fence, line) {
            (None, Some(attributes), _) => {
                let is_rust = is_rust(attributes);
                count += usize::from(is_rust);
                Some(Program {
                    name: if is_rust {
                        format!("{name}_{count}")
                    } else {
                        String::new()
                    },
                    attributes: attributes.to_owned(),
                    text: String::new(),
                })
            }
            (Some(program), Some(_), _) => {
                programs.extend(Some(program).filter(|program| !program.name.is_empty()));
                None
            }
            (Some(mut program), None, Some(line)) => {
                program.text += line;
                program.text.push('\n');
                Some(program)
            }
            // The documentation has ended, or says something between two programs.
            (_, None, _) => None,
        };
    }
}

/// Whether rustdoc takes what stands behind such a fence for a program.
fn is_rust(attributes: &str) -> bool {
    let known = ["", "rust", "no_run", "should_panic", "compile_fail"];
    attributes
        .split(',')
        .all(|attribute| known.contains(&attribute.trim()))
}

#[cfg(test)]
mod tests {
    use super::{documentation, in_documentation};

    #[test]
    fn programs_are_what_stands_between_fences() {
        let text = "/// Words.\n/// ```\n/// a\n///\n/// ```\nfn x() {}\n    //! ```text\n    //! b\n    //! ```\n\
                    /// ```rust,no_run\n///  c\n/// ```\n/// ```ignore\n/// d\n/// ```";
        let mut programs = Vec::new();
        in_documentation("m", text.lines().map(documentation), &mut programs);
        let found: Vec<_> = programs
            .iter()
            .map(|it| (&*it.name, &*it.attributes, &*it.text))
            .collect();
        assert_eq!(
            found,
            [("m_1", "", "a\n\n"), ("m_2", "rust,no_run", " c\n")]
        );
    }
}
