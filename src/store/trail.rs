//! Who did what in an article, line by line: the audit.
//!
//! Nothing is applied here and nothing is put together: each line of a history is told as
//! it stands, with every annotation as it was before and after.

use super::error::{Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{BadLines, read_line};
use super::layout;
use super::wire::{Line, LineChange, StoredEdit};
use crate::edit::{Edit, StepKind};
use crate::model::{
    Annotation, AnnotationId, AnnotatorName, ArticleId, Relation, RelationId, State, StepId,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One doing of a step in one article.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailLine {
    /// The step.
    pub step: StepId,
    /// When it was done, undone or done again.
    pub at: Timestamp,
    /// Who.
    pub by: AnnotatorName,
    /// What it is called.
    pub what: String,
    /// Done, undone or done again.
    pub kind: StepKind,
    /// The annotations it touched.
    pub annotations: Vec<Touched>,
    /// The relations that came.
    pub related: Vec<Relation>,
    /// The relations that went.
    pub unrelated: Vec<Relation>,
    /// The state it gave the article.
    pub state: Option<State>,
}

/// An annotation before and after a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// Which.
    pub id: AnnotationId,
    /// As it was; `None` where the line made it.
    pub before: Option<Box<Recalled>>,
    /// As it became; `None` where the line deleted it.
    pub after: Option<Box<Recalled>>,
}

/// An annotation with the text that it covered at the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// The annotation.
    pub annotation: Annotation,
    /// Its text, ranges joined by ` … `.
    pub surface: String,
}

