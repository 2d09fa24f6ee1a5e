//! The laws of merging, on sets made at random from a common base.

use super::*;
use crate::model::{
    AnnotatorName, Article, ArticleId, ArticleMeta, AttributeValue, LabelId, RelationTypeId,
};
use crate::model::{AttributeId, Span};
use crate::text::TextRange;
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

const LENGTH: u32 = 40;

fn empty() -> AnnotationSet {
    let id = ArticleId::new("a").unwrap();
    let article = Article::new(id, ArticleMeta::default(), "x".repeat(LENGTH as usize));
    AnnotationSet::new(Arc::new(article), AnnotatorName::new("ann").unwrap())
}

fn made(id: u64, created: i64, at: u32, label: &str) -> Annotation {
    let span = Span::new(TextRange::at(at.into(), 3.into())).unwrap();
    let mut made = Annotation::new(AnnotationId(id), LabelId::new(label).unwrap(), span);
    made.created = Timestamp::from_second(created).unwrap();
    made
}

fn annotation() -> impl Strategy<Value = Annotation> {
    let parts = (0..8u64, 0..2i64, 0..LENGTH - 3, "[a-c]", "[a-b]?", 0..3i64, 0..3i64, "[a-b]?");
    parts.prop_map(|(id, created, at, label, note, low, modified, was)| {
        let mut made = made(id, created, at, &label);
        made.was = (!was.is_empty()).then(|| was.into());
        made.note = note;
        if low > 0 {
            made.attributes.insert(AttributeId::new("low").unwrap(), AttributeValue::Integer(low));
        }
        made.modified = (modified > 0).then(|| Timestamp::from_second(modified).unwrap());
        made
    })
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let kind = prop_oneof![Just("at"), Just("by")];
    let relation = (6..12u64, kind, 0..8u64, 0..8u64);
    let edit = prop_oneof![
        3 => annotation().prop_map(Edit::add),
        2 => annotation().prop_map(Edit::replace),
        2 => (0..8u64).prop_map(|id| Edit::Remove(AnnotationId(id))),
        3 => relation.prop_map(|(id, kind, from, to)| Edit::relate(Relation {
            id: RelationId(id),
            kind: RelationTypeId::new(kind).unwrap(),
            from: AnnotationId(from),
            to: AnnotationId(to),
        })),
        1 => (6..12u64).prop_map(|id| Edit::Unrelate(RelationId(id))),
        1 => prop_oneof![Just(State::Unseen), Just(State::InProgress), Just(State::Done)]
            .prop_map(Edit::State),
    ];
    prop::collection::vec(edit, 0..14)
}

/// The set after those of the edits that fit, and what they were, there and back.
fn after(set: &AnnotationSet, edits: Vec<Edit>) -> (AnnotationSet, Transaction, Transaction) {
    let mut set = set.clone();
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    for edit in edits {
        if let Ok(undo) = Transaction::from(vec![edit.clone()]).apply(&mut set) {
            forward.push(edit);
            backward.splice(0..0, undo.edits);
        }
    }
    (set, forward.into(), backward.into())
}

fn merged(base: &AnnotationSet, ours: &AnnotationSet, theirs: &AnnotationSet) -> AnnotationSet {
    let mut set = theirs.clone();
    let merge = merge(base, ours, theirs, &mut IdSource::seeded(1));
    merge.transaction.apply(&mut set).unwrap();
    set
}

#[test]
fn an_id_that_is_given_up_can_be_taken_in_the_same_breath() {
    let relation = Relation {
        id: RelationId(6),
        kind: RelationTypeId::new("at").unwrap(),
        from: AnnotationId(7),
        to: AnnotationId(0),
    };
    let add = |id| Edit::add(made(id, 0, 0, "a"));
    let base = after(&empty(), vec![add(7), add(0), Edit::relate(relation)]).0;
    let ours = after(&base, vec![Edit::Unrelate(RelationId(6)), add(6)]).0;
    assert_eq!(merged(&base, &ours, &base), ours);
}

