//! A step of the histories, line by line, read when somebody undoes it.
//!
//! Most steps touch one file or a few, and their lines are kept from when the histories
//! were looked through. One that changed the schema may touch every file of the project:
//! of such a step only the schema's line is kept, and the others are found when they are
//! needed, one set at a time. Nothing here says in which order steps were done.

use super::super::anchors::{Anchors, Fit, Placed, surface_of};
use super::super::archive::Piece;
use super::super::correct::Correction;
use super::super::error::{Cause, StoreError};
use super::super::folder::ProjectFolder;
use super::super::history::{HistoryFile, Owner, Texts, read_line};
use super::super::layout;
use super::super::wire::{self, Head, Line, LineChange};
use super::head_of;
use crate::edit::{Change, Edit, OnRecord, Step, StepKind, Transaction};
use crate::model::{Article, ArticleId, StepId, TextHash};
use jiff::Timestamp;
use rayon::prelude::*;
use std::sync::Arc;

/// A step of the histories that is read when it is needed.
#[derive(Debug)]
pub struct PastStep {
    pub(super) head: Head,
    /// Its lines, one for each file that it touched; of a step that changed the schema
    /// that one alone.
    pub(super) parts: Vec<Part>,
    pub(super) folder: ProjectFolder,
}

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) file: Arc<HistoryFile>,
    number: u32,
    line: Box<[u8]>,
    /// The text that it was probably made on.
    text: Option<TextHash>,
}

impl Part {
    pub(super) fn of(
        file: &Arc<HistoryFile>,
        (number, line): (u32, &[u8]),
        text: Option<TextHash>,
    ) -> Self {
        Self { file: Arc::clone(file), number, line: line.into(), text }
    }

    fn change(
        &self,
        folder: &ProjectFolder,
        shown: &dyn Fn(&ArticleId) -> Option<Arc<Article>>,
    ) -> Result<Option<Change>, StoreError> {
        let Self { file, number, line, text } = self;
        let line = read_line(&file.file, *number, line)?;
        if line.text.is_some() {
            // Its edits mean nothing on another text; see `PastStep::correction`.
            return Ok(None);
        }
        let change = change_of(folder, shown, file.owner.as_ref(), (line, *text));
        change.map_err(|cause| StoreError::new(&file.file, cause).at_line(Some(*number)))
    }
}

impl PastStep {
    /// Which.
    pub fn id(&self) -> StepId {
        self.head.step
    }

    /// When it was done.
    pub fn at(&self) -> Timestamp {
        self.head.at
    }

    /// What it is called in the menu.
    pub fn what(&self) -> &str {
        &self.head.what
    }

    /// Whether it changed the schema, and so may reach into every set of the project.
    pub fn changes_schema(&self) -> bool {
        self.parts.iter().any(|part| part.file.owner.is_none())
    }

    /// The correction of a text that the step is; it has no changes of sets then.
    ///
    /// # Errors
    /// When its line cannot be read.
    pub fn correction(&self) -> Result<Option<Correction>, StoreError> {
        let Some(Part { file, number, line, .. }) = self.parts.first() else { return Ok(None) };
        let line = read_line(&file.file, *number, line)?;
        let Some((text, (_, article))) = line.text.zip(file.owner.as_ref()) else {
            return Ok(None);
        };
        let wire::TextChange { before, after } = text;
        let is_back = line.kind == StepKind::Undo;
        let (before, after) = if is_back { (after, before) } else { (before, after) };
        let (step, by, article) = (line.step, line.by, article.clone());
        Ok(Some(Correction { step, by, article, before, after }))
    }

    /// The step as it was done first, with the changes of all files that it touched, at the
    /// places where their texts are now: in the article that `shown` gives, where it does,
    /// else in the one on disk.
    ///
    /// # Errors
    /// When one of its lines cannot be read.
    pub fn read(
        &self,
        shown: &dyn Fn(&ArticleId) -> Option<Arc<Article>>,
    ) -> Result<Step, StoreError> {
        let reaches_sets =
            self.changes_schema() && !self.folder.is_of_schema_alone(self.head.step)?;
        let mut parts = match reaches_sets {
            true => self.folder.parts_of(self.head.step)?,
            false => self.parts.clone(),
        };
        parts.sort_by(|a, b| a.file.owner.cmp(&b.file.owner));
        let mut changes = Vec::with_capacity(parts.len());
        for part in &parts {
            add_change(&mut changes, part.change(&self.folder, shown)?);
        }
        let Head { step: id, at, by, what, .. } = self.head.clone();
        Ok(Step { id, at, by, what, changes })
    }
}

