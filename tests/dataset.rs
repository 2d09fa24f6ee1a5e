//! Dataset mode of the window: what it shows of an export, and the export itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::State;
use copydesk::session::Action;
use copydesk::store::Settings;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use support::desk::{Window, options, perform, session, window_of};
use support::{article, label, project, range};

/// The window in Dataset mode on a project with one finished article.
fn window(root: &Path) -> Window {
    project(root);
    let size = Vec2::new(1440.0, 900.0);
    let mut window = window_of(options(root), Settings::default(), size, 1.0 / 10.0);
    perform(&mut window, Action::OpenArticle(article("raid")));
    perform(&mut window, Action::LabelRange(label("actor"), range("Several militants")));
    perform(&mut window, Action::LabelRange(label("location"), range("Karachi’s old town")));
    perform(&mut window, Action::SetState(State::Done));
    session(&mut window).wait_until_saved();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window
}

/// Waits for what goes on in the background.
fn wait(window: &mut Window, mut is_done: impl FnMut(&mut Window) -> bool) {
    for _ in 0..400 {
        window.run_steps(2);
        if is_done(window) {
            window.run_steps(2);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never happened");
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
    // The message says it, and the lines that load it do.
    assert_eq!(window.get_all_by_label_contains("Written and read back: ").count(), 2);
}

#[test]
fn who_is_held_to_their_own_articles_is_offered_their_own_work_alone() {
    use copydesk::model::AnnotatorName;
    use copydesk::store::{ProjectFolder, StoreError};
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
        let people = vec![support::annotator(), AnnotatorName::new("zara").unwrap()];
        assignment.articles.insert(article("raid"), people);
        Ok(())
    });
    assert!(held.unwrap().restricts(&support::annotator()));
    wait(&mut window, |window| session(window).is_held());
    window.get_by_label_contains("holds its annotators to their own articles");
    source(&window).click();
    window.run_steps(2);
    assert!(window.query_by_label("gold").is_none());
    assert!(window.query_by_label("everybody").is_none());
    wait(&mut window, |window| session(window).rehearsal().is_some_and(|found| found.is_complete));
    window.get_by_label("Actor: 1");
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
    let field = window.get_by_role_and_label(egui::accesskit::Role::TextInput, "Tokenizer file");
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
#[cfg(feature = "tokenizers")]
fn choose(window: &mut Window, list: &str, what: &str) {
    window.get_by_role_and_label(egui::accesskit::Role::ComboBox, list).click();
    window.run_steps(2);
    window.get_by_label_contains(what).click();
    window.run_steps(2);
}

/// The list of whose work is exported.
fn source<'a>(window: &'a Window) -> egui_kittest::Node<'a> {
    window.get_by_role_and_label(egui::accesskit::Role::ComboBox, "Source")
}
