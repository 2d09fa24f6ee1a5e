//! Labels, values and relations of files in schemas that are there, and that others change.

use super::*;
use crate::store::{BundledSchema, bundled_schema};

fn adoption() -> Adoption {
    let chosen = LabelMap::from([("PER".to_owned(), LabelId::new("actor").unwrap())]);
    Adoption::new(&bundled_schema(BundledSchema::Full).unwrap(), chosen)
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::Text(text.to_owned())
}

#[test]
fn known_labels_are_found_by_choice_id_and_name_and_others_added_once() {
    let mut adoption = adoption();
    for (name, id) in [("PER", "actor"), ("location", "location"), ("Casualty", "casualty")] {
        assert_eq!(adoption.label(name).unwrap().as_str(), id);
    }
    assert!(adoption.take_grown().is_none());
    assert_eq!(adoption.label("Weapon used!").unwrap().as_str(), "weapon_used");
    assert_eq!(adoption.label("Weapon used!").unwrap().as_str(), "weapon_used");
    assert_eq!(adoption.label("!!").unwrap().as_str(), "label");
    let schema = adoption.take_grown().unwrap();
    let added = schema.label(&LabelId::new("weapon_used").unwrap()).unwrap();
    assert_eq!(added.name, "Weapon used!");
    assert!(adoption.take_grown().is_none());
}

#[test]
fn values_are_brought_to_the_kind_of_their_attribute() {
    let mut adoption = adoption();
    let actor = LabelId::new("actor").unwrap();
    let casualty = LabelId::new("casualty").unwrap();
    let mut value = |label, name: &str, given| adoption.value(label, name, &given);
    assert_eq!(value(&casualty, "low", text("3")).unwrap().1, AttributeValue::Integer(3));
    assert!(value(&casualty, "low", text("three")).unwrap_err().contains("three"));
    let roles = value(&actor, "role", text("victim|target")).unwrap().1;
    let listed = AttributeValue::List(vec!["target".to_owned(), "victim".to_owned()]);
    assert_eq!(roles, listed);
    assert_eq!(value(&actor, "kind", text("smugglers")).unwrap().1, text("smugglers"));
    let (id, ..) = value(&actor, "Hair colour", text("red")).unwrap();
    assert_eq!(id.as_str(), "hair_colour");
    let schema = adoption.take_grown().unwrap();
    let kind = &schema.label(&actor).unwrap().attributes[0].kind;
    assert!(kind.admits(&text("smugglers")));
}

#[test]
fn what_others_did_to_the_schema_meanwhile_stays() {
    let mut adoption = adoption();
    let actor = LabelId::new("actor").unwrap();
    adoption.value(&actor, "kind", &text("smugglers")).unwrap();
    adoption.value(&actor, "hair", &text("red")).unwrap();
    adoption.label("Weapon").unwrap();
    let mut labels = adoption_of_others();
    let theirs = Schema::new(labels.clone(), Vec::new()).unwrap();
    adoption.rebase(&theirs);
    let schema = adoption.take_grown().unwrap();
    let found = schema.label(&actor).unwrap();
    assert_eq!(found.name, "Who");
    assert!(found.attributes[0].kind.admits(&text("smugglers")));
    assert!(found.attributes.iter().any(|known| known.id.as_str() == "hair"));
    let ids: Vec<_> = schema.labels().iter().map(|label| label.id.as_str()).collect();
    assert_eq!(ids, ["actor", "vehicle", "weapon"], "what was deleted stays so");
    labels = schema.labels().to_vec();
    adoption.rebase(&Schema::new(labels, schema.relations().to_vec()).unwrap());
    assert!(adoption.take_grown().is_none(), "everything is there by now");
}

/// The labels as somebody else has made them: one renamed, one added, the rest deleted.
fn adoption_of_others() -> Vec<Label> {
    let full = bundled_schema(BundledSchema::Full).unwrap();
    let mut actor = full.label(&LabelId::new("actor").unwrap()).unwrap().clone();
    actor.name = "Who".to_owned();
    let id = LabelId::new("vehicle").unwrap();
    let vehicle =
        Label { id, name: "Vehicle".to_owned(), key: None, attributes: vec![], ..actor.clone() };
    vec![actor, vehicle]
}

#[test]
fn relations_of_unknown_kinds_are_added_between_any_labels() {
    let mut adoption = adoption();
    assert_eq!(adoption.relation("Source").unwrap().as_str(), "source");
    assert_eq!(adoption.relation("Works for").unwrap().as_str(), "works_for");
    assert_eq!(adoption.relation("works_for").unwrap().as_str(), "works_for");
    assert!(adoption.take_grown().is_some());
}

#[test]
fn declared_relations_join_what_they_say_and_a_list_is_no_single_choice() {
    let mut adoption = adoption();
    let outline = Outline {
        labels: vec![OutlineLabel { label: "Tank".to_owned(), ..OutlineLabel::default() }],
        relations: vec![crate::formats::OutlineRelation {
            kind: "Crew of".to_owned(),
            from: vec!["PER".to_owned()],
            to: vec!["Tank".to_owned(), "tank".to_owned()],
        }],
    };
    adoption.learn(outline);
    assert!(adoption.take_grown().is_none());
    adoption.take_in_declared();
    let schema = adoption.take_grown().unwrap();
    let crew = schema.relations().last().unwrap();
    let ids = |labels: &[LabelId]| labels.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((ids(&crew.from), ids(&crew.to)), (vec!["actor".into()], vec!["tank".into()]));
    let actor = LabelId::new("actor").unwrap();
    let list = AttributeValue::List(vec!["person".to_owned(), "militia".to_owned()]);
    let why = adoption.value(&actor, "kind", &list).unwrap_err();
    assert!(why.contains("“person|militia”") && why.contains("several choices"), "{why}");
    let listed = adoption.value(&actor, "hair", &text("red")).and_then(|_| {
        adoption.take_grown();
        adoption.value(&actor, "hair", &list)
    });
    let (_, value, told) = listed.unwrap();
    assert_eq!(value, text("person|militia"));
    assert!(told.unwrap().contains("is text"));
    assert!(adoption.take_grown().is_none(), "no choice “person|militia” was made");
}

/// A file's relation between labels that the schema does not let it link is kept, and said.
#[test]
fn a_relation_may_link_what_a_file_has_it_link() {
    let mut adoption = adoption();
    let [actor, casualty] = ["actor", "casualty"].map(|label| LabelId::new(label).unwrap());
    let source = adoption.relation("source").unwrap();
    let ends = (&actor, &casualty);
    assert_eq!(
        adoption.admit_ends(&source, ends),
        [
            "the relation source may start at actor now",
            "the relation source may point to casualty now"
        ]
    );
    assert_eq!(adoption.admit_ends(&source, ends), [""; 0], "once is enough");
    let admits = |schema: &Schema| schema.relation(&source).unwrap().admits(&actor, &casualty);
    assert!(admits(&adoption.take_grown().unwrap()));
    // Also after somebody else has changed the schema.
    adoption.rebase(&bundled_schema(BundledSchema::Full).unwrap());
    assert!(admits(&adoption.take_grown().unwrap()));
}

#[test]
fn labels_that_become_one_are_told_once() {
    let mut adoption = adoption();
    for name in ["Weapon", "weapon", "WEAPON", "weapon"] {
        adoption.label(name).unwrap();
    }
    let told = adoption.take_joined();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|told| told.ends_with("are one here: weapon")), "{told:?}");
    assert_eq!(adoption.take_joined(), [""; 0]);
}
