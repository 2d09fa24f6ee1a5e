//! An open project as a headless application.
//!
//! The session holds the project, the article that is open, what is selected, the undo
//! history and the work that goes on in the background. Everything a user can do is an
//! [`Action`]; the window and the tests hand actions in and read the result, so what
//! is tested here is what the window does. There is deliberately nothing of the
//! screen: no scroll position, no hover, no pixels.

mod access;
mod action;
pub mod agreement;
mod article;
mod catalogue;
pub mod command;
mod compact;
mod correcting;
mod elsewhere;
pub mod export;
mod exporting;
mod following;
pub mod import;
mod importing;
mod lints;
mod more;
mod notice;
mod passing;
mod past;
mod perform;
pub mod review;
mod saver;
mod schema;
mod search;
mod selection;
mod steps;
mod trail;

pub use access::Blocked;
pub use action::Action;
pub use article::OpenArticle;
pub use catalogue::{Catalogue, Entry, Filter, Sort, StateFilter};
pub use correcting::CorrectionPreview;
pub use elsewhere::{Copied, Missing};
pub use lints::{Lints, ToCheck};
pub use more::MoreOffer;
pub use notice::{Notice, Weight};
pub use past::RecordedStep;
pub use saver::{SaveState, Wake};
pub use schema::{
    FiledStep, Finished, MigrationCount, MigrationPreview, MigrationProgress, finish_schema_change,
};
pub use search::{Hit, Search};
pub use selection::Selection;
pub use trail::TrailEntry;