proptest! {
    #[test]
    fn one_side_alone_is_taken_as_it_is((base, x) in (edits(), edits())) {
        let base = after(&empty(), base).0;
        let x = after(&base, x).0;
        prop_assert_eq!(&merged(&base, &x, &base), &x);
        prop_assert_eq!(&merged(&base, &base, &x), &x);
        prop_assert_eq!(&merged(&base, &x, &x), &x);
        let merge = merge(&base, &x, &x, &mut IdSource::seeded(1));
        prop_assert!(merge.transaction.is_empty() && merge.conflicts.is_empty());
    }

    /// Every merge applies, and what one side added and nobody took away is there.
    #[test]
    fn nothing_that_was_added_is_missing((base, x, y) in (edits(), edits(), edits())) {
        let base = after(&empty(), base).0;
        let (x, y) = (after(&base, x).0, after(&base, y).0);
        let both = merged(&base, &x, &y);
        let stands = |one: &Annotation| both.annotations().any(|found| {
            found.created == one.created && (found.id == one.id || found.span == one.span)
        });
        for (side, other) in [(&x, &y), (&y, &x)] {
            for one in side.annotations().filter(|one| base.annotation(one.id).is_none()) {
                prop_assert!(stands(one), "{one:?} is missing");
            }
            // What nobody touched is as it was.
            for one in base.annotations() {
                if side.annotation(one.id) == Some(one) && other.annotation(one.id) == Some(one) {
                    prop_assert_eq!(both.annotation(one.id), Some(one));
                }
            }
            for one in side.relations().filter(|one| base.relation(one.id).is_none()) {
                let is_there = both.relations().any(|found| found.kind == one.kind);
                let ends = [one.from, one.to];
                let has_ends = ends.iter().all(|end| {
                    x.annotation(*end).is_some() && y.annotation(*end).is_some()
                });
                prop_assert!(is_there || !has_ends, "{one:?} is missing");
            }
        }
    }

    /// A transaction says as much about what it did as the sets before and after it.
    #[test]
    fn a_step_is_rebased_like_the_sets_around_it((base, x, y) in (edits(), edits(), edits())) {
        let base = after(&empty(), base).0;
        let (x, forward, backward) = after(&base, x);
        let y = after(&base, y).0;
        let mut from_step = Difference::of(&forward, &backward);
        let from_sets = Difference::between(&base, &x);
        from_step.state = from_step.state.filter(|(before, after)| before != after);
        prop_assert_eq!(&from_step, &from_sets);
        prop_assert!(from_step.starts_from(&base));
        let rebased = rebase(&from_step, &y, &mut IdSource::seeded(1));
        prop_assert_eq!(rebased, merge(&base, &x, &y, &mut IdSource::seeded(1)));
    }

    #[test]
    fn their_version_can_be_taken_afterwards((base, x, y) in (edits(), edits(), edits())) {
        let base = after(&empty(), base).0;
        let (x, y) = (after(&base, x).0, after(&base, y).0);
        let mut both = y.clone();
        let merge = merge(&base, &x, &y, &mut IdSource::seeded(1));
        merge.transaction.apply(&mut both).unwrap();
        let taken = take_theirs(&both, &merge.conflicts, &mut IdSource::seeded(2));
        taken.apply(&mut both).unwrap();
        for conflict in &merge.conflicts {
            if let Conflict::Annotation { theirs: Some(theirs), fields, .. } = conflict
                && fields.is_empty()
            {
                prop_assert!(both.annotation(theirs.id).is_some());
            }
        }
    }
}

