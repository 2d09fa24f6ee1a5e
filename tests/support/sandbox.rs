//! A project in memory in which one file after the other is replaced by what a fuzzer
//! thought of, and read as the program reads it. The stable test and the targets of
//! `fuzz/` share it.

#![allow(dead_code, reason = "each fuzz target uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::edit::{Edit, Migration, Step, StepKind, Transaction};
use copydesk::model::{
    AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta, AttributeId, AttributeKind,
    LabelId, Project, RelationTypeId, State, StepId,
};
use copydesk::session::finish_schema_change;
use copydesk::store::{
    BundledSchema, Index, Locking, ProjectFolder, SchemaChange, Settings, Told, bundled_schema,
    check, read_schema, text_with_hash,
};
use sha2::{Digest, Sha256};
use std::fs;
use std::ops::ControlFlow;
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
    /// What stands in the one block of the index's table of articles, which then has the right
    /// length and checksum: whoever forges one knows how.
    Index,
    /// The same of the table of an annotator's sets.
    IndexOfSets,
}

impl Kind {
    pub const ALL: [Self; 15] = [
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
        Self::Index,
        Self::IndexOfSets,
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
            Self::Index => ".copydesk/articles",
            Self::IndexOfSets => ".copydesk/sets/tester",
        }
    }

    fn is_of_index(self) -> bool {
        matches!(self, Self::Index | Self::IndexOfSets)
    }
}

/// A project with one file of each kind.
pub struct Sandbox {
    temporary: tempfile::TempDir,
    article: Arc<Article>,
    /// A project that is large enough for an index.
    large: tempfile::TempDir,
    /// As long as a lock is held there is a note about it.
    _lock: Locking,
}

impl Sandbox {
    /// Copies a project that has every kind of file.
    pub fn of(project: &Path) -> Self {
        let temporary = in_memory();
        copy(project, temporary.path());
        Settings::default().write(&temporary.path().join(Kind::Settings.file())).unwrap();
        let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
        folder.begin_schema_change(&schema_change()).unwrap();
        folder.letters(&[AnnotatorName::new("tester").unwrap()]).unwrap();
        let article = folder.read_article(&ArticleId::new("raid").unwrap()).unwrap();
        let lock = folder.lock_annotator(&AnnotatorName::new("tester").unwrap());
        let (article, large) = (Arc::new(article), large());
        let sandbox = Self { temporary, article, large, _lock: lock };
        sandbox.put(Kind::EarlierText, &sandbox.bytes(Kind::Article));
        sandbox
    }

    fn path(&self, kind: Kind) -> PathBuf {
        if kind.is_of_index() {
            return self.large.path().join(kind.file());
        }
        let mut name = kind.file().to_owned();
        if kind == Kind::EarlierText {
            name.push_str(&self.article.hash().to_string()[..16]);
        }
        self.temporary.path().join(name)
    }

    /// What a file holds.
    pub fn bytes(&self, kind: Kind) -> Vec<u8> {
        let bytes = fs::read(self.path(kind)).unwrap();
        if kind.is_of_index() { bytes[head_of(&bytes) + BLOCK_HEAD..].to_vec() } else { bytes }
    }

    /// Puts bytes in the place of a file.
    pub fn put(&self, kind: Kind, bytes: &[u8]) {
        let path = self.path(kind);
        if !kind.is_of_index() {
            return fs::write(path, bytes).unwrap();
        }
        let before = fs::read(&path).unwrap();
        let mut file = before[..head_of(&before)].to_vec();
        file.extend((bytes.len() as u32).to_le_bytes());
        file.extend(&Sha256::digest(bytes)[..8]);
        file.extend(bytes);
        fs::write(path, file).unwrap();
    }

    /// Reads a file by every way that leads to it. Errors are fine; a panic is not.
    pub fn read(&self, kind: Kind) {
        let annotator = AnnotatorName::new("tester").unwrap();
        if kind == Kind::Settings {
            let _ = Settings::read(&self.path(kind));
            return;
        }
        if kind.is_of_index() {
            return self.read_index(&annotator);
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
            Kind::Index | Kind::IndexOfSets => {}
        }
        if matches!(kind, Kind::History | Kind::Archive | Kind::SchemaHistory) {
            let _ = folder.read_steps(&annotator);
        }
        let _ = check(&folder, &mut |_, _| {});
    }
}

impl Sandbox {
    /// Reads the index and goes by it until it has to be written anew.
    fn read_index(&self, annotator: &AnnotatorName) {
        let folder = ProjectFolder::open(self.large.path()).unwrap().folder;
        let (mut index, known) = Index::load(&folder, Some(annotator));
        if let Some(mut texts) = index.texts().and_then(|texts| texts.open()) {
            for known in known.iter().take(300) {
                let bytes = texts.read(known.place.at, known.place.end());
                let _ =
                    bytes.as_deref().and_then(|bytes| text_with_hash(bytes, known.summary.hash));
            }
        }
        let stop = &mut |_: Told| ControlFlow::Break(());
        let _ = index.refresh(stop);
    }

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

fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The articles from which on a project has an index.
const LARGE: usize = 256;
/// Length and checksum in front of a block of the index.
const BLOCK_HEAD: usize = 12;

/// A project with an index that fits its files.
fn large() -> tempfile::TempDir {
    let root = in_memory();
    let (annotator, project) = (
        AnnotatorName::new("tester").unwrap(),
        Project {
            name: "large".to_owned(),
            annotators: vec![AnnotatorName::new("tester").unwrap()],
            schema: bundled_schema(BundledSchema::Simple).unwrap().into(),
        },
    );
    let folder = ProjectFolder::create(root.path(), &project).unwrap();
    let meta = || ArticleMeta { title: "Raid".to_owned(), ..ArticleMeta::default() };
    let made = |number| {
        let id = ArticleId::new(format!("raid-{number}")).unwrap();
        let article = Arc::new(Article::new(id, meta(), format!("Gunmen raid office {number}")));
        let mut set = AnnotationSet::new(Arc::clone(&article), annotator.clone());
        Transaction::from(vec![Edit::State(State::Done)]).apply(&mut set).unwrap();
        (article, vec![set])
    };
    let made: Vec<_> = (0..LARGE).map(made).collect();
    let articles: Vec<_> = made.iter().map(|(article, sets)| (&**article, &**sets)).collect();
    assert!(folder.add_articles(&articles).iter().all(Result::is_ok));
    let (mut index, _) = Index::load(&folder, Some(&annotator));
    let _ = index.refresh(&mut |_| ControlFlow::Continue(()));
    assert!(Index::load(&folder, Some(&annotator)).0.is_loaded());
    root
}

/// Where the blocks of a table of the index begin.
fn head_of(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1
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
