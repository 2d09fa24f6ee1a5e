//! Bringing the index up to date: looking at every file from outside, and reading those
//! that look different.

use super::parallel::in_order;
use super::place;
use super::records::{ArticleRecord, SetRecord, SetStamps};
use super::stamp::{Stamp, stamp, stamps};
use super::table::Table;
use super::texts::{TextPlace, Texts};
use super::writing::Writing;
use super::{Index, Known, Worn};
use crate::model::{AnnotatorName, Article, ArticleId};
use crate::store::disk::Entry;
use crate::store::error::{Problem, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use crate::store::summary::{SetSummary, Summary};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// So many articles are read in one go.
const GROUP: usize = 16;
/// Where more than one article in this many has changed, the index is made anew.
const FEW: usize = 4;

/// What comes up while the index is brought up to date.
#[derive(Debug)]
pub enum Told {
    /// Every file has been looked at from outside.
    Listed {
        /// The articles that are about to be read, in order: new ones, and those of which
        /// a file looks different.
        changed: Vec<ArticleId>,
        /// The articles that are gone.
        gone: Vec<ArticleId>,
        /// What stands among the articles and is none.
        problems: Vec<Problem>,
    },
    /// Articles that were read, in order.
    Read(Vec<Reading>),
    /// Where the texts of these articles stand from now on. Places in texts of before do
    /// not hold any more when the texts are others.
    Texts(Option<Texts>, Vec<(ArticleId, TextPlace)>),
}

/// An article that was read.
#[derive(Debug)]
pub struct Reading {
    /// Which article.
    pub id: ArticleId,
    /// What was read.
    pub found: Found,
}

/// What was found in the files of an article.
#[derive(Debug)]
pub enum Found {
    /// The article and the annotator's set.
    Both(Summary),
    /// The article as one that nobody has seen, and why the set could not be read.
    ArticleOnly(Summary, StoreError),
    /// Why the article could not be read.
    Nothing(StoreError),
}

impl Found {
    /// What is known, and what is wrong.
    pub fn into_parts(self) -> (Option<Summary>, Option<StoreError>) {
        match self {
            Self::Both(summary) => (Some(summary), None),
            Self::ArticleOnly(summary, error) => (Some(summary), Some(error)),
            Self::Nothing(error) => (None, Some(error)),
        }
    }
}

/// Something to read, with what its files looked like before that.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: ArticleId,
    pub(super) article: Stamp,
    pub(super) set: SetStamps,
    /// Whether the article's own file looks different.
    pub(super) is_other_article: bool,
}

/// Everything that the folder holds, as seen from outside.
struct Seen {
    /// In the order of what is known; `None` where the article is gone.
    known: Vec<Option<Outside>>,
    new: BTreeMap<ArticleId, Outside>,
    problems: Vec<Problem>,
}

#[derive(Clone, Copy)]
struct Outside {
    article: Stamp,
    file: Stamp,
    history: Stamp,
}

impl Outside {
    fn of(article: Stamp) -> Self {
        Self { article, file: Stamp::MISSING, history: Stamp::MISSING }
    }

    fn set(self) -> SetStamps {
        SetStamps { article: self.article, file: self.file, history: self.history }
    }
}

/// What one article gave: for the asker, and for the index.
struct Read {
    reading: Reading,
    article: Option<Arc<Article>>,
}

impl Index {
    /// Looks at every file from outside, which takes about 1 µs each, and reads those
    /// articles and sets that look different from when they were read last. What comes up
    /// is told in order on this thread; breaking off leaves the rest for the next time.
    /// The index on disk follows, where there can be one.
    ///
    /// # Errors
    /// When a folder of the project cannot be read.
    pub fn refresh(
        &mut self,
        tell: &mut dyn FnMut(Told) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let seen = self.look()?;
        let (mut tasks, gone, problems) = self.plan(seen);
        let total = self.known.len() - gone.len() + tasks.iter().filter(|t| self.is_new(t)).count();
        let others = tasks.iter().filter(|task| task.is_other_article).count();
        let is_kept = total >= self.smallest && self.place.make().is_ok();
        let is_whole = self.generation.is_none() || self.is_worn.texts || others * FEW > total;
        if is_kept && is_whole {
            tasks = self.everything(tasks, &gone);
        }
        let changed = tasks.iter().map(|task| task.id.clone()).collect();
        if tell(Told::Listed { changed, gone: gone.clone(), problems }).is_break() {
            return Ok(());
        }
        let writing = if is_kept { self.begin(is_whole, &tasks, &gone, tell) } else { None };
        self.carry_out(tasks, &gone, writing, tell);
        Ok(())
    }

