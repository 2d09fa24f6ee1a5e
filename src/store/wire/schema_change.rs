//! `.copydesk/schema-change.ron`: a change of the schema that is being written in parts.

use super::few::{All, Wire};
use super::met::Met;
use super::project::{WireKind, WireSchema, kind, kind_of, schema, schema_of_line};
use super::render::{Layout, Parts, string};
use super::set::time;
use super::step::{WireStepKind, step_kind, to_the_millisecond};
use super::{FORMAT, Fault, parse_file};
use crate::edit::{MOST_MIGRATIONS, Migration, Step};
use crate::model::{AnnotatorName, AttributeId, LabelId, RelationTypeId};
use crate::store::error::Cause;
use crate::store::lock::Holder;
use crate::store::schema_change::SchemaChange;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireChange {
    format: u32,
    step: String,
    at: String,
    by: String,
    what: String,
    #[serde(default)]
    kind: WireStepKind,
    #[serde(default)]
    migrations: All<WireMigration>,
    #[serde(default)]
    holder: Option<WireHolder>,
}

/// Which process writes the change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHolder {
    host: String,
    process: u32,
    since: String,
    program: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WireMigration {
    Redefine(WireSchema),
    RenameLabel { from: String, to: String },
    MergeLabel { from: String, into: String },
    DeleteLabel(String),
    RenameAttribute { label: String, from: String, to: String },
    DeleteAttribute { label: String, attribute: String },
    RenameChoice { label: String, attribute: String, from: String, to: String },
    DeleteChoice { label: String, attribute: String, choice: String },
    ChangeKind { label: String, attribute: String, kind: WireKind },
    RenameRelation { from: String, to: String },
    DeleteRelation(String),
}

/// Reads the file.
pub(in crate::store) fn read_schema_change(text: &str) -> Result<SchemaChange, Fault> {
    let wire: WireChange = parse_file(text, |wire: &WireChange| wire.format)?;
    let (id, at) = (wire.step.parse().map_err(Cause::from)?, time(&wire.at)?);
    let by = AnnotatorName::of_set(&wire.by).map_err(Cause::from)?;
    let step = Step { id, at, by, what: wire.what, changes: Vec::new() };
    let migrations = wire.migrations.items().map_err(|(_, cause)| cause)?;
    let holder = wire.holder.map(holder_of).transpose()?;
    Ok(SchemaChange { kind: wire.kind.into(), step, migrations, holder })
}

fn holder_of(wire: WireHolder) -> Result<Holder, Cause> {
    let WireHolder { host, process, since, program } = wire;
    Ok(Holder::noted(host, process, time(&since)?, program))
}

impl Wire for WireMigration {
    type Read = Migration;
    const MOST: usize = MOST_MIGRATIONS;

    fn read(self, _: &mut Met) -> Result<Migration, Cause> {
        migration_of(self)
    }
}

fn migration_of(wire: WireMigration) -> Result<Migration, Cause> {
    Ok(match wire {
        WireMigration::Redefine(schema) => Migration::Redefine(schema_of_line(schema)?),
        WireMigration::RenameLabel { from, to } => {
            Migration::RenameLabel { from: LabelId::new(&from)?, to: LabelId::new(&to)? }
        }
        WireMigration::MergeLabel { from, into } => {
            Migration::MergeLabel { from: LabelId::new(&from)?, into: LabelId::new(&into)? }
        }
        WireMigration::DeleteLabel(id) => Migration::DeleteLabel(LabelId::new(&id)?),
        WireMigration::RenameAttribute { label, from, to } => Migration::RenameAttribute {
            label: LabelId::new(&label)?,
            from: AttributeId::new(&from)?,
            to: AttributeId::new(&to)?,
        },
        WireMigration::DeleteAttribute { label, attribute } => {
            let (label, attribute) = place(&label, &attribute)?;
            Migration::DeleteAttribute { label, attribute }
        }
        WireMigration::RenameChoice { label, attribute, from, to } => {
            let (label, attribute) = place(&label, &attribute)?;
            Migration::RenameChoice { label, attribute, from, to }
        }
        WireMigration::DeleteChoice { label, attribute, choice } => {
            let (label, attribute) = place(&label, &attribute)?;
            Migration::DeleteChoice { label, attribute, choice }
        }
        WireMigration::ChangeKind { label, attribute, kind } => {
            let (label, attribute) = place(&label, &attribute)?;
            Migration::ChangeKind { label, attribute, kind: kind_of(kind) }
        }
        WireMigration::RenameRelation { from, to } => Migration::RenameRelation {
            from: RelationTypeId::new(&from)?,
            to: RelationTypeId::new(&to)?,
        },
        WireMigration::DeleteRelation(id) => Migration::DeleteRelation(RelationTypeId::new(&id)?),
    })
}

