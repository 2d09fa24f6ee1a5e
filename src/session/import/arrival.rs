//! Documents on their way into a project: which article they become, what they are
//! called, and whose annotations come with them.
//!
//! What is new is collected and written together, because a hundred thousand articles
//! that are synced one after the other take minutes. What is here already gets annotations
//! by a step of its annotator, which can be undone like any other.

mod additions;
mod pending;

use super::adoption::Adoption;
use super::layers::{Annotators, adopt};
use super::update::{Updates, Version};
use super::{AddedSet, Arriving, ImportRequest, Outcome, Reception, Refusal};
use crate::edit::{Change, Step, StepKind};
use crate::formats::{self, Document, FormatError, LARGEST_ARTICLE, Layer, Outline, Sink, Warning};
use crate::model::{
    AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta, IdSource, Schema, State,
    TextHash,
};
use crate::store::{Cause, ProjectFolder, ProjectSight, StoreError, Writer};
use pending::{NewArticle, Pending};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// The steps after which the writer, which remembers every set it touched, is a new one.
const MOST_STEPS: usize = 64;

/// The articles that are named where one of several may be meant.
const MOST_NAMED: usize = 5;

/// A project as an import sees it.
pub(super) struct Arrivals<'a> {
    folder: &'a ProjectFolder,
    known: &'a mut HashMap<TextHash, ArticleId>,
    request: &'a ImportRequest,
    taken: HashSet<ArticleId>,
    /// The last number given behind an id, so that a thousand files of one name are not a
    /// million comparisons.
    numbers: HashMap<ArticleId, u32>,
    /// Where articles that are here already are corrected.
    updates: Option<Updates>,
    adoption: Adoption,
    annotators: Annotators,
    /// The annotators and the schema that `project.ron` has.
    members: HashSet<AnnotatorName>,
    schema: Arc<Schema>,
    /// Counts the schemas that came from elsewhere meanwhile: what was made for an earlier one
    /// may have labels that are gone.
    schemas: u64,
    /// How `project.ron` and its history looked when they were last read.
    sight: ProjectSight,
    ids: IdSource,
    writer: Writer,
    steps: usize,
    pending: Pending,
    /// The articles on the disk whose texts are in `known`, or cannot be read.
    looked_at: HashSet<ArticleId>,
    /// The texts of articles that came into the project meanwhile.
    newcomers: HashMap<TextHash, ArticleId>,
    /// The number of the last turn, after which nothing in the project was unknown here.
    turn: Option<u64>,
    outcomes: Vec<Outcome>,
}

impl<'a> Arrivals<'a> {
    pub(super) fn new(
        folder: &'a ProjectFolder,
        request: &'a ImportRequest,
        known: &'a mut HashMap<TextHash, ArticleId>,
    ) -> Result<Self, StoreError> {
        let sight = folder.project_sight();
        let (project, _) = folder.read_project()?;
        let mut taken: HashSet<_> = folder.article_ids()?.0.into_iter().collect();
        let updates = request.update.then(|| Updates::new(&taken));
        // Work on an article that was deleted is not work on a new one.
        let (annotated, workers): (Vec<_>, HashSet<_>) = folder.annotated()?.into_iter().unzip();
        taken.extend(annotated);
        let looked_at = known.values().cloned().collect();
        Ok(Self {
            folder,
            known,
            request,
            taken,
            numbers: HashMap::new(),
            updates,
            adoption: Adoption::new(&project.schema, request.labels.clone()),
            annotators: Annotators::new(project.annotators.iter().chain(&workers)),
            members: project.annotators.into_iter().collect(),
            schema: project.schema,
            schemas: 0,
            sight,
            ids: IdSource::random(),
            writer: Writer::new(folder.clone()),
            steps: 0,
            pending: Pending::default(),
            looked_at,
            newcomers: HashMap::new(),
            turn: None,
            outcomes: Vec::new(),
        })
    }

