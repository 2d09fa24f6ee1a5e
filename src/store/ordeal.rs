//! What a project has to go through, and the law that it must satisfy afterwards.
//!
//! A [`World`] is a project that is edited at random through the store, with a record of
//! what was reported durable. [`faults`] lets each operation fail or be the last one;
//! [`power_cut`] plays the recorded operations again and loses what was not synced. After
//! whatever happened, [`Promise::check`] is the law: all that was reported is there,
//! every file loads, `check` finds no fault, and the undo history agrees with the sets.

mod faults;
mod power_cut;

pub(crate) use power_cut::cut_power;

use super::disk::fault::Faults;
use super::error::{Cause, StoreError};
use super::folder::{Opened, ProjectFolder};
use super::testing;
use super::writer::{Draft, Writer};
use super::{BundledSchema, Correction, bundled_schema, check};
use crate::edit::{Change, Edit, Step, StepKind, Transaction};
use crate::model::{
    Annotation, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta, Project, Schema,
    Span, State, StepId,
};
use crate::text::{TextRange, TextSize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which of twelve acts corrects a text: when there is something that has to move, and
/// something is done afterwards.
const CORRECTED: usize = 8;

type Key = (ArticleId, AnnotatorName);

/// How many bytes of a history stay when it is compacted.
const KEPT: u64 = 300;

/// One thing that a process does to a project.
#[derive(Clone, Debug)]
enum Act {
    Create,
    AddArticle(Arc<Article>),
    AddAnnotator(AnnotatorName),
    Commit(StepKind, Step),
    Flush,
    /// An annotation file is begun, and others go on meanwhile.
    Begin,
    /// The file that was begun is made and put in place.
    Put,
    /// Older lines of a history are copied to an archive.
    Archive(Key),
    /// Lines that are in an archive are cut off.
    Cut(Key),
    /// Something is put before the text of an article, so that all of it moves.
    Correct(ArticleId, StepId),
}

/// What a project may hold after a mishap: for each part of it the last state that was
/// reported durable and those that were tried since.
#[derive(Clone, Debug, Default)]
struct Promise {
    exists: Vec<bool>,
    articles: BTreeMap<ArticleId, Vec<bool>>,
    annotators: BTreeMap<AnnotatorName, Vec<bool>>,
    /// The texts that corrections made, or may have made.
    texts: BTreeMap<ArticleId, Vec<Arc<str>>>,
    schemas: Vec<Arc<Schema>>,
    sets: BTreeMap<Key, Vec<AnnotationSet>>,
    /// Lines of the histories that were reported durable.
    events: Vec<(StepKind, StepId)>,
    /// Steps of several files that were never reported, by what they touch: a crash may
    /// have left a part of one, and then the undo history cannot agree with all sets.
    unsure: Vec<(StepId, Key)>,
}

/// A project that is being edited, and what is known about it.
struct World {
    random: fastrand::Rng,
    root: PathBuf,
    process: Option<(ProjectFolder, Writer)>,
    /// A file that is being made.
    begun: Option<Draft>,
    promise: Promise,
    /// The sets and the schema as the process has them.
    sets: BTreeMap<Key, AnnotationSet>,
    schema: Arc<Schema>,
    articles: Vec<Arc<Article>>,
    /// Steps that can be undone, and redone.
    done: Vec<Step>,
    undone: Vec<Step>,
    next: u64,
    acts: usize,
}

fn annotator(number: usize) -> AnnotatorName {
    AnnotatorName::new(format!("annotator-{number}")).unwrap()
}

fn article(number: usize) -> Arc<Article> {
    let id = ArticleId::new(format!("article-{number}")).unwrap();
    let text = format!("{} {number}", testing::TEXT);
    Arc::new(Article::new(id, ArticleMeta::default(), text))
}

fn first_schema() -> Arc<Schema> {
    Arc::new(bundled_schema(BundledSchema::Simple).unwrap())
}

impl World {
    fn new(root: &Path, seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            root: root.to_owned(),
            process: None,
            begun: None,
            promise: Promise { exists: vec![false], ..Promise::default() },
            sets: BTreeMap::new(),
            schema: first_schema(),
            articles: Vec::new(),
            done: Vec::new(),
            undone: Vec::new(),
            next: 1,
            acts: 0,
        }
    }

    /// Something that fits the project as it is.
    fn invent(&mut self) -> Act {
        if self.process.is_none() {
            return Act::Create;
        }
        if self.articles.is_empty() {
            return Act::AddArticle(article(0));
        }
        self.acts += 1;
        if self.acts % 12 == CORRECTED {
            let at = self.random.usize(..self.articles.len());
            self.next += 1;
            return Act::Correct(self.articles[at].id().clone(), StepId(self.next));
        }
        let key = |world: &mut Self| {
            let at = world.random.usize(..world.articles.len());
            (world.articles[at].id().clone(), annotator(1))
        };
        match self.random.u8(..24) {
            0 => Act::AddArticle(article(self.articles.len())),
            20 | 21 => Act::Archive(key(self)),
            22 | 23 => Act::Cut(key(self)),
            1 => Act::AddAnnotator(annotator(self.random.usize(1..4))),
            2 | 3 => Act::Flush,
            4 | 5 if self.begun.is_some() => Act::Put,
            4 | 5 => Act::Begin,
            6 | 7 if !self.done.is_empty() => {
                Act::Commit(StepKind::Undo, self.done[self.done.len() - 1].clone())
            }
            8 if !self.undone.is_empty() => {
                Act::Commit(StepKind::Redo, self.undone[self.undone.len() - 1].clone())
            }
            9 | 10 => Act::Commit(StepKind::Do, self.schema_step()),
            _ => Act::Commit(StepKind::Do, self.step()),
        }
    }

    fn new_step(&mut self, changes: Vec<Change>) -> Step {
        let id = StepId(self.next);
        let at = jiff::Timestamp::from_millisecond(self.next as i64).unwrap();
        self.next += 1;
        Step { id, at, by: annotator(1), what: format!("Step {}", id.0), changes }
    }

    fn schema_step(&mut self) -> Step {
        let before = Arc::clone(&self.schema);
        let mut labels = before.labels().to_vec();
        labels[0].name = format!("Actor {}", self.next);
        let after = Arc::new(Schema::new(labels, before.relations().to_vec()).unwrap());
        let mut step = self.step();
        step.changes.insert(0, Change::Schema { before, after });
        step
    }

    /// A step over one set, and now and then over two.
    fn step(&mut self) -> Step {
        let first = self.random.usize(..self.articles.len());
        let mut chosen = vec![(first, 1)];
        if self.random.u8(..4) == 0 {
            chosen.push((self.random.usize(..self.articles.len()), 2));
        }
        let changes = chosen.into_iter().map(|(at, by)| {
            let article = Arc::clone(&self.articles[at]);
            let key = (article.id().clone(), annotator(by));
            let empty = || AnnotationSet::new(article, key.1.clone());
            let mut set = self.sets.get(&key).cloned().unwrap_or_else(empty);
            let forward = Transaction::from(vec![self.edit(&set)]);
            let backward = forward.apply(&mut set).unwrap();
            Change::Set { article: key.0, annotator: key.1, forward, backward }
        });
        let changes = changes.collect::<Vec<_>>();
        self.new_step(changes)
    }

    fn edit(&mut self, set: &AnnotationSet) -> Edit {
        let ids: Vec<_> = set.annotations().map(|found| found.id).collect();
        self.next += 1;
        match self.random.u8(..5) {
            0 if !ids.is_empty() => Edit::Remove(ids[self.random.usize(..ids.len())]),
            1 if set.state() != State::Done => Edit::State(State::Done),
            2 if !ids.is_empty() => {
                let id = ids[self.random.usize(..ids.len())];
                let mut changed = set.annotation(id).unwrap().clone();
                // Long enough to lie in several blocks of the disk.
                changed.note = format!("{} ", self.next).repeat(self.random.usize(1..400));
                Edit::replace(changed)
            }
            _ => Edit::add(mark(self.next, set)),
        }
    }

    /// Does something, and keeps the promise up to date.
    fn act(&mut self, act: &Act) -> Result<(), StoreError> {
        let mut promise = std::mem::take(&mut self.promise);
        promise.extend(self, act);
        let result = self.carry_out(act);
        if result.is_ok() {
            self.take_in(act);
            promise.settle(self, act);
        }
        self.promise = promise;
        result
    }

    fn carry_out(&mut self, act: &Act) -> Result<(), StoreError> {
        if let Act::Create = act {
            let project = Project {
                name: "p".into(),
                annotators: vec![annotator(1)],
                schema: first_schema(),
            };
            let folder = match ProjectFolder::create(&self.root, &project) {
                // A first attempt may have come far enough.
                Err(StoreError { cause: Cause::AlreadyProject, .. }) => {
                    ProjectFolder::open(&self.root)?.folder
                }
                made => made?,
            };
            self.process = Some((folder.clone(), Writer::new(folder)));
            return Ok(());
        }
        let (folder, writer) = self.process.as_mut().unwrap();
        match act {
            Act::Create => Ok(()),
            Act::AddArticle(article) => match folder.add_article(article) {
                Err(StoreError { cause: Cause::Exists, .. }) => Ok(()),
                added => added,
            },
            Act::AddAnnotator(name) => folder.add_annotator(name),
            Act::Commit(kind, step) => writer.commit(*kind, step),
            Act::Correct(id, step) => correct(folder, id, *step),
            Act::Flush => writer.flush(),
            Act::Archive((article, by)) => {
                let owner = (by.clone(), article.clone());
                folder.archive_lines(Some(&owner), KEPT, KEPT).map(|_| ())
            }
            Act::Cut((article, by)) => {
                writer.cut_history(Some(&(by.clone(), article.clone()))).map(|_| ())
            }
            Act::Begin => {
                self.begun = writer.draft(true);
                said(writer)
            }
            Act::Put => {
                if let Some(draft) = self.begun.take() {
                    writer.put(draft.make());
                }
                said(writer)
            }
        }
    }

    /// Brings what the process knows up to date.
    fn take_in(&mut self, act: &Act) {
        match act {
            Act::AddArticle(article) => self.articles.push(Arc::clone(article)),
            Act::Commit(kind, step) => {
                for (key, set) in self.after(*kind, step) {
                    self.sets.insert(key, set);
                }
                self.schema = schema_after(*kind, step).unwrap_or(Arc::clone(&self.schema));
                match kind {
                    StepKind::Do => {
                        self.done.push(step.clone());
                        self.undone.clear();
                    }
                    StepKind::Undo => self.undone.extend(self.done.pop()),
                    StepKind::Redo => self.done.extend(self.undone.pop()),
                }
            }
            // What was done before was done on another text.
            Act::Correct(..) => self.read_anew(),
            Act::Create | Act::AddAnnotator(_) | Act::Flush => {}
            Act::Begin | Act::Put | Act::Archive(_) | Act::Cut(_) => {}
        }
    }

    /// What the sets that a step touches become.
    fn after(&self, kind: StepKind, step: &Step) -> Vec<(Key, AnnotationSet)> {
        let sets = step.changes.iter().filter_map(|change| {
            let Change::Set { article, annotator, forward, backward } = change else {
                return None;
            };
            let key = (article.clone(), annotator.clone());
            let known = self.articles.iter().find(|known| known.id() == article).unwrap();
            let empty = || AnnotationSet::new(Arc::clone(known), annotator.clone());
            let mut set = self.sets.get(&key).cloned().unwrap_or_else(empty);
            let edits = if kind == StepKind::Undo { backward } else { forward };
            edits.apply(&mut set).unwrap();
            Some((key, set))
        });
        sets.collect()
    }

    /// The process is gone; another one opens the project and takes what it finds.
    fn start_again(&mut self) {
        self.process = None;
        self.begun = None;
        let Ok(Opened { folder, project, .. }) = ProjectFolder::open(&self.root) else {
            assert!(!self.promise.exists.iter().all(|exists| *exists), "the project is gone");
            return;
        };
        self.schema = project.schema;
        self.process = Some((folder.clone(), Writer::new(folder)));
        self.read_anew();
    }

    /// Takes what is there, with nothing that could be undone.
    fn read_anew(&mut self) {
        Faults::here().aside(|| self.read_all());
    }

    fn read_all(&mut self) {
        self.done.clear();
        self.undone.clear();
        self.sets.clear();
        self.articles.clear();
        let Some((folder, _)) = &self.process else { return };
        for id in folder.article_ids().unwrap().0 {
            self.articles.push(Arc::new(folder.read_article(&id).unwrap()));
        }
        for key in folder.annotated().unwrap() {
            if let Some(article) = self.articles.iter().find(|article| *article.id() == key.0) {
                let set = folder.read_set(article, &key.1).unwrap().set;
                self.sets.insert(key, set);
            }
        }
    }
}

