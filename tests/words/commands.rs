//! `cargo` commands: whether what they name exists.

use crate::workspace::Workspace;

/// A command, taken apart.
#[derive(Debug, Default)]
struct Command {
    verb: String,
    packages: Vec<String>,
    /// Option and value: `("--example", "tiny_runtime")`.
    named: Vec<(String, String)>,
    /// What stands by itself: for `cargo test` and `cargo bench` a filter.
    filters: Vec<String>,
    /// What follows `--`.
    rest: Vec<String>,
}

/// Options that a value follows.
const WITH_VALUE: [&str; 9] = [
    "-p",
    "--package",
    "--example",
    "--bench",
    "--test",
    "--bin",
    "--features",
    "--profile",
    "-j",
];

fn parse(line: &str) -> Command {
    let line = line.split(" #").next().unwrap_or(line);
    let mut words = line.split_whitespace().map(str::to_owned).skip(1);
    let mut command = Command {
        verb: words.next().unwrap_or_default(),
        ..Command::default()
    };
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if word.starts_with('-') => {
                (option.to_owned(), Some(value.to_owned()))
            }
            _ => (word, None),
        };
        match option.as_str() {
            "--" => command.rest = words.by_ref().collect(),
            it if WITH_VALUE.contains(&it) => {
                let value = value.or_else(|| words.next()).unwrap_or_default();
                match it {
                    "-p" | "--package" => command.packages.push(value),
                    _ => command.named.push((option, value)),
                }
            }
            it if it.starts_with('-') => {}
            _ => command.filters.push(option),
        }
    }
    command
}

/// Whether packages, examples, benches, tests, features and test functions exist.
pub(crate) fn check(workspace: &Workspace, line: &str) -> Result<(), String> {
    let command = parse(line);
    let wrong = |what: &str, name: &str| Err(format!("`{line}`: there is no {what} `{name}`"));
    for package in &command.packages {
        if workspace.package(package).is_none() {
            return wrong("package", package);
        }
    }
    for (option, name) in &command.named {
        if !exists(workspace, &command, option, name) {
            return wrong(option.trim_start_matches('-'), name);
        }
    }
    for filter in command.filters.iter().chain(positional(&command.rest)) {
        match command.verb.as_str() {
            "test" if !tests(workspace, &command, filter) => {
                return wrong("test whose name contains", filter);
            }
            "bench" if !workspace.benches_mention(filter) => {
                return wrong("benchmark whose name contains", filter);
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is no option.
fn positional(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().filter(|it| !it.starts_with('-'))
}

/// The folders in which the command looks for targets.
fn folders(workspace: &Workspace, command: &Command) -> Vec<String> {
    if command.packages.is_empty() {
        return workspace.folders();
    }
    let folder = |name: &String| workspace.package(name);
    command.packages.iter().filter_map(folder).collect()
}

fn exists(workspace: &Workspace, command: &Command, option: &str, name: &str) -> bool {
    let kind = match option {
        "--example" => "examples",
        "--bench" => "benches",
        "--test" => "tests",
        "--features" => {
            let mut names = name.split(',');
            return names.all(|it| workspace.has_feature(it.rsplit('/').next().unwrap_or(it)));
        }
        "--bin" => return workspace.package(name).is_some(),
        _ => return true,
    };
    let mut files = folders(workspace, command)
        .into_iter()
        .map(|it| format!("{it}{kind}/{name}"));
    files.any(|it| {
        workspace.is_file(&format!("{it}.rs")) || workspace.is_file(&format!("{it}/main.rs"))
    })
}

/// Whether a test function fits a filter; only what stands in the named target counts.
fn tests(workspace: &Workspace, command: &Command, filter: &str) -> bool {
    let name = filter.rsplit("::").next().unwrap_or(filter);
    let targets = command
        .named
        .iter()
        .filter(|(option, _)| option == "--test");
    let targets: Vec<_> = targets.map(|(_, name)| name).collect();
    let folders = folders(workspace, command);
    workspace.functions().any(|(file, function)| {
        let of_package = folders.iter().any(|it| file.starts_with(it.as_str()));
        let of_target = targets.is_empty() || targets.iter().any(|it| is_of(file, it));
        of_package && of_target && function.contains(name)
    })
}

fn is_of(file: &str, target: &str) -> bool {
    file.ends_with(&format!("tests/{target}.rs")) || file.contains(&format!("tests/{target}/"))
}

/// The example that a command runs, and its arguments.
pub(crate) fn example(line: &str) -> Option<(String, Vec<String>)> {
    let command = parse(line);
    let mut named = command.named.into_iter();
    let (_, name) = named.find(|(option, _)| option == "--example")?;
    (line.starts_with("cargo ") && command.verb == "run").then_some((name, command.rest))
}
