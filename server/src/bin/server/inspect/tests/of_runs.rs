//! What leads from host to host: all that was sent in one run of a simulation, and nothing between two runs of it.

use std::rc::Rc;
use std::time::Duration;

use runtime::trace::{Event, Recording};
use story::lanes::{Hosts, Link};

use super::of_lanes::recorded_with;

const AHEAD: Duration = Duration::from_micros(1700);

/// These files together, a lane for each host.
fn together(files: &[Vec<u8>]) -> Hosts {
    let read = files
        .iter()
        .map(|it| Recording::read_from(&it[..]).unwrap());
    Hosts::new(read.map(|it| (it.lane().unwrap().host.clone(), Rc::new(it))))
}

/// What was heard of another event: the recording in which it was heard, and what is said of where it came from.
fn heard(hosts: &Hosts) -> Vec<(usize, Link)> {
    let ready =
        |it: &&story::lanes::Step| matches!(hosts.record_of(**it).event, Event::Ready { .. });
    let steps = hosts.steps().iter().filter(ready);
    let sent = steps.filter_map(|it| Some((it.recording, hosts.sent(it.recording, it.index)?)));
    sent.collect()
}

fn is_missing(link: &Link) -> bool {
    link.text
        .ends_with("the recordings here do not have that event")
}

#[test]
fn in_one_run_all_that_was_heard_was_sent_by_an_event_that_is_there() {
    for (seed, ahead) in (0..8).zip([Duration::ZERO, AHEAD].into_iter().cycle()) {
        let heard = heard(&together(&recorded_with(seed, ahead)));
        assert!(heard.len() > 4, "{seed}: {heard:?}");
        let missing = heard.iter().find(|(_, link)| is_missing(link));
        assert_eq!(missing, None, "{seed}");
    }
}

#[test]
fn between_two_runs_nothing_was_sent() {
    for seed in 0..8 {
        let [one, other] = [seed, seed + 1].map(|it| recorded_with(it, Duration::ZERO));
        let (lives, count) = (one.len(), heard(&together(&one)).len());
        let both = heard(&together(&[&one[..], &other].concat()));
        assert!(both.len() > count, "{seed}");
        for (to, link) in both {
            let is_one = [to, link.recording].map(|it| it < lives);
            assert_eq!(is_one[0], is_one[1], "{seed}: {link:?}");
            assert!(!is_missing(&link), "{seed}: {link:?}");
        }
        // The reader of one run, and the keeper of the other.
        let mixed = [&one[lives - 1..], &other[..other.len() - 1]].concat();
        for (to, link) in heard(&together(&mixed)) {
            let is_one = [to, link.recording].map(|it| it == 0);
            assert_eq!(is_one[0], is_one[1], "{seed}: {link:?}");
        }
    }
}
