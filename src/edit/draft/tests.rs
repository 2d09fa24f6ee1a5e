//! Tests of the working copy: what a user does to it, and the migrations that follow.

use super::*;
use crate::edit::Migration;

fn label_id(text: &str) -> LabelId {
    LabelId::new(text).unwrap()
}

fn attribute_id(text: &str) -> AttributeId {
    AttributeId::new(text).unwrap()
}

fn schema() -> Schema {
    let label = |id: &str, key: char, attributes: Vec<Attribute>| Label {
        id: label_id(id),
        name: id.to_owned(),
        key: Some(key),
        color: Color { red: 1, green: 2, blue: 3 },
        guideline: String::new(),
        attributes,
    };
    let role = Attribute {
        id: attribute_id("role"),
        name: "Role".to_owned(),
        kind: AttributeKind::Choice(vec!["source".to_owned(), "target".to_owned()]),
        required: false,
        guideline: String::new(),
    };
    let relation = |id: &str, from: &[&str]| RelationType {
        id: RelationTypeId::new(id).unwrap(),
        name: id.to_owned(),
        from: from.iter().map(|id| label_id(id)).collect(),
        to: Vec::new(),
        required: false,
        guideline: String::new(),
    };
    let labels = vec![
        label("actor", 'a', vec![role]),
        label("claim", 'm', vec![]),
        label("place", 'p', vec![]),
    ];
    let relations = vec![relation("source", &["claim"]), relation("at", &["actor", "claim"])];
    Schema::new(labels, relations).unwrap()
}

/// The migrations of an edited copy, and that they lead to what the copy says.
fn plan(edit: impl FnOnce(&mut SchemaDraft)) -> Vec<Migration> {
    let schema = schema();
    let mut draft = SchemaDraft::of(&schema);
    edit(&mut draft);
    let migrations = draft.plan(&schema).unwrap();
    let mut reached = schema;
    for migration in &migrations {
        reached = migration.schema(&reached).unwrap();
    }
    assert_eq!(SchemaDraft::of(&reached).plan(&reached), Ok(vec![]));
    migrations
}

fn fault(edit: impl FnOnce(&mut SchemaDraft)) -> Option<DraftField> {
    let mut draft = SchemaDraft::of(&schema());
    edit(&mut draft);
    draft.faults().first().map(|fault| fault.field)
}

#[test]
fn a_name_makes_an_id() {
    assert_eq!(id_from_name(" Police Station! "), "police_station");
    assert_eq!(id_from_name("Zürich"), "zürich");
    assert_eq!(id_from_name("…"), "");
}

#[test]
fn an_untouched_copy_changes_nothing() {
    assert_eq!(plan(|_| {}), vec![]);
}

#[test]
fn what_annotations_do_not_see_is_one_redefinition() {
    let migrations = plan(|draft| {
        draft.labels[0].name = " Person ".to_owned();
        draft.labels[0].key = "X".to_owned();
        draft.labels.swap(1, 2);
        draft.relations[0].to = vec![draft.labels[0].uid];
    });
    let [Migration::Redefine(schema)] = migrations.as_slice() else { panic!("{migrations:?}") };
    assert_eq!(schema.labels()[0].name, "Person");
    assert_eq!(schema.labels()[0].key, Some('x'));
    assert_eq!(schema.labels()[1].id, label_id("place"));
    assert_eq!(schema.relations()[0].to, vec![label_id("actor")]);
}

#[test]
fn two_labels_can_swap_their_ids() {
    let migrations = plan(|draft| {
        draft.labels[0].id = "claim".to_owned();
        draft.labels[1].id = "actor".to_owned();
    });
    let rename =
        |from: &str, to: &str| Migration::RenameLabel { from: label_id(from), to: label_id(to) };
    let expected =
        vec![rename("actor", "actor_1"), rename("claim", "actor"), rename("actor_1", "claim")];
    assert_eq!(migrations, expected);
}

#[test]
fn an_id_can_move_into_the_place_of_one_that_goes() {
    let migrations = plan(|draft| {
        draft.labels[0].id = "place".to_owned();
        draft.delete_label(draft.labels[2].uid);
    });
    let from = label_id("actor");
    let expected = vec![
        Migration::DeleteLabel(label_id("place")),
        Migration::RenameLabel { from, to: label_id("place") },
    ];
    assert_eq!(migrations, expected);
}

