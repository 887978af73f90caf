//! `#[from_request(via(..), rejection(..), state(..))]`.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Path, Result, Type, parenthesized};

/// What the attributes of a struct say, or of a field.
#[derive(Default)]
pub(super) struct Attributes {
    /// The extractor by which the thing is extracted: `Json` of `via(Json)`.
    pub(super) via: Option<Path>,
    /// What a refusal becomes.
    pub(super) rejection: Option<Type>,
    /// The router's state.
    pub(super) state: Option<Type>,
}

impl Attributes {
    /// Reads the attributes of a struct or an enum.
    pub(super) fn of_container(attributes: &[Attribute]) -> Result<Self> {
        Self::read(attributes, |this, meta| match name(meta).as_str() {
            "via" => set(&mut this.via, meta),
            "rejection" => set(&mut this.rejection, meta),
            "state" => set(&mut this.state, meta),
            _ => Err(meta.error("expected `via(..)`, `rejection(..)` or `state(..)`")),
        })
    }

    /// Reads the attributes of a field.
    pub(super) fn of_field(attributes: &[Attribute]) -> Result<Self> {
        Self::read(attributes, |this, meta| match name(meta).as_str() {
            "via" => set(&mut this.via, meta),
            "rejection" | "state" => Err(meta.error("this stands on the struct, not on a field")),
            _ => Err(meta.error("expected `via(..)`")),
        })
    }

    /// Fails if there is an attribute at all: it has no meaning here.
    pub(super) fn refuse(attributes: &[Attribute], why: &str) -> Result<()> {
        match attributes.iter().find(is_ours) {
            Some(attribute) => Err(syn::Error::new_spanned(attribute, why)),
            None => Ok(()),
        }
    }

    fn read(
        attributes: &[Attribute],
        each: impl Fn(&mut Self, &ParseNestedMeta<'_>) -> Result<()>,
    ) -> Result<Self> {
        let mut this = Attributes::default();
        for attribute in attributes.iter().filter(is_ours) {
            attribute.parse_nested_meta(|meta| each(&mut this, &meta))?;
        }
        Ok(this)
    }
}

fn is_ours(attribute: &&Attribute) -> bool {
    attribute.path().is_ident("from_request")
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    let name = meta.path.get_ident();
    name.map(ToString::to_string).unwrap_or_default()
}

/// Reads what stands in the parentheses, and refuses to do so twice.
fn set<T: syn::parse::Parse>(slot: &mut Option<T>, meta: &ParseNestedMeta<'_>) -> Result<()> {
    if slot.is_some() {
        return Err(meta.error("this was given before: once is enough"));
    }
    let content;
    parenthesized!(content in meta.input);
    *slot = Some(content.parse()?);
    match content.is_empty() {
        true => Ok(()),
        false => Err(content.error("expected nothing more between these parentheses")),
    }
}
