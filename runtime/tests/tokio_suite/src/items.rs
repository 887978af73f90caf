//! Which items a source file has, and from which byte to which.
//!
//! No parser of Rust is needed for that. An item ends with its first brace group or semicolon;
//! its first keyword says what it is; the word behind that is its name. Macros are looked into
//! as well, for tests are often written inside of one, and a parser would not see those.
//!
//! What this cannot see is a test whose name a macro is given (`fn $name`). It is run like the
//! others; to exclude it, a call of a macro goes by the first argument that it hands over.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::ops::Range;

/// An item: something that can be cut out and leaves a program.
#[derive(Debug)]
pub struct Item {
    /// Its name. Empty if it has none.
    pub name: String,
    /// Of an `impl`: the trait. It goes by that name, too.
    pub of: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands, with its attributes.
    pub bytes: Range<usize>,
    /// Whether an attribute makes a test of it.
    pub is_test: bool,
    /// What is inside, if one may cut there.
    pub inner: Vec<Item>,
}

/// What an item is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Fn,
    /// A module, also one in a file of its own.
    Mod,
    /// An import.
    Use,
    /// A name within the braces of a `use`.
    Import,
    /// A type, an `impl` (its name is that of the type), a constant.
    Other,
    /// A macro.
    Macro,
    /// A call of one, or a piece of one.
    Call,
}

/// The items of a stream of tokens.
pub fn items(tokens: TokenStream) -> Vec<Item> {
    let mut items = Vec::new();
    let mut run = Vec::new();
    for token in tokens {
        let is_end = ends_item(&run, &token);
        run.push(token);
        if is_end {
            items.push(item(&run));
            run.clear();
        }
    }
    if !run.is_empty() {
        items.push(item(&run));
    }
    items
}

/// Whether `token` is the last of the item that began with `run`.
fn ends_item(run: &[TokenTree], token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => {
                !["use", "const", "static", "type", "let"].contains(&&*keyword(run).0)
            }
            // An inner attribute, `#![...]`, is an item of its own.
            Delimiter::Bracket => matches!(run, [.., hash, bang] if is(hash, '#') && is(bang, '!')),
            _ => false,
        },
        _ => false,
    }
}

fn item(run: &[TokenTree]) -> Item {
    let (word, at) = keyword(run);
    let kind = match &*word {
        "fn" => Kind::Fn,
        "mod" => Kind::Mod,
        "use" => Kind::Use,
        "macro_rules" => Kind::Macro,
        "" => Kind::Call,
        _ => Kind::Other,
    };
    let (first, last) = (&run[0], &run[run.len() - 1]);
    let attributes: Vec<&Group> = attributes(run).collect();
    Item {
        name: name(&word, &run[at..]),
        of: implemented(&run[at..]),
        kind,
        bytes: first.span().byte_range().start..last.span().byte_range().end,
        is_test: kind == Kind::Fn
            && attributes
                .iter()
                .any(|group| ends_with(group, &["test", "maybe_tokio_test", "wasm_bindgen_test"])),
        inner: inner(kind, &run[at..]),
    }
}

/// The keyword that says what an item is, and where it stands.
fn keyword(run: &[TokenTree]) -> (String, usize) {
    const WORDS: [&str; 13] = [
        "fn",
        "mod",
        "use",
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "type",
        "const",
        "static",
        "let",
        "macro_rules",
    ];
    for (at, token) in run.iter().enumerate() {
        if let TokenTree::Ident(word) = token {
            let word = word.to_string();
            let is_const_fn = word == "const" && run[at..].iter().any(|next| is_word(next, "fn"));
            if WORDS.contains(&&*word) && !is_const_fn {
                return (word, at);
            }
        }
    }
    (String::new(), 0)
}

/// The name of an item, given the tokens from its keyword on.
fn name(keyword: &str, run: &[TokenTree]) -> String {
    let name = match keyword {
        "" => first_argument(run),
        "use" => None,
        "impl" => implementor(run),
        "macro_rules" => run.get(2).cloned(),
        _ => run.get(1).cloned(),
    };
    match name {
        Some(TokenTree::Ident(name)) => name.to_string(),
        _ => String::new(),
    }
}

/// The first word before a comma that a macro is given. Such calls make a test of that name.
fn first_argument(run: &[TokenTree]) -> Option<TokenTree> {
    let mut groups = run.iter().rev().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let words: Vec<TokenTree> = groups.next()?.into_iter().collect();
    let before = words.windows(2).find(|pair| is(&pair[1], ','))?;
    Some(before[0].clone())
}

/// The type of an `impl`: the last word outside of angle brackets.
fn implementor(run: &[TokenTree]) -> Option<TokenTree> {
    let (mut depth, mut last, mut before_is_dash) = (0, None, false);
    for token in &run[1..] {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' && !before_is_dash => depth -= 1,
            TokenTree::Ident(word) if *word == "where" => break,
            TokenTree::Ident(_) if depth == 0 => last = Some(token.clone()),
            _ => {}
        }
        before_is_dash = is(token, '-');
    }
    last
}

/// The trait of an `impl`: the word before `for`.
fn implemented(run: &[TokenTree]) -> String {
    let is_trait = |pair: &&[TokenTree]| is_word(&pair[1], "for");
    let word = run
        .windows(2)
        .find(is_trait)
        .map(|pair| pair[0].to_string());
    word.filter(|_| is_word(&run[0], "impl"))
        .unwrap_or_default()
}

/// The groups in brackets behind a `#`.
fn attributes(run: &[TokenTree]) -> impl Iterator<Item = &Group> {
    run.windows(2).filter_map(|pair| match pair {
        [hash, TokenTree::Group(group)]
            if is(hash, '#') && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group)
        }
        _ => None,
    })
}

/// Whether an attribute's path ends with one of `words`.
fn ends_with(attribute: &Group, words: &[&str]) -> bool {
    let path = attribute.stream().into_iter();
    let path = path.take_while(|token| !matches!(token, TokenTree::Group(_)) && !is(token, '='));
    path.last()
        .is_some_and(|last| words.iter().any(|word| is_word(&last, word)))
}

fn inner(kind: Kind, run: &[TokenTree]) -> Vec<Item> {
    let groups = run.iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => Some(group.stream()),
        _ => None,
    });
    match kind {
        Kind::Mod | Kind::Macro | Kind::Call => groups.flat_map(items).collect(),
        Kind::Use => groups.flat_map(imports).collect(),
        _ => Vec::new(),
    }
}

/// The names between the commas of a `use`, each with the comma behind it.
fn imports(tokens: TokenStream) -> Vec<Item> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let parts = tokens.split_inclusive(|token| is(token, ','));
    parts.flat_map(import).collect()
}

fn import(part: &[TokenTree]) -> Vec<Item> {
    let deeper = part.iter().find_map(|token| match token {
        TokenTree::Group(group) => Some(imports(group.stream())),
        _ => None,
    });
    let name = part
        .iter()
        .rev()
        .find(|token| matches!(token, TokenTree::Ident(_)));
    let whole = Item {
        name: name.map(ToString::to_string).unwrap_or_default(),
        of: String::new(),
        kind: Kind::Import,
        bytes: part[0].span().byte_range().start..part[part.len() - 1].span().byte_range().end,
        is_test: false,
        inner: Vec::new(),
    };
    deeper.unwrap_or_else(|| vec![whole])
}

/// Whether `token` is this sign.
pub fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Whether `token` is this word.
pub fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if *ident == word)
}
