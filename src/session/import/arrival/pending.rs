//! New articles on their way to the disk, many at once.

use super::Arrivals;
use crate::edit::{Edit, Transaction};
use crate::formats::Layer;
use crate::model::{AnnotationSet, Article, ArticleId, State};
use crate::session::import::Outcome;
use crate::store::{Cause, StoreError, Turn};
use std::collections::HashMap;
use std::sync::Arc;

/// The new articles that are written at once, and the bytes of their texts.
const MOST_PENDING: usize = 512;
const MOST_PENDING_BYTES: usize = 16 << 20;

/// New articles that are not written yet.
#[derive(Default)]
pub(super) struct Pending {
    articles: Vec<NewArticle>,
    at: HashMap<ArticleId, usize>,
    bytes: usize,
}

pub(super) struct NewArticle {
    pub(super) article: Arc<Article>,
    pub(super) sets: Vec<AnnotationSet>,
    /// What the sets are made of, and the name of the file it came from: another import may
    /// bring the article first.
    pub(super) layers: Vec<Layer>,
    pub(super) name: String,
    /// For which schema the sets are made.
    pub(super) schemas: u64,
    /// The outcome that says so.
    pub(super) outcome: usize,
}

impl Pending {
    /// Whether it is time to write them.
    pub(super) fn is_full(&self) -> bool {
        self.articles.len() >= MOST_PENDING || self.bytes >= MOST_PENDING_BYTES
    }

    pub(super) fn add(&mut self, new: NewArticle) {
        self.at.insert(new.article.id().clone(), self.articles.len());
        self.bytes += new.article.text().len();
        self.articles.push(new);
    }

    pub(super) fn get_mut(&mut self, id: &ArticleId) -> Option<&mut NewArticle> {
        let at = *self.at.get(id)?;
        self.articles.get_mut(at)
    }
}

