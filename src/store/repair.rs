//! Putting a project right, as far as that can be done without guessing.
//!
//! Every file is copied to `.copydesk/backups` before it is changed, every change is
//! listed, and what cannot be put right is left as it is for [`check`] to name. A repair
//! is only written when the file then loads. Nothing that an annotator said is dropped,
//! but for relations that lead nowhere, and those are listed in full. A file that is none
//! of a project's, such as a pipe or one of ten gigabytes, is left alone and named.

mod conflicts;
mod spoiled;

use super::anchors::{Anchors, surface_of};
use super::backup::Backup;
use super::check::check;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryBytes, HistoryFile, read_line, set_torn_aside};
use super::layout;
use super::load::LoadedSet;
use super::lock::Exclusive;
use super::wire::{self, LineChange, SetFile, Stored, StoredEdit};
use crate::edit::Edit;
use crate::model::{
    Annotation, AnnotationId, AnnotatorName, Article, ArticleId, IdSource, Relation,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How old a half written file must be before it is taken for one that a crash left.
const LEFT_OVER: SignedDuration = SignedDuration::from_mins(1);

/// One thing that was put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// What was done.
    pub what: String,
}

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// What was put right, in the order in which it was done.
    pub done: Vec<Repaired>,
    /// Where the files are as they were before, relative to the project; `None` where no
    /// file was changed.
    pub backup: Option<PathBuf>,
    /// What is still wrong or worth knowing, as a check finds it.
    pub left: Vec<Problem>,
}

/// Puts right what can be put right in a project that nobody has open for writing, and
/// checks it. Nobody gets to write until it is done. `progress` is told how many articles
/// are done, and of how many.
///
/// # Errors
/// [`Cause::Held`] when a window works on the project, and then nothing has changed; when a
/// file cannot be copied or written, and then what was done until then is whole.
pub fn repair(
    folder: &ProjectFolder,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<RepairReport, StoreError> {
    let _locks = folder.lock_all(&folder.lockable()?)?;
    let _exclusive = Exclusive::take(folder.disk())?;
    let backup = Backup::new(folder.disk(), "repair")?;
    let mut repair = Repair { folder, backup, done: Vec::new(), strange: Vec::new() };
    repair.left_over_files()?;
    repair.histories()?;
    repair.project()?;
    repair.articles()?;
    repair.sets(progress)?;
    let Repair { backup, done, strange, .. } = repair;
    let backup = backup.folder().map(Path::to_owned);
    let mut left = check(folder, progress);
    for strange in strange {
        let is_said = |known: &Problem| known.file == strange.file && known.what == strange.what;
        if !left.iter().any(is_said) {
            left.push(strange);
        }
    }
    Ok(RepairReport { done, backup, left })
}

/// Whether an error is that of the whole disk, rather than of one file that is left alone
/// while the rest is put right.
fn is_of_the_disk(error: &StoreError) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match &error.cause {
        Cause::Vanished | Cause::Busy | Cause::Held(_) => true,
        Cause::Io(error) => {
            matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem)
        }
        _ => false,
    }
}

struct Repair<'a> {
    folder: &'a ProjectFolder,
    backup: Backup<'a>,
    done: Vec<Repaired>,
    /// What could not even be looked at, such as a pipe or a file of ten gigabytes.
    strange: Vec<Problem>,
}