fn place(label: &str, attribute: &str) -> Result<(LabelId, AttributeId), Cause> {
    Ok((LabelId::new(label)?, AttributeId::new(attribute)?))
}

/// The file of a change.
pub(in crate::store) fn write_schema_change(change: &SchemaChange) -> String {
    let SchemaChange { kind, step, migrations, holder } = change;
    let mut out = String::new();
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    file.string("step", &step.id.to_string());
    file.string("at", &to_the_millisecond(step.at));
    file.string("by", step.by.as_str());
    string(file.field("what"), &step.what);
    step_kind(&mut file, *kind);
    if !migrations.is_empty() {
        let mut list = Parts::of_list(file.field("migrations"), Layout::Block(2));
        for found in migrations {
            migration(list.part(), found);
        }
        list.close();
    }
    if let Some(Holder { host, process, since, program, .. }) = holder {
        let mut parts = Parts::of_struct(file.field("holder"), Layout::Line);
        string(parts.field("host"), host);
        parts.plain("process", process);
        string(parts.field("since"), &to_the_millisecond(*since));
        string(parts.field("program"), program);
        parts.close();
    }
    file.close();
    out.push('\n');
    out
}

fn migration(out: &mut String, migration: &Migration) {
    match migration {
        Migration::Redefine(wanted) => {
            out.push_str("redefine(");
            schema(out, wanted, Layout::Line);
            out.push(')');
        }
        Migration::RenameLabel { from, to } => {
            named(out, "rename_label", &[("from", from.as_str()), ("to", to.as_str())]);
        }
        Migration::MergeLabel { from, into } => {
            named(out, "merge_label", &[("from", from.as_str()), ("into", into.as_str())]);
        }
        Migration::DeleteLabel(id) => alone(out, "delete_label", id.as_str()),
        Migration::RenameAttribute { label, from, to } => named(
            out,
            "rename_attribute",
            &[("label", label.as_str()), ("from", from.as_str()), ("to", to.as_str())],
        ),
        Migration::DeleteAttribute { label, attribute } => named(
            out,
            "delete_attribute",
            &[("label", label.as_str()), ("attribute", attribute.as_str())],
        ),
        Migration::RenameChoice { label, attribute, from, to } => {
            let (label, attribute) = (label.as_str(), attribute.as_str());
            let fields = [("label", label), ("attribute", attribute), ("from", from), ("to", to)];
            named(out, "rename_choice", &fields);
        }
        Migration::DeleteChoice { label, attribute, choice } => {
            let (label, attribute) = (label.as_str(), attribute.as_str());
            let fields = [("label", label), ("attribute", attribute), ("choice", choice)];
            named(out, "delete_choice", &fields);
        }
        Migration::ChangeKind { label, attribute, kind: wanted } => {
            out.push_str("change_kind");
            let mut parts = Parts::of_struct(out, Layout::Line);
            string(parts.field("label"), label.as_str());
            string(parts.field("attribute"), attribute.as_str());
            kind(parts.field("kind"), wanted);
            parts.close();
        }
        Migration::RenameRelation { from, to } => {
            named(out, "rename_relation", &[("from", from.as_str()), ("to", to.as_str())]);
        }
        Migration::DeleteRelation(id) => alone(out, "delete_relation", id.as_str()),
    }
}

fn alone(out: &mut String, name: &str, id: &str) {
    out.push_str(name);
    out.push('(');
    string(out, id);
    out.push(')');
}

