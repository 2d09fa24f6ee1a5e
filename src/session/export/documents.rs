//! From a project's files to the documents that formats write.

use super::{ExportError, ExportRequest, Whose};
use crate::formats::{Annotation, Document, Layer, LayerKind, Relation, WriteOptions};
use crate::model::{AnnotationId, AnnotationSet, AnnotatorName, ArticleId, Project, State};
use crate::store::{Problem, ProjectFolder};
use std::collections::HashMap;
use std::sync::Arc;

/// A project as an export reads it.
pub(super) struct Reading<'a> {
    folder: &'a ProjectFolder,
    project: Project,
    annotators: Vec<AnnotatorName>,
    unfinished: bool,
    options: WriteOptions,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        folder: &'a ProjectFolder,
        request: &ExportRequest,
    ) -> Result<Self, ExportError> {
        let (project, _) = folder.read_project()?;
        let annotators = match &request.whose {
            Whose::Annotator(name) => vec![name.clone()],
            Whose::All => project.annotators.clone(),
        };
        let options = WriteOptions {
            schema: Arc::clone(&project.schema),
            has_several_annotators: annotators.len() > 1,
            ..request.options.clone()
        };
        Ok(Self { folder, project, annotators, unfinished: request.unfinished, options })
    }

    pub(super) fn project_name(&self) -> &str {
        &self.project.name
    }

    pub(super) fn options(&self) -> &WriteOptions {
        &self.options
    }

    /// All articles of the project, in order.
    pub(super) fn articles(&self) -> Result<Vec<ArticleId>, ExportError> {
        Ok(self.folder.article_ids()?.0)
    }

    /// An article with the annotations that are asked for; `None` where nobody has
    /// finished it and only finished ones are wanted.
    pub(super) fn document(
        &self,
        id: &ArticleId,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Document>, ExportError> {
        let article = Arc::new(self.folder.read_article(id)?);
        let mut layers = Vec::new();
        for annotator in &self.annotators {
            let loaded = self.folder.read_set(&article, annotator)?;
            problems.extend(loaded.problems);
            let is_wanted = match loaded.set.state() {
                State::Done => true,
                State::InProgress => self.unfinished,
                State::Unseen => self.unfinished && !loaded.set.is_empty(),
            };
            if is_wanted {
                layers.push(layer(&loaded.set));
            }
        }
        if layers.is_empty() && !self.unfinished {
            return Ok(None);
        }
        Ok(Some(Document {
            name: id.to_string(),
            layers,
            ..Document::bare(article.meta().clone(), Arc::clone(article.text()))
        }))
    }
}

fn layer(set: &AnnotationSet) -> Layer {
    let mut at: HashMap<AnnotationId, usize> = HashMap::with_capacity(set.len());
    let mut annotations = Vec::with_capacity(set.len());
    for annotation in set.annotations() {
        at.insert(annotation.id, annotations.len());
        annotations.push(Annotation {
            id: annotation.id.to_string(),
            attributes: annotation
                .attributes
                .iter()
                .map(|(id, value)| (id.to_string(), value.clone()))
                .collect(),
            note: annotation.note.clone(),
            origin: Some(annotation.origin.clone()),
            created: Some(annotation.created),
            modified: annotation.modified,
            ..Annotation::new(annotation.label.as_str(), annotation.span.clone())
        });
    }
    // Both ends of a relation are in its set, or the set could not have been built.
    let ends = |from, to| at.get(from).copied().zip(at.get(to).copied());
    let relations = set.relations().filter_map(|relation| {
        let (from, to) = ends(&relation.from, &relation.to)?;
        let (id, kind) = (relation.id.to_string(), relation.kind.to_string());
        Some(Relation { id, kind, from, to })
    });
    Layer {
        annotator: set.annotator().to_string(),
        kind: LayerKind::Annotator,
        state: Some(set.state()),
        relations: relations.collect(),
        annotations,
        rest: Vec::new(),
    }
}