impl Repair<'_> {
    fn did(&mut self, file: &Path, what: impl Into<String>) {
        self.done.push(Repaired { file: file.to_owned(), what: what.into() });
    }

    /// Leaves alone what is no file of a project, by name, and goes on with the rest.
    fn apart<T: Default>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        done.or_else(|error| {
            if is_of_the_disk(&error) {
                return Err(error);
            }
            self.strange.push(Problem::from(&error));
            Ok(T::default())
        })
    }

    fn replace(&mut self, file: &Path, text: &str) -> Result<(), StoreError> {
        self.backup.keep(file)?;
        self.folder.disk().replace(file, text.as_bytes())
    }

    /// Takes away what a crash left of files that were being written. They are in no
    /// backup: the files that they were to become are as they were, or whole.
    fn left_over_files(&mut self) -> Result<(), StoreError> {
        let disk = self.folder.disk();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries = self.apart(disk.list(&folder))?;
            for entry in entries {
                let path = folder.join(&entry.name);
                let is_ours = folder != Path::new("") || layout::FOLDERS.contains(&&*entry.name);
                if entry.is_folder && is_ours && !layout::is_hidden(&entry.name) {
                    folders.push(path);
                } else if !entry.is_folder && layout::is_temporary(&entry.name) {
                    // Somebody may be writing right now.
                    let at = disk.modified(&path)?.unwrap_or(Timestamp::MIN);
                    if Timestamp::now().duration_since(at) > LEFT_OVER {
                        disk.remove(&path)?;
                        self.did(&path, "was left half written by a crash and is deleted");
                    }
                }
            }
        }
        Ok(())
    }

    fn histories(&mut self) -> Result<(), StoreError> {
        let files = self.folder.history_files(&mut Vec::new());
        for HistoryFile { file, owner } in self.apart(files)? {
            // Behind a link is a file of another kind, or of somebody else.
            if self.folder.disk().is_link(&file) {
                continue;
            }
            if let Some(owner) = &owner {
                let united = self.unite(&file, owner);
                self.apart(united)?;
            }
            let aside = set_torn_aside(self.folder.disk(), &file);
            if let (_, Some(aside)) = self.apart(aside)? {
                let aside = file_name(&aside);
                self.did(&file, format!("a line that a crash cut short was moved to {aside}"));
            }
            // A compaction that was stopped between its two moves.
            let cut = self.folder.cut_archived(&file);
            if let Some(cut) = self.apart(cut)? {
                let archive = cut.archive.file_name().unwrap_or_default().to_string_lossy();
                let what = format!(
                    "its first {} lines, which {archive} has too, were taken out",
                    cut.lines
                );
                self.did(&file, what);
            }
            let taken_out = self.take_out_spoiled(&file, owner.as_ref());
            self.apart(taken_out)?;
        }
        Ok(())
    }

    /// `project.ron` gets what its history has and it has not.
    fn project(&mut self) -> Result<(), StoreError> {
        // A project file that cannot be read is named by the check.
        let Ok((read, problems)) = self.folder.read_project_file() else { return Ok(()) };
        if problems.iter().any(|problem| problem.what.contains("added from the history")) {
            self.replace(Path::new(layout::PROJECT), &wire::write_project(&read))?;
            self.did(Path::new(layout::PROJECT), "the last change of the schema was written to it");
        }
        Ok(())
    }

    /// Git and editors change line ends, and then a text has another hash.
    fn articles(&mut self) -> Result<(), StoreError> {
        let ids = self.folder.article_ids();
        for id in self.apart(ids)?.0 {
            let Err(StoreError { cause: Cause::HashMismatch, .. }) = self.folder.read_article(&id)
            else {
                continue;
            };
            let file = layout::article(&id);
            let bytes = self.folder.disk().read(&file)?.unwrap_or_default();
            let Ok(text) = wire::text(&bytes) else { continue };
            let text = text.replace("\r\n", "\n");
            if let Ok(article) = wire::read_article(&text, &id) {
                self.replace(&file, &wire::write_article(&article))?;
                self.did(&file, "its line ends had been changed and are line feeds again");
            }
        }
        Ok(())
    }

    fn sets(&mut self, progress: &mut dyn FnMut(usize, usize)) -> Result<(), StoreError> {
        let sets = self.folder.annotated();
        let sets = self.apart(sets)?;
        for (done, (article, annotator)) in sets.iter().enumerate() {
            progress(done, sets.len());
            let mended = self.set(article, annotator);
            self.apart(mended)?;
        }
        Ok(())
    }

    fn set(&mut self, id: &ArticleId, annotator: &AnnotatorName) -> Result<(), StoreError> {
        // Without its article nothing can be said of a set.
        let Ok(article) = self.folder.read_article(id).map(Arc::new) else { return Ok(()) };
        match self.folder.load_set(&article, annotator) {
            Ok(loaded) => self.write_behind(loaded),
            Err(error) if matches!(error.cause, Cause::Conflict { .. }) => {
                self.settle_set(&article, annotator, &error)
            }
            Err(error) => self.broken_set(&article, annotator, &error),
        }
    }

    /// Writes a set whose file is behind its history, or does not fit its article.
    fn write_behind(&mut self, loaded: LoadedSet) -> Result<(), StoreError> {
        let LoadedSet { set, mark, problems, is_replayed, is_moved, .. } = loaded;
        if !is_replayed && !is_moved {
            return Ok(());
        }
        let file = layout::set(set.annotator(), set.article().id());
        self.replace(&file, &wire::write_set(&set, mark))?;
        for problem in problems {
            self.did(&file, format!("{}; written back", problem.what));
        }
        Ok(())
    }

    fn broken_set(
        &mut self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        // What a newer version wrote is whole, and only not understood here.
        if matches!(error.cause, Cause::Format { .. } | Cause::UnknownField(_)) {
            return Ok(());
        }
        let file = layout::set(annotator, article.id());
        let history = layout::history(annotator, article.id());
        let Some(bytes) = self.folder.disk().read(&file)? else { return Ok(()) };
        let steps = self.folder.disk().read(&history)?;
        let text = wire::text(&bytes);
        if let Some(read) = text.ok().and_then(|text| wire::read_set(text).ok()) {
            let (mended, what) = mended(self.folder, article, read);
            let mended = wire::write_set_file(&mended);
            let loaded = self.folder.load_bytes(
                article,
                annotator,
                Some(mended.as_bytes()),
                steps.as_deref(),
            );
            if let Ok(loaded) = loaded {
                self.replace(&file, &wire::write_set(&loaded.set, loaded.mark))?;
                for what in what.into_iter().chain(loaded.problems.into_iter().map(|p| p.what)) {
                    self.did(&file, what);
                }
            }
            return Ok(());
        }
        // Only the history is left; it says it all if it knows everything that the broken
        // file still names.
        let Some(steps) = steps.filter(|steps| !steps.is_empty()) else { return Ok(()) };
        let rebuilt = self.folder.load_bytes(article, annotator, None, Some(&steps));
        let Ok(rebuilt) = rebuilt else { return Ok(()) };
        let known = self.folder.whole_history(&history)?;
        let broken = String::from_utf8_lossy(&bytes);
        let named: HashSet<_> = named_in(&broken).collect();
        let in_history = String::from_utf8_lossy(&known.bytes);
        if !named.iter().all(|id| in_history.contains(&format!("\"{id}\""))) {
            return Ok(());
        }
        if let Some(other) =
            wire::annotations_in(&broken).into_iter().find(is_unknown(&known.bytes))
        {
            // Somebody changed the file by hand, and no line of the history tells of it.
            let id = other.annotation.id;
            let what = format!(
                "says of the annotation {id} what its history does not know; it was not rebuilt \
                 from there, because that would be lost"
            );
            self.strange.push(Problem::fault(&file, error.line, what, error.remedy()));
            return Ok(());
        }
        self.replace(&file, &wire::write_set(&rebuilt.set, rebuilt.mark))?;
        let why = error.cause.to_string();
        let again = rebuilt.set.annotations().filter(|found| !named.contains(&found.id)).count();
        let again = match again {
            0 => String::new(),
            1 => ", with 1 annotation that it did not name any more".to_owned(),
            more => format!(", with {more} annotations that it did not name any more"),
        };
        self.did(&file, format!("{why}; it was rebuilt from its history{again}"));
        Ok(())
    }
}

