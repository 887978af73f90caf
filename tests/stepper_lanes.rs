//! The stepper with several recordings at once: the hosts of a simulation, as lanes of one picture.
#![forbid(unsafe_code)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::PathBuf;

use support::run;
use terminal::{END, LEFT, RIGHT, Terminal};

fn story(words: &[&str]) -> String {
    run::example("stepper", words).unwrap()
}

/// What was told, without the heading.
fn events(told: &str) -> &str {
    &told[told.find("  #0 ").unwrap() - 21..]
}

/// The program `hosts`, saved.
fn saved(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    story(&["hosts", "--save", folder.to_str().unwrap()]);
    folder
}

#[test]
fn the_files_of_a_folder_tell_the_story_of_their_hosts() {
    let folder = saved("lanes-folder");
    let direct = story(&["hosts"]);
    let told = story(&[folder.to_str().unwrap()]);
    assert_eq!(events(&told), events(&direct));
    // One by one, in whatever order.
    let files = ["store", "client", "server"].map(|host| folder.join(format!("{host}.jsonl")));
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    assert_eq!(events(&story(&files)), events(&direct));
}

#[test]
fn for_perfetto_each_host_is_a_process() {
    let file = format!("{}/lanes-perfetto.json", env!("CARGO_TARGET_TMPDIR"));
    assert_eq!(story(&["hosts", "--perfetto", &file]), "");
    let text = fs::read_to_string(&file).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let marks = file["traceEvents"].as_array().unwrap().iter();
    let processes = marks.filter(|mark| mark["name"] == "process_name");
    let names: Vec<_> = processes.map(|mark| &mark["args"]["name"]).collect();
    assert_eq!(names, ["client", "server", "store"]);
}

#[test]
fn what_a_host_that_is_not_there_has_sent_is_said() {
    let folder = saved("lanes-without");
    let files = ["store", "server"].map(|host| folder.join(format!("{host}.jsonl")));
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    let told = story(&files);
    let because = "because server #11: client sent it 984 us before; the recordings here do not have that event";
    assert!(told.contains(because), "{told}");
}

#[test]
fn one_host_alone_has_all_of_its_events() {
    let folder = saved("lanes-alone");
    let file = folder.join("client.jsonl");
    let told = story(&[file.to_str().unwrap()]);
    assert!(
        told.contains("#11 at 984 us\n    The reactor asks"),
        "{told}"
    );
    assert!(!story(&["hosts"]).contains("client  #11 "));
}

#[test]
fn recordings_that_are_of_no_simulation_lie_side_by_side_by_their_own_clocks() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let files = ["joining", "racing"].map(|name| folder.join(format!("side-{name}.jsonl")));
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    for (name, file) in ["joining", "racing"].iter().zip(files) {
        story(&[name, "--save", file]);
    }
    let told = story(&files);
    let ends = told.ends_with(" of 2 hosts.\n") && told.contains("side-racing   #0 ");
    assert!(ends, "{told}");
}

/// A file with a program's recording, as that of a host with this lane.
fn as_life(program: &str, lane: &str) -> String {
    let file = format!("{}/life-{program}.jsonl", env!("CARGO_TARGET_TMPDIR"));
    story(&[program, "--save", &file]);
    let text = fs::read_to_string(&file).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let head = head.strip_suffix('}').unwrap();
    fs::write(&file, format!("{head},\"lane\":{lane}}}\n{rest}")).unwrap();
    file
}