impl OnRecord for Arc<PastStep> {
    fn id(&self) -> StepId {
        PastStep::id(self)
    }
}

impl ProjectFolder {
    /// Whose sets of which articles a step is to be taken back from or done again in, by all
    /// histories that there are, in order: those in which it stands, or does not stand any
    /// more. `begin` is told how many histories there are, and `goes_on` is asked before each;
    /// when it says no, that ends early with what there is. O(n) for the bytes of all
    /// histories.
    ///
    /// # Errors
    /// When a history cannot be read.
    pub fn reach_of(
        &self,
        step: StepId,
        kind: StepKind,
        begin: &dyn Fn(usize),
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Owner>, StoreError> {
        let is_undo = kind == StepKind::Undo;
        let named = |file: &Arc<HistoryFile>| {
            if !goes_on() {
                return Ok(None);
            }
            let last = self.lines_of(file, step)?.pop();
            let is_due = last.is_some_and(|(last, _)| (last == StepKind::Undo) != is_undo);
            Ok(file.owner.clone().filter(|_| is_due))
        };
        let files = self.histories()?;
        begin(files.len());
        let reached: Result<Vec<_>, _> = files.par_iter().map(named).collect();
        let mut owners: Vec<_> = reached?.into_iter().flatten().collect();
        owners.sort();
        Ok(owners)
    }

    /// What became of a step last in one set, or in the schema where there is no owner: it was
    /// done, taken back, or done again; `None` where it never reached. O(n) for the bytes of
    /// that history with its archives.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn last_of(
        &self,
        step: StepId,
        owner: Option<&Owner>,
    ) -> Result<Option<StepKind>, StoreError> {
        Ok(self.lines_of(&history_of(owner), step)?.pop().map(|(kind, _)| kind))
    }

    /// What a step changed in one set, or in the schema where there is no owner, as it was
    /// done first and at the places where the texts are now. O(n) for the bytes of that
    /// history with its archives.
    ///
    /// # Errors
    /// When the history or the line in it cannot be read.
    pub fn change_in(
        &self,
        step: StepId,
        owner: Option<&Owner>,
    ) -> Result<Option<Change>, StoreError> {
        let mut whole = Vec::new();
        for part in self.first_of(&history_of(owner), step)? {
            add_change(&mut whole, part.change(self, &|_| None)?);
        }
        Ok(whole.pop())
    }

    /// Whether a step is known to have changed the schema and no set, so that no other history
    /// has to be looked at. O(n) for the bytes of the schema's history.
    ///
    /// # Errors
    /// When that history or the line in it cannot be read.
    pub fn is_of_schema_alone(&self, step: StepId) -> Result<bool, StoreError> {
        let first = self.first_of(&history_of(None), step)?.into_iter().next();
        let line =
            first.map(|Part { file, number, line, .. }| read_line(&file.file, number, &line));
        Ok(line.transpose()?.is_some_and(|line| line.is_alone))
    }

    fn histories(&self) -> Result<Vec<Arc<HistoryFile>>, StoreError> {
        // What is no history of the project's holds no line of a step, and a check names it.
        Ok(self.history_files(&mut Vec::new())?.into_iter().map(Arc::new).collect())
    }