/// A file's name without its folder.
fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The ids that a broken annotation file still names.
fn named_in(text: &str) -> impl Iterator<Item = AnnotationId> {
    text.split("(id: ")
        .skip(1)
        .filter_map(|rest| rest.strip_prefix('"')?.split('"').next()?.parse().ok())
}

/// Tells the annotations that no line of a history knows as they are: with all they say and
/// on these words, wherever those stood.
fn is_unknown(history: &[u8]) -> impl FnMut(&Stored) -> bool {
    let of_line = |(number, line): (u32, &[u8])| {
        let change = read_line(Path::new(""), number, line).ok()?.change;
        let LineChange::Set { edits, inverse } = change else { return None };
        Some(edits.into_iter().chain(inverse))
    };
    let edits = HistoryBytes::of(history).lines.into_iter().filter_map(of_line).flatten();
    let mut known: HashMap<AnnotationId, Vec<Stored>> = HashMap::new();
    for StoredEdit { edit, ranges } in edits {
        if let Edit::Add(annotation) | Edit::Replace(annotation) = edit {
            known
                .entry(annotation.id)
                .or_default()
                .push(Stored { annotation: *annotation, ranges: ranges.into() });
        }
    }
    move |found| {
        let says_the_same = |known: &Stored| {
            let words = |stored: &Stored| surface_of(&stored.ranges);
            let span = found.annotation.span.clone();
            Annotation { span, ..known.annotation.clone() } == found.annotation
                && words(known) == words(found)
        };
        !known.get(&found.annotation.id).is_some_and(|known| known.iter().any(says_the_same))
    }
}