/// The first word of what the text was at first.
fn mark(id: u64, set: &AnnotationSet) -> Annotation {
    let mark = testing::mark(id, 7);
    let at = TextSize::new(set.article().text().find(testing::TEXT).unwrap() as u32);
    let span = Span::new(TextRange::at(at, mark.span.extent().len())).unwrap();
    Annotation { span, ..mark }
}

/// What a correction makes of a text.
fn corrected(now: &Article, step: StepId) -> Article {
    let text = format!("Corrected {step}: {}", now.text());
    Article::new(now.id().clone(), now.meta().clone(), text)
}

/// Corrects a text as a window does, between two steps. One that an attempt before came as
/// far as the article with is corrected once more.
fn correct(folder: &ProjectFolder, id: &ArticleId, step: StepId) -> Result<(), StoreError> {
    let now = folder.read_article(id)?;
    let after = corrected(&now, step);
    let (before, by) = (now.hash(), annotator(1));
    let correction = Correction { step, by, article: id.clone(), before, after: after.hash() };
    folder.correct_as(&correction, &after).map(|_| ())
}

/// What a set says, whatever a correction has put before the text: each annotation with its
/// place in the text that there was at first.
fn said_in(set: &AnnotationSet) -> (State, Vec<Annotation>) {
    let text = set.article().text();
    let before = TextSize::new(text.find(testing::TEXT).unwrap() as u32);
    let back = |found: &Annotation| {
        let ranges = found.span.ranges().iter();
        let ranges = ranges.map(|range| TextRange::at(range.start() - before, range.len()));
        Annotation { span: Span::from_ranges(ranges.collect()).unwrap(), ..found.clone() }
    };
    (set.state(), set.annotations().map(back).collect())
}

