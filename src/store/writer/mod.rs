//! The single place that writes annotation files and histories.
//!
//! A writer belongs on a thread of its own. [`Writer::commit`] makes a step durable: when
//! it returns, the step's line is synced in every history that it touches, and a crash
//! loses nothing. The annotation files follow at leisure, each made of a [`Draft`] beside
//! the commits, or all at once by [`Writer::flush`]. Either
//! may fail (a full disk, a share that is gone) and may be called again; what was not
//! written yet stays here, and a step that failed half-way leaves no half of it.
//!
//! The writer holds replicas of the annotation sets that it writes, and of few others.
//! Others may write too: another window, git, a file sync. So every write is one at a
//! time among all processes, begins with a look at the files, and takes in what it finds
//! there; the step is then brought onto that (`edit::rebase`), and its line says what was
//! really done. Nothing is replaced that was not seen. A history is therefore one line
//! of changes, each made for the result of those before it.
//!
//! `replica` is one set, `lines` the appending, `flush` and `draft` the files that follow,
//! `rhythm` when they do. What the window shows meanwhile is not
//! the writer's concern; [`Writer::take_news`] says where it shows something else.

mod compact;
mod draft;
mod flush;
mod lines;
mod moved;
mod replica;
mod rhythm;

pub use draft::{Draft, Made};

use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::history::{FROM_DISK, keep_aside, missing_problem};
use super::layout;
use super::load::{Loaded, LoadedSet, Stamp};
use super::lock::Exclusive;
use super::sight::Sight;
use super::wire::{self, Mark};
use crate::edit::{Change, Conflict, Difference, Merge, Step, StepKind, Transaction, rebase};
use crate::model::{AnnotationSet, AnnotatorName, Article, ArticleId, IdSource, Schema, StepId};
use jiff::Timestamp;
use lines::{Lines, Pending};
use moved::MadeOn;
use replica::{Done, Found, Owed, Replica};
use rhythm::Behind;
use std::collections::HashMap;
use std::sync::Arc;

/// How many sets with nothing left to write are kept, for the next step is likely to
/// touch one of them.
const CLEAN_REPLICAS: usize = 8;

/// What a step is called that does ours again on top of what was found on disk.
const MERGED: &str = "Merged with changes from disk";

type SetKey = (AnnotatorName, ArticleId);

/// An annotation set that a window shows, and how its files looked when it was read.
#[derive(Clone, Debug)]
pub struct Shown {
    sight: Sight,
    set: AnnotationSet,
    mark: Option<Mark>,
    stamp: Stamp,
    is_replayed: bool,
    is_known: bool,
}

impl Shown {
    fn of(loaded: LoadedSet, sight: Sight) -> Self {
        let LoadedSet { set, mark, stamp, is_replayed, is_known, .. } = loaded;
        Self { sight, set, mark, stamp, is_replayed, is_known }
    }
}

/// Where what is on disk is no longer what was read or committed: the sets, each with
/// what both sides had changed.
pub type News = HashMap<SetKey, Vec<Conflict>>;

/// Writes steps to a project's folder.
#[derive(Debug)]
pub struct Writer {
    folder: ProjectFolder,
    replicas: HashMap<SetKey, Replica>,
    schema: Option<PendingSchema>,
    lines: Lines,
    /// Lines of a step that failed may be in histories still.
    uncut: Option<Behind>,
    shown: Option<(SetKey, Shown)>,
    news: News,
    ids: IdSource,
    /// Counts commits, to tell which replica was used last.
    now: u64,
}

/// A schema that is in its history and not yet in `project.ron`.
#[derive(Debug)]
struct PendingSchema {
    /// The schemas that the file may hold: before the first change, and after each.
    known: Vec<Arc<Schema>>,
    mark: Mark,
    behind: Behind,
}

/// What was applied to a replica, to be taken back should its line not be written.
type Applied = Vec<(SetKey, Transaction)>;

