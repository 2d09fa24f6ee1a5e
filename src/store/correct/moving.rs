//! Where the annotations of one set stand on a corrected text.
//!
//! Most move with their words, by comparing both texts. Two histories are asked besides:
//! that of the correction which is being taken back, for the exact places from before, and
//! that of words which an earlier correction took, and which may be there again. Nothing is
//! written here.

use super::{CorrectedSet, Replaced};
use crate::edit::{Edit, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, Span, StepId,
    TextHash,
};
use crate::store::anchors::{Anchors, Fit, Placed, StoredRanges, surface_of};
use crate::store::archive::Piece;
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::history::{HistoryBytes, read_line};
use crate::store::layout;
use crate::store::load::LoadedSet;
use crate::store::wire::{self, Line, LineChange, Mark, StoredEdit};
use crate::text::{TextRange, TextSize, nearest_words};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The lost words of a set that are looked for elsewhere: each takes a look at all of the
/// text, and longer lists are not read one by one.
const LOOKED_FOR: usize = 200;

/// A set on both texts.
pub(super) struct Moved {
    pub(super) before: AnnotationSet,
    pub(super) after: AnnotationSet,
    /// The last line of the history that the set before holds.
    pub(super) mark: Option<Mark>,
    pub(super) forward: Transaction,
    pub(super) report: CorrectedSet,
}

impl ProjectFolder {
    /// For annotations that a correction left without their words, on which text they had
    /// them and where, as the last such line of the history says.
    fn lost_in(&self, set: &AnnotationSet) -> Result<HashMap<AnnotationId, LostPlace>, StoreError> {
        let mut lost = HashMap::new();
        let history = layout::history(set.annotator(), set.article().id());
        let bytes = self.whole_history(&history)?.bytes;
        for (number, line) in HistoryBytes::of(&bytes).lines {
            // A line that cannot be read is named where it is needed.
            let Ok(Line { text: Some(text), change, .. }) = read_line(&history, number, line)
            else {
                continue;
            };
            let LineChange::Set { edits, inverse } = change else { continue };
            let annotation = |stored: &StoredEdit| match &stored.edit {
                Edit::Replace(annotation) => Some((annotation.id, annotation.was.is_some())),
                _ => None,
            };
            let left: HashSet<_> =
                edits.iter().filter_map(annotation).filter(|(_, is_lost)| *is_lost).collect();
            for stored in inverse {
                if let Some((id, false)) = annotation(&stored)
                    && left.contains(&(id, true))
                {
                    lost.insert(id, (text.before, stored.ranges.into()));
                }
            }
        }
        Ok(lost)
    }

    /// Where annotations were before a step corrected the text, took that back or did it
    /// again, as the last line of it says; `None` where the set has no such line.
    pub(super) fn places_before(
        &self,
        step: StepId,
        annotator: &AnnotatorName,
        article: &ArticleId,
    ) -> Result<Option<PlacesBefore>, StoreError> {
        let file = layout::history(annotator, article);
        let mut pieces = self.pieces(&file)?;
        let mut last = last_line(pieces.live()?, step)?;
        while last.is_none()
            && let Some(older) = pieces.older()?
        {
            last = last_line(&older, step)?;
        }
        let Some(line) = last else { return Ok(None) };
        let LineChange::Set { edits, inverse } = line.change else { return Ok(None) };
        let spans = |edits: Vec<StoredEdit>| {
            let annotations = edits.into_iter().filter_map(|stored| match stored.edit {
                Edit::Replace(annotation) => Some((annotation.id, *annotation)),
                _ => None,
            });
            annotations.collect::<HashMap<_, _>>()
        };
        Ok(Some(PlacesBefore { at: line.at, after: spans(edits), before: spans(inverse) }))
    }
}

/// The last line of a step in a part of a history.
fn last_line(piece: &Piece, step: StepId) -> Result<Option<Line>, StoreError> {
    let names_step = wire::names_step(step);
    let found = piece.lines().into_iter().rfind(|(_, line)| names_step(line));
    found.map(|(number, line)| read_line(&piece.file, number, line)).transpose()
}

/// Where annotations were before a line moved them, to put them back exactly: comparing the
/// texts once more in the other direction might find other places.
pub(super) struct PlacesBefore {
    at: Timestamp,
    after: HashMap<AnnotationId, Annotation>,
    before: HashMap<AnnotationId, Annotation>,
}

