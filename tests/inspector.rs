//! The inspector and the schema editor, driven by keys and clicks as a person drives
//! them, and read back from the session.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{Annotation, AnnotationId, AttributeValue};
use copydesk::session::Action;
use copydesk::session::command::CommandId;
use copydesk::store::Settings;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::time::{Duration, Instant};
use support::desk::{Window, options, perform, session, window_of};
use support::{annotations, article, attribute, label, project, range, relation};

fn window(root: &Path) -> Window {
    project(root);
    let size = Vec2::new(1440.0, 900.0);
    let mut window = window_of(options(root), Settings::default(), size, 1.0 / 10.0);
    perform(&mut window, Action::OpenArticle(article("raid")));
    window
}

/// Labels words, which selects what was made.
fn mark(window: &mut Window, id: &str, words: &str) -> AnnotationId {
    perform(window, Action::LabelRange(label(id), range(words)));
    session(window).selection().annotation.unwrap()
}

fn annotation(window: &mut Window, id: AnnotationId) -> Annotation {
    session(window).set().unwrap().annotation(id).unwrap().clone()
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn write(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.run_steps(4);
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(4);
}

/// Puts the focus into a text field.
fn focus(window: &mut Window, role: Role, name: &str) {
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(4);
}

/// Waits for what goes on in the background; the limit is for what never comes.
fn wait(window: &mut Window, what: &str, mut is_there: impl FnMut(&mut Window) -> bool) {
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        window.run_steps(2);
        if is_there(window) {
            return;
        }
        assert!(Instant::now() < limit, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn steps(window: &mut Window) -> usize {
    session(window).history().undoable()
}

#[test]
fn the_inspector_tells_what_was_done_newest_first_and_folded() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let id = mark(&mut window, "casualty", "three police officers");
    for low in 1..5 {
        let value = Some(AttributeValue::Integer(low));
        perform(&mut window, Action::SetAttribute(id, attribute("low"), value));
    }
    session(&mut window).wait_until_saved();
    wait(&mut window, "a trail of five", |window| session(window).trail().len() == 5);
    window.run_steps(2);
    assert!(window.query_by_label_contains("Low 3 → 4").is_some());
    assert!(window.query_by_label_contains("made").is_none(), "folded to the newest three");
    click(&mut window, "2 more…");
    assert!(window.query_by_label_contains("Casualty “three police officers” made").is_some());
}

#[test]
fn a_note_goes_to_the_annotation_it_was_typed_for_in_one_step() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let first = mark(&mut window, "actor", "Several militants");
    let second = mark(&mut window, "actor", "officials");
    perform(&mut window, Action::SelectAnnotation(Some(first)));
    let before = steps(&mut window);
    press(&mut window, Modifiers::NONE, Key::F2);
    for letter in ["c", "h", "e", "c", "k"] {
        write(&mut window, letter);
    }
    assert_eq!(steps(&mut window), before, "nothing is written while somebody types");
    perform(&mut window, Action::SelectAnnotation(Some(second)));
    assert_eq!(annotation(&mut window, first).note, "check");
    assert_eq!(annotation(&mut window, second).note, "");
    assert_eq!(steps(&mut window), before + 1);
}

#[test]
fn what_is_typed_is_written_before_another_article_opens() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let first = mark(&mut window, "actor", "Several militants");
    press(&mut window, Modifiers::NONE, Key::F2);
    write(&mut window, "check");
    press(&mut window, Modifiers::ALT, Key::ArrowUp);
    assert_eq!(session(&mut window).article().unwrap().article.id(), &article("march"));
    perform(&mut window, Action::OpenArticle(article("raid")));
    assert_eq!(annotation(&mut window, first).note, "check");
}

#[test]
fn a_number_is_refused_out_of_its_range_and_stepped_by_arrows() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let toll = mark(&mut window, "casualty", "three police officers");
    let low = |window: &mut Window| annotation(window, toll).attributes.remove(&attribute("low"));
    focus(&mut window, Role::TextInput, "Low");
    write(&mut window, "-3");
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.get_by_label("A whole number from 0 up");
    assert_eq!(low(&mut window), None);
    focus(&mut window, Role::TextInput, "Low");
    press(&mut window, Modifiers::COMMAND, Key::A);
    write(&mut window, "3");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(low(&mut window), Some(AttributeValue::Integer(3)));
    assert!(window.query_by_label("A whole number from 0 up").is_none());
    focus(&mut window, Role::TextInput, "Low");
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(low(&mut window), Some(AttributeValue::Integer(4)));
    press(&mut window, Modifiers::COMMAND, Key::A);
    press(&mut window, Modifiers::NONE, Key::Backspace);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(low(&mut window), None);
}