#[test]
fn a_host_that_crashed_and_came_back_has_one_lane() {
    let lane = |host, life, order, ms, crash| {
        let run = |order, ms: u32| {
            let at = format!("{{\"secs\":0,\"nanos\":{}}}", ms * 1_000_000);
            format!("{{\"seq\":0,\"order\":{order},\"at\":{at}}}")
        };
        let (runs, crash) = (
            run(order, ms),
            if crash { run(9, 40) } else { "null".into() },
        );
        let name = format!("{{\"host\":\"{host}\",\"life\":{life}");
        format!("{name},\"runs\":[{runs}],\"arrivals\":[],\"crash\":{crash}}}")
    };
    let files = [
        as_life("yielding", &lane("store", 0, 1, 0, true)),
        as_life("joining", &lane("client", 0, 20, 50, false)),
        as_life("together", &lane("store", 1, 30, 100, false)),
    ];
    let files = files.each_ref().map(String::as_str);
    let told = story(&files);
    let crash = "       40 ms  store   crashes: its tasks are dropped, its connections reset\n";
    let again = "       50 ms  client  #0 ";
    assert!(told.contains(&format!("{crash}{again}")), "{told}");
    assert!(told.contains("      100 ms  store   #0 "), "{told}");
    assert!(told.ends_with(" of 2 hosts.\n"), "{told}");

    let mut terminal = Terminal::start_with(&files, 80, 24);
    terminal.wait_for("before the first");
    terminal.press("/made of a future\rn");
    terminal.press("n");
    let text = terminal.wait_for("CLIENT: Task 1 \"parent\" is made of a future");
    assert!(
        text.contains("crashed at 40 ms") && text.contains('✕'),
        "{text}"
    );
    terminal.press(END);
    let text = terminal.wait_for("STORE: Task 1");
    let lanes = text.lines().filter(|line| line.starts_with("  ▶store"));
    assert_eq!(lanes.count(), 1, "{text}");
    assert!(!text.contains("crashed at"), "{text}");
    terminal.press("q");
    terminal.ends_well();
}

/// Two lives of one host, or two programs whose files have one name, are two recordings and one lane.
#[test]
fn recordings_of_one_name_are_told_and_saved_both() {
    let folders = ["one", "two"].map(|name| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("name-{name}"));
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    let files = folders.each_ref().map(|folder| folder.join("run.jsonl"));
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    story(&["racing", "--save", files[0]]);
    story(&["yielding", "--save", files[1]]);
    let told = story(&files);
    assert!(told.ends_with(" of 1 host.\n"), "{told}");
    let out = folders[0].join("out");
    let _ = fs::remove_dir_all(&out);
    story(&[files[0], files[1], "--save", out.to_str().unwrap()]);
    let names = fs::read_dir(&out)
        .unwrap()
        .map(|it| it.unwrap().file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["run.2.jsonl", "run.jsonl"]);
}

#[test]
fn a_lane_whose_numbers_are_out_of_order_is_told_all_the_same() {
    let from = r#"{"host":"store","life":0,"seq":3,"at":{"secs":0,"nanos":0}}"#;
    let arrival = |seq: u64, source: u64, side: &str| {
        format!("{{\"seq\":{seq},\"source\":{source},\"direction\":\"{side}\",\"from\":{from}}}")
    };
    let seqs = [90, 5, 70, 2, 18, 40, 1, 33, 60, 11];
    let arrivals = seqs.map(|seq| [arrival(seq, 2, "Read"), arrival(seq + 1, 1, "Write")]);
    let runs = [30, 4, 50, 0].map(|seq| {
        format!(
            "{{\"seq\":{seq},\"order\":{},\"at\":{{\"secs\":0,\"nanos\":{seq}}}}}",
            100 - seq
        )
    });
    let (arrivals, runs) = (arrivals.concat().join(","), runs.join(","));
    let lane = |host: &str, crash: &str| {
        format!(
            "{{\"host\":\"{host}\",\"life\":0,\"runs\":[{runs}],\"arrivals\":[{arrivals}],\"crash\":{crash}}}"
        )
    };
    let crash = r#"{"seq":1,"order":0,"at":{"secs":9,"nanos":0}}"#;
    let files = [
        as_life("echo", &lane("client", "null")),
        as_life("racing", &lane("store", crash)),
    ];
    let told = story(&files.each_ref().map(String::as_str));
    assert!(told.ends_with(" of 2 hosts.\n"), "{told}");
}

#[test]
fn a_host_cannot_name_a_file_outside_of_the_folder() {
    let lane = r#"{"host":"../out","life":0,"runs":[],"arrivals":[],"crash":null}"#;
    let one = as_life("spending", lane);
    let other = as_life("aborting", &lane.replace("../out", "b"));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("name-inside");
    let _ = fs::remove_dir_all(&folder);
    story(&[&one, &other, "--save", folder.to_str().unwrap()]);
    assert!(folder.join("___out.jsonl").exists() && folder.join("b.jsonl").exists());
}

