//! What is selected in the open article. Not undoable, and dropped with the article.

use crate::model::AnnotationId;
use crate::text::TextRange;

/// The selected text or annotation, and what is under way with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Selected text, as it would be labelled; never empty.
    pub text: Option<TextRange>,
    /// The selected annotation.
    pub annotation: Option<AnnotationId>,
    /// The annotation that was selected before the text, and to which the text can be
    /// added as a part.
    pub part_of: Option<AnnotationId>,
    /// The annotation that waits for a click on the one it points to.
    pub relating_from: Option<AnnotationId>,
    /// The annotation that waits for the text that is its new place.
    pub placing: Option<AnnotationId>,
    /// Two annotations that wait for the type of their relation, from and to.
    pub relation: Option<(AnnotationId, AnnotationId)>,
}

impl Selection {
    /// Selects text; an annotation selected before is kept in mind.
    pub(super) fn select_text(&mut self, range: Option<TextRange>) {
        self.part_of = self.annotation.or(self.part_of).filter(|_| range.is_some());
        self.annotation = None;
        self.relation = None;
        self.text = range.filter(|range| !range.is_empty());
    }

    /// Selects an annotation, and no text.
    pub(super) fn select_annotation(&mut self, id: Option<AnnotationId>) {
        // A click into the text is often the first of two that select a word.
        let placing = self.placing.filter(|_| id.is_none() || id == self.placing);
        let relating_from = self.relating_from;
        *self = Self { annotation: id, relating_from, placing, ..Self::default() };
    }
}
