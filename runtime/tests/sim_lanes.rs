//! What the recordings of a simulation's hosts say of each other: when each host was run, and because of which deed of
//! which host a socket became ready.

#![cfg(feature = "sim")]
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::sim::{self, Builder, Fault, Sim, Trouble};
use runtime::time::{Duration, sleep};
use runtime::trace::{Arrival, Direction, Event, Lane, Record, Recording};

const MILLI: Duration = Duration::from_millis(1);

/// A server that answers each connection with one byte.
fn greeter(sim: &mut Sim) {
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let name = stream.read_u8().await?;
            sleep(10 * MILLI).await;
            stream.write_u8(name).await?;
        }
    });
}

/// A recorded simulation in which a client was greeted.
fn of_one_greeting() -> Sim {
    let mut sim = Builder::new().record(100_000).build();
    greeter(&mut sim);
    sim.client("client", async {
        greeted().await?;
        Ok(())
    });
    sim.run().unwrap();
    sim
}

async fn greeted() -> std::io::Result<u8> {
    let mut stream = TcpStream::connect("server:80").await?;
    stream.write_u8(7).await?;
    stream.read_u8().await
}

fn recorded(sim: &Sim, host: &str) -> Recording {
    sim.recordings().remove(host).unwrap()
}

fn lane(recording: &Recording) -> &Lane {
    recording.lane().unwrap()
}

/// The event of this number.
fn event(recording: &Recording, seq: u64) -> &Record {
    let mut records = recording.records().iter();
    records.find(|record| record.seq == seq).unwrap()
}

/// What made a source of this recording readable, the earliest first.
fn read_arrivals(recording: &Recording, source: u64) -> Vec<&Arrival> {
    let arrivals = lane(recording).arrivals.iter();
    let is_it = |it: &&Arrival| it.source == source && it.direction == Direction::Read;
    arrivals.filter(is_it).collect()
}

#[test]
fn the_runs_of_all_hosts_are_one_order_and_no_two_of_them_are_the_same() {
    let sim = of_one_greeting();
    let recordings = sim.recordings();
    let mut runs: Vec<_> = recordings.values().flat_map(|it| &lane(it).runs).collect();
    runs.sort_by_key(|run| run.order);
    assert!(runs.windows(2).all(|two| two[0].order < two[1].order));
    assert!(runs.is_sorted_by_key(|run| run.at));
    for recording in recordings.values() {
        for record in recording.records() {
            let run = lane(recording).run_of(record.seq).unwrap();
            assert_eq!(record.time, run.at, "{record:?}");
        }
    }
}

#[test]
fn a_clock_that_is_ahead_and_one_that_began_later_lie_right_on_the_common_one() {
    let mut sim = Builder::new().record(100_000).build();
    for (host, at, what) in [
        ("ahead", 5, Trouble::Ahead("ahead".into(), 100 * MILLI)),
        ("late", 20, Trouble::Down("late".into())),
    ] {
        let lasts = 10 * MILLI;
        let at = at * MILLI;
        sim.host(host, || async {
            sleep(400 * MILLI).await;
            Ok(())
        });
        sim.fault(Fault { at, lasts, what });
    }
    sim.run_for(500 * MILLI).unwrap();
    // The one has slept 100 ms less, by the common clock; the other began its sleep at 30 ms.
    for (host, ends) in [("ahead", 300), ("late", 430)] {
        let recording = recorded(&sim, host);
        let fired = |it: &&Record| matches!(it.event, Event::TimerFired { .. });
        let fired = recording.records().iter().find(fired).unwrap();
        let run = lane(&recording).run_of(fired.seq).unwrap();
        assert_eq!((fired.time, run.at), (400 * MILLI, ends * MILLI), "{host}");
    }
    assert_eq!(lane(&recorded(&sim, "late")).life, 1);
}

#[test]
fn what_is_read_was_written_by_an_event_of_the_other_host() {
    let sim = of_one_greeting();
    let (client, server) = (recorded(&sim, "client"), recorded(&sim, "server"));
    // The listener was knocked at by the client's connection, whose source is registered next.
    let knock = &read_arrivals(&server, 1)[0].from;
    assert_eq!(
        (&*knock.host, knock.life, knock.at),
        ("client", 0, Duration::ZERO)
    );
    let asked = &event(&client, knock.seq).event;
    assert!(
        matches!(asked, Event::SourceRegistered { source: 1, .. }),
        "{asked:?}"
    );
    // Each direction's byte.
    for (reader, source, writer, own) in [(&server, 2, &client, 1), (&client, 1, &server, 2)] {
        let from = &read_arrivals(reader, source)[0].from;
        assert_eq!(from.host, lane(writer).host);
        let written = &event(writer, from.seq).event;
        let (direction, bytes) = (Direction::Write, Some(1));
        let source = own;
        assert_eq!(
            *written,
            Event::IoDone {
                source,
                direction,
                bytes
            }
        );
    }
}

