//! Lists, read in memory that the file pays for.
//!
//! An empty string is three bytes in a file and 24 in memory, the smallest relation type 24
//! bytes and 120, and both twice that while a list grows. So every list grows by half, a
//! list within a value ([`Few`]) ends at [`MOST_IN_LIST`], and a list of whole things
//! ([`All`]) holds none of them as it stands in the file: each is made what it is meant to
//! be before the next is read. Those of a schema end too; of annotations, relations and
//! edits each is large enough in the file to pay for itself.

use super::met::Met;
use crate::model::MOST_IN_LIST;
use crate::store::error::Cause;
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
            return Err(too_many(MOST_IN_LIST));
        }
        push(&mut items, item);
    }
    items.shrink_to_fit();
    Ok(items)
}

pub(super) fn too_many<E: Error>(most: usize) -> E {
    E::custom(format!("a list has more than {most} items"))
}

/// Puts an item in a list that grows by half and not to twice its length.
pub(super) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 2 + 4);
    }
    items.push(item);
}

/// A thing of a list as it stands in a file.
pub(super) trait Wire {
    /// What it is meant to be.
    type Read;
    /// How many a list may have.
    const MOST: usize = usize::MAX;

    /// What is meant; `met` is what the list said until there.
    ///
    /// # Errors
    /// When a value is none.
    fn read(self, met: &mut Met) -> Result<Self::Read, Cause>;
}

/// A list of things that were read one by one.
pub(super) struct All<W: Wire> {
    items: Vec<W::Read>,
    /// The first that is none, and why; what is behind it was not kept.
    fault: Option<(usize, Cause)>,
}

impl<W: Wire> All<W> {
    /// The things.
    ///
    /// # Errors
    /// The first that is none, counted from zero, and why.
    pub(super) fn items(self) -> Result<Vec<W::Read>, (usize, Cause)> {
        self.fault.map_or(Ok(self.items), Err)
    }
}

impl<W: Wire> Default for All<W> {
    fn default() -> Self {
        Self { items: Vec::new(), fault: None }
    }
}

impl<'de, W: Wire + Deserialize<'de>> Deserialize<'de> for All<W> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<W>(PhantomData<W>);
        impl<'de, W: Wire + Deserialize<'de>> Visitor<'de> for List<W> {
            type Value = All<W>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let (mut all, mut met) = (All::default(), Met::default());
                let mut count = 0;
                while let Some(wire) = list.next_element::<W>()? {
                    if count == W::MOST {
                        return Err(too_many(W::MOST));
                    }
                    match wire.read(&mut met) {
                        // A fault of the syntax further on is named before this one.
                        _ if all.fault.is_some() => {}
                        Ok(item) => push(&mut all.items, item),
                        Err(cause) => all.fault = Some((count, cause)),
                    }
                    count += 1;
                }
                all.items.shrink_to_fit();
                Ok(all)
            }
        }
        deserializer.deserialize_seq(List(PhantomData))
    }
}
