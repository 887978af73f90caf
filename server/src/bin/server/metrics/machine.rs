//! What the runtime and the engine say of themselves.

use std::time::Duration;

use runtime::trace::Trace;
use server::h1::Refusals;

use super::registry::Metrics;
use super::text::{Kind, Text};

/// Registers the numbers of the runtime. It is observed from now on: that costs each poll a few
/// nanoseconds.
pub(crate) fn register_runtime(metrics: &Metrics, trace: Trace) {
    trace.observe();
    metrics.register(move |text| runtime(text, &trace));
}

/// Registers what the engine has refused before it became a request.
pub(crate) fn register_refusals(metrics: &Metrics, refusals: Refusals) {
    metrics.register(move |text| {
        let name = "http_refusals_total";
        text.family(
            name,
            Kind::Counter,
            "Requests that the engine refused, by rule.",
        );
        for (refusal, times) in refusals.all() {
            let rule = refusal.rule().unwrap_or("own limit");
            text.sample(name, &[("reason", refusal.reason()), ("rule", rule)], times);
        }
    });
}

fn runtime(text: &mut Text, trace: &Trace) {
    let counts = trace.counts();
    let mut gauge = |name, help, more: u64, less: u64| {
        text.single(name, Kind::Gauge, help, more.saturating_sub(less));
    };
    gauge(
        "runtime_tasks",
        "Tasks that have not ended.",
        counts.tasks_spawned,
        counts.tasks_ended,
    );
    let gone = counts.timers_fired + counts.timers_dropped;
    gauge(
        "runtime_timers",
        "Timers that are set.",
        counts.timers_set,
        gone,
    );
    let (made, dropped) = (counts.sources_registered, counts.sources_dropped);
    gauge(
        "runtime_sources",
        "Sockets, signals and pipes in the reactor.",
        made,
        dropped,
    );
    gauge(
        "runtime_jobs",
        "Jobs of the blocking pool.",
        counts.jobs_queued,
        counts.jobs_ended,
    );
    for (name, help, value) in [
        (
            "runtime_tasks_spawned_total",
            "Tasks that were spawned.",
            counts.tasks_spawned,
        ),
        ("runtime_polls_total", "Polls of tasks.", counts.polls),
        ("runtime_wakes_total", "Wakes of tasks.", counts.wakes),
        (
            "runtime_timers_set_total",
            "Timers that were set.",
            counts.timers_set,
        ),
        (
            "runtime_timers_fired_total",
            "Timers that fired.",
            counts.timers_fired,
        ),
        (
            "runtime_parks_total",
            "How often the thread parked.",
            counts.parks,
        ),
    ] {
        text.single(name, Kind::Counter, help, value);
    }
    let mut seconds = |name, kind, help, value: Duration| {
        text.single(name, kind, help, value.as_secs_f64());
    };
    let help = "Time that the thread was parked.";
    seconds(
        "runtime_parked_seconds_total",
        Kind::Counter,
        help,
        counts.parked,
    );
    let help = "Time in polls of tasks.";
    seconds(
        "runtime_polling_seconds_total",
        Kind::Counter,
        help,
        counts.polling,
    );
    let help = "The longest poll since the start.";
    seconds(
        "runtime_longest_poll_seconds",
        Kind::Gauge,
        help,
        counts.longest_poll,
    );
}
