//! A JSON object as a request's body, and nothing else.
//!
//! To serde, a struct may also be written as an array of its fields in their order: `["wool"]` for
//! `{"name": "wool"}`. So a request would say something that no client means. And a new field in a struct
//! would change what an array means. Therefore each body in this program is an [`Object`]:
//! `Json(Object(new)): Json<Object<NewItem>>`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A value that was written with the names of its fields.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Named(PhantomData))
    }
}

/// Takes fields with names, and refuses all else, as it has no other function.
struct Named<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object, which names its fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use server::Json;

    #[derive(serde::Deserialize)]
    struct Wool {
        colour: String,
        #[serde(default)]
        weight: u8,
    }

    #[test]
    fn a_body_names_its_fields_or_is_refused_in_a_sentence() {
        let read = |text: &str| Json::<Object<Wool>>::from_bytes(text.as_bytes());
        let Json(Object(wool)) = read(r#"{"weight": 3, "colour": "blue"}"#).ok().unwrap();
        assert_eq!((wool.colour.as_str(), wool.weight), ("blue", 3));
        let refusal = "Failed to deserialize the JSON body into the target type: ";
        for (text, status, why) in [
            (
                r#"["blue", 3]"#,
                422,
                "invalid type: sequence, expected a JSON object, which names its fields at line 1 column 0",
            ),
            (
                r#""blue""#,
                422,
                "invalid type: string \"blue\", expected a JSON object, which names its fields at line 1 column 6",
            ),
            ("{}", 422, "missing field `colour` at line 1 column 2"),
            (
                r#"{"colour": "blue", "weight": 300}"#,
                422,
                "weight: invalid value: integer `300`, expected u8 at line 1 column 32",
            ),
        ] {
            let refused = read(text).err().unwrap();
            assert_eq!(refused.status(), status, "{text}");
            assert_eq!(refused.body_text(), format!("{refusal}{why}"), "{text}");
        }
        assert_eq!(read("{").err().unwrap().status(), 400);
    }
}
