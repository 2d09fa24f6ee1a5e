//! Correcting an article's text: every annotation moves with it, and nothing disappears.
//!
//! The order of writing makes a crash harmless at any point. First the article is kept
//! under another name, as it was; then the article itself is replaced; then the
//! annotation sets follow, one line of history and one file each. A set that did not get
//! so far is found to be made for the earlier text when it is loaded, and moves then.
//!
//! A correction from the command line is nobody's to undo. One that an annotator makes in
//! a window is a step of theirs: its lines say between which texts it leads and where each
//! annotation stood on both, so that taking it back puts all of them where they were.
//! Files of annotators who are at work in another window are left to that window, which
//! finds the new text and moves its annotations itself.

mod moving;

use super::anchors::Anchors;
use super::backup::Backup;
use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::history::set_torn_aside;
use super::layout;
use super::load::LoadedSet;
use super::lock::{AnnotatorLock, Exclusive, Locking};
use super::wire::{self, Mark};
use crate::edit::{Edit, Step, StepKind, Transaction};
use crate::model::{AnnotationId, AnnotatorName, Article, ArticleId, LabelId, StepId, TextHash};
use crate::text::TextRange;
use jiff::Timestamp;
use moving::{Lost, Moved, move_set};
use std::sync::Arc;

/// Who the line of history is by where no annotator corrected the text.
const PROGRAM: &str = "copydesk";

/// A correction by an annotator, which can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The step that it is.
    pub step: StepId,
    /// Whose step; the caller holds their lock.
    pub by: AnnotatorName,
    /// The article.
    pub article: ArticleId,
    /// The text that it is made to.
    pub before: TextHash,
    /// The text that it makes of that.
    pub after: TextHash,
}

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

impl CorrectedSet {
    /// The number of annotations.
    pub fn len(&self) -> usize {
        self.same + self.changed.len() + self.unsure.len()
    }

    /// Whether the annotator has marked nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
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
    /// Where the words from before stand in the corrected text, whole and nearest to where
    /// they were, for one whose place is not safe: words that were moved to another part of
    /// the article.
    pub elsewhere: Option<TextRange>,
}

/// What the lines of a correction say besides what it did to each set.
struct Signature {
    kind: StepKind,
    step: Step,
}

impl Signature {
    fn new(kind: StepKind, (id, at): (StepId, Timestamp), by: AnnotatorName) -> Self {
        let what = "Correct text".to_owned();
        Self { kind, step: Step { id, at, by, what, changes: Vec::new() } }
    }
}

impl ProjectFolder {
    /// What a correction would do; changes nothing.
    ///
    /// # Errors
    /// When the article or a set of it cannot be read, or the new text is empty while
    /// there are annotations.
    pub fn preview_correction(&self, corrected: &Article) -> Result<Vec<CorrectedSet>, StoreError> {
        let now = Arc::new(self.read_article(corrected.id())?);
        let annotators = self.annotators_of(now.id())?;
        let moved = self.move_sets(&now, &Arc::new(corrected.clone()), &annotators, None)?;
        Ok(moved.into_iter().map(|moved| moved.report).collect())
    }

    /// Replaces an article by one with the same id and another text, and moves everybody's
    /// annotations with it, in nobody's name. The article from before is kept beside it,
    /// the annotation files in `.copydesk/backups`.
    ///
    /// # Errors
    /// As for [`Self::preview_correction`], and [`Cause::Held`] where a window works as
    /// somebody with annotations in the article: then nothing has changed. When a file
    /// cannot be written the rest follows when the sets are loaded.
    pub fn correct_article(
        &self,
        corrected: &Article,
        step: StepId,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        let annotators = self.annotators_of(corrected.id())?;
        let _locks = self.lock_all(&annotators)?;
        let _exclusive = Exclusive::take(self.disk())?;
        let now = Arc::new(self.read_article(corrected.id())?);
        let by = AnnotatorName::new(PROGRAM)
            .map_err(|error| StoreError::new(layout::article(now.id()), error.into()))?;
        let moved = self.move_sets(&now, &Arc::new(corrected.clone()), &annotators, None)?;
        self.write_correction(
            &now,
            corrected,
            moved,
            &Signature::new(StepKind::Do, (step, self.stamp()), by),
        )
    }

