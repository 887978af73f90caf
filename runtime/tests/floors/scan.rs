//! Reads one file and finds what it names, what it shows, and what it declares.
//!
//! The text is cut into tokens by `proc-macro2`, so comments and strings are out of the way
//! and a `use` may run over as many lines as it likes. Items under `#[cfg(test)]` are skipped
//! whole. Bodies of macros are read like all else: a path in them is a path.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// A path that the file writes, with the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The inline modules around it, outermost first.
    pub(crate) inside: Vec<String>,
    /// As written: `["super", "wheel", "Wheel"]`.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// A `pub use`: under which name it shows what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) named: Named,
    /// The last segment, or what stands after `as`; `*` shows everything.
    pub(crate) name: String,
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) imports: Vec<Named>,
    pub(crate) shows: Vec<Shown>,
    /// Items and inline modules, each as a path inside the file.
    pub(crate) items: BTreeSet<Vec<String>>,
    pub(crate) inline: BTreeSet<Vec<String>>,
    /// `mod name;`: the file's child modules.
    pub(crate) children: BTreeSet<String>,
    /// Those of them that exist in tests only.
    pub(crate) test_children: BTreeSet<String>,
    /// Macros that `#[macro_export]` puts at the root of the crate.
    pub(crate) exported_macros: BTreeSet<String>,
}

/// Scans a file of the crate that is called `krate`.
pub(crate) fn scan(krate: &str, text: &str) -> Result<Found, String> {
    let tokens: TokenStream = text.parse().map_err(|e| format!("is not Rust: {e}"))?;
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut scan = Scan {
        krate,
        found: Found::default(),
    };
    if is_test_only(&tokens) {
        return Ok(scan.found);
    }
    scan.declarations(&tokens);
    scan.walk(&tokens, &[]);
    Ok(scan.found)
}

struct Scan<'a> {
    krate: &'a str,
    found: Found,
}

impl Scan<'_> {
    /// `mod name;` first of all, for a path may begin with a child declared further down.
    fn declarations(&mut self, tokens: &[TokenTree]) {
        for at in 0..tokens.len() {
            if is_ident(tokens.get(at), "mod") && is_punct(tokens.get(at + 2), ';') {
                if let Some(name) = ident(tokens.get(at + 1)) {
                    if before_is_cfg_test(tokens, at) {
                        self.found.test_children.insert(name);
                    } else {
                        self.found.children.insert(name);
                    }
                }
            }
        }
    }

    fn walk(&mut self, tokens: &[TokenTree], inside: &[String]) {
        let mut at = 0;
        while at < tokens.len() {
            at = self.one(tokens, at, inside);
        }
    }

    /// Reads what begins at `at`; returns where the next thing begins.
    fn one(&mut self, tokens: &[TokenTree], at: usize, inside: &[String]) -> usize {
        if let Some((attribute, after)) = attribute(tokens, at) {
            return match attribute {
                attribute if is_cfg_test(&attribute) => skip_item(tokens, after),
                attribute => self.exported(&attribute, tokens, after),
            };
        }
        match &tokens[at] {
            TokenTree::Group(group) if !is_visibility(tokens, at) => {
                self.walk(&inner(group), inside);
            }
            TokenTree::Ident(word) if *word == "use" => return self.uses(tokens, at, inside),
            TokenTree::Ident(word) if *word == "mod" => return self.module(tokens, at, inside),
            TokenTree::Ident(word) => {
                self.item(&word.to_string(), tokens, at, inside);
                return self.path(tokens, at, inside);
            }
            _ => {}
        }
        at + 1
    }

    fn exported(&mut self, attribute: &Group, tokens: &[TokenTree], after: usize) -> usize {
        let words = inner(attribute);
        let exports = is_ident(words.first(), "macro_export");
        let name = ident(tokens.get(after + 2));
        if let (true, true, Some(name)) =
            (exports, is_ident(tokens.get(after), "macro_rules"), name)
        {
            self.found.exported_macros.insert(name);
        }
        after
    }

    /// `mod name { ... }` is walked with its name on the way.
    fn module(&mut self, tokens: &[TokenTree], at: usize, inside: &[String]) -> usize {
        let (name, body) = (ident(tokens.get(at + 1)), group(tokens.get(at + 2)));
        if let (Some(name), Some(body)) = (name, body) {
            let inside = [inside, &[name]].concat();
            self.found.inline.insert(inside.clone());
            self.walk(&inner(body), &inside);
            return at + 3;
        }
        at + 1
    }

    /// Remembers the name of an item, so that a `pub use child::*` can be followed.
    fn item(&mut self, word: &str, tokens: &[TokenTree], at: usize, inside: &[String]) {
        const ITEMS: [&str; 9] = [
            "fn",
            "struct",
            "enum",
            "trait",
            "type",
            "const",
            "static",
            "union",
            "macro_rules",
        ];
        if ITEMS.contains(&word) {
            let after = at + 1 + usize::from(word == "macro_rules");
            if let Some(name) = ident(tokens.get(after)) {
                self.found.items.insert([inside, &[name]].concat());
            }
        }
    }

    /// A path in an expression, a type, a pattern.
    fn path(&mut self, tokens: &[TokenTree], at: usize, inside: &[String]) -> usize {
        let (path, after) = segments(tokens, at);
        let continues = at >= 2 && is_colons(tokens, at - 2);
        if path.len() > 1 && !continues && self.is_ours(&path[0]) {
            self.import(path, line(&tokens[at]), inside);
        }
        after
    }

    /// A whole `use`, with every group in it.
    fn uses(&mut self, tokens: &[TokenTree], at: usize, inside: &[String]) -> usize {
        let mut end = at;
        while end < tokens.len() && !is_punct(tokens.get(end), ';') {
            end += 1;
        }
        let public = is_public(tokens, at);
        let mut leaves = Vec::new();
        use_tree(&tokens[at + 1..end], &[], &mut leaves);
        for (path, name, line) in leaves {
            if !path.first().is_some_and(|first| self.is_ours(first)) {
                continue;
            }
            let inside = inside.to_vec();
            match public {
                true => self.found.shows.push(Shown {
                    named: Named { inside, path, line },
                    name,
                }),
                false => self.found.imports.push(Named { inside, path, line }),
            }
        }
        end
    }

    fn import(&mut self, path: Vec<String>, line: usize, inside: &[String]) {
        let inside = inside.to_vec();
        self.found.imports.push(Named { inside, path, line });
    }

    /// Whether a path that begins so stays inside the crate.
    fn is_ours(&self, first: &str) -> bool {
        matches!(first, "crate" | "super" | "self")
            || first == self.krate
            || self.found.children.contains(first)
    }
}