/// What a writer failed to do in the background, as a failure; it is tried again.
fn said(writer: &mut Writer) -> Result<(), StoreError> {
    let Some(why) = writer.failure().map(ToOwned::to_owned) else { return Ok(()) };
    writer.forget_failures();
    Err(StoreError::new("", Cause::BadValue(why)))
}

/// The sets that a step touches.
fn keys(step: &Step) -> impl Iterator<Item = Key> {
    step.changes.iter().filter_map(|change| match change {
        Change::Set { article, annotator, .. } => Some((article.clone(), annotator.clone())),
        Change::Schema { .. } => None,
    })
}

fn schema_after(kind: StepKind, step: &Step) -> Option<Arc<Schema>> {
    step.changes.iter().find_map(|change| match change {
        Change::Schema { before, .. } if kind == StepKind::Undo => Some(Arc::clone(before)),
        Change::Schema { after, .. } => Some(Arc::clone(after)),
        Change::Set { .. } => None,
    })
}

impl Promise {
    /// What an act may make of the project while it is not reported yet.
    fn extend(&mut self, world: &World, act: &Act) {
        match act {
            Act::Create => {
                self.exists.push(true);
                self.annotators.entry(annotator(1)).or_insert_with(|| vec![true]);
                self.schemas = vec![first_schema()];
            }
            Act::AddArticle(article) => {
                self.articles.entry(article.id().clone()).or_insert_with(|| vec![false]).push(true);
            }
            Act::AddAnnotator(name) => {
                self.annotators.entry(name.clone()).or_insert_with(|| vec![false]).push(true);
            }
            Act::Commit(kind, step) => {
                for (key, set) in world.after(*kind, step) {
                    let article = Arc::clone(set.article());
                    let empty = || vec![AnnotationSet::new(article, key.1.clone())];
                    self.sets.entry(key.clone()).or_insert_with(empty).push(set);
                }
                self.schemas.extend(schema_after(*kind, step));
                if step.changes.len() > 1 {
                    self.unsure.extend(keys(step).map(|key| (step.id, key)));
                }
            }
            Act::Correct(id, step) => {
                let known = world.articles.iter().find(|known| known.id() == id).unwrap();
                let texts = self.texts.entry(id.clone()).or_default();
                if texts.is_empty() {
                    texts.push(Arc::clone(known.text()));
                }
                // An attempt before may have come as far as the article.
                for before in texts.clone() {
                    let now = Article::new(id.clone(), ArticleMeta::default(), before);
                    texts.push(Arc::clone(corrected(&now, *step).text()));
                }
            }
            Act::Flush | Act::Begin | Act::Put | Act::Archive(_) | Act::Cut(_) => {}
        }
    }

