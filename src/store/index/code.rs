//! Records as bytes: numbers of seven bits a byte, texts with their length in front.
//!
//! Nothing here trusts what it reads: every function answers `None` for bytes that it did
//! not write, and none reserves room by a length that it has read.

use crate::model::{LabelId, RelationTypeId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Appends a number; 1 to 10 bytes.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a text.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what the functions above have written.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn small(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }
}

/// Words that repeat from article to article, each kept once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: HashSet<Arc<str>>,
    labels: Ids<LabelId>,
    relations: Ids<RelationTypeId>,
}

/// More different ids than a schema has, with those that it had before.
pub(super) const MOST_IDS: usize = 20_000;

/// The few ids of a schema.
#[derive(Debug)]
struct Ids<T>(HashMap<Box<str>, T>);

impl<T> Default for Ids<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone> Ids<T> {
    /// The id that is written so; made where it is new, as long as there are few.
    fn get<E>(&mut self, text: &str, make: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        if let Some(known) = self.0.get(text) {
            return Some(known.clone());
        }
        if self.0.len() >= MOST_IDS {
            return None;
        }
        let made = make(text).ok()?;
        self.0.insert(text.into(), made.clone());
        Some(made)
    }
}

impl Shared {
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let made: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&made));
        made
    }

    pub(super) fn label(&mut self, text: &str) -> Option<LabelId> {
        self.labels.get(text, |text| LabelId::new(text))
    }

    pub(super) fn relation(&mut self, text: &str) -> Option<RelationTypeId> {
        self.relations.get(text, |text| RelationTypeId::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_with_a_million_labels_is_none_of_ours() {
        let mut shared = Shared::default();
        let known = (0..1_000_000).filter(|number| shared.label(&format!("l{number}")).is_some());
        assert_eq!(known.count(), MOST_IDS);
        assert!(shared.label("l0").is_some());
    }

    proptest! {
        #[test]
        fn what_is_put_is_read(numbers: Vec<u64>, text: String) {
            let mut out = Vec::new();
            numbers.iter().for_each(|number| put_number(&mut out, *number));
            put_text(&mut out, &text);
            let mut decoder = Decoder::new(&out);
            for number in numbers {
                prop_assert_eq!(decoder.number(), Some(number));
            }
            prop_assert_eq!(decoder.text(), Some(text.as_str()));
            prop_assert!(decoder.is_at_end());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let mut decoder = Decoder::new(&bytes);
            while decoder.number().is_some() && decoder.text().is_some() {}
        }
    }
}
