//! What the path of a request captured.

mod params;

pub(crate) use params::UrlParams;
