//! Dataset mode of the window: what it shows of an export, and the export itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::{Edit, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta, Span,
    State,
};
use copydesk::session::Action;
use copydesk::session::export::SplitCounts;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::TextRange;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::desk::{Window, options, perform, session, window_of};
use support::{annotator, article, label, project, range};

/// The window in Dataset mode on a project with one finished article.
fn window(root: &Path) -> Window {
    project(root);
    let mut window = opened(root);
    perform(&mut window, Action::OpenArticle(article("raid")));
    perform(&mut window, Action::LabelRange(label("actor"), range("Several militants")));
    perform(&mut window, Action::LabelRange(label("location"), range("Karachi’s old town")));
    perform(&mut window, Action::SetState(State::Done));
    session(&mut window).wait_until_saved();
    into_dataset_mode(&mut window);
    window
}

fn opened(root: &Path) -> Window {
    let size = Vec2::new(1440.0, 900.0);
    window_of(options(root), Settings::default(), size, 1.0 / 10.0)
}

fn into_dataset_mode(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    wait(window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
}

/// A project with so many finished articles, none like another, and two that are not begun.
fn finished(root: &Path, articles: usize, by: &[AnnotatorName]) {
    project(root);
    let sets: Vec<_> = (0..articles).map(|number| annotated(number, by)).collect();
    let added: Vec<_> = sets.iter().map(|sets| (&**sets[0].article(), sets.as_slice())).collect();
    let folder = ProjectFolder::open(root).unwrap().folder;
    assert!(folder.add_articles(&added).iter().all(Result::is_ok));
}

/// An article in which the first word is an actor to everybody.
fn annotated(number: usize, by: &[AnnotatorName]) -> Vec<AnnotationSet> {
    let words: Vec<_> = (0..40).map(|at| format!("n{number}w{at}")).collect();
    let id = ArticleId::new(format!("article-{number}")).unwrap();
    let first = Span::new(TextRange::up_to((words[0].len() as u32).into())).unwrap();
    let article = Arc::new(Article::new(id, ArticleMeta::default(), words.join(" ")));
    let set = |by: &AnnotatorName| {
        let mut set = AnnotationSet::new(Arc::clone(&article), by.clone());
        let actor = Annotation::new(AnnotationId(1), label("actor"), first.clone());
        let edits = vec![Edit::add(actor), Edit::State(State::Done)];
        Transaction::from(edits).apply(&mut set).unwrap();
        set
    };
    by.iter().map(set).collect()
}

/// Waits for what goes on in the background; the limit is for what never comes.
fn wait(window: &mut Window, mut is_done: impl FnMut(&mut Window) -> bool) {
    let limit = Instant::now() + Duration::from_secs(120);
    while Instant::now() < limit {
        window.run_steps(2);
        if is_done(window) {
            window.run_steps(2);
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never happened");
}

/// Waits for what comes of the choices as they are now.
fn wait_for(window: &mut Window, words: &str) {
    wait(window, |window| window.query_by_label_contains(words).is_some());
}

#[test]
fn the_numbers_the_losses_and_the_first_record_show_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("siege");
    let window = window(&root);
    window.get_by_label("Actor: 1");
    window.get_by_label("Location: 1");
    window.get_by_label("Nothing is lost");
    window.get_by_label_contains("load_dataset");
    window.get_by_label_contains("\"Several militants\"");
    assert!(!folder.path().join("siege-huggingface").exists());
}

#[test]
fn the_button_writes_what_was_shown_and_the_place_is_then_taken() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("siege");
    let mut window = window(&root);
    window.get_by_label("Export 1 article").click();
    wait(&mut window, |window| session(window).exported().is_some());
    let out = folder.path().join("siege-huggingface");
    assert!(out.join("manifest.json").is_file());
    assert!(out.join("README.md").is_file());
    wait(&mut window, |window| {
        window.query_by_label_contains("There is something of that name").is_some()
    });
    // The message says it, and so does the page.
    assert_eq!(window.get_all_by_label_contains("Written and read back: ").count(), 2);
    // One click, and it can be written once more.
    window.get_by_label("Call it siege-huggingface-2").click();
    wait(&mut window, |window| {
        window.query_by_label_contains("There is something of that name").is_none()
    });
    window.get_by_label("Export 1 article").click();
    let again = folder.path().join("siege-huggingface-2");
    wait(&mut window, |_| again.join("manifest.json").is_file());
    // That one is taken too, until somebody moves it away.
    wait_for(&mut window, "Call it siege-huggingface-3");
    std::fs::remove_dir_all(again).unwrap();
    wait(&mut window, |window| window.query_by_label_contains("Call it siege-").is_none());
    window.get_by_label("Export 1 article");
}

#[test]
fn who_is_held_to_their_own_articles_is_offered_their_own_work_alone() {
    use copydesk::store::StoreError;
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("siege");
    let mut window = window(&root);
    source(&window).click();
    window.run_steps(2);
    window.get_by_label("gold");
    window.key_press(Key::Escape);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let held = folder.change_assignment(|assignment| -> Result<(), StoreError> {
        assignment.own_only = true;
        let people = vec![annotator(), AnnotatorName::new("zara").unwrap()];
        assignment.articles.insert(article("raid"), people);
        Ok(())
    });
    assert!(held.unwrap().restricts(&annotator()));
    wait(&mut window, |window| session(window).is_held());
    window.get_by_label_contains("holds its annotators to their own articles");
    source(&window).click();
    window.run_steps(2);
    assert!(window.query_by_label("gold").is_none());
    assert!(window.query_by_label("everybody").is_none());
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label("Actor: 1");
}

/// What stands beside a project.
fn beside(root: &Path) -> Vec<String> {
    let beside = std::fs::read_dir(root.parent().unwrap()).unwrap();
    let names = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| *name != *root.file_name().unwrap().to_str().unwrap()).collect()
}

