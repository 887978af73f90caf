//! The test of the test: houses of a few lines, each with one thing wrong.

use crate::rules::check;
use crate::source::{File, name};

/// What the rules object to in a crate called `house`.
fn objections(table: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| File {
            name: name(path),
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    check("house", table, &files)
}

#[track_caller]
fn one(table: &str, files: &[(&str, &str)]) -> String {
    let mut found = objections(table, files);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[track_caller]
fn holds(table: &str, files: &[(&str, &str)]) {
    let found = objections(table, files);
    assert!(found.is_empty(), "{found:#?}");
}

/// A table for the two files that most houses below have.
const LOW_HIGH: &str = "low \n high <- low";
const LOW: (&str, &str) = ("low.rs", "pub struct Brick;");

#[test]
fn a_path_downwards_that_is_in_the_row_is_right() {
    holds(LOW_HIGH, &[LOW, ("high.rs", "use crate::low::Brick;")]);
    holds(
        LOW_HIGH,
        &[LOW, ("high.rs", "fn f(b: super::low::Brick) {}")],
    );
    holds(
        LOW_HIGH,
        &[
            LOW,
            ("high.rs", "macro_rules! m { () => { $crate::low::Brick } }"),
        ],
    );
    holds(
        LOW_HIGH,
        &[LOW, ("high.rs", "fn f() { house::low::Brick; }")],
    );
}

#[test]
fn a_path_upwards_is_named_with_file_line_and_rule() {
    let high = ("high.rs", "use crate::low::Brick; pub struct Roof;");
    let low = ("low.rs", "fn f() {\n    let r = crate::high::Roof;\n}");
    let found = one(LOW_HIGH, &[low, high]);
    assert!(
        found.starts_with("low.rs:2: `crate::high::Roof` leads to high"),
        "{found}"
    );
    assert!(found.contains("upwards, or in a circle"), "{found}");
    assert!(found.contains("low may import: nothing"), "{found}");
}

#[test]
fn every_way_to_write_a_path_is_seen() {
    let ways = [
        "use crate::high::Roof;",
        "use crate::{high::Roof};",
        "use {crate::{\n high::{\n Roof as R, self}}};",
        "use super::high::*;",
        "use crate::high;",
        "fn f() -> crate::high::Roof { loop {} }",
        "fn f() { vec![crate::high::Roof]; }",
        "impl super::high::Trait for () {}",
        "macro_rules! m { () => { $crate::high::Roof } }",
        "mod inner { use super::super::high::Roof; }",
        "use house::high::Roof;",
        "#[cfg(not(test))] use crate::high::Roof;",
        "#[cfg(feature = \"x\")] fn f() { crate::high::roof() }",
        "struct S { #[cfg(test)] a: u8, b: crate::high::Roof }",
    ];
    for way in ways {
        let found = objections("low \n high", &[("low.rs", way), ("high.rs", "")]);
        assert!(!found.is_empty(), "not seen: {way}");
        assert!(
            found.iter().all(|it| it.contains("leads to high")),
            "{way}: {found:?}"
        );
    }
}

#[test]
fn tests_comments_strings_and_visibilities_do_not_count() {
    let silent = [
        "// use crate::high::Roof;",
        "/// See [`crate::high::Roof`].\nfn f() {}",
        "const S: &str = \"crate::high::Roof\";",
        "#[cfg(test)] mod tests { use crate::high::Roof; }",
        "#[cfg(test)] #[allow(unused)] pub(crate) use crate::high::Roof;",
        "#[cfg(test)] fn f<A, B>(a: A) { crate::high::Roof; }",
        "struct S { #[cfg(test)] a: crate::high::Roof, b: u8 }",
        "pub(in crate::high) fn f() {}",
        "#![cfg(test)] use crate::high::Roof;",
        "use std::high::Roof; fn f() { std::super_high::x() }",
    ];
    for text in silent {
        holds("low \n high", &[("low.rs", text), ("high.rs", "")]);
    }
}

#[test]
fn a_file_that_only_tests_know_needs_no_row() {
    let low = ("low.rs", "#[cfg(test)]\nmod tests;");
    holds(
        "low",
        &[
            low,
            ("low/tests.rs", "use crate::roof::X;"),
            ("low/tests/model.rs", ""),
        ],
    );
}

#[test]
fn a_name_that_a_facade_shows_is_followed_to_where_it_lives() {
    let folder = [
        ("lib.rs", "mod room; mod low; pub use room::Chair;"),
        (
            "room/mod.rs",
            "mod chair; mod table; pub use chair::*; pub use self::table::Table;",
        ),
        ("room/chair.rs", "pub struct Chair;"),
        ("room/table.rs", "pub struct Table;"),
    ];
    let table = "low \n room/chair \n room/table \n room \n lib -> *";
    for (path, target) in [
        ("crate::Chair", "room/chair"),
        ("crate::room::Chair", "room/chair"),
        ("crate::room::Table", "room/table"),
        ("crate::room::Sofa", "room"),
    ] {
        let low = format!("use {path};");
        let found = one(table, &[&folder[..], &[("low.rs", &low)]].concat());
        assert!(found.contains(&format!("leads to {target},")), "{found}");
    }
}

#[test]
fn an_inline_module_and_an_exported_macro_live_in_their_file() {
    let time = (
        "time/mod.rs",
        "mod out; pub mod error { pub use super::out::Elapsed; pub struct E; }",
    );
    let out = ("time/out.rs", "pub struct Elapsed;");
    let mac = ("mac.rs", "#[macro_export] macro_rules! join { () => {} }");
    let table = "low \n time/out \n time \n mac";
    for (path, target) in [
        ("crate::time::error::Elapsed", "time/out"),
        ("crate::time::error::E", "time"),
        ("crate::join", "mac"),
    ] {
        let low = format!("use {path};");
        let found = one(table, &[time, out, mac, ("low.rs", &low)]);
        assert!(found.contains(&format!("leads to {target},")), "{found}");
    }
}

#[test]
fn a_parent_that_uses_its_child_while_the_child_uses_it_is_a_circle() {
    let parent = (
        "room/mod.rs",
        "mod chair; fn sit() { chair::sit() } pub struct Room;",
    );
    let child = ("room/chair.rs", "pub fn sit() {} fn f(r: super::Room) {}");
    let found = one("room/chair \n room <- room/chair", &[parent, child]);
    assert!(found.contains("`super::Room` leads to room"), "{found}");
}

#[test]
fn showing_what_lives_elsewhere_must_be_in_the_row() {
    let files = [LOW, ("high.rs", "pub use crate::low::Brick;")];
    let found = one("low \n high", &files);
    assert!(
        found.contains("shows `crate::low::Brick` of low"),
        "{found}"
    );
    holds("low \n high -> low", &files);
    // Showing is not bound to the floors: a low room may name what users look for there.
    let files = [
        ("low.rs", "pub use crate::high::Roof;"),
        ("high.rs", "pub struct Roof;"),
    ];
    holds("low -> high \n high", &files);
}

#[test]
fn the_table_must_be_true() {
    let files = [LOW, ("high.rs", "")];
    assert!(one(LOW_HIGH, &files).contains("no longer does"));
    assert!(one("low \n high -> low", &files).contains("no longer does"));
    assert!(one("low", &files).contains("high.rs: no row in the table"));
    assert!(one("low \n high \n roof", &files).contains("no such file"));
    assert!(one("low \n high \n low", &files).contains("two rows"));
    let crossing = [LOW, ("high.rs", "use crate::low::Brick;")];
    let found = objections("high <- low \n low", &crossing);
    assert!(found[0].contains("does not stand above it"), "{found:?}");
}

#[test]
fn a_star_stands_for_a_folder_as_far_as_it_is_above() {
    let files = [
        ("io/mod.rs", "mod a; mod b;"),
        ("io/a.rs", "pub struct A;"),
        ("io/b.rs", "use super::a::A;"),
        ("net.rs", "use crate::io::{a::A, b};"),
    ];
    holds("io/a \n io/b <- io/* \n io \n net <- io/*", &files);
    let circle = [("io/a.rs", "use crate::io::b;"), ("io/b.rs", "")];
    assert!(!objections("io/a <- io/* \n io/b", &circle).is_empty());
}

/// What the rules for rooms object to.
fn rooms(table: &str, edges: &[(&str, &str)]) -> Vec<String> {
    let edges = edges.iter();
    let edges = edges.map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
    crate::rooms::check(table, &edges.collect())
}

#[test]
fn a_room_knows_only_what_its_row_says() {
    let table = "cellar \n hall <- cellar";
    assert!(rooms(table, &[("hall/a", "cellar"), ("hall/a", "hall/b")]).is_empty());
    let found = rooms(table, &[("hall/a", "cellar"), ("cellar/x", "hall/a")]);
    assert_eq!(
        found,
        ["cellar/x imports hall/a, but the room cellar may not know the room hall"]
    );
    assert!(rooms(table, &[])[0].contains("no longer does"));
    assert!(rooms("hall", &[("attic/a", "hall")])[0].contains("the room attic has no row"));
    assert!(rooms("hall <- cellar \n cellar", &[("hall", "cellar")])[0].contains("circle"));
}

#[test]
fn an_exception_is_named_has_a_reason_and_is_needed() {
    let table = "cellar \n hall <- cellar \n ! cellar/x -> hall/a because it is old";
    let down = ("hall/a", "cellar/x");
    assert!(rooms(table, &[down, ("cellar/x", "hall/a")]).is_empty());
    assert!(rooms(table, &[down])[0].contains("no longer needed"));
    let bare = rooms(
        "cellar \n hall \n ! cellar/x -> hall/a",
        &[("cellar/x", "hall/a")],
    );
    assert!(bare[0].contains("gives no reason"), "{bare:?}");
}

#[test]
fn the_picture_puts_each_room_on_those_that_it_knows() {
    let picture = crate::rooms::picture("cellar \n hall <- cellar \n yard \n roof <- hall yard");
    let storeys = [
        "│ roof          │",
        "│ hall          │",
        "│ cellar   yard │",
    ];
    let lines: Vec<_> = picture
        .lines()
        .filter(|line| line.starts_with('│'))
        .collect();
    assert_eq!(lines, storeys);
}