#[test]
fn a_reset_comes_from_the_crash_of_the_other_host() {
    let mut sim = Builder::new().record(100_000).build();
    greeter(&mut sim);
    sim.client("client", async {
        let error = greeted().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        Ok(())
    });
    sim.run_for(5 * MILLI).unwrap();
    sim.crash("server");
    sim.run().unwrap();
    let (client, server) = (recorded(&sim, "client"), recorded(&sim, "server"));
    let crash = lane(&server).crash.unwrap();
    let last = server.records().last().unwrap();
    assert_eq!((crash.seq, crash.at), (last.seq + 1, 5 * MILLI));
    let from = &read_arrivals(&client, 1).last().unwrap().from;
    assert_eq!(
        (&*from.host, from.seq, from.at),
        ("server", crash.seq, crash.at)
    );
}

#[test]
fn an_end_comes_from_the_event_in_which_the_source_was_dropped() {
    let mut sim = Builder::new().record(100_000).build();
    greeter(&mut sim);
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        stream.write_u8(7).await?;
        stream.read_u8().await?;
        assert_eq!(stream.read(&mut [0]).await?, 0);
        // Two deeds, one right after the other.
        drop(stream);
        TcpStream::connect("server:80").await?;
        Ok(())
    });
    sim.run().unwrap();
    let (client, server) = (recorded(&sim, "client"), recorded(&sim, "server"));
    let end = &read_arrivals(&client, 1).last().unwrap().from;
    let closed = &event(&server, end.seq).event;
    assert_eq!(*closed, Event::SourceDropped { source: 2 });
    let knock = &read_arrivals(&server, 1).last().unwrap().from;
    let asked = &event(&client, knock.seq).event;
    assert!(
        matches!(asked, Event::SourceRegistered { source: 2, .. }),
        "{asked:?}"
    );
}

#[test]
fn a_datagram_comes_from_the_event_that_sent_it() {
    let mut sim = Builder::new().record(100_000).build();
    sim.host("sink", || async {
        let socket = UdpSocket::bind("0.0.0.0:9").await?;
        loop {
            socket.recv_from(&mut [0; 8]).await?;
        }
    });
    sim.client("source", async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        sleep(MILLI).await;
        socket.send_to(b"one", ("sink", 9)).await?;
        sleep(10 * MILLI).await;
        Ok(())
    });
    sim.run().unwrap();
    let (sink, source) = (recorded(&sim, "sink"), recorded(&sim, "source"));
    let arrivals = read_arrivals(&sink, 1);
    let from = &arrivals.last().unwrap().from;
    assert_eq!((&*from.host, from.at), ("source", MILLI));
    let sent = &event(&source, from.seq).event;
    assert!(
        matches!(
            sent,
            Event::IoDone {
                direction: Direction::Write,
                ..
            }
        ),
        "{sent:?}"
    );
}

#[test]
fn of_a_long_life_only_what_belongs_to_the_kept_events_is_kept() {
    let mut sim = Builder::new().record(50).build();
    sim.client("client", async {
        for _ in 0..1000 {
            sleep(MILLI).await;
        }
        assert_eq!(sim::elapsed(), 1000 * MILLI);
        Ok(())
    });
    sim.run().unwrap();
    let recording = recorded(&sim, "client");
    let (first, lane) = (recording.records()[0].seq, lane(&recording));
    assert_eq!(recording.records().len(), 50);
    assert!(lane.runs.len() <= 50, "{}", lane.runs.len());
    assert!(lane.run_of(first).is_some());
    assert_eq!(lane.run_of(first).unwrap().seq, lane.runs[0].seq);
}