    /// The act was reported: there is no way back behind it.
    fn settle(&mut self, world: &World, act: &Act) {
        match act {
            Act::Create => self.exists = vec![true],
            Act::AddArticle(article) => {
                self.articles.insert(article.id().clone(), vec![true]);
            }
            Act::AddAnnotator(name) => {
                self.annotators.insert(name.clone(), vec![true]);
            }
            Act::Commit(kind, step) => {
                for key in keys(step) {
                    let set = world.sets[&key].clone();
                    self.sets.insert(key, vec![set]);
                }
                if let Some(schema) = schema_after(*kind, step) {
                    self.schemas = vec![schema];
                }
                self.events.push((*kind, step.id));
                self.unsure.retain(|(id, _)| *id != step.id);
            }
            Act::Correct(id, step) => {
                let known = world.articles.iter().find(|known| known.id() == id).unwrap();
                assert!(known.text().starts_with(&format!("Corrected {step}: ")));
                self.texts.insert(id.clone(), vec![Arc::clone(known.text())]);
                self.events.push((StepKind::Do, *step));
            }
            Act::Flush | Act::Begin | Act::Put | Act::Archive(_) | Act::Cut(_) => {}
        }
    }

    /// The law. `when` is told when it is broken.
    fn check(&self, root: &Path, when: &dyn Fn() -> String) {
        let Opened { folder, project, .. } = match ProjectFolder::open(root) {
            Ok(opened) => opened,
            Err(error) => {
                assert!(self.exists.contains(&false), "{error}, {}", when());
                return;
            }
        };
        assert!(self.exists.contains(&true), "{}", when());
        assert!(self.schemas.contains(&project.schema), "another schema, {}", when());
        for (name, is_there) in &self.annotators {
            let found = project.annotators.contains(name);
            assert!(is_there.contains(&found), "{name} there: {found}, {}", when());
        }
        let articles = folder.article_ids().unwrap().0;
        for (id, is_there) in &self.articles {
            let found = articles.contains(id);
            assert!(is_there.contains(&found), "{id} there: {found}, {}", when());
        }
        for (id, may_be) in self.texts.iter().filter(|(id, _)| articles.contains(id)) {
            let text = Arc::clone(folder.read_article(id).unwrap().text());
            assert!(may_be.contains(&text), "{id} says {text:?}, {}", when());
        }
        let sets = self.check_sets(&folder, &articles, when);
        self.check_history(&folder, &sets, when);
        let faults: Vec<_> =
            check(&folder, &mut |_, _| {}).into_iter().filter(|found| found.is_fault).collect();
        assert!(faults.is_empty(), "{faults:?}, {}", when());
    }

