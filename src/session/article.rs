//! Opening articles, and the annotation sets that belong to them.

use super::{Notice, SaveState, Selection, Session, SessionError, SetKey};
use crate::model::{AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId};
use crate::text::{Paragraph, TextRange, paragraphs};
use std::sync::Arc;

/// The article that is open.
#[derive(Clone, Debug)]
pub struct OpenArticle {
    /// The article.
    pub article: Arc<Article>,
    /// Its paragraphs.
    pub paragraphs: Arc<[Paragraph]>,
    /// The number of characters.
    pub chars: usize,
    /// Why it cannot be annotated, where that is so: its annotations could not be read.
    pub read_only: Option<String>,
    /// A place to bring into view, and another number each time there is a new one.
    pub reveal: (u64, Option<TextRange>),
}

impl Session {
    pub(super) fn open_article(&mut self, id: &ArticleId) -> Result<(), SessionError> {
        if self.open.as_ref().is_some_and(|open| open.article.id() == id) {
            return Ok(());
        }
        if !self.may_open(id) {
            return Err(SessionError::Missing("this article is not one of yours"));
        }
        let mut article = Arc::new(self.folder.read_article(id)?);
        let key = (id.clone(), self.annotator.clone());
        if let Some(text) = self.take_up_again(&key)
            && text.hash() != article.hash()
        {
            // The corrected text follows when nothing is on its way to the disk any more.
            article = text;
            self.follower.read_again(id.clone());
        }
        let read_only = match self.load_set(&key, Some(&article)) {
            Ok(()) => None,
            Err(error) => {
                self.notify(Notice::error(&error));
                Some(error.to_string())
            }
        };
        let left = self.shown_key();
        let left_article = left.as_ref().map(|(article, _)| article.clone());
        let title = &article.meta().title;
        self.open = Some(OpenArticle {
            paragraphs: paragraphs(article.text(), title).into(),
            chars: article.text().chars().count(),
            article,
            read_only,
            reveal: (0, None),
        });
        self.selection = Selection::default();
        self.more = None;
        self.search.article_opened(self.open.as_ref());
        self.prune_sets();
        if let Some(set) = self.sets.get(&key) {
            self.catalogue.update(set);
        }
        self.follow_open();
        left.into_iter().chain([key]).for_each(|key| self.tidy_history(key));
        if self.reviewer().is_some() {
            self.follow_to_article(left_article.as_ref());
        }
        self.touch();
        self.start_lints();
        Ok(())
    }

    /// Has a set read again that is in memory and was not open: it may have been read for
    /// a preview, and nobody has followed it since. As long as something is on its way to
    /// the disk, and so in memory alone, the set stays and is read later; its text then.
    fn take_up_again(&mut self, key: &SetKey) -> Option<Arc<Article>> {
        if self.save_state() == SaveState::Saved {
            self.sets.remove(key);
            return None;
        }
        let set = self.sets.get(key)?;
        self.follower.show_again(key.clone());
        Some(Arc::clone(set.article()))
    }

    pub(super) fn go_to(&mut self, id: &ArticleId, range: TextRange) -> Result<(), SessionError> {
        self.open_article(id)?;
        self.reveal(range);
        Ok(())
    }

    pub(super) fn go_to_annotation(
        &mut self,
        id: &ArticleId,
        annotation: AnnotationId,
    ) -> Result<(), SessionError> {
        self.open_article(id)?;
        self.select_and_reveal(annotation);
        Ok(())
    }

    /// Selects an annotation and brings it into view.
    pub(super) fn select_and_reveal(&mut self, annotation: AnnotationId) {
        let found = self.set().and_then(|set| set.annotation(annotation));
        let Some(extent) = found.map(|found| found.span.extent()) else { return };
        self.selection.select_annotation(Some(annotation));
        self.reveal(extent);
    }

    pub(super) fn reveal(&mut self, range: TextRange) {
        if let Some(open) = &mut self.open {
            let number = super::REVISIONS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            open.reveal = (number, Some(range));
        }
    }

    /// Makes sure that a set is in memory; with its article it is one to be shown. What has
    /// been touched stays there, so that a set is never read back from files that lag behind.
    pub(super) fn load_set(
        &mut self,
        key: &SetKey,
        article: Option<&Arc<Article>>,
    ) -> Result<(), SessionError> {
        if self.sets.contains_key(key) {
            return Ok(());
        }
        let loaded = match article {
            Some(article) => {
                let (loaded, shown) = self.folder.read_shown(article, &key.1)?;
                self.saver.show(key.clone(), shown);
                loaded
            }
            None => {
                let article = Arc::new(self.folder.read_article(&key.0)?);
                self.folder.read_set(&article, &key.1)?
            }
        };
        self.report(loaded.problems);
        self.sets.insert(key.clone(), loaded.set);
        Ok(())
    }

    /// Forgets sets that are not open, as long as nothing waits to be saved.
    fn prune_sets(&mut self) {
        if self.save_state() != SaveState::Saved {
            return;
        }
        let open = self.open.as_ref().map(|open| open.article.id().clone());
        self.sets.retain(|(article, _), _| Some(article) == open.as_ref());
    }

    /// Works on somebody's sets, or on gold, under the same name as before or a new one.
    pub(super) fn switch_annotator(&mut self, name: AnnotatorName) -> Result<(), SessionError> {
        if name == self.annotator {
            return Ok(());
        }
        name.ensure_own_folder(&self.project.annotators)?;
        self.ensure_saved("not everything is saved yet; save it before somebody else goes on")?;
        let others = &self.project.annotators;
        let mut catalogue = super::Catalogue::start(&self.folder, &name, others, &self.wake)?;
        catalogue.set_filter(self.catalogue.filter().clone());
        let problems = catalogue.take_problems();
        self.report(problems);
        self.catalogue = catalogue;
        if !name.is_gold() && !self.project.annotators.contains(&name) {
            self.project.annotators.push(name.clone());
            self.saver.add_annotator(name.clone());
        }
        self.annotator = name;
        self.load_assignment();
        self.take_lock();
        self.load_history();
        let open = self.open.take();
        self.follow_open();
        self.selection = Selection::default();
        if let Some(open) = open.filter(|open| self.may_open(open.article.id())) {
            self.open_article(open.article.id())?;
        }
        self.touch();
        self.start_lints();
        Ok(())
    }

    /// The annotation sets of an article in memory that belong to the open article.
    pub(super) fn open_key(&self) -> Result<SetKey, SessionError> {
        self.ensure_writing()?;
        let open = self.open.as_ref().ok_or(SessionError::Missing("open an article first"))?;
        if let Some(why) = &open.read_only {
            return Err(SessionError::ReadOnly(why.clone()));
        }
        Ok((open.article.id().clone(), self.annotator.clone()))
    }

    /// The open set, where it can be annotated.
    pub(super) fn editable(&self) -> Result<&AnnotationSet, SessionError> {
        let key = self.open_key()?;
        self.sets.get(&key).ok_or(SessionError::Missing("open an article first"))
    }
}