    /// Corrects an article in the name of an annotator, whose step it is.
    ///
    /// # Errors
    /// As for [`Self::correct_article`], but that other windows stop nothing: annotations
    /// of those who are at work there follow when their window finds the new text.
    /// [`Cause::ChangedOnDisk`] when the article has another text than `correction` is
    /// made to; nothing has changed then.
    pub fn correct_as(
        &self,
        correction: &Correction,
        corrected: &Article,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        self.correct_between(StepKind::Do, correction, correction.before, corrected)
    }

    /// Takes a correction back, or does it again: text and annotations are what they were,
    /// but for what was changed since.
    ///
    /// # Errors
    /// As for [`Self::correct_as`]; [`Cause::NotFound`] when the other text is not kept
    /// any more.
    pub fn correct_again(
        &self,
        kind: StepKind,
        correction: &Correction,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        let Correction { before, after, article, .. } = correction;
        let (from, to) = if kind == StepKind::Undo { (after, before) } else { (before, after) };
        let earlier = self.read_article_at(&layout::earlier_article(article, *to), article)?;
        self.correct_between(kind, correction, *from, &earlier)
    }

    fn correct_between(
        &self,
        kind: StepKind,
        correction: &Correction,
        from: TextHash,
        to: &Article,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        let Correction { step, by, article, .. } = correction;
        let (annotators, _locks) = self.free_annotators_of(article, by)?;
        let _exclusive = Exclusive::take(self.disk())?;
        let now = Arc::new(self.read_article(article)?);
        if now.hash() != from {
            return Err(StoreError::new(layout::article(article), Cause::ChangedOnDisk));
        }
        let again = (kind != StepKind::Do).then_some(*step);
        let moved = self.move_sets(&now, &Arc::new(to.clone()), &annotators, again)?;
        self.write_correction(
            &now,
            to,
            moved,
            &Signature::new(kind, (*step, self.stamp()), by.clone()),
        )
    }

