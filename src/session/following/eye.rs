//! The thread that looks at the files of a project, and says what it saw.
//!
//! It holds what it saw last and compares. Nothing of the session is known here but which
//! article is open and who annotates.

use super::Event;
use super::watch::{Changed, Watch};
use crate::model::{AnnotatorName, ArticleId};
use crate::session::saver::Wake;
use crate::store::{Overview, ProjectFolder, summary};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the files are looked at that the window shows.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait for more changes once one was told.
const QUIET: Duration = Duration::from_millis(120);
/// How long to wait for that at most.
const LONGEST: Duration = Duration::from_secs(1);

/// Whose work is followed on which article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) annotator: AnnotatorName,
    pub(super) open: Option<ArticleId>,
    pub(super) waits: Option<Wait>,
}

/// For whose lock a read-only window waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::session) struct Wait {
    pub(in crate::session) annotator: AnnotatorName,
    /// Whether somebody took it from this window, and may not have locked the file yet.
    pub(in crate::session) was_taken: bool,
}

/// What the thread waits for.
pub(super) enum Signal {
    /// The operating system told of files.
    Changed(BTreeSet<Changed>),
    /// Nobody follows any more.
    Stop,
}

/// What runs on the thread.
pub(super) struct Eye {
    pub(super) folder: ProjectFolder,
    pub(super) target: Arc<Mutex<Target>>,
    /// The articles there are; `None` until it has looked once.
    pub(super) known: Option<BTreeSet<ArticleId>>,
    pub(super) events: Sender<Event>,
    pub(super) wake: Wake,
}

impl Eye {
    pub(super) fn run(mut self, inbox: &Receiver<Signal>, signals: Sender<Signal>) {
        let mut watch = Watch::start(&self.folder, signals);
        let mut target = self.target();
        let mut before = self.look(&target);
        for event in self.list(&target) {
            // Nobody listens any more when this fails, and the next signal says so.
            let _ = self.events.send(event);
        }
        (self.wake)();
        loop {
            let told = match inbox.recv_timeout(PAUSE) {
                Ok(Signal::Changed(first)) => gather(first, inbox),
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => Some(BTreeSet::new()),
            };
            let Some(mut told) = told else { return };
            told.extend(watch.renew(&told));
            let turned = self.target();
            let now = self.look(&turned);
            let mut seen = self.compare(
                &turned,
                &before,
                &now,
                (&turned.annotator, &turned.open) != (&target.annotator, &target.open),
            );
            seen.extend(news(&told));
            seen.extend(self.summaries(&turned, told));
            seen.extend(self.free_lock(&turned));
            (target, before) = (turned, now);
            let has_seen = !seen.is_empty();
            if seen.into_iter().any(|event| self.events.send(event).is_err()) {
                return;
            }
            if has_seen {
                (self.wake)();
            }
        }
    }

    fn target(&self) -> Target {
        self.target.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lock that a read-only window waits for, once its holder has let go or is dead.
    fn free_lock(&self, target: &Target) -> Option<Event> {
        let Wait { annotator, was_taken } = target.waits.as_ref()?;
        let lock = self.folder.lock_if_left(annotator, *was_taken)?;
        let mut shared = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        shared.waits = None;
        Some(Event::Free(annotator.clone(), lock))
    }

    fn look(&self, target: &Target) -> Overview {
        self.folder.overview(&target.annotator, target.open.as_ref())
    }

    fn compare(
        &mut self,
        target: &Target,
        before: &Overview,
        now: &Overview,
        has_turned: bool,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        if !now.has_same_project(before) {
            events.push(Event::Project);
        }
        if !now.has_same_assignment(before) {
            events.push(Event::Assignment(self.folder.read_assignment()));
        }
        if has_turned || !now.has_same_note(before) {
            events.push(Event::Note);
        }
        if let Some(article) = &target.open
            && (has_turned || now.open != before.open)
        {
            let has_same_text =
                now.open.zip(before.open).is_some_and(|(a, b)| a.has_same_article(&b));
            if !has_turned && !has_same_text {
                events.push(Event::Text(article.clone()));
            }
            // Between being read and being followed it may have changed too.
            events.push(Event::Set((article.clone(), target.annotator.clone())));
        }
        if !now.has_same_articles(before) {
            events.extend(self.list(target));
        }
        events
    }

    /// Compares the list of articles with the one that is known.
    fn list(&mut self, target: &Target) -> Vec<Event> {
        // A folder that is away has not lost its articles.
        let Ok((ids, _)) = self.folder.article_ids() else { return Vec::new() };
        let ids: BTreeSet<_> = ids.into_iter().collect();
        let Some(known) = self.known.replace(ids.clone()) else {
            return vec![Event::Known(ids)];
        };
        let gone: Vec<_> = known.difference(&ids).cloned().collect();
        let new: Vec<_> = ids.difference(&known).cloned().collect();
        let mut events = Vec::new();
        if !new.is_empty() {
            events.push(self.summarise(&target.annotator, new));
        }
        if !gone.is_empty() {
            events.push(Event::Gone(gone));
        }
        events
    }

    /// What the list shows of the closed articles that were told of; the open one is in
    /// the session's hands.
    fn summaries(&self, target: &Target, told: BTreeSet<Changed>) -> Option<Event> {
        let closed = told.into_iter().filter_map(|changed| match changed {
            Changed::Article(article) => Some(article),
            Changed::Set(annotator, article) if annotator == target.annotator => Some(article),
            Changed::Set(..) | Changed::Folder(_) | Changed::Other => None,
        });
        let is_listed = |article: &ArticleId| {
            target.open.as_ref() != Some(article)
                && self.known.as_ref().is_some_and(|known| known.contains(article))
        };
        let closed: BTreeSet<_> = closed.filter(is_listed).collect();
        (!closed.is_empty()).then(|| self.summarise(&target.annotator, closed))
    }

    fn summarise(
        &self,
        annotator: &AnnotatorName,
        articles: impl IntoIterator<Item = ArticleId>,
    ) -> Event {
        let one = |id: ArticleId| {
            let summary = summary(&self.folder, &id, annotator).ok();
            (id, summary)
        };
        Event::Articles(articles.into_iter().map(one).collect())
    }
}

/// The articles and sets among what was told of.
fn news(told: &BTreeSet<Changed>) -> Option<Event> {
    let about = |changed: &Changed| match changed {
        Changed::Article(article) => Some((article.clone(), None)),
        Changed::Set(annotator, article) => Some((article.clone(), Some(annotator.clone()))),
        Changed::Folder(_) | Changed::Other => None,
    };
    let told: Vec<_> = told.iter().filter_map(about).collect();
    (!told.is_empty()).then_some(Event::News(told))
}

/// What changes within a short while is one change; `None` when nobody follows any more.
fn gather(first: BTreeSet<Changed>, inbox: &Receiver<Signal>) -> Option<BTreeSet<Changed>> {
    let started = Instant::now();
    let mut all = first;
    while started.elapsed() < LONGEST {
        match inbox.recv_timeout(QUIET) {
            Ok(Signal::Changed(more)) => all.extend(more),
            Ok(Signal::Stop) => return None,
            Err(_) => break,
        }
    }
    Some(all)
}
