//! Adding many articles at once, with what annotators said about them.
//!
//! These are sets without a history: they came with a file, and what somebody does to them
//! from then on is in one. Work on articles that are here goes through the
//! [`Writer`](super::Writer) and nowhere else.

use super::error::StoreError;
use super::{ProjectFolder, layout, wire};
use crate::model::{AnnotationSet, Article};
use rayon::prelude::*;
use std::path::PathBuf;

impl ProjectFolder {
    /// Adds articles with what annotators said about them, many at once; what became of
    /// each article, in their order. Nothing that is there already is overwritten: where
    /// one of an article's files is in the way, the article fails, and none of its files
    /// is left behind.
    pub fn add_articles(
        &self,
        articles: &[(&Article, &[AnnotationSet])],
    ) -> Vec<Result<(), StoreError>> {
        let mut files = Vec::with_capacity(articles.len() * 2);
        let mut owners = Vec::with_capacity(articles.len() * 2);
        let texts: Vec<_> =
            articles.par_iter().map(|(article, sets)| texts(article, sets)).collect();
        for (owner, texts) in texts.into_iter().enumerate() {
            owners.extend(texts.iter().map(|_| owner));
            files.extend(texts);
        }
        let created = self.disk().create_all(&files);
        let mut results: Vec<Result<(), StoreError>> = articles.iter().map(|_| Ok(())).collect();
        let mut left = Vec::new();
        for ((owner, (file, _)), created) in owners.into_iter().zip(files).zip(created) {
            match created {
                Ok(()) => left.push((owner, file)),
                Err(error) => results[owner] = Err(error),
            }
        }
        for (owner, file) in left {
            if results[owner].is_err() {
                // What cannot be removed is a file that the check names.
                let _ = self.disk().remove(&file);
            }
        }
        results
    }
}

/// The files of a new article: its text first, so that no set is ever without one.
fn texts(article: &Article, sets: &[AnnotationSet]) -> Vec<(PathBuf, Vec<u8>)> {
    let file = layout::article(article.id());
    let mut files = vec![(file, wire::write_article(article).into_bytes())];
    files.extend(sets.iter().map(|set| {
        let file = layout::set(set.annotator(), article.id());
        (file, wire::write_set(set, None).into_bytes())
    }));
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;
    use crate::model::{ArticleId, ArticleMeta};
    use crate::store::error::Cause;
    use crate::store::testing;
    use std::sync::Arc;

    fn coming(count: usize) -> Vec<(Article, Vec<AnnotationSet>)> {
        let one = |number| {
            let id = ArticleId::new(format!("raid-{number}")).unwrap();
            let article = Article::new(id, ArticleMeta::default(), testing::TEXT);
            let mut set = AnnotationSet::new(Arc::new(article.clone()), testing::annotator());
            testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
            (article, vec![set])
        };
        (0..count).map(one).collect()
    }

    /// Adds them, and again where they are there already.
    fn add(
        folder: &ProjectFolder,
        coming: &[(Article, Vec<AnnotationSet>)],
    ) -> Result<(), StoreError> {
        let articles: Vec<_> = coming.iter().map(|(article, sets)| (article, &**sets)).collect();
        folder.add_articles(&articles).into_iter().try_for_each(|added| match added {
            Err(StoreError { cause: Cause::Exists, .. }) => Ok(()),
            added => added,
        })
    }

    fn hold_whatever_happens(count: usize, stride: u32) {
        let coming = coming(count);
        testing::in_all_trouble(
            testing::create,
            stride,
            |folder| add(folder, &coming),
            |folder, is_done| {
                assert_eq!(testing::faults(folder), vec![]);
                let there = folder.article_ids().unwrap().0;
                for (article, sets) in &coming {
                    if there.contains(article.id()) {
                        let read = Arc::new(folder.read_article(article.id()).unwrap());
                        assert_eq!(*read, *article);
                        let set = folder.read_set(&read, &testing::annotator()).unwrap().set;
                        // A crash may have come before the annotations.
                        assert!(set == sets[0] || set.is_empty());
                    } else {
                        assert!(!is_done, "{} was said to be added", article.id());
                    }
                }
            },
        );
    }

    #[test]
    fn trouble_at_any_operation_leaves_whole_articles_and_no_set_without_one() {
        hold_whatever_happens(3, 1);
    }

    #[test]
    fn trouble_in_a_batch_that_is_synced_at_once_leaves_whole_articles_too() {
        hold_whatever_happens(40, 23);
    }
}
