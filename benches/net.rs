//! Criterion's timings of sockets: an echo of 64 bytes by TCP, UDP and a Unix socket; Treadle and
//! Tokio, and by TCP a bare mio loop.
//!
//! A round trip as a client sees it, by the wall: see `talk.rs` for what that is good for.
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::sides::{floor as bare, tokio, treadle};
use kit::single::{criterion, single};
use kit::talk::{round_trips, start, tcp, udp, unix};
use kit::work::Bench;
use std::io::{Read, Write};

fn main() {
    kit::machine::cores();
    let _awake = kit::machine::stay_awake();
    let mut c = criterion();
    let mut group = c.benchmark_group("net/echo");
    single(&mut group, "treadle", 1, || {
        client(tcp(start(treadle::echo::serve)))
    });
    single(&mut group, "tokio", 1, || {
        client(tcp(start(tokio::echo::serve)))
    });
    single(&mut group, "floor", 1, || {
        client(tcp(start(bare::echo::serve)))
    });
    group.finish();
    let mut group = c.benchmark_group("udp/echo");
    single(&mut group, "treadle", 1, || {
        client(udp(start(treadle::udp::serve)))
    });
    single(&mut group, "tokio", 1, || {
        client(udp(start(tokio::udp::serve)))
    });
    group.finish();
    let mut group = c.benchmark_group("unix/echo");
    single(&mut group, "treadle", 1, || {
        client(unix(start(treadle::unix::serve)))
    });
    single(&mut group, "tokio", 1, || {
        client(unix(start(tokio::unix::serve)))
    });
    group.finish();
    c.final_summary();
}

fn client(connection: impl Read + Write + 'static) -> Bench {
    round_trips(connection, vec![b'x'; 64], |answer| answer.len() == 64)
}
