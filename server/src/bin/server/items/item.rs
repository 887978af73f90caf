//! What an item is, and what a client may say of one.

use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use crate::pages::Problem;
use crate::visible::is_hidden;

/// An item as the store has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) quantity: u32,
    /// Grows with each change. It is the item's entity tag.
    pub(crate) version: i64,
    /// UTC, as in `2026-01-31T12:00:00Z`.
    pub(crate) created_at: String,
    pub(crate) changed_at: String,
}

impl Item {
    /// The entity tag (RFC 9110, section 8.8.3): the same bytes have the same tag.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}-{}\"", self.id, self.version)
    }
}

/// A whole item, as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItem {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) quantity: u32,
}

impl NewItem {
    const LONGEST_NAME: usize = 100;
    const LONGEST_DESCRIPTION: usize = 1_000;

    /// The item, if its texts have the right lengths.
    pub(crate) fn checked(mut self) -> Result<Self, Problem> {
        let wrong = |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        self.name = self.name.trim().to_owned();
        let length = self.name.chars().count();
        let is_hidden = self.name.chars().any(is_hidden);
        if length == 0 || length > Self::LONGEST_NAME || is_hidden {
            let most = Self::LONGEST_NAME;
            return Err(wrong(format!(
                "`name` must have 1 to {most} characters, and all of them must be visible."
            )));
        }
        let description = self.description.as_deref().unwrap_or_default();
        let is_control = |sign: char| sign.is_control() && sign != '\n';
        if description.chars().count() > Self::LONGEST_DESCRIPTION
            || description.contains(is_control)
        {
            let most = Self::LONGEST_DESCRIPTION;
            return Err(wrong(format!(
                "`description` may have {most} characters, and no control characters but line feeds."
            )));
        }
        Ok(self)
    }
}

/// A change of some fields (a JSON merge patch, RFC 7396): a field that is absent stays as it is, and
/// `null` takes the description away. An item without a name or a quantity is none: there `null` is
/// refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    quantity: Option<u32>,
}

/// The value of a field that is there: `null` is a value, too.
fn given<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}

impl Change {
    /// The item with this change.
    pub(crate) fn apply(self, item: &Item) -> NewItem {
        NewItem {
            name: self.name.unwrap_or_else(|| item.name.clone()),
            description: self.description.unwrap_or_else(|| item.description.clone()),
            quantity: self.quantity.unwrap_or(item.quantity),
        }
    }
}