impl Arrivals<'_> {
    /// Writes the new articles, and whose annotations came with them.
    pub(super) fn write_pending(&mut self) {
        let Pending { articles, .. } = std::mem::take(&mut self.pending);
        if articles.is_empty() {
            return;
        }
        let turn = match self.take_turn() {
            Ok(turn) => turn,
            Err(error) => return articles.iter().for_each(|new| self.refuse(new, &error)),
        };
        let mut articles = articles;
        if let Err(error) = self.prepare_for(&mut articles) {
            return articles.iter().for_each(|new| self.refuse(new, &error));
        }
        let (articles, here): (Vec<_>, Vec<_>) =
            articles.into_iter().partition(|new| !self.newcomers.contains_key(&new.article.hash()));
        let batch: Vec<_> = articles.iter().map(|new| (&*new.article, &*new.sets)).collect();
        let written = self.folder.add_articles(&batch);
        for (new, written) in articles.into_iter().zip(written) {
            match written {
                Ok(()) => drop(self.looked_at.insert(new.article.id().clone())),
                Err(error) => self.write_alone(&new, error),
            }
        }
        // Another turn is needed for what goes into articles that are here.
        drop(turn);
        here.into_iter().for_each(|new| self.come_second(new));
    }

    /// Has the schema and the annotators in `project.ron` that new articles need, and their
    /// sets made for the schema that is there now.
    fn prepare_for(&mut self, articles: &mut [NewArticle]) -> Result<(), StoreError> {
        loop {
            let schemas = self.schemas;
            articles
                .iter_mut()
                .filter(|new| new.schemas != schemas)
                .for_each(|new| self.adopt_again(new));
            let sets = articles.iter().flat_map(|new| &new.sets);
            self.prepare_project(sets.map(AnnotationSet::annotator))?;
            if articles.iter().all(|new| new.schemas == self.schemas) {
                return Ok(());
            }
        }
    }

    /// Makes the sets of a new article anew: a label of them may be gone.
    fn adopt_again(&mut self, new: &mut NewArticle) {
        (new.sets, new.schemas) = (Vec::new(), self.schemas);
        for layer in &new.layers {
            // How many came and what was noticed is told already.
            let (added, told) = (&mut Vec::new(), &mut Vec::new());
            self.join(&new.article, layer, &new.name, &mut new.sets, added, told);
        }
        new.sets.retain(|set| !set.is_empty() || set.state() != State::Unseen);
    }

    /// Waits for the turn to add something, and takes in what other imports have added
    /// since the last one, and what became of the schema in a window.
    pub(super) fn take_turn(&mut self) -> Result<Turn, StoreError> {
        let turn = self.folder.take_turn()?;
        if !turn.follows(self.turn) {
            self.look_again()?;
        } else if self.folder.project_sight() != self.sight {
            self.take_in_project()?;
        }
        self.turn = turn.number();
        Ok(turn)
    }

    /// Takes in the articles and labels that are in the project and not known yet.
    pub(super) fn look_again(&mut self) -> Result<(), StoreError> {
        let (ids, _) = self.folder.article_ids()?;
        for id in ids {
            if !self.looked_at.insert(id.clone()) {
                continue;
            }
            // One that cannot be read keeps no text out; the check names it.
            if let Ok(article) = self.folder.read_article(&id) {
                self.known.insert(article.hash(), id.clone());
                self.newcomers.insert(article.hash(), id.clone());
            }
            self.taken.insert(id);
        }
        self.take_in_project()?;
        // Sets that the writer remembers may be others by now.
        self.flush_writer();
        Ok(())
    }

    /// Takes in the annotators and the schema that `project.ron` has now.
    fn take_in_project(&mut self) -> Result<(), StoreError> {
        // Looked at before it is read: what changes in between is seen the next time.
        self.sight = self.folder.project_sight();
        let (project, _) = self.folder.read_project()?;
        if project.schema != self.schema {
            // Sets that the writer remembers are from before it.
            self.flush_writer();
            self.adoption.rebase(&project.schema);
            self.schema = project.schema;
            self.schemas += 1;
        }
        self.members.extend(project.annotators);
        Ok(())
    }

    /// The annotations of an article that another import has brought first go to that one.
    fn come_second(&mut self, new: NewArticle) {
        let NewArticle { article, layers, name, outcome, .. } = new;
        let Some(id) = self.newcomers.get(&article.hash()).cloned() else { return };
        // What was noticed about the file is told already.
        let added = self.add_layers(&id, &layers, &name, &mut Vec::new());
        let Some(Outcome::Imported { path, warnings, .. }) = self.outcomes.get(outcome) else {
            return;
        };
        let (path, warnings) = (path.clone(), warnings.clone());
        let now = match added {
            Ok(added) => Outcome::Known { id, path, added, warnings },
            Err(error) => Outcome::Refused { path, line: None, why: error.to_string() },
        };
        if let Some(told) = self.outcomes.get_mut(outcome) {
            *told = now;
        }
    }

    /// Where case does not count in file names, a file of another name may be in the way,
    /// and another program may have been faster: the next number is free.
    fn write_alone(&mut self, new: &NewArticle, mut error: StoreError) {
        let wanted = new.article.id().clone();
        while matches!(error.cause, Cause::Exists) {
            let id = self.free_id(&wanted);
            let (meta, text) = (new.article.meta().clone(), Arc::clone(new.article.text()));
            let article = Arc::new(Article::new(id.clone(), meta, text));
            let sets: Vec<_> = new.sets.iter().map(|set| moved(set, &article)).collect();
            match self.folder.add_articles(&[(&*article, &*sets)]).pop() {
                Some(Err(again)) => error = again,
                _ => {
                    self.known.insert(article.hash(), id.clone());
                    self.looked_at.insert(id.clone());
                    if let Some(Outcome::Imported { id: told, .. }) =
                        self.outcomes.get_mut(new.outcome)
                    {
                        *told = id;
                    }
                    return;
                }
            }
        }
        self.refuse(new, &error);
    }

    /// Takes back that an article was imported.
    fn refuse(&mut self, new: &NewArticle, error: &StoreError) {
        self.known.remove(&new.article.hash());
        if let Some(outcome) = self.outcomes.get_mut(new.outcome)
            && let Outcome::Imported { path, .. } = &*outcome
        {
            let path = path.clone();
            *outcome = Outcome::Refused { path, line: None, why: error.to_string() };
        }
    }
}

/// The same set of an article with another id.
fn moved(set: &AnnotationSet, article: &Arc<Article>) -> AnnotationSet {
    let mut moved = AnnotationSet::new(Arc::clone(article), set.annotator().clone());
    let mut edits: Vec<_> = set.annotations().cloned().map(Edit::add).collect();
    edits.extend(set.relations().cloned().map(Edit::relate));
    edits.push(Edit::State(set.state()));
    let applied = Transaction::from(edits).apply(&mut moved);
    debug_assert!(applied.is_ok(), "what fits a text fits the same text: {applied:?}");
    moved
}
