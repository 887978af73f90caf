//! Files from anywhere: whole, cut off, edited, or no recordings.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use http::StatusCode;
use runtime::runtime::Runtime;
use runtime::trace::Recording;
use serde_json::Value;

use super::super::part::Part;
use super::super::shown::Shown;
use super::of_lanes::{asked, json, read, recorded, shown};
use super::{HERE, OURS, client, client_in, watched};
use crate::form_of_files::{KIND, form};

/// Opens files on a page, and asks it for its state afterwards.
fn opened(shown: Shown, files: &[(&str, &[u8])]) -> (StatusCode, Value, Value) {
    Runtime::new().unwrap().block_on(async {
        let client = client(shown);
        let request = client.post("/open?token=secret").header(HERE.0, HERE.1);
        let request = request.header(OURS.0, OURS.1).header("content-type", KIND);
        let answer = request.body(form(files)).await;
        let (status, said) = (answer.status(), answer.text().await);
        let now = client
            .get("/state?token=secret")
            .header(HERE.0, HERE.1)
            .await;
        let now = serde_json::from_str(&now.text().await).unwrap();
        (status, serde_json::from_str(&said).unwrap(), now)
    })
}

/// Asks a page of what is shown to write a file into a folder.
fn kept(shown: Shown, folder: &Path, from: &str) -> (StatusCode, Value) {
    Runtime::new().unwrap().block_on(async {
        let client = client_in(folder.to_owned(), shown);
        let request = client.post(&format!("/keep?token=secret{from}"));
        let answer = request.header(HERE.0, HERE.1).header(OURS.0, OURS.1).await;
        let status = answer.status();
        let said = serde_json::from_str(&answer.text().await).unwrap();
        (status, said)
    })
}

#[test]
fn what_happened_is_written_into_a_file_whole_or_from_an_event_on() {
    let folder = tempfile::tempdir().unwrap();
    let (_observed, watched) = watched();
    let all = watched.all();
    let last = all.records().last().unwrap().seq;
    for (from, records, what) in [
        (String::new(), all.records(), "in the last 30 s".to_owned()),
        (
            format!("&from={last}"),
            &all.records()[all.records().len() - 1..],
            format!("since event {last}"),
        ),
    ] {
        let shown = Shown::live(Part::live(watched.clone()));
        let (status, said) = kept(shown, folder.path(), &from);
        assert_eq!(status, 200, "{said}");
        let file = said["file"].as_str().unwrap();
        let text = format!(
            "What happened {what} is in {file}. To step through it: cargo run --example stepper -- '{file}'"
        );
        assert_eq!(said["text"], text);
        let read = Recording::read_from(BufReader::new(File::open(file).unwrap())).unwrap();
        assert_eq!(read.records(), records);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (_observed, watched) = watched();
    let live = || Shown::live(Part::live(watched.clone()));
    let (status, said) = kept(live(), folder.path(), "&from=1000000");
    let detail = "What happened since event 1000000 is not kept any more.";
    assert_eq!(
        (status, &said["detail"]),
        (StatusCode::NOT_FOUND, &detail.into())
    );
    let (status, said) = kept(shown(&recorded()), folder.path(), "");
    let detail = "This is a recording: it is in a file already.";
    assert_eq!(
        (status, &said["detail"]),
        (StatusCode::CONFLICT, &detail.into())
    );
    let file = folder.path().join("file");
    File::create(&file).unwrap();
    let (status, said) = kept(live(), &file, "");
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let detail = said["detail"].as_str().unwrap();
    assert!(
        detail.starts_with(&format!("Cannot write in {}: ", file.display())),
        "{detail}"
    );
}

/// An address leads into these recordings, and not into others.
#[test]
fn the_same_recordings_have_one_name() {
    let files = recorded();
    let name = |files: &[_]| shown(files).status()["name"].clone();
    assert_eq!(name(&files), name(&recorded()));
    assert_ne!(name(&files), name(&files[..2]));
    assert_ne!(name(&files[..1]), name(&files[1..2]));
    let (_observed, watched) = watched();
    assert_eq!(Shown::live(Part::live(watched)).status()["name"], "");
}

#[test]
fn files_that_are_chosen_are_shown_instead() {
    let files = recorded();
    let (status, said, _) = opened(
        shown(&files[1..2]),
        &[
            ("b.jsonl", &files[2]),
            ("notes.txt", b"?"),
            ("a.jsonl", &files[0]),
        ],
    );
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["hosts"], serde_json::json!(["keeper", "reader"]));
    let before = shown(&files[1..2]).status()["name"].clone();
    assert_ne!(
        said["name"], before,
        "a page sees that it is something else"
    );
    // One alone is shown as always.
    let (status, said, now) = opened(shown(&files), &[("a.jsonl", &files[0])]);
    assert_eq!((status, &said["hosts"]), (StatusCode::OK, &Value::Null));
    assert!(now["event"].get("number").is_none(), "{now}");
}

