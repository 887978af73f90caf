//! One capture, read into a type.
//!
//! A capture is text. What a type asks for is parsed from it; how a refusal names the capture
//! depends on where it stands ([`At`]).

use std::any::type_name;

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, Error, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::{ErrorKind, PathError};

/// Where a capture stands in the type that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At {
    /// It is all.
    Alone,
    /// In a struct or a map, under its name.
    Key,
    /// In a tuple or a list.
    Index(usize),
    /// Behind its name in a pair.
    Pair,
}

/// A capture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'de> {
    pub(crate) key: &'de str,
    pub(crate) value: &'de str,
    pub(crate) at: At,
}

impl Value<'_> {
    /// The capture is no `expected_type`.
    fn misfit(&self, expected_type: &'static str) -> PathError {
        let (key, value) = (self.key.to_owned(), self.value.to_owned());
        PathError(match self.at {
            At::Alone | At::Pair => ErrorKind::ParseError {
                value,
                expected_type,
            },
            At::Key => ErrorKind::ParseErrorAtKey {
                key,
                value,
                expected_type,
            },
            At::Index(index) => ErrorKind::ParseErrorAtIndex {
                index,
                value,
                expected_type,
            },
        })
    }

    /// What the type has said of the capture, with the capture's name.
    fn named(&self, error: PathError) -> PathError {
        PathError(match (error.0, self.at) {
            (ErrorKind::Message(message), At::Alone | At::Key | At::Index(_)) => {
                ErrorKind::DeserializeError {
                    key: self.key.to_owned(),
                    value: self.value.to_owned(),
                    message,
                }
            }
            (other, _) => other,
        })
    }
}

/// The error of a type that captures cannot be.
pub(crate) fn unsupported<T>(name: &'static str) -> Result<T, PathError> {
    Err(PathError(ErrorKind::UnsupportedType { name }))
}

/// Methods of a deserializer for types that captures cannot be.
macro_rules! unsupported_types {
    ($($method:ident($($argument:ty),*);)*) => {
        $(
            fn $method<V: serde::de::Visitor<'de>>(
                self,
                $(_: $argument,)*
                _: V,
            ) -> Result<V::Value, PathError> {
                $crate::extract::path::value::unsupported(std::any::type_name::<V::Value>())
            }
        )*
    };
}

pub(crate) use unsupported_types;

/// Methods that parse the capture.
macro_rules! parsed {
    ($($method:ident $visit:ident $type:literal;)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
                match self.value.parse() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(self.misfit($type)),
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = PathError;

    parsed! {
        deserialize_bool visit_bool "bool";
        deserialize_i8 visit_i8 "i8";
        deserialize_i16 visit_i16 "i16";
        deserialize_i32 visit_i32 "i32";
        deserialize_i64 visit_i64 "i64";
        deserialize_i128 visit_i128 "i128";
        deserialize_u8 visit_u8 "u8";
        deserialize_u16 visit_u16 "u16";
        deserialize_u32 visit_u32 "u32";
        deserialize_u64 visit_u64 "u64";
        deserialize_u128 visit_u128 "u128";
        deserialize_f32 visit_f32 "f32";
        deserialize_f64 visit_f64 "f64";
        deserialize_char visit_char "char";
        deserialize_string visit_string "String";
        deserialize_byte_buf visit_string "String";
    }

    unsupported_types! {
        deserialize_identifier();
        deserialize_seq();
        deserialize_map();
        deserialize_tuple_struct(&'static str, usize);
        deserialize_struct(&'static str, &'static [&'static str]);
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        let read = visitor.visit_borrowed_str(self.value);
        read.map_err(|error| self.named(error))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_borrowed_bytes(self.value.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        visitor.visit_newtype_struct(self)
    }

    /// A pair of the capture's name and its value.
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        match (length, self.at) {
            (2, At::Index(_)) => visitor.visit_seq(Pair {
                capture: self,
                next: 0,
            }),
            (2, _) => Err(PathError::custom("array types are not supported")),
            _ => unsupported(type_name::<V::Value>()),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathError> {
        visitor.visit_enum(Variant(self.value))
    }
}

/// Name and value of a capture, one after the other.
struct Pair<'de> {
    capture: Value<'de>,
    next: u8,
}

impl<'de> SeqAccess<'de> for Pair<'de> {
    type Error = PathError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, PathError> {
        self.next += 1;
        let at = At::Pair;
        match self.next {
            1 => seed.deserialize(Key(self.capture.key)).map(Some),
            2 => seed.deserialize(Value { at, ..self.capture }).map(Some),
            _ => Ok(None),
        }
    }
}

/// A name: of a capture, of a field, of a variant.
pub(crate) struct Key<'de>(pub(crate) &'de str);

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = PathError;

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PathError> {
        Err(PathError::custom("Unexpected key type"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map newtype_struct struct enum ignored_any
    }
}

/// The variant of an enum that the capture names. It has no content.
struct Variant<'de>(&'de str);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = PathError;
    type Variant = NoContent;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, NoContent), PathError> {
        Ok((seed.deserialize(Key(self.0))?, NoContent))
    }
}

struct NoContent;

impl<'de> de::VariantAccess<'de> for NoContent {
    type Error = PathError;

    fn unit_variant(self) -> Result<(), PathError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, PathError> {
        unsupported("newtype enum variant")
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, PathError> {
        unsupported("tuple enum variant")
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, PathError> {
        unsupported("struct enum variant")
    }
}
