//! `project.ron`, and the schema wherever one is written: in the project's file, in a
//! schema file of its own, and in the history of its changes.

use super::few::{All, Few, Wire};
use super::met::Met;
use super::render::{Layout, Parts, string, strings};
use super::set::{Mark, mark, mark_of};
use super::{FORMAT, Fault, bad_value, line_of, options, parse, parse_file};
use crate::model::{
    AnnotatorName, Attribute, AttributeId, AttributeKind, Color, Label, LabelId, MOST_ATTRIBUTES,
    MOST_LABELS, Project, RelationType, RelationTypeId, Schema,
};
use crate::store::error::Cause;
use ron::value::RawValue;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;

/// What `project.ron` holds.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct ProjectFile {
    /// The project.
    pub(in crate::store) project: Project,
    /// The last line of the schema's history that the file holds.
    pub(in crate::store) mark: Option<Mark>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProject {
    format: u32,
    name: String,
    step: Option<String>,
    step_lines: Option<u32>,
    #[serde(default)]
    annotators: Few<String>,
    schema: WireSchema,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireSchema {
    #[serde(default)]
    labels: All<WireLabel>,
    #[serde(default)]
    relations: All<WireRelationType>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLabel {
    id: String,
    name: String,
    key: Option<String>,
    color: String,
    #[serde(default)]
    guideline: String,
    #[serde(default)]
    attributes: All<WireAttribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAttribute {
    id: String,
    name: String,
    kind: WireKind,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    guideline: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum WireKind {
    Choice(Few<String>),
    Choices(Few<String>),
    Integer { min: Option<i64>, max: Option<i64> },
    Decimal { min: Option<f64>, max: Option<f64> },
    Text,
    Flag,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRelationType {
    id: String,
    name: String,
    #[serde(default)]
    from: Few<String>,
    #[serde(default)]
    to: Few<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    guideline: String,
}

/// Reads `project.ron`.
pub(in crate::store) fn read_project(text: &str) -> Result<ProjectFile, Fault> {
    let wire: WireProject = parse_file(text, |wire: &WireProject| wire.format)?;
    let mark = mark_of(wire.step.as_deref(), wire.step_lines)?;
    let annotators: Vec<_> =
        wire.annotators.0.iter().map(AnnotatorName::new).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    if let Some(twice) = annotators.iter().find(|name| !seen.insert(*name)) {
        return Err(bad_value(format!("the annotator {twice} stands twice")).into());
    }
    let schema = schema_of(wire.schema).map_err(|fault| fault.in_schema(text, true))?;
    let project = Project { name: wire.name, annotators, schema: Arc::new(schema) };
    Ok(ProjectFile { project, mark })
}

/// Reads a file that holds a schema and nothing else.
pub(in crate::store) fn read_schema(text: &str) -> Result<Schema, Fault> {
    schema_of(parse(text)?).map_err(|fault| fault.in_schema(text, false))
}

/// The schema of a line of history.
pub(super) fn schema_of_line(wire: WireSchema) -> Result<Schema, Cause> {
    schema_of(wire).map_err(|fault| fault.cause)
}

/// A cause with the label or relation type that has it.
struct SchemaFault {
    part: Option<Part>,
    cause: Cause,
}

#[derive(Clone, Copy)]
enum Part {
    Label(usize),
    Relation(usize),
}

impl SchemaFault {
    fn in_schema(self, text: &str, in_project: bool) -> Fault {
        let line = self.part.and_then(|part| line_of_part(text, part, in_project));
        Fault::at(line, self.cause)
    }
}

/// The file is read a second time for this, since only what goes wrong needs its line.
fn line_of_part(text: &str, part: Part, in_project: bool) -> Option<u32> {
    #[derive(Deserialize)]
    struct Around<'a> {
        #[serde(borrow)]
        schema: Inside<'a>,
    }
    #[derive(Deserialize)]
    struct Inside<'a> {
        #[serde(default, borrow)]
        labels: Vec<&'a RawValue>,
        #[serde(default, borrow)]
        relations: Vec<&'a RawValue>,
    }
    let inside: Inside<'_> = if in_project {
        options().from_str::<Around<'_>>(text).ok()?.schema
    } else {
        options().from_str(text).ok()?
    };
    let found = match part {
        Part::Label(index) => inside.labels.get(index),
        Part::Relation(index) => inside.relations.get(index),
    };
    line_of(text, found?)
}

fn schema_of(wire: WireSchema) -> Result<Schema, SchemaFault> {
    let at = |part: fn(usize) -> Part| {
        move |(index, cause)| SchemaFault { part: Some(part(index)), cause }
    };
    let labels = wire.labels.items().map_err(at(Part::Label))?;
    let relations = wire.relations.items().map_err(at(Part::Relation))?;
    Schema::new(labels, relations)
        .map_err(|error| SchemaFault { part: None, cause: Cause::Schema(Box::new(error)) })
}

impl Wire for WireLabel {
    type Read = Label;
    const MOST: usize = MOST_LABELS;

    fn read(self, met: &mut Met) -> Result<Label, Cause> {
        let color = Color::from_hex(&self.color)
            .ok_or_else(|| bad_value(format!("{:?} is no color like #B93E0C", self.color)))?;
        let label = Label {
            id: LabelId::new(&self.id)?,
            name: self.name,
            key: self.key.map(|key| key_of(&key)).transpose()?,
            color,
            guideline: self.guideline,
            attributes: self.attributes.items().map_err(|(_, cause)| cause)?,
        };
        met.count(&label)?;
        Ok(label)
    }
}

fn key_of(text: &str) -> Result<char, Cause> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(bad_value(format!("the key {text:?} is not one character"))),
    }
}

