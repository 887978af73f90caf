//! Lifting: a source file without its program, so that its tests are left.
//!
//! axum's tests are unit tests. They stand in the modules that they test and begin with
//! `use super::*`, which hands them all that the module has and imports. So the module is kept
//! as a shell: its own imports, its tests, and, in place of what it defines, all that the module
//! of the same name offers here. What is not kept is blanked, and the lines stay where they are.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::ops::Range;
use tokio_suite::items::{Item, Kind, is_word, items};

/// Makes a shell of `text`. Of its imports those names stay that are among `words`, and of its
/// modules that have files of their own those that `is_kept` knows.
pub(crate) fn shell(
    text: &str,
    words: &BTreeSet<String>,
    is_kept: impl Fn(&str) -> bool,
) -> Result<String, String> {
    let mut kept = Vec::new();
    for item in items(tokens(text)?) {
        let is_module = item.kind == Kind::Mod && is_kept(&item.name);
        if is_of_tests(&item) || is_module {
            kept.push(item.bytes);
        } else if item.kind == Kind::Use && !is_public(&text[item.bytes.clone()]) {
            kept.extend(wanted(text, item, words));
        }
    }
    Ok(only(text, &kept))
}

/// The tests of a file, without the program. `None` if there are none.
pub(crate) fn tests(text: &str) -> Result<Option<String>, String> {
    let found = items(tokens(text)?).into_iter().filter(is_of_tests);
    let places: Vec<Range<usize>> = found.map(|item| item.bytes).collect();
    Ok((!places.is_empty()).then(|| only(text, &places)))
}

fn is_of_tests(item: &Item) -> bool {
    item.is_test || item.kind == Kind::Mod && item.name == "tests"
}

/// Collects the words of `text`.
pub(crate) fn words(text: &str, words: &mut BTreeSet<String>) -> Result<(), String> {
    collect(tokens(text)?, words);
    Ok(())
}

fn collect(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), words),
            _ => {}
        }
    }
}

/// Traits whose methods tests call without naming the trait.
const TRAITS: [&str; 5] = [
    "FromRequest",
    "FromRequestParts",
    "IntoResponse",
    "SinkExt",
    "StreamExt",
];

/// The places of an import that are left when the names are cut that are not among `words`.
fn wanted(text: &str, item: Item, words: &BTreeSet<String>) -> Vec<Range<usize>> {
    let is_wanted = |name: &str| {
        name.is_empty() || name == "_" || words.contains(name) || TRAITS.contains(&name)
    };
    if item.inner.is_empty() {
        let path = &text[item.bytes.clone()];
        let last = path.trim_end_matches(';').rsplit([':', ' ']).next();
        return match is_wanted(last.unwrap_or_default()) || path.contains('*') {
            true => vec![item.bytes],
            false => Vec::new(),
        };
    }
    let is_cut = |name: &&Item| !is_wanted(&name.name) && !text[name.bytes.clone()].contains('*');
    if item.inner.iter().all(|name| is_cut(&name)) {
        return Vec::new();
    }
    let mut places = Vec::new();
    let mut from = item.bytes.start;
    for name in item.inner.iter().filter(is_cut) {
        places.push(from..name.bytes.start);
        from = name.bytes.end;
    }
    places.push(from..item.bytes.end);
    places
}

fn tokens(text: &str) -> Result<TokenStream, String> {
    text.parse()
        .map_err(|error| format!("is not Rust: {error}"))
}

/// Whether `source` declares the module `name` for all to see.
pub(crate) fn offers(source: &str, name: &str) -> bool {
    let Ok(tokens) = source.parse::<TokenStream>() else {
        return false;
    };
    let is_it = |item: &Item| item.kind == Kind::Mod && item.name == name;
    let mut modules = items(tokens).into_iter().filter(is_it);
    modules.any(|item| is_public(&source[item.bytes]))
        || source.contains(&format!("::{name}::{{self"))
        || source.contains(&format!("::{{self, {name}"))
}

/// Whether the item of this text is `pub`, and not `pub(crate)`.
fn is_public(text: &str) -> bool {
    let tokens: Vec<TokenTree> = match text.parse::<TokenStream>() {
        Ok(tokens) => tokens.into_iter().collect(),
        Err(_) => return false,
    };
    let at = tokens.iter().position(|token| is_word(token, "pub"));
    let next = at.and_then(|at| tokens.get(at + 1));
    next.is_some_and(|next| !matches!(next, TokenTree::Group(_)))
}

/// `text`, blank outside of `kept`. Lines stay lines.
fn only(text: &str, kept: &[Range<usize>]) -> String {
    let is_kept = |at: usize| kept.iter().any(|range| range.contains(&at));
    let one = |(at, sign): (usize, char)| match sign == '\n' || is_kept(at) {
        true => sign,
        false => ' ',
    };
    text.char_indices().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{offers, shell, tests, words};
    use std::collections::BTreeSet;

    #[test]
    fn imports_and_tests_stay_and_lines_do_too() {
        let text = "//! Words.\nuse a::{b, c};\npub use c;\nfn d() {}\nmod e;\nmod f;\n#[cfg(test)]\nmod tests { b }\n#[test]\nfn h() {}";
        let mut known = BTreeSet::new();
        words(&tests(text).unwrap().unwrap(), &mut known).unwrap();
        assert!(known.contains("b") && !known.contains("c"));
        let shell = shell(text, &known, |name| name == "f").unwrap();
        let lines: Vec<&str> = shell.lines().map(str::trim).collect();
        let expected = ["", "use a::{b,  };", "", "", "", "mod f;"];
        assert_eq!(lines[..6], expected);
        let expected = ["#[cfg(test)]", "mod tests { b }", "#[test]", "fn h() {}"];
        assert_eq!(lines[6..], expected);
    }

    #[test]
    fn a_module_is_offered_only_if_it_is_public() {
        let text = "mod a; pub mod b; pub(crate) mod c; #[x] pub mod d {}";
        let offered: Vec<bool> = ["a", "b", "c", "d", "e"]
            .iter()
            .map(|name| offers(text, name))
            .collect();
        assert_eq!(offered, [false, true, false, true, false]);
    }
}