/// Cancels an export of a project with so many articles, which the window writes like
/// this, while it runs; false where the export was over before the click on the button.
fn is_cancelled(articles: usize, written: &str) -> bool {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("siege");
    finished(&root, articles, &[annotator()]);
    let mut window = opened(&root);
    into_dataset_mode(&mut window);
    choose(&mut window, "Format", "brat standoff");
    let button = format!("Export {written} articles");
    wait_for(&mut window, &button);
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label(&button).click();
    // So far has it come, and it can be cancelled.
    let progress = format!(" of {written} articles");
    wait(&mut window, |window| {
        let is_seen = window.query_by_label_contains(&progress).is_some();
        is_seen || session(window).exported().is_some()
    });
    let Some(cancel) = window.query_by_label("Cancel export") else { return false };
    assert!(window.query_by_label(&button).is_none());
    cancel.click();
    wait(&mut window, |window| session(window).export_progress().is_none());
    if session(&mut window).exported().is_some() {
        return false;
    }
    window.get_by_label_contains("the export was cancelled, and nothing was written");
    assert_eq!(beside(&root), [""; 0]);
    // The mode goes on as if nothing had been.
    assert!(window.query_by_label("Cancel export").is_none());
    window.get_by_label(&button).click();
    wait(&mut window, |window| session(window).exported().is_some());
    assert_eq!(beside(&root), ["siege-brat"]);
    true
}

#[test]
fn an_export_shows_how_far_it_is_and_leaves_nothing_where_it_is_cancelled() {
    // A machine may be quicker than a hand, so it gets more to do until it is not.
    let sizes = [(300, "300"), (1_200, "1,200"), (5_000, "5,000"), (20_000, "20,000")];
    let is_any = sizes.into_iter().any(|(articles, written)| is_cancelled(articles, written));
    assert!(is_any, "every export ended before it was cancelled");
}

/// The text field of the form with a name, with something else in it.
fn type_into(window: &mut Window, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(2);
}

#[test]
fn parts_are_counted_before_they_are_written_and_are_then_what_was_counted() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("siege");
    finished(&root, 10, &[annotator()]);
    let mut window = opened(&root);
    into_dataset_mode(&mut window);
    choose(&mut window, "Format", "JSON lines");
    type_into(&mut window, "Splits", "70/30");
    wait_for(&mut window, "LABELS BY SPLIT: TRAIN 7 · TEST 3");
    // What nobody can know of articles without a date.
    window.get_by_label_contains("10 articles without a date: only copies are kept in one split");
    type_into(&mut window, "Splits", "60/20/20");
    wait_for(&mut window, "LABELS BY SPLIT: TRAIN 6 · DEV 2 · TEST 2");
    window.get_by_label("Actor: 6 · 2 · 2");
    assert_eq!(beside(&root), [""; 0]);
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label("Export 10 articles").click();
    wait(&mut window, |window| session(window).exported().is_some());
    window.get_by_label_contains(
        "train: 6 articles (0 empty), 6 annotations · dev: 2 articles (0 empty), 2 annotations · \
         test: 2 articles (0 empty), 2 annotations · 2 articles left out, not marked as done",
    );
    let undated = window.get_all_by_label_contains("10 articles without a date").count();
    assert_eq!(undated, 2, "for what is written, and for what would be");
    let splits = session(&mut window).exported().unwrap().report.splits.clone();
    assert_eq!(splits.len(), 3);
    for SplitCounts { name, articles, .. } in splits {
        let file = temporary.path().join("siege-jsonl").join(format!("{name}.jsonl"));
        assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), articles, "{name}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_told_by_annotation_before_it_is_written_and_after() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("siege");
    project(&root);
    let mut window = opened(&root);
    perform(&mut window, Action::OpenArticle(article("raid")));
    perform(&mut window, Action::LabelRange(label("claim"), range("The operation")));
    let quotation = session(&mut window).set().unwrap().annotations().next().unwrap().id;
    perform(&mut window, Action::AddRange(quotation, range("is now over")));
    perform(&mut window, Action::SetState(State::Done));
    session(&mut window).wait_until_saved();
    into_dataset_mode(&mut window);
    // All of it is in the dataset that is offered first.
    window.get_by_label("Nothing is lost");
    choose(&mut window, "Format", "CoNLL");
    wait_for(&mut window, "Annotations of several ranges");
    let surface = "“The operation … is now over” · raid";
    assert!(window.query_by_label_contains(surface).is_none());
    show_losses(&mut window);
    window.get_by_label_contains(surface);
    assert_eq!(beside(&root), [""; 0]);
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label("Export 1 article").click();
    wait(&mut window, |window| session(window).exported().is_some());
    assert_eq!(window.get_all_by_label("Annotations of several ranges").count(), 2);
    show_losses(&mut window);
    assert_eq!(window.get_all_by_label_contains(surface).count(), 2);
}

