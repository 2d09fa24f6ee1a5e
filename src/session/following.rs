//! Following what others do to the project while it is open.
//!
//! A thread ([`eye`]) looks at the files that the window shows, once a second and whenever
//! the operating system says that something changed ([`watch`]); where it cannot say so
//! (network drives) the looking alone remains. The thread decides nothing: what it saw
//! comes here as an [`Event`], and the session takes it in between two frames, when
//! nothing of its own is on its way to the disk. Whether a file of annotations is somebody
//! else's is for the writer to say, which knows what it wrote itself.

mod deleted;
mod eye;
mod watch;

use super::saver::{Update, Wake};
use super::{Notice, SaveState, Session, SessionError, SetKey};
use crate::edit::{Conflict, Difference, Transaction, take_theirs};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Assignment};
use crate::store::{AnnotatorLock, ProjectFolder, SetSummary, StoreError, Summary};
pub(super) use eye::Wait;
use eye::{Eye, Signal, Target};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Something that was seen.
#[derive(Debug)]
enum Event {
    /// The articles there were when the following began, to compare the list with.
    Known(BTreeSet<ArticleId>),
    /// `project.ron` is another one.
    Project,
    /// `assignment.ron` is another one, and says this.
    Assignment(Result<Assignment, StoreError>),
    /// Articles came or changed, with what the list shows of them.
    Articles(Vec<(ArticleId, Option<Summary>)>),
    /// Articles went.
    Gone(Vec<ArticleId>),
    /// The open article's text or metadata may be others.
    Text(ArticleId),
    /// The annotations of the open article may be others.
    Set(SetKey),
    /// Files of these articles (nobody's) and sets are others, the open one's among them.
    News(Vec<(ArticleId, Option<AnnotatorName>)>),
    /// Somebody signed the annotator's lock.
    Note,
    /// Whoever held the annotator's lock is gone, and it is here now.
    Free(AnnotatorName, AnnotatorLock),
    /// Something to say that had to be found out first.
    Told(Notice),
}

/// The thread that looks, and the way to it.
pub(super) struct Follower {
    target: Arc<Mutex<Target>>,
    events: Receiver<Event>,
    /// For those who find something out on threads of their own.
    sender: Sender<Event>,
    signals: Sender<Signal>,
    has_project_news: bool,
    texts: BTreeSet<ArticleId>,
    /// A set that was opened as it was in memory, and that the saving does not know of.
    unshown: Option<SetKey>,
    /// The articles that the list must have once it has looked at all files.
    known: Option<BTreeSet<ArticleId>>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        // A thread that is gone already need not be told.
        let _ = self.signals.send(Signal::Stop);
    }
}

impl Follower {
    /// Starts looking.
    pub(super) fn start(folder: ProjectFolder, annotator: AnnotatorName, wake: Wake) -> Self {
        let (signals, inbox) = channel();
        let (sender, events) = channel();
        let target = Arc::new(Mutex::new(Target { annotator, open: None, waits: None }));
        let eye =
            Eye { folder, target: Arc::clone(&target), known: None, events: sender.clone(), wake };
        let told = signals.clone();
        let started = std::thread::Builder::new().name("follower".into()).spawn(move || {
            eye.run(&inbox, told);
        });
        // Without a thread the project is as it was when it was opened, and no work is lost.
        drop(started);
        let (texts, unshown, known) = (BTreeSet::new(), None, None);
        let has_project_news = false;
        Self { target, events, sender, signals, has_project_news, texts, unshown, known }
    }

    /// Has an article's text read again when nothing is on its way to the disk.
    pub(super) fn read_again(&mut self, article: ArticleId) {
        self.texts.insert(article);
    }

    /// Has the open set read again when nothing is on its way to the disk.
    pub(super) fn show_again(&mut self, key: SetKey) {
        self.unshown = Some(key);
    }

    /// Follows another annotator or article from now on.
    fn turn_to(&self, annotator: &AnnotatorName, open: Option<ArticleId>) {
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        target.annotator = annotator.clone();
        target.open = open;
    }

