//! The project's folder as a whole: making one, opening one, its articles.

use super::clock::Clock;
use super::disk::{Disk, Entry};
use super::error::{Cause, Problem, StoreError};
use super::history::{HistoryBytes, read_line, torn_problem};
use super::layout;
use super::version;
use super::wire::{self, Line, LineChange, Mark, ProjectFile};
use crate::model::{AnnotatorName, Article, ArticleId, Project, Schema};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A project on disk. Cheap to clone; clones are the same folder.
#[derive(Clone, Debug)]
pub struct ProjectFolder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    disk: Disk,
    /// `project.ron` is read, changed and written back from two threads.
    project_file: Mutex<()>,
    clock: Clock,
}

/// What opening a project gives.
#[derive(Debug)]
pub struct Opened {
    /// The folder.
    pub folder: ProjectFolder,
    /// What `project.ron` says, with steps of the schema's history that it lacked.
    pub project: Project,
    /// What was noticed on the way.
    pub problems: Vec<Problem>,
}

impl ProjectFolder {
    /// Makes a new project in a folder that is empty or does not exist; hidden files,
    /// such as those of git, may be in it.
    ///
    /// # Errors
    /// When something is there already, or the folder cannot be written to.
    pub fn create(root: &Path, project: &Project) -> Result<Self, StoreError> {
        Self::make(root, project, false)
    }

    /// As [`Self::create`], for a copy that is no project before [`Self::finish_copy`]: it
    /// cannot be opened, whenever the process that fills it ends.
    pub(super) fn begin_copy(root: &Path, project: &Project) -> Result<Self, StoreError> {
        Self::make(root, project, true)
    }

    /// Says that nothing is missing from a copy any more.
    pub(super) fn finish_copy(&self) -> Result<(), StoreError> {
        self.disk().remove(Path::new(layout::UNFINISHED))
    }

    fn make(root: &Path, project: &Project, is_copy: bool) -> Result<Self, StoreError> {
        let disk = Disk::create(root)?;
        let entries = disk.list(Path::new(""))?;
        if entries.iter().any(|entry| entry.name == layout::PROJECT) {
            return Err(StoreError::new(root, Cause::AlreadyProject));
        }
        if entries.iter().any(|entry| !layout::is_hidden(&entry.name)) {
            return Err(StoreError::new(root, Cause::NotEmpty));
        }
        let unfinished = Path::new(layout::UNFINISHED);
        if is_copy {
            disk.replace(unfinished, b"")?;
        } else if disk.len(unfinished)?.is_some() {
            // Left by a copy of which nothing else is there any more.
            disk.remove(unfinished)?;
        }
        // The project's file comes first: what has one is a project, whatever else a
        // crash left out.
        let file = ProjectFile { project: project.clone(), mark: None };
        disk.create_new(Path::new(layout::PROJECT), wire::write_project(&file).as_bytes())?;
        for folder in layout::FOLDERS {
            disk.make_folder(Path::new(folder))?;
        }
        Ok(Self::of(disk))
    }

    /// Opens a project. One of an older format is brought to this version's, after a backup.
    /// Steps of the schema's history that `project.ron` lacks, because a
    /// crash came between, are applied.
    ///
    /// # Errors
    /// When there is no project, or its file cannot be read.
    pub fn open(root: &Path) -> Result<Opened, StoreError> {
        let folder = Self::of(Disk::open(root)?);
        // Where that cannot be seen it is no folder of ours, and nothing stands in it.
        if matches!(folder.disk().len(Path::new(layout::UNFINISHED)), Ok(Some(_))) {
            return Err(StoreError::new(root, Cause::UnfinishedCopy));
        }
        let mut read = folder.read_project_file();
        if let Some(found) = read.as_ref().err().and_then(version::older)
            && let Some(migrated) = version::upgrade(&folder, found)?
        {
            read = folder.read_project_file();
            if let Ok((_, problems)) = &mut read {
                problems.push(migrated);
            }
        }
        let (file, problems) = read.map_err(|error| match error.cause {
            Cause::NotFound => StoreError::new(root, Cause::NotAProject),
            _ => error,
        })?;
        Ok(Opened { folder, project: file.project, problems })
    }

    fn of(disk: Disk) -> Self {
        Self(Arc::new(Inner { disk, project_file: Mutex::new(()), clock: Clock::default() }))
    }

