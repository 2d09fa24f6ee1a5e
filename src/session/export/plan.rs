//! Which articles an export writes, in which split and batch.

use super::documents::Reading;
use super::splits::{self, Features};
use super::{ExportError, ExportProgress, ExportRequest, SplitCounts};
use crate::model::ArticleId;
use crate::store::in_order;
use std::ops::ControlFlow;

/// What is written, in the order in which it is.
pub(super) struct Plan {
    /// The names of the splits.
    names: Vec<String>,
    pub(super) batches: Vec<PlannedBatch>,
    /// All articles in the batches.
    pub(super) articles: usize,
}

/// Articles that are read and written at once.
pub(super) struct PlannedBatch {
    /// The split's number and name.
    pub(super) split: usize,
    pub(super) name: String,
    /// Which batch of its split.
    pub(super) number: usize,
    pub(super) articles: Vec<ArticleId>,
}

impl Plan {
    pub(super) fn make(
        reading: &Reading<'_>,
        request: &ExportRequest,
        batch: usize,
        progress: &mut dyn FnMut(ExportProgress) -> ControlFlow<()>,
    ) -> Result<Self, ExportError> {
        let articles = reading.articles()?;
        let divided = match &request.split {
            None => vec![("all".to_owned(), articles)],
            Some(split) => {
                let features = features(reading, &articles, progress)?;
                splits::divide(split, features)?
            }
        };
        let mut plan = Self { names: Vec::new(), batches: Vec::new(), articles: 0 };
        for (split, (name, articles)) in divided.into_iter().enumerate() {
            plan.articles += articles.len();
            for (number, articles) in articles.chunks(batch.max(1)).enumerate() {
                let (name, articles) = (name.clone(), articles.to_vec());
                plan.batches.push(PlannedBatch { split, name, number, articles });
            }
            plan.names.push(name);
        }
        Ok(plan)
    }

    /// The splits with nothing in them yet.
    pub(super) fn counts(&self) -> Vec<SplitCounts> {
        let empty = |name: &String| SplitCounts { name: name.clone(), ..SplitCounts::default() };
        self.names.iter().map(empty).collect()
    }
}

/// Looks at every article that is going to be written.
fn features(
    reading: &Reading<'_>,
    articles: &[ArticleId],
    progress: &mut dyn FnMut(ExportProgress) -> ControlFlow<()>,
) -> Result<Vec<Features>, ExportError> {
    let mut features = Vec::with_capacity(articles.len());
    let mut outcome = Ok(());
    let mut done = 0;
    let total = articles.len();
    in_order(
        total,
        |at| {
            // What is noticed is noticed again, and said, when the article is written.
            let document = reading.document(&articles[at], &mut Vec::new());
            document.map(|document| {
                document.map(|document| Features::of(articles[at].clone(), &document))
            })
        },
        |found| {
            done += 1;
            match found {
                Err(error) => outcome = Err(error),
                Ok(_) if progress(ExportProgress { done, total }).is_break() => {
                    outcome = Err(ExportError::Cancelled);
                }
                Ok(found) => {
                    features.extend(found);
                    return ControlFlow::Continue(());
                }
            }
            ControlFlow::Break(())
        },
    );
    outcome.map(|()| features)
}
