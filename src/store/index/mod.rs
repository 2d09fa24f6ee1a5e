//! The index of a large project: what the article list, the search and the statistics
//! need, in a few files that are read at once instead of hundreds of thousands.
//!
//! The index is derived from the project's files and never the truth. It says of each
//! article and each annotation set what its files looked like from outside ([`stamp`])
//! when they were read; [`Index::refresh`] looks at every file from outside and reads
//! those again that look different. It may be deleted at any time, is thrown away where
//! it does not read, and where the folder cannot be written to it lives in memory only.
//!
//! In `.copydesk/` are a table of the articles, a table of each annotator's sets
//! ([`table`]) and the texts of all articles one after the other ([`texts`]).
//!
//! There is deliberately no thread in here and nothing of the window: who asks decides
//! where the work is done.

mod code;
mod parallel;
mod place;
mod records;
mod refresh;
mod stamp;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod writing;

pub use parallel::in_order;
pub use refresh::{Found, Reading, Told};
pub use survey::{Survey, Surveyed, survey};
pub use texts::{TextPlace, Texts, TextsFile, text_with_hash};

use super::folder::ProjectFolder;
use super::summary::{SetSummary, Summary};
use crate::model::{AnnotatorName, ArticleId};
use code::Shared;
use place::IndexPlace;
use records::{ArticleRecord, SetRecord, SetStamps};
use stamp::Stamp;
use table::Table;

/// A smaller project is read faster than anybody looks, and keeps no index on disk.
const SMALLEST: usize = 256;
/// Texts of which less than one part in this is in use are written anew.
const MOST_WASTE: u64 = 2;

/// What was known of an article when the index was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Which article.
    pub id: ArticleId,
    /// What the list shows of it.
    pub summary: Summary,
    /// Where its text stands in the file of texts.
    pub place: TextPlace,
}

/// The index as one annotator needs it: what the project's files looked like when they
/// were read. About 60 bytes an article.
#[derive(Debug)]
pub struct Index {
    folder: ProjectFolder,
    annotator: Option<AnnotatorName>,
    /// Ordered by article.
    known: Vec<Known>,
    place: IndexPlace,
    /// Of the articles' table and the texts that belong to it; `None` without them.
    generation: Option<u64>,
    has_sets: bool,
    is_worn: Worn,
    /// Whether the articles were looked at just now, for another annotator.
    has_fresh_articles: bool,
    /// How many articles a project has at least whose index is kept on disk.
    smallest: usize,
}

/// Which files should be written anew when that is convenient.
#[derive(Clone, Copy, Debug, Default)]
struct Worn {
    articles: bool,
    sets: bool,
    texts: bool,
}

/// What an article's files looked like when they were read.
#[derive(Clone, Debug)]
struct Known {
    id: ArticleId,
    article: Stamp,
    set: SetStamps,
}

impl Index {
    /// Reads the index that the project has, with what it says of each article in the
    /// order of their ids; nothing where there is none. O(n), about 100 ms for 100,000
    /// articles, opening three files.
    pub fn load(folder: &ProjectFolder, annotator: Option<&AnnotatorName>) -> (Self, Vec<Indexed>) {
        let mut index = Self {
            folder: folder.clone(),
            annotator: annotator.cloned(),
            known: Vec::new(),
            place: IndexPlace::of(folder),
            generation: None,
            has_sets: false,
            is_worn: Worn::default(),
            has_fresh_articles: false,
            smallest: SMALLEST,
        };
        let (articles, sets) = index.load_tables();
        let Some(articles) = articles else { return (index, Vec::new()) };
        index.generation = Some(articles.generation);
        index.is_worn.articles = articles.is_worn;
        index.has_sets = sets.is_some();
        index.is_worn.sets = sets.as_ref().is_some_and(|sets| sets.is_worn);
        let sets = sets.map_or_else(Vec::new, |sets| sets.records);
        let indexed = index.join(articles.records, sets);
        (index, indexed)
    }

    /// Whether the project had an index that could be read.
    pub fn is_loaded(&self) -> bool {
        self.generation.is_some()
    }