use crate::edit::{Conflict, EditError, History, MigrationError};
use crate::model::{
    AnnotationSet, AnnotatorName, ArticleId, IdError, IdSource, LabelId, Project, SameFolder,
    Schema, SpanError, TextHash,
};
use crate::review::{DecisionError, DrawError};
use crate::store::{BundledSchema, Opened, Problem, ProjectFolder, StoreError, bundled_schema};
use access::Access;
use correcting::Correcting;
use elsewhere::Elsewhere;
use exporting::Exports;
pub use exporting::{Exported, Rehearsal};
use following::Follower;
use import::ImportReport;
use importing::ImportJob;
pub use importing::{ImportProgress, ImportQuestion};
use more::More;
use past::Past;
use saver::Saver;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why an action could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An edit does not fit.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Ranges do not make a span.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// A migration does not fit the schema.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A name breaks its rule.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A decision does not fit its case.
    #[error(transparent)]
    Review(DecisionError),
    /// Articles cannot be assigned so.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// Something is missing that the action needs.
    #[error("{0}")]
    Missing(&'static str),
    /// Everything before it must be saved first.
    #[error("{0}")]
    Unsaved(&'static str),
    /// The open article cannot be annotated.
    #[error("this article is read-only: {0}")]
    ReadOnly(String),
    /// A new annotator's name differs from another's in capitals alone.
    #[error(transparent)]
    SameFolder(#[from] SameFolder),
    /// Another window works as the annotator.
    #[error("read-only: {0}")]
    Blocked(String),
}

/// Revisions count through all sessions of the process, so that what was computed for
/// one project never passes for another's.
static REVISIONS: AtomicU64 = AtomicU64::new(1);

fn next_revision() -> u64 {
    REVISIONS.fetch_add(1, Ordering::Relaxed)
}

/// What nothing is counted in while no article is open.
static NO_LABELS: BTreeMap<LabelId, usize> = BTreeMap::new();

/// Whose set of which article.
pub type SetKey = (ArticleId, AnnotatorName);

/// An open project.
pub struct Session {
    folder: ProjectFolder,
    project: Project,
    annotator: AnnotatorName,
    catalogue: Catalogue,
    open: Option<OpenArticle>,
    /// The sets that were opened or touched; the open article's is among them.
    sets: HashMap<SetKey, AnnotationSet>,
    selection: Selection,
    armed: Option<LabelId>,
    last_label: Option<LabelId>,
    more: Option<More>,
    search: Search,
    history: History<RecordedStep>,
    past: Past,
    trail: trail::Trail,
    notices: Vec<Notice>,
    withdrawn: Vec<Notice>,
    passing: passing::Passing,
    ids: IdSource,
    saver: Saver,
    wake: Wake,
    revision: u64,
    steps_taken: u64,
    lints: Lints,
    import: Option<ImportJob>,
    exports: Exports,
    import_question: Option<ImportQuestion>,
    import_report: Option<ImportReport>,
    access: Access,
    follower: Follower,
    conflicts: Vec<(SetKey, Conflict)>,
    has_new_conflicts: bool,
    /// The texts that the steps were made on which are done since the project was opened.
    texts: HashMap<ArticleId, TextHash>,
    correcting: Correcting,
    migrating: Option<schema::Running>,
    cut_off: schema::CutOff,
    elsewhere: Option<Elsewhere>,
    review: review::Review,
}

impl Session {
    /// Opens a project for an annotator, or for its first one. `wake` is called from
    /// other threads when there is something new to look at.
    ///
    /// # Errors
    /// When the folder is no project or its `project.ron` cannot be read, when its locks
    /// would lie outside of it, and for a name that another's folder would have.
    pub fn open(
        root: &Path,
        annotator: Option<AnnotatorName>,
        wake: Wake,
    ) -> Result<Self, SessionError> {
        let Opened { folder, mut project, mut problems } = ProjectFolder::open(root)?;
        folder.ensure_locks_inside()?;
        let annotator = match annotator.or_else(|| project.annotators.first().cloned()) {
            Some(annotator) => annotator,
            None => AnnotatorName::new("annotator-1")?,
        };
        annotator.ensure_own_folder(&project.annotators)?;
        let mut catalogue = Catalogue::start(&folder, &annotator, &project.annotators, &wake)?;
        problems.extend(catalogue.take_problems());
        let follower = Follower::start(folder.clone(), annotator.clone(), Arc::clone(&wake));
        let saver = Saver::start(folder.clone(), Arc::clone(&wake));
        if !project.annotators.contains(&annotator) {
            project.annotators.push(annotator.clone());
            saver.add_annotator(annotator.clone());
        }
        let access = Access::default();
        let mut session = Self {
            folder,
            project,
            annotator,
            catalogue,
            open: None,
            sets: HashMap::new(),
            selection: Selection::default(),
            armed: None,
            last_label: None,
            more: None,
            search: Search::default(),
            history: History::default(),
            past: Past::default(),
            trail: trail::Trail::default(),
            notices: Vec::new(),
            withdrawn: Vec::new(),
            passing: passing::Passing::default(),
            ids: IdSource::random(),
            saver,
            wake,
            revision: 0,
            steps_taken: 0,
            lints: Lints::default(),
            import: None,
            exports: Exports::default(),
            import_question: None,
            import_report: None,
            access,
            follower,
            conflicts: Vec::new(),
            has_new_conflicts: false,
            texts: HashMap::new(),
            correcting: Correcting::default(),
            migrating: None,
            cut_off: schema::CutOff::default(),
            elsewhere: None,
            review: review::Review::default(),
        };
        session.report(problems);
        session.load_assignment();
        session.take_lock();
        session.load_history();
        session.look_for_cut_off();
        Ok(session)
    }

    /// Makes a project in an empty folder, ready to be opened.
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written to.
    pub fn create(
        root: &Path,
        name: &str,
        schema: BundledSchema,
        annotator: AnnotatorName,
    ) -> Result<(), SessionError> {
        let schema = Arc::new(bundled_schema(schema)?);
        let project = Project { name: name.to_owned(), annotators: vec![annotator], schema };
        ProjectFolder::create(root, &project)?;
        Ok(())
    }

    /// The article to begin with: the first by id. States are still being read when a
    /// project opens, so it may be one that is done.
    pub fn first_article(&self) -> Option<ArticleId> {
        self.catalogue.first().map(|entry| entry.id.clone())
    }

    /// Takes in what background work has finished. Call it once a frame; true when
    /// something changed.
    pub fn poll(&mut self) -> bool {
        let has_scanned = self.poll_catalogue();
        self.start_search();
        let has_found = self.search.poll();
        let has_imported = self.poll_import() | self.poll_export();
        let has_linted = self.poll_lints();
        let has_more = self.poll_more();
        let has_followed = self.poll_following();
        let has_past = self.poll_past();
        let has_trail = self.poll_trail();
        let has_corrected = self.poll_correction() | self.poll_migration();
        let has_compacted = self.poll_compaction();
        let has_reviewed = self.poll_review();
        self.poll_passing();
        let has_read = has_past || has_trail || has_followed || has_corrected || has_compacted;
        has_read
            || has_scanned
            || has_found
            || has_imported
            || has_linted
            || has_more
            || has_reviewed
    }

    fn poll_catalogue(&mut self) -> bool {
        let has_scanned = self.catalogue.poll();
        let problems = self.catalogue.take_problems();
        self.report(problems);
        if self.saver.state() == SaveState::Saved {
            self.catalogue.all_saved();
        }
        has_scanned
    }

    /// Starts a search of the project that waits for the list to be complete.
    fn start_search(&mut self) {
        if self.search.is_due() && self.catalogue.is_checked() {
            let (targets, texts) = self.catalogue.targets();
            self.search.start(&self.folder, targets, texts, &self.wake);
        }
    }

    /// The folder that is open.
    pub fn folder(&self) -> &ProjectFolder {
        &self.folder
    }

    /// The project's name, schema and annotators.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The project's schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.project.schema
    }

    /// Who annotates.
    pub fn annotator(&self) -> &AnnotatorName {
        &self.annotator
    }

    /// The article list.
    pub fn catalogue(&mut self) -> &mut Catalogue {
        &mut self.catalogue
    }

    /// The article that is open.
    pub fn article(&self) -> Option<&OpenArticle> {
        self.open.as_ref()
    }

    /// The open article's annotations by the current annotator.
    pub fn set(&self) -> Option<&AnnotationSet> {
        self.sets.get(&self.shown_key()?)
    }

    /// Which set belongs to the open article, whether or not it could be read.
    fn shown_key(&self) -> Option<SetKey> {
        let open = self.open.as_ref()?;
        Some((open.article.id().clone(), self.annotator.clone()))
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The label that drags give at once.
    pub fn armed(&self) -> Option<&LabelId> {
        self.armed.as_ref()
    }

    /// The label that was given last.
    pub fn last_label(&self) -> Option<&LabelId> {
        self.last_label.as_ref()
    }

    /// The search and what it found.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The steps that can be undone and redone, as far as they are read.
    pub fn history(&self) -> &History<RecordedStep> {
        &self.history
    }

    /// Where saving stands.
    pub fn save_state(&self) -> SaveState {
        self.saver.state()
    }

    /// How many steps have been done, undone and done again since the project was opened.
    pub fn steps_taken(&self) -> u64 {
        self.steps_taken
    }

    /// How many steps have become durable since the project was opened, and when the
    /// last one did.
    pub fn durable(&self) -> (u64, Option<std::time::Instant>) {
        self.saver.durable()
    }

    /// Saves what is left without waiting for a pause: the window is to close.
    pub fn hurry_saving(&self) {
        self.saver.hurry();
    }

    /// Waits until everything is saved or something failed; for tests and the command line.
    pub fn wait_until_saved(&self) -> SaveState {
        self.saver.wait()
    }

    /// Gives what is nearly saved a moment, as long as a window can stand still.
    pub fn wait_shortly(&self) -> SaveState {
        self.saver.wait_shortly()
    }

    /// Waits until every article of the list has been read; for tests and the command line.
    pub fn wait_until_listed(&mut self) {
        while self.catalogue.is_reading() {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Tries at once to save what could not be saved.
    pub fn retry_saving(&self) {
        self.saver.retry();
    }

    /// Another number after every change of the open set, the schema or the open article:
    /// what was computed for one revision holds until the next.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many annotations of the open article have each label, those that occur; O(1).
    pub fn label_counts(&self) -> &BTreeMap<LabelId, usize> {
        self.set().map_or(&NO_LABELS, AnnotationSet::label_counts)
    }

    /// Takes the messages that have come up since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Leaves a message for the user.
    pub fn notify(&mut self, notice: Notice) {
        let notice = self.shown_notice(notice);
        self.notices.push(notice);
    }

    /// Takes the messages that do not hold any more, whether or not they were taken before.
    pub fn take_withdrawn(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.withdrawn)
    }

    /// Takes a message back: what it says is not so any more.
    fn withdraw(&mut self, notice: Notice) {
        let notice = self.shown_notice(notice);
        self.notices.retain(|other| *other != notice);
        self.withdrawn.push(notice);
    }

    fn report(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            // Where nothing is at fault and nothing needs to be done, nobody is warned.
            let is_grave = problem.is_fault || !problem.remedy.is_empty();
            let text = problem.to_string();
            self.notify(if is_grave { Notice::warning(text) } else { Notice::info(text) });
        }
    }

    /// What was computed for the open set as it was does not hold any more.
    fn touch(&mut self) {
        self.revision = next_revision();
    }
}