    /// Waits for the annotator's lock from now on, or does so no more.
    pub(super) fn wait_for_lock(&self, waits: Option<Wait>) {
        self.target.lock().unwrap_or_else(PoisonError::into_inner).waits = waits;
    }
}

impl Session {
    /// What others changed that we had changed too, and how it was decided: ours is in
    /// the file. Each stays until it is settled.
    pub fn conflicts(&self) -> &[(SetKey, Conflict)] {
        &self.conflicts
    }

    /// Whether conflicts have come up since this was last asked.
    pub fn take_conflict_question(&mut self) -> bool {
        std::mem::take(&mut self.has_new_conflicts)
    }

    /// Settles all conflicts: those named take the other side's version, the rest stay
    /// as they are. One step, which can be undone.
    pub(super) fn settle_conflicts(&mut self, theirs: &[usize]) -> Result<(), SessionError> {
        self.ensure_writing()?;
        let conflicts = std::mem::take(&mut self.conflicts);
        let mut chosen: Vec<(SetKey, Vec<Conflict>)> = Vec::new();
        for index in theirs {
            let Some((key, conflict)) = conflicts.get(*index).cloned() else { continue };
            match chosen.iter_mut().find(|(known, _)| *known == key) {
                Some((_, of_key)) => of_key.push(conflict),
                None => chosen.push((key, vec![conflict])),
            }
        }
        let settled = self.take_chosen(chosen);
        if settled.is_err() {
            self.conflicts = conflicts;
        }
        settled
    }

    fn take_chosen(&mut self, chosen: Vec<(SetKey, Vec<Conflict>)>) -> Result<(), SessionError> {
        let mut changes: Vec<(SetKey, Transaction)> = Vec::new();
        for (key, conflicts) in chosen {
            self.load_set(&key, None)?;
            let Some(set) = self.sets.get(&key) else { continue };
            let transaction = take_theirs(set, &conflicts, &mut self.ids);
            changes.push((key, transaction));
        }
        self.run_step("Take the version from disk".to_owned(), changes, None)
    }

    /// Follows the article that is open now.
    pub(super) fn follow_open(&self) {
        let open = self.open.as_ref().map(|open| open.article.id().clone());
        self.follower.turn_to(&self.annotator, open);
    }

    /// Takes in what others did. True when something changed.
    pub(super) fn poll_following(&mut self) -> bool {
        let events: Vec<_> = self.follower.events.try_iter().collect();
        let mut has_changed = !events.is_empty();
        for event in events {
            self.take_event(event);
        }
        self.hold_lock();
        self.compare_lists();
        for (step, why) in self.saver.take_refused() {
            self.history.forget(step);
            self.follower.has_project_news = true;
            self.notify(Notice::error(why));
            has_changed = true;
        }
        if self.saver.state() == SaveState::Saved {
            // A change of the schema that is under way has more to say of it.
            if !self.is_migrating() && std::mem::take(&mut self.follower.has_project_news) {
                self.reload_project();
                self.look_for_cut_off();
            }
            for article in std::mem::take(&mut self.follower.texts) {
                self.reload_text(&article);
            }
            if let Some(key) = self.follower.unshown.take() {
                has_changed |= self.reload_set(&key);
            }
        }
        for why in self.saver.take_unread() {
            self.notify(Notice::warning(why));
            has_changed = true;
        }
        for (key, update) in self.saver.take_updates() {
            self.take_update(key, update);
            has_changed = true;
        }
        has_changed
    }

    /// An article may have come after the list had looked and before the following began.
    fn compare_lists(&mut self) {
        if !self.catalogue.is_checked() {
            return;
        }
        let Some(known) = self.follower.known.take() else { return };
        if known.iter().any(|id| self.catalogue.entry(id).is_none()) {
            self.catalogue.look_again();
        }
    }