impl PlacesBefore {
    /// Where an annotation of a set goes, and what it was before; `None` where it was made
    /// or moved since.
    fn of(&self, set: &AnnotationSet, found: &Annotation, new: &Article) -> Option<Annotation> {
        let mut back = found.clone();
        if let Some((after, before)) = self.after.get(&found.id).zip(self.before.get(&found.id)) {
            back.span = before.span.clone();
            back.was = before.was.clone();
            return (found.span == after.span && fits(&back.span, new)).then_some(back);
        }
        // The line names what it moved; what was there and is not named stayed.
        let stayed = found.created <= self.at
            && fits(&found.span, new)
            && found.span.surface(new.text()) == set.surface(found);
        stayed.then_some(back)
    }
}

/// On which text an annotation had its words, and where.
type LostPlace = (TextHash, Vec<(TextRange, String)>);

/// The places of annotations whose words a correction took, from before it did.
#[derive(Default)]
pub(super) struct Lost(HashMap<AnnotationId, Span>);

impl Lost {
    /// Where the lost words of a set stand in a text, for those that stand there as they
    /// did. Nothing is looked for where nothing is lost; else O(n) for the history.
    pub(super) fn of(
        folder: &ProjectFolder,
        set: &AnnotationSet,
        new: &Arc<Article>,
    ) -> Result<Self, StoreError> {
        let mut places = Self::default();
        let lost: HashSet<_> =
            set.annotations().filter(|found| found.was.is_some()).map(|found| found.id).collect();
        if lost.is_empty() {
            return Ok(places);
        }
        let mut anchors: HashMap<TextHash, Option<Anchors>> = HashMap::new();
        for (id, (hash, ranges)) in folder.lost_in(set)? {
            if !lost.contains(&id) {
                continue;
            }
            let anchors = anchors.entry(hash).or_insert_with(|| {
                let earlier = layout::earlier_article(new.id(), hash);
                let earlier = match hash == new.hash() {
                    true => Arc::clone(new),
                    false => Arc::new(folder.read_article_at(&earlier, new.id()).ok()?),
                };
                Some(Anchors::between(folder, &earlier, Arc::clone(new)))
            });
            // A text that is not kept any more tells nothing.
            let Some(anchors) = anchors else { continue };
            let stood = ranges.iter().map(|(range, _)| *range).collect();
            // Words that stand there twice may be others.
            let is_only =
                |(_, words): &(_, String)| new.text().matches(words.as_str()).count() == 1;
            if hash != new.hash() && !ranges.iter().all(is_only) {
                continue;
            }
            let span = match anchors.place(Some(hash), id, &ranges) {
                Ok(None) => Span::from_ranges(stood).ok(),
                Ok(Some(Placed { span, fit: Fit::Moved, .. })) => Some(span),
                Ok(Some(_)) | Err(_) => None,
            };
            places.0.extend(span.map(|span| (id, span)));
        }
        Ok(places)
    }

    /// Puts an annotation back on its words, where they are there again.
    fn restore(
        &self,
        mut moved: Annotation,
        fit: Option<Fit>,
        new: &Article,
        anchors: &Anchors,
    ) -> (Annotation, Option<Fit>) {
        let Some(was) = moved.was.clone() else { return (moved, fit) };
        let text = new.text();
        let is_it = |span: &Span| span.surface(text) == *was;
        let stands = Some(moved.span.clone()).filter(is_it);
        let known = || self.0.get(&moved.id).cloned().filter(is_it);
        let Some(span) = stands.or_else(known).or_else(|| anchors.restored(&was, &moved.span))
        else {
            return (moved, fit);
        };
        (moved.span, moved.was) = (span, None);
        (moved, None)
    }
}

fn fits(span: &Span, article: &Article) -> bool {
    let is_place =
        |range: &TextRange| article.text().get(std::ops::Range::<usize>::from(*range)).is_some();
    span.ranges().iter().all(is_place)
}

