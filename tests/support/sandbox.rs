//! A project in memory in which one file after the other is replaced by what a fuzzer
//! thought of, and read as the program reads it. The stable test and the targets of
//! `fuzz/` share it.

#![allow(dead_code, reason = "each fuzz target uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::edit::{Migration, Step, StepKind};
use copydesk::model::{
    AnnotatorName, Article, ArticleId, AttributeId, AttributeKind, LabelId, RelationTypeId, StepId,
};
use copydesk::store::{
    BundledSchema, ProjectFolder, SchemaChange, Settings, bundled_schema, check, read_schema,
};
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
    SchemaChange,
    Settings,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Article,
        Self::Set,
        Self::History,
        Self::SchemaHistory,
        Self::Project,
        Self::Assignment,
        Self::SchemaChange,
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
            Self::SchemaChange => SchemaChange::FILE,
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
        folder.begin_schema_change(&schema_change()).unwrap();
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
            Kind::SchemaChange => drop(folder.schema_change()),
            Kind::SchemaHistory | Kind::Project | Kind::Settings => {}
        }
        if matches!(kind, Kind::History | Kind::SchemaHistory) {
            let _ = folder.read_steps(&annotator);
        }
        let _ = check(&folder, &mut |_, _| {});
    }
}

/// A change of the schema that was cut off, with migrations of every shape.
fn schema_change() -> SchemaChange {
    let (label, attribute) = (LabelId::new("actor").unwrap(), AttributeId::new("kind").unwrap());
    let kind = AttributeKind::Decimal { min: Some(-90.0), max: None };
    let relation = RelationTypeId::new("source").unwrap();
    let migrations = vec![
        Migration::RenameLabel { from: label.clone(), to: LabelId::new("agent").unwrap() },
        Migration::MergeLabel { from: LabelId::new("claim").unwrap(), into: label.clone() },
        Migration::RenameChoice {
            label: label.clone(),
            attribute: attribute.clone(),
            from: "rebel".to_owned(),
            to: "a “rebel”\n".to_owned(),
        },
        Migration::ChangeKind { label: label.clone(), attribute, kind },
        Migration::DeleteRelation(relation),
        Migration::DeleteLabel(label),
        Migration::Redefine(bundled_schema(BundledSchema::Simple).unwrap()),
    ];
    let (id, at) = (StepId(7), "2026-11-23T09:12:44.120Z".parse().unwrap());
    let by = AnnotatorName::new("tester").unwrap();
    let step = Step { id, at, by, what: "Rename actor".to_owned(), changes: Vec::new() };
    SchemaChange { kind: StepKind::Do, step, migrations }
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