    fn check_sets(
        &self,
        folder: &ProjectFolder,
        articles: &[ArticleId],
        when: &dyn Fn() -> String,
    ) -> BTreeMap<Key, AnnotationSet> {
        let mut sets = BTreeMap::new();
        for (key, may_be) in &self.sets {
            if !articles.contains(&key.0) {
                continue;
            }
            let article = folder.read_article(&key.0).map(Arc::new);
            let read = article.and_then(|article| folder.read_set(&article, &key.1));
            let set = read.unwrap_or_else(|error| panic!("{error}, {}", when())).set;
            let ids = |set: &AnnotationSet| {
                set.annotations().map(|found| found.id.to_string()).collect::<Vec<_>>()
            };
            assert!(
                may_be.iter().any(|may_be| said_in(may_be) == said_in(&set)),
                "{key:?} holds {:?} and not one of {:?}, {}",
                ids(&set),
                may_be.iter().map(ids).collect::<Vec<_>>(),
                when()
            );
            sets.insert(key.clone(), set);
        }
        sets
    }

    /// Every reported line is there, and all lines from the first on make the sets.
    fn check_history(
        &self,
        folder: &ProjectFolder,
        sets: &BTreeMap<Key, AnnotationSet>,
        when: &dyn Fn() -> String,
    ) {
        let (steps, _) = folder.read_steps(&annotator(1)).unwrap();
        let mut found: Vec<_> = steps.iter().map(|(kind, step)| (*kind, step.id)).collect();
        for event in &self.events {
            let at = found.iter().position(|other| other == event);
            let at = at.unwrap_or_else(|| panic!("{event:?} is missing, {}", when()));
            found.swap_remove(at);
        }
        let mut made: BTreeMap<Key, AnnotationSet> = BTreeMap::new();
        for (kind, step) in &steps {
            for change in &step.changes {
                let Change::Set { article, annotator, forward, backward } = change else {
                    continue;
                };
                let key = (article.clone(), annotator.clone());
                let Some(set) = sets.get(&key) else { continue };
                let empty = || AnnotationSet::new(Arc::clone(set.article()), key.1.clone());
                let edits = if *kind == StepKind::Undo { backward } else { forward };
                let set = made.entry(key.clone()).or_insert_with(empty);
                let is_unsure = self.unsure.iter().any(|(_, unsure)| *unsure == key);
                let applied = edits.apply(set);
                assert!(is_unsure || applied.is_ok(), "{applied:?}, {}", when());
            }
        }
        made.retain(|key, _| self.unsure.iter().all(|(_, unsure)| unsure != key));
        for (key, set) in made {
            assert_eq!(set, sets[&key], "{key:?} by its history, {}", when());
        }
    }
}