/// A set of one text on another; `known` says where annotations stood there before.
pub(super) fn move_set(
    loaded: LoadedSet,
    new: &Arc<Article>,
    anchors: &mut Anchors,
    (known, lost): (Option<&PlacesBefore>, &Lost),
) -> Result<Moved, StoreError> {
    let LoadedSet { set: before, mark, .. } = loaded;
    let annotator = before.annotator().clone();
    let file = layout::set(&annotator, new.id());
    let mut report = CorrectedSet { annotator, same: 0, changed: Vec::new(), unsure: Vec::new() };
    let mut after = AnnotationSet::new(new.clone(), before.annotator().clone());
    let (mut whole, mut forward) = (Vec::new(), Vec::new());
    for annotation in before.annotations() {
        let back = known.and_then(|known| known.of(&before, annotation, new));
        let (moved, fit) = match back {
            Some(back) => (back, None),
            None => {
                let (moved, fit) = move_one(&before, annotation, (anchors, new), &file)?;
                lost.restore(moved, fit, new, anchors)
            }
        };
        // What stands at the same offsets on other words is told too: taking the correction
        // back goes by what the line names.
        let is_elsewhere = moved.span.surface(new.text()) != before.surface(annotation);
        if moved != *annotation || is_elsewhere {
            forward.push(Edit::replace(moved.clone()));
        }
        let told = || {
            let (place, words) = (annotation.span.extent(), before.surface(annotation));
            let is_listed = fit == Some(Fit::Gone) && report.unsure.len() < LOOKED_FOR;
            let elsewhere = is_listed.then(|| nearest_words(new.text(), &words, place.start()));
            Replaced {
                annotation: moved.id,
                label: moved.label.clone(),
                before: (place, words),
                after: (moved.span.extent(), moved.span.surface(new.text())),
                elsewhere: elsewhere.flatten(),
            }
        };
        match fit {
            Some(Fit::Gone) => report.unsure.push(told()),
            Some(Fit::Changed) => report.changed.push(told()),
            Some(Fit::Moved | Fit::Nearest) | None => report.same += 1,
        }
        whole.push(Edit::add(moved));
    }
    whole.extend(before.relations().cloned().map(Edit::relate));
    whole.extend(before.remarks().cloned().map(Edit::remark));
    whole.push(Edit::State(before.state()));
    Transaction::from(whole).apply(&mut after).map_err(|error| {
        StoreError::new(&file, Cause::BadValue(format!("cannot be moved: {error}")))
    })?;
    Ok(Moved { before, after, mark, forward: forward.into(), report })
}

fn move_one(
    set: &AnnotationSet,
    annotation: &Annotation,
    (anchors, new): (&mut Anchors, &Article),
    file: &Path,
) -> Result<(Annotation, Option<Fit>), StoreError> {
    let text = set.article().text();
    let ranges = annotation.span.ranges().iter().map(|range| (*range, text[*range].to_owned()));
    let ranges: &StoredRanges = &ranges.collect::<Vec<_>>();
    let placed = anchors.place(Some(set.article().hash()), annotation.id, ranges);
    let mut moved = annotation.clone();
    let Some(Placed { span, fit, .. }) = placed.map_err(|cause| StoreError::new(file, cause))?
    else {
        return Ok((moved, None));
    };
    let words = surface_of(ranges);
    let (span, fit) = match fit {
        Fit::Changed => stands_elsewhere(&words, span, new),
        fit => (span, fit),
    };
    if fit == Fit::Gone {
        moved.was.get_or_insert_with(|| words.into());
    }
    moved.span = span;
    Ok((moved, Some(fit)))
}

/// Where an annotation belongs whose text is said to be corrected. Where all of its words
/// stand within the new place they are it. Where they stand somewhere else, a part of the
/// text was moved or others were put before it, and what stands here may be something else:
/// that is for somebody to decide.
fn stands_elsewhere(words: &str, span: Span, new: &Article) -> (Span, Fit) {
    let place = span.extent();
    let within = new.text()[place].find(words).map(|at| {
        let start = place.start() + TextSize::new(at as u32);
        TextRange::at(start, TextSize::of(words))
    });
    if let Some(within) = within.filter(|_| !words.is_empty())
        && let Ok(span) = Span::new(within)
    {
        return (span, Fit::Moved);
    }
    match nearest_words(new.text(), words, place.start()) {
        Some(_) => (span, Fit::Gone),
        None => (span, Fit::Changed),
    }
}