    /// The project's folder as an absolute path.
    pub fn root(&self) -> &Path {
        self.0.disk.root()
    }

    /// The time of a step that is made now: the computer's, but never before that of a
    /// step of the annotator that was made or read since the project was opened.
    pub fn stamp(&self) -> Timestamp {
        self.0.clock.stamp()
    }

    /// Notes the time of a step that is there.
    pub(super) fn saw_step(&self, at: Timestamp) {
        self.0.clock.saw(at);
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    /// Replaces `project.ron`: name, annotators and schema.
    ///
    /// # Errors
    /// When the file there cannot be read, and so must not be replaced, or not written.
    pub fn write_project(&self, project: &Project) -> Result<(), StoreError> {
        self.change_project(|file| {
            file.project.clone_from(project);
            Ok(())
        })
    }

    /// Reads `project.ron`, changes it and writes it back.
    pub(super) fn change_project(
        &self,
        change: impl FnOnce(&mut ProjectFile) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let _guard = self.lock_project();
        let mut file = self.read_project_alone()?;
        change(&mut file)?;
        let text = wire::write_project(&file);
        self.disk().replace(Path::new(layout::PROJECT), text.as_bytes())
    }

    /// A panic while the lock was held left no half of anything: files are replaced whole.
    fn lock_project(&self) -> MutexGuard<'_, ()> {
        self.0.project_file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `project.ron` says, with the steps of its history that it lacks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_project(&self) -> Result<(Project, Vec<Problem>), StoreError> {
        self.read_project_file().map(|(file, problems)| (file.project, problems))
    }

    /// `project.ron` as it stands, without the history.
    fn read_project_alone(&self) -> Result<ProjectFile, StoreError> {
        let name = Path::new(layout::PROJECT);
        let bytes = self.disk().read(name)?;
        let bytes = bytes.ok_or_else(|| StoreError::new(name, Cause::NotFound))?;
        wire::text(&bytes).and_then(wire::read_project).map_err(|fault| fault.of(name, 0))
    }

    /// `project.ron` with the steps of its history that it lacks.
    pub(super) fn read_project_file(&self) -> Result<(ProjectFile, Vec<Problem>), StoreError> {
        let _guard = self.lock_project();
        let mut file = self.read_project_alone()?;
        let mut problems = Vec::new();
        let name = layout::schema_history();
        let Some(bytes) = self.disk().read(&name)? else {
            if file.mark.is_some() {
                let what = "its history is missing: what was done to the schema cannot be undone \
                            or told any more";
                let remedy = format!("restore {} if there is a copy", name.display());
                problems.push(Problem::note(layout::PROJECT, None, what, remedy));
            }
            return Ok((file, problems));
        };
        let history = HistoryBytes::of(&bytes);
        if history.whole < bytes.len() {
            problems.push(torn_problem(&name, history.count));
        }
        let behind = match file.mark {
            None => Some(&*history.lines),
            Some(mark) => history.behind(mark),
        };
        let behind = match (behind, file.mark) {
            // It names a line that is in an archive by now.
            (None, Some(mark)) if self.knows(&name, mark)? => Some(&*history.lines),
            (behind, _) => behind,
        };
        let Some(behind) = behind else {
            let what = "names a last step that history/project.ron lacks";
            let remedy = "restore that file if steps are missing";
            problems.push(Problem::note(layout::PROJECT, None, what, remedy));
            return Ok((file, problems));
        };
        // A change of the schema holds the whole of it, so the last line says it all.
        let mut lines = behind.iter().rev().map(|(number, line)| read_line(&name, *number, line));
        let is_gap = |line: &Result<Line, _>| line.as_ref().is_ok_and(Line::is_gap);
        let Some(line) = lines.find(|line| !is_gap(line)) else { return Ok((file, problems)) };
        let line = line?;
        if let LineChange::Schema { after, .. } = line.change {
            if after != file.project.schema {
                let what = format!("“{}” was added from the history after a crash", line.what);
                problems.push(Problem::note(layout::PROJECT, None, what, ""));
            }
            file.project.schema = after;
            file.mark = Some(Mark { step: line.step, lines: history.lines_of(line.step) });
        }
        Ok((file, problems))
    }

    /// The last line of the schema's history that `project.ron` holds.
    pub(super) fn project_mark(&self) -> Result<Option<Mark>, StoreError> {
        let _guard = self.lock_project();
        self.read_project_alone().map(|file| file.mark)
    }

    /// Says in `project.ron` that it holds every line of its history.
    pub(crate) fn end_schema_history(&self) -> Result<(), StoreError> {
        let bytes = self.disk().read(&layout::schema_history())?.unwrap_or_default();
        let mark = HistoryBytes::of(&bytes).last_mark();
        self.change_project(|file| {
            file.mark = mark;
            Ok(())
        })
    }

    /// Prepares `project.ron` for a line in its history: where it names a last step that
    /// the history lacks, the line would not be found again. Gives back the schema that
    /// the file holds, and that with the steps of its history.
    pub(super) fn ready_for_schema_step(&self) -> Result<(Arc<Schema>, Arc<Schema>), StoreError> {
        let (whole, _) = self.read_project_file()?;
        let file = self.read_project_alone()?;
        let name = layout::schema_history();
        let bytes = self.disk().read(&name)?.unwrap_or_default();
        let history = HistoryBytes::of(&bytes);
        if let Some(mark) = file.mark.filter(|mark| history.behind(*mark).is_none())
            // One that is in an archive is found again.
            && !self.knows(&name, mark)?
        {
            self.change_project(|file| {
                file.mark = history.last_mark();
                Ok(())
            })?;
        }
        Ok((file.project.schema, whole.project.schema))
    }

    /// The ids of all articles in order, and the names in the folder that are none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn article_ids(&self) -> Result<(Vec<ArticleId>, Vec<Problem>), StoreError> {
        let mut problems = Vec::new();
        let ids = self.article_files(Path::new(layout::ARTICLES), &mut problems)?;
        Ok((ids, problems))
    }

