//! From rustdoc's JSON to the lines of a list, and what is new and gone between two lists.
//!
//! Left out is what repeats another line: the functions of an implementation of a trait, which
//! are as the trait says, and what the compiler adds and no program asks for.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use public_api::Builder;

/// Traits that the compiler implements, and of which nothing is promised.
const NOT_PROMISED: [&str; 5] = [
    "core::marker::Freeze",
    "core::marker::StructuralPartialEq",
    "core::marker::UnsafeUnpin",
    "core::panic::unwind_safe::RefUnwindSafe",
    "core::panic::unwind_safe::UnwindSafe",
];

/// Names that every program knows (the prelude). They stand in a list without their path.
const PRELUDE: [(&str, &[&str]); 15] = [
    ("alloc::boxed::", &["Box"]),
    ("alloc::string::", &["String", "ToString"]),
    ("alloc::vec::", &["Vec"]),
    ("core::clone::", &["Clone"]),
    ("core::cmp::", &["Eq", "Ord", "PartialEq", "PartialOrd"]),
    (
        "core::convert::",
        &["AsMut", "AsRef", "From", "Into", "TryFrom", "TryInto"],
    ),
    ("core::default::", &["Default"]),
    ("core::future::future::", &["Future"]),
    (
        "core::iter::traits::collect::",
        &["FromIterator", "IntoIterator"],
    ),
    ("core::iter::traits::iterator::", &["Iterator"]),
    (
        "core::marker::",
        &["Copy", "Send", "Sized", "Sync", "Unpin"],
    ),
    ("core::ops::drop::", &["Drop"]),
    ("core::ops::function::", &["Fn", "FnMut", "FnOnce"]),
    ("core::option::", &["Option"]),
    ("core::result::", &["Result"]),
];

/// The public items of a crate, in the lines of its list.
pub(crate) fn of(json: &Path) -> Result<BTreeSet<String>, String> {
    let api = Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .build()
        .map_err(|error| format!("{} cannot be read: {error}", json.display()))?;
    let texts: HashMap<_, _> = api.items().map(|it| (it.id(), it.to_string())).collect();
    let lines = api.items().filter_map(|item| {
        let parent = item.parent_id().and_then(|id| texts.get(&id));
        line(&texts[&item.id()], parent.map_or("", String::as_str))
    });
    Ok(lines.collect())
}

/// An item's line, if it has one; `parent` is the text of what the item stands in.
fn line(item: &str, parent: &str) -> Option<String> {
    let is_of_trait = implemented(parent).is_some() && item.contains(" fn ");
    let is_promised = implemented(item).is_none_or(|it| !NOT_PROMISED.contains(&it));
    (!is_of_trait && is_promised).then(|| without_prelude(item))
}

/// The path of the trait, if the item is the implementation of a trait for a type.
fn implemented(item: &str) -> Option<&str> {
    let (head, _) = item.strip_prefix("impl")?.split_once(" for ")?;
    let path = head.rsplit([' ', '!']).next()?;
    Some(path)
}

fn without_prelude(item: &str) -> String {
    let mut rest = item;
    let mut text = String::new();
    while let Some(word) = rest.split(|sign| !is_of_path(sign)).next() {
        let known = PRELUDE.iter().find_map(|(path, names)| {
            let name = word.strip_prefix(path)?;
            names.contains(&name).then_some(name)
        });
        text += known.unwrap_or(word);
        rest = &rest[word.len()..];
        let Some(sign) = rest.chars().next() else {
            break;
        };
        text.push(sign);
        rest = &rest[sign.len_utf8()..];
    }
    text
}

fn is_of_path(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_' || sign == ':'
}

/// What is new (`+`) and gone (`-`) in the list of this crate; nothing, if both are the same.
pub(crate) fn changes(name: &str, listed: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for line in listed.union(found) {
        match (listed.contains(line), found.contains(line)) {
            (true, false) => writeln!(text, "- {line}").unwrap(),
            (false, true) => writeln!(text, "+ {line}").unwrap(),
            _ => {}
        }
    }
    if !text.is_empty() {
        text.insert_str(0, &format!("tests/api/{name}.txt\n"));
    }
    text
}

#[test]
fn an_item_has_a_line_if_it_says_something_of_its_own() {
    let derived = "impl core::clone::Clone for runtime::task::Id";
    let generic = "impl<T: core::marker::Send> core::clone::Clone for runtime::A<T>";
    let inherent = "impl<F> runtime::B<F> where F: for<'a> core::ops::function::Fn(&'a str)";
    for (item, parent, expected) in [
        (derived, "", Some("impl Clone for runtime::task::Id")),
        (
            "pub fn runtime::task::Id::clone(&self) -> Self",
            derived,
            None,
        ),
        ("pub fn runtime::A<T>::clone(&self) -> Self", generic, None),
        (
            "pub type runtime::A<T>::Output = ()",
            generic,
            Some("pub type runtime::A<T>::Output = ()"),
        ),
        (
            "pub fn runtime::B::f(&self) -> core::option::Option<core::result::Result<u8, std::io::error::Error>>",
            inherent,
            Some("pub fn runtime::B::f(&self) -> Option<Result<u8, std::io::error::Error>>"),
        ),
        (
            "impl !core::marker::Send for runtime::C",
            "",
            Some("impl !Send for runtime::C"),
        ),
        ("impl core::marker::Freeze for runtime::C", "", None),
        (
            "impl !core::panic::unwind_safe::UnwindSafe for runtime::C",
            "",
            None,
        ),
        (
            "impl<T> core::marker::Freeze for runtime::A<T> where T: core::marker::Freeze",
            "",
            None,
        ),
    ] {
        assert_eq!(line(item, parent).as_deref(), expected, "{item}");
    }
}

#[test]
fn a_changed_signature_is_a_line_that_is_gone_and_one_that_is_new() {
    let set = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    let listed = set(&["pub fn a::f()", "pub fn a::g()"]);
    let found = set(&["pub fn a::f()", "pub fn a::g(u8)"]);
    assert_eq!(
        changes("a", &listed, &found),
        "tests/api/a.txt\n- pub fn a::g()\n+ pub fn a::g(u8)\n"
    );
    assert_eq!(changes("a", &listed, &listed), "");
}
