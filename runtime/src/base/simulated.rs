//! Whether this thread runs a host of a simulation: for what such a host does not have.

#[cfg(feature = "sim")]
pub(crate) use super::wall::is_simulated;

/// Without the crate feature `sim` there are no such hosts.
#[cfg(not(feature = "sim"))]
pub(crate) fn is_simulated() -> bool {
    false
}