#[test]
fn each_host_has_a_lane_and_the_panels_show_the_one_of_the_event() {
    let mut terminal = Terminal::start("hosts", 80, 24);
    let text = terminal.wait_for("before the first of 116 events");
    for part in [
        "LANES",
        "▶store",
        "server",
        "not started yet",
        "TASKS",
        "WHEEL",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    terminal.press(RIGHT);
    terminal.wait_for("STORE: Task 1 is made of a future");
    terminal.press(RIGHT);
    terminal.press(RIGHT);
    let text = terminal.wait_for("SERVER: Task 1 is made of a future");
    assert!(text.contains("▶server"), "{text}");
    terminal.press(LEFT);
    let text = terminal.wait_for("STORE: Task 1 goes to the back");
    assert!(text.contains("▶store"), "{text}");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn the_causes_of_a_poll_lead_through_all_hosts() {
    let mut terminal = Terminal::start("hosts", 120, 40);
    terminal.wait_for("before the first");
    for (key, seen) in [
        (END, "CLIENT: Task 1 is gone"),
        ("b", "CLIENT: Task 1 goes to the back"),
        ("b", "CLIENT: Source 1, a TCP stream, is readable"),
        ("b", "SERVER: Source 2 is closed"),
        ("b", "SERVER: Task 1 goes to the back"),
        ("b", "SERVER: Source 3, a TCP stream, is readable"),
        ("b", "STORE: Task 1 writes to source 2: 2 bytes."),
        ("B", "SERVER: Source 3, a TCP stream, is readable"),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
    }
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn what_is_guessed_is_the_next_event_of_any_host() {
    let mut terminal = Terminal::start("hosts", 80, 24);
    terminal.wait_for("before the first");
    // The server was told of nothing before: those events are passed over.
    terminal.press("/Source 1, a TCP listener, is readable\r");
    terminal.wait_for("SERVER: Source 1, a TCP listener, is readable");
    terminal.press(LEFT);
    terminal.wait_for("CLIENT: Task 1 says Pending");
    terminal.press("G");
    let asked = terminal.wait_for("WHAT HAPPENS NEXT?");
    let truth = "Source 1, a TCP listener, is readable";
    let line = asked.lines().find(|line| line.contains(truth));
    let line = line.unwrap_or_else(|| panic!("{asked}"));
    terminal.press(&line[..1]);
    terminal.wait_for("RIGHT (1 of 1)");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn the_panels_stay_at_a_host_and_only_its_events_are_gone_to() {
    let mut terminal = Terminal::start("hosts", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("\t");
    terminal.wait_for("The panels stay at client");
    for _ in 0..3 {
        terminal.press(RIGHT);
    }
    let text = terminal.wait_for("SERVER: Task 1 is made of a future");
    assert!(text.contains("▶client"), "{text}");
    assert!(text.contains("PANELS OF client"), "{text}");
    terminal.press("o");
    terminal.wait_for("Only the events of client");
    for (key, seen) in [
        (RIGHT, "CLIENT: Task 1 is made of a future"),
        (RIGHT, "CLIENT: Task 1 goes to the back"),
        (RIGHT, "CLIENT: The executor takes task 1"),
        ("o", "All events again."),
        ("\x1b", "The panels show the host of each event again."),
        (LEFT, "SERVER: Task 1 says Pending"),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
    }
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn a_name_in_a_file_is_no_command_for_the_terminal() {
    let folder = saved("lanes-names");
    let file = folder.join("client.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let evil = text.replacen("\"host\":\"client\"", "\"host\":\"cl\\u001b[2J\"", 1);
    assert_ne!(evil, text);
    fs::write(&file, evil).unwrap();
    let other = folder.join("server.jsonl");
    let text = fs::read_to_string(&other).unwrap();
    let evil = text.replace("\"host\":\"client\"", "\"host\":\"gone\\u001b[2J\"");
    fs::write(&other, evil).unwrap();
    let told = story(&[folder.to_str().unwrap()]);
    assert!(told.contains("  cl\\u{1b}[2J  #"), "{told}");
    assert!(told.contains(": gone\\u{1b}[2J sent it "), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}
