//! The single place that writes annotation files and histories.
//!
//! A writer belongs on a thread of its own. [`Writer::commit`] makes a step durable: when
//! it returns, the step's line is synced in every history that it touches, and a crash
//! loses nothing. [`Writer::flush`] lets the annotation files follow, at leisure. Either
//! may fail (a full disk, a share that is gone) and may be called again; what was not
//! written yet stays here, and a step that failed half-way leaves no half of it.
//!
//! The writer holds replicas of the annotation sets that it writes, and of no others. It
//! does not know who else has the project open; it only refuses to replace a file that
//! is not as it last saw it.

use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryBytes, set_torn_aside};
use super::layout;
use super::load::{LoadedSet, Stamp};
use super::wire::{self, Mark};
use crate::edit::{Change, Step, StepKind, Transaction};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Schema, StepId};
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many sets with nothing left to write are kept, for the next step is likely to
/// touch one of them.
const CLEAN_REPLICAS: usize = 8;

type SetKey = (AnnotatorName, ArticleId);

/// Writes steps to a project's folder.
#[derive(Debug)]
pub struct Writer {
    folder: ProjectFolder,
    replicas: HashMap<SetKey, Replica>,
    schema: Option<PendingSchema>,
    /// The lengths of histories that are known to end with a whole line.
    whole: HashMap<PathBuf, u64>,
    /// Histories that hold lines of a step that failed, and the lengths without them.
    to_cut: HashMap<PathBuf, u64>,
    /// Counts commits, to tell which replica was used last.
    now: u64,
}

#[derive(Debug)]
struct Replica {
    set: AnnotationSet,
    mark: Option<Mark>,
    /// What the file may hold without being somebody else's: as last read or written, or
    /// as an attempt left it whose outcome is not known.
    stamps: Vec<Stamp>,
    is_dirty: bool,
    used: u64,
}

/// A schema that is in its history and not yet in `project.ron`.
#[derive(Debug)]
struct PendingSchema {
    /// The schemas that the file may hold: before the first change, and after each.
    known: Vec<Arc<Schema>>,
    mark: Mark,
}

/// A line that is to be appended.
struct Pending {
    file: PathBuf,
    line: String,
    mark: Mark,
    key: Option<SetKey>,
}

impl Writer {
    /// A writer with nothing to write.
    pub fn new(folder: ProjectFolder) -> Self {
        Self {
            folder,
            replicas: HashMap::new(),
            schema: None,
            whole: HashMap::new(),
            to_cut: HashMap::new(),
            now: 0,
        }
    }

    /// Whether there is something that [`Self::flush`] would write.
    pub fn has_unflushed(&self) -> bool {
        self.schema.is_some() || self.replicas.values().any(|replica| replica.is_dirty)
    }

    /// Makes a step durable that was done, undone or done again: appends a line to each
    /// history that it touches, and syncs them.
    ///
    /// # Errors
    /// When the step does not fit what is on disk, or a history cannot be written. Nothing
    /// of the step is then on disk, or will be cut off before anything else is written,
    /// so that it can be committed again.
    pub fn commit(&mut self, kind: StepKind, step: &Step) -> Result<(), StoreError> {
        self.now += 1;
        self.cut_failed()?;
        let applied: Vec<_> = step
            .changes
            .iter()
            .map(|change| if kind == StepKind::Undo { change.inverse() } else { change.clone() })
            .filter(|change| !is_empty(change))
            .collect();
        let inverse = self.apply(step.id, &applied)?;
        let written = self
            .lines(kind, step, &applied)
            .and_then(|lines| self.append_all(&lines).map(|()| lines));
        match written {
            Ok(lines) => {
                self.settle(lines, &applied);
                Ok(())
            }
            Err(error) => {
                self.take_back(inverse);
                Err(error)
            }
        }
    }