#[test]
fn different_fields_merge_and_the_same_field_is_a_conflict() {
    let base = after(&empty(), vec![Edit::add(made(1, 0, 0, "a"))]).0;
    let change = |label: &str, note: &str| {
        let mut changed = made(1, 0, 0, label);
        note.clone_into(&mut changed.note);
        after(&base, vec![Edit::replace(changed)]).0
    };
    let both = merged(&base, &change("b", ""), &change("a", "why"));
    let found = both.annotation(AnnotationId(1)).unwrap();
    assert_eq!((found.label.as_str(), found.note.as_str()), ("b", "why"));
    let (ours, theirs) = (change("b", ""), change("c", "why"));
    let merge = merge(&base, &ours, &theirs, &mut IdSource::seeded(1));
    let [Conflict::Annotation { ours: Some(ours), theirs: Some(theirs), fields }] =
        merge.conflicts.as_slice()
    else {
        panic!("{:?}", merge.conflicts)
    };
    assert_eq!((ours.label.as_str(), theirs.label.as_str()), ("b", "c"));
    assert_eq!((ours.note.as_str(), fields.as_slice()), ("why", [Field::Label].as_slice()));
}

#[test]
fn the_mark_of_a_lost_text_goes_with_the_span() {
    let first = made(1, 0, 0, "a");
    let noted = Annotation { note: "why".to_owned(), ..first.clone() };
    let lost = Annotation { was: Some("on Friday".into()), ..made(1, 0, 5, "a") };
    let lost_and_noted = Annotation { note: "why".to_owned(), ..lost.clone() };
    let settled = Annotation { was: None, ..lost.clone() };
    let settled_and_noted = Annotation { was: None, ..lost_and_noted.clone() };
    let cases = [
        (&first, &noted, &lost, &lost_and_noted),
        (&first, &lost, &noted, &lost_and_noted),
        (&lost, &lost_and_noted, &settled, &settled_and_noted),
        (&lost, &settled, &lost_and_noted, &settled_and_noted),
    ];
    for (base, ours, theirs, expected) in cases {
        let set = |one: &Annotation| after(&empty(), vec![Edit::add(one.clone())]).0;
        let both = merged(&set(base), &set(ours), &set(theirs));
        assert_eq!(both.annotation(AnnotationId(1)), Some(expected));
    }
}

#[test]
fn who_moves_what_the_other_has_to_look_at_can_take_their_place_with_its_mark() {
    let set = |one: Annotation| after(&empty(), vec![Edit::add(one)]).0;
    let lost = Annotation { was: Some("on Friday".into()), ..made(1, 0, 5, "a") };
    let (base, ours, theirs) = (set(made(1, 0, 0, "a")), set(made(1, 0, 9, "a")), set(lost));
    let merge = merge(&base, &ours, &theirs, &mut IdSource::seeded(1));
    let mut both = theirs.clone();
    merge.transaction.apply(&mut both).unwrap();
    assert_eq!((&both, merge.conflicts.len()), (&ours, 1), "ours was put there by somebody");
    take_theirs(&both, &merge.conflicts, &mut IdSource::seeded(2)).apply(&mut both).unwrap();
    assert_eq!(both, theirs);
}

#[test]
fn one_id_made_twice_gets_a_second_one() {
    let base = empty();
    let ours = after(&base, vec![Edit::add(made(1, 10, 0, "a"))]).0;
    let theirs = after(&base, vec![Edit::add(made(1, 20, 5, "b"))]).0;
    let both = merged(&base, &ours, &theirs);
    assert_eq!(both.len(), 2);
    assert_eq!(both.annotation(AnnotationId(1)).unwrap().label.as_str(), "b");
}

#[test]
fn what_we_changed_and_they_deleted_stays_and_is_told() {
    let base = after(&empty(), vec![Edit::add(made(1, 0, 0, "a"))]).0;
    let changed = after(&base, vec![Edit::replace(made(1, 0, 0, "b"))]).0;
    let deleted = empty();
    for (ours, theirs, left) in [(&changed, &deleted, 1), (&deleted, &changed, 0)] {
        let mut set = theirs.clone();
        let merge = merge(&base, ours, theirs, &mut IdSource::seeded(1));
        assert_eq!(merge.conflicts.len(), 1);
        merge.transaction.apply(&mut set).unwrap();
        assert_eq!(set.len(), left);
        take_theirs(&set, &merge.conflicts, &mut IdSource::seeded(1)).apply(&mut set).unwrap();
        assert_eq!(&set, theirs);
    }
}
