//! The captures of a path, read into a type.
//!
//! A single value takes the only capture, a tuple or a list takes them in their order, a
//! struct or a map by their names.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::{ErrorKind, PathError};
use super::params::UrlParams;
use super::value::{At, Key, Value, unsupported_types};

/// All captures of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathDeserializer<'de>(pub(crate) &'de UrlParams);

impl<'de> PathDeserializer<'de> {
    /// The only capture.
    fn single(self) -> Result<Value<'de>, PathError> {
        self.must_be(1)?;
        let only = self.value(0, At::Alone);
        only.ok_or_else(|| PathError::custom("value is missing"))
    }

    /// Makes sure that there are `expected` captures.
    fn must_be(self, expected: usize) -> Result<(), PathError> {
        let got = self.0.len();
        if got == expected {
            return Ok(());
        }
        Err(PathError(ErrorKind::WrongNumberOfParameters {
            got,
            expected,
        }))
    }

    fn value(self, index: usize, at: At) -> Option<Value<'de>> {
        let (key, value) = self.0.get(index)?;
        Some(Value { key, value, at })
    }

    /// The captures in their order.
    fn walk(self) -> Walk<'de> {
        Walk {
            params: self,
            next: 0,
        }
    }
}

/// Methods for types that one capture fills.
macro_rules! single {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
                self.single()?.$method(visitor)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for PathDeserializer<'de> {
    type Error = PathError;

    single! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_byte_buf
    }

    unsupported_types! {
        deserialize_bytes();
        deserialize_option();
        deserialize_identifier();
        deserialize_ignored_any();
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

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_seq(self.walk())
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        self.must_be(length)?;
        visitor.visit_seq(self.walk())
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, PathError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathError> {
        visitor.visit_map(self.walk())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathError> {
        self.single()?.deserialize_enum(name, variants, visitor)
    }
}

/// The captures, one after the other.
struct Walk<'de> {
    params: PathDeserializer<'de>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Walk<'de> {
    type Error = PathError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, PathError> {
        let value = self.params.value(self.next, At::Index(self.next));
        self.next += 1;
        value.map(|value| seed.deserialize(value)).transpose()
    }
}

impl<'de> MapAccess<'de> for Walk<'de> {
    type Error = PathError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, PathError> {
        let value = self.params.value(self.next, At::Key);
        self.next += 1;
        value
            .map(|value| seed.deserialize(Key(value.key)))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, PathError> {
        let value = self.params.value(self.next - 1, At::Key);
        seed.deserialize(value.ok_or_else(|| PathError::custom("value is missing"))?)
    }
}
