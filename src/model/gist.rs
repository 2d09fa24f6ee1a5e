//! What matters of an annotation, in a few words: `killed · ≥ 3 · police`.
//!
//! The margin notes, tooltips and lists all say it the same way. Attributes come in the
//! schema's order; numbers are drawn together into one figure.

use super::annotation::{Annotation, AttributeValue};
use super::annotation_set::AnnotationSet;
use super::schema::{AttributeKind, Schema};

/// The characters of a related annotation's text that a gist quotes.
const QUOTED: usize = 24;

/// The attribute values of an annotation, and whom its required relations point to;
/// empty where nothing is known yet.
pub fn gist(annotation: &Annotation, set: &AnnotationSet, schema: &Schema) -> String {
    let Some(label) = schema.label(&annotation.label) else { return String::new() };
    let mut parts: Vec<String> = Vec::new();
    let mut figure_at = None;
    let mut figures: Vec<i64> = Vec::new();
    let mut sign = "";
    for attribute in &label.attributes {
        let Some(value) = annotation.attributes.get(&attribute.id) else { continue };
        match (&attribute.kind, value) {
            (AttributeKind::Integer { .. }, AttributeValue::Integer(number)) => {
                figure_at.get_or_insert(parts.len());
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
    if let Some(at) = figure_at {
        parts.insert(at.min(parts.len()), figure(&figures, sign));
    }
    parts.extend(sources(annotation, set, schema));
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

fn sources(annotation: &Annotation, set: &AnnotationSet, schema: &Schema) -> Option<String> {
    let related = set.relations().find(|relation| {
        relation.from == annotation.id
            && schema.relation(&relation.kind).is_some_and(|kind| kind.required)
    })?;
    let surface = set.surface(set.annotation(related.to)?);
    let mut quoted: String = surface.chars().take(QUOTED).collect();
    if quoted.len() < surface.len() {
        quoted.push('…');
    }
    Some(quoted)
}