impl ProjectFolder {
    /// Reads a set to be shown, as [`Self::read_set`] does, with what the writer needs to
    /// notice that it changed on disk before the first edit. Who works on it is told where its
    /// history is missing; who only reads has no need of that.
    ///
    /// # Errors
    /// As for [`Self::read_set`].
    pub fn read_shown(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
    ) -> Result<(Loaded, Shown), StoreError> {
        let sight = self.sight(article.id(), annotator);
        let mut loaded = self.load_set(article, annotator)?;
        let history = layout::history(annotator, article.id());
        if !loaded.is_known && self.disk().len(&history)?.is_none() {
            loaded.problems.push(missing_problem(annotator, article.id()));
        }
        let shown = Loaded {
            set: loaded.set.clone(),
            last_step: loaded.mark.map(|mark| mark.step),
            problems: loaded.problems.clone(),
        };
        Ok((shown, Shown::of(loaded, sight)))
    }
}

impl Writer {
    /// A writer with nothing to write.
    pub fn new(folder: ProjectFolder) -> Self {
        Self {
            folder,
            replicas: HashMap::new(),
            schema: None,
            lines: Lines::default(),
            uncut: None,
            shown: None,
            news: News::new(),
            ids: IdSource::random(),
            now: 0,
        }
    }

    /// Makes a step durable that was done, undone or done again: appends a line to each
    /// history that it touches, and syncs them. A step that was made for another set than
    /// the one on disk is brought onto that one.
    ///
    /// # Errors
    /// When what is on disk cannot be read, or a history cannot be written. Nothing of the
    /// step is then on disk, or will be cut off before anything else is written, so that
    /// it can be committed again.
    pub fn commit(&mut self, kind: StepKind, step: &Step) -> Result<(), StoreError> {
        self.commit_on(kind, step, &[])
    }

    /// As [`Self::commit`], for a step that was made on these texts of the articles that it
    /// touches. Where one was corrected meanwhile the step moves with the text.
    ///
    /// # Errors
    /// As for [`Self::commit`].
    pub fn commit_on(
        &mut self,
        kind: StepKind,
        step: &Step,
        texts: &[Arc<Article>],
    ) -> Result<(), StoreError> {
        self.commit_lines(kind, step, texts, kind == StepKind::Do)
    }

    /// As [`Self::commit_on`], for one more part of a step of which others are in the
    /// histories already.
    ///
    /// # Errors
    /// As for [`Self::commit`]; the other parts are not touched.
    pub fn commit_more(
        &mut self,
        kind: StepKind,
        step: &Step,
        texts: &[Arc<Article>],
    ) -> Result<(), StoreError> {
        self.commit_lines(kind, step, texts, false)
    }

    fn commit_lines(
        &mut self,
        kind: StepKind,
        step: &Step,
        texts: &[Arc<Article>],
        is_first: bool,
    ) -> Result<(), StoreError> {
        self.now += 1;
        let _exclusive = Exclusive::take(self.folder.disk())?;
        self.lines.cut_failed(&self.folder)?;
        let changes: Vec<_> = step
            .changes
            .iter()
            .map(|change| if kind == StepKind::Undo { change.inverse() } else { change.clone() })
            .filter(|change| !is_empty(change))
            .collect();
        let mut inverse = Applied::new();
        let applied = self.apply(step.id, changes, &MadeOn::new(texts), &mut inverse);
        let written = applied.and_then(|applied| {
            let lines = self.lines((kind, is_first), step, &applied)?;
            self.lines.append_all(&self.folder, &lines)?;
            Ok((lines, applied))
        });
        match written {
            Ok((lines, applied)) => {
                self.uncut = None;
                self.settle(lines, applied);
                Ok(())
            }
            Err(error) => {
                self.take_back(inverse);
                self.uncut = self.lines.has_failed().then(|| {
                    let mut uncut = Behind::now();
                    uncut.fail(error.to_string());
                    uncut
                });
                Err(error)
            }
        }
    }