    /// The texts of all articles, where they are kept.
    pub fn texts(&self) -> Option<Texts> {
        self.generation.map(|generation| Texts::new(self.place.clone(), generation))
    }

    /// The index as another annotator needs it, with what is known of each set in the
    /// order of the articles. What was seen of the articles just now is not looked at
    /// again; O(n).
    pub fn of_annotator(&self, annotator: &AnnotatorName) -> (Self, Vec<SetSummary>) {
        let table = self.load_sets(Some(annotator));
        let mut index = Self {
            folder: self.folder.clone(),
            annotator: Some(annotator.clone()),
            known: self.known.clone(),
            place: self.place.clone(),
            generation: self.generation,
            has_sets: table.is_some(),
            is_worn: Worn {
                sets: table.as_ref().is_some_and(|sets| sets.is_worn),
                ..Worn::default()
            },
            has_fresh_articles: true,
            smallest: self.smallest,
        };
        let mut sets = table.map_or_else(Vec::new, |sets| sets.records).into_iter().peekable();
        let known = index.known.iter_mut().map(|known| {
            let record = next_of(&mut sets, &known.id);
            known.set = record.as_ref().map_or(SetStamps::NO_FILES, |record| record.stamps);
            record.map_or_else(SetSummary::default, |record| record.summary)
        });
        let known = known.collect();
        (index, known)
    }

    /// The articles that are known, in order.
    pub fn articles(&self) -> impl ExactSizeIterator<Item = &ArticleId> {
        self.known.iter().map(|known| &known.id)
    }

    /// Both tables at once; that of the articles only with the texts that belong to it.
    fn load_tables(&mut self) -> (Option<Table<ArticleRecord>>, Option<Table<SetRecord>>) {
        let place = &self.place;
        let (articles, sets) = std::thread::scope(|scope| {
            let sets = scope.spawn(|| self.load_sets(self.annotator.as_ref()));
            let mut shared = Shared::default();
            let articles = Table::<ArticleRecord>::load(place, place::ARTICLES, &mut shared);
            (articles, sets.join().ok().flatten())
        });
        let articles = articles.filter(|articles| {
            let file = Texts::new(self.place.clone(), articles.generation).open();
            let places = || articles.records.iter().map(|(_, record)| record.place);
            let needed = places().map(TextPlace::end).max().unwrap_or(0);
            let used: u64 = places().map(|place| u64::from(place.len)).sum();
            let there = file.map_or(0, |file| file.len());
            self.is_worn.texts = there > MOST_WASTE * used + (1 << 20);
            there >= needed
        });
        (articles, sets)
    }

    fn load_sets(&self, annotator: Option<&AnnotatorName>) -> Option<Table<SetRecord>> {
        Table::load(&self.place, &place::sets(annotator?), &mut Shared::default())
    }

    /// Puts articles and sets together, both in order, and keeps their stamps.
    fn join(
        &mut self,
        articles: Vec<(ArticleId, ArticleRecord)>,
        sets: Vec<(ArticleId, SetRecord)>,
    ) -> Vec<Indexed> {
        let mut sets = sets.into_iter().peekable();
        self.known.reserve_exact(articles.len());
        let joined = articles.into_iter().map(|(id, article)| {
            let ArticleRecord { stamp, place, mut summary } = article;
            let record = next_of(&mut sets, &id);
            let (stamps, set) = match record {
                Some(record) => (record.stamps, record.summary),
                None => (SetStamps::NO_FILES, SetSummary::default()),
            };
            summary.set = set;
            self.known.push(Known { id: id.clone(), article: stamp, set: stamps });
            Indexed { id, summary, place }
        });
        joined.collect()
    }
}

impl SetStamps {
    /// Of a set that nobody has begun.
    const NO_FILES: Self =
        Self { article: Stamp::MISSING, file: Stamp::MISSING, history: Stamp::MISSING };
}

/// The record of an article, out of records in the same order; those before it are
/// passed over.
fn next_of<R>(
    records: &mut std::iter::Peekable<impl Iterator<Item = (ArticleId, R)>>,
    id: &ArticleId,
) -> Option<R> {
    while records.next_if(|(other, _)| other < id).is_some() {}
    records.next_if(|(other, _)| other == id).map(|(_, record)| record)
}