    /// The articles that a folder has files of.
    pub(super) fn article_files(
        &self,
        folder: &Path,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<ArticleId>, StoreError> {
        let mut ids = Vec::new();
        for entry in self.disk().list(folder)? {
            ids.extend(self.article_in(folder, &entry, problems));
        }
        ids.sort();
        Ok(ids)
    }

    /// The article that a file belongs to; anything else is a problem.
    pub(super) fn article_in(
        &self,
        folder: &Path,
        entry: &Entry,
        problems: &mut Vec<Problem>,
    ) -> Option<ArticleId> {
        let file = folder.join(&entry.name);
        if layout::is_hidden(&entry.name) {
            problems.extend(left_over(&file, &entry.name));
        } else if let (Some(beside), false) = (layout::beside_archive(&entry.name), entry.is_folder)
        {
            problems.extend(self.unreached_archive(file, &folder.join(beside)));
        } else if entry.name.contains(layout::TORN) && !entry.is_folder {
            problems.push(kept_aside(&file));
        } else if entry.name.contains(layout::THEIRS) && !entry.is_folder {
            problems.push(other_version(&file));
        } else if entry.name.contains(layout::WAS) && !entry.is_folder {
            // The text of an article from before it was corrected.
        } else if let (Some(stem), false) = (layout::stem(&entry.name), entry.is_folder) {
            match ArticleId::new(stem) {
                Ok(id) => return Some(id),
                Err(error) => problems.push(unknown(file, &error.to_string())),
            }
        } else {
            problems.push(unknown(file, "is no file of a project"));
        }
        None
    }

    /// An archive counts only with the file that must be beside it.
    fn unreached_archive(&self, archive: PathBuf, beside: &Path) -> Option<Problem> {
        if !matches!(self.disk().len(beside), Ok(None)) {
            return None;
        }
        let what = format!("is the older part of a history whose part {} is missing", {
            beside.display()
        });
        Some(Problem::note(archive, None, what, "restore that file if there is a copy"))
    }

    /// The annotators that have a folder of their own in `annotations` or `history`; in
    /// the latter the gold set has one too.
    pub(super) fn annotators_in(
        &self,
        folder: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<AnnotatorName>, StoreError> {
        let mut names = Vec::new();
        for entry in self.disk().list(Path::new(folder))? {
            let path = Path::new(folder).join(&entry.name);
            if layout::is_hidden(&entry.name) {
                problems.extend(left_over(&path, &entry.name));
            } else if entry.is_folder {
                let name = match folder {
                    layout::HISTORY => AnnotatorName::of_set(&entry.name),
                    _ => AnnotatorName::new(&entry.name),
                };
                match name {
                    Ok(name) => names.push(name),
                    Err(error) => problems.push(unknown(path, &error.to_string())),
                }
            } else if path == layout::schema_history() {
                // The one file that belongs there.
            } else if let Some(beside) = layout::beside_archive(&entry.name) {
                problems.extend(self.unreached_archive(path, &Path::new(folder).join(beside)));
            } else if entry.name.contains(layout::TORN) {
                problems.push(kept_aside(&path));
            } else {
                problems.push(unknown(path, "is no file of a project"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Every annotation set that has a file, gold too: the article and whose it is. A set whose
    /// file was never written, because a crash came before, has only a history and is
    /// listed too.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn annotated(&self) -> Result<Vec<(ArticleId, AnnotatorName)>, StoreError> {
        let mut sets = std::collections::BTreeSet::new();
        let mut unknown = Vec::new();
        for folder in [layout::ANNOTATIONS, layout::HISTORY] {
            for annotator in self.annotators_in(folder, &mut unknown)? {
                let files = Path::new(folder).join(annotator.as_str());
                let articles = match self.article_files(&files, &mut unknown) {
                    // A folder that is none of the project's is named by a check.
                    Err(error) if !error.is_passing() => continue,
                    articles => articles?,
                };
                sets.extend(articles.into_iter().map(|article| (article, annotator.clone())));
            }
        }
        for article in self.article_files(Path::new(layout::GOLD), &mut unknown)? {
            sets.insert((article, AnnotatorName::gold()));
        }
        Ok(sets.into_iter().collect())
    }

    /// Adds an annotator to `project.ron`, while nobody else writes; one that is there
    /// already changes nothing.
    ///
    /// # Errors
    /// As for [`Self::write_project`].
    pub(super) fn add_annotator(&self, name: &AnnotatorName) -> Result<(), StoreError> {
        if self.read_project_alone()?.project.annotators.contains(name) {
            return self.disk().settle_file_name(Path::new(layout::PROJECT));
        }
        self.change_project(|file| {
            file.project.annotators.push(name.clone());
            Ok(())
        })
    }

    /// Reads an article and checks its text against its hash.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it is not the text it was.
    pub fn read_article(&self, id: &ArticleId) -> Result<Article, StoreError> {
        self.read_article_at(&layout::article(id), id)
    }

    /// The length of an article's file in bytes; zero where it cannot be looked at.
    pub fn article_bytes(&self, id: &ArticleId) -> u64 {
        self.disk().len(&layout::article(id)).ok().flatten().unwrap_or(0)
    }

    /// The length of an annotation file in bytes; zero where there is none.
    pub fn set_bytes(&self, annotator: &AnnotatorName, id: &ArticleId) -> u64 {
        self.disk().len(&layout::set(annotator, id)).ok().flatten().unwrap_or(0)
    }

    /// Adds an article. A file that is there already is never overwritten.
    ///
    /// # Errors
    /// [`Cause::Exists`] when the id is taken; else when the file cannot be written.
    pub fn add_article(&self, article: &Article) -> Result<(), StoreError> {
        let text = wire::write_article(article);
        self.disk().create_new(&layout::article(article.id()), text.as_bytes())
    }
}

/// Reads a schema file: `(labels: [...], relations: [...])`, as it stands in
/// `project.ron`. `name` is what the file is called in errors.
///
/// # Errors
/// When it cannot be read or is no schema.
pub fn read_schema(text: &str, name: &Path) -> Result<Schema, StoreError> {
    wire::read_schema(text.strip_prefix('\u{feff}').unwrap_or(text))
        .map_err(|fault| fault.of(name, 0))
}

fn left_over(file: &Path, name: &str) -> Option<Problem> {
    layout::is_temporary(name).then(|| {
        Problem::note(file, None, "was left by a crash while a file was written", "delete it")
    })
}

fn kept_aside(file: &Path) -> Problem {
    Problem::note(
        file,
        None,
        "holds a line that a crash cut short, or a history as it was before a repair",
        "delete it when nothing is missing",
    )
}

fn other_version(file: &Path) -> Problem {
    Problem::note(
        file,
        None,
        "is the other version of annotations that two windows or a copy from elsewhere changed, or \
         both of them as git left them",
        "delete it when nothing is missing",
    )
}

fn unknown(file: PathBuf, what: &str) -> Problem {
    Problem::note(file, None, what, "rename it or move it out of the project")
}