/// In Chrome's trace format.
#[cfg(feature = "serde")]
#[test]
fn for_perfetto_each_host_is_a_process_and_what_is_sent_an_arrow() {
    let mut sim = Builder::new().record(100_000).build();
    greeter(&mut sim);
    sim.client("client", async {
        sleep(100 * MILLI).await;
        greeted().await?;
        Ok(())
    });
    let ahead = Trouble::Ahead("client".into(), 50 * MILLI);
    sim.fault(Fault {
        at: MILLI,
        lasts: MILLI,
        what: ahead,
    });
    sim.run().unwrap();
    let recordings = sim.recordings();
    let all = recordings.iter().map(|(host, it)| (&**host, it));
    let mut file = Vec::new();
    Recording::write_chrome_of_all(all, &mut file).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let marks = file["traceEvents"].as_array().unwrap();
    let named = |name: &str| {
        let is_it =
            |it: &&serde_json::Value| it["name"] == "process_name" && it["args"]["name"] == name;
        marks.iter().find(is_it).unwrap()["pid"].as_u64().unwrap()
    };
    assert_eq!((named("client"), named("server")), (1, 2));
    // The clock of the client is ahead; on the common one, nothing happens after the end.
    let last = marks
        .iter()
        .filter_map(|it| it["ts"].as_f64())
        .fold(0.0, f64::max);
    assert!(last <= sim.elapsed().as_secs_f64() * 1e6, "{last}");
    // A connection and a byte to the server, a byte back: each from a slice to a slice.
    use std::collections::BTreeMap;
    // A viewer goes by the time, and then by the place in the file.
    let mut timed: Vec<_> = marks.iter().filter(|it| it["ts"].is_number()).collect();
    timed.sort_by(|one, other| {
        one["ts"]
            .as_f64()
            .partial_cmp(&other["ts"].as_f64())
            .unwrap()
    });
    let (mut open, mut begun, mut ways) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for mark in timed {
        let number = |key: &str| mark[key].as_u64().unwrap();
        let track = (number("pid"), number("tid"));
        match mark["ph"].as_str().unwrap() {
            "B" => *open.entry(track).or_insert(0) += 1,
            "E" => *open.entry(track).or_insert(0) -= 1,
            "s" | "f" if mark["cat"] == "network" => {
                assert!(open.get(&track) > Some(&0), "no slice is open: {mark}");
                match begun.remove(&number("id")) {
                    Some(from) => ways.push((from, track.0)),
                    None => drop(begun.insert(number("id"), track.0)),
                }
            }
            _ => {}
        }
    }
    assert!(begun.is_empty(), "{begun:?} lead nowhere");
    assert!(ways.contains(&(1, 2)) && ways.contains(&(2, 1)), "{ways:?}");
}

/// No event tells of it, and the next one is a write to another connection.
#[test]
fn the_end_of_a_connection_is_not_taken_for_what_the_program_does_next() {
    let mut sim = Builder::new().record(100_000).build();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut ended, _) = listener.accept().await?;
        let (mut written, _) = listener.accept().await?;
        let mut rest = Vec::new();
        ended.read_to_end(&mut rest).await?;
        written.read_u8().await?;
        Ok(())
    });
    sim.client("client", async {
        let mut one = TcpStream::connect("server:80").await?;
        let mut other = TcpStream::connect("server:80").await?;
        sleep(100 * MILLI).await;
        one.shutdown().await?;
        other.write_u8(1).await?;
        sleep(100 * MILLI).await;
        Ok(())
    });
    sim.run().unwrap();
    let server = recorded(&sim, "server");
    let late = lane(&server).arrivals.iter();
    let late = late.filter(|it| it.from.at >= 100 * MILLI && it.direction == Direction::Read);
    let mut ends: Vec<bool> = late.map(|it| it.from.is_end).collect();
    ends.sort_unstable();
    assert_eq!(ends, [false, true], "a byte, and an end");
}

#[cfg(feature = "serde")]
#[test]
fn a_file_keeps_the_lane_and_one_without_is_read_as_before() {
    let sim = of_one_greeting();
    let recording = recorded(&sim, "server");
    let mut file = Vec::new();
    recording.write_to(&mut file).unwrap();
    let again = Recording::read_from(&file[..]).unwrap();
    assert_eq!(again, recording);
    assert_eq!(again.lane(), recording.lane());
    // As an older version wrote it.
    let text = String::from_utf8(file).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let (head, _) = head.split_once(",\"lane\":").unwrap();
    let old = format!("{head}}}\n{rest}");
    let old = Recording::read_from(old.as_bytes()).unwrap();
    assert_eq!((old.lane(), old.records()), (None, recording.records()));
}
