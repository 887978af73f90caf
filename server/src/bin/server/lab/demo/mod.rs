//! The patterns at work: for each a demo with its routes, its knobs and its state.

mod bulkhead;
mod calls;
mod cancel;
mod circuit;
mod knob;
mod rate;
mod retry;
mod shed;
mod supervisor;

pub(super) use bulkhead::BulkheadDemo;
pub(super) use cancel::CancelDemo;
pub(super) use circuit::BreakerDemo;
pub(super) use rate::RateDemo;
pub(super) use retry::RetryDemo;
pub(super) use shed::ShedDemo;
pub(super) use supervisor::SupervisorDemo;