    /// Reads these articles again, whatever their files look like.
    pub fn reread(&mut self, ids: &[ArticleId], tell: &mut dyn FnMut(Told) -> ControlFlow<()>) {
        let now = SystemTime::now();
        let look = |file: &Path| stamp(&self.folder, file, now);
        let task = |id: &ArticleId| {
            let article = look(&layout::article(id));
            let of = |file: fn(&AnnotatorName, &ArticleId) -> PathBuf| {
                self.annotator.as_ref().map_or(Stamp::MISSING, |name| look(&file(name, id)))
            };
            let set = SetStamps { article, file: of(layout::set), history: of(layout::history) };
            let known = self.position(id).and_then(|at| self.known.get(at));
            let is_other_article = known.is_none_or(|known| !known.article.is_same(article));
            Task { id: id.clone(), article, set, is_other_article }
        };
        let (tasks, gone): (Vec<_>, Vec<_>) =
            ids.iter().map(task).partition(|task| task.article != Stamp::MISSING);
        let gone: Vec<_> = gone.into_iter().map(|task| task.id).collect();
        let writing = match self.generation {
            Some(_) => self.begin(false, &tasks, &gone, tell),
            None => None,
        };
        self.carry_out(tasks, &gone, writing, tell);
    }

    fn position(&self, id: &ArticleId) -> Option<usize> {
        self.known.binary_search_by(|known| known.id.cmp(id)).ok()
    }

    fn is_new(&self, task: &Task) -> bool {
        self.position(&task.id).is_none()
    }

    /// Lists the three folders at once.
    fn look(&self) -> Result<Seen, StoreError> {
        let now = SystemTime::now();
        let list = |folder: PathBuf| stamps(&self.folder, &folder, now);
        let of_annotator = |folder: fn(&AnnotatorName) -> PathBuf| {
            self.annotator.as_ref().map_or_else(|| Ok(Vec::new()), |name| list(folder(name)))
        };
        let (articles, files, histories) = std::thread::scope(|scope| {
            let files = scope.spawn(|| of_annotator(layout::sets));
            let histories = scope.spawn(|| of_annotator(layout::histories));
            let articles = if self.has_fresh_articles {
                Ok(Vec::new())
            } else {
                list(PathBuf::from(layout::ARTICLES))
            };
            (articles, joined(files), joined(histories))
        });
        let places: HashMap<&str, usize> =
            self.known.iter().enumerate().map(|(at, known)| (known.id.as_str(), at)).collect();
        let mut seen = Seen {
            known: self.known.iter().map(|known| self.fresh(known)).collect(),
            new: BTreeMap::new(),
            problems: Vec::new(),
        };
        for (entry, stamp) in articles? {
            seen.article(&self.folder, &places, &entry, stamp);
        }
        seen.sets(&places, files?, |outside, stamp| outside.file = stamp);
        seen.sets(&places, histories?, |outside, stamp| outside.history = stamp);
        Ok(seen)
    }

    /// What is known of an article without looking.
    fn fresh(&self, known: &Known) -> Option<Outside> {
        self.has_fresh_articles.then(|| Outside::of(known.article))
    }

    /// What is to be read, in order, and what is gone.
    fn plan(&self, seen: Seen) -> (Vec<Task>, Vec<ArticleId>, Vec<Problem>) {
        let Seen { known, new, problems } = seen;
        let (mut tasks, mut gone) = (Vec::new(), Vec::new());
        for (known, outside) in self.known.iter().zip(known) {
            let Some(outside) = outside else {
                gone.push(known.id.clone());
                continue;
            };
            let is_other_article = !known.article.is_same(outside.article);
            if is_other_article || !known.set.is_same(&outside.set()) {
                let (id, article) = (known.id.clone(), outside.article);
                tasks.push(Task { id, article, set: outside.set(), is_other_article });
            }
        }
        tasks.extend(new.into_iter().map(|(id, outside)| {
            let article = outside.article;
            Task { id, article, set: outside.set(), is_other_article: true }
        }));
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        (tasks, gone, problems)
    }

