//! Pages for people: one frame around all of them, one stylesheet, and nothing from elsewhere.

mod frame;
mod options;
mod problem;

pub(crate) use frame::{asset, escape, of_kind, page, script, style};
pub(crate) use options::answer_options;
pub(crate) use problem::{AsItIs, Problem, names, negotiate, wants_page};