#[test]
fn too_many_files_are_refused_in_a_sentence_that_says_how_many_are_not() {
    let files = recorded();
    let many = vec![("notes.txt", &b"?"[..]); 1001];
    let (status, said, _) = opened(shown(&files), &many);
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let detail = said["detail"].as_str().unwrap();
    assert!(
        detail.contains("1000 files at most, with 512 MiB") && detail.contains("--show"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_shown_is_refused_in_a_sentence_and_changes_nothing() {
    let files = recorded();
    let lines: Vec<&[u8]> = files[0].split_inclusive(|byte| *byte == b'\n').collect();
    let gap = [&lines[..9], &lines[11..]].concat().concat();
    let broken = [&lines[..4], &[&b"{\"seq\":\n"[..]], &lines[4..]]
        .concat()
        .concat();
    for (name, file, why) in [
        (
            "a.jsonl",
            &b""[..],
            "Cannot show a.jsonl: not a recording of Treadle: line 1: the file is empty.",
        ),
        (
            "a.jsonl",
            b"{}\n",
            "Cannot show a.jsonl: not a recording of Treadle: line 1: ",
        ),
        (
            "a.jsonl",
            &broken,
            "Cannot show a.jsonl: not a recording of Treadle: line 5: ",
        ),
        (
            "a.jsonl",
            &gap,
            "the file was edited, or is several in one.",
        ),
        ("a.txt", b"", "There is no recording among the files"),
        ("../x.jsonl", b"\0", "Cannot show "),
    ] {
        let (status, said, now) = opened(
            shown(&files),
            &[("good.jsonl", &files[1][..]), (name, file)][usize::from(name == "a.txt")..],
        );
        assert!(status.is_client_error(), "{name}: {said}");
        let detail = said["detail"].as_str().unwrap();
        assert!(
            detail.contains(why) && detail.ends_with('.'),
            "{why}: {detail}"
        );
        assert!(
            now["event"]["name"].is_string(),
            "the hosts are still shown: {now}"
        );
    }
}

#[test]
fn a_server_that_runs_is_not_replaced_by_files() {
    let files = recorded();
    let (_observed, watched) = watched();
    let (status, said, _) = opened(Shown::live(Part::live(watched)), &[("a.jsonl", &files[0])]);
    assert_eq!(status, 409, "{said}");
    assert!(
        said["detail"]
            .as_str()
            .unwrap()
            .contains("server --show FILE"),
        "{said}"
    );
}

#[test]
fn a_file_that_was_cut_is_shown_up_to_there_and_that_is_said() {
    let files = recorded();
    let cut = &files[0][..files[0].len() - 20];
    let notes = Shown::of(vec![
        read("a.jsonl", cut).unwrap(),
        read("b.jsonl", &files[2]).unwrap(),
    ])
    .status()["notes"]
        .clone();
    let said = notes[0].as_str().unwrap();
    assert!(
        said.starts_with("a.jsonl: its line ") && said.contains(" was cut off"),
        "{said}"
    );
    assert_eq!(notes.as_array().unwrap().len(), 1);
}

#[test]
fn recordings_without_an_event_are_shown_and_every_question_has_an_answer() {
    let heads = recorded().into_iter().take(2).map(|file| {
        let end = file.iter().position(|byte| *byte == b'\n').unwrap();
        file[..=end].to_vec()
    });
    let heads: Vec<_> = heads.collect();
    let page = shown(&heads);
    assert_eq!(page.status()["next"], 0);
    let states = ["/state?at=0", "/state?us=5", "/state?us=5&host=0&at=1"];
    let ways = ["/state?lane=0&way=1", "/state?lane=0&way=-1&at=3"];
    let drawn = ["/lanes?from=0&to=9&width=700", "/requests"];
    let timeline = ["/timeline?from=0&to=99&width=700&at=0"];
    let paths = [&states[..], &ways, &drawn, &timeline].concat();
    let answers = asked(
        page,
        &paths.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(),
    );
    for (path, answer) in paths.iter().zip(&answers) {
        let answer = json(answer);
        assert!(
            !path.starts_with("/state") || answer["at"] == 0,
            "{path}: {answer}"
        );
    }
}

/// Numbers of an edited file may be anything. Whatever they are, it is refused, or every question about it has an
/// answer.
#[test]
fn an_edited_file_never_breaks_the_page() {
    let files = recorded();
    let mut chance = fastrand::Rng::with_seed(7);
    let mut shown_at_all = 0;
    for round in 0.. {
        assert!(round < 300, "only {shown_at_all} were shown");
        let mut edited = files.clone();
        let file = chance.usize(..edited.len());
        edited[file] = edit(&edited[file], &mut chance);
        let read: Result<Vec<_>, _> = edited.iter().map(|it| read("edited.jsonl", it)).collect();
        let Ok(read) = read else { continue };
        shown_at_all += 1;
        let page = Shown::of(read);
        let next = page.status()["next"].as_u64().unwrap();
        let mut paths = vec![
            "/requests".into(),
            "/recording".into(),
            "/perfetto.json".into(),
        ];
        for at in [0, 1, next / 3, next / 2, next.saturating_sub(1), next] {
            paths.push(format!("/state?at={at}"));
            paths.push(format!("/state?at={at}&host=0"));
            paths.push(format!("/state?at={at}&lane=1&way=-1"));
            paths.push(format!("/state?us={}&host=1&at={at}", at * 300));
            paths.push(format!(
                "/timeline?from=0&to=18446744073709551615&width=700&at={at}"
            ));
            paths.push(format!("/lanes?from={}&to={}&width=700", at / 2, at + 40));
        }
        let answers = asked(page, &paths);
        for (path, answer) in paths.iter().zip(&answers) {
            match path.starts_with("/recording") || path.starts_with("/perfetto") {
                true => assert_eq!(answer.0, 200, "{path}"),
                false => drop(json(answer)),
            }
        }
        if shown_at_all == 40 {
            return;
        }
    }
}

/// Some numbers of a file are others than before.
fn edit(file: &[u8], chance: &mut fastrand::Rng) -> Vec<u8> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    for _ in 0..chance.usize(1..4) {
        let place = match chance.bool() {
            true => 0,
            false => chance.usize(..lines.len()),
        };
        let line = lines[place].clone();
        let digits = line
            .char_indices()
            .filter(|(_, it)| it.is_ascii_digit())
            .map(|(at, _)| at);
        let digits: Vec<usize> = digits.collect();
        let Some(at) = chance.choice(digits) else {
            continue;
        };
        // The number of an event has to be what it is.
        if line[..at].ends_with("{\"seq\":") || line.contains("\"source\":\"") {
            continue;
        }
        let rest = line[at..].trim_start_matches(|it: char| it.is_ascii_digit());
        let number = chance.choice([
            0,
            1,
            3,
            77,
            999_999_999,
            u64::from(u32::MAX),
            1 << 40,
            u64::MAX,
        ]);
        lines[place] = format!("{}{}{rest}", &line[..at], number.unwrap_or(0));
    }
    let mut file = lines.join("\n").into_bytes();
    file.push(b'\n');
    file
}