    /// Notes what a window shows from now on.
    pub fn show(&mut self, article: &ArticleId, annotator: &AnnotatorName, shown: Shown) {
        let key = (annotator.clone(), article.clone());
        // What this writer knows may be newer than what was read.
        if self.replicas.get(&key).is_some_and(|replica| replica.sight != shown.sight) {
            self.news.entry(key.clone()).or_default();
        }
        self.shown = Some((key, shown));
    }

    /// Looks whether somebody else changed a set that is shown or was written here.
    /// Nothing is written; what is found is in [`Self::take_news`].
    ///
    /// # Errors
    /// When what is on disk cannot be read.
    pub fn look(
        &mut self,
        article: &ArticleId,
        annotator: &AnnotatorName,
    ) -> Result<(), StoreError> {
        let key = (annotator.clone(), article.clone());
        let is_stale = match (self.replicas.get(&key), &self.shown) {
            (Some(replica), _) => replica.sight != self.folder.sight(article, annotator),
            (None, Some((shown_key, shown))) if *shown_key == key => {
                shown.sight != self.folder.sight(article, annotator)
            }
            (None, _) => false,
        };
        if is_stale { self.bring_up_to_date(&key).map(|_| ()) } else { Ok(()) }
    }

    /// The sets that became others than those that were read or committed, and what both
    /// sides had changed in them; each is told once.
    pub fn take_news(&mut self) -> News {
        std::mem::take(&mut self.news)
    }

    /// A copy of a set as it is on disk, where the writer has it; O(n).
    pub fn set(&self, article: &ArticleId, annotator: &AnnotatorName) -> Option<AnnotationSet> {
        let key = (annotator.clone(), article.clone());
        self.replicas.get(&key).map(|replica| replica.set.clone())
    }

