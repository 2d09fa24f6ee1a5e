//! Putting a project right, as far as that can be done without guessing.
//!
//! Every file is copied to `.copydesk/backups` before it is changed, every change is
//! listed, and what cannot be put right is left as it is for [`check`] to name. A repair
//! is only written when the file then loads. Nothing that an annotator said is dropped,
//! but for relations that lead nowhere, and those are listed in full.

use super::anchors::{Anchors, surface_of};
use super::backup::Backup;
use super::check::check;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryFile, set_torn_aside};
use super::layout;
use super::load::LoadedSet;
use super::lock::Exclusive;
use super::wire::{self, SetFile, Stored};
use crate::model::{
    Annotation, AnnotationId, AnnotatorName, Article, ArticleId, IdSource, Relation,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
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
    let mut repair = Repair { folder, backup, done: Vec::new() };
    repair.left_over_files()?;
    repair.histories()?;
    repair.project()?;
    repair.articles()?;
    repair.sets(progress)?;
    let Repair { backup, done, .. } = repair;
    let backup = backup.folder().map(Path::to_owned);
    Ok(RepairReport { done, backup, left: check(folder, progress) })
}

struct Repair<'a> {
    folder: &'a ProjectFolder,
    backup: Backup<'a>,
    done: Vec<Repaired>,
}

impl Repair<'_> {
    fn did(&mut self, file: &Path, what: impl Into<String>) {
        self.done.push(Repaired { file: file.to_owned(), what: what.into() });
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
            for entry in disk.list(&folder)? {
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
        for HistoryFile { file, .. } in self.folder.history_files(&mut Vec::new())? {
            // Behind a link is a file of another kind, or of somebody else.
            if self.folder.disk().is_link(&file) {
                continue;
            }
            if let (_, Some(aside)) = set_torn_aside(self.folder.disk(), &file)? {
                let aside = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.did(&file, format!("a line that a crash cut short was moved to {aside}"));
            }
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
        for id in self.folder.article_ids()?.0 {
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
        let sets = self.folder.annotated()?;
        for (done, (article, annotator)) in sets.iter().enumerate() {
            progress(done, sets.len());
            self.set(article, annotator)?;
        }
        Ok(())
    }

    fn set(&mut self, id: &ArticleId, annotator: &AnnotatorName) -> Result<(), StoreError> {
        // Without its article nothing can be said of a set.
        let Ok(article) = self.folder.read_article(id).map(Arc::new) else { return Ok(()) };
        match self.folder.load_set(&article, annotator) {
            Ok(loaded) => self.write_behind(loaded),
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
        let known = String::from_utf8_lossy(&known.bytes);
        if named_in(&String::from_utf8_lossy(&bytes)).all(|id| known.contains(&id)) {
            self.replace(&file, &wire::write_set(&rebuilt.set, rebuilt.mark))?;
            let why = error.cause.to_string();
            self.did(&file, format!("{why}; it was rebuilt from its history"));
        }
        Ok(())
    }
}

/// The ids that a broken annotation file still names, as they stand in it.
fn named_in(text: &str) -> impl Iterator<Item = String> {
    text.split("(id: ").skip(1).filter_map(|rest| {
        let id = rest.strip_prefix('"')?.split('"').next()?;
        id.parse::<AnnotationId>().ok().map(|_| format!("\"{id}\""))
    })
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
