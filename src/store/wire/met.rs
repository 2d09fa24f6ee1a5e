//! What a list said until there: names that it says over and over, kept once in memory, and
//! how much there is of what may not be without end.

use super::bad_value;
use crate::model::{AnnotatorName, AttributeId, IdError, Label, LabelId, MOST_IN_SCHEMA};
use crate::store::error::Cause;
use std::collections::HashMap;

/// What was met in a list. Of one with more names than a schema could have, the others are
/// kept each for itself, so that the tables stay small.
#[derive(Default)]
pub(super) struct Met {
    labels: HashMap<String, LabelId>,
    attributes: HashMap<String, AttributeId>,
    annotators: HashMap<String, AnnotatorName>,
    /// Attributes and choices of the labels.
    parts: usize,
    has_schema: bool,
}

const MOST_NAMES: usize = 10_000;

impl Met {
    /// The id of a label; O(1).
    pub(super) fn label(&mut self, name: &str) -> Result<LabelId, IdError> {
        once(&mut self.labels, name, |name| LabelId::new(name))
    }

    /// The id of an attribute; O(1).
    pub(super) fn attribute(&mut self, name: &str) -> Result<AttributeId, IdError> {
        once(&mut self.attributes, name, |name| AttributeId::new(name))
    }

    /// The name of an annotator; O(1).
    pub(super) fn annotator(&mut self, name: &str) -> Result<AnnotatorName, IdError> {
        once(&mut self.annotators, name, |name| AnnotatorName::new(name))
    }

    /// Counts a label of a schema.
    ///
    /// # Errors
    /// When it is too much with those before it.
    pub(super) fn count(&mut self, label: &Label) -> Result<(), Cause> {
        self.parts += label.parts();
        if self.parts > MOST_IN_SCHEMA {
            let what = format!("the labels have more than {MOST_IN_SCHEMA} attributes and choices");
            return Err(bad_value(what));
        }
        Ok(())
    }

    /// Whether this is the first schema among edits.
    pub(super) fn is_first_schema(&mut self) -> bool {
        !std::mem::replace(&mut self.has_schema, true)
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