/// What an attribute holds.
pub(super) fn kind_of(wire: WireKind) -> AttributeKind {
    match wire {
        WireKind::Choice(options) => AttributeKind::Choice(options.0),
        WireKind::Choices(options) => AttributeKind::Choices(options.0),
        WireKind::Integer { min, max } => AttributeKind::Integer { min, max },
        WireKind::Decimal { min, max } => AttributeKind::Decimal { min, max },
        WireKind::Text => AttributeKind::Text,
        WireKind::Flag => AttributeKind::Flag,
    }
}

impl Wire for WireAttribute {
    type Read = Attribute;
    const MOST: usize = MOST_ATTRIBUTES;

    fn read(self, _: &mut Met) -> Result<Attribute, Cause> {
        let Self { id, name, kind, required, guideline } = self;
        let (id, kind) = (AttributeId::new(&id)?, kind_of(kind));
        Ok(Attribute { id, name, kind, required, guideline })
    }
}

impl Wire for WireRelationType {
    type Read = RelationType;
    const MOST: usize = MOST_LABELS;

    fn read(self, met: &mut Met) -> Result<RelationType, Cause> {
        let mut ends =
            |ends: &[String]| ends.iter().map(|label| met.label(label)).collect::<Result<_, _>>();
        Ok(RelationType {
            id: RelationTypeId::new(&self.id)?,
            name: self.name,
            from: ends(&self.from.0)?,
            to: ends(&self.to.0)?,
            required: self.required,
            guideline: self.guideline,
        })
    }
}

/// The file of a project.
pub(in crate::store) fn write_project(file: &ProjectFile) -> String {
    let ProjectFile { project, mark: held } = file;
    let mut out = String::new();
    let mut parts = Parts::of_struct(&mut out, Layout::Block(1));
    parts.plain("format", FORMAT);
    string(parts.field("name"), &project.name);
    mark(&mut parts, *held);
    let annotators = project.annotators.iter().map(AnnotatorName::as_str);
    strings(parts.field("annotators"), annotators);
    schema(parts.field("schema"), &project.schema, Layout::Block(2));
    parts.close();
    out.push('\n');
    out
}

/// A schema, in one line for the history or as a block.
pub(super) fn schema(out: &mut String, schema: &Schema, layout: Layout) {
    let mut parts = Parts::of_struct(out, layout);
    let inner = layout.deeper();
    let mut labels = Parts::of_list(parts.field("labels"), inner);
    for found in schema.labels() {
        label(labels.part(), found, inner.deeper());
    }
    labels.close();
    if !schema.relations().is_empty() {
        let mut relations = Parts::of_list(parts.field("relations"), inner);
        for found in schema.relations() {
            relation(relations.part(), found);
        }
        relations.close();
    }
    parts.close();
}

