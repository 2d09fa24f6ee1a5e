//! Writing the index: whole, or at the end of what is there.

use super::place::{ARTICLES, IndexPlace};
use super::records::{ArticleRecord, Record, SetRecord};
use super::stamp::Stamp;
use super::table::{TableWriter, generation_of};
use super::texts::{TextPlace, TextsWriter};
use crate::model::ArticleId;
use crate::store::summary::Summary;
use std::fs::File;
use std::io;

/// An index that is being written. Dropped without [`Self::finish`], it leaves the index
/// as it was, but for texts that nothing points to.
#[derive(Debug)]
pub(super) struct Writing {
    place: IndexPlace,
    /// Held while something is appended; a new index takes it when it is put in place.
    lock: Option<File>,
    generation: u64,
    articles: TableWriter,
    texts: TextsWriter,
    /// `None` where there is no annotator.
    sets: Option<TableWriter>,
    is_new_sets: bool,
    places: Vec<(ArticleId, TextPlace)>,
}

/// An index that was written.
pub(super) struct Written {
    pub(super) generation: u64,
    /// Where the texts of the articles stand that were written.
    pub(super) places: Vec<(ArticleId, TextPlace)>,
}

impl Writing {
    /// Begins an index, or the continuation of the one of a generation. `None` where
    /// somebody else is at it.
    pub(super) fn begin(
        place: &IndexPlace,
        generation: Option<u64>,
        sets: Option<String>,
        has_sets: bool,
    ) -> io::Result<Option<Self>> {
        let (lock, generation, articles, texts) = match generation {
            Some(generation) => {
                let Some(lock) = place.lock() else { return Ok(None) };
                let there = place.open(ARTICLES);
                let found =
                    there.and_then(|mut file| generation_of(&mut file, ArticleRecord::KIND));
                if found != Some(generation) {
                    return Ok(None);
                }
                let texts = TextsWriter::append(place, generation)?;
                (Some(lock), generation, TableWriter::append(ARTICLES), texts)
            }
            None => {
                place.sweep();
                let generation = fastrand::u64(..);
                let articles =
                    TableWriter::create(place, ARTICLES, ArticleRecord::KIND, generation)?;
                (None, generation, articles, TextsWriter::create(place, generation)?)
            }
        };
        let is_new_sets = !has_sets;
        let sets = match sets {
            Some(name) if is_new_sets => {
                Some(TableWriter::create(place, &name, SetRecord::KIND, fastrand::u64(..))?)
            }
            name => name.map(|name| TableWriter::append(&name)),
        };
        let (place, places) = (place.clone(), Vec::new());
        Ok(Some(Self { place, lock, generation, articles, texts, sets, is_new_sets, places }))
    }

    /// Adds an article whose file had this stamp.
    pub(super) fn article(
        &mut self,
        id: &ArticleId,
        text: &str,
        stamp: Stamp,
        summary: Summary,
    ) -> io::Result<()> {
        let place = self.texts.push(text)?;
        self.places.push((id.clone(), place));
        self.articles.push(id, Some(&ArticleRecord { stamp, place, summary }))
    }

    /// Adds an annotation set. A new table has no need of sets without files.
    pub(super) fn set(&mut self, id: &ArticleId, record: &SetRecord) -> io::Result<()> {
        match &mut self.sets {
            Some(sets) if record.stamps.has_files() || !self.is_new_sets => {
                sets.push(id, Some(record))
            }
            _ => Ok(()),
        }
    }

    /// Puts everything in place, the texts first: what a table says is there.
    pub(super) fn finish(mut self, gone: &[ArticleId]) -> io::Result<Written> {
        for id in gone {
            self.articles.push::<ArticleRecord>(id, None)?;
        }
        let lock = self.lock.or_else(|| self.place.lock());
        let _lock = lock.ok_or(io::ErrorKind::WouldBlock)?;
        self.texts.finish(&self.place)?;
        self.articles.finish(&self.place)?;
        if let Some(sets) = self.sets {
            sets.finish(&self.place)?;
        }
        Ok(Written { generation: self.generation, places: self.places })
    }
}
