//! Criterion's timings of HTTP: one request, and 16 at once; Treadle's server, hyper on Tokio, and
//! a bare mio loop with httparse.
//!
//! A round trip as a client sees it, by the wall: see `talk.rs` for what that is good for. With 16
//! requests at once the figure is for all 16.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::single::{criterion, single};
use kit::talk::{round_trips, start, tcp};
use kit::work::{Bench, GET, HELLO, Ports};

fn main() {
    kit::machine::cores();
    let _awake = kit::machine::stay_awake();
    let mut c = criterion();

    let mut group = c.benchmark_group("http/plain");
    single(&mut group, "treadle", 1, || {
        one(start(treadle::http::serve))
    });
    single(&mut group, "tokio", 1, || one(start(tokio::http::serve)));
    single(&mut group, "floor", 1, || one(start(bare::http::serve)));
    group.finish();

    let mut group = c.benchmark_group("http/pipelined_16");
    single(&mut group, "treadle", 1, || {
        sixteen(start(treadle::http::serve))
    });
    single(&mut group, "tokio", 1, || {
        sixteen(start(tokio::http::serve))
    });
    single(&mut group, "floor", 1, || sixteen(start(bare::http::serve)));
    group.finish();

    c.final_summary();
}

fn one(ports: Ports) -> Bench {
    round_trips(tcp(ports), GET.to_vec(), |answer| answers(answer) == 1)
}

fn sixteen(ports: Ports) -> Bench {
    round_trips(tcp(ports), GET.repeat(16), |answer| answers(answer) == 16)
}

/// How many bodies are in the bytes.
fn answers(bytes: &[u8]) -> usize {
    bytes
        .windows(HELLO.len())
        .filter(|part| *part == HELLO.as_bytes())
        .count()
}