    fn take_event(&mut self, event: Event) {
        match event {
            Event::Known(known) => self.follower.known = Some(known),
            Event::Project => self.follower.has_project_news = true,
            Event::Assignment(read) => self.follow_assignment(read),
            Event::Articles(articles) => {
                for (id, summary) in articles {
                    self.catalogue.add(id, summary);
                }
            }
            Event::Gone(ids) => self.forget_articles(&ids),
            Event::Text(article) => {
                self.follower.texts.insert(article);
            }
            Event::Set(key) => {
                let is_unread = self.open.as_ref().is_some_and(|open| open.read_only.is_some());
                if is_unread && self.shown_key().as_ref() == Some(&key) {
                    self.try_again();
                } else {
                    self.saver.look(key);
                }
            }
            Event::News(told) => self.take_news(&told),
            Event::Note => self.look_at_lock(),
            Event::Told(notice) => self.notify(notice),
            Event::Free(annotator, lock) => self.take_free_lock(&annotator, lock),
        }
    }

    /// Opens the open article anew, whose annotations could not be read.
    fn try_again(&mut self) {
        let Some(open) = &mut self.open else { return };
        let key = (open.article.id().clone(), self.annotator.clone());
        let Ok((loaded, shown)) = self.folder.read_shown(&open.article, &self.annotator) else {
            return;
        };
        if let Some(why) = open.read_only.take() {
            self.withdraw(Notice::error(SessionError::ReadOnly(why.clone())));
            self.withdraw(Notice::error(why));
        }
        self.saver.show(key.clone(), shown);
        self.sets.insert(key, loaded.set);
        self.notify(Notice::info("The annotations can be read again"));
        self.after_update();
    }

    fn reload_project(&mut self) {
        let project = match self.folder.read_project() {
            Ok((project, _)) => project,
            // A folder that is away is told of by the saving.
            Err(error) if error.is_passing() => return,
            Err(error) => return self.notify(Notice::warning(error.to_string())),
        };
        if project == self.project {
            return;
        }
        let has_schema = project.schema != self.project.schema;
        self.project = project;
        if has_schema {
            if self.armed.as_ref().is_some_and(|label| self.project.schema.label(label).is_none()) {
                self.armed = None;
            }
            self.more = None;
            self.touch();
            self.start_lints();
            self.notify(Notice::info("Updated from disk: the schema"));
        }
    }

    /// Opens the open article anew if its text is another one, and says so.
    fn reload_text(&mut self, id: &ArticleId) {
        if self.is_correcting() {
            // It takes over the text itself, and has more to say.
            return;
        }
        match self.take_text(id) {
            Ok(false) => {}
            Ok(true) => {
                let unsure = self.unsure();
                let text = "Updated from disk: the text of this article";
                self.notify(match unsure {
                    0 => Notice::info(text),
                    _ => Notice::warning(format!("{text}; {}", unsure_words(unsure))),
                });
            }
            // A folder that is away is told of by the saving.
            Err(SessionError::Store(error)) if error.is_passing() => {}
            Err(error) => self.notify(Notice::error(error)),
        }
    }

