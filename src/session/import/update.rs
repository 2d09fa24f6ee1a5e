//! Which article of the project a file is a newer version of.
//!
//! The one whose id the file's name gives; else the one that came from the same address;
//! else the only one with the same headline, source and date. Several articles may have
//! one name, told apart by a number behind their ids that no file knows of; of those it is
//! the one with the same address or headline, else the one whose text is clearly the most
//! alike, else none is corrected. Where there is no such article, the file is one of its
//! own.

use crate::formats::{Document, title_of};
use crate::model::{Article, ArticleId, ArticleMeta, IdSource};
use crate::store::{CorrectedSet, ProjectFolder, StoreError};
use crate::text::Sketch;
use std::collections::{HashMap, HashSet};

/// The least likeness of a text to the one that it is a version of, where its name alone
/// does not tell.
const ALIKE: f64 = 0.4;
/// How many times as unlike as that one every other article must be.
const CLEARLY: f64 = 2.0;

/// The articles of a project by what they are known by.
pub(super) struct Updates {
    /// By the id that their file's name gives, as they were before the import: a file is no
    /// newer version of one that came with it.
    families: HashMap<ArticleId, Vec<ArticleId>>,
    /// The articles that others have the name of, which are compared.
    faces: HashMap<ArticleId, Face>,
    /// Read when the first file is not known by its name.
    index: Option<HashMap<Key, Vec<ArticleId>>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Url(String),
    Headline(String, String, Option<jiff::civil::Date>),
}

/// What tells articles of one name apart.
struct Face {
    url: String,
    title: String,
    sketch: Sketch,
}

/// An article that was corrected: its id, its headline and what became of its annotations.
type Updated = (ArticleId, String, Vec<CorrectedSet>);

/// What a file is to the articles of the project.
pub(super) enum Version {
    /// The newer version of one that has its text now.
    Of(Updated),
    /// The newer version of one of these, and it cannot be told which.
    OfOneOf(Vec<ArticleId>),
    /// An article of its own.
    Own,
}

/// Which of the articles with its name a file is a version of.
enum Named {
    One(ArticleId),
    Unclear(Vec<ArticleId>),
    Nobody,
}

impl Updates {
    /// Begins with the articles that the project has.
    pub(super) fn new(articles: &HashSet<ArticleId>) -> Self {
        let mut families: HashMap<_, Vec<_>> = HashMap::new();
        for id in articles {
            families.entry(id.clone()).or_default().push(id.clone());
            if let Some(stem) = unnumbered(id) {
                families.entry(stem).or_default().push(id.clone());
            }
        }
        families.values_mut().for_each(|family| family.sort());
        Self { families, faces: HashMap::new(), index: None }
    }

    /// Gives an article of the project the text that was read.
    pub(super) fn update(
        &mut self,
        folder: &ProjectFolder,
        read: &Document,
        wanted: &ArticleId,
        taken: &HashSet<ArticleId>,
    ) -> Result<Version, StoreError> {
        let id = match self.named(folder, read, wanted)? {
            Named::One(id) => id,
            Named::Unclear(ids) => return Ok(Version::OfOneOf(ids)),
            Named::Nobody => match self.known(folder, &read.meta, taken) {
                Some(id) => id,
                None => return Ok(Version::Own),
            },
        };
        let now = folder.read_article(&id)?;
        let meta = newer(now.meta(), &read.meta);
        let title = meta.title.clone();
        let corrected = Article::new(id.clone(), meta, read.text.clone());
        let sets = folder.correct_article(&corrected, IdSource::random().step())?;
        self.settle(&id);
        Ok(Version::Of((id, title, sets)))
    }

    fn named(
        &mut self,
        folder: &ProjectFolder,
        read: &Document,
        wanted: &ArticleId,
    ) -> Result<Named, StoreError> {
        let family = self.families.get(wanted).cloned().unwrap_or_default();
        // A name of which no letter can stand in an id is that of many files.
        let tells = *wanted != ArticleId::from_title("");
        if let [only] = family.as_slice()
            && only == wanted
            && tells
        {
            return Ok(Named::One(only.clone()));
        }
        for id in &family {
            if !self.faces.contains_key(id) {
                self.faces.insert(id.clone(), Face::of(&folder.read_article(id)?));
            }
        }
        let faces: Vec<_> = family.iter().filter_map(|id| self.faces.get(id)).collect();
        match most_alike(read, &faces).and_then(|at| family.get(at).cloned()) {
            Some(id) => Ok(Named::One(id)),
            None if tells && family.len() > 1 => Ok(Named::Unclear(family)),
            None => Ok(Named::Nobody),
        }
    }

    /// Another file is not the newer version of an article that has just got its own.
    fn settle(&mut self, id: &ArticleId) {
        for name in unnumbered(id).iter().chain([id]) {
            if let Some(family) = self.families.get_mut(name) {
                family.retain(|known| known != id);
            }
        }
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

impl Face {
    fn of(article: &Article) -> Self {
        let ArticleMeta { url, title, .. } = article.meta().clone();
        Self { url, title, sketch: Sketch::new(article.text()) }
    }
}

/// The one with the same address, else with the same headline, else with clearly the most
/// alike text, by its place.
fn most_alike(read: &Document, faces: &[&Face]) -> Option<usize> {
    let only = |is_it: &dyn Fn(&Face) -> bool| {
        let mut found = faces.iter().enumerate().filter(|(_, face)| is_it(face));
        found.next().filter(|_| found.next().is_none()).map(|(at, _)| at)
    };
    let title = match read.meta.title.as_str() {
        "" => title_of(&read.text),
        title => title.to_owned(),
    };
    let same_url = || only(&|face| !face.url.is_empty() && face.url == read.meta.url);
    let same_title = || only(&|face| !face.title.is_empty() && face.title == title);
    same_url().or_else(same_title).or_else(|| {
        let sketch = Sketch::new(&read.text);
        let alike = faces.iter().enumerate().map(|(at, face)| (face.sketch.likeness(&sketch), at));
        let mut alike: Vec<_> = alike.collect();
        alike.sort_by(|one, other| other.0.total_cmp(&one.0));
        let (best, at) = *alike.first()?;
        let next = alike.get(1).map_or(0.0, |next| next.0);
        (best >= ALIKE && (1.0 - next) >= CLEARLY * (1.0 - best) && best > next).then_some(at)
    })
}

/// The id without the number that tells it from an earlier one of that name.
fn unnumbered(id: &ArticleId) -> Option<ArticleId> {
    let (stem, number) = id.as_str().rsplit_once('-')?;
    let number: u32 = number.parse().ok()?;
    let stem = ArticleId::new(stem).ok()?;
    (number > 1 && stem.numbered(number) == *id).then_some(stem)
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
