//! Copying what can be read of a project into a new one.
//!
//! It is the way out when a project's folder cannot be written to any more. What cannot
//! be read is named and left behind; nothing of the old project changes. What is only in
//! memory is the session's to add.

use super::backup::hide;
use super::disk::Ground;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryBytes, Owner};
use super::layout;
use super::schema_change::SchemaChange;
use super::wire;
use crate::edit::StepKind;
use crate::model::{AnnotatorName, ArticleId, Project, StepId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes a new project beside this one and has it filled. Where that fails nothing is left
/// behind: neither half a copy, which would look like a whole one, nor an empty folder. What
/// is left where the process ends meanwhile is refused when somebody opens it.
///
/// # Errors
/// When the folder lies in the project or around it, is not empty or cannot be written to;
/// and what filling it gives.
pub fn make_copy<T>(
    from: &ProjectFolder,
    root: &Path,
    project: &Project,
    fill: impl FnOnce(&ProjectFolder) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    from.disk().ensure_apart(root)?;
    let ground = Ground::look(root).map_err(|error| StoreError::new(root, Cause::Io(error)))?;
    let filled = ProjectFolder::begin_copy(root, project).and_then(|folder| {
        let filled = fill(&folder)?;
        folder.finish_copy()?;
        Ok(filled)
    });
    if filled.is_err() {
        ground.clear();
    }
    filled
}

/// Copies every article with its earlier texts, every annotation set (gold too) and history
/// that can be read, with what is kept beside them (the other version of a conflict, torn
/// ends, a change of the schema that was cut off), and names what cannot.
///
/// # Errors
/// When the new project cannot be written to.
pub fn copy_readable(from: &ProjectFolder, to: &ProjectFolder) -> Result<Vec<Problem>, StoreError> {
    let mut copy = Copy { from, to, problems: Vec::new() };
    let has_change = copy.schema_change()?;
    copy.history(&layout::schema_history())?;
    copy.file(Path::new(layout::ASSIGNMENT))?;
    let ids = from.article_ids().map(|(ids, _)| ids);
    for id in copy.keep(ids).unwrap_or_default() {
        copy.article(&id)?;
    }
    copy.earlier_texts()?;
    let sets = from.annotated();
    for (article, annotator) in copy.keep(sets).unwrap_or_default() {
        copy.set(&article, &annotator)?;
    }
    copy.kept_beside()?;
    if !has_change {
        // One that was begun meanwhile may be in some of the sets.
        copy.schema_change()?;
    }
    Ok(copy.problems)
}

impl ProjectFolder {
    /// Whether there is a file or a history of what an annotator said about an article.
    ///
    /// # Errors
    /// When the project cannot be reached.
    pub fn has_set(&self, id: &ArticleId, annotator: &AnnotatorName) -> Result<bool, StoreError> {
        let files = [layout::set(annotator, id), layout::history(annotator, id)];
        for file in &files {
            if self.disk().len(file)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// For each step of a history whether its last line says that it was done, rather than
    /// undone; O(n).
    ///
    /// # Errors
    /// When the history cannot be read, but not for what it holds.
    pub fn last_doings(&self, owner: Option<&Owner>) -> Result<HashMap<StepId, bool>, StoreError> {
        let history = self.whole_history(&layout::history_of(owner))?;
        let lines = HistoryBytes::of(&history.bytes).lines.into_iter();
        let heads = lines.filter_map(|(_, line)| wire::read_head(std::str::from_utf8(line).ok()?));
        Ok(heads.map(|head| (head.step, head.kind != StepKind::Undo)).collect())
    }
}

struct Copy<'a> {
    from: &'a ProjectFolder,
    to: &'a ProjectFolder,
    problems: Vec<Problem>,
}

impl Copy<'_> {
    fn keep<T>(&mut self, read: Result<T, StoreError>) -> Option<T> {
        read.map_err(|error| {
            let mut problem = Problem::from(&error);
            if matches!(error.cause, Cause::Vanished) {
                // One cause for whatever was looked for, there or not.
                problem.file = self.from.root().to_owned();
            }
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        })
        .ok()
    }

    /// Copies a file as it stands; false where there is none, or it cannot be read.
    fn file(&mut self, file: &Path) -> Result<bool, StoreError> {
        let Some(bytes) = self.read(file) else { return Ok(false) };
        self.to.disk().create_new(file, &bytes).map(|()| true)
    }

    fn read(&mut self, file: &Path) -> Option<Vec<u8>> {
        let read = self.from.disk().read(file);
        self.keep(read).flatten()
    }

    /// Copies what is written down of a change of the schema, which is finished in the copy
    /// when that is opened; whether there is one. Nobody is at it there.
    fn schema_change(&mut self) -> Result<bool, StoreError> {
        let file = Path::new(SchemaChange::FILE);
        let Some(bytes) = self.read(file) else { return Ok(false) };
        let text = wire::text(&bytes).and_then(wire::read_schema_change);
        let free = text.map(|change| SchemaChange { holder: None, ..change });
        // What this version cannot read another one may.
        let bytes = free.map_or(bytes, |change| wire::write_schema_change(&change).into_bytes());
        hide(self.to.disk())?;
        self.to.disk().create_new(file, &bytes).map(|()| true)
    }

    /// Copies what stands beside sets and histories: other versions of conflicts and torn
    /// ends; and changes of the schema that could not be finished.
    fn kept_beside(&mut self) -> Result<(), StoreError> {
        let mut folders = vec![PathBuf::from(layout::HISTORY)];
        let annotators = self.from.annotators_in(layout::ANNOTATIONS, &mut Vec::new());
        let annotators = self.keep(annotators).unwrap_or_default();
        folders.extend(annotators.iter().map(layout::sets));
        folders.push(layout::GOLD.into());
        let annotators = self.from.annotators_in(layout::HISTORY, &mut Vec::new());
        let annotators = self.keep(annotators).unwrap_or_default();
        folders.extend(annotators.iter().map(layout::histories));
        folders.push(layout::LOCAL.into());
        folders.iter().try_for_each(|folder| self.kept_in(folder))
    }

    fn kept_in(&mut self, folder: &Path) -> Result<(), StoreError> {
        let entries = self.from.disk().list(folder);
        for entry in self.keep(entries).unwrap_or_default() {
            let file = folder.join(&entry.name);
            if !entry.is_folder && layout::is_kept_beside(&entry.name) {
                self.file(&file)?;
            }
        }
        Ok(())
    }

    fn article(&mut self, id: &ArticleId) -> Result<(), StoreError> {
        let read = self.from.read_article(id);
        let Some(article) = self.keep(read) else { return Ok(()) };
        self.to.add_article(&article)
    }

    /// The texts from before corrections: sets that have not followed yet are read by them,
    /// and a correction is undone with them. The oldest is copied first, because the one
    /// that was written last is looked at first.
    fn earlier_texts(&mut self) -> Result<(), StoreError> {
        let entries = self.from.disk().list(Path::new(layout::ARTICLES));
        let entries = self.keep(entries).unwrap_or_default();
        let files = entries.into_iter().filter(|entry| !entry.is_folder);
        let files = files.filter(|entry| layout::is_earlier_article(&entry.name));
        let mut files: Vec<_> =
            files.map(|entry| Path::new(layout::ARTICLES).join(entry.name)).collect();
        files.sort_by_cached_key(|file| self.from.disk().modified(file).ok().flatten());
        files.iter().try_for_each(|file| self.file(file).map(|_| ()))
    }

    /// A set and its history belong together: both are copied or neither. What makes no set
    /// any more is kept out of the way, as far as it can be read.
    fn set(&mut self, id: &ArticleId, annotator: &AnnotatorName) -> Result<(), StoreError> {
        let article = self.from.read_article(id).map(Arc::new);
        let set = article.and_then(|article| self.from.read_set(&article, annotator));
        let (file, history) = (layout::set(annotator, id), layout::history(annotator, id));
        if self.keep(set).is_some() {
            self.file(&file)?;
            return self.history(&history);
        }
        let archives = self.from.archives(&history).unwrap_or_default();
        [file, history].iter().chain(&archives).try_for_each(|file| self.set_aside(file))
    }

    fn set_aside(&mut self, file: &Path) -> Result<(), StoreError> {
        // That it cannot be read was said of the set.
        let Ok(Some(bytes)) = self.from.disk().read(file) else { return Ok(()) };
        let aside = Path::new(layout::BACKUPS).join("elsewhere").join(file);
        self.to.disk().create_new(&aside, &bytes)?;
        let what = format!("makes no set any more, and is kept as {}", aside.display());
        let remedy = "mend it, and put it in its place";
        self.problems.push(Problem::note(file, None, what, remedy));
        Ok(())
    }

    /// Copies a history with all its parts. Its newest part is read first: what a
    /// compaction cuts from it meanwhile is then in both, which every reader recognises,
    /// and not in neither.
    fn history(&mut self, history: &Path) -> Result<(), StoreError> {
        let live = self.read(history);
        self.history_with(history, live)
    }

    /// Copies a history whose newest part was read.
    fn history_with(&mut self, history: &Path, live: Option<Vec<u8>>) -> Result<(), StoreError> {
        let archives = self.from.archives(history);
        for archive in self.keep(archives).unwrap_or_default() {
            self.file(&archive)?;
        }
        live.map_or(Ok(()), |bytes| self.to.disk().create_new(history, &bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;
    use crate::model::AnnotationSet;
    use crate::store::testing;
    use crate::store::writer::Writer;

    #[test]
    fn a_copy_is_no_project_before_it_is_whole() {
        let (_temporary, from) = testing::folder();
        let elsewhere = tempfile::tempdir().unwrap();
        let root = elsewhere.path().join("copy");
        let seen = make_copy(&from, &root, &testing::project(), |copy| {
            copy.add_article(&testing::article())?;
            Ok(ProjectFolder::open(&root).map(|_| ()))
        });
        let refused = seen.unwrap().unwrap_err();
        assert!(matches!(refused.cause, Cause::UnfinishedCopy), "{refused}");
        assert!(ProjectFolder::open(&root).is_ok());
        // What was left by a kill does not spoil the folder for others.
        std::fs::write(root.join(layout::UNFINISHED), "").unwrap();
        std::fs::remove_file(root.join(layout::PROJECT)).unwrap();
        for folder in layout::FOLDERS {
            std::fs::remove_dir_all(root.join(folder)).unwrap();
        }
        ProjectFolder::create(&root, &testing::project()).unwrap();
        assert!(ProjectFolder::open(&root).is_ok());
    }

    #[test]
    fn a_copy_that_fails_leaves_nothing_behind() {
        let (_temporary, from) = testing::folder();
        let elsewhere = tempfile::tempdir().unwrap();
        let (new, found) = (elsewhere.path().join("new/deeper"), elsewhere.path().join("found"));
        std::fs::create_dir_all(found.join(".git")).unwrap();
        for root in [&new, &found] {
            let full = || StoreError::new(root, Cause::Io(std::io::ErrorKind::StorageFull.into()));
            let made = make_copy(&from, root, &testing::project(), |copy| {
                copy.add_article(&testing::article())?;
                Err::<(), _>(full())
            });
            assert!(made.is_err());
        }
        assert!(!new.parent().unwrap().exists());
        let left: Vec<_> =
            std::fs::read_dir(&found).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [".git"]);
    }

    #[test]
    fn what_makes_no_set_any_more_is_kept_out_of_the_way() {
        let (_temporary, from) = testing::folder();
        let mut set = AnnotationSet::new(testing::article(), testing::annotator());
        let mut writer = Writer::new(from.clone());
        let edits = vec![Edit::add(testing::mark(1, 7))];
        writer.commit(StepKind::Do, &testing::step(1, &mut set, edits)).unwrap();
        writer.flush().unwrap();
        let file = layout::set(&testing::annotator(), testing::article().id());
        let history = layout::history(&testing::annotator(), testing::article().id());
        std::fs::write(from.root().join(&file), "(format: 1, nonsense").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let to = ProjectFolder::create(elsewhere.path(), &testing::project()).unwrap();
        let problems = copy_readable(&from, &to).unwrap();
        assert_eq!(problems.iter().filter(|problem| problem.is_fault).count(), 1, "{problems:?}");
        assert!(!to.root().join(&file).exists() && !to.root().join(&history).exists());
        for file in [file, history] {
            let aside = to.root().join(".copydesk/backups/elsewhere").join(&file);
            let before = std::fs::read(from.root().join(&file)).unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), before);
        }
    }

    #[test]
    fn what_stands_beside_sets_and_histories_is_copied_or_named() {
        let (_temporary, from) = testing::folder();
        let kept = [
            "annotations/annotator-1/a.ron.theirs-1",
            "gold/a.ron.theirs-2",
            "history/annotator-1/a.ron.torn-1",
            "history/project.ron.torn-12",
            ".copydesk/schema-change.ron.unfit-1",
        ];
        let others = ["gold/notes.theirs-x", "history/annotator-1/.a.ron.torn-1"];
        for file in kept.iter().chain(&others) {
            let file = from.root().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "kept").unwrap();
        }
        let newer = "(format: 9)";
        std::fs::write(from.root().join(SchemaChange::FILE), newer).unwrap();
        // No file: it cannot be read.
        let unread = from.root().join("gold/b.ron.torn-1");
        std::fs::write(&unread, "x").unwrap();
        std::fs::OpenOptions::new()
            .write(true)
            .open(&unread)
            .unwrap()
            .set_len(crate::store::disk::LARGEST + 1)
            .unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let to = ProjectFolder::create(elsewhere.path(), &testing::project()).unwrap();
        let problems = copy_readable(&from, &to).unwrap();
        for file in kept {
            assert_eq!(std::fs::read_to_string(to.root().join(file)).unwrap(), "kept", "{file}");
        }
        assert!(others.iter().all(|file| !to.root().join(file).exists()));
        let copied = std::fs::read_to_string(to.root().join(SchemaChange::FILE)).unwrap();
        assert_eq!(copied, newer);
        let named: Vec<_> = problems.iter().map(|problem| problem.file.clone()).collect();
        assert_eq!(named, [PathBuf::from("gold/b.ron.torn-1")], "{problems:?}");
    }

    #[test]
    fn a_compaction_while_a_history_is_copied_loses_no_line() {
        let (_temporary, from) = testing::folder();
        let mut writer = Writer::new(from.clone());
        let mut set = AnnotationSet::new(testing::article(), testing::annotator());
        for id in 1..10 {
            let edits = vec![Edit::add(testing::mark(id, 7))];
            writer.commit(StepKind::Do, &testing::step(id, &mut set, edits)).unwrap();
        }
        writer.flush().unwrap();
        let owner = (testing::annotator(), testing::article().id().clone());
        let history = layout::history_of(Some(&owner));
        let whole = from.whole_history(&history).unwrap().bytes.into_owned();

        let elsewhere = tempfile::tempdir().unwrap();
        let to = ProjectFolder::create(elsewhere.path(), &testing::project()).unwrap();
        let mut copy = Copy { from: &from, to: &to, problems: Vec::new() };
        let live = copy.read(&history);
        assert!(from.archive_lines(Some(&owner), 700, 700).unwrap());
        assert!(writer.cut_history(Some(&owner)).unwrap().is_some());
        copy.history_with(&history, live).unwrap();
        assert_eq!(copy.problems, vec![]);
        assert_eq!(&*to.whole_history(&history).unwrap().bytes, &*whole);
    }
}