impl ProjectFolder {
    /// What was done in an annotator's set of an article, oldest first: everything, or
    /// what touched one annotation or a relation of it. Lines that cannot be read are left
    /// out and reported.
    ///
    /// O(n) in the bytes of the history; only lines that name the annotation are read.
    ///
    /// # Errors
    /// When the history cannot be reached, but not for what it holds.
    pub fn trail(
        &self,
        annotator: &AnnotatorName,
        article: &ArticleId,
        of: Option<AnnotationId>,
    ) -> Result<(Vec<TrailLine>, Vec<Problem>), StoreError> {
        let (mut trail, mut problems) = (Vec::new(), Vec::new());
        let needle = of.map(|id| format!("\"{id}\""));
        self.pieces(&layout::history(annotator, article))?.each(|piece| {
            let mut bad = BadLines::of(&piece.file);
            for (number, line) in piece.lines() {
                let text = std::str::from_utf8(line);
                if needle.as_ref().is_some_and(|id| text.is_ok_and(|text| !text.contains(id))) {
                    continue;
                }
                match read_line(&piece.file, number, line) {
                    Ok(line) => trail.extend(trail_line(line, of)),
                    Err(error) => {
                        if !bad.add(&error, &mut problems) {
                            break;
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok((trail, problems))
    }
}

/// A line told as far as it touches an annotation; `None` where it does not.
fn trail_line(line: Line, of: Option<AnnotationId>) -> Option<TrailLine> {
    let LineChange::Set { edits, inverse } = line.change else { return None };
    let state = edits.iter().rev().find_map(|stored| match stored.edit {
        Edit::State(state) => Some(state),
        _ => None,
    });
    let (after, related) = of_edits(edits);
    // Taken from the end, the first that says how an annotation was is the oldest.
    let (before, unrelated) = of_edits(inverse);
    let mut touched: BTreeMap<AnnotationId, Touched> = BTreeMap::new();
    let empty = |id| Touched { id, before: None, after: None };
    for (id, recalled) in after {
        touched.entry(id).or_insert_with(|| empty(id)).after = Some(recalled);
    }
    for (id, recalled) in before {
        touched.entry(id).or_insert_with(|| empty(id)).before = Some(recalled);
    }
    let wanted = |touched: &Touched| of.is_none_or(|id| id == touched.id);
    let annotations: Vec<_> = touched.into_values().filter(wanted).collect();
    let touches =
        |relation: &Relation| of.is_none_or(|id| [relation.from, relation.to].contains(&id));
    // A relation that goes and comes back with the annotation it hangs on has not changed.
    let only_in = |these: &Relations, those: &Relations| {
        let changed = these.values().filter(|relation| those.get(&relation.id) != Some(*relation));
        changed.filter(|relation| touches(relation)).cloned().collect::<Vec<_>>()
    };
    let (came, went) = (only_in(&related, &unrelated), only_in(&unrelated, &related));
    let state = state.filter(|_| of.is_none());
    if of.is_some() && annotations.is_empty() && came.is_empty() && went.is_empty() {
        return None;
    }
    let Line { step, at, by, what, kind, .. } = line;
    let (related, unrelated) = (came, went);
    Some(TrailLine { step, at, by, what, kind, annotations, related, unrelated, state })
}

/// Annotations as edits leave them, without those that are gone.
type Annotations = BTreeMap<AnnotationId, Box<Recalled>>;

/// Relations as edits make them.
type Relations = BTreeMap<RelationId, Relation>;

/// What edits leave of each annotation that they name, and the relations that they make.
fn of_edits(edits: Vec<StoredEdit>) -> (Annotations, Relations) {
    let (mut annotations, mut relations) = (BTreeMap::new(), BTreeMap::new());
    for StoredEdit { edit, ranges } in edits {
        match edit {
            Edit::Add(annotation) | Edit::Replace(annotation) => {
                let parts: Vec<_> = ranges.iter().map(|(_, surface)| surface.as_str()).collect();
                let surface = parts.join(" … ");
                let annotation = *annotation;
                annotations.insert(annotation.id, Box::new(Recalled { annotation, surface }));
            }
            Edit::Remove(id) => {
                annotations.remove(&id);
            }
            Edit::Relate(relation) => {
                relations.insert(relation.id, *relation);
            }
            Edit::Unrelate(id) => {
                relations.remove(&id);
            }
            Edit::Remark(_) | Edit::Unremark(_) | Edit::State(_) => {}
        }
    }
    (annotations, relations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;
    use crate::store::wire;

    #[test]
    fn a_line_tells_what_was_before_and_after() {
        let (_temporary, folder) = testing::folder();
        let mut set = folder.read_set(&testing::article(), &testing::annotator()).unwrap().set;
        let noted = Annotation { note: "why".to_owned(), ..testing::mark(1, 7) };
        let steps = [
            testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]),
            testing::step(2, &mut set, vec![Edit::add(testing::mark(2, 7))]),
            testing::step(3, &mut set, vec![Edit::replace(noted)]),
        ];
        let mut text = String::new();
        for step in &steps {
            text += &wire::write_line(StepKind::Do, step.at, step, &step.changes[0], testing::TEXT);
        }
        let back = steps[2].changes[0].inverse();
        text += &wire::write_line(StepKind::Undo, steps[2].at, &steps[2], &back, testing::TEXT);
        let file = layout::history(&testing::annotator(), testing::article().id());
        folder.disk().replace(&file, text.as_bytes()).unwrap();
        let of = |id| {
            let (annotator, article) = (testing::annotator(), testing::article());
            folder.trail(&annotator, article.id(), id).unwrap().0
        };
        let trail = of(Some(AnnotationId(1)));
        let notes = trail.iter().map(|line| {
            let note = |recalled: &Option<Box<Recalled>>| {
                recalled.as_ref().map(|recalled| recalled.annotation.note.clone())
            };
            (line.kind, note(&line.annotations[0].before), note(&line.annotations[0].after))
        });
        let (nothing, why) = (Some(String::new()), Some("why".to_owned()));
        let expected = [
            (StepKind::Do, None, nothing.clone()),
            (StepKind::Do, nothing.clone(), why.clone()),
            (StepKind::Undo, why, nothing),
        ];
        assert_eq!(notes.collect::<Vec<_>>(), expected);
        assert_eq!(trail[0].annotations[0].after.as_ref().unwrap().surface, "Several");
        assert_eq!(of(None).len(), 4);
    }
}
