//! Criterion's timings of sockets: an echo of 64 bytes; Treadle, Tokio and a bare mio loop.
//!
//! A round trip as a client sees it, by the wall: see `talk.rs` for what that is good for.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::single::{criterion, single};
use kit::talk::{round_trips, start};
use kit::work::{Bench, Ports};

fn main() {
    kit::machine::cores();
    let _awake = kit::machine::stay_awake();
    let mut c = criterion();
    let mut group = c.benchmark_group("net/echo");
    single(&mut group, "treadle", 1, || {
        client(start(treadle::echo::serve))
    });
    single(&mut group, "tokio", 1, || client(start(tokio::echo::serve)));
    single(&mut group, "floor", 1, || client(start(bare::echo::serve)));
    group.finish();
    c.final_summary();
}

fn client(ports: Ports) -> Bench {
    round_trips(ports, vec![b'x'; 64], |answer| answer.len() == 64)
}
