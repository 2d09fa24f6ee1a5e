//! Going over a whole project with the index: every article, every annotator.

use super::Index;
use super::refresh::{Reading, Told};
use crate::model::{AnnotatorName, ArticleId};
use crate::store::error::{Problem, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::summary::SetSummary;
use crate::text::CodePoints;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// One annotator's part of an article.
#[derive(Debug)]
pub struct Surveyed<'a> {
    /// Which annotator, in the order that was asked for; 0 where there is none.
    pub person: usize,
    /// The length of the article's text; told with the first annotator only, else zero.
    pub chars: CodePoints,
    /// What the annotator made of the article; `None` where that could not be read.
    pub set: Option<&'a SetSummary>,
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
    let (mut index, indexed) = Index::load(folder, annotators.first());
    let known = indexed.into_iter().map(|known| (known.summary.chars, known.summary.set));
    Part::new(0, &index, known.collect()).go(&mut index, survey, &mut problems)?;
    for (person, annotator) in annotators.iter().enumerate().skip(1) {
        let (mut index, sets) = index.of_annotator(annotator);
        let known = sets.into_iter().map(|set| (CodePoints(0), set)).collect();
        Part::new(person, &index, known).go(&mut index, survey, &mut problems)?;
    }
    Ok(problems.into_values().collect())
}

/// What could not be read, by article and annotator.
type Problems = BTreeMap<(ArticleId, usize), Problem>;

/// The survey of one annotator.
struct Part {
    person: usize,
    ids: Vec<ArticleId>,
    /// What the index says of each article; `None` once it is read again, or gone.
    known: Vec<Option<(CodePoints, SetSummary)>>,
    done: usize,
    of: usize,
}

impl Part {
    fn new(person: usize, index: &Index, known: Vec<(CodePoints, SetSummary)>) -> Self {
        let ids = index.articles().cloned().collect();
        Self { person, ids, known: known.into_iter().map(Some).collect(), done: 0, of: 0 }
    }

    fn go(
        mut self,
        index: &mut Index,
        survey: &mut dyn Survey,
        problems: &mut Problems,
    ) -> Result<(), StoreError> {
        index.refresh(&mut |told| {
            self.take(told, survey, problems);
            ControlFlow::Continue(())
        })?;
        for (chars, set) in self.known.iter().flatten() {
            survey.found(&Surveyed { person: self.person, chars: *chars, set: Some(set) });
        }
        Ok(())
    }

    fn take(&mut self, told: Told, survey: &mut dyn Survey, problems: &mut Problems) {
        match told {
            Told::Listed { changed, gone, .. } => {
                self.of = changed.len();
                for id in changed.iter().chain(&gone) {
                    if let Ok(at) = self.ids.binary_search(id) {
                        self.known[at] = None;
                    }
                }
            }
            Told::Read(readings) => {
                for reading in readings {
                    survey.progress(self.done, self.of, &reading.id);
                    self.done += 1;
                    self.read(reading, survey, problems);
                }
            }
            Told::Texts(..) => {}
        }
    }

    fn read(&self, reading: Reading, survey: &mut dyn Survey, problems: &mut Problems) {
        let (summary, error) = reading.found.into_parts();
        // An article that cannot be read is one problem, whoever asks for it.
        let person = if summary.is_some() { self.person + 1 } else { 0 };
        if let Some(error) = &error {
            problems.insert((reading.id, person), Problem::from(error));
        }
        if let Some(summary) = &summary {
            let set = Some(&summary.set).filter(|_| error.is_none());
            let chars = if self.person == 0 { summary.chars } else { CodePoints(0) };
            survey.found(&Surveyed { person: self.person, chars, set });
        }
    }
}
