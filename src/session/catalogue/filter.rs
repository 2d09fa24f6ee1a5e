//! Which articles the list shows, and in which order.

use super::Entry;
use crate::model::{LabelId, State};

/// Which states the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateFilter {
    /// All of them.
    #[default]
    Any,
    /// Never annotated.
    Unseen,
    /// Begun and not finished.
    InProgress,
    /// Finished with at least one annotation.
    Done,
    /// Finished, and nothing was there to mark.
    DoneAndEmpty,
    /// Not finished.
    Unfinished,
}

impl StateFilter {
    /// The filters in the order of their menu.
    pub const ALL: [Self; 6] = [
        Self::Any,
        Self::Unfinished,
        Self::Unseen,
        Self::InProgress,
        Self::Done,
        Self::DoneAndEmpty,
    ];

    /// What the menu shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "Any state",
            Self::Unseen => "Unseen",
            Self::InProgress => "In progress",
            Self::Done => "Done",
            Self::DoneAndEmpty => "Done and empty",
            Self::Unfinished => "Unfinished",
        }
    }

    fn admits(self, entry: &Entry) -> bool {
        match self {
            Self::Any => true,
            Self::Unfinished => entry.state() != State::Done,
            one => entry.standing() == one,
        }
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By id, as the folder has them.
    #[default]
    Name,
    /// By headline.
    Title,
    /// By day, the newest first.
    Newest,
    /// By day, the oldest first.
    Oldest,
    /// By outlet.
    Source,
    /// Unfinished ones first.
    State,
    /// The most annotations first.
    MostAnnotations,
    /// The longest text first.
    Longest,
}

impl Sort {
    /// The orders in the order of their menu.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Title,
        Self::Newest,
        Self::Oldest,
        Self::Source,
        Self::State,
        Self::MostAnnotations,
        Self::Longest,
    ];

    /// What the menu shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "File name",
            Self::Title => "Headline",
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::Source => "Source",
            Self::State => "State",
            Self::MostAnnotations => "Most annotations",
            Self::Longest => "Longest first",
        }
    }
}

/// Which articles the list shows, and in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Words that title, source or id must hold.
    pub text: String,
    /// Which states.
    pub state: StateFilter,
    /// A label that at least one annotation must have.
    pub label: Option<LabelId>,
    /// The order.
    pub sort: Sort,
}

impl Filter {
    /// Whether anything is left out.
    pub fn is_narrowing(&self) -> bool {
        !self.text.trim().is_empty() || self.state != StateFilter::Any || self.label.is_some()
    }

    /// The words of the text in lower case.
    pub(super) fn words(&self) -> Vec<String> {
        self.text.to_lowercase().split_whitespace().map(str::to_owned).collect()
    }

    /// Whether an article passes; `words` are the filter's own in lower case.
    pub(super) fn admits(&self, entry: &Entry, haystack: &str, words: &[String]) -> bool {
        let has_label = self.label.as_ref().is_none_or(|label| {
            entry.summary.as_ref().is_some_and(|found| found.set.has_label(label))
        });
        has_label
            && self.state.admits(entry)
            && words.iter().all(|word| haystack.contains(word.as_str()))
    }
}
