//! The breakpoints of the tour, tried in gdb: each is really hit.
//!
//! A function that the compiler has put into its caller has no place of its own any more, and a
//! debugger passes by where the tour says it would stop. So the breakpoints of `notes/tour.gdb`,
//! and each `break` that NOTES.md names, are set, the program is run to its end, and gdb says how
//! often it came by.
//!
//! A name that begins with `runtime` is looked for in the example `watch`, another in the example
//! that it begins with.
#![forbid(unsafe_code)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use support::{root, run};

/// The names of `notes/tour.gdb`.
const STOPS: [&str; 7] = ["spawn", "poll", "wake", "park", "unpark", "fire", "ready"];

/// Whether there is a gdb. If not, a line says what was not tested.
fn has_gdb() -> bool {
    let found = Command::new("gdb").arg("--version").output().is_ok();
    if !found {
        println!("SKIPPED: the breakpoints of the tour: there is no gdb on the PATH");
    }
    found
}

/// Examples with all that a debugger knows names by, whatever this build is content with.
fn build(examples: &[&str]) -> Vec<PathBuf> {
    let me = std::env::current_exe().expect("a running test knows its file");
    let target = me.ancestors().nth(3).expect("target/debug/deps/me");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet"]);
    for package in ["runtime", "examples", "treadle"] {
        cargo.arg("--config");
        cargo.arg(format!("profile.dev.package.{package}.debug=2"));
    }
    for example in examples {
        cargo.args(["--package", run::package(example), "--example", example]);
    }
    cargo.arg("--target-dir").arg(target).current_dir(root());
    assert!(cargo.status().expect("cargo runs").success());
    let binary = |name: &&str| target.join("debug/examples").join(name);
    examples.iter().map(binary).collect()
}

/// Sets breakpoints by `setting`, runs the program to its end, and returns gdb's table of how
/// often each was hit.
fn hits(program: &PathBuf, setting: &[String]) -> String {
    let mut gdb = Command::new("gdb");
    gdb.args(["-q", "-nx", "-batch"]);
    let never = "python [gdb.execute(f'ignore {b.number} 1000000000') for b in gdb.breakpoints()]";
    let after = [never, "run", "info breakpoints"].map(str::to_owned);
    for command in setting.iter().chain(&after) {
        gdb.args(["-ex", command]);
    }
    let output = gdb.arg(program).current_dir(root()).output();
    let output = output.expect("gdb runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = text(&output.stdout) + &text(&output.stderr);
    assert!(all.contains("exited normally"), "{all}");
    all
}

/// Whether the table says that breakpoint `number` was hit: the line after its own does.
fn is_hit(table: &str, number: usize) -> bool {
    let own = format!("{number} ");
    let mut lines = table.lines().skip_while(|line| !line.starts_with("Num "));
    lines.find(|line| line.starts_with(&own)).is_some()
        && lines
            .next()
            .is_some_and(|line| line.contains("already hit"))
}

/// The numbers that `stops` prints, by name.
fn numbers(table: &str) -> BTreeMap<String, usize> {
    let line = table.lines().find(|line| line.starts_with("spawn "));
    let line = line
        .expect("the script has a command `stops`")
        .replace(',', "");
    let words: Vec<_> = line.split_whitespace().collect();
    let pairs = words
        .chunks(2)
        .map(|pair| (pair[0].to_owned(), pair[1].parse().unwrap()));
    pairs.collect()
}

#[test]
fn each_named_breakpoint_is_hit() {
    if !has_gdb() {
        return;
    }
    let programs = build(&["watch", "spawn_and_join"]);
    let script = ["source notes/tour.gdb", "stops"].map(str::to_owned);
    let observed = hits(&programs[0], &script);
    let numbers = numbers(&observed);
    for stop in STOPS.iter().filter(|it| **it != "poll") {
        assert!(is_hit(&observed, numbers[*stop]), "{stop}: {observed}");
    }
    assert!(is_hit(&observed, numbers["observed"]), "{observed}");
    let unobserved = hits(&programs[1], &script);
    assert!(is_hit(&unobserved, numbers["poll"]), "{unobserved}");
}

#[test]
fn each_break_that_the_tour_names_is_hit() {
    if !has_gdb() {
        return;
    }
    let notes = fs::read_to_string(root().join("NOTES.md")).unwrap();
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in notes.split('`').filter_map(|it| it.strip_prefix("break ")) {
        let first = name.split("::").next().unwrap_or(name);
        let example = if first == "runtime" { "watch" } else { first };
        named.entry(example).or_default().insert(name);
    }
    assert!(named["watch"].len() > 10, "{named:?}");
    let examples: Vec<&str> = named.keys().copied().collect();
    for (program, names) in build(&examples).iter().zip(named.values()) {
        let setting: Vec<_> = names.iter().map(|it| format!("break {it}")).collect();
        let table = hits(program, &setting);
        for (number, name) in (1..).zip(names) {
            assert!(is_hit(&table, number), "{name} is not hit: {table}");
        }
    }
}

#[test]
fn the_editor_reads_the_same_script_and_knows_no_machine() {
    let launch = fs::read_to_string(root().join(".vscode/launch.json")).unwrap();
    let script = fs::read_to_string(root().join("notes/tour.gdb")).unwrap();
    assert!(launch.contains("source ${workspaceFolder}/notes/tour.gdb"));
    for stop in STOPS {
        assert!(launch.contains(stop), "{stop}");
        assert!(script.contains(&format!("set ${stop} = $bpnum")), "{stop}");
    }
    for text in [&launch, &script] {
        assert!(!text.contains("/home") && !text.contains("/root"));
    }
    // The example that it proposes is there.
    assert!(run::example("watch", &["stranded"]).is_ok());
}