    /// Writes what is left, and says what became of everything.
    pub(super) fn close(mut self) -> Vec<Outcome> {
        self.write_pending();
        self.write_schema();
        self.flush_writer();
        let warnings = self.adoption.unmet_warnings();
        if !warnings.is_empty() {
            let path = self.folder.root().to_owned();
            self.outcomes.push(Outcome::Noted { path, warnings });
        }
        self.outcomes
    }

    /// Writes what files declare of which no annotation was written.
    fn write_schema(&mut self) {
        if !self.adoption.has_grown() {
            return;
        }
        let written = self.take_turn().and_then(|_turn| self.prepare_project(std::iter::empty()));
        if let Err(error) = written {
            self.refuse_project(&error);
        }
    }

    fn take_in(&mut self, read: Document, source: Arriving<'_>, warnings: Vec<Warning>) {
        let path = source.path.to_owned();
        if let Some(why) = flaw(&read) {
            return self.outcomes.push(Outcome::Refused { path, line: None, why });
        }
        let result = self.place(read, source, warnings);
        if let Err(error) = result {
            let why = error.to_string();
            self.outcomes.push(Outcome::Refused { path, line: None, why });
        }
        if self.pending.is_full() {
            self.write_pending();
        }
    }

    fn place(
        &mut self,
        read: Document,
        source: Arriving<'_>,
        mut warnings: Vec<Warning>,
    ) -> Result<(), StoreError> {
        let path = source.path.to_owned();
        let name = source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let hash = TextHash::of(&read.text);
        if let Some(id) = self.known.get(&hash).cloned() {
            let added = self.add_layers(&id, &read.layers, &name, &mut warnings)?;
            self.outcomes.push(Outcome::Known { id, path, added, warnings });
            return Ok(());
        }
        let wanted = wanted_id(&read, source);
        if self.updates.is_some() {
            self.write_pending();
        }
        let version = match &mut self.updates {
            Some(updates) => updates.update(self.folder, &read, &wanted, &self.taken)?,
            None => Version::Own,
        };
        match version {
            Version::Of((id, title, sets)) => {
                self.known.insert(hash, id.clone());
                let added = self.add_layers(&id, &read.layers, &name, &mut warnings)?;
                self.outcomes.push(Outcome::Updated { id, title, path, sets, added, warnings });
                return Ok(());
            }
            Version::OfOneOf(ids) => {
                let why = unclear(&ids);
                self.outcomes.push(Outcome::Refused { path, line: None, why });
                return Ok(());
            }
            Version::Own => {}
        }
        self.add_article(read, &wanted, hash, path, &name, warnings);
        Ok(())
    }

    fn add_article(
        &mut self,
        read: Document,
        wanted: &ArticleId,
        hash: TextHash,
        path: PathBuf,
        name: &str,
        mut warnings: Vec<Warning>,
    ) {
        let id = self.free_id(wanted);
        let Document { mut meta, text, layers, .. } = read;
        if meta.title.is_empty() {
            meta.title = formats::title_of(&text);
        }
        let article = Arc::new(Article::new(id.clone(), meta, text));
        let (mut sets, mut added) = (Vec::new(), Vec::new());
        for layer in &layers {
            self.join(&article, layer, name, &mut sets, &mut added, &mut warnings);
        }
        sets.retain(|set| !set.is_empty() || set.state() != State::Unseen);
        self.known.insert(hash, id.clone());
        let title = article.meta().title.clone();
        let outcome = self.outcomes.len();
        let (name, schemas) = (name.to_owned(), self.schemas);
        self.pending.add(NewArticle { article, sets, layers, name, schemas, outcome });
        self.outcomes.push(Outcome::Imported { id, title, path, added, warnings });
    }

