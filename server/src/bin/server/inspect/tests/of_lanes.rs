//! Several recordings on one page: each host a lane, on the clock that all share.

use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Runtime;
use runtime::sim::{self, Fault, Trouble};
use runtime::time::sleep;
use runtime::trace::Recording;
use serde_json::Value;

use super::super::files::{self, Read};
use super::super::picture;
use super::super::shown::Shown;
use super::{HERE, client};

const MILLI: Duration = Duration::from_millis(1);

/// A recording as a file.
pub(super) fn file(recording: &Recording) -> Vec<u8> {
    let mut file = Vec::new();
    recording.write_to(&mut file).unwrap();
    file
}

pub(super) fn read(name: &str, file: &[u8]) -> Result<Read, String> {
    files::read(Path::new(name), file)
}

/// A keeper of bytes that dies once, and a reader that asks until it has one: the files of both, one for each
/// life.
pub(super) fn recorded() -> Vec<Vec<u8>> {
    recorded_with(3, Duration::ZERO)
}

/// The same with another seed; from 2 ms on, the keeper's clock is so far ahead.
pub(super) fn recorded_with(seed: u64, ahead: Duration) -> Vec<Vec<u8>> {
    let mut sim = sim::Builder::new().rng_seed(seed).record(9_000).build();
    sim.host("keeper", || async {
        let door = TcpListener::bind("0.0.0.0:7").await?;
        while let Ok((mut reader, _)) = door.accept().await {
            sleep(6 * MILLI).await;
            reader.write_all(b"!").await?;
        }
        Ok(())
    });
    sim.client("reader", async {
        let once = async || TcpStream::connect("keeper:7").await?.read_u8().await;
        while once().await.is_err() {
            sleep(4 * MILLI).await;
        }
        Ok(())
    });
    sim.fault(Fault {
        at: 2 * MILLI,
        lasts: MILLI,
        what: Trouble::Ahead("keeper".into(), ahead),
    });
    sim.run_for(4 * MILLI).unwrap();
    sim.crash("keeper");
    let died = sim.recordings().remove("keeper").unwrap();
    sim.run_for(9 * MILLI).unwrap();
    sim.bounce("keeper");
    sim.run().unwrap();
    let others = sim.recordings().into_values();
    [died]
        .into_iter()
        .chain(others)
        .map(|it| file(&it))
        .collect()
}

/// What the page shows of these files.
pub(super) fn shown(files: &[Vec<u8>]) -> Shown {
    let names = (0..).map(|number| format!("{number}.jsonl"));
    let read = names
        .zip(files)
        .map(|(name, file)| read(&name, file).unwrap());
    Shown::of(read.collect())
}

/// Asks the page of these files, one question after the other.
pub(super) fn asked(shown: Shown, paths: &[String]) -> Vec<(StatusCode, String)> {
    Runtime::new().unwrap().block_on(async {
        let client = client(shown);
        let mut answers = Vec::new();
        for path in paths {
            let join = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{join}token=secret");
            let answer = client.get(&path).header(HERE.0, HERE.1).await;
            answers.push((answer.status(), answer.text().await));
        }
        answers
    })
}

pub(super) fn json(answer: &(StatusCode, String)) -> Value {
    assert_eq!(answer.0, 200, "{}", answer.1);
    serde_json::from_str(&answer.1).unwrap()
}

pub(super) fn one(files: &[Vec<u8>], path: &str) -> Value {
    json(&asked(shown(files), &[path.to_owned()])[0])
}

#[test]
fn each_event_has_one_place_and_the_state_that_its_own_file_has_there() {
    let files = recorded();
    let own: Vec<Recording> = files
        .iter()
        .map(|it| Recording::read_from(&it[..]).unwrap())
        .collect();
    let page = shown(&files);
    let told = page.told(0, 500);
    assert_eq!(told.len() as u64, page.status()["next"].as_u64().unwrap());
    let paths: Vec<_> = (1..=told.len())
        .map(|at| format!("/state?at={at}"))
        .collect();
    let moments = asked(page, &paths);
    let mut last = 0;
    for (place, (event, moment)) in told.iter().zip(&moments).enumerate() {
        let moment = json(moment);
        assert_eq!(event["seq"], place);
        assert_eq!(moment["event"], *event, "alone, and among others");
        assert!(
            event["commonUs"].as_u64().unwrap() >= last,
            "the common clock"
        );
        last = event["commonUs"].as_u64().unwrap();
        let recording = &own[event["recording"].as_u64().unwrap() as usize];
        let number = event["number"].as_u64().unwrap();
        let index = recording
            .records()
            .iter()
            .position(|it| it.seq == number)
            .unwrap();
        assert_eq!(moment["state"], picture::of(&recording.state_at(index + 1)));
    }
}

#[test]
fn the_causes_lead_to_the_host_that_sent_it() {
    let files = recorded();
    let read = |moment: &Value| {
        moment["event"]["text"]
            .as_str()
            .unwrap()
            .contains(" reads from source")
    };
    let all = one(&files, "/lanes?from=0&to=9999&width=9999")["to"]
        .as_u64()
        .unwrap();
    let paths: Vec<_> = (1..=all)
        .rev()
        .map(|at| format!("/state?at={at}"))
        .collect();
    let moments = asked(shown(&files), &paths);
    let read = moments
        .iter()
        .map(json)
        .find(|it| it["event"]["name"] == "reader" && read(it));
    let causes = read.unwrap()["causes"].clone();
    let sent = causes
        .as_array()
        .unwrap()
        .iter()
        .find(|cause| cause["name"] == "keeper");
    let sent = sent.expect("the keeper has sent it");
    let text = sent["text"].as_str().unwrap();
    let kind = match text.contains(" task 1 wrote 1 byte to source 2") {
        true => "IoDone",
        false => "SourceDropped",
    };
    assert!(text.starts_with("keeper: "), "{text}");
    let at = sent["seq"].as_u64().unwrap() + 1;
    let there = one(&files, &format!("/state?at={at}"));
    assert_eq!(
        there["event"]["number"], sent["number"],
        "it can be gone to"
    );
    assert_eq!(there["event"]["kind"], kind, "{text}");
}

