//! From a project's files to the documents that formats write.

use super::{ExportError, ExportRequest, Whose};
use crate::formats::{
    Annotation, Annotators, Document, Layer, LayerKind, Loss, LossKind, Relation, Remedy,
    WriteOptions,
};
use crate::model::{
    AnnotationId, AnnotationSet, AnnotatorName, ArticleId, AttributeValue, Origin, Project, Span,
    State,
};
use crate::store::{Problem, ProjectFolder};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The attribute that holds the share of annotators, and the layer of what they said.
const SHARE: &str = "share";
const SHARES: &str = "shares";

/// A project as an export reads it.
pub(super) struct Reading<'a> {
    folder: &'a ProjectFolder,
    project: Project,
    annotators: Vec<AnnotatorName>,
    only: Option<Arc<BTreeSet<ArticleId>>>,
    unfinished: bool,
    gold_left_out: bool,
    /// Whether the annotators' work is put together, with the share of each annotation.
    as_shares: bool,
    options: WriteOptions,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        folder: &'a ProjectFolder,
        request: &ExportRequest,
    ) -> Result<Self, ExportError> {
        let (project, _) = folder.read_project()?;
        let has_gold = request.whose == Whose::All && has_gold(folder)?;
        let annotators = match &request.whose {
            Whose::Gold => vec![AnnotatorName::gold()],
            Whose::Annotator(name) => vec![name.clone()],
            Whose::All if tells_kinds(request) && has_gold => {
                project.annotators.iter().cloned().chain([AnnotatorName::gold()]).collect()
            }
            Whose::All | Whose::Shares => project.annotators.clone(),
        };
        let as_shares = request.whose == Whose::Shares;
        let options = WriteOptions {
            schema: Arc::clone(&project.schema),
            has_several_annotators: annotators.len() > 1 && !as_shares,
            ..request.options.clone()
        };
        let (only, unfinished) = (request.only.clone(), request.unfinished);
        let gold_left_out = has_gold && !tells_kinds(request);
        let reading = Self {
            folder,
            project,
            annotators,
            only,
            unfinished,
            gold_left_out,
            as_shares,
            options,
        };
        Ok(reading)
    }

    /// Whether there is gold that cannot stand beside everybody's work.
    pub(super) fn gold_left_out(&self) -> bool {
        self.gold_left_out
    }

    pub(super) fn project_name(&self) -> &str {
        &self.project.name
    }

    pub(super) fn options(&self) -> &WriteOptions {
        &self.options
    }

    /// The articles that are asked for, in order.
    pub(super) fn articles(&self) -> Result<Vec<ArticleId>, ExportError> {
        let mut articles = self.folder.article_ids()?.0;
        articles.retain(|id| self.only.as_ref().is_none_or(|only| only.contains(id)));
        Ok(articles)
    }

    /// About how many bytes of files are read for an article. What cannot be looked at is
    /// told when it is read.
    pub(super) fn bytes(&self, id: &ArticleId) -> u64 {
        let sets = self.annotators.iter().map(|annotator| self.folder.set_bytes(annotator, id));
        self.folder.article_bytes(id) + sets.sum::<u64>()
    }

    /// An article with the annotations that are asked for; `None` where nobody has
    /// finished it and only finished ones are wanted. What putting annotators together
    /// loses goes to `losses`.
    pub(super) fn document(
        &self,
        id: &ArticleId,
        problems: &mut Vec<Problem>,
        losses: &mut Vec<Loss>,
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
        let mut document = Document {
            name: id.to_string(),
            layers,
            ..Document::bare(article.meta().clone(), Arc::clone(article.text()))
        };
        if self.as_shares {
            document.layers = vec![shares(&document, losses)];
        }
        Ok(Some(document))
    }
}

/// Whether gold can stand beside annotators in a file of the format.
fn tells_kinds(request: &ExportRequest) -> bool {
    request.format.writes.is_some_and(|writer| writer.annotators == Annotators::Several)
}

fn has_gold(folder: &ProjectFolder) -> Result<bool, ExportError> {
    Ok(folder.annotated()?.iter().any(|(_, annotator)| annotator.is_gold()))
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
        kind: kind(set),
        state: Some(set.state()),
        relations: relations.collect(),
        annotations,
        rest: Vec::new(),
    }
}

/// What kind of who a set is by. A model is an annotator like others here, so it is told by
/// its work: all of it is suggested by one source, and nobody has changed or finished it.
fn kind(set: &AnnotationSet) -> LayerKind {
    if set.annotator().is_gold() {
        return LayerKind::Gold;
    }
    let mut sources = set.annotations().map(|annotation| match &annotation.origin {
        Origin::Suggestion(source) if annotation.modified.is_none() => Some(source),
        _ => None,
    });
    let first = sources.next().flatten();
    let is_of_one = first.is_some() && sources.all(|source| source == first);
    match is_of_one && set.state() != State::Done {
        true => LayerKind::Predictions,
        false => LayerKind::Annotator,
    }
}

