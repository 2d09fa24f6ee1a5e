//! Seeing that a file has changed without reading it.
//!
//! A glimpse is what the file system says of a file: length, time, and on Unix its
//! number, which another file has that was put in its place. Equal glimpses mean the same
//! content for all but malice; different ones only that it is time to read. What a file
//! holds is not known here.

use super::error::StoreError;
use super::folder::ProjectFolder;
use super::layout;
use crate::model::{AnnotatorName, ArticleId};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the file system says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Glimpse {
    len: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Glimpse {
    fn of(folder: &ProjectFolder, file: &Path) -> Option<Self> {
        let metadata = fs::metadata(folder.root().join(file)).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok(), inode })
    }
}

/// What one annotation set on disk consisted of when it was last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    article: Option<Glimpse>,
    file: Option<Glimpse>,
    history: Option<Glimpse>,
}

impl Sight {
    /// Whether the article is as it was in another look.
    pub fn has_same_article(&self, other: &Self) -> bool {
        self.article == other.article
    }
}

/// What name, annotators and schema on disk consisted of when they were last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectSight {
    file: Option<Glimpse>,
    history: Option<Glimpse>,
}

/// Everything of a project that a window follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    project: ProjectSight,
    assignment: Option<Glimpse>,
    articles: Option<Glimpse>,
    note: Option<Glimpse>,
    /// The open article.
    pub open: Option<Sight>,
}

impl Overview {
    /// Whether name, annotators and schema are as they were.
    pub fn has_same_project(&self, other: &Self) -> bool {
        self.project == other.project
    }

    /// Whether the file that says who annotates what is as it was.
    pub fn has_same_assignment(&self, other: &Self) -> bool {
        self.assignment == other.assignment
    }

    /// Whether the folder of the articles is as it was; a text that was changed in its
    /// place leaves it so.
    pub fn has_same_articles(&self, other: &Self) -> bool {
        self.articles == other.articles
    }

    /// Whether the note about who holds the annotator's lock is as it was.
    pub fn has_same_note(&self, other: &Self) -> bool {
        self.note == other.note
    }
}

impl ProjectFolder {
    /// Looks at an annotation set; three system calls.
    pub fn sight(&self, article: &ArticleId, annotator: &AnnotatorName) -> Sight {
        let glimpse = |file: &Path| Glimpse::of(self, file);
        Sight {
            article: glimpse(&layout::article(article)),
            file: glimpse(&layout::set(annotator, article)),
            history: glimpse(&layout::history(annotator, article)),
        }
    }

    /// Looks at what is known of the project as a whole; two system calls.
    pub fn project_sight(&self) -> ProjectSight {
        ProjectSight {
            file: Glimpse::of(self, Path::new(layout::PROJECT)),
            history: Glimpse::of(self, &layout::schema_history()),
        }
    }

    /// The folders, relative to the project, with files that a window follows; those that
    /// are there. Three of them are listed for it, none with many entries.
    pub fn folders_to_follow(&self) -> Vec<PathBuf> {
        let fixed = [
            "",
            layout::ARTICLES,
            layout::ANNOTATIONS,
            layout::GOLD,
            layout::HISTORY,
            layout::LOCAL,
        ];
        let mut folders: Vec<_> = fixed.map(PathBuf::from).into();
        folders.push(layout::LOCKS.into());
        for kind in [layout::ANNOTATIONS, layout::HISTORY] {
            let names = self.annotators_in(kind, &mut Vec::new()).unwrap_or_default();
            folders.extend(names.iter().map(|name| Path::new(kind).join(name.as_str())));
        }
        folders.retain(|folder| self.root().join(folder).is_dir());
        folders
    }

    /// The articles that an annotator has a file of.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn annotated_by(&self, annotator: &AnnotatorName) -> Result<Vec<ArticleId>, StoreError> {
        self.article_files(&layout::sets(annotator), &mut Vec::new())
    }

    /// Looks at everything that a window follows; eight system calls.
    pub fn overview(&self, annotator: &AnnotatorName, open: Option<&ArticleId>) -> Overview {
        let glimpse = |file: &Path| Glimpse::of(self, file);
        Overview {
            project: self.project_sight(),
            assignment: glimpse(Path::new(layout::ASSIGNMENT)),
            articles: glimpse(Path::new(layout::ARTICLES)),
            note: glimpse(&layout::lock_note(annotator)),
            open: open.map(|article| self.sight(article, annotator)),
        }
    }
}