    /// Writes every file that is behind its history: annotation files whole, and
    /// `project.ron` after a change of the schema.
    ///
    /// # Errors
    /// The first of those met; the other files are written all the same.
    /// [`Cause::ChangedOnDisk`] when a file is not as this writer last saw it.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        let mut result = self.flush_schema();
        let mut dirty: Vec<_> = self.replicas.values_mut().filter(|found| found.is_dirty).collect();
        dirty.sort_by_key(|replica| replica.used);
        for replica in dirty {
            result = result.and(replica.flush(&self.folder));
        }
        self.drop_clean();
        result
    }

    /// Applies the changes to the replicas; gives back what takes them back.
    fn apply(
        &mut self,
        step: StepId,
        changes: &[Change],
    ) -> Result<Vec<(SetKey, Transaction)>, StoreError> {
        let mut inverse = Vec::new();
        for change in changes {
            let Change::Set { article, annotator, forward, .. } = change else { continue };
            let key = (annotator.clone(), article.clone());
            let applied = self.replica(&key).and_then(|replica| {
                forward.apply(&mut replica.set).map_err(|error| {
                    let file = layout::set(annotator, article);
                    StoreError::new(file, Cause::Step { step, error })
                })
            });
            match applied {
                Ok(undo) => inverse.push((key, undo)),
                Err(error) => {
                    self.take_back(inverse);
                    return Err(error);
                }
            }
        }
        Ok(inverse)
    }

    fn take_back(&mut self, inverse: Vec<(SetKey, Transaction)>) {
        for (key, undo) in inverse.into_iter().rev() {
            let Some(replica) = self.replicas.get_mut(&key) else { continue };
            let undone = undo.apply(&mut replica.set);
            debug_assert!(undone.is_ok(), "an inverse did not fit: {undone:?}");
        }
    }

    fn replica(&mut self, key: &SetKey) -> Result<&mut Replica, StoreError> {
        if !self.replicas.contains_key(key) {
            let article = Arc::new(self.folder.read_article(&key.1)?);
            let LoadedSet { set, mark, stamp, is_replayed, .. } =
                self.folder.load_set(&article, &key.0)?;
            let stamps = vec![stamp];
            let replica = Replica { set, mark, stamps, is_dirty: is_replayed, used: self.now };
            self.replicas.insert(key.clone(), replica);
        }
        let now = self.now;
        let missing = || StoreError::new(layout::set(&key.0, &key.1), Cause::NotFound);
        let replica = self.replicas.get_mut(key).ok_or_else(missing)?;
        replica.used = now;
        Ok(replica)
    }

    /// The lines of a step, each with the mark that its set has afterwards.
    fn lines(
        &mut self,
        kind: StepKind,
        step: &Step,
        applied: &[Change],
    ) -> Result<Vec<Pending>, StoreError> {
        // An undo has a time of its own; what it undoes keeps the time it was done.
        let at = if kind == StepKind::Do { step.at } else { to_the_millisecond() };
        let mut lines = Vec::with_capacity(applied.len());
        for change in applied {
            let (key, file) = match change {
                Change::Set { article, annotator, .. } => {
                    let file = layout::history(annotator, article);
                    (Some((annotator.clone(), article.clone())), file)
                }
                Change::Schema { .. } => (None, layout::schema_history()),
            };
            self.make_whole(&file)?;
            let before = if kind == StepKind::Do { 0 } else { self.lines_of(&file, step.id)? };
            let replica = key.as_ref().and_then(|key| self.replicas.get(key));
            let text = replica.map_or("", |replica| replica.set.article().text());
            let line = wire::write_line(kind, at, step, change, text);
            let mark = Mark { step: step.id, lines: before + 1 };
            lines.push(Pending { file, line, mark, key });
        }
        Ok(lines)
    }

    fn lines_of(&self, file: &Path, step: StepId) -> Result<u32, StoreError> {
        let bytes = self.folder.disk().read(file)?;
        Ok(bytes.map_or(0, |bytes| HistoryBytes::of(&bytes).lines_of(step)))
    }

    /// Appends all lines or none.
    fn append_all(&mut self, lines: &[Pending]) -> Result<(), StoreError> {
        for pending in lines {
            let before = self.whole.get(&pending.file).copied().unwrap_or(0);
            self.to_cut.insert(pending.file.clone(), before);
            if let Err(error) = self.folder.disk().append(&pending.file, pending.line.as_bytes()) {
                // What fails here is tried again before the next step.
                let _ = self.cut_failed();
                return Err(error);
            }
        }
        for pending in lines {
            self.to_cut.remove(&pending.file);
            if let Some(len) = self.whole.get_mut(&pending.file) {
                *len += pending.line.len() as u64;
            }
        }
        Ok(())
    }

    /// Takes the lines of a step that failed out of the histories.
    fn cut_failed(&mut self) -> Result<(), StoreError> {
        let disk = self.folder.disk();
        for (file, len) in &self.to_cut {
            if disk.len(file)?.is_some_and(|now| now > *len) {
                disk.cut(file, *len)?;
            }
        }
        self.to_cut.clear();
        Ok(())
    }

    /// Makes sure that a history ends with a whole line; a torn end is moved aside.
    fn make_whole(&mut self, file: &Path) -> Result<(), StoreError> {
        let disk = self.folder.disk();
        let len = disk.len(file)?.unwrap_or(0);
        if self.whole.get(file) == Some(&len) {
            return Ok(());
        }
        let (whole, _) = set_torn_aside(disk, file)?;
        self.whole.insert(file.to_owned(), whole);
        Ok(())
    }

    /// Remembers what is durable now and not yet in its file.
    fn settle(&mut self, lines: Vec<Pending>, applied: &[Change]) {
        for Pending { mark, key, .. } in lines {
            if let Some(replica) = key.and_then(|key| self.replicas.get_mut(&key)) {
                replica.mark = Some(mark);
                replica.is_dirty = true;
            } else if let Some((before, after)) = applied.iter().find_map(schemas) {
                let pending = self
                    .schema
                    .get_or_insert_with(|| PendingSchema { known: vec![before.clone()], mark });
                pending.known.push(after.clone());
                pending.mark = mark;
            }
        }
    }

    fn flush_schema(&mut self) -> Result<(), StoreError> {
        let Some(PendingSchema { known, mark }) = &self.schema else { return Ok(()) };
        let Some(last) = known.last() else { return Ok(()) };
        self.folder.change_project(|file| {
            if !known.contains(&file.project.schema) {
                return Err(StoreError::new(layout::PROJECT, Cause::ChangedOnDisk));
            }
            file.project.schema = last.clone();
            file.mark = Some(*mark);
            Ok(())
        })?;
        self.schema = None;
        Ok(())
    }

    fn drop_clean(&mut self) {
        let mut clean: Vec<_> = self
            .replicas
            .iter()
            .filter(|(_, replica)| !replica.is_dirty)
            .map(|(key, replica)| (replica.used, key.clone()))
            .collect();
        clean.sort();
        let surplus = clean.len().saturating_sub(CLEAN_REPLICAS);
        for (_, key) in clean.into_iter().take(surplus) {
            self.replicas.remove(&key);
        }
    }
}

