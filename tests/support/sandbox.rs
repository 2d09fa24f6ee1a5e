//! A project in memory in which one file after the other is replaced by what a fuzzer
//! thought of, and read as the program reads it. The stable test and the targets of
//! `fuzz/` share it.

#![allow(dead_code, reason = "each fuzz target uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::model::{AnnotatorName, Article, ArticleId};
use copydesk::store::{ProjectFolder, Settings, check, read_schema};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Article,
    Set,
    History,
    SchemaHistory,
    Project,
    Assignment,
    Settings,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Article,
        Self::Set,
        Self::History,
        Self::SchemaHistory,
        Self::Project,
        Self::Assignment,
        Self::Settings,
    ];

    fn file(self) -> &'static str {
        match self {
            Self::Article => "articles/raid.ron",
            Self::Set => "annotations/tester/raid.ron",
            Self::History => "history/tester/raid.ron",
            Self::SchemaHistory => "history/project.ron",
            Self::Project => "project.ron",
            Self::Assignment => "assignment.ron",
            Self::Settings => ".settings.ron",
        }
    }
}

/// A project with one file of each kind.
pub struct Sandbox {
    temporary: tempfile::TempDir,
    article: Arc<Article>,
}

impl Sandbox {
    /// Copies a project that has every kind of file.
    pub fn of(project: &Path) -> Self {
        let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let temporary = memory.unwrap();
        copy(project, temporary.path());
        Settings::default().write(&temporary.path().join(Kind::Settings.file())).unwrap();
        let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
        let article = folder.read_article(&ArticleId::new("raid").unwrap()).unwrap();
        Self { temporary, article: Arc::new(article) }
    }

    fn path(&self, kind: Kind) -> PathBuf {
        self.temporary.path().join(kind.file())
    }

    /// What a file holds.
    pub fn bytes(&self, kind: Kind) -> Vec<u8> {
        fs::read(self.path(kind)).unwrap()
    }

    /// Puts bytes in the place of a file.
    pub fn put(&self, kind: Kind, bytes: &[u8]) {
        fs::write(self.path(kind), bytes).unwrap();
    }

    /// Reads a file by every way that leads to it. Errors are fine; a panic is not.
    pub fn read(&self, kind: Kind) {
        let annotator = AnnotatorName::new("tester").unwrap();
        if kind == Kind::Settings {
            let _ = Settings::read(&self.path(kind));
            return;
        }
        if kind == Kind::Project
            && let Ok(text) = fs::read_to_string(self.path(kind))
        {
            let _ = read_schema(&text, Path::new("schema.ron"));
        }
        let Ok(opened) = ProjectFolder::open(self.temporary.path()) else { return };
        let folder = opened.folder;
        match kind {
            Kind::Article => drop(folder.read_article(self.article.id())),
            Kind::Set | Kind::History => drop(folder.read_set(&self.article, &annotator)),
            Kind::Assignment => {
                let _ = folder.read_assignment();
                let _ = folder.last_draw();
            }
            Kind::SchemaHistory | Kind::Project | Kind::Settings => {}
        }
        if matches!(kind, Kind::History | Kind::SchemaHistory) {
            let _ = folder.read_steps(&annotator);
        }
        let _ = check(&folder, &mut |_, _| {});
    }
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