#[test]
fn a_relation_type_goes_with_the_only_label_it_starts_at() {
    let migrations = plan(|draft| draft.delete_label(draft.labels[1].uid));
    let source = RelationTypeId::new("source").unwrap();
    let expected =
        vec![Migration::DeleteRelation(source), Migration::DeleteLabel(label_id("claim"))];
    assert_eq!(migrations, expected);
}

#[test]
fn a_relation_type_follows_a_merged_label() {
    let migrations = plan(|draft| {
        draft.labels[1].fate = Fate::Merge(draft.labels[0].uid);
        draft.relations[1].id = "where".to_owned();
    });
    let (from, to) = (RelationTypeId::new("at").unwrap(), RelationTypeId::new("where").unwrap());
    let expected = vec![
        Migration::RenameRelation { from, to },
        Migration::MergeLabel { from: label_id("claim"), into: label_id("actor") },
    ];
    assert_eq!(migrations, expected);
}

#[test]
fn attributes_and_choices_are_renamed_under_the_labels_new_id() {
    let migrations = plan(|draft| {
        draft.labels[0].id = "person".to_owned();
        let role = &mut draft.labels[0].attributes[0];
        role.id = "part".to_owned();
        role.choices[0].text = "speaker".to_owned();
        role.choices.remove(1);
        role.kind = KindName::Choices;
    });
    let (label, attribute) = (label_id("person"), attribute_id("part"));
    let expected = vec![
        Migration::RenameLabel { from: label_id("actor"), to: label.clone() },
        Migration::RenameAttribute {
            label: label.clone(),
            from: attribute_id("role"),
            to: attribute.clone(),
        },
        Migration::DeleteChoice {
            label: label.clone(),
            attribute: attribute.clone(),
            choice: "target".to_owned(),
        },
        Migration::RenameChoice {
            label: label.clone(),
            attribute: attribute.clone(),
            from: "source".to_owned(),
            to: "speaker".to_owned(),
        },
        Migration::ChangeKind {
            label,
            attribute,
            kind: AttributeKind::Choices(vec!["speaker".to_owned()]),
        },
    ];
    assert_eq!(migrations, expected);
}

#[test]
fn what_is_new_and_dropped_again_leaves_no_trace() {
    let migrations = plan(|draft| {
        let label = draft.add_label("#123456".to_owned());
        draft.relations[0].to = vec![label];
        draft.delete_label(label);
        let relation = draft.add_relation();
        draft.delete_relation(relation);
    });
    assert_eq!(migrations, vec![]);
}

#[test]
fn faults_name_the_field() {
    use DraftField as Field;
    assert_eq!(fault(|draft| draft.labels[0].name.clear()), Some(Field::Name));
    assert_eq!(fault(|draft| draft.labels[0].id = "a b".to_owned()), Some(Field::Id));
    assert_eq!(fault(|draft| draft.labels[0].id = "claim".to_owned()), Some(Field::Id));
    assert_eq!(fault(|draft| draft.labels[0].key = "M".to_owned()), Some(Field::Key));
    assert_eq!(fault(|draft| draft.labels[0].key = "mm".to_owned()), Some(Field::Key));
    assert_eq!(fault(|draft| draft.labels[0].color = "blue".to_owned()), Some(Field::Color));
    let edit_role =
        |edit: fn(&mut AttributeDraft)| fault(|draft| edit(&mut draft.labels[0].attributes[0]));
    assert_eq!(edit_role(|role| role.choices.clear()), Some(Field::Choices));
    assert_eq!(edit_role(|role| role.choices[0].text = "target ".to_owned()), Some(Field::Choices));
    let range = edit_role(|role| {
        role.kind = KindName::Integer;
        role.min = "3".to_owned();
        role.max = "2".to_owned();
    });
    assert_eq!(range, Some(Field::Range));
    let merged_into_what_goes = fault(|draft| {
        draft.labels[1].fate = Fate::Merge(draft.labels[0].uid);
        draft.labels[0].fate = Fate::Delete;
    });
    assert_eq!(merged_into_what_goes, Some(Field::Fate));
}
