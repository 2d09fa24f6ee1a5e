//! Random annotations, small projects and trouble for the tests of this module.

use super::check::check;
use super::disk::fault::{Faults, Trouble};
use super::error::{Problem, StoreError};
use super::folder::ProjectFolder;
use crate::edit::{Change, Edit, Step, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    AttributeId, AttributeValue, Attributes, LabelId, Mention, Origin, Project, Relation,
    RelationId, RelationTypeId, Remark, RemarkId, RemarkKind, Said, Schema, Span, StepId,
};
use crate::text::{TextRange, TextSize};
use jiff::Timestamp;
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// Emoji, combining marks, right-to-left letters, quotes, a lone CR and a separator.
pub(super) const TEXT: &str =
    "Several “militants” 🚓 \"said\\so\"\r e\u{301} کراچی\u{2028}شहर\n\0 end";

pub(super) fn article() -> Arc<Article> {
    Arc::new(Article::new(ArticleId::new("siege").unwrap(), ArticleMeta::default(), TEXT))
}

pub(super) fn annotator() -> AnnotatorName {
    AnnotatorName::new("annotator-1").unwrap()
}

pub(super) fn project() -> Project {
    Project {
        name: "Karachi".to_owned(),
        annotators: vec![annotator()],
        schema: Arc::new(Schema::default()),
    }
}

/// A project with [`article`] in it.
pub(super) fn folder() -> (tempfile::TempDir, ProjectFolder) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = create(temporary.path());
    (temporary, folder)
}

/// The same in a folder that is there.
pub(super) fn create(root: &Path) -> ProjectFolder {
    let folder = ProjectFolder::create(root, &project()).unwrap();
    folder.add_article(&article()).unwrap();
    folder
}

/// Applies edits to a set and makes a step of them.
pub(super) fn step(id: u64, set: &mut AnnotationSet, edits: Vec<Edit>) -> Step {
    let forward = Transaction::from(edits);
    let backward = forward.apply(set).unwrap();
    let (article, annotator) = (set.article().id().clone(), set.annotator().clone());
    Step {
        id: StepId(id),
        at: Timestamp::from_millisecond(1_000 * id as i64).unwrap(),
        by: annotator.clone(),
        what: format!("Step “{id}”\n"),
        changes: vec![Change::Set { article, annotator, forward, backward }],
    }
}

/// An annotation of the text's first words.
pub(super) fn mark(id: u64, len: u32) -> Annotation {
    let span = Span::new(TextRange::up_to(TextSize::new(len))).unwrap();
    let mut made = Annotation::new(AnnotationId(id), LabelId::new("actor").unwrap(), span);
    made.created = Timestamp::UNIX_EPOCH;
    made
}

fn span() -> impl Strategy<Value = Span> {
    let places: Vec<u32> =
        (0..=TEXT.len() as u32).filter(|at| TEXT.is_char_boundary(*at as usize)).collect();
    let cuts = prop::sample::subsequence(places, 2..=6);
    cuts.prop_map(|cuts| {
        let ranges = cuts.chunks_exact(2).map(|cut| TextRange::new(cut[0].into(), cut[1].into()));
        Span::from_ranges(ranges.collect()).unwrap()
    })
}

fn value() -> impl Strategy<Value = AttributeValue> {
    prop_oneof![
        any::<String>().prop_map(AttributeValue::Text),
        prop::collection::vec(any::<String>(), 0..3).prop_map(AttributeValue::List),
        any::<i64>().prop_map(AttributeValue::Integer),
        (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO)
            .prop_map(AttributeValue::Decimal),
        Just(AttributeValue::Decimal(f64::INFINITY)),
        Just(AttributeValue::Decimal(f64::NEG_INFINITY)),
        any::<bool>().prop_map(AttributeValue::Flag),
    ]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let id = "[\\p{Arabic}\\p{Lu}a-z_][a-z0-9_.-]{0,4}"
        .prop_filter_map("no id", |id| AttributeId::new(id).ok());
    prop::collection::btree_map(id, value(), 0..4).prop_map(Attributes::from_iter)
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Manual),
        any::<String>().prop_map(Origin::Suggestion),
        any::<String>().prop_map(Origin::Import),
        prop::collection::vec(Just(annotator()), 0..3).prop_map(Origin::Adjudication),
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-10_000_000_000..10_000_000_000i64, prop_oneof![Just(0), 0..999_999_999i32])
        .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap())
}

