//! "Label 6 more like this": the other places with the same words.

use super::{Notice, Session, SessionError};
use crate::edit::Edit;
use crate::model::{Annotation, AnnotationId, Origin, Span, now};
use crate::text::{TextRange, occurrences_of_words};

/// The places that could be labelled like an annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct MoreOffer {
    /// The annotation to label like.
    pub annotation: AnnotationId,
    /// The other places, in text order; never empty.
    pub places: Vec<TextRange>,
}

impl Session {
    /// Offers more places like an annotation, if there are any.
    pub(super) fn offer_more(&mut self, id: AnnotationId) {
        self.offer = self.places_like(id).map(|places| MoreOffer { annotation: id, places });
    }

    /// The places with an annotation's words that do not have its label yet.
    fn places_like(&self, id: AnnotationId) -> Option<Vec<TextRange>> {
        let set = self.set()?;
        let like = set.annotation(id).filter(|found| !found.span.is_discontinuous())?;
        let text = set.article().text();
        let mut places = occurrences_of_words(text, &set.surface(like));
        let mut taken: Vec<TextRange> = set
            .annotations()
            .filter(|other| other.label == like.label)
            .flat_map(|other| other.span.ranges().to_vec())
            .collect();
        taken.sort_by_key(|range| range.start());
        places.retain(|place| {
            let before = taken.partition_point(|range| range.end() <= place.start());
            taken.get(before).is_none_or(|range| range.start() >= place.end())
        });
        (!places.is_empty()).then_some(places)
    }

    /// Labels the chosen places like the annotation of the offer.
    pub(super) fn label_more(&mut self, places: &[TextRange]) -> Result<(), SessionError> {
        let offer = self.offer.take().ok_or(SessionError::Missing("nothing to label like"))?;
        let set = self.editable()?;
        let like = set.annotation(offer.annotation);
        let like = like.ok_or(SessionError::Missing("the annotation is gone"))?.clone();
        let source = format!("more like “{}”", set.surface(&like));
        let name = self.label_name(&like.label);
        let mut taken = set.taken_ids();
        let mut edits = Vec::new();
        for place in places {
            let id = AnnotationId(self.ids.fresh(&taken));
            taken.insert(id.0);
            edits.push(Edit::Add(Annotation {
                id,
                span: Span::new(*place)?,
                note: String::new(),
                origin: Origin::Suggestion(source.clone()),
                created: now(),
                modified: None,
                ..like.clone()
            }));
        }
        let count = edits.len();
        self.edit_open(format!("Label {count} more as {name}"), edits.into())?;
        self.notify(Notice::info(format!("Labelled {count} more as {name}")));
        Ok(())
    }
}