    fn parts_of(&self, step: StepId) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for file in self.histories()? {
            parts.extend(self.first_of(&file, step)?);
        }
        Ok(parts)
    }

    /// The lines of a history that tell how a step was done first: one, or several where a
    /// change of the schema came back for what was annotated meanwhile.
    fn first_of(&self, file: &Arc<HistoryFile>, step: StepId) -> Result<Vec<Part>, StoreError> {
        let mut lines = self.lines_of(file, step)?.into_iter();
        let first = lines.next();
        let more = lines.take_while(|(kind, _)| *kind == StepKind::Do);
        Ok(first.into_iter().chain(more).map(|(_, part)| part).collect())
    }

    /// The lines of a history that tell of a step.
    fn lines_of(
        &self,
        file: &Arc<HistoryFile>,
        step: StepId,
    ) -> Result<Vec<(StepKind, Part)>, StoreError> {
        let named = wire::names_step(step);
        let mut found = Vec::new();
        self.pieces(&file.file)?.each(|piece: &Piece| {
            let lines = piece.lines();
            if !lines.iter().any(|(_, line)| named(line)) {
                return Ok(());
            }
            let texts = Texts::of(&lines, None, None);
            let of_piece = file.part(piece);
            for (at, line) in lines.iter().enumerate().filter(|(_, (_, line))| named(line)) {
                let kind = head_of(&of_piece.file, line.0, line.1)?.kind;
                found.push((kind, Part::of(&of_piece, *line, texts.at(at))));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn history_of(owner: Option<&Owner>) -> Arc<HistoryFile> {
    Arc::new(HistoryFile { file: layout::history_of(owner), owner: owner.cloned() })
}

/// Puts a change behind those before it. What the last of them did to the same set becomes
/// one with it.
fn add_change(changes: &mut Vec<Change>, change: Option<Change>) {
    let Some(change) = change else { return };
    match (changes.last_mut(), change) {
        (
            Some(Change::Set { article, annotator, forward, backward }),
            Change::Set { article: same, annotator: own, forward: more, backward: first },
        ) if *article == same && *annotator == own => {
            forward.edits.extend(more.edits);
            backward.edits.splice(0..0, first.edits);
        }
        (_, change) => changes.push(change),
    }
}

/// What a line changed, as it was done first.
fn change_of(
    folder: &ProjectFolder,
    shown: &dyn Fn(&ArticleId) -> Option<Arc<Article>>,
    owner: Option<&Owner>,
    (line, text): (Line, Option<TextHash>),
) -> Result<Option<Change>, Cause> {
    let change = match (line.change, owner) {
        (LineChange::Set { edits, inverse }, Some((annotator, article))) => {
            let mut anchors = shown(article).map(|article| Anchors::new(folder, article));
            let mut place = |edits| placed(folder, article, &mut anchors, (edits, text));
            Change::Set {
                article: article.clone(),
                annotator: annotator.clone(),
                forward: place(edits)?,
                backward: place(inverse)?,
            }
        }
        (LineChange::Schema { after, before }, _) => Change::Schema { before, after },
        (LineChange::Set { .. }, None) => return Ok(None),
    };
    Ok(Some(if line.kind == StepKind::Undo { change.inverse() } else { change }))
}

/// Edits at the places where their texts are now: the article may have been corrected
/// since they were written down.
fn placed(
    folder: &ProjectFolder,
    article: &ArticleId,
    anchors: &mut Option<Anchors>,
    (edits, text): (Vec<wire::StoredEdit>, Option<TextHash>),
) -> Result<Transaction, Cause> {
    let mut transaction = Transaction::default();
    for wire::StoredEdit { mut edit, ranges } in edits {
        if let Edit::Add(annotation) | Edit::Replace(annotation) = &mut edit {
            let anchors = match anchors {
                Some(anchors) => anchors,
                // A step of an article that is gone is named when it is to be applied.
                None => match folder.read_article(article) {
                    Ok(article) => anchors.insert(Anchors::new(folder, Arc::new(article))),
                    Err(_) => {
                        transaction.edits.push(edit);
                        continue;
                    }
                },
            };
            let placed = anchors.place_likely(text, annotation.id, &ranges)?;
            if let Some(Placed { span, fit, .. }) = placed {
                if fit == Fit::Gone {
                    annotation.was.get_or_insert_with(|| surface_of(&ranges).into());
                }
                annotation.span = span;
            }
        }
        transaction.edits.push(edit);
    }
    Ok(transaction)
}
