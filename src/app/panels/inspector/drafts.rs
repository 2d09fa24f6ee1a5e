//! What is being typed in the inspector and is not part of the annotation yet.
//!
//! A field that wrote every letter at once would make a step of the undo history of
//! each. So the letters wait here until the field loses the focus, and become one
//! action then. They belong to the annotation they were typed for: whatever comes
//! between, be it another selection or another article, they are written there first.
//! What does not fit (a number out of its range) waits with its fault beside it.

use crate::model::{AnnotationId, ArticleId, AttributeId};
use crate::session::Action;
use std::collections::BTreeMap;

/// A field of the inspector that is typed into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    /// An attribute of the selected annotation.
    Attribute(AttributeId),
    /// Its note.
    Note,
    /// A comment on it.
    Comment,
}

/// What a text would do: an action, nothing new, or why it does not fit.
pub(super) type Verdict = Result<Option<Action>, String>;

/// Everything typed for one annotation.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    owner: Option<(ArticleId, AnnotationId)>,
    texts: BTreeMap<Field, (String, Verdict)>,
}

impl Drafts {
    /// Turns to the annotation that is shown now. Gives back what was still to be
    /// written to the one before, as long as its article is open; what does not fit
    /// is dropped with it.
    pub(super) fn turn_to(&mut self, owner: Option<(ArticleId, AnnotationId)>) -> Vec<Action> {
        if self.owner == owner {
            return Vec::new();
        }
        let actions = self.take_all();
        self.texts.clear();
        self.owner = owner;
        actions
    }

    /// What has been typed into a field.
    pub(super) fn text(&self, field: &Field) -> Option<&str> {
        self.texts.get(field).map(|(text, _)| text.as_str())
    }

    /// Why the text of a field does not fit.
    pub(super) fn fault(&self, field: &Field) -> Option<&str> {
        let (_, verdict) = self.texts.get(field)?;
        verdict.as_ref().err().map(String::as_str)
    }

    /// Keeps what has been typed into a field; what says nothing new is not kept.
    pub(super) fn put(&mut self, field: Field, text: String, verdict: Verdict) {
        if verdict == Ok(None) {
            self.texts.remove(&field);
        } else {
            self.texts.insert(field, (text, verdict));
        }
    }

    /// The action of a field that has been left. What does not fit stays.
    pub(super) fn take(&mut self, field: &Field) -> Option<Action> {
        match self.texts.remove(field)? {
            (_, Ok(action)) => action,
            (text, fault) => {
                self.texts.insert(field.clone(), (text, fault));
                None
            }
        }
    }

    /// The actions of all fields. What does not fit stays.
    pub(super) fn take_all(&mut self) -> Vec<Action> {
        let fields: Vec<_> = self.texts.keys().cloned().collect();
        fields.iter().filter_map(|field| self.take(field)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(annotation: u64) -> Option<(ArticleId, AnnotationId)> {
        Some((ArticleId::new("a").unwrap(), AnnotationId(annotation)))
    }

    fn note(annotation: u64, text: &str) -> Action {
        Action::SetNote(AnnotationId(annotation), text.to_owned())
    }

    #[test]
    fn what_was_typed_goes_to_the_annotation_it_was_typed_for() {
        let mut drafts = Drafts::default();
        assert_eq!(drafts.turn_to(owner(1)), vec![]);
        drafts.put(Field::Note, "se".to_owned(), Ok(Some(note(1, "se"))));
        drafts.put(Field::Note, "see".to_owned(), Ok(Some(note(1, "see"))));
        assert_eq!(drafts.turn_to(owner(1)), vec![]);
        assert_eq!(drafts.text(&Field::Note), Some("see"));
        assert_eq!(drafts.turn_to(owner(2)), vec![note(1, "see")]);
        assert_eq!(drafts.text(&Field::Note), None);
    }

    #[test]
    fn what_does_not_fit_waits_until_another_annotation_is_shown() {
        let mut drafts = Drafts::default();
        drafts.turn_to(owner(1));
        let field = Field::Attribute(AttributeId::new("low").unwrap());
        drafts.put(field.clone(), "-3".to_owned(), Err("0 or more".to_owned()));
        assert_eq!(drafts.take(&field), None);
        assert_eq!(drafts.text(&field), Some("-3"));
        assert_eq!(drafts.fault(&field), Some("0 or more"));
        drafts.put(field.clone(), "3".to_owned(), Ok(None));
        assert_eq!(drafts.text(&field), None);
        drafts.put(field.clone(), "-3".to_owned(), Err("0 or more".to_owned()));
        assert_eq!(drafts.turn_to(owner(2)), vec![]);
        assert_eq!(drafts.text(&field), None);
    }
}