/// Fields that may be empty are written too: a choice may be the empty string.
fn named(out: &mut String, name: &str, fields: &[(&str, &str)]) {
    out.push_str(name);
    let mut parts = Parts::of_struct(out, Layout::Line);
    for (name, value) in fields {
        string(parts.field(name), value);
    }
    parts.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::StepKind;
    use crate::model::AttributeKind;
    use crate::store::{BundledSchema, bundled_schema};

    /// The example of `docs/PROJECT-FILES.md`.
    const EXAMPLE: &str = r#"(
    format: 1,
    step: "9k2m4c00aa",
    at: "2026-11-23T09:12:44.120Z",
    by: "annotator-1",
    what: "Rename actor",
    migrations: [
        rename_label(from: "actor", to: "agent"),
        merge_label(from: "claim", into: "statement"),
        delete_label("casualty"),
    ],
    holder: (host: "desk-3", process: 4711, since: "2026-11-23T09:12:44.118Z", program: "copydesk 0.1.0"),
)
"#;

    #[test]
    fn the_documented_example_is_written_as_it_was_read() {
        let change = read_schema_change(EXAMPLE).unwrap();
        assert_eq!((change.kind, change.migrations.len()), (StepKind::Do, 3));
        assert_eq!(write_schema_change(&change), EXAMPLE);
    }

    #[test]
    fn every_migration_reads_as_it_was_written() {
        let (label, attribute) =
            (LabelId::new("actor").unwrap(), AttributeId::new("kind").unwrap());
        let (from, to) = (String::new(), "a \"b\"\n".to_owned());
        let kinds = [
            AttributeKind::Choice(vec!["x".to_owned()]),
            AttributeKind::Choices(Vec::new()),
            AttributeKind::Integer { min: Some(-1), max: None },
            AttributeKind::Decimal { min: None, max: Some(0.5) },
            AttributeKind::Text,
            AttributeKind::Flag,
        ];
        let mut migrations = vec![
            Migration::Redefine(bundled_schema(BundledSchema::Full).unwrap()),
            Migration::RenameAttribute {
                label: label.clone(),
                from: attribute.clone(),
                to: AttributeId::new("sort").unwrap(),
            },
            Migration::DeleteAttribute { label: label.clone(), attribute: attribute.clone() },
            Migration::RenameChoice {
                label: label.clone(),
                attribute: attribute.clone(),
                from: from.clone(),
                to,
            },
            Migration::DeleteChoice {
                label: label.clone(),
                attribute: attribute.clone(),
                choice: from,
            },
            Migration::RenameRelation {
                from: RelationTypeId::new("source").unwrap(),
                to: RelationTypeId::new("said_by").unwrap(),
            },
            Migration::DeleteRelation(RelationTypeId::new("source").unwrap()),
        ];
        migrations.extend(kinds.map(|kind| Migration::ChangeKind {
            label: label.clone(),
            attribute: attribute.clone(),
            kind,
        }));
        for kind in [StepKind::Do, StepKind::Undo, StepKind::Redo] {
            let step = read_schema_change(EXAMPLE).unwrap().step;
            let since = "2026-11-23T09:12:44.118253Z".parse().unwrap();
            let odd = Holder::noted("a \"b\"\n".to_owned(), 1, since, String::new());
            for holder in [None, Some(odd)] {
                let (step, migrations) = (step.clone(), migrations.clone());
                let change = SchemaChange { kind, step, migrations, holder };
                assert_eq!(read_schema_change(&write_schema_change(&change)).unwrap(), change);
            }
        }
    }

    #[test]
    fn what_does_not_belong_there_is_refused() {
        let refused = |from: &str, to: &str| {
            read_schema_change(&EXAMPLE.replacen(from, to, 1)).unwrap_err().cause
        };
        assert!(matches!(refused("format: 1", "format: 9"), Cause::Format { found: 9 }));
        assert!(matches!(refused("\"annotator-1\"", "\"../up\""), Cause::BadId(_)));
        assert!(matches!(refused("\"agent\"", "\"an agent\""), Cause::BadId(_)));
        assert!(matches!(refused("what", "shiny: 1, what"), Cause::UnknownField(_)));
        assert!(matches!(refused("host", "shiny: 1, host"), Cause::UnknownField(_)));
        let many = "delete_label(\"casualty\"),".repeat(MOST_MIGRATIONS);
        assert!(matches!(refused("delete", &format!("{many}delete")), Cause::Syntax(_)));
    }
}
