//! Correcting an article's text: every annotation moves with it, and nothing disappears.
//!
//! The order of writing makes a crash harmless at any point. First the article is kept
//! under another name, as it was; then the article itself is replaced; then the
//! annotation sets follow, one line of history and one file each. A set that did not get
//! so far is found to be made for the earlier text when it is loaded, and moves then.
//! The line is nobody's to undo: whoever wants the earlier text back corrects again.

use super::anchors::{Anchors, Fit, Placed, StoredRanges, surface_of};
use super::backup::Backup;
use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::history::set_torn_aside;
use super::layout;
use super::load::LoadedSet;
use super::wire::{self, Mark};
use crate::edit::{Change, Edit, Step, StepKind, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, LabelId, StepId,
};
use crate::text::TextRange;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// Who the line of history is by: not an annotator, so that no undo takes it back.
const BY: &str = "copydesk";

/// What a correction does to one annotator's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectedSet {
    /// Whose.
    pub annotator: AnnotatorName,
    /// How many annotations stay or move with a text that is the same.
    pub same: usize,
    /// Annotations whose text was corrected, most of it being the same.
    pub changed: Vec<Replaced>,
    /// Annotations whose text is gone: kept at the nearest place, for somebody to decide.
    pub unsure: Vec<Replaced>,
}

/// An annotation before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Which.
    pub annotation: AnnotationId,
    /// Its label.
    pub label: LabelId,
    /// Where it was, gaps included, in bytes, and on what text.
    pub before: (TextRange, String),
    /// Where it is, and on what text.
    pub after: (TextRange, String),
}

/// A set on both texts.
struct Moved {
    before: AnnotationSet,
    after: AnnotationSet,
    /// The last line of the history that the set before holds.
    mark: Option<Mark>,
    forward: Transaction,
    report: CorrectedSet,
}

impl ProjectFolder {
    /// What [`Self::correct_article`] would do; changes nothing.
    ///
    /// # Errors
    /// When the article or a set of it cannot be read, or the new text is empty while
    /// there are annotations.
    pub fn preview_correction(&self, corrected: &Article) -> Result<Vec<CorrectedSet>, StoreError> {
        let now = Arc::new(self.read_article(corrected.id())?);
        let moved = self.move_sets(&now, &Arc::new(corrected.clone()))?;
        Ok(moved.into_iter().map(|moved| moved.report).collect())
    }

    /// Replaces an article by one with the same id and another text, and moves everybody's
    /// annotations with it. The article from before is kept beside it, the annotation files
    /// in `.copydesk/backups`.
    ///
    /// # Errors
    /// As for [`Self::preview_correction`], and then nothing has changed; or when a file
    /// cannot be written, and then the rest follows when the sets are loaded.
    pub fn correct_article(
        &self,
        corrected: &Article,
        step: StepId,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        let (now, corrected) = (Arc::new(self.read_article(corrected.id())?), corrected.clone());
        let id = corrected.id().clone();
        let moved = self.move_sets(&now, &Arc::new(corrected.clone()))?;
        let mut backup = Backup::new(self.disk(), "correct")?;
        for moved in &moved {
            backup.keep(&layout::set(moved.before.annotator(), &id))?;
        }
        self.keep_earlier(&now)?;
        self.disk().replace(&layout::article(&id), wire::write_article(&corrected).as_bytes())?;
        let at = Timestamp::now();
        let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
        for moved in &moved {
            self.write_moved(moved, step, at)?;
        }
        Ok(moved.into_iter().map(|moved| moved.report).collect())
    }

    /// Keeps the article as it is under a name of its own.
    fn keep_earlier(&self, article: &Article) -> Result<(), StoreError> {
        let file = layout::earlier_article(article.id(), article.hash());
        match self.disk().create_new(&file, wire::write_article(article).as_bytes()) {
            // It had this text once before.
            Err(StoreError { cause: Cause::Exists, .. }) => Ok(()),
            kept => kept,
        }
    }

    /// Everybody's sets of an article, as they are and as they will be.
    fn move_sets(&self, now: &Arc<Article>, new: &Arc<Article>) -> Result<Vec<Moved>, StoreError> {
        let mut moved = Vec::new();
        let mut anchors = Anchors::between(self, now, new.clone());
        for annotator in self.annotators_of(now.id())? {
            let loaded = self.load_set(now, &annotator)?;
            moved.push(move_set(loaded, new, &mut anchors)?);
        }
        Ok(moved)
    }

