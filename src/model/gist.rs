//! What matters of an annotation, in a few words: `killed · ≥ 3 · police`.
//!
//! The margin notes, tooltips and lists all say it the same way. Attributes come in the
//! schema's order; numbers are drawn together into one figure.

use super::annotation::{Annotation, AttributeValue};
use super::annotation_set::AnnotationSet;
use super::schema::{AttributeKind, Schema};

/// The characters of a related annotation's text that a gist quotes.
const QUOTED: usize = 24;
/// The choices that a gist names, a quoted source among them; the rest is for the inspector.
const NAMED: usize = 2;

/// The first attribute values of an annotation, its figure, and whom its required
/// relation points to; empty where nothing is known yet.
pub fn gist(annotation: &Annotation, set: &AnnotationSet, schema: &Schema) -> String {
    let Some(label) = schema.label(&annotation.label) else { return String::new() };
    let mut parts: Vec<String> = Vec::new();
    let mut figures: Vec<i64> = Vec::new();
    let mut figure_after = 0;
    let mut sign = "";
    for attribute in &label.attributes {
        let Some(value) = annotation.attributes.get(&attribute.id) else { continue };
        match (&attribute.kind, value) {
            (AttributeKind::Integer { .. }, AttributeValue::Integer(number)) => {
                figure_after = if figures.is_empty() { parts.len() } else { figure_after };
                figures.push(*number);
            }
            (AttributeKind::Choice(_), AttributeValue::Text(choice)) if !figures.is_empty() => {
                match sign_of(choice) {
                    Some(found) => sign = found,
                    None => parts.push(choice.replace('_', " ")),
                }
            }
            (AttributeKind::Decimal { .. } | AttributeKind::Text, _) => {}
            (AttributeKind::Flag, AttributeValue::Flag(is_set)) => {
                parts.extend(is_set.then(|| attribute.name.to_lowercase()));
            }
            (_, value) => parts.push(value.to_string().replace('_', " ")),
        }
    }
    let source = source(annotation, set, schema);
    parts.truncate(NAMED - usize::from(source.is_some()));
    if !figures.is_empty() {
        let figure = figure(&figures, sign);
        match figure_after.checked_sub(1).and_then(|before| parts.get_mut(before)) {
            Some(before) => *before = format!("{before} {figure}"),
            None => parts.insert(0, figure),
        }
    }
    parts.extend(source);
    parts.join(" · ")
}

/// How exact a figure is, as the sign in front of it; `exact` has none.
fn sign_of(choice: &str) -> Option<&'static str> {
    match choice {
        "exact" => Some(""),
        "at_least" => Some("≥ "),
        "at_most" => Some("≤ "),
        "approximate" => Some("≈ "),
        "range" => Some(""),
        _ => None,
    }
}

fn figure(figures: &[i64], sign: &str) -> String {
    let low = figures.iter().min().copied().unwrap_or_default();
    let high = figures.iter().max().copied().unwrap_or_default();
    if low == high { format!("{sign}{low}") } else { format!("{sign}{low}–{high}") }
}

fn source(annotation: &Annotation, set: &AnnotationSet, schema: &Schema) -> Option<String> {
    let related = set.relations_of(annotation.id).find(|relation| {
        relation.from == annotation.id
            && schema.relation(&relation.kind).is_some_and(|kind| kind.required)
    })?;
    Some(set.excerpt(set.annotation(related.to)?, QUOTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Transaction};
    use crate::model::{
        AnnotationId, AnnotatorName, Article, ArticleId, ArticleMeta, AttributeId, Attributes,
        parse_notation,
    };
    use crate::store::{BundledSchema, bundled_schema};
    use std::sync::Arc;

    #[test]
    fn a_casualty_reads_as_a_figure_with_its_sign() {
        let notation = parse_notation("[casualty At least three police officers] died").unwrap();
        let article =
            Article::new(ArticleId::new("a").unwrap(), ArticleMeta::default(), notation.text);
        let mut set = AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap());
        let mut annotation = notation.annotations[0].clone();
        let text = |value: &str| AttributeValue::Text(value.to_owned());
        annotation.attributes = [
            ("outcome", text("killed")),
            ("low", AttributeValue::Integer(3)),
            ("count_kind", text("at_least")),
            ("victims", AttributeValue::List(vec!["police".to_owned()])),
            ("status", text("confirmed")),
        ]
        .into_iter()
        .map(|(id, value)| (AttributeId::new(id).unwrap(), value))
        .collect::<Attributes>();
        Transaction::from(vec![Edit::add(annotation)]).apply(&mut set).unwrap();
        let schema = bundled_schema(BundledSchema::Full).unwrap();
        let annotation = set.annotation(AnnotationId(1)).unwrap();
        assert_eq!(gist(annotation, &set, &schema), "killed ≥ 3 · police");
    }
}