    /// Everything there is, to be read for an index made anew.
    fn everything(&self, tasks: Vec<Task>, gone: &[ArticleId]) -> Vec<Task> {
        let unchanged = self.known.iter().filter(|known| {
            gone.binary_search(&known.id).is_err()
                && tasks.binary_search_by(|task| task.id.cmp(&known.id)).is_err()
        });
        let mut all: Vec<_> = unchanged
            .map(|known| Task {
                id: known.id.clone(),
                article: known.article,
                set: known.set,
                is_other_article: true,
            })
            .collect();
        all.extend(tasks.into_iter().map(|task| Task { is_other_article: true, ..task }));
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// Begins to write the index; `None` where nothing is to be written or nothing can be.
    fn begin(
        &mut self,
        is_whole: bool,
        tasks: &[Task],
        gone: &[ArticleId],
        tell: &mut dyn FnMut(Told) -> ControlFlow<()>,
    ) -> Option<Writing> {
        if is_whole {
            self.generation = None;
            self.has_sets = false;
            // Breaking off is noticed with the first article that is read.
            let _ = tell(Told::Texts(None, Vec::new()));
        } else {
            self.mend();
            if tasks.is_empty() && gone.is_empty() {
                return None;
            }
        }
        let sets = self.annotator.as_ref().map(place::sets);
        Writing::begin(&self.place, self.generation, sets, self.has_sets).ok().flatten()
    }

    /// Writes worn tables anew from what they hold.
    fn mend(&mut self) {
        let Worn { articles, sets, .. } = self.is_worn;
        if !articles && !sets {
            return;
        }
        let Some(_lock) = self.place.lock() else { return };
        let shared = &mut super::Shared::default();
        if articles
            && let Some(table) = Table::<ArticleRecord>::load(&self.place, place::ARTICLES, shared)
        {
            // A table that cannot be written is mended another time.
            self.is_worn.articles = table.save(&self.place, place::ARTICLES).is_err();
        }
        let name = self.annotator.as_ref().map(place::sets).filter(|_| sets);
        if let Some(name) = name
            && let Some(table) = Table::<SetRecord>::load(&self.place, &name, shared)
        {
            self.is_worn.sets = table.save(&self.place, &name).is_err();
        }
    }

    /// Reads what is to be read, tells it and writes it.
    fn carry_out(
        &mut self,
        tasks: Vec<Task>,
        gone: &[ArticleId],
        mut writing: Option<Writing>,
        tell: &mut dyn FnMut(Told) -> ControlFlow<()>,
    ) {
        let mut is_over = false;
        let mut tasks = tasks;
        let groups: Vec<&[Task]> = tasks.chunks(GROUP).collect();
        let mut failed = Vec::new();
        let folder = &self.folder;
        let annotator = self.annotator.as_ref();
        let read = |group: usize| -> Vec<Read> {
            groups[group].iter().map(|task| read(folder, task, annotator)).collect()
        };
        let mut taken = groups.iter();
        in_order(groups.len(), read, |results| {
            let group = taken.next().copied().unwrap_or_default();
            for (task, result) in group.iter().zip(&results) {
                if !matches!(result.reading.found, Found::Both(_)) {
                    failed.push(task.id.clone());
                }
                if writing.as_mut().is_some_and(|writing| record(writing, task, result).is_err()) {
                    writing = None;
                }
            }
            let readings = results.into_iter().map(|result| result.reading).collect();
            let flow = tell(Told::Read(readings));
            is_over = flow.is_break();
            flow
        });
        if is_over {
            return;
        }
        for task in &mut tasks {
            if failed.binary_search(&task.id).is_ok() {
                task.article = Stamp::UNTRUSTED;
            }
        }
        self.remember(tasks, gone);
        if let Some(written) = writing.and_then(|writing| writing.finish(gone).ok()) {
            self.generation = Some(written.generation);
            self.has_sets = true;
            self.is_worn.texts = false;
            // Whoever does not want to hear more has heard everything.
            let _ = tell(Told::Texts(self.texts(), written.places));
        }
    }

    /// What the files looked like when they were read.
    fn remember(&mut self, tasks: Vec<Task>, gone: &[ArticleId]) {
        let known = std::mem::take(&mut self.known);
        let kept = known.into_iter().filter(|known| {
            tasks.binary_search_by(|task| task.id.cmp(&known.id)).is_err()
                && !gone.contains(&known.id)
        });
        let mut known: Vec<_> = kept.collect();
        known.extend(tasks.into_iter().map(|Task { id, article, set, .. }| Known {
            id,
            article,
            set,
        }));
        known.sort_by(|a, b| a.id.cmp(&b.id));
        self.known = known;
    }
}

impl Seen {
    fn article(
        &mut self,
        folder: &ProjectFolder,
        places: &HashMap<&str, usize>,
        entry: &Entry,
        stamp: Stamp,
    ) {
        let known = layout::stem(&entry.name).filter(|_| !entry.is_folder);
        if let Some(place) = known.and_then(|stem| places.get(stem)) {
            self.known[*place] = Some(Outside::of(stamp));
            return;
        }
        let name = Path::new(layout::ARTICLES);
        if let Some(id) = folder.article_in(name, entry, &mut self.problems) {
            self.new.insert(id, Outside::of(stamp));
        }
    }