    /// Who has a set of an article, in whatever state.
    fn annotators_of(&self, article: &ArticleId) -> Result<Vec<AnnotatorName>, StoreError> {
        let mut names = Vec::new();
        for folder in [layout::ANNOTATIONS, layout::HISTORY] {
            names.extend(self.annotators_in(folder, &mut Vec::new())?);
        }
        names.sort();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            let files = [layout::set(&name, article), layout::history(&name, article)];
            let mut lens = files.iter().map(|file| self.disk().len(file));
            if lens.try_fold(false, |any, len| len.map(|len| any || len.is_some()))? {
                found.push(name);
            }
        }
        Ok(found)
    }

    fn write_moved(&self, moved: &Moved, id: StepId, at: Timestamp) -> Result<(), StoreError> {
        let Moved { before, after, forward, .. } = moved;
        let (article, annotator) = (after.article().id().clone(), after.annotator().clone());
        let mut mark = moved.mark;
        if !forward.is_empty() {
            let backward = forward.edits.iter().filter_map(|edit| edit.annotation());
            let backward = backward.filter_map(|id| before.annotation(id).cloned());
            let backward = backward.map(Edit::Replace).collect::<Vec<_>>().into();
            let by = AnnotatorName::new(BY)
                .map_err(|error| StoreError::new(layout::article(&article), error.into()))?;
            let forward = forward.clone();
            let owner = annotator.clone();
            let change =
                Change::Set { article: article.clone(), annotator: owner, forward, backward };
            let what = "Correct text".to_owned();
            let step = Step { id, at, by, what, changes: Vec::new() };
            let texts = (&**after.article().text(), &**before.article().text());
            let line = wire::write_line_between(StepKind::Do, at, &step, &change, texts);
            let history = layout::history(&annotator, &article);
            set_torn_aside(self.disk(), &history)?;
            self.disk().append(&history, line.as_bytes())?;
            mark = Some(Mark { step: id, lines: 1 });
        }
        let file = layout::set(&annotator, &article);
        // A set without a file has its history, and nothing more is lost without one.
        if forward.is_empty() && self.disk().len(&file)?.is_none() {
            return Ok(());
        }
        self.disk().replace(&file, wire::write_set(after, mark).as_bytes())
    }
}

fn move_set(
    loaded: LoadedSet,
    new: &Arc<Article>,
    anchors: &mut Anchors,
) -> Result<Moved, StoreError> {
    let LoadedSet { set: before, mark, .. } = loaded;
    let annotator = before.annotator().clone();
    let file = layout::set(&annotator, new.id());
    let mut report = CorrectedSet { annotator, same: 0, changed: Vec::new(), unsure: Vec::new() };
    let mut after = AnnotationSet::new(new.clone(), before.annotator().clone());
    let (mut whole, mut forward) = (Vec::new(), Vec::new());
    for annotation in before.annotations() {
        let (moved, fit) = move_one(&before, annotation, anchors, &file)?;
        if moved != *annotation {
            forward.push(Edit::Replace(moved.clone()));
        }
        let told = || Replaced {
            annotation: moved.id,
            label: moved.label.clone(),
            before: (annotation.span.extent(), before.surface(annotation)),
            after: (moved.span.extent(), moved.span.surface(new.text())),
        };
        match fit {
            Some(Fit::Gone) => report.unsure.push(told()),
            Some(Fit::Changed) => report.changed.push(told()),
            Some(Fit::Moved | Fit::Nearest) | None => report.same += 1,
        }
        whole.push(Edit::Add(moved));
    }
    whole.extend(before.relations().cloned().map(Edit::Relate));
    whole.push(Edit::State(before.state()));
    Transaction::from(whole).apply(&mut after).map_err(|error| {
        StoreError::new(&file, Cause::BadValue(format!("cannot be moved: {error}")))
    })?;
    Ok(Moved { before, after, mark, forward: forward.into(), report })
}

fn move_one(
    set: &AnnotationSet,
    annotation: &Annotation,
    anchors: &mut Anchors,
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
    if fit == Fit::Gone {
        moved.was.get_or_insert_with(|| surface_of(ranges).into());
    }
    moved.span = span;
    Ok((moved, Some(fit)))
}

#[cfg(test)]
mod tests;
