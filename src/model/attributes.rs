//! The attribute values of one annotation: a map for the few that there are.
//!
//! A hundred thousand annotations have as many of these, so it takes no room beyond the
//! values themselves; a `BTreeMap` of two takes that of eleven. What a value means is
//! the schema's to say.

use super::annotation::AttributeValue;
use super::id::AttributeId;
use std::ops::Index;

/// An annotation's attributes by id, in the order of the ids. Changing what is in it is
/// O(n) in what is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Box<[(AttributeId, AttributeValue)]>);

impl Attributes {
    /// No attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of attributes that have a value.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no attribute has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of an attribute.
    pub fn get(&self, id: &AttributeId) -> Option<&AttributeValue> {
        self.place(id).ok().map(|at| &self.0[at].1)
    }

    /// The value of an attribute, to be changed.
    pub fn get_mut(&mut self, id: &AttributeId) -> Option<&mut AttributeValue> {
        self.place(id).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether an attribute has a value.
    pub fn contains_key(&self, id: &AttributeId) -> bool {
        self.place(id).is_ok()
    }

    /// Gives an attribute a value; gives back the one that it had.
    pub fn insert(&mut self, id: AttributeId, value: AttributeValue) -> Option<AttributeValue> {
        match self.place(&id) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.change(|values| values.insert(at, (id, value)));
                None
            }
        }
    }

    /// Takes the value of an attribute away.
    pub fn remove(&mut self, id: &AttributeId) -> Option<AttributeValue> {
        let at = self.place(id).ok()?;
        Some(self.change(|values| values.remove(at)).1)
    }

    /// Keeps what the question is answered with yes for.
    pub fn retain(&mut self, mut keep: impl FnMut(&AttributeId, &mut AttributeValue) -> bool) {
        self.change(|values| values.retain_mut(|(id, value)| keep(id, value)));
    }

    /// The attributes and their values in the order of the ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&AttributeId, &AttributeValue)> {
        self.into_iter()
    }

    fn place(&self, id: &AttributeId) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(id))
    }

    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Vec<(AttributeId, AttributeValue)>) -> T,
    ) -> T {
        let mut values = std::mem::take(&mut self.0).into_vec();
        let result = change(&mut values);
        self.0 = values.into();
        result
    }
}

impl Index<&AttributeId> for Attributes {
    type Output = AttributeValue;

    /// # Panics
    /// When the attribute has no value.
    fn index(&self, id: &AttributeId) -> &AttributeValue {
        match self.place(id) {
            Ok(at) => &self.0[at].1,
            Err(_) => panic!("the attribute {id} has no value"),
        }
    }
}

type Pair<'a> = fn(&'a (AttributeId, AttributeValue)) -> (&'a AttributeId, &'a AttributeValue);

impl<'a> IntoIterator for &'a Attributes {
    type Item = (&'a AttributeId, &'a AttributeValue);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (AttributeId, AttributeValue)>, Pair<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(id, value)| (id, value))
    }
}

/// Of an attribute that comes twice, the last value counts. O(n log n).
impl FromIterator<(AttributeId, AttributeValue)> for Attributes {
    fn from_iter<T: IntoIterator<Item = (AttributeId, AttributeValue)>>(values: T) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.reverse();
        values.sort_by(|(left, _), (right, _)| left.cmp(right));
        values.dedup_by(|(later, _), (first, _)| later == first);
        Self(values.into())
    }
}

impl<const N: usize> From<[(AttributeId, AttributeValue); N]> for Attributes {
    fn from(values: [(AttributeId, AttributeValue); N]) -> Self {
        values.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_is_a_map(changes in prop::collection::vec(("[a-f]", 0..9i64, 0..3u8), 0..40)) {
            let mut map = BTreeMap::new();
            let mut values = Attributes::new();
            for (id, number, what) in changes {
                let id = AttributeId::new(id).unwrap();
                let value = AttributeValue::Integer(number);
                match what {
                    0 => prop_assert_eq!(values.remove(&id), map.remove(&id)),
                    1 => {
                        values.retain(|_, found| *found != value);
                        map.retain(|_, found| *found != value);
                    }
                    _ => prop_assert_eq!(
                        values.insert(id.clone(), value.clone()),
                        map.insert(id.clone(), value)
                    ),
                }
                prop_assert_eq!(values.get(&id), map.get(&id));
                prop_assert_eq!(values.contains_key(&id), map.contains_key(&id));
                prop_assert!(values.iter().eq(&map));
            }
            let collected: Attributes = map.into_iter().rev().collect();
            prop_assert_eq!(values, collected);
        }
    }
}
