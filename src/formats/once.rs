//! What is said of a file once, however often it is there.
//!
//! What one record has most records have: a field that nothing here knows stands on every
//! line of its file. Each is told with the line that has it first and how often it is there.

use super::reading::Warning;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The different things that are told of a file; one may have made up millions.
const MOST: usize = 100;

/// What is told once: the first line that has each, and how often it is there. Records are
/// read on all cores, in no order.
pub(super) struct Once {
    known: Mutex<BTreeMap<String, (u32, usize)>>,
    /// What is said of everything beyond the most.
    further: &'static str,
}

impl Once {
    /// Nothing yet; `further` is said of what is beyond the most.
    pub(super) fn new(further: &'static str) -> Self {
        Self { known: Mutex::default(), further }
    }

    /// Notes something, in a sentence without a full stop, of a line counted from one; zero
    /// in a file without lines.
    pub(super) fn note(&self, line: u32, what: String) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = known.len() < MOST || known.contains_key(&what);
        let what = if is_known { what } else { self.further.to_owned() };
        let (first, count) = known.entry(what).or_insert((line, 0));
        *first = line.min(*first);
        *count += 1;
    }

    /// What is to be said, in the order of the sentences.
    pub(super) fn warnings(self) -> impl Iterator<Item = Warning> {
        let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        known.into_iter().map(|(what, (line, count))| {
            let times = if count == 1 { String::new() } else { format!("; {count} times") };
            Warning { line: (line > 0).then_some(line), what: format!("{what}{times}") }
        })
    }
}