fn label(out: &mut String, label: &Label, layout: Layout) {
    let mut parts = Parts::of_struct(out, layout);
    parts.string("id", label.id.as_str());
    string(parts.field("name"), &label.name);
    if let Some(key) = label.key {
        parts.string("key", key.encode_utf8(&mut [0; 4]));
    }
    parts.string("color", &label.color.to_string());
    parts.prose("guideline", &label.guideline);
    if !label.attributes.is_empty() {
        let mut attributes = Parts::of_list(parts.field("attributes"), layout.deeper());
        for found in &label.attributes {
            attribute(attributes.part(), found);
        }
        attributes.close();
    }
    parts.close();
}

fn attribute(out: &mut String, attribute: &Attribute) {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("id", attribute.id.as_str());
    string(parts.field("name"), &attribute.name);
    kind(parts.field("kind"), &attribute.kind);
    if attribute.required {
        parts.plain("required", true);
    }
    parts.string("guideline", &attribute.guideline);
    parts.close();
}

/// What an attribute holds, in one line.
pub(super) fn kind(out: &mut String, kind: &AttributeKind) {
    match kind {
        AttributeKind::Choice(options) => choices(out, "choice", options),
        AttributeKind::Choices(options) => choices(out, "choices", options),
        AttributeKind::Integer { min, max } => {
            limits(out, "integer", min.map(|min| min.to_string()), max.map(|max| max.to_string()));
        }
        AttributeKind::Decimal { min, max } => {
            let decimal = |limit: Option<f64>| limit.map(|limit| format!("{limit:?}"));
            limits(out, "decimal", decimal(*min), decimal(*max));
        }
        AttributeKind::Text => out.push_str("text"),
        AttributeKind::Flag => out.push_str("flag"),
    }
}

fn choices(out: &mut String, name: &str, options: &[String]) {
    out.push_str(name);
    out.push('(');
    strings(out, options);
    out.push(')');
}

fn limits(out: &mut String, name: &str, min: Option<String>, max: Option<String>) {
    out.push_str(name);
    let mut parts = Parts::of_struct(out, Layout::Line);
    for (name, limit) in [("min", min), ("max", max)] {
        if let Some(limit) = limit {
            parts.plain(name, limit);
        }
    }
    parts.close();
}