#[test]
fn one_click_chooses_among_a_few() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let claim = mark(&mut window, "claim", "is now over");
    click(&mut window, "Quotation: direct");
    let direct = AttributeValue::Text("direct".to_owned());
    let chosen = annotation(&mut window, claim).attributes.remove(&attribute("quotation"));
    assert_eq!(chosen, Some(direct));
    click(&mut window, "Quotation: direct");
    assert!(annotation(&mut window, claim).attributes.is_empty());
}

#[test]
fn relations_are_links_that_can_be_taken_out() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let actor = mark(&mut window, "actor", "adviser");
    let claim = mark(&mut window, "claim", "is now over");
    perform(&mut window, Action::Relate { kind: relation("source"), from: claim, to: actor });
    click(&mut window, "Go to Actor “adviser”");
    assert_eq!(session(&mut window).selection().annotation, Some(actor));
    click(&mut window, "Remove the relation source");
    assert_eq!(session(&mut window).set().unwrap().relations().count(), 0);
}

#[test]
fn the_places_with_the_same_words_are_looked_through_and_labelled_in_one_step() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    mark(&mut window, "actor", "police");
    let before = (steps(&mut window), annotations(session(&mut window)).len());
    let places = session(&mut window).offer().unwrap().places.len();
    press(&mut window, Modifiers::COMMAND, Key::M);
    window.get_by_label(&format!("{places} of {places} places"));
    click(&mut window, "None");
    let boxes = window.query_all_by_role(Role::CheckBox).count();
    assert_eq!(boxes, places);
    window.query_all_by_role(Role::CheckBox).next().unwrap().click();
    window.run_steps(4);
    click(&mut window, "Label 1");
    let after = (steps(&mut window), annotations(session(&mut window)).len());
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

#[test]
fn renaming_a_label_in_the_editor_is_one_step_that_annotations_follow() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    mark(&mut window, "actor", "Several militants");
    let before = steps(&mut window);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.get_by_role_and_label(Role::Dialog, "Schema");
    focus(&mut window, Role::TextInput, "Id");
    press(&mut window, Modifiers::COMMAND, Key::A);
    write(&mut window, "person");
    let preview = "Annotations: 1 changed, in 1 file";
    wait(&mut window, preview, |window| window.query_by_label(preview).is_some());
    click(&mut window, "Apply");
    session(&mut window).wait_until_migrated();
    assert!(window.query_by_role_and_label(Role::Dialog, "Schema").is_none());
    assert_eq!(annotations(session(&mut window)), ["person: Several militants"]);
    assert_eq!(steps(&mut window), before + 1);
    perform(&mut window, Action::Command(CommandId::Undo));
    session(&mut window).wait_until_migrated();
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    assert!(session(&mut window).schema().label(&label("actor")).is_some());
}

#[test]
fn the_editor_asks_before_it_forgets_changes() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    click(&mut window, "Add a label");
    write(&mut window, "Police station");
    assert!(window.query_by_label("Nothing has changed").is_none());
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label("Discard changes?");
    click(&mut window, "Keep editing");
    click(&mut window, "Apply");
    let added = label("police_station");
    assert!(session(&mut window).schema().label(&added).is_some());
}

#[test]
fn a_comment_is_written_while_labelling_and_undone() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let first = mark(&mut window, "actor", "Several militants");
    let second = mark(&mut window, "actor", "officials");
    let before = steps(&mut window);
    click(&mut window, "Comment…");
    write(&mut window, "are they an actor?");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(steps(&mut window), before + 1);
    assert!(window.query_by_label("are they an actor?").is_some());
    let said = |window: &mut Window, id| session(window).comments_on(id).len();
    assert_eq!((said(&mut window, first), said(&mut window, second)), (0, 1));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(window.query_by_label("are they an actor?").is_none());
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(said(&mut window, second), 1);
    perform(&mut window, Action::SelectAnnotation(Some(second)));
    click(&mut window, "Remove this comment");
    assert_eq!(said(&mut window, second), 0);
}