/// An empty folder, in memory where the system has such a place: syncing is recorded here
/// and need not be waited for.
fn memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// An empty folder to make a project in, by its real path, and its doorkeeper.
fn place() -> (tempfile::TempDir, PathBuf, Faults) {
    let temporary = memory();
    let base = std::fs::canonicalize(temporary.path()).unwrap();
    (temporary, base, Faults::here())
}

/// A number from the environment, for the long forms of these tests.
fn how_many(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// A project with a step in its files, and the next step.
fn started() -> (tempfile::TempDir, World) {
    let (temporary, base, _) = place();
    let mut world = World::new(&base.join("project"), 1);
    world.act(&Act::Create).unwrap();
    world.act(&Act::AddArticle(article(0))).unwrap();
    (temporary, world)
}

#[test]
fn a_step_is_found_again_though_its_history_was_removed_before() {
    let (_temporary, mut world) = started();
    let step = world.schema_step();
    world.act(&Act::Commit(StepKind::Do, step)).unwrap();
    world.act(&Act::Flush).unwrap();
    std::fs::remove_dir_all(world.root.join("history")).unwrap();
    world.promise.events.clear();
    world.start_again();
    let step = world.schema_step();
    world.act(&Act::Commit(StepKind::Do, step)).unwrap();
    world.process = None;
    let Opened { folder, project, .. } = ProjectFolder::open(&world.root).unwrap();
    assert!(world.promise.schemas.contains(&project.schema));
    let articles = folder.article_ids().unwrap().0;
    world.promise.check_sets(&folder, &articles, &|| "without its history".to_owned());
}

/// The window is open and everything is saved when the history goes; then a crash comes
/// before the annotation file follows.
#[test]
fn a_step_is_found_again_though_its_history_was_removed_meanwhile() {
    let (_temporary, mut world) = started();
    let step = world.step();
    world.act(&Act::Commit(StepKind::Do, step)).unwrap();
    world.act(&Act::Flush).unwrap();
    std::fs::remove_dir_all(world.root.join("history")).unwrap();
    world.promise.events.clear();
    for _ in 0..2 {
        let step = world.step();
        world.act(&Act::Commit(StepKind::Do, step)).unwrap();
        let Opened { folder, .. } = ProjectFolder::open(&world.root).unwrap();
        let articles = folder.article_ids().unwrap().0;
        world.promise.check_sets(&folder, &articles, &|| "without its history".to_owned());
    }
    world.start_again();
    let step = world.step();
    world.act(&Act::Commit(StepKind::Do, step)).unwrap();
    world.act(&Act::Flush).unwrap();
    let Opened { folder, .. } = ProjectFolder::open(&world.root).unwrap();
    let articles = folder.article_ids().unwrap().0;
    world.promise.check_sets(&folder, &articles, &|| "after a crash".to_owned());
}

#[test]
fn a_schema_that_a_crash_left_in_its_history_can_be_changed_again() {
    let (_temporary, mut world) = started();
    for _ in 0..2 {
        let step = world.schema_step();
        world.act(&Act::Commit(StepKind::Do, step)).unwrap();
        world.start_again();
    }
    let step = world.schema_step();
    world.act(&Act::Commit(StepKind::Do, step)).unwrap();
    world.act(&Act::Flush).unwrap();
    world.promise.check(&world.root, &String::new);
}