    /// Puts a layer into the sets of an article that is not written yet.
    fn join(
        &mut self,
        article: &Arc<Article>,
        layer: &Layer,
        name: &str,
        sets: &mut Vec<AnnotationSet>,
        added: &mut Vec<AddedSet>,
        warnings: &mut Vec<Warning>,
    ) {
        let annotator = self.annotator_of(layer, warnings);
        let at = sets.iter().position(|set| *set.annotator() == annotator).unwrap_or_else(|| {
            sets.push(AnnotationSet::new(Arc::clone(article), annotator.clone()));
            sets.len() - 1
        });
        let Some(set) = sets.get_mut(at) else { return };
        let adopted = adopt(set, layer, name, &mut self.adoption, &mut self.ids);
        tell(adopted.told, warnings);
        if !adopted.edits.is_empty() {
            added.push(AddedSet { annotator, added: adopted.added });
        }
    }

    fn commit(
        &mut self,
        by: &AnnotatorName,
        what: String,
        change: Change,
        texts: &[Arc<Article>],
    ) -> Result<(), StoreError> {
        let step = Step {
            id: self.ids.step(),
            at: self.folder.stamp(),
            by: by.clone(),
            what,
            changes: vec![change],
        };
        self.writer.commit_on(StepKind::Do, &step, texts)?;
        self.steps += 1;
        if self.steps >= MOST_STEPS {
            self.flush_writer();
        }
        Ok(())
    }

    fn flush_writer(&mut self) {
        // What fails here is in the history already, and is replayed when it is opened.
        if let Err(error) = self.writer.flush() {
            self.refuse_project(&error);
        }
        self.writer = Writer::new(self.folder.clone());
        self.steps = 0;
    }

    fn refuse_project(&mut self, error: &StoreError) {
        let path = self.folder.root().to_owned();
        self.outcomes.push(Outcome::Refused { path, line: None, why: error.to_string() });
    }

    fn annotator_of(&mut self, layer: &Layer, warnings: &mut Vec<Warning>) -> AnnotatorName {
        let annotator = self.annotators.of(layer, self.request.annotator.as_ref());
        tell(self.annotators.take_renamed(), warnings);
        annotator
    }

    /// Has the schema and the annotators in `project.ron` before sets that need them.
    fn prepare_project<'n>(
        &mut self,
        annotators: impl Iterator<Item = &'n AnnotatorName>,
    ) -> Result<(), StoreError> {
        match self.grow_schema() {
            // Somebody changed it meanwhile: what is wanted is added to what it is now.
            Err(error) if matches!(error.cause, Cause::SchemaChanged) => {
                self.look_again()?;
                self.grow_schema()?;
            }
            grown => grown?,
        }
        for name in annotators {
            if !name.is_gold() && self.members.insert(name.clone()) {
                self.writer.add_annotator(name)?;
            }
        }
        Ok(())
    }

    /// Adds the labels to the schema that it lacks.
    fn grow_schema(&mut self) -> Result<(), StoreError> {
        let Some(after) = self.adoption.take_grown() else { return Ok(()) };
        let change = Change::Schema { before: Arc::clone(&self.schema), after: Arc::clone(&after) };
        let by = self.request.annotator.clone().or_else(|| self.members.iter().min().cloned());
        let Some(by) = by.or_else(|| AnnotatorName::new("import").ok()) else { return Ok(()) };
        let what = "Add labels of a file".to_owned();
        if let Err(error) = self.commit(&by, what, change, &[]) {
            self.adoption.put_back_grown();
            return Err(error);
        }
        self.schema = after;
        Ok(())
    }

    /// The id itself or the first number behind it that is free. Ids are lower case, so
    /// two of them never share a file where case does not count.
    fn free_id(&mut self, wanted: &ArticleId) -> ArticleId {
        let mut id = wanted.clone();
        let number = self.numbers.entry(wanted.clone()).or_insert(1);
        while self.taken.contains(&id) {
            *number += 1;
            id = wanted.numbered(*number);
        }
        self.taken.insert(id.clone());
        id
    }
}

