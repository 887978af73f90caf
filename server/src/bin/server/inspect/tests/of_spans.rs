//! What a host does at once is one span of the picture: at places or at times that are nearer than a point.

use std::rc::Rc;
use std::time::Duration;

use runtime::sim;
use runtime::time::sleep;
use runtime::trace::{Event, Recording};
use story::lanes::Hosts;

use super::super::drawing::{self, Paper};
use super::of_lanes::{file, one, recorded};

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn what_is_nearer_than_a_point_is_one_span() {
    let files = recorded();
    let recordings = files
        .iter()
        .map(|it| Rc::new(Recording::read_from(&it[..]).unwrap()));
    let named = recordings.map(|it| (it.lane().unwrap().host.clone(), it));
    let hosts = Hosts::new(named);
    let len = hosts.steps().len();
    let polls = hosts
        .steps()
        .iter()
        .map(|step| &hosts.record_of(*step).event);
    let polls = polls
        .filter(|event| matches!(event, Event::PollStart { .. }))
        .count();
    let spans = |width| {
        let paper = Paper {
            width,
            by_time: false,
        };
        drawing::draw(&hosts, 0, len, paper)["spans"]
            .as_array()
            .unwrap()
            .clone()
    };
    let exact = spans(9999).iter().filter(|span| span[5] == true).count();
    assert_eq!(exact, polls);
    let places: u64 = spans(9999)
        .iter()
        .map(|it| it[2].as_u64().unwrap() - it[1].as_u64().unwrap())
        .sum();
    assert_eq!(places, len as u64, "each event is in one span");
}

#[test]
fn by_time_a_host_that_seldom_wakes_is_not_one_bar() {
    let mut sim = sim::Builder::new().record(9_000).build();
    for (name, pause) in [("busy", 10), ("seldom", 1000)] {
        sim.client(name, async move {
            for _ in 0..4000 / pause {
                sleep(pause * MILLI).await;
            }
            Ok(())
        });
    }
    sim.run_for(5000 * MILLI).unwrap();
    let files: Vec<_> = sim.recordings().values().map(file).collect();
    let polls = |path: &str| {
        let drawn = one(&files, path);
        let spans = drawn["spans"].as_array().unwrap().iter();
        let own = spans.filter(|span| span[0] == 1 && span[5] == true);
        own.map(|span| [span[3].as_u64().unwrap(), span[4].as_u64().unwrap()])
            .collect::<Vec<_>>()
    };
    let by_time = polls("/lanes?from=0&to=99999&width=400&time=true");
    assert_eq!(by_time, [0, 1, 2, 3, 4].map(|it| [it * 1_000_000; 2]));
}
