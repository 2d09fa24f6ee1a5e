//! The labelling configuration: which labels, attributes and relations there are.
//!
//! How the page is laid out is left out.

use super::super::colors;
use super::super::error::FormatError;
use super::super::reading::{Outline, OutlineLabel, OutlineRelation};
use super::super::writing::{Piece, Summary};
use super::{LABELS, TEXT};
use crate::model::{Attribute, AttributeKind, Label, Schema};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape::escape};
use std::fmt::Write as _;

/// The deepest that elements are nested.
const DEEPEST: usize = 128;

/// An attribute of regions, under construction.
struct Control {
    name: String,
    values: Vec<String>,
    takes: Takes,
    /// The labels that it is for; none for all.
    labels: Vec<String>,
}

/// What values a control takes.
enum Takes {
    One,
    Several,
    Text,
    Kind(AttributeKind),
}

impl Control {
    /// The kind of the attribute that it is, where that is one.
    fn kind(&self) -> Option<AttributeKind> {
        let is_flag = self.values == ["true", "false"];
        Some(match &self.takes {
            Takes::Kind(kind) => kind.clone(),
            Takes::Text => AttributeKind::Text,
            Takes::One | Takes::Several if self.values.is_empty() => return None,
            Takes::One if is_flag => AttributeKind::Flag,
            Takes::One => AttributeKind::Choice(self.values.clone()),
            Takes::Several => AttributeKind::Choices(self.values.clone()),
        })
    }
}

/// Whether the beginning of a file is that of a labelling configuration.
pub(in crate::formats) fn is_config(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('<') && head.contains("<View")
}

/// What a configuration declares.
///
/// # Errors
/// When it is no XML.
pub(super) fn outline(config: &str) -> Result<Outline, FormatError> {
    let mut reader = Reader::from_str(config);
    let mut outline = Outline::default();
    let mut controls: Vec<Control> = Vec::new();
    let mut depth = 0_usize;
    let line = |at: u64| {
        let before = config.get(..usize::try_from(at).unwrap_or(config.len())).unwrap_or(config);
        u32::try_from(before.matches('\n').count() + 1).ok()
    };
    loop {
        match reader.read_event() {
            Err(error) => {
                let at = line(reader.error_position());
                return Err(FormatError::malformed(at, error.to_string()));
            }
            Ok(Event::Eof) => break,
            Ok(Event::Start(element)) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(FormatError::TooDeep { limit: DEEPEST });
                }
                read_element(&element, &mut outline, &mut controls);
            }
            Ok(Event::Empty(element)) => read_element(&element, &mut outline, &mut controls),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(_) => {}
        }
    }
    for control in controls {
        for label in &mut outline.labels {
            if control.labels.is_empty() || control.labels.contains(&label.label) {
                label.attributes.push((control.name.clone(), control.values.clone()));
                label.kinds.extend(control.kind().map(|kind| (control.name.clone(), kind)));
            }
        }
    }
    Ok(outline)
}

fn read_element(element: &BytesStart<'_>, outline: &mut Outline, controls: &mut Vec<Control>) {
    let field = |name: &str| {
        let attribute = element.try_get_attribute(name).ok().flatten()?;
        Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    };
    let value = || field("value").unwrap_or_default();
    match element.name().into_inner() {
        "Label" => {
            let label = value();
            if !label.is_empty() && outline.labels.iter().all(|known| known.label != label) {
                let color = field("background").as_deref().and_then(colors::read);
                let name = field("hint").filter(|name| *name != label).unwrap_or_default();
                outline.labels.push(OutlineLabel { label, name, color, ..Default::default() });
            }
        }
        "Relation" => {
            let kind = value();
            if outline.relations.iter().all(|known| known.kind != kind) {
                outline.relations.push(OutlineRelation { kind, ..OutlineRelation::default() });
            }
        }
        "Choices" | "Number" | "TextArea" | "Rating"
            if field("perRegion").as_deref() == Some("true") =>
        {
            let labels = field("whenLabelValue").unwrap_or_default();
            let labels = labels.split(',').filter(|label| !label.is_empty());
            let bound = |name: &str| field(name)?.trim().parse().ok();
            let takes = match element.name().into_inner() {
                "TextArea" => Takes::Text,
                "Number" if field("step").is_none_or(|step| step.parse::<u32>().is_err()) => {
                    let decimal = |name: &str| field(name)?.trim().parse().ok();
                    Takes::Kind(AttributeKind::Decimal { min: decimal("min"), max: decimal("max") })
                }
                "Number" | "Rating" => {
                    Takes::Kind(AttributeKind::Integer { min: bound("min"), max: bound("max") })
                }
                _ if field("choice").as_deref() == Some("multiple") => Takes::Several,
                _ => Takes::One,
            };
            controls.push(Control {
                name: field("name").unwrap_or_default(),
                values: Vec::new(),
                takes,
                labels: labels.map(str::to_owned).collect(),
            });
        }
        // Choices about the article as a whole follow no region's control.
        "Choices" => controls.push(Control {
            name: String::new(),
            values: Vec::new(),
            takes: Takes::One,
            labels: vec![String::new()],
        }),
        "Choice" => {
            if let Some(control) = controls.last_mut() {
                control.values.push(value());
            }
        }
        _ => {}
    }
}

