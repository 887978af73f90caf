//! The commands of README's table of what the program serves, run as a reader would run them.

#![cfg(unix)]

mod support;

use std::process::Command;

use support::program::Program;

/// Path and command of each row of the table.
fn rows() -> Vec<(String, String)> {
    const README: &str = include_str!("../../README.md");
    let table = README.split("## What the program serves").nth(1);
    let table = table.expect("the heading").split("\n## ").next();
    let rows = table.expect("a table").lines().filter_map(|line| {
        let (row, command) = line.strip_prefix("| ")?.split_once("| `curl ")?;
        let path = row.split('|').next()?.trim().to_owned();
        Some((path, format!("curl {}", command.strip_suffix("` |")?)))
    });
    rows.collect()
}

/// Status of the answer to a command, and whether curl was content. A stream is read for a while.
fn ask(command: &str, addr: &str) -> (String, bool) {
    let command = command.replace("127.0.0.1:3000", addr);
    let tail = "-s -o /dev/null --max-time 3 -w '%{http_code}'";
    let output = Command::new("sh")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["-c", &format!("{command} {tail}")])
        .output()
        .expect("a shell");
    const TIME_IS_UP: i32 = 28;
    let is_stream = ["-N", "-iN", "-vN"].iter().any(|it| command.contains(it));
    let code = output.status.code();
    let is_content = code == Some(0) || (is_stream && code == Some(TIME_IS_UP));
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        is_content,
    )
}

#[test]
fn each_command_of_the_table_is_answered() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED each_command_of_the_table_is_answered: there is no curl");
        return;
    }
    let rows = rows();
    assert!(rows.len() >= 15, "{rows:?}");
    let program = Program::start();
    for (path, command) in rows {
        let (status, is_content) = ask(&command, &program.addr.to_string());
        let expected = match path.as_str() {
            "`/ws/echo`" => ["101", "101"],
            _ => ["200", "201"],
        };
        assert!(
            is_content && expected.contains(&status.as_str()),
            "{path}: {status} to {command}"
        );
    }
}
