//! What an object says that is not read, so that nothing of it goes in silence.
//!
//! A field that nothing here knows stands on every line of its file, so each is told once,
//! with the line that has it first. A field of the wrong kind is a fault of its line.

use crate::formats::once::Once;
use crate::formats::places::short;
use crate::formats::reading::Warning;
use serde_json::{Map, Value};

/// Fields that are not read, each told once.
pub(super) struct Unread(Once);

impl Default for Unread {
    fn default() -> Self {
        Self(Once::new("left out: further fields, which are not read"))
    }
}

impl Unread {
    /// Notes a field of a line.
    pub(super) fn note(&self, line: u32, name: &str) {
        self.0.note(line, format!("left out: the field “{}”, which is not read", short(name)));
    }

    /// What is to be said of them, in the order of their names.
    pub(super) fn warnings(self) -> impl Iterator<Item = Warning> {
        self.0.warnings()
    }
}

/// Takes a field out of an object that must be a text; what is to be said where it is
/// something else, which is then left out. Null is nothing.
pub(super) fn text_of(
    object: &mut Map<String, Value>,
    name: &str,
) -> (Option<String>, Option<String>) {
    match object.remove(name) {
        None | Some(Value::Null) => (None, None),
        Some(Value::String(text)) => (Some(text), None),
        Some(other) => {
            let what = format!(
                "left out: the field “{name}”, which is no text but {}",
                short(&other.to_string())
            );
            (None, Some(what))
        }
    }
}
