//! The list over a folder on disk: reading, filters, orders, and edits on the way.

use super::*;
use crate::model::{
    Annotation, AnnotationId, Article, ArticleMeta, LabelId, Project, Schema, Span,
    State as Standing,
};
use crate::text::{TextRange, TextSize};
use jiff::civil::date;
use std::time::Duration;
use tempfile::TempDir;

fn annotator() -> AnnotatorName {
    AnnotatorName::new("annotator-1").unwrap()
}

/// Three articles: the second has no day, the third no headline.
fn articles() -> [Article; 3] {
    let article = |id: &str, title: &str, source: &str, date, text: &str| {
        let meta =
            ArticleMeta { title: title.into(), source: source.into(), date, ..Default::default() };
        Article::new(ArticleId::new(id).unwrap(), meta, text)
    };
    [
        article("a", "Siege ends", "Harbour Wire", Some(date(2023, 2, 18)), "Siege ends"),
        article("b", "Élan of crowds", "Courier", None, "Élan of crowds, at length"),
        article("c", "", "Courier", Some(date(2023, 2, 17)), "No headline"),
    ]
}

fn catalogue() -> (TempDir, Catalogue) {
    let root = tempfile::tempdir().unwrap();
    let schema = Schema::default().into();
    let project = Project { name: "p".into(), annotators: vec![annotator()], schema };
    let folder = ProjectFolder::create(&root.path().join("p"), &project).unwrap();
    for article in articles() {
        folder.add_article(&article).unwrap();
    }
    let wake: Wake = Arc::new(|| {});
    let catalogue = Catalogue::start(&folder, &annotator(), &[], &wake).unwrap();
    (root, catalogue)
}

fn read_all(catalogue: &mut Catalogue) {
    while catalogue.is_reading() {
        catalogue.poll();
    }
}

/// The ids in the list, run together.
fn listed(catalogue: &mut Catalogue, filter: Filter) -> String {
    catalogue.set_filter(filter);
    let rows = catalogue.visible().len();
    (0..rows).map(|row| catalogue.shown(row).unwrap().id.to_string()).collect()
}

fn set_with(state: Standing, annotations: u64) -> AnnotationSet {
    let [article, ..] = articles();
    let mut set = AnnotationSet::new(Arc::new(article), annotator());
    let mut edits = vec![crate::edit::Edit::State(state)];
    edits.extend((0..annotations).map(|id| {
        let span = Span::new(TextRange::up_to(TextSize::new(5))).unwrap();
        let label = LabelId::new("actor").unwrap();
        crate::edit::Edit::add(Annotation::new(AnnotationId(id), label, span))
    }));
    crate::edit::Transaction::from(edits).apply(&mut set).unwrap();
    set
}

#[test]
fn words_are_found_in_title_source_and_id_in_either_case() {
    let (_root, mut catalogue) = catalogue();
    read_all(&mut catalogue);
    let mut with =
        |text: &str| listed(&mut catalogue, Filter { text: text.to_owned(), ..Filter::default() });
    assert_eq!(with(""), "abc");
    assert_eq!(with("  ÉLAN "), "b");
    assert_eq!(with("courier"), "bc");
    assert_eq!(with("crowds courier"), "b");
    assert_eq!(with("nowhere"), "");
}

#[test]
fn every_order_puts_what_is_unknown_last() {
    let (_root, mut catalogue) = catalogue();
    read_all(&mut catalogue);
    let mut by = |sort| listed(&mut catalogue, Filter { sort, ..Filter::default() });
    assert_eq!(by(Sort::Newest), "acb");
    assert_eq!(by(Sort::Oldest), "cab");
    assert_eq!(by(Sort::Title), "cab");
    assert_eq!(by(Sort::Source), "bca");
    assert_eq!(by(Sort::Longest), "bca");
    assert_eq!(by(Sort::Name), "abc");
}

#[test]
fn an_edit_moves_an_article_between_the_states() {
    let (_root, mut catalogue) = catalogue();
    read_all(&mut catalogue);
    let mut rows = |set: Option<AnnotationSet>, state| {
        if let Some(set) = set {
            catalogue.update(&set);
        }
        let done = catalogue.done();
        (listed(&mut catalogue, Filter { state, ..Filter::default() }), done)
    };
    assert_eq!(rows(None, StateFilter::Unseen), ("abc".into(), 0));
    let begun = set_with(Standing::InProgress, 1);
    assert_eq!(rows(Some(begun), StateFilter::InProgress), ("a".into(), 0));
    let done = set_with(Standing::Done, 1);
    assert_eq!(rows(Some(done), StateFilter::Done), ("a".into(), 1));
    assert_eq!(rows(None, StateFilter::DoneAndEmpty), (String::new(), 1));
    let empty = set_with(Standing::Done, 0);
    assert_eq!(rows(Some(empty), StateFilter::DoneAndEmpty), ("a".into(), 1));
    assert_eq!(rows(None, StateFilter::Unfinished), ("bc".into(), 1));
}

#[test]
fn an_edit_made_before_an_article_is_read_is_not_lost() {
    let (_root, mut catalogue) = catalogue();
    catalogue.update(&set_with(Standing::Done, 2));
    read_all(&mut catalogue);
    let label = Some(LabelId::new("actor").unwrap());
    assert_eq!(listed(&mut catalogue, Filter { label, ..Filter::default() }), "a");
    assert_eq!(catalogue.done(), 1);
    let id = ArticleId::new("a").unwrap();
    assert_eq!(catalogue.row_of(&id), Some(0));
    assert_eq!(catalogue.entry(&id).unwrap().annotations(), 2);
}

#[test]
fn what_changed_an_edited_set_while_the_list_is_being_read_is_in_the_list() {
    let (root, mut catalogue) = catalogue();
    catalogue.update(&set_with(Standing::Done, 2));
    // It is saved, and a change of the schema leaves one of the two.
    let folder = ProjectFolder::open(&root.path().join("p")).unwrap().folder;
    let set = set_with(Standing::InProgress, 1);
    let file = folder.root().join("annotations/annotator-1/a.ron");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, crate::store::rendered_set(&set).1).unwrap();
    catalogue.look_again_at_edited();
    read_all(&mut catalogue);
    let entry = catalogue.entry(&ArticleId::new("a").unwrap()).unwrap();
    assert_eq!((entry.state(), entry.annotations()), (State::InProgress, 1));
}

#[test]
fn a_look_that_is_asked_for_during_another_is_taken_after_it() {
    let (root, mut catalogue) = catalogue();
    // All is read by then, and not taken in yet.
    std::thread::sleep(Duration::from_millis(200));
    let folder = ProjectFolder::open(&root.path().join("p")).unwrap().folder;
    let id = ArticleId::new("d").unwrap();
    folder.add_article(&Article::new(id.clone(), ArticleMeta::default(), "Late")).unwrap();
    catalogue.look_again();
    read_all(&mut catalogue);
    assert!(catalogue.entry(&id).is_some());
}
