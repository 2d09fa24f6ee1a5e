//! Which articles an export writes, in which split and batch.
//!
//! A batch is in memory as a whole, as documents and as what is written, so it is bounded
//! by the bytes of its files and not only by how many articles it has.

use super::documents::Reading;
use super::splits::{self, Features};
use super::{ExportError, ExportProgress, ExportRequest, SplitCounts};
use crate::model::ArticleId;
use crate::store::in_order;
use std::ops::ControlFlow;

/// The bytes of the files of a batch's articles. What is made of them takes some six times
/// as much while it is written and read back, on every core.
const MOST_BYTES: u64 = 16 << 20;

/// What is written, in the order in which it is.
#[derive(Default)]
pub(super) struct Plan {
    /// The names of the splits.
    names: Vec<String>,
    pub(super) batches: Vec<PlannedBatch>,
    /// All articles in the batches.
    pub(super) articles: usize,
    /// Those of them without a date, where they are divided.
    pub(super) undated: usize,
    /// The articles that are known to be left out because nobody has finished them; where
    /// they are not divided, that is found when they are read.
    pub(super) unfinished: usize,
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
        let mut plan = Self::default();
        let divided = match &request.split {
            None => vec![("all".to_owned(), articles)],
            Some(split) => {
                let features = features(reading, &articles, progress)?;
                plan.unfinished = articles.len() - features.len();
                plan.undated = features.iter().filter(|article| !article.is_dated()).count();
                splits::divide(split, features)?
            }
        };
        for (split, (name, articles)) in divided.into_iter().enumerate() {
            plan.articles += articles.len();
            let bytes = |id: &ArticleId| if batch > 1 { reading.bytes(id) } else { 0 };
            for (number, articles) in batches(articles, batch, bytes).into_iter().enumerate() {
                let name = name.clone();
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

/// Divides articles, in their order, into batches of at most so many, and of no more bytes
/// than [`MOST_BYTES`] unless one article has more alone.
fn batches(
    articles: Vec<ArticleId>,
    most: usize,
    bytes: impl Fn(&ArticleId) -> u64,
) -> Vec<Vec<ArticleId>> {
    let mut batches: Vec<Vec<ArticleId>> = Vec::new();
    let mut left = 0_u64;
    for id in articles {
        let size = bytes(&id);
        match batches.last_mut().filter(|last| last.len() < most && size <= left) {
            Some(last) => last.push(id),
            None => {
                batches.push(vec![id]);
                left = MOST_BYTES;
            }
        }
        left = left.saturating_sub(size);
    }
    batches
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
            let (mut problems, mut losses) = (Vec::new(), Vec::new());
            let document = reading.document(&articles[at], &mut problems, &mut losses);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_bounded_by_number_and_bytes() {
        let large = MOST_BYTES / 2 + 1;
        let sizes = [1, 1, 1, 1, large, 1, large, 3 * MOST_BYTES, 1, 1];
        let ids: Vec<_> =
            (0..sizes.len()).map(|at| ArticleId::new(format!("a{at}")).unwrap()).collect();
        let bytes = |id: &ArticleId| sizes[ids.iter().position(|known| known == id).unwrap()];
        let made: Vec<Vec<u64>> = batches(ids.clone(), 3, bytes)
            .iter()
            .map(|batch| batch.iter().map(bytes).collect())
            .collect();
        let expected: [&[u64]; 5] =
            [&[1, 1, 1], &[1, large, 1], &[large], &[3 * MOST_BYTES], &[1, 1]];
        assert_eq!(made, expected);
        let few: Vec<_> = batches(ids.clone(), 1, |_| 0);
        assert_eq!(few.len(), ids.len());
        assert!(batches(Vec::new(), 3, |_| 0).is_empty());
    }
}