    fn write_correction(
        &self,
        now: &Article,
        corrected: &Article,
        moved: Vec<Moved>,
        signature: &Signature,
    ) -> Result<Vec<CorrectedSet>, StoreError> {
        let mut backup = Backup::new(self.disk(), "correct")?;
        for moved in &moved {
            backup.keep(&layout::set(moved.before.annotator(), now.id()))?;
        }
        self.keep_earlier(now)?;
        let (article, text) = (layout::article(now.id()), wire::write_article(corrected));
        let first = || moved.first().map_or(Ok(None), |first| self.append_moved(first, signature));
        let begun = self.disk().replace(&article, text.as_bytes()).and_then(|()| first());
        let mut line = match begun {
            Ok(line) => line,
            Err(error) => {
                // Until a line tells of it, all of it is taken back; what is in the way of
                // that too is the same trouble.
                let earlier = layout::earlier_article(now.id(), now.hash());
                let _ = self.disk().put_back(&earlier, &article);
                return Err(error);
            }
        };
        for (at, moved) in moved.iter().enumerate() {
            if at > 0 {
                line = self.append_moved(moved, signature)?;
            }
            self.replace_moved(moved, line)?;
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

    /// The sets of an article, as they are and as they will be; `again` is the step that
    /// is taken back or done again.
    fn move_sets(
        &self,
        now: &Arc<Article>,
        new: &Arc<Article>,
        annotators: &[AnnotatorName],
        again: Option<StepId>,
    ) -> Result<Vec<Moved>, StoreError> {
        let mut anchors = Anchors::between(self, now, new.clone());
        let moved = annotators.iter().map(|annotator| {
            let loaded = self.load_set(now, annotator)?;
            if loaded.is_moved
                && let Some(stays) = self.made_for(new, annotator, &loaded)?
            {
                return Ok(stays);
            }
            let known = again.map(|step| self.places_before(step, annotator, now.id()));
            let known = known.transpose()?.flatten();
            let lost = Lost::of(self, &loaded.set, new)?;
            move_set(loaded, new, &mut anchors, (known.as_ref(), &lost))
        });
        moved.collect()
    }

    /// A set whose file was left to a window that has not written it since, and was made
    /// for the very text that is coming back.
    fn made_for(
        &self,
        new: &Arc<Article>,
        annotator: &AnnotatorName,
        now: &LoadedSet,
    ) -> Result<Option<Moved>, StoreError> {
        let LoadedSet { set: after, mark, is_replayed, is_moved, .. } =
            match self.load_set(new, annotator) {
                Ok(loaded) => loaded,
                Err(error) if error.is_passing() => return Err(error),
                // A history that is ahead of its file tells of the text that is leaving.
                Err(_) => return Ok(None),
            };
        let report = CorrectedSet {
            annotator: annotator.clone(),
            same: after.len(),
            changed: Vec::new(),
            unsure: Vec::new(),
        };
        let (before, forward) = (now.set.clone(), Transaction::default());
        let stays = Moved { before, after, mark, forward, report };
        Ok((!is_moved && !is_replayed).then_some(stays))
    }

    /// Who has a set of an article, in whatever state.
    fn annotators_of(&self, article: &ArticleId) -> Result<Vec<AnnotatorName>, StoreError> {
        let mut names = Vec::new();
        for folder in [layout::ANNOTATIONS, layout::HISTORY] {
            names.extend(self.annotators_in(folder, &mut Vec::new())?);
        }
        names.push(AnnotatorName::gold());
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

    /// Those with a set of an article whom no other window works as, with their locks, and
    /// `own`, whose lock the caller has.
    fn free_annotators_of(
        &self,
        article: &ArticleId,
        own: &AnnotatorName,
    ) -> Result<(Vec<AnnotatorName>, Vec<AnnotatorLock>), StoreError> {
        let (mut free, mut locks) = (vec![own.clone()], Vec::new());
        for annotator in self.annotators_of(article)?.into_iter().filter(|name| name != own) {
            match self.lock_annotator(&annotator) {
                Locking::Locked(lock) => locks.push(lock),
                Locking::Held(_) => continue,
                Locking::Impossible(_) => {}
            }
            free.push(annotator);
        }
        Ok((free, locks))
    }

    /// Tells the history of a set what a correction moves; the line it stands in, `None`
    /// where there is nothing to tell.
    fn append_moved(
        &self,
        moved: &Moved,
        signature: &Signature,
    ) -> Result<Option<Mark>, StoreError> {
        let Moved { before, after, forward, .. } = moved;
        let Signature { kind, step } = signature;
        let (article, annotator) = (after.article().id(), after.annotator());
        if forward.is_empty() && step.by != *annotator {
            return Ok(None);
        }
        let backward = forward.edits.iter().filter_map(|edit| edit.annotation());
        let backward = backward.filter_map(|id| before.annotation(id).cloned());
        let backward: Transaction = backward.map(Edit::replace).collect::<Vec<_>>().into();
        let sides = ((forward, &**after.article()), (&backward, &**before.article()));
        let line = wire::write_correction(*kind, step, sides.0, sides.1);
        let history = layout::history(annotator, article);
        set_torn_aside(self.disk(), &history)?;
        // What fails behind the line would have the text taken back that it tells of.
        let before = self.lines_of_step(&history, step.id)?;
        self.disk().append(&history, line.as_bytes())?;
        Ok(Some(Mark { step: step.id, lines: before + 1 }))
    }

    /// Replaces the file of a set that a correction moved; `line` is what its history says.
    fn replace_moved(&self, moved: &Moved, line: Option<Mark>) -> Result<(), StoreError> {
        let after = &moved.after;
        let (article, annotator) = (after.article().id(), after.annotator());
        let file = layout::set(annotator, article);
        // A set without a file has its history, and nothing more is lost without one.
        if line.is_none() && self.disk().len(&file)?.is_none() {
            return Ok(());
        }
        self.disk().replace(&file, wire::write_set(after, line.or(moved.mark)).as_bytes())
    }
}

#[cfg(test)]
mod tests;
