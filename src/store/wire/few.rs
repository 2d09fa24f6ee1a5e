//! Lists within a value, read in memory that the file pays for.
//!
//! An empty string is three bytes in a file and 24 in memory, and twice that while a list
//! grows. So a list within a value ends at [`MOST_IN_LIST`], and gives back what it does
//! not fill. Lists of whole annotations, relations and lines need neither: what they hold
//! is longer in a file than in memory.

use crate::model::MOST_IN_LIST;
use serde::Deserialize;
use serde::de::{Error, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A list of at most [`MOST_IN_LIST`].
pub(super) struct Few<T>(pub(super) Vec<T>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                items_of(list)
            }
        }
        deserializer.deserialize_seq(List(PhantomData)).map(Self)
    }
}

/// The items of a list that is not too long.
pub(super) fn items_of<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(
    mut list: A,
) -> Result<Vec<T>, A::Error> {
    let mut items = Vec::new();
    while let Some(item) = list.next_element()? {
        if items.len() == MOST_IN_LIST {
            return Err(A::Error::custom(format!("a list has more than {MOST_IN_LIST} items")));
        }
        items.push(item);
    }
    items.shrink_to_fit();
    Ok(items)
}
