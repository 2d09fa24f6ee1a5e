//! Edits, and transactions that apply wholly or not at all.

use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AttributeValue, MOST_ATTRIBUTES, MOST_IN_LIST,
    Relation, RelationId, Remark, RemarkId, State,
};
use crate::text::TextRange;

/// One change of an annotation set. Every edit has an inverse of the same type.
///
/// What is large stands apart, so that an edit takes 16 bytes: a history may hold as many
/// as a file has room for, of which the smallest is 12 bytes there.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a new annotation in.
    Add(Box<Annotation>),
    /// Takes an annotation out; its relations must be gone before.
    Remove(AnnotationId),
    /// Puts an annotation in the place of the one with the same id.
    Replace(Box<Annotation>),
    /// Links two annotations.
    Relate(Box<Relation>),
    /// Takes a link out.
    Unrelate(RelationId),
    /// Puts a comment or a ruling in.
    Remark(Box<Remark>),
    /// Takes a comment or a ruling out.
    Unremark(RemarkId),
    /// Says how far the annotator has come.
    State(State),
}

impl Edit {
    /// [`Self::Add`].
    pub fn add(annotation: Annotation) -> Self {
        Self::Add(Box::new(annotation))
    }

    /// [`Self::Replace`].
    pub fn replace(annotation: Annotation) -> Self {
        Self::Replace(Box::new(annotation))
    }

    /// [`Self::Relate`].
    pub fn relate(relation: Relation) -> Self {
        Self::Relate(Box::new(relation))
    }

    /// [`Self::Remark`].
    pub fn remark(remark: Remark) -> Self {
        Self::Remark(Box::new(remark))
    }
}

/// Why an edit does not fit a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The id of a new annotation or relation is taken.
    #[error("the id {0} is already taken in this article")]
    Taken(AnnotationId),
    /// There is no such annotation.
    #[error("there is no annotation {0} in this article")]
    NoAnnotation(AnnotationId),
    /// There is no such relation.
    #[error("there is no relation {0} in this article")]
    NoRelation(RelationId),
    /// There is no such comment or ruling.
    #[error("there is no comment or ruling {0} in this article")]
    NoRemark(RemarkId),
    /// A range reaches past the text or ends inside a character.
    #[error(
        "bytes {}..{} are no place in the article's text",
        u32::from(.0.start()), u32::from(.0.end())
    )]
    OutsideText(TextRange),
    /// A span, a list of values, what a comment is about, or the attributes of an annotation
    /// are more than a file may hold.
    #[error("{what} has more than {most} parts; no file of the project may hold that")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How many parts it may have.
        most: usize,
    },
    /// An annotation is still linked to another one.
    #[error("annotation {0} still has the relation {1}")]
    StillRelated(AnnotationId, RelationId),
}

/// Edits of one annotation set that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transaction {
    /// The edits in the order they apply.
    pub edits: Vec<Edit>,
}

impl Transaction {
    /// Applies every edit and gives back the transaction that undoes them.
    ///
    /// # Errors
    /// When an edit does not fit; the set is then as it was before.
    pub fn apply(&self, set: &mut AnnotationSet) -> Result<Self, EditError> {
        let mut inverse = Vec::with_capacity(self.edits.len());
        for edit in &self.edits {
            match apply(edit, set) {
                Ok(undo) => inverse.push(undo),
                Err(error) => {
                    roll_back(set, inverse);
                    return Err(error);
                }
            }
        }
        inverse.reverse();
        Ok(Self { edits: inverse })
    }

    /// What makes one set of an article another one of it, with one edit for each thing that
    /// differs (two for a relation or a remark that changed); O(n log n).
    pub fn between(before: &AnnotationSet, after: &AnnotationSet) -> Self {
        let mut edits = Vec::new();
        let stays = |relation: &&Relation| after.relation(relation.id) == Some(*relation);
        let gone = before.relations().filter(|relation| !stays(relation));
        edits.extend(gone.map(|relation| Edit::Unrelate(relation.id)));
        let stays = |remark: &&Remark| after.remark(remark.id) == Some(*remark);
        let gone = before.remarks().filter(|remark| !stays(remark));
        edits.extend(gone.map(|remark| Edit::Unremark(remark.id)));
        for old in before.annotations() {
            match after.annotation(old.id) {
                None => edits.push(Edit::Remove(old.id)),
                Some(new) if new != old => edits.push(Edit::replace(new.clone())),
                Some(_) => {}
            }
        }
        let added = after.annotations().filter(|new| before.annotation(new.id).is_none());
        edits.extend(added.cloned().map(Edit::add));
        let stood = |relation: &&Relation| before.relation(relation.id) == Some(*relation);
        let come = after.relations().filter(|relation| !stood(relation));
        edits.extend(come.cloned().map(Edit::relate));
        let stood = |remark: &&Remark| before.remark(remark.id) == Some(*remark);
        let come = after.remarks().filter(|remark| !stood(remark));
        edits.extend(come.cloned().map(Edit::remark));
        if before.state() != after.state() {
            edits.push(Edit::State(after.state()));
        }
        edits.into()
    }