/// The configuration of an export.
pub(super) fn finish(summary: &Summary<'_>) -> Vec<Piece> {
    let bytes = config(&summary.options.schema).into_bytes();
    vec![Piece { path: "label_config.xml".to_owned(), bytes }]
}

/// Writes the configuration of a schema. Writing into a `String` cannot fail.
pub(super) fn config(schema: &Schema) -> String {
    let mut config = String::from("<View>\n");
    let _ = writeln!(config, "  <Labels name=\"{LABELS}\" toName=\"{TEXT}\">");
    for Label { id, name, color, .. } in schema.labels() {
        let name = escape(name.as_str());
        let _ =
            writeln!(config, "    <Label value=\"{id}\" hint=\"{name}\" background=\"{color}\"/>");
    }
    config.push_str("  </Labels>\n");
    if !schema.relations().is_empty() {
        config.push_str("  <Relations>\n");
        for relation in schema.relations() {
            let _ = writeln!(config, "    <Relation value=\"{}\"/>", relation.id);
        }
        config.push_str("  </Relations>\n");
    }
    let _ = writeln!(config, "  <Text name=\"{TEXT}\" value=\"$text\" granularity=\"symbol\"/>");
    for (attribute, labels) in attributes(schema) {
        control(attribute, &labels.join(","), &mut config);
    }
    config.push_str("</View>\n");
    config
}

/// Each attribute with the labels that have it. The name of a control stands once, so that
/// labels share it; of attributes that differ the first one says what values there are.
fn attributes(schema: &Schema) -> Vec<(&Attribute, Vec<&str>)> {
    let mut attributes: Vec<(&Attribute, Vec<&str>)> = Vec::new();
    for label in schema.labels() {
        for attribute in &label.attributes {
            match attributes.iter_mut().find(|(known, _)| known.id == attribute.id) {
                Some((_, labels)) => labels.push(label.id.as_str()),
                None => attributes.push((attribute, vec![label.id.as_str()])),
            }
        }
    }
    attributes
}

fn control(attribute: &Attribute, labels: &str, config: &mut String) {
    let common = format!(
        "name=\"{}\" toName=\"{TEXT}\" perRegion=\"true\" whenTagName=\"{LABELS}\" \
         whenLabelValue=\"{labels}\"",
        attribute.id
    );
    let mut range = String::new();
    let mut bound = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(range, " {name}=\"{value}\"");
        }
    };
    let (choice, values) = match &attribute.kind {
        AttributeKind::Choice(values) => ("single", values.clone()),
        AttributeKind::Choices(values) => ("multiple", values.clone()),
        AttributeKind::Flag => ("single", vec!["true".to_owned(), "false".to_owned()]),
        AttributeKind::Text => {
            let _ =
                writeln!(config, "  <TextArea {common} maxSubmissions=\"1\" editable=\"true\"/>");
            return;
        }
        AttributeKind::Integer { min, max } => {
            bound("min", min.map(|min| min.to_string()));
            bound("max", max.map(|max| max.to_string()));
            let _ = writeln!(config, "  <Number {common} step=\"1\"{range}/>");
            return;
        }
        AttributeKind::Decimal { min, max } => {
            bound("min", min.map(|min| min.to_string()));
            bound("max", max.map(|max| max.to_string()));
            let _ = writeln!(config, "  <Number {common} step=\"any\"{range}/>");
            return;
        }
    };
    let _ = writeln!(config, "  <Choices {common} choice=\"{choice}\">");
    for value in values {
        let _ = writeln!(config, "    <Choice value=\"{}\"/>", escape(value.as_str()));
    }
    config.push_str("  </Choices>\n");
}