/// Shows the annotations behind the first kind of loss that is not shown yet.
fn show_losses(window: &mut Window) {
    window.get_all_by_label("show").next().unwrap().click();
    window.run_steps(2);
}

#[test]
fn gold_that_a_file_cannot_tell_apart_is_said_to_be_left_out() {
    const LEFT_OUT: &str = "The adjudicated version is left out, since the format cannot tell it";
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("siege");
    let zara = AnnotatorName::new("zara").unwrap();
    finished(&root, 3, &[annotator(), zara, AnnotatorName::gold()]);
    let mut window = opened(&root);
    into_dataset_mode(&mut window);
    choose(&mut window, "Source", "everybody");
    choose(&mut window, "Format", "CoNLL");
    wait_for(&mut window, LEFT_OUT);
    choose(&mut window, "Format", "JSON lines");
    wait(&mut window, |window| {
        let is_over = window.query_by_label_contains(LEFT_OUT).is_none();
        is_over && session(window).rehearsal().is_some_and(|found| found.is_complete)
    });
    choose(&mut window, "Format", "CoNLL");
    wait_for(&mut window, LEFT_OUT);
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label("Export 3 articles").click();
    wait(&mut window, |window| session(window).exported().is_some());
    assert_eq!(window.get_all_by_label_contains(LEFT_OUT).count(), 2);
}

/// A tokenizer with two words; everything else is unknown to it.
#[cfg(feature = "tokenizers")]
const TOKENIZER: &str = r#"{
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
    "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
    "post_processor": null, "decoder": null,
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "Several": 1}, "unk_token": "[UNK]"}
}"#;

#[cfg(feature = "tokenizers")]
#[test]
fn a_model_s_own_tokenizer_is_named_read_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("siege");
    let mut window = window(&root);
    choose(&mut window, "Format", "CoNLL");
    choose(&mut window, "Tokens", "as a model has them");
    window.get_by_label("Name the model’s tokenizer.json");
    let file = folder.path().join("tokenizer.json");
    std::fs::write(&file, "{}").unwrap();
    let field = window.get_by_role_and_label(Role::TextInput, "Tokenizer file");
    field.focus();
    window.run_steps(2);
    window.event(egui::Event::Text(file.display().to_string()));
    wait(&mut window, |window| window.query_by_label_contains("tokenizer.json: ").is_some());
    std::fs::write(&file, TOKENIZER).unwrap();
    // Another way to write the same place is read anew.
    window.event(egui::Event::Text(" ".to_owned()));
    window.key_press(Key::Home);
    window.event(egui::Event::Text("file://".to_owned()));
    wait(&mut window, |window| window.query_by_label_contains("The model’s own tokens").is_some());
    wait(&mut window, |window| {
        let is_there = window.query_by_label("Export 1 article").is_some();
        is_there && session(window).rehearsal().is_some_and(|found| found.is_complete)
    });
    window.get_by_label("Export 1 article").click();
    wait(&mut window, |window| session(window).exported().is_some());
    let out = folder.path().join("siege-conll");
    let is_data = |path: &Path| path.extension().is_some_and(|ending| ending == "conll");
    let files = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|path| is_data(path)).unwrap();
    let written = std::fs::read_to_string(file).unwrap();
    // Divided at white space alone, as that model does it.
    assert!(written.contains("Karachi’s"), "{written}");
}

/// Chooses from a list.
fn choose(window: &mut Window, list: &str, what: &str) {
    window.get_by_role_and_label(Role::ComboBox, list).click();
    window.run_steps(2);
    window.get_by_label_contains(what).click();
    window.run_steps(2);
}

/// The list of whose work is exported.
fn source<'a>(window: &'a Window) -> egui_kittest::Node<'a> {
    window.get_by_role_and_label(Role::ComboBox, "Source")
}
