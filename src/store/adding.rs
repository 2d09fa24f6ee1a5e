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