/// A file's content with its faults taken out, and what was done for that.
fn mended(
    folder: &ProjectFolder,
    article: &Arc<Article>,
    mut file: SetFile,
) -> (SetFile, Vec<String>) {
    let mut done = Vec::new();
    let mut taken = HashSet::new();
    let mut ids = IdSource::random();
    let mut anchors = Anchors::new(folder, article.clone());
    for Stored { annotation, ranges } in &mut file.annotations {
        give_fresh_id(annotation, &mut taken, &mut ids, &mut done);
        let placed = anchors.place(Some(file.hash), annotation.id, ranges);
        if placed.is_err()
            && let Some(span) = anchors.near(ranges)
        {
            let (was, is) = (surface_of(ranges), span.surface(article.text()));
            let place = u32::from(span.start());
            done.push(format!(
                "“{was}”, the text of {}, is nowhere in the article; it is kept at {place}, “{is}”, to check",
                annotation.id
            ));
            annotation.was.get_or_insert_with(|| was.into());
            let text = |range: &crate::text::TextRange| article.text()[*range].to_owned();
            *ranges = span.ranges().iter().map(|range| (*range, text(range))).collect();
            annotation.span = span;
        }
    }
    let annotations: HashSet<_> =
        file.annotations.iter().map(|found| found.annotation.id).collect();
    file.relations.retain_mut(|relation| {
        let Relation { id, kind, from, to } = &*relation;
        if [from, to].iter().any(|end| !annotations.contains(end)) {
            done.push(format!(
                "the relation {id} ({kind}, {from} to {to}) led nowhere and is removed"
            ));
            return false;
        }
        if !taken.insert(relation.id.0) {
            let fresh = ids.fresh(|id| taken.contains(&id));
            done.push(format!("a second {id} is now the relation {}", AnnotationId(fresh)));
            relation.id.0 = fresh;
            taken.insert(fresh);
        }
        true
    });
    (file, done)
}

fn give_fresh_id(
    annotation: &mut Annotation,
    taken: &mut HashSet<u64>,
    ids: &mut IdSource,
    done: &mut Vec<String>,
) {
    if taken.insert(annotation.id.0) {
        return;
    }
    let fresh = AnnotationId(ids.fresh(|id| taken.contains(&id)));
    let label = &annotation.label;
    done.push(format!("a second {} ({label}) has the fresh id {fresh}", annotation.id));
    annotation.id = fresh;
    taken.insert(fresh.0);
}

#[cfg(test)]
mod tests;
