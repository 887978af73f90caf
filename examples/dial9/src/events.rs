//! The events of a trace, under the names and with the fields by which dial9's viewer knows them.
//!
//! The first seven are those of Tokio's telemetry. A trace describes its own events, so the viewer shows those
//! that it does not know, too: their names, their fields, their times.

use dial9_trace_format::{InternedString, TraceEvent};

#[derive(TraceEvent)]
pub(crate) struct TaskSpawnEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) task_id: u64,
    pub(crate) spawn_loc: InternedString,
    /// Whether the spawn went through dial9. If not, the viewer looks for no wakes of the task.
    pub(crate) instrumented: bool,
}

#[derive(TraceEvent)]
pub(crate) struct TaskTerminateEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) task_id: u64,
}

#[derive(TraceEvent)]
pub(crate) struct WakeEventEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    /// 0: no task has woken it, but a timer, a source, or the runtime.
    pub(crate) waker_task_id: u64,
    pub(crate) woken_task_id: u64,
    pub(crate) target_worker: u8,
}

#[derive(TraceEvent)]
pub(crate) struct PollStartEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) worker_id: u64,
    pub(crate) local_queue: u8,
    pub(crate) task_id: u64,
    pub(crate) spawn_loc: InternedString,
}

#[derive(TraceEvent)]
pub(crate) struct PollEndEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) worker_id: u64,
}

#[derive(TraceEvent)]
pub(crate) struct WorkerParkEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) worker_id: u64,
    pub(crate) local_queue: u8,
    pub(crate) cpu_time_ns: u64,
    pub(crate) tid: u32,
}

#[derive(TraceEvent)]
pub(crate) struct WorkerUnparkEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) worker_id: u64,
    pub(crate) local_queue: u8,
    pub(crate) cpu_time_ns: u64,
    /// How long the thread waited for a processor: not known.
    pub(crate) sched_wait_ns: Option<u64>,
    pub(crate) tid: u32,
}

/// For what a task waits: Tokio's telemetry has no such event.
#[derive(TraceEvent)]
pub(crate) struct WaitingEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    pub(crate) task_id: u64,
    pub(crate) on: InternedString,
    pub(crate) at: InternedString,
}

/// A stretch of the program's work, from its first mark to its last: a span of the viewer.
#[derive(TraceEvent)]
pub(crate) struct StretchEvent {
    #[traceevent(timestamp)]
    pub(crate) timestamp_ns: u64,
    #[traceevent(role = "span.start", unit = "ns")]
    pub(crate) start_ns: u64,
    #[traceevent(role = "span.name")]
    pub(crate) name: InternedString,
    /// Its number among those of its kind.
    pub(crate) id: u64,
    /// The task that began it; 0: none did.
    #[traceevent(role = "tokio.task_id")]
    pub(crate) task_id: u64,
    /// What the last mark says.
    pub(crate) end: InternedString,
}