/// The leaves of a use tree: path, name under which it is used, line.
fn use_tree(
    tokens: &[TokenTree],
    above: &[String],
    leaves: &mut Vec<(Vec<String>, String, usize)>,
) {
    let commas = |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == ',');
    for branch in tokens.split(commas).filter(|it| !it.is_empty()) {
        let start = if is_colons(branch, 0) { 2 } else { 0 };
        let (path, after) = segments(branch, start);
        let path = without_self([above, &path].concat());
        let line = line(&branch[0]);
        if let Some(group) = group(branch.get(after)) {
            use_tree(&inner(group), &path, leaves);
        } else if is_punct(branch.get(after), '*') {
            leaves.push((path, "*".to_owned(), line));
        } else if let Some(last) = path.last().cloned() {
            let renamed = ident(branch.get(after + 1));
            leaves.push((path, renamed.unwrap_or(last), line));
        }
    }
}

/// `use a::b::{self}` names `a::b`.
fn without_self(mut path: Vec<String>) -> Vec<String> {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    path
}

/// `a::b::c` from `at`, and where it ends; a trailing `::` is taken along.
fn segments(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let (mut path, mut at) = (Vec::new(), at);
    while let Some(name) = ident(tokens.get(at)) {
        path.push(name);
        at += 1;
        if !is_colons(tokens, at) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// `#[...]` or `#![...]` at `at`, and where it ends.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(Group, usize)> {
    if !is_punct(tokens.get(at), '#') {
        return None;
    }
    let bracket = at + 1 + usize::from(is_punct(tokens.get(at + 1), '!'));
    let group = group(tokens.get(bracket))?;
    (group.delimiter() == Delimiter::Bracket).then(|| (group.clone(), bracket + 1))
}

/// `cfg(test)` or `cfg(all(test, ...))`.
fn is_cfg_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn is_test_only(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.get(1), '!') && attribute(tokens, 0).is_some_and(|it| is_cfg_test(&it.0))
}

/// Whether one of the attributes right before the item at `at` is `cfg(test)`.
fn before_is_cfg_test(tokens: &[TokenTree], at: usize) -> bool {
    let mut at = at;
    while at > 0 && (is_ident(tokens.get(at - 1), "pub") || is_visibility(tokens, at - 1)) {
        at -= 1;
    }
    while at >= 2 && attribute(tokens, at - 2).is_some() {
        at -= 2;
        if attribute(tokens, at).is_some_and(|it| is_cfg_test(&it.0)) {
            return true;
        }
    }
    false
}

/// Past the item, field, arm or statement that begins at `at` (further attributes first).
fn skip_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some((_, after)) = attribute(tokens, at) {
        at = after;
    }
    let comma_ends = !begins_item(tokens, at);
    while at < tokens.len() {
        let brace = group(tokens.get(at)).is_some_and(|it| it.delimiter() == Delimiter::Brace);
        let comma = comma_ends && is_punct(tokens.get(at), ',');
        at += 1;
        if brace || comma || is_punct(tokens.get(at - 1), ';') {
            break;
        }
    }
    at
}

/// Whether an item begins here; a field or a match arm does not, and ends at its comma.
fn begins_item(tokens: &[TokenTree], at: usize) -> bool {
    const WORDS: [&str; 14] = [
        "fn",
        "mod",
        "use",
        "struct",
        "enum",
        "impl",
        "const",
        "static",
        "type",
        "trait",
        "unsafe",
        "async",
        "extern",
        "macro_rules",
    ];
    let mut at = at;
    while is_ident(tokens.get(at), "pub") || is_visibility(tokens, at) {
        at += 1;
    }
    ident(tokens.get(at)).is_some_and(|it| WORDS.contains(&it.as_str()))
}

/// The `(crate)` of `pub(crate)`.
fn is_visibility(tokens: &[TokenTree], at: usize) -> bool {
    at > 0
        && is_ident(tokens.get(at - 1), "pub")
        && group(tokens.get(at)).is_some_and(|it| it.delimiter() == Delimiter::Parenthesis)
}

fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && (is_ident(tokens.get(at - 1), "pub") || is_visibility(tokens, at - 1))
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(it)) if it.as_char() == sign)
}

fn is_ident(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(it)) if *it == word)
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(it)) => Some(it.to_string()),
        _ => None,
    }
}

fn group(token: Option<&TokenTree>) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(it)) => Some(it),
        _ => None,
    }
}

fn inner(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}
