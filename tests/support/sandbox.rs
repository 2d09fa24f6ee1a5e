//! A project in memory in which one file after the other is replaced by what a fuzzer
//! thought of, and read as the program reads it. The stable test and the targets of
//! `fuzz/` share it.

#![allow(dead_code, reason = "each fuzz target uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::edit::{Migration, Step, StepKind};
use copydesk::model::{
    AnnotatorName, Article, ArticleId, AttributeId, AttributeKind, LabelId, RelationTypeId, StepId,
};
use copydesk::session::finish_schema_change;
use copydesk::store::{
    BundledSchema, Locking, ProjectFolder, SchemaChange, Settings, bundled_schema, check,
    read_schema,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Article,
    /// The text before a correction.
    EarlierText,
    Set,
    /// The gold set, with comments and rulings.
    Gold,
    History,
    /// The older lines of a history.
    Archive,
    SchemaHistory,
    Project,
    Assignment,
    /// Who holds the lock of an annotator.
    LockNote,
    SchemaChange,
    /// Whose letter is which while names are hidden.
    Letters,
    Settings,
}

impl Kind {
    pub const ALL: [Self; 13] = [
        Self::Article,
        Self::EarlierText,
        Self::Set,
        Self::Gold,
        Self::History,
        Self::Archive,
        Self::SchemaHistory,
        Self::Project,
        Self::Assignment,
        Self::LockNote,
        Self::SchemaChange,
        Self::Letters,
        Self::Settings,
    ];

    /// The name of the file, without what the earlier text has of its hash behind it.
    fn file(self) -> &'static str {
        match self {
            Self::Article => "articles/raid.ron",
            Self::EarlierText => "articles/raid.ron.was-",
            Self::Set => "annotations/tester/raid.ron",
            Self::Gold => "gold/raid.ron",
            Self::History => "history/tester/raid.ron",
            Self::Archive => "history/tester/raid.ron.old-1",
            Self::SchemaHistory => "history/project.ron",
            Self::Project => "project.ron",
            Self::Assignment => "assignment.ron",
            Self::LockNote => ".copydesk/locks/tester.ron",
            Self::SchemaChange => SchemaChange::FILE,
            Self::Letters => ".copydesk/letters.ron",
            Self::Settings => ".settings.ron",
        }
    }
}

/// A project with one file of each kind.
pub struct Sandbox {
    temporary: tempfile::TempDir,
    article: Arc<Article>,
    /// As long as a lock is held there is a note about it.
    _lock: Locking,
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
        folder.letters(&[AnnotatorName::new("tester").unwrap()]).unwrap();
        let article = folder.read_article(&ArticleId::new("raid").unwrap()).unwrap();
        let lock = folder.lock_annotator(&AnnotatorName::new("tester").unwrap());
        let sandbox = Self { temporary, article: Arc::new(article), _lock: lock };
        sandbox.put(Kind::EarlierText, &sandbox.bytes(Kind::Article));
        sandbox
    }

    fn path(&self, kind: Kind) -> PathBuf {
        let mut name = kind.file().to_owned();
        if kind == Kind::EarlierText {
            name.push_str(&self.article.hash().to_string()[..16]);
        }
        self.temporary.path().join(name)
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
            Kind::Set | Kind::History | Kind::Archive => {
                let _ = folder.read_set(&self.article, &annotator);
                let _ = folder.trail(&annotator, self.article.id(), None);
            }
            Kind::Gold => drop(folder.read_set(&self.article, &AnnotatorName::gold())),
            Kind::EarlierText => self.read_on_corrected_text(&folder, &annotator),
            Kind::LockNote => drop(folder.holder(&annotator)),
            Kind::Assignment => {
                let _ = folder.read_assignment();
                let _ = folder.last_draw();
            }
            Kind::SchemaChange => self.read_schema_change(&folder),
            Kind::Letters => drop(folder.letters(std::slice::from_ref(&annotator))),
            Kind::SchemaHistory | Kind::Project | Kind::Settings => {}
        }
        if matches!(kind, Kind::History | Kind::Archive | Kind::SchemaHistory) {
            let _ = folder.read_steps(&annotator);
        }
        let _ = check(&folder, &mut |_, _| {});
    }
}

impl Sandbox {
    /// Finishes a change of the schema that was cut off, and puts what it wrote back as it
    /// was.
    fn read_schema_change(&self, folder: &ProjectFolder) {
        let _ = folder.schema_change();
        let all = [Kind::Project, Kind::Set, Kind::Gold, Kind::History, Kind::SchemaHistory];
        let before = all.map(|kind| (kind, self.bytes(kind)));
        let change = self.bytes(Kind::SchemaChange);
        let _ = finish_schema_change(folder);
        for (kind, bytes) in before {
            self.put(kind, &bytes);
        }
        self.put(Kind::SchemaChange, &change);
    }

    /// Reads the annotations after the text was corrected elsewhere: where they stood is
    /// looked up in the earlier text.
    fn read_on_corrected_text(&self, folder: &ProjectFolder, annotator: &AnnotatorName) {
        let before = self.bytes(Kind::Article);
        let after = String::from_utf8(before.clone()).unwrap().replace("police", "the police");
        self.put(Kind::Article, after.as_bytes());
        if let Ok(article) = folder.read_article(self.article.id()) {
            let _ = folder.read_set(&Arc::new(article), annotator);
        }
        self.put(Kind::Article, &before);
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
    SchemaChange { kind: StepKind::Do, step, migrations, holder: None }
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
