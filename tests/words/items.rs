//! Inline code that names a file or an item: whether it exists.
//!
//! To know the items of a source file, its tokens are enough: `fn name` declares a function
//! also inside a macro's braces, where a parser of Rust would see nothing.

use crate::workspace::Workspace;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// Checks what stands between two backticks, if it is one of the forms that are checked.
pub(crate) fn check(workspace: &Workspace, document: &str, code: &str) -> Result<(), String> {
    if let Some((path, item)) = code.split_once(": ")
        && is_path(workspace, path)
    {
        return item_in(workspace, document, path, item);
    }
    if is_path(workspace, code) {
        return match workspace.find(document, code).is_empty() {
            true => Err(format!("there is no `{code}`")),
            false => Ok(()),
        };
    }
    item_anywhere(workspace, code)
}

/// What looks like a path of this repository.
fn is_path(workspace: &Workspace, code: &str) -> bool {
    const ENDINGS: [&str; 5] = [".rs", ".md", ".toml", ".txt", "/"];
    let sign = |c: char| c.is_ascii_alphanumeric() || "_-./*{},".contains(c);
    let outside = code.starts_with(['/', '*']) || code.starts_with("target/");
    if outside
        || code.contains("..")
        || !code.chars().all(sign)
        || !code.contains(char::is_alphabetic)
    {
        return false;
    }
    let first = code.split('/').next().unwrap_or(code);
    let top = code.contains('/') && workspace.has_folder(first);
    top || ENDINGS.iter().any(|it| code.ends_with(it))
}

fn item_in(workspace: &Workspace, document: &str, path: &str, item: &str) -> Result<(), String> {
    let found = workspace.find(document, path);
    if found.is_empty() {
        return Err(format!("there is no `{path}`"));
    }
    let name = plain(item);
    match found
        .iter()
        .any(|file| workspace.has_item(Some(file), name))
    {
        true => Ok(()),
        false => Err(format!("there is no `{name}` in `{path}`")),
    }
}

/// `Type::member` of a type of ours, or `fn name`.
fn item_anywhere(workspace: &Workspace, code: &str) -> Result<(), String> {
    let name = plain(code);
    let has = |name: &str| workspace.has_item(None, name);
    let known = match name.split_once("::") {
        Some((owner, member)) if is_name(owner) && is_name(member) => {
            let ours = owner.starts_with(char::is_uppercase) && has(owner);
            !ours || has(name)
        }
        None if code.starts_with("fn ") && is_name(name) => has(name),
        _ => true,
    };
    match known {
        true => Ok(()),
        false => Err(format!("there is no `{name}` in the workspace")),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `fn step(&mut self)` is `step`.
fn plain(item: &str) -> &str {
    const WORDS: [&str; 8] = [
        "pub ", "async ", "fn ", "struct ", "enum ", "trait ", "mod ", "const ",
    ];
    let mut item = item.trim();
    while let Some(rest) = WORDS.iter().find_map(|it| item.strip_prefix(it)) {
        item = rest.trim_start();
    }
    item.split(['(', '<', '!']).next().unwrap_or(item).trim()
}

/// The names of all items in a source text: `step`, and `Runtime::step` where it has an owner.
pub(crate) fn items(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(tokens) = text.parse::<TokenStream>() {
        walk(tokens, None, &mut found);
    }
    found
}

/// Whose members stand in a pair of braces.
#[derive(Debug, Clone)]
struct Owner {
    name: String,
    /// Fields or variants, not functions.
    lists: bool,
}

fn walk(tokens: TokenStream, owner: Option<&Owner>, found: &mut BTreeSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut next: Option<Owner> = None;
    for at in 0..tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(_) => {
                if let Some((name, opens)) = declared(&tokens, at) {
                    add(owner, &name, found);
                    next = opens;
                } else if let Some(name) = implemented(&tokens, at) {
                    next = Some(Owner { name, lists: false });
                } else if owner.is_some_and(|it| it.lists) && is_member(&tokens, at) {
                    add(owner, &tokens[at].to_string(), found);
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                walk(group.stream(), next.take().as_ref(), found);
            }
            TokenTree::Group(group) => walk(group.stream(), None, found),
            TokenTree::Punct(sign) if sign.as_char() == ';' => next = None,
            _ => {}
        }
    }
}

fn add(owner: Option<&Owner>, name: &str, found: &mut BTreeSet<String>) {
    found.insert(name.to_owned());
    if let Some(owner) = owner {
        found.insert(format!("{}::{name}", owner.name));
    }
}

/// The name that is declared at `at`, and the owner whose members its braces will hold.
fn declared(tokens: &[TokenTree], at: usize) -> Option<(String, Option<Owner>)> {
    let word = ident(tokens, at)?;
    let after = at + if word == "macro_rules" { 2 } else { 1 };
    let name = ident(tokens, after)?;
    let lists = match word.as_str() {
        "fn" | "const" | "static" | "type" | "mod" | "macro_rules" => return Some((name, None)),
        "struct" | "enum" | "union" => true,
        "trait" => false,
        _ => return None,
    };
    let owner = Owner {
        name: name.clone(),
        lists,
    };
    Some((name, Some(owner)))
}

/// The type whose members an `impl` at `at` declares.
fn implemented(tokens: &[TokenTree], at: usize) -> Option<String> {
    let is_item = match at.checked_sub(1).map(|before| &tokens[before]) {
        Some(TokenTree::Punct(sign)) => sign.as_char() == ';',
        _ => true,
    };
    if ident(tokens, at)? != "impl" || !is_item {
        return None;
    }
    let is_body =
        |it: &TokenTree| matches!(it, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    let body = tokens[at..].iter().position(is_body)? + at;
    let head = &tokens[at + 1..body];
    let is_for =
        |n: &usize| ident(head, *n).is_some_and(|it| it == "for") && !is_sign(head, n + 1, '<');
    let start = match (0..head.len()).find(is_for) {
        Some(at) => at + 1,
        None => after_generics(head),
    };
    last_of_path(&head[start..])
}

/// Past `<T: Into<U>>`, if the head of an `impl` begins so.
fn after_generics(head: &[TokenTree]) -> usize {
    let mut depth = 0;
    for at in 0..head.len() {
        let arrow = at > 0 && is_sign(head, at - 1, '-');
        match &head[at] {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' && !arrow => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let opened = at > 0;
            return if opened { at + 1 } else { 0 };
        }
    }
    0
}

/// `Type` of `a::b::Type<T>`.
fn last_of_path(tokens: &[TokenTree]) -> Option<String> {
    let stop = |it: &TokenTree| matches!(it, TokenTree::Punct(sign) if sign.as_char() == '<');
    let end = tokens.iter().position(stop).unwrap_or(tokens.len());
    let names = (0..end).map_while(|at| match &tokens[at] {
        TokenTree::Ident(it) if *it == "where" => None,
        TokenTree::Ident(it) => Some(Some(it.to_string())),
        _ => Some(None),
    });
    names.flatten().last()
}

/// Whether a field's or variant's name stands at `at`: first, or after a comma, an attribute
/// or `pub`.
fn is_member(tokens: &[TokenTree], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        None | Some(TokenTree::Group(_)) => true,
        // After the comma of `Map<Key, Box<Value>>` a type begins.
        Some(TokenTree::Punct(sign)) => sign.as_char() == ',' && !is_sign(tokens, at + 1, '<'),
        Some(TokenTree::Ident(word)) => *word == "pub",
        Some(TokenTree::Literal(_)) => false,
    }
}

fn ident(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(it)) => Some(it.to_string()),
        _ => None,
    }
}

fn is_sign(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == sign)
}
