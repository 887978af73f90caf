//! How criterion runs a piece of shared work: short, and by the clock that the work reads itself.
//!
//! The whole of `cargo bench` has to fit into a coffee break, so each figure gets a second and a
//! half. That is enough for work that repeats itself millions of times; what needs care is in
//! `zz_table`.

use crate::kit::work::Bench;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use std::time::Duration;

/// Criterion as all targets use it, told what the command line says.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
        .without_plots()
        .configure_from_args()
}

/// Times one contender of a group; `operations` is how many the work does at least at a time, so
/// that what it does once (spawning its tasks, filling its vector) is spread thin.
///
/// `make` is called only if the command line selects this figure: making some of them is long.
pub(crate) fn single(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    operations: u64,
    make: impl Fn() -> Bench,
) {
    group.throughput(Throughput::Elements(operations));
    group.bench_function(name, |bencher| {
        let mut bench = make();
        bencher.iter_custom(|times| bench(times * operations));
    });
}