/// Why a document can be no article; `None` where it can.
pub(super) fn flaw(read: &Document) -> Option<String> {
    let why = if read.text.trim().is_empty() {
        "there is no text in it".to_owned()
    } else if read.text.len() as u64 > LARGEST_ARTICLE {
        FormatError::TooLarge.to_string()
    } else {
        return None;
    };
    Some(format!("{}{why}", named(&read.name)))
}

/// Where the article's id comes from: the name that the file gives it, the file's own
/// where it holds this article alone, else the headline.
fn wanted_id(read: &Document, source: Arriving<'_>) -> ArticleId {
    let stem = source.path.file_stem().filter(|_| source.is_file);
    if !read.name.is_empty() {
        // A number alone tells nobody anything.
        let is_number = read.name.chars().all(|c| c.is_ascii_digit());
        return match stem.filter(|_| is_number) {
            Some(stem) => {
                ArticleId::from_title(&format!("{} {}", stem.to_string_lossy(), read.name))
            }
            None => ArticleId::from_title(&read.name),
        };
    }
    let ArticleMeta { title, .. } = &read.meta;
    match stem {
        Some(stem) => ArticleId::from_title(&stem.to_string_lossy()),
        None if title.is_empty() => ArticleId::from_title(&formats::title_of(&read.text)),
        None => ArticleId::from_title(title),
    }
}

/// Which articles a file may be a newer version of, and what to do.
fn unclear(ids: &[ArticleId]) -> String {
    let mut names: Vec<_> = ids.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    let rest = ids.len() - names.len();
    names.extend((rest > 0).then(|| format!("{rest} more")));
    let last = names.pop().unwrap_or_default();
    format!(
        "it may be a newer version of {} or {last}, for neither headline nor text tells which, \
         and none was corrected; correct the text of the one that is meant in the window, or \
         import the file without updating to add it as another article",
        names.join(", ")
    )
}

fn named(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name}: ") }
}

fn tell(told: Vec<String>, warnings: &mut Vec<Warning>) {
    warnings.extend(told.into_iter().map(|what| Warning { line: None, what }));
}

impl Reception for Arrivals<'_> {
    fn settled(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    fn file(
        &mut self,
        source: Arriving<'_>,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
        read: &mut dyn FnMut(&mut dyn Sink) -> Result<(), Refusal>,
    ) {
        let mut desk = Desk { arrivals: self, source, progress, articles: 0, warnings: Vec::new() };
        let refused = read(&mut desk).err();
        let Desk { warnings, .. } = desk;
        let path = source.path.to_owned();
        if let Some(Refusal { line, why }) = refused {
            self.outcomes.push(Outcome::Refused { path: path.clone(), line, why });
        }
        if !warnings.is_empty() {
            self.outcomes.push(Outcome::Noted { path, warnings });
        }
    }
}

/// Takes in the documents of one file.
struct Desk<'a, 'b> {
    arrivals: &'a mut Arrivals<'b>,
    source: Arriving<'a>,
    progress: &'a mut dyn FnMut(usize) -> ControlFlow<()>,
    articles: usize,
    /// What was noticed since the last document; the next one carries it.
    warnings: Vec<Warning>,
}

impl Sink for Desk<'_, '_> {
    fn document(&mut self, document: Document) -> ControlFlow<()> {
        self.arrivals.take_in(document, self.source, std::mem::take(&mut self.warnings));
        self.articles += 1;
        (self.progress)(self.articles)
    }

    fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    fn refuse(&mut self, error: FormatError) {
        let path = self.source.path.to_owned();
        let (line, why) = (error.line(), error.to_string());
        self.arrivals.outcomes.push(Outcome::Refused { path, line, why });
    }

    fn outline(&mut self, outline: Outline) {
        self.arrivals.adoption.learn(outline);
        self.arrivals.adoption.take_in_declared();
    }
}