    /// Adds an annotator to `project.ron`; one that is there already changes nothing.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn add_annotator(&mut self, name: &AnnotatorName) -> Result<(), StoreError> {
        let _exclusive = Exclusive::take(self.folder.disk())?;
        self.folder.add_annotator(name)
    }

    /// Brings changes onto the replicas and applies them; gives back what was applied.
    fn apply(
        &mut self,
        step: StepId,
        changes: Vec<Change>,
        texts: &MadeOn<'_>,
        inverse: &mut Applied,
    ) -> Result<Vec<Change>, StoreError> {
        let mut applied = Vec::with_capacity(changes.len());
        for change in changes {
            let Change::Set { article, annotator, forward, backward } = change else {
                applied.push(change);
                continue;
            };
            let key = (annotator, article);
            let done = self.apply_to_set(step, &key, texts, Done { forward, backward })?;
            inverse.push((key.clone(), done.backward.clone()));
            let ((annotator, article), Done { forward, backward }) = (key, done);
            applied.push(Change::Set { article, annotator, forward, backward });
        }
        applied.retain(|change| !is_empty(change));
        Ok(applied)
    }

    fn apply_to_set(
        &mut self,
        step: StepId,
        key: &SetKey,
        texts: &MadeOn<'_>,
        done: Done,
    ) -> Result<Done, StoreError> {
        self.bring_and_sign(key)?;
        let now = self.now;
        let missing = || StoreError::new(layout::set(&key.0, &key.1), Cause::NotFound);
        let replica = self.replicas.get_mut(key).ok_or_else(missing)?;
        replica.used = now;
        let done = texts.bring(done, &self.folder, replica.set.article())?;
        let difference = Difference::of(&done.forward, &done.backward);
        if difference.starts_from(&replica.set) && done.forward.apply(&mut replica.set).is_ok() {
            return Ok(done);
        }
        let Merge { transaction: forward, conflicts } =
            rebase(&difference, &replica.set, &mut self.ids);
        if !conflicts.is_empty() {
            let theirs = wire::write_set(&replica.set, replica.mark);
            let file = layout::set(&key.0, &key.1);
            keep_aside(self.folder.disk(), &file, layout::THEIRS, theirs.as_bytes())?;
        }
        let backward = forward.apply(&mut replica.set).map_err(|error| {
            StoreError::new(layout::set(&key.0, &key.1), Cause::Step { step, error })
        })?;
        self.news.entry(key.clone()).or_default().extend(conflicts);
        Ok(Done { forward, backward })
    }

    /// As [`Self::bring_up_to_date`], before something is written: the history is made to
    /// know what it has not heard of.
    fn bring_and_sign(&mut self, key: &SetKey) -> Result<(), StoreError> {
        loop {
            self.bring_up_to_date(key)?;
            let Some(replica) = self.replicas.get_mut(key) else { return Ok(()) };
            if replica.sign_taken(&self.folder, &mut self.ids)? {
                return Ok(());
            }
        }
    }

    /// Makes sure that a set is here and as it is on disk.
    fn bring_up_to_date(&mut self, key: &SetKey) -> Result<(), StoreError> {
        if let Some(replica) = self.replicas.get_mut(key) {
            let Found { is_other, conflicts } =
                replica.refresh(&self.folder, key, &mut self.ids)?;
            if !conflicts.is_empty() {
                self.keep_theirs(key)?;
            }
            if is_other {
                self.news.entry(key.clone()).or_default().extend(conflicts);
            }
            return Ok(());
        }
        let shown = self.shown.as_ref().filter(|(shown, _)| shown == key).map(|(_, shown)| shown);
        let now = self.folder.sight(&key.1, &key.0);
        let mut replica = match shown {
            // What was shown is known, and so is what somebody changed in it since.
            Some(shown) if shown.sight.has_same_article(&now) => {
                let mut replica = Replica::of_shown(&self.folder, shown.clone())?;
                replica.refresh(&self.folder, key, &mut self.ids)?;
                replica
            }
            _ => Replica::load(&self.folder, key, None)?,
        };
        replica.used = self.now;
        if shown.is_some_and(|shown| shown.sight != replica.sight) {
            self.news.entry(key.clone()).or_default();
        }
        self.replicas.insert(key.clone(), replica);
        Ok(())
    }

    /// Keeps the file that is there, before it is replaced with one that says otherwise.
    fn keep_theirs(&self, key: &SetKey) -> Result<(), StoreError> {
        let file = layout::set(&key.0, &key.1);
        match self.folder.disk().read(&file)? {
            Some(bytes) => {
                keep_aside(self.folder.disk(), &file, layout::THEIRS, &bytes).map(|_| ())
            }
            None => Ok(()),
        }
    }

    fn take_back(&mut self, inverse: Applied) {
        for (key, undo) in inverse.into_iter().rev() {
            let Some(replica) = self.replicas.get_mut(&key) else { continue };
            let undone = undo.apply(&mut replica.set);
            debug_assert!(undone.is_ok(), "an inverse did not fit: {undone:?}");
        }
    }

    /// The lines of a step, each with the mark that its set has afterwards, and before
    /// them those that are owed. Of a step that is done for the first time no line can be
    /// there, and none is looked for.
    fn lines(
        &mut self,
        (kind, is_first): (StepKind, bool),
        step: &Step,
        applied: &[Change],
    ) -> Result<Vec<Pending>, StoreError> {
        // An undo has a time of its own; what it undoes keeps the time it was done.
        let at = if kind == StepKind::Do { step.at } else { self.folder.stamp() };
        let mut lines = Vec::with_capacity(applied.len());
        for change in applied {
            let (key, file) = match change {
                Change::Set { article, annotator, .. } => {
                    let file = layout::history(annotator, article);
                    (Some((annotator.clone(), article.clone())), file)
                }
                Change::Schema { .. } => (None, layout::schema_history()),
            };
            let known = self.known_before(change)?;
            self.lines.make_whole(&self.folder, &file)?;
            if let Some(key) = &key {
                lines.extend(self.owed(key)?);
            }
            let before = match is_first {
                true => 0,
                false => self.lines.of_step(&self.folder, &file, step.id)?,
            };
            let replica = key.as_ref().and_then(|key| self.replicas.get(key));
            let text = replica.map_or("", |replica| replica.set.article().text());
            let line = wire::write_line(kind, at, step, change, text);
            let mark = Mark { step: step.id, lines: before + 1 };
            lines.push(Pending { file, line, mark, key, known });
        }
        Ok(lines)
    }

    /// What `project.ron` may hold when the schema is changed: what the change is made to,
    /// and what stands there if that only lags behind its history.
    fn known_before(&self, change: &Change) -> Result<Vec<Arc<Schema>>, StoreError> {
        let Change::Schema { before, .. } = change else { return Ok(Vec::new()) };
        let (on_disk, with_history) = self.folder.ready_for_schema_step()?;
        if with_history != *before {
            // A line holds the whole schema: it would take back what somebody else did.
            return Err(StoreError::new(layout::PROJECT, Cause::SchemaChanged));
        }
        let mut known = vec![Arc::clone(before)];
        if self.schema.is_none() {
            known.push(on_disk);
        }
        Ok(known)
    }

    /// The lines that come before any other of a set.
    fn owed(&mut self, key: &SetKey) -> Result<Vec<Pending>, StoreError> {
        let Some(replica) = self.replicas.get(key) else { return Ok(Vec::new()) };
        let file = layout::history(&key.0, &key.1);
        let mut lines = Vec::new();
        for owed in &replica.owed {
            let (step, what, done, number) = match owed {
                Owed::Anchor(mark, done) => {
                    let there = self.lines.of_step(&self.folder, &file, mark.step)?;
                    (mark.step, FROM_DISK, done, there..mark.lines.max(1))
                }
                Owed::Merged(done) => (self.ids.step(), MERGED, done, 0..1),
            };
            for number in number {
                let step = owed_step(key, (step, self.folder.stamp()), what, done);
                let text = replica.set.article().text();
                let line = wire::write_line(StepKind::Do, step.at, &step, &step.changes[0], text);
                let mark = Mark { step: step.id, lines: number + 1 };
                let (key, known) = (Some(key.clone()), Vec::new());
                lines.push(Pending { file: file.clone(), line, mark, key, known });
            }
        }
        Ok(lines)
    }

    /// Remembers what is durable now and not yet in its file.
    fn settle(&mut self, lines: Vec<Pending>, applied: Vec<Change>) {
        for Pending { mark, key, known, .. } in lines {
            match key {
                Some(key) => self.settle_set(&key, mark),
                None => self.settle_schema(mark, known, &applied),
            }
        }
        for change in applied {
            let Change::Set { article, annotator, forward, backward } = change else { continue };
            if let Some(replica) = self.replicas.get_mut(&(annotator, article)) {
                replica.unflushed.push(Done { forward, backward });
            }
        }
    }

    fn settle_set(&mut self, key: &SetKey, mark: Mark) {
        let Some(replica) = self.replicas.get_mut(key) else { return };
        replica.mark = Some(mark);
        replica.behind.get_or_insert_with(Behind::now).goes_on();
        replica.owed.clear();
        replica.sight = self.folder.sight(&key.1, &key.0);
    }

    fn settle_schema(&mut self, mark: Mark, known: Vec<Arc<Schema>>, applied: &[Change]) {
        let Some(after) = applied.iter().find_map(schema_after) else { return };
        let behind = Behind::now();
        let pending = self.schema.get_or_insert(PendingSchema { known, mark, behind });
        pending.known.push(after.clone());
        pending.mark = mark;
    }
}

/// A step for a line that nobody did in this window.
fn owed_step(key: &SetKey, (id, at): (StepId, Timestamp), what: &str, done: &Done) -> Step {
    let ((annotator, article), Done { forward, backward }) = (key.clone(), done.clone());
    let by = annotator.clone();
    let changes = vec![Change::Set { article, annotator, forward, backward }];
    Step { id, at, by, what: what.to_owned(), changes }
}

fn is_empty(change: &Change) -> bool {
    match change {
        Change::Set { forward, backward, .. } => forward.is_empty() && backward.is_empty(),
        Change::Schema { .. } => false,
    }
}

fn schema_after(change: &Change) -> Option<&Arc<Schema>> {
    match change {
        Change::Schema { after, .. } => Some(after),
        Change::Set { .. } => None,
    }
}

#[cfg(test)]
mod tests;
