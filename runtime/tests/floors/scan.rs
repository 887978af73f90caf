//! Reads one file and finds what it names, what it shows, and what it declares.
//!
//! The crate `syn` parses the file, so comments and strings are out of the way and a `use` may
//! run over as many lines as it likes. What stands under `#[cfg(test)]` is skipped whole. What
//! a macro is given, or is made of, is tokens to `syn`: they are searched for paths one by one.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, UseTree, Visibility};

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
    let file = syn::parse_file(text).map_err(|e| format!("is not Rust: {e}"))?;
    let mut scan = Scan {
        krate,
        inside: Vec::new(),
        found: Found::default(),
    };
    if !is_test(&file.attrs) {
        // First of all, for a path may begin with a child that is declared further down.
        scan.children(&file.items);
        scan.visit_file(&file);
    }
    Ok(scan.found)
}

struct Scan<'a> {
    krate: &'a str,
    /// The inline modules around the present place.
    inside: Vec<String>,
    found: Found,
}

impl Scan<'_> {
    fn children(&mut self, items: &[syn::Item]) {
        for item in items {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
            {
                let children = match is_test(&module.attrs) {
                    true => &mut self.found.test_children,
                    false => &mut self.found.children,
                };
                children.insert(module.ident.to_string());
            }
        }
    }

    /// Whether a path that begins so stays inside the crate.
    fn is_ours(&self, first: &str) -> bool {
        matches!(first, "crate" | "super" | "self")
            || first == self.krate
            || self.found.children.contains(first)
    }

    fn named(&self, path: Vec<String>, line: usize) -> Option<Named> {
        let inside = self.inside.clone();
        self.is_ours(path.first()?)
            .then_some(Named { inside, path, line })
    }

    fn import(&mut self, path: Vec<String>, line: usize) {
        self.found.imports.extend(self.named(path, line));
    }

    fn declare(&mut self, name: &Ident) {
        let path = [&self.inside[..], &[name.to_string()]].concat();
        self.found.items.insert(path);
    }

    /// Searches tokens for paths; `above` is what stands before the braces around them.
    fn tokens(&mut self, tokens: TokenStream, above: &[String]) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Ident(_) => self.token_path(&tokens, at, above),
                TokenTree::Group(group) => {
                    self.tokens(group.stream(), &[]);
                    at + 1
                }
                // `::std::…` begins at the root of all crates.
                _ if is_colons(&tokens, at) => at + 3,
                _ => at + 1,
            };
        }
    }

    /// The path that begins at `at`, or all that begin so; returns where it ends.
    fn token_path(&mut self, tokens: &[TokenTree], mut at: usize, above: &[String]) -> usize {
        let line = tokens[at].span().start().line;
        let mut path = above.to_vec();
        while let Some(TokenTree::Ident(word)) = tokens.get(at) {
            path.push(word.to_string());
            at += 1;
            if !is_colons(tokens, at) {
                break;
            }
            at += 2;
            if let Some(TokenTree::Group(group)) = tokens.get(at) {
                self.tokens(group.stream(), &path);
                return at + 1;
            }
        }
        if path.len() > 1 {
            self.import(path, line);
        }
        at
    }
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// Whether one of the attributes is `cfg(test)` or `cfg(all(test, …))`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string().replace(' ', "");
        list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all(test,"))
    })
}

/// The leaves of a use tree: path, and the name under which it is used.
fn leaves(tree: &UseTree, above: &[String], into: &mut Vec<(Vec<String>, String, usize)>) {
    let line = tree.span().start().line;
    let below = |name: &Ident| [above, &[name.to_string()]].concat();
    let mut leaf = |name: &Ident, shown: &Ident| {
        // `use a::b::{self}` names `a::b`.
        let path = match name == "self" && !above.is_empty() {
            true => above.to_vec(),
            false => below(name),
        };
        let shown = match shown == "self" {
            true => path.last().cloned().unwrap_or_default(),
            false => shown.to_string(),
        };
        into.push((path, shown, line));
    };
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &below(&path.ident), into),
        UseTree::Name(name) => leaf(&name.ident, &name.ident),
        UseTree::Rename(name) => leaf(&name.ident, &name.rename),
        UseTree::Glob(_) => into.push((above.to_vec(), "*".to_owned(), line)),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| leaves(tree, above, into)),
    }
}

/// Visits a thing unless it exists in tests only.
macro_rules! unless_test {
    ($($visit:ident: $node:ident;)*) => {
        $(
            fn $visit(&mut self, node: &'ast syn::$node) {
                if !is_test(&node.attrs) {
                    visit::$visit(self, node);
                }
            }
        )*
    };
}

/// The same for an item, whose name is remembered, so that a `pub use child::*` can be
/// followed.
macro_rules! items {
    ($($visit:ident: $node:ident;)*) => {
        $(
            fn $visit(&mut self, node: &'ast syn::$node) {
                if !is_test(&node.attrs) {
                    self.declare(&node.ident);
                    visit::$visit(self, node);
                }
            }
        )*
    };
}

impl<'ast> Visit<'ast> for Scan<'_> {
    items! {
        visit_item_const: ItemConst;
        visit_item_enum: ItemEnum;
        visit_item_static: ItemStatic;
        visit_item_struct: ItemStruct;
        visit_item_trait: ItemTrait;
        visit_item_trait_alias: ItemTraitAlias;
        visit_item_type: ItemType;
        visit_item_union: ItemUnion;
    }

    unless_test! {
        visit_arm: Arm;
        visit_expr_block: ExprBlock;
        visit_expr_call: ExprCall;
        visit_expr_method_call: ExprMethodCall;
        visit_field: Field;
        visit_field_value: FieldValue;
        visit_impl_item_const: ImplItemConst;
        visit_impl_item_fn: ImplItemFn;
        visit_impl_item_type: ImplItemType;
        visit_item_impl: ItemImpl;
        visit_local: Local;
        visit_stmt_macro: StmtMacro;
        visit_trait_item_fn: TraitItemFn;
        visit_variant: Variant;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            self.declare(&function.sig.ident);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if is_test(&item.attrs) {
            return;
        }
        if let Some(name) = &item.ident {
            self.declare(name);
            let exports = |it: &Attribute| it.path().is_ident("macro_export");
            if item.attrs.iter().any(exports) {
                self.found.exported_macros.insert(name.to_string());
            }
        }
        visit::visit_item_macro(self, item);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_none() || is_test(&module.attrs) {
            return;
        }
        self.inside.push(module.ident.to_string());
        self.found.inline.insert(self.inside.clone());
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if is_test(&item.attrs) || item.leading_colon.is_some() {
            return;
        }
        let mut found = Vec::new();
        leaves(&item.tree, &[], &mut found);
        for (path, name, line) in found {
            let Some(named) = self.named(path, line) else {
                continue;
            };
            match item.vis {
                Visibility::Inherited => self.found.imports.push(named),
                _ => self.found.shows.push(Shown { named, name }),
            }
        }
    }

    /// A path in an expression, a type, a pattern.
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            let names = path.segments.iter().map(|it| it.ident.to_string());
            self.import(names.collect(), path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone(), &[]);
    }

    /// `pub(in crate::high)` names nothing that is used.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
