//! Which article of the project a file is a newer version of.
//!
//! The one whose id the file's name gives; else the one that came from the same address;
//! else the only one with the same headline, source and date. Where there is none, or it
//! cannot be told which, the file is an article of its own.

use crate::formats::Document;
use crate::model::{Article, ArticleId, ArticleMeta, IdSource};
use crate::store::{CorrectedSet, ProjectFolder, StoreError};
use std::collections::{HashMap, HashSet};

/// The articles of a project by what they are known by.
#[derive(Default)]
pub(super) struct Updates {
    /// Read when the first file is not known by its name.
    index: Option<HashMap<Key, Vec<ArticleId>>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Url(String),
    Headline(String, String, Option<jiff::civil::Date>),
}

/// An article that was corrected: its id, its headline and what became of its annotations.
type Updated = (ArticleId, String, Vec<CorrectedSet>);

impl Updates {
    /// Gives an article of the project the text that was read; `None` where it is none of
    /// the project's.
    pub(super) fn update(
        &mut self,
        folder: &ProjectFolder,
        read: &Document,
        wanted: &ArticleId,
        taken: &HashSet<ArticleId>,
    ) -> Result<Option<Updated>, StoreError> {
        let id = match taken.get(wanted) {
            Some(id) => id.clone(),
            None => match self.known(folder, &read.meta, taken) {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        let now = folder.read_article(&id)?;
        let meta = newer(now.meta(), &read.meta);
        let title = meta.title.clone();
        let corrected = Article::new(id.clone(), meta, read.text.clone());
        let sets = folder.correct_article(&corrected, IdSource::random().step())?;
        Ok(Some((id, title, sets)))
    }

    fn known(
        &mut self,
        folder: &ProjectFolder,
        meta: &ArticleMeta,
        taken: &HashSet<ArticleId>,
    ) -> Option<ArticleId> {
        let index = self.index.get_or_insert_with(|| index(folder, taken));
        keys(meta).into_iter().find_map(|key| match index.get(&key).map(Vec::as_slice) {
            Some([only]) => Some(only.clone()),
            _ => None,
        })
    }
}

/// An article that cannot be read is no version of anything; it is named by the check.
fn index(folder: &ProjectFolder, taken: &HashSet<ArticleId>) -> HashMap<Key, Vec<ArticleId>> {
    let mut index: HashMap<_, Vec<_>> = HashMap::new();
    for article in taken.iter().filter_map(|id| folder.read_article(id).ok()) {
        for key in keys(article.meta()) {
            index.entry(key).or_default().push(article.id().clone());
        }
    }
    index
}

fn keys(meta: &ArticleMeta) -> Vec<Key> {
    let mut keys = Vec::new();
    if !meta.url.is_empty() {
        keys.push(Key::Url(meta.url.clone()));
    }
    // A headline alone is shared by whoever prints a wire report.
    if !meta.title.is_empty() && (!meta.source.is_empty() || meta.date.is_some()) {
        keys.push(Key::Headline(meta.title.clone(), meta.source.clone(), meta.date));
    }
    keys
}

/// What the file says of itself, and else what was known.
fn newer(known: &ArticleMeta, read: &ArticleMeta) -> ArticleMeta {
    let pick = |read: &str, known: &str| if read.is_empty() { known } else { read }.to_owned();
    ArticleMeta {
        title: pick(&read.title, &known.title),
        source: pick(&read.source, &known.source),
        date: read.date.or(known.date),
        url: pick(&read.url, &known.url),
        language: pick(&read.language, &known.language),
    }
}