    /// Files of articles that are not there are for the check to name.
    fn sets(
        &mut self,
        places: &HashMap<&str, usize>,
        entries: Vec<(Entry, Stamp)>,
        put: impl Fn(&mut Outside, Stamp),
    ) {
        for (entry, stamp) in entries {
            let Some(stem) = layout::stem(&entry.name).filter(|_| !entry.is_folder) else {
                continue;
            };
            let outside = match places.get(stem) {
                Some(place) => self.known[*place].as_mut(),
                None => ArticleId::new(stem).ok().and_then(|id| self.new.get_mut(&id)),
            };
            if let Some(outside) = outside {
                put(outside, stamp);
            }
        }
    }
}

fn joined<T>(
    thread: std::thread::ScopedJoinHandle<'_, Result<Vec<T>, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    match thread.join() {
        Ok(listed) => listed,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn read(folder: &ProjectFolder, task: &Task, annotator: Option<&AnnotatorName>) -> Read {
    let article = match folder.read_article(&task.id) {
        Ok(article) => Arc::new(article),
        Err(error) => {
            let reading = Reading { id: task.id.clone(), found: Found::Nothing(error) };
            return Read { reading, article: None };
        }
    };
    let summary = Summary::unseen(&article);
    let set = match annotator.filter(|_| task.set.has_files()) {
        Some(annotator) => {
            folder.read_set(&article, annotator).map(|read| SetSummary::of(&read.set))
        }
        None => Ok(SetSummary::default()),
    };
    let found = match set {
        Ok(set) => Found::Both(Summary { set, ..summary }),
        Err(error) => Found::ArticleOnly(summary, error),
    };
    Read { reading: Reading { id: task.id.clone(), found }, article: Some(article) }
}

/// Hands what was read to the index. What could not be read is not in it, and so is read
/// again the next time.
fn record(writing: &mut Writing, task: &Task, read: &Read) -> std::io::Result<()> {
    let (summary, has_set) = match &read.reading.found {
        Found::Both(summary) => (summary, true),
        Found::ArticleOnly(summary, _) => (summary, false),
        Found::Nothing(_) => return Ok(()),
    };
    if task.is_other_article
        && let Some(article) = &read.article
    {
        let summary = Summary { set: SetSummary::default(), ..summary.clone() };
        writing.article(&task.id, article.text(), task.article, summary)?;
    }
    if has_set {
        let record = SetRecord { stamps: task.set, summary: summary.set.clone() };
        writing.set(&task.id, &record)?;
    }
    Ok(())
}