    /// Whether there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

impl From<Vec<Edit>> for Transaction {
    fn from(edits: Vec<Edit>) -> Self {
        Self { edits }
    }
}

/// Undoes what had been applied. The inverses were computed from these very states,
/// so none of them can fail.
fn roll_back(set: &mut AnnotationSet, inverse: Vec<Edit>) {
    for edit in inverse.into_iter().rev() {
        let undone = apply(&edit, set);
        debug_assert!(undone.is_ok(), "an inverse did not fit: {undone:?}");
    }
}

fn apply(edit: &Edit, set: &mut AnnotationSet) -> Result<Edit, EditError> {
    match edit {
        Edit::Add(annotation) => add(set, annotation),
        Edit::Remove(id) => remove(set, *id),
        Edit::Replace(annotation) => replace(set, annotation),
        Edit::Relate(relation) => relate(set, relation),
        Edit::Unrelate(id) => {
            let taken = set.take_relation(*id).ok_or(EditError::NoRelation(*id))?;
            Ok(Edit::relate(taken))
        }
        Edit::Remark(remark) => {
            check_free(set, AnnotationId(remark.id.0))?;
            check_length("what a comment is about", remark.on.len())?;
            set.insert_remark(Remark::clone(remark));
            Ok(Edit::Unremark(remark.id))
        }
        Edit::Unremark(id) => {
            let taken = set.take_remark(*id).ok_or(EditError::NoRemark(*id))?;
            Ok(Edit::remark(taken))
        }
        Edit::State(state) => Ok(Edit::State(set.put_state(*state))),
    }
}

fn add(set: &mut AnnotationSet, annotation: &Annotation) -> Result<Edit, EditError> {
    check_free(set, annotation.id)?;
    check_content(set, annotation)?;
    set.insert_annotation(annotation.clone());
    Ok(Edit::Remove(annotation.id))
}

fn remove(set: &mut AnnotationSet, id: AnnotationId) -> Result<Edit, EditError> {
    if let Some(relation) = set.relations_of(id).next() {
        return Err(EditError::StillRelated(id, relation.id));
    }
    let taken = set.take_annotation(id).ok_or(EditError::NoAnnotation(id))?;
    Ok(Edit::add(taken))
}

fn replace(set: &mut AnnotationSet, annotation: &Annotation) -> Result<Edit, EditError> {
    check_content(set, annotation)?;
    let old = set.take_annotation(annotation.id).ok_or(EditError::NoAnnotation(annotation.id))?;
    set.insert_annotation(annotation.clone());
    Ok(Edit::replace(old))
}

fn relate(set: &mut AnnotationSet, relation: &Relation) -> Result<Edit, EditError> {
    check_free(set, AnnotationId(relation.id.0))?;
    for end in [relation.from, relation.to] {
        set.annotation(end).ok_or(EditError::NoAnnotation(end))?;
    }
    set.insert_relation(relation.clone());
    Ok(Edit::Unrelate(relation.id))
}

/// Annotations, relations and remarks share one space of ids, because files and people
/// name them in the same breath.
fn check_free(set: &AnnotationSet, id: AnnotationId) -> Result<(), EditError> {
    if set.is_taken(id.0) { Err(EditError::Taken(id)) } else { Ok(()) }
}

fn check_content(set: &AnnotationSet, annotation: &Annotation) -> Result<(), EditError> {
    let ranges = annotation.span.ranges();
    if let Some(outside) = ranges.iter().find(|range| !set.admits(**range)) {
        return Err(EditError::OutsideText(*outside));
    }
    check_length("the span", ranges.len())?;
    check_most("what is said of the annotation", annotation.attributes.len(), MOST_ATTRIBUTES)?;
    let lists = annotation.attributes.iter().filter_map(|(_, value)| match value {
        AttributeValue::List(items) => Some(items.len()),
        _ => None,
    });
    lists.into_iter().try_for_each(|len| check_length("an attribute’s list", len))
}

fn check_length(what: &'static str, len: usize) -> Result<(), EditError> {
    check_most(what, len, MOST_IN_LIST)
}

fn check_most(what: &'static str, len: usize, most: usize) -> Result<(), EditError> {
    if len > most { Err(EditError::TooLong { what, most }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AnnotatorName, Article, ArticleId, ArticleMeta, AttributeId, AttributeValue, LabelId,
        RelationTypeId, Span,
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    const TEXT: &str = "Several militants stormed the HQ 🚓 — کراچی police said, e\u{301}";

    fn empty_set() -> AnnotationSet {
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id, ArticleMeta::default(), TEXT);
        AnnotationSet::new(Arc::new(article), AnnotatorName::new("ann").unwrap())
    }

    /// Spans anywhere, past the end and inside characters included.
    fn span() -> impl Strategy<Value = Span> {
        let end = TEXT.len() as u32 + 2;
        prop::collection::vec((0..end, 1..9u32), 1..3).prop_filter_map("overlap", |ranges| {
            let ranges = ranges.into_iter().map(|(at, len)| TextRange::at(at.into(), len.into()));
            Span::from_ranges(ranges.collect()).ok()
        })
    }

    fn annotation() -> impl Strategy<Value = Annotation> {
        (0..6u64, "[a-c]", span(), prop::option::of(0..9i64)).prop_map(|(id, label, span, low)| {
            let mut made = Annotation::new(AnnotationId(id), LabelId::new(label).unwrap(), span);
            if let Some(low) = low {
                made.attributes
                    .insert(AttributeId::new("low").unwrap(), AttributeValue::Integer(low));
            }
            made
        })
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            4 => annotation().prop_map(Edit::add),
            1 => (0..6u64).prop_map(|id| Edit::Remove(AnnotationId(id))),
            2 => annotation().prop_map(Edit::replace),
            2 => (6..9u64, 0..6u64, 0..6u64).prop_map(|(id, from, to)| Edit::relate(Relation {
                id: RelationId(id),
                kind: RelationTypeId::new("at").unwrap(),
                from: AnnotationId(from),
                to: AnnotationId(to),
            })),
            1 => (6..9u64).prop_map(|id| Edit::Unrelate(RelationId(id))),
            1 => prop_oneof![Just(State::Unseen), Just(State::InProgress), Just(State::Done)]
                .prop_map(Edit::State),
        ]
    }

    proptest! {
        #[test]
        fn apply_then_inverse_is_the_identity(
            history in prop::collection::vec(prop::collection::vec(edit(), 1..4), 0..40)
        ) {
            let mut set = empty_set();
            let start = set.clone();
            let mut undo = Vec::new();
            for edits in history {
                let before = set.clone();
                match Transaction::from(edits).apply(&mut set) {
                    Ok(inverse) => {
                        let after = set.clone();
                        let redo = inverse.apply(&mut set).unwrap();
                        prop_assert_eq!(&set, &before);
                        redo.apply(&mut set).unwrap();
                        prop_assert_eq!(&set, &after);
                        undo.push(inverse);
                    }
                    Err(_) => prop_assert_eq!(&set, &before),
                }
                for annotation in set.annotations() {
                    for range in annotation.span.ranges() {
                        prop_assert!(TEXT.get(range.start().into()..range.end().into()).is_some());
                    }
                }
            }
            let mut back = set.clone();
            Transaction::between(&set, &start).apply(&mut back).unwrap();
            prop_assert_eq!(&back, &start);
            Transaction::between(&start, &set).apply(&mut back).unwrap();
            prop_assert_eq!(&back, &set);
            for inverse in undo.iter().rev() {
                inverse.apply(&mut set).unwrap();
            }
            prop_assert_eq!(set, start);
        }
    }

    #[test]
    fn a_span_inside_a_character_is_refused() {
        let inside = TEXT.find('🚓').unwrap() as u32 + 1;
        let span = Span::new(TextRange::at(inside.into(), 3.into())).unwrap();
        let add = Edit::add(Annotation::new(AnnotationId(1), LabelId::new("a").unwrap(), span));
        let refused = Transaction::from(vec![add]).apply(&mut empty_set());
        assert!(matches!(refused, Err(EditError::OutsideText(_))));
    }
}