fn relation(out: &mut String, relation: &RelationType) {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("id", relation.id.as_str());
    string(parts.field("name"), &relation.name);
    // Empty ends are written too, for they say something: any label will do.
    for (name, ends) in [("from", &relation.from), ("to", &relation.to)] {
        strings(parts.field(name), ends.iter().map(LabelId::as_str));
    }
    if relation.required {
        parts.plain("required", true);
    }
    parts.string("guideline", &relation.guideline);
    parts.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StepId;
    use proptest::prelude::*;

    /// The example of `docs/PROJECT-FILES.md`.
    const EXAMPLE: &str = r##"(
    format: 1,
    name: "Karachi",
    annotators: ["annotator-1", "annotator-2"],
    schema: (
        labels: [
            (
                id: "actor",
                name: "Actor",
                color: "#1F6FB5",
            ),
            (
                id: "casualty",
                name: "Casualty",
                key: "c",
                color: "#B93E0C",
                guideline: "People killed, injured or missing ...",
                attributes: [
                    (id: "outcome", name: "Outcome", kind: choice(["killed", "injured"]), required: true),
                    (id: "victims", name: "Victims", kind: choices(["civilian", "police"])),
                    (id: "low", name: "Low", kind: integer(min: 0)),
                    (id: "latitude", name: "Latitude", kind: decimal(min: -90.0, max: 90.0)),
                    (id: "gazetteer", name: "Gazetteer id", kind: text),
                    (id: "graphic", name: "Graphic detail", kind: flag),
                ],
            ),
        ],
        relations: [
            (id: "victim", name: "victim", from: ["casualty"], to: ["actor"], guideline: "Who was harmed"),
        ],
    ),
)
"##;

    #[test]
    fn the_documented_example_is_written_as_it_was_read() {
        let file = read_project(EXAMPLE).unwrap();
        assert_eq!(file.project.schema.labels().len(), 2);
        assert_eq!(write_project(&file), EXAMPLE);
    }

    #[test]
    fn faults_are_found_at_the_label_that_has_them() {
        let line = |from: &str, to: &str| {
            let changed = EXAMPLE.replacen(from, to, 1);
            read_project(&changed).unwrap_err().line
        };
        assert_eq!(line("\"c\"", "\"cc\""), Some(12));
        assert_eq!(line("id: \"victim\"", "id: \"vic tim\""), Some(29));
        assert_eq!(line("guideline", "guidance"), Some(17));
        assert_eq!(line("kind: text", "kind: prose"), Some(23));
    }

    #[test]
    fn a_newer_format_is_named_before_anything_else() {
        let newer = EXAMPLE.replacen("format: 1", "format: 2, shiny: [1]", 1);
        let fault = read_project(&newer).unwrap_err();
        assert!(matches!(fault.cause, Cause::Format { found: 2 }), "{fault:?}");
        assert_eq!(fault.line, Some(2));
    }

    #[test]
    fn nesting_without_end_is_an_error() {
        for bracket in ["(", "[", "{\"a\":", "Some(", "choice("] {
            let fault = read_project(&bracket.repeat(100_000)).unwrap_err();
            assert!(matches!(fault.cause, Cause::TooDeep | Cause::Syntax(_)), "{fault:?}");
            let inside = EXAMPLE.replacen("\"killed\"", &bracket.repeat(100_000), 1);
            assert!(read_project(&inside).is_err());
        }
        assert!(matches!(read_project(&"[".repeat(100_000)).unwrap_err().cause, Cause::TooDeep));
    }

    fn kind() -> impl Strategy<Value = AttributeKind> {
        let options = || {
            prop::collection::hash_set("[^\\s]{1,6}", 1..4)
                .prop_map(|options| options.into_iter().collect::<Vec<_>>())
        };
        let decimal = || prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO);
        prop_oneof![
            options().prop_map(AttributeKind::Choice),
            options().prop_map(AttributeKind::Choices),
            any::<(Option<i64>, Option<i64>)>()
                .prop_map(|(min, max)| AttributeKind::Integer { min, max }),
            (decimal(), decimal()).prop_map(|(min, max)| AttributeKind::Decimal { min, max }),
            Just(AttributeKind::Text),
            Just(AttributeKind::Flag),
        ]
    }

    prop_compose! {
        fn attribute()(
            id in "[a-z]{8}", name: String, kind in kind(), required: bool, guideline: String,
        ) -> Attribute {
            Attribute { id: AttributeId::new(id).unwrap(), name, kind, required, guideline }
        }
    }

    prop_compose! {
        fn label()(
            id in "[a-z]{8}", name: String, color: [u8; 3], guideline in "(?s).{0,9}[\"\n#]{0,4}",
            attributes in prop::collection::vec(attribute(), 0..4),
        ) -> Label {
            let [red, green, blue] = color;
            let color = Color { red, green, blue };
            let id = LabelId::new(id).unwrap();
            Label { id, name, key: None, color, guideline, attributes }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn read_after_write_is_the_identity(
            labels in prop::collection::vec(label(), 0..4), name: String, required: bool,
            key: char, step: Option<(u64, u32)>, guideline: String,
        ) {
            let mut labels = labels;
            if let Some(first) = labels.first_mut() {
                first.key = Some(key);
            }
            let relation = RelationType {
                id: RelationTypeId::new("at").unwrap(),
                name: name.clone(),
                from: labels.iter().map(|label| label.id.clone()).collect(),
                to: vec![],
                required,
                guideline,
            };
            let schema = Schema::new(labels, vec![relation]);
            prop_assume!(schema.is_ok());
            let schema = Arc::new(schema.unwrap());
            let annotators = vec![AnnotatorName::new("annotator-1").unwrap()];
            let file = ProjectFile {
                project: Project { name, annotators, schema: schema.clone() },
                mark: step.map(|(step, lines)| Mark { step: StepId(step), lines }),
            };
            prop_assert_eq!(&read_project(&write_project(&file)).unwrap(), &file);
            let mut alone = String::new();
            super::schema(&mut alone, &schema, Layout::Line);
            prop_assert!(!alone.contains('\n'));
            prop_assert_eq!(&read_schema(&alone).unwrap(), &*schema);
        }
    }
}