#[test]
fn a_lane_has_the_lives_of_its_host_and_arrows_end_where_something_was_heard() {
    let files = recorded();
    let drawn = one(&files, "/lanes?from=0&to=9999&width=9999");
    let lives = drawn["lives"].as_array().unwrap();
    let of = |host: u64| lives.iter().filter(move |life| life["host"] == host);
    assert_eq!(
        (of(0).count(), of(1).count()),
        (2, 1),
        "keeper and reader: {drawn}"
    );
    let crash = of(0).find(|life| life["life"] == 0).unwrap();
    assert_eq!(crash["crashUs"], 4000);
    let again = of(0).find(|life| life["life"] == 1).unwrap();
    assert!(again["from"].as_u64() > crash["crash"].as_u64(), "{drawn}");

    let arrows = drawn["arrows"].as_array().unwrap();
    assert!(arrows.len() >= 4, "{drawn}");
    let (crashes, arrows): (Vec<_>, Vec<_>) = arrows.iter().partition(|it| it[0][3] == true);
    assert!(
        !crashes.is_empty(),
        "the reader hears of the crash: {drawn}"
    );
    for arrow in crashes {
        assert_eq!(arrow[0], serde_json::json!([0, crash["crash"], 4000, true]));
    }
    let page = shown(&files);
    for arrow in arrows {
        let event = |end: &Value| {
            page.told(end[1].as_u64().unwrap(), end[1].as_u64().unwrap() + 1)
                .remove(0)
        };
        let [from, to] = [event(&arrow[0]), event(&arrow[1])];
        assert_eq!(to["kind"], "Ready", "{arrow}");
        assert_ne!(from["host"], to["host"], "{arrow}");
        for (end, event) in [(&arrow[0], &from), (&arrow[1], &to)] {
            assert_eq!(
                [&end[0], &end[2]],
                [&event["host"], &event["commonUs"]],
                "{arrow}"
            );
        }
    }
}

#[test]
fn the_panels_stay_at_a_host_and_say_that_it_has_crashed() {
    let files = recorded();
    let crash = one(&files, "/lanes?from=0&to=9999&width=9999")["lives"][0]["crash"].clone();
    let after = crash.as_u64().unwrap() + 1;
    let held = one(&files, &format!("/state?at={after}&host=0"));
    assert_eq!(
        (&held["host"], &held["event"]["name"]),
        (&0.into(), &"reader".into())
    );
    assert_eq!(held["crashed"], "crashed at 4 ms");
    let free = one(&files, &format!("/state?at={after}"));
    assert_eq!((&free["host"], &free["crashed"]), (&1.into(), &Value::Null));
    assert_eq!(held["event"], free["event"]);
}

#[test]
fn a_click_in_a_lane_finds_the_nearest_event_of_its_host_and_a_key_the_next() {
    let files = recorded();
    let asked = |path: &str| one(&files, path)["event"].clone();
    let told = shown(&files).told(0, 500);
    let hosts: Vec<u64> = told.iter().map(|it| it["host"].as_u64().unwrap()).collect();
    for (place, way) in [(20, 1), (20, -1), (33, 0), (41, 0), (50, 1)] {
        for lane in [0, 1] {
            let found =
                asked(&format!("/state?at={}&lane={lane}&way={way}", place + 1))["seq"].as_u64();
            let its = (0..hosts.len()).filter(|it| hosts[*it] == lane);
            let next = its.clone().find(|it| *it > place);
            let before = its.clone().rfind(|it| *it < place);
            let near = its.min_by_key(|it| it.abs_diff(place));
            let wanted = [before, near, next][(way + 1) as usize].unwrap();
            let distance = |it: usize| it.abs_diff(place);
            let found = found.unwrap() as usize;
            assert_eq!(
                (hosts[found], distance(found)),
                (lane, distance(wanted)),
                "{place} {lane} {way}"
            );
        }
    }
}

#[test]
fn recordings_of_no_simulation_lie_side_by_side_by_their_own_clocks() {
    let mut own = Vec::new();
    for pause in [3, 5] {
        let mut builder = runtime::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        runtime.trace().start(1000);
        runtime.block_on(async { sleep(pause * MILLI).await });
        own.push(file(&runtime.trace().recording()));
    }
    let page = shown(&own);
    assert_eq!(page.status()["hosts"], serde_json::json!(["0", "1"]));
    let told = page.told(0, 500);
    let fired = told.iter().filter(|it| it["kind"] == "TimerFired");
    let fired: Vec<_> = fired
        .map(|it| (it["name"].as_str(), it["time"].as_str()))
        .collect();
    assert_eq!(
        fired,
        [(Some("0"), Some("3 ms")), (Some("1"), Some("5 ms"))]
    );
    assert_eq!(one(&own, "/lanes?from=0&to=99&width=500")["arrowCount"], 0);
}