/// What any of the layers says, each annotation once, with the share of the layers that
/// say it as an attribute `share` from above zero to one. Two annotations are the same
/// where label and places are; of what else they say the first one's is kept, and what
/// another one says otherwise is lost. So are relations, since their ends need not be in
/// one layer.
fn shares(document: &Document, losses: &mut Vec<Loss>) -> Layer {
    let layers = &document.layers;
    let mut at: HashMap<(&str, &Span), usize> = HashMap::new();
    let mut together: Vec<(Annotation, usize)> = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let mut is_counted = vec![false; together.len()];
        for (own, annotation) in layer.annotations.iter().enumerate() {
            let key = (annotation.label.as_str(), &annotation.span);
            let index = *at.entry(key).or_insert_with(|| {
                together.push((without_share(annotation), 0));
                together.len() - 1
            });
            is_counted.resize(together.len(), false);
            // Somebody who said it twice said it once.
            if !std::mem::replace(&mut is_counted[index], true) {
                together[index].1 += 1;
            }
            let lost = |kind| Loss::of(document, number, own, kind, Remedy::LeftOut);
            losses.extend(said_otherwise(&together[index].0, annotation, lost));
        }
        losses.extend(layer.relations.iter().map(|link| {
            let loss = Loss::of(document, number, link.from, LossKind::Relation, Remedy::LeftOut);
            loss.with(link.kind.clone())
        }));
    }
    let annotations = together.into_iter().map(|(mut annotation, count)| {
        let share = AttributeValue::Decimal(count as f64 / layers.len().max(1) as f64);
        annotation.attributes.push((SHARE.to_owned(), share));
        annotation.attributes.sort_by(|a, b| a.0.cmp(&b.0));
        annotation
    });
    // What one of them has not finished may lack annotations, and is no negative.
    let is_done = layers.iter().all(|layer| layer.state == Some(State::Done));
    let mut layer = Layer {
        annotator: SHARES.to_owned(),
        state: Some(if is_done { State::Done } else { State::InProgress }),
        annotations: annotations.collect(),
        ..Layer::default()
    };
    layer.sort();
    layer
}

/// An annotation without the schema's own attribute of the name that shares have.
fn without_share(annotation: &Annotation) -> Annotation {
    let mut kept = annotation.clone();
    kept.attributes.retain(|(name, _)| name != SHARE);
    kept
}

/// The attributes and the note of an annotation that the one which is kept in its place
/// does not have, or has otherwise.
fn said_otherwise(
    kept: &Annotation,
    said: &Annotation,
    lost: impl Fn(LossKind) -> Loss,
) -> impl Iterator<Item = Loss> {
    let others = said.attributes.iter().filter(|attribute| !kept.attributes.contains(attribute));
    let names: Vec<_> = others.map(|(name, _)| name.as_str()).collect();
    let attributes = (!names.is_empty()).then(|| lost(LossKind::Attributes).with(names.join(", ")));
    let has_other_note = !said.note.is_empty() && said.note != kept.note;
    attributes.into_iter().chain(has_other_note.then(|| lost(LossKind::Note)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextRange;

    fn layer(annotator: &str, found: &[(&str, u32, u32)]) -> Layer {
        let made = found.iter().map(|(label, start, end)| {
            let range = TextRange::new((*start).into(), (*end).into());
            Annotation::new(*label, Span::new(range).unwrap())
        });
        Layer { annotations: made.collect(), ..Layer::of(annotator) }
    }

    #[test]
    fn each_annotation_has_the_share_of_annotators_who_made_it() {
        let layers = [
            layer("a", &[("actor", 0, 4), ("actor", 0, 4), ("claim", 0, 9)]),
            layer("b", &[("actor", 0, 4)]),
            layer("c", &[("location", 0, 4), ("actor", 0, 4)]),
            layer("d", &[]),
        ];
        let document = Document {
            layers: layers.to_vec(),
            ..Document::bare(Default::default(), "Ali said so")
        };
        let mut losses = Vec::new();
        let found = shares(&document, &mut losses);
        assert_eq!(losses, []);
        let shown: Vec<_> = found
            .annotations
            .iter()
            .map(|found| format!("{} {}", found.label, found.attributes[0].1))
            .collect();
        assert_eq!(shown, ["claim 0.25", "actor 0.75", "location 0.25"]);
    }

    /// One annotator's values stand for everybody's, and nobody's relations are there.
    #[test]
    fn what_others_say_otherwise_and_relations_are_told_as_lost() {
        let mut layers = ["a", "b"].map(|name| layer(name, &[("actor", 0, 3), ("claim", 0, 8)]));
        let value = |text: &str| AttributeValue::Text(text.to_owned());
        for (layer, kind) in layers.iter_mut().zip(["police", "militia"]) {
            let actor = &mut layer.annotations[0];
            actor.id = format!("{}1", layer.annotator);
            actor.note = kind.to_owned();
            actor.attributes =
                vec![("kind".to_owned(), value(kind)), ("role".to_owned(), value("victim"))];
            let kind = "source".to_owned();
            layer.relations.push(Relation { id: String::new(), kind, from: 1, to: 0 });
        }
        layers[0].annotations[1].attributes = vec![(SHARE.to_owned(), value("half"))];
        let document = Document {
            layers: layers.to_vec(),
            ..Document::bare(Default::default(), "Ali said so")
        };
        let mut losses = Vec::new();
        let found = shares(&document, &mut losses);
        let told: Vec<_> = losses
            .iter()
            .map(|loss| (loss.kind, &*loss.annotator, &*loss.surface, &*loss.what))
            .collect();
        let expected = [
            (LossKind::Attributes, "a", "Ali said", "share"),
            (LossKind::Relation, "a", "Ali said", "source"),
            (LossKind::Attributes, "b", "Ali", "kind"),
            (LossKind::Note, "b", "Ali", ""),
            (LossKind::Relation, "b", "Ali said", "source"),
        ];
        assert_eq!(told, expected);
        let claim = &found.annotations[0];
        assert_eq!(claim.attributes, [(SHARE.to_owned(), AttributeValue::Decimal(1.0))]);
    }
}