impl Replica {
    fn flush(&mut self, folder: &ProjectFolder) -> Result<(), StoreError> {
        let file = layout::set(self.set.annotator(), self.set.article().id());
        let held = folder.disk().read(&file)?;
        if !self.stamps.contains(&Stamp::of(held.as_deref())) {
            return Err(StoreError::new(file, Cause::ChangedOnDisk));
        }
        let text = wire::write_set(&self.set, self.mark);
        let stamp = Stamp::of(Some(text.as_bytes()));
        // Should the attempt fail behind the rename, the file is still our own.
        if !self.stamps.contains(&stamp) {
            self.stamps.push(stamp);
        }
        folder.disk().replace(&file, text.as_bytes())?;
        self.stamps = vec![stamp];
        self.is_dirty = false;
        Ok(())
    }
}

fn is_empty(change: &Change) -> bool {
    match change {
        Change::Set { forward, backward, .. } => forward.is_empty() && backward.is_empty(),
        Change::Schema { .. } => false,
    }
}

fn schemas(change: &Change) -> Option<(&Arc<Schema>, &Arc<Schema>)> {
    match change {
        Change::Schema { before, after } => Some((before, after)),
        Change::Set { .. } => None,
    }
}

fn to_the_millisecond() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;
    use crate::model::{AnnotationId, State};
    use crate::store::disk::fault;
    use crate::store::testing;
    use proptest::prelude::*;

    fn read(folder: &ProjectFolder) -> AnnotationSet {
        folder.read_set(&testing::article(), &testing::annotator()).unwrap().set
    }

    fn history_lines(folder: &ProjectFolder) -> usize {
        let file = layout::history(&testing::annotator(), testing::article().id());
        let bytes = folder.disk().read(&file).unwrap().unwrap_or_default();
        assert!(bytes.is_empty() || bytes.ends_with(b"\n"));
        bytes.iter().filter(|byte| **byte == b'\n').count()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// Do, undo and redo at random, flush at times, lose the writer at times: what is
        /// read is always what was committed.
        #[test]
        fn whatever_was_committed_is_read_after_a_crash(
            acts in prop::collection::vec((0..6u8, testing::edits()), 1..12)
        ) {
            let (_temporary, folder) = testing::folder();
            let mut writer = Writer::new(folder.clone());
            let mut set = read(&folder);
            let (mut done, mut undone): (Vec<Step>, Vec<Step>) = (Vec::new(), Vec::new());
            for (number, (act, edits)) in acts.into_iter().enumerate() {
                let apply = |step: &Step, back: bool, set: &mut AnnotationSet| {
                    let Change::Set { forward, backward, .. } = &step.changes[0] else { return };
                    let edits = if back { backward } else { forward };
                    edits.apply(set).unwrap();
                };
                match act {
                    0 | 1 => {
                        let mut copy = set.clone();
                        let fits = |edit: &Edit| {
                            Transaction::from(vec![edit.clone()]).apply(&mut copy).is_ok()
                        };
                        let edits = edits.into_iter().filter(fits).collect();
                        let step = testing::step(number as u64 + 1, &mut set, edits);
                        writer.commit(StepKind::Do, &step).unwrap();
                        done.push(step);
                        undone.clear();
                    }
                    2 | 3 => if let Some(step) = done.pop() {
                        writer.commit(StepKind::Undo, &step).unwrap();
                        apply(&step, true, &mut set);
                        undone.push(step);
                    },
                    4 => if let Some(step) = undone.pop() {
                        writer.commit(StepKind::Redo, &step).unwrap();
                        apply(&step, false, &mut set);
                        done.push(step);
                    },
                    _ => {
                        if edits.len() > 3 {
                            writer.flush().unwrap();
                            prop_assert!(!writer.has_unflushed());
                        }
                        writer = Writer::new(folder.clone());
                    }
                }
                prop_assert_eq!(&read(&folder), &set);
            }
            let mut history = crate::edit::History::default();
            let (steps, problems) = folder.read_steps(&testing::annotator()).unwrap();
            prop_assert_eq!(problems, vec![]);
            for (kind, step) in steps {
                history.record(kind, step);
            }
            prop_assert_eq!(history.to_undo().map(|step| &**step), done.last());
            prop_assert_eq!(history.to_redo().map(|step| &**step), undone.last());
        }
    }

    #[test]
    fn a_fault_at_any_operation_loses_and_doubles_nothing() {
        for operations in 0.. {
            let (_temporary, folder) = testing::folder();
            let mut writer = Writer::new(folder.clone());
            let mut set = read(&folder);
            let first = testing::step(1, &mut set, vec![Edit::Add(testing::mark(1, 7))]);
            writer.commit(StepKind::Do, &first).unwrap();
            writer.flush().unwrap();
            let before = set.clone();
            let mut second = testing::step(2, &mut set, vec![Edit::State(State::Done)]);
            let schema = Arc::new(Schema::default());
            second.changes.push(Change::Schema { before: schema.clone(), after: schema });
            fault::after(operations);
            let committed = writer.commit(StepKind::Do, &second);
            let flushed = committed.is_ok().then(|| writer.flush());
            let struck = fault::heal();
            // The disk, seen by somebody who opens the project now.
            let found = read(&folder);
            if committed.is_ok() {
                assert_eq!(found, set);
            } else {
                assert!(found == before || found == set);
                writer.commit(StepKind::Do, &second).unwrap();
            }
            writer.flush().unwrap();
            assert!(!writer.has_unflushed());
            assert_eq!(read(&folder), set);
            assert_eq!(history_lines(&folder), 2);
            if !struck {
                assert!(matches!(flushed, Some(Ok(()))));
                break;
            }
        }
    }

    #[test]
    fn a_writer_moves_to_a_thread_of_its_own() {
        fn moves<T: Send + 'static>() {}
        moves::<Writer>();
        moves::<StoreError>();
    }

    #[test]
    fn a_torn_line_is_kept_aside_when_the_next_step_is_written() {
        let (_temporary, folder) = testing::folder();
        let mut set = read(&folder);
        let first = testing::step(1, &mut set, vec![Edit::Add(testing::mark(1, 7))]);
        Writer::new(folder.clone()).commit(StepKind::Do, &first).unwrap();
        let file = layout::history(&testing::annotator(), testing::article().id());
        for (number, torn) in ["(step: \"00", "\0\0\0\0\n"].into_iter().enumerate() {
            folder.disk().append(&file, torn.as_bytes()).unwrap();
            let loaded = folder.read_set(&testing::article(), &testing::annotator()).unwrap();
            assert_eq!(loaded.set, set);
            assert!(loaded.problems.iter().any(|problem| problem.what.contains("cut short")));
            let id = number as u64 + 2;
            let next = testing::step(id, &mut set, vec![Edit::Add(testing::mark(id, 7))]);
            Writer::new(folder.clone()).commit(StepKind::Do, &next).unwrap();
            let aside = PathBuf::from(format!("{}.torn-{}", file.display(), number + 1));
            assert_eq!(folder.disk().read(&aside).unwrap().unwrap(), torn.as_bytes());
        }
        assert_eq!(read(&folder), set);
        assert_eq!(history_lines(&folder), 3);
    }

    #[test]
    fn a_file_that_somebody_else_changed_is_not_overwritten() {
        let (_temporary, folder) = testing::folder();
        let mut writer = Writer::new(folder.clone());
        let mut set = read(&folder);
        let first = testing::step(1, &mut set, vec![Edit::Add(testing::mark(1, 7))]);
        writer.commit(StepKind::Do, &first).unwrap();
        writer.flush().unwrap();
        let file = layout::set(&testing::annotator(), testing::article().id());
        let mut theirs = folder.disk().read(&file).unwrap().unwrap();
        theirs.extend(b"// theirs\n");
        folder.disk().replace(&file, &theirs).unwrap();
        let second = testing::step(2, &mut set, vec![Edit::Add(testing::mark(2, 7))]);
        writer.commit(StepKind::Do, &second).unwrap();
        let refused = writer.flush().unwrap_err();
        assert!(matches!(refused.cause, Cause::ChangedOnDisk), "{refused}");
        assert!(writer.has_unflushed());
        assert_eq!(folder.disk().read(&file).unwrap().unwrap(), theirs);
        assert_eq!(read(&folder), set, "the step is in the history all the same");
    }

    #[test]
    fn a_step_that_does_not_fit_is_refused_whole() {
        let (_temporary, folder) = testing::folder();
        let mut writer = Writer::new(folder.clone());
        let mut set = read(&folder);
        let mut step = testing::step(1, &mut set, vec![Edit::Add(testing::mark(1, 7))]);
        let mut other = step.changes[0].clone();
        if let Change::Set { forward, annotator, .. } = &mut other {
            forward.edits.push(Edit::Remove(AnnotationId(99)));
            *annotator = AnnotatorName::new("annotator-2").unwrap();
        }
        step.changes.push(other);
        assert!(matches!(
            writer.commit(StepKind::Do, &step),
            Err(StoreError { cause: Cause::Step { .. }, .. })
        ));
        assert!(!writer.has_unflushed());
        assert_eq!(history_lines(&folder), 0);
        step.changes.pop();
        writer.commit(StepKind::Do, &step).unwrap();
        assert_eq!(read(&folder), set);
    }
}