    /// Reads the open set again, which was in memory when its article was opened, and has
    /// it followed from now on. True when it is another one.
    fn reload_set(&mut self, key: &SetKey) -> bool {
        let is_open = self.shown_key().as_ref() == Some(key);
        let Some(open) = self.open.as_ref().filter(|open| is_open && open.read_only.is_none())
        else {
            return false;
        };
        match self.folder.read_shown(&open.article, &key.1) {
            Ok((loaded, shown)) => {
                self.saver.show(key.clone(), shown);
                let is_other = self.sets.get(key) != Some(&loaded.set);
                if is_other {
                    self.take_update(key.clone(), Update { set: loaded.set, conflicts: vec![] });
                }
                return is_other;
            }
            // A folder that is away comes back.
            Err(error) if error.is_passing() => self.follower.show_again(key.clone()),
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
        false
    }

    /// Takes over the text of an article, if it is another one, with all that stands on
    /// it: the sets, and the steps, whose places are others now. True when it was.
    pub(super) fn take_text(&mut self, id: &ArticleId) -> Result<bool, SessionError> {
        let Some(open) = self.open.as_ref().filter(|open| open.article.id() == id) else {
            return Ok(false);
        };
        let article = self.folder.read_article(id)?;
        if article == *open.article {
            return Ok(false);
        }
        self.open = None;
        self.sets.retain(|(of, _), _| of != id);
        self.open_article(id)?;
        let set = self.set().map(SetSummary::of).unwrap_or_default();
        self.catalogue.add(id.clone(), Some(Summary { set, ..Summary::unseen(&article) }));
        self.load_history();
        Ok(true)
    }

    /// Has everything that stands on the text of an article, which is another one now, read
    /// again when it is needed; what is open stays.
    pub(super) fn forget_text(&mut self, id: &ArticleId) {
        let open = self.open.as_ref().map(|open| open.article.id());
        if open != Some(id) {
            self.sets.retain(|(of, _), _| of != id);
        }
        self.load_history();
    }

    /// How many annotations of the open article have lost their text.
    pub(super) fn unsure(&self) -> usize {
        let annotations = self.set().into_iter().flat_map(AnnotationSet::annotations);
        annotations.filter(|found| found.was.is_some()).count()
    }

    fn forget_articles(&mut self, ids: &[ArticleId]) {
        let open = self.open.as_ref().map(|open| open.article.id());
        if open.is_some_and(|open| ids.contains(open)) {
            let text = "This article was removed from the project’s folder; what you see is kept \
                        in the window";
            self.notify(Notice::warning(text));
        }
        self.catalogue.remove(ids);
    }

    /// Takes over what a set became on disk.
    fn take_update(&mut self, key: SetKey, update: Update) {
        let Update { set, conflicts } = update;
        self.conflicts.extend(conflicts.into_iter().map(|conflict| (key.clone(), conflict)));
        self.has_new_conflicts |= !self.conflicts.is_empty();
        if key.1 == self.annotator {
            self.catalogue.update(&set);
        }
        if self.shown_key().as_ref() != Some(&key) {
            // To be read again when it is needed.
            self.sets.remove(&key);
            return;
        }
        let open = self.open.as_ref().map(|open| open.article.hash());
        if open != Some(set.article().hash()) {
            return self.reload_text(&key.0);
        }
        let before = self.sets.insert(key.clone(), set);
        if let Some((before, set)) = before.zip(self.sets.get(&key)) {
            let (gone, others) = deleted::changes(&before, set);
            let changed = if gone.is_empty() { changed_annotations(&before, set) } else { others };
            if changed > 0 {
                let noun = if changed == 1 { "annotation" } else { "annotations" };
                self.notify(Notice::info(format!("Updated from disk: {changed} {noun}")));
            }
            if !gone.is_empty() {
                deleted::tell(&self.folder, key, gone, &self.follower.sender, &self.wake);
            }
        }
        self.after_update();
    }

    /// Reads the open set again after the saving thread has changed it.
    pub(super) fn read_open_again(&mut self) {
        if let Some(open) = self.open.as_ref().filter(|open| open.read_only.is_none()) {
            let key = (open.article.id().clone(), self.annotator.clone());
            match self.folder.read_shown(&open.article, &key.1) {
                Ok((loaded, shown)) => {
                    self.catalogue.update(&loaded.set);
                    self.saver.show(key.clone(), shown);
                    self.sets.insert(key, loaded.set);
                }
                Err(error) => self.notify(Notice::error(error)),
            }
        }
        self.after_update();
    }

    /// What is derived from the open set, after it became another one.
    fn after_update(&mut self) {
        let is_gone = |id| self.set().is_none_or(|set| set.annotation(id).is_none());
        let has_lost_start = self.selection.relating_from.is_some_and(is_gone);
        if self.selection.annotation.is_some_and(is_gone) {
            self.selection.select_annotation(None);
        }
        if has_lost_start {
            self.selection.relating_from = None;
        }
        self.more = None;
        self.touch();
        self.start_lints();
    }
}

/// What to do with annotations that could not be moved safely.
pub(super) fn unsure_words(unsure: usize) -> String {
    let noun = if unsure == 1 { "annotation has" } else { "annotations have" };
    format!("{unsure} {noun} lost the text they stood on, see things to check").replacen(
        "has lost the text they",
        "has lost the text it",
        1,
    )
}

fn changed_annotations(before: &AnnotationSet, after: &AnnotationSet) -> usize {
    let difference = Difference::between(before, after);
    // A state alone is a change too.
    difference.len().max(usize::from(!difference.is_empty()))
}
