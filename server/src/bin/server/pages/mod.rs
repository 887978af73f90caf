//! Pages for people: one frame around all of them, one stylesheet, and nothing from elsewhere.

mod frame;
mod options;
mod problem;
mod same_site;

pub(crate) use frame::{asset, escape, of_kind, page, script, style};
pub(crate) use options::answer_options;
pub(crate) use problem::{AsItIs, Problem, names, negotiate, wants_page};
pub(crate) use same_site::refuse_other_sites;
