//! Going over a whole project with the index: every article, every annotator.

use super::refresh::Told;
use super::{Index, Indexed};
use crate::model::{AnnotatorName, ArticleId};
use crate::store::error::{Problem, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::summary::Summary;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// One annotator's part of an article.
#[derive(Debug)]
pub struct Surveyed<'a> {
    /// Which annotator, in the order that was asked for; 0 where there is none.
    pub person: usize,
    /// What the annotator made of the article.
    pub summary: &'a Summary,
    /// Whether the annotator's set could be read; the summary has an unseen one if not.
    pub has_set: bool,
}

/// Where a survey hands what it finds.
pub trait Survey {
    /// Called for every article that can be read and each annotator, in the order of the
    /// annotators.
    fn found(&mut self, surveyed: &Surveyed<'_>);

    /// Called while files are being read: how many of how many, and which.
    fn progress(&mut self, done: usize, of: usize, id: &ArticleId);
}

/// Goes over all articles and what these annotators made of them; gives back what could
/// not be read, by article. O(n), and with an index reading only what has changed.
///
/// # Errors
/// When a folder of the project cannot be read.
pub fn survey(
    folder: &ProjectFolder,
    annotators: &[AnnotatorName],
    survey: &mut dyn Survey,
) -> Result<Vec<Problem>, StoreError> {
    let mut problems = BTreeMap::new();
    let persons = annotators.iter().map(Some).chain(annotators.is_empty().then_some(None));
    for (person, annotator) in persons.enumerate() {
        let (mut index, indexed) = Index::load(folder, annotator);
        let mut part = Part { person, indexed, is_read: Vec::new(), done: 0, of: 0 };
        let mut told = |told| {
            part.take(told, survey, &mut problems);
            ControlFlow::Continue(())
        };
        index.refresh(&mut told)?;
        part.rest(survey);
    }
    Ok(problems.into_values().collect())
}

/// The survey of one annotator.
struct Part {
    person: usize,
    indexed: Vec<Indexed>,
    /// For each that the index knew, whether it was read again or is gone.
    is_read: Vec<bool>,
    done: usize,
    of: usize,
}

impl Part {
    fn take(
        &mut self,
        told: Told,
        survey: &mut dyn Survey,
        problems: &mut BTreeMap<(ArticleId, usize), Problem>,
    ) {
        match told {
            Told::Listed { changed, gone, .. } => {
                self.of = changed.len();
                self.is_read = vec![false; self.indexed.len()];
                for id in changed.iter().chain(&gone) {
                    if let Ok(at) = self.indexed.binary_search_by(|known| known.id.cmp(id)) {
                        self.is_read[at] = true;
                    }
                }
            }
            Told::Read(readings) => {
                for reading in readings {
                    survey.progress(self.done, self.of, &reading.id);
                    self.done += 1;
                    let (summary, error) = reading.found.into_parts();
                    // An article that cannot be read is one problem, whoever asks for it.
                    let person = if summary.is_some() { self.person + 1 } else { 0 };
                    let has_set = error.is_none();
                    if let Some(error) = &error {
                        problems.insert((reading.id, person), Problem::from(error));
                    }
                    if let Some(summary) = &summary {
                        survey.found(&Surveyed { person: self.person, summary, has_set });
                    }
                }
            }
            Told::Texts(..) => {}
        }
    }

    /// What did not have to be read.
    fn rest(&self, survey: &mut dyn Survey) {
        for (known, is_read) in self.indexed.iter().zip(&self.is_read) {
            if !is_read {
                let (person, summary) = (self.person, &known.summary);
                survey.found(&Surveyed { person, summary, has_set: true });
            }
        }
    }
}
