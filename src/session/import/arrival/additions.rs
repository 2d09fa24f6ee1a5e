//! Annotations for articles that the project has, or that wait to be written.

use super::{Arrivals, tell};
use crate::edit::{Change, Transaction};
use crate::formats::{Layer, Warning};
use crate::model::{AnnotatorName, Article, ArticleId};
use crate::session::import::AddedSet;
use crate::session::import::layers::{Adopted, adopt};
use crate::store::StoreError;
use std::sync::Arc;

impl Arrivals<'_> {
    /// Adds annotations to an article that the project has, in a turn of their own: another
    /// import may be adding the same.
    pub(super) fn add_layers(
        &mut self,
        id: &ArticleId,
        layers: &[Layer],
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<AddedSet>, StoreError> {
        let mut added = Vec::new();
        if layers.is_empty() {
            return Ok(added);
        }
        if let Some(new) = self.pending.get_mut(id) {
            let (article, mut sets) = (Arc::clone(&new.article), std::mem::take(&mut new.sets));
            for layer in layers {
                self.join(&article, layer, name, &mut sets, &mut added, warnings);
            }
            if let Some(new) = self.pending.get_mut(id) {
                new.sets = sets;
                new.layers.extend_from_slice(layers);
            }
            return Ok(added);
        }
        let _turn = self.take_turn()?;
        let article = Arc::new(self.folder.read_article(id)?);
        for layer in layers {
            let annotator = self.annotator_of(layer, warnings);
            added.extend(self.extend_set(&article, annotator, layer, name, warnings)?);
        }
        Ok(added)
    }

    /// Adds a layer to a set on disk, as a step of the annotator.
    fn extend_set(
        &mut self,
        article: &Arc<Article>,
        annotator: AnnotatorName,
        layer: &Layer,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<AddedSet>, StoreError> {
        let (mut before, Adopted { edits, added, told }) = loop {
            let known = self.writer.set(article.id(), &annotator);
            let before = match known {
                Some(set) => set,
                None => self.folder.read_set(article, &annotator)?.set,
            };
            let mut set = before.clone();
            let adopted = adopt(&mut set, layer, name, &mut self.adoption, &mut self.ids);
            let schemas = self.schemas;
            if !adopted.edits.is_empty() {
                self.prepare_project(std::iter::once(&annotator))?;
            }
            if self.schemas == schemas {
                break (before, adopted);
            }
        };
        tell(told, warnings);
        if edits.is_empty() {
            return Ok(None);
        }
        let forward = Transaction::from(edits);
        // It was made on a copy of this very set, edit by edit, so it fits.
        let Ok(backward) = forward.apply(&mut before) else { return Ok(None) };
        let change = Change::Set {
            article: article.id().clone(),
            annotator: annotator.clone(),
            forward,
            backward,
        };
        self.commit(&annotator, format!("Import {name}"), change, &[Arc::clone(article)])?;
        Ok(Some(AddedSet { annotator, added }))
    }
}
