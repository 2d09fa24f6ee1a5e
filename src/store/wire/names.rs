//! Names that a file says over and over, kept once in memory.

use crate::model::{AttributeId, IdError, LabelId};
use std::collections::HashMap;

/// The labels and attributes that were met in a file. A file with more names than a schema
/// could have keeps the others each for itself, so that the table stays small.
#[derive(Default)]
pub(super) struct Names {
    labels: HashMap<String, LabelId>,
    attributes: HashMap<String, AttributeId>,
}

const MOST_NAMES: usize = 10_000;

impl Names {
    /// The id of a label; O(1).
    pub(super) fn label(&mut self, name: &str) -> Result<LabelId, IdError> {
        once(&mut self.labels, name, |name| LabelId::new(name))
    }

    /// The id of an attribute; O(1).
    pub(super) fn attribute(&mut self, name: &str) -> Result<AttributeId, IdError> {
        once(&mut self.attributes, name, |name| AttributeId::new(name))
    }
}

fn once<T: Clone>(
    known: &mut HashMap<String, T>,
    name: &str,
    make: fn(&str) -> Result<T, IdError>,
) -> Result<T, IdError> {
    if let Some(known) = known.get(name) {
        return Ok(known.clone());
    }
    let made = make(name)?;
    if known.len() < MOST_NAMES {
        known.insert(name.to_owned(), made.clone());
    }
    Ok(made)
}