prop_compose! {
    fn annotation()(
        id: u64, span in span(), attributes in attributes(), note: String, origin in origin(),
        created in time(), modified in prop::option::of(time()),
        was in prop::option::of("[a-z \"é]{1,5}"),
    ) -> Annotation {
        let label = LabelId::new("actor").unwrap();
        let id = AnnotationId(id);
        let was = was.map(Into::into);
        Annotation { id, label, span, attributes, note, was, origin, created, modified }
    }
}

prop_compose! {
    fn remark()(
        id: u64, at in time(), comment: String, kind in 0..3u8, gold: u64,
        on in prop::collection::vec((any::<u64>(), any::<u32>()), 0..3),
    ) -> Remark {
        let mention = |(id, said)| {
            Mention { annotator: annotator(), id: AnnotationId(id), said: Said(said) }
        };
        let what = match kind {
            0 => RemarkKind::Comment(comment),
            1 => RemarkKind::Ruling(Some(AnnotationId(gold))),
            _ => RemarkKind::Ruling(None),
        };
        let on = on.into_iter().map(mention).collect();
        Remark { id: RemarkId(id), by: annotator(), at, on, what }
    }
}

/// Edits that make a set of random annotations, relations and remarks, one after the other.
pub(super) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let annotations = prop::collection::vec(annotation(), 0..6);
    let relations = prop::collection::vec((any::<u64>(), 0..6usize, 0..6usize), 0..4);
    let remarks = prop::collection::vec(remark(), 0..3);
    let all = (annotations, relations, remarks, 0..3u8);
    all.prop_map(|(annotations, relations, remarks, state)| {
        let ids: Vec<_> = annotations.iter().map(|annotation| annotation.id).collect();
        let mut edits: Vec<_> = annotations.into_iter().map(Edit::add).collect();
        for (id, from, to) in relations {
            let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) else { continue };
            let kind = RelationTypeId::new("source").unwrap();
            edits.push(Edit::relate(Relation { id: RelationId(id), kind, from: *from, to: *to }));
        }
        edits.extend(remarks.into_iter().map(Edit::remark));
        edits.push(Edit::State(match state {
            0 => crate::model::State::Unseen,
            1 => crate::model::State::InProgress,
            _ => crate::model::State::Done,
        }));
        edits
    })
}

/// The set that such edits make; edits whose id is taken are left out.
pub(super) fn set_of(edits: &[Edit]) -> AnnotationSet {
    let mut set = AnnotationSet::new(article(), annotator());
    for edit in edits {
        let _ = Transaction::from(vec![edit.clone()]).apply(&mut set);
    }
    set
}

/// Does something on a new project once for every `stride`th operation and every trouble
/// that may begin there, opens the project again and has it looked at: with `true` where the
/// deed was reported done. Then everything works again, and the deed is done once more.
///
/// `deed` must bear to be done twice.
pub(super) fn in_all_trouble(
    make: impl Fn(&Path) -> ProjectFolder,
    stride: u32,
    deed: impl Fn(&ProjectFolder) -> Result<(), StoreError>,
    hold: impl Fn(&ProjectFolder, bool),
) {
    for trouble in Trouble::ALL {
        for operations in (0..).step_by(stride as usize) {
            let temporary = tempfile::tempdir().unwrap();
            let folder = make(temporary.path());
            let faults = Faults::here();
            faults.plan(trouble, operations);
            let done = deed(&folder);
            let has_struck = faults.heal();
            drop(folder);
            let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
            hold(&folder, done.is_ok());
            if !has_struck {
                done.unwrap();
                assert!(operations > 0, "a deed without an operation is none");
                break;
            }
            deed(&folder).unwrap_or_else(|error| {
                panic!("{trouble:?} at operation {operations}, then once more: {error}")
            });
            hold(&folder, true);
        }
    }
}

/// What a check finds wrong; the small projects have no schema, which is not meant.
pub(super) fn faults(folder: &ProjectFolder) -> Vec<Problem> {
    let mut problems = check(folder, &mut |_, _| {});
    problems.retain(|problem| problem.is_fault && !is_of_empty_schema(problem));
    problems
}

/// Whether a problem is only that the project has no schema.
pub(super) fn is_of_empty_schema(problem: &Problem) -> bool {
    problem.what.contains("which the schema lacks")
}
