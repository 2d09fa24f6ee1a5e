//! What an object says that is not read, so that nothing of it goes in silence.
//!
//! A field that nothing here knows stands on every line of its file, so each is told once,
//! with the line that has it first. A field of the wrong kind is a fault of its line.

use crate::formats::places::short;
use crate::formats::reading::Warning;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The fields that are told by name; a file may have made up millions.
const MOST_NAMES: usize = 100;

/// Fields that are not read, by name: the first line that has each, and how often it is
/// there. Lines are read on all cores, in no order.
#[derive(Default)]
pub(super) struct Unread(Mutex<BTreeMap<String, (u32, usize)>>);

impl Unread {
    /// Notes a field of a line.
    pub(super) fn note(&self, line: u32, name: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = short(name);
        // What is beyond the most is told together, whichever those are.
        let name = if known.len() < MOST_NAMES || known.contains_key(&name) { &name } else { "" };
        let (first, count) = known.entry(name.to_owned()).or_insert((line, 0));
        *first = line.min(*first);
        *count += 1;
    }

    /// What is to be said of them, in the order of their names.
    pub(super) fn warnings(self) -> impl Iterator<Item = Warning> {
        let known = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        known.into_iter().map(|(name, (line, count))| {
            let times = if count == 1 { String::new() } else { format!("; {count} times") };
            let what = if name.is_empty() {
                "further fields".to_owned()
            } else {
                format!("the field “{name}”")
            };
            Warning::at(line, format!("left out: {what}, which is not read{times}"))
        })
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
