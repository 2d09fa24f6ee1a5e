//! The window, driven as a person drives it: drags, clicks and keys, read back from the
//! session and from the accessibility tree. One test for each of the eight points of
//! labelling, and a few pictures of the whole window.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::app::WindowOptions;
use copydesk::model::{AnnotationId, Span};
use copydesk::session::{Action, SaveState};
use copydesk::store::{Settings, Theme};
use copydesk::text::{TextRange, TextSize};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use support::desk::{Window, options, perform, session, window_of};
use support::{annotations, article, label, project, range};

/// Seconds a frame takes: short enough for clicks to be double clicks.
const FRAME: f32 = 1.0 / 60.0;

/// The window on a project, ready for input.
fn window(root: &Path, theme: Theme, size: Vec2) -> Window {
    let settings = Settings { theme, ..Settings::default() };
    window_of(options(root), settings, size, FRAME)
}

fn open(root: &Path) -> Window {
    project(root);
    let mut window = window(root, Theme::Light, Vec2::new(1440.0, 900.0));
    perform(&mut window, Action::OpenArticle(article("raid")));
    window
}

/// A few frames: enough for requests to be carried out and drawn.
fn settle(window: &mut Window) {
    window.run_steps(4);
}

/// The middle of some words on the screen.
fn middle(window: &mut Window, words: &str) -> Pos2 {
    place(window, range(words)).center()
}

/// Just inside the first letter of some words.
fn start(window: &mut Window, words: &str) -> Pos2 {
    place(window, range(words)).left_center() + Vec2::new(3.0, 0.0)
}

fn place(window: &mut Window, range: TextRange) -> egui::Rect {
    let desk = window.state().as_ref().expect("the window is drawn");
    desk.place_of(range).unwrap_or_else(|| panic!("{range:?} is not in view"))
}

fn drag(window: &mut Window, from: Pos2, to: Pos2, modifiers: Modifiers) {
    let button = |pressed, pos| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers,
    };
    window.event(Event::ModifiersChanged(modifiers));
    let steps = 6u8;
    window.event(Event::PointerMoved(from));
    window.step();
    window.event(button(true, from));
    window.step();
    for step in 1..=steps {
        let share = f32::from(step) / f32::from(steps);
        window.event(Event::PointerMoved(from + (to - from) * share));
        window.step();
    }
    window.event(button(false, to));
    window.step();
    window.event(Event::ModifiersChanged(Modifiers::NONE));
    settle(window);
}

fn select(window: &mut Window, from: &str, to: &str) {
    let (from, to) = (middle(window, from), middle(window, to));
    drag(window, from, to, Modifiers::NONE);
}

fn click(window: &mut Window, at: Pos2, times: usize) {
    for _ in 0..times {
        for pressed in [true, false] {
            window.event(Event::PointerMoved(at));
            window.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
            window.step();
        }
    }
    settle(window);
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    settle(window);
}

fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

fn mark(window: &mut Window, id: &str, words: &str) -> AnnotationId {
    perform(window, Action::LabelRange(label(id), range(words)));
    let made = session(window).selection().annotation.expect("labelling selects");
    perform(window, Action::SelectAnnotation(None));
    made
}

fn selected_words(window: &mut Window) -> String {
    let session = session(window);
    let range = session.selection().text.expect("text is selected");
    session.set().unwrap().article().text()[range].to_owned()
}

#[test]
fn point_1_a_drag_snaps_to_words_and_the_palette_labels_by_key() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    select(&mut window, "ral", "lita");
    assert_eq!(selected_words(&mut window), "Several militants");
    window.get_by_label("Label");
    press(&mut window, Key::A);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    // Enter takes the label that was given last; a possessive and quotation marks stay out.
    select(&mut window, "Kar", "chi’");
    assert_eq!(selected_words(&mut window), "Karachi");
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window))[1], "actor: Karachi");
}

#[test]
fn point_1_typing_filters_the_palette_and_escape_closes_it() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    select(&mut window, "riday", "ight");
    window.event(Event::Text("o".into()));
    settle(&mut window);
    window.event(Event::Text("c".into()));
    settle(&mut window);
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window)), ["location: Friday night"]);
    select(&mut window, "police head", "quarters");
    press(&mut window, Key::Escape);
    press(&mut window, Key::C);
    assert_eq!(annotations(session(&mut window)).len(), 2);
}

#[test]
fn point_1_alt_drags_by_letter_and_a_drag_over_a_line_end_takes_both_lines() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let word = place(&mut window, range("militants stormed"));
    let from = place(&mut window, range("ilita")).left_center();
    let to = place(&mut window, range("ilita")).right_center();
    assert!(word.contains(from));
    drag(&mut window, from, to, Modifiers::ALT);
    assert_eq!(selected_words(&mut window), "ilita");
    press(&mut window, Key::Escape);
    let from = middle(&mut window, "operation,");
    let to = middle(&mut window, "officers and");
    drag(&mut window, from, to, Modifiers::NONE);
    let words = selected_words(&mut window);
    assert!(words.starts_with("operation") && words.ends_with("officers and"), "{words}");
}

#[test]
fn point_2_an_armed_label_labels_at_once() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    window.get_by_label("Location, 0, not armed").click();
    settle(&mut window);
    window.get_by_label("Location, 0, armed");
    select(&mut window, "arach", "town");
    assert_eq!(annotations(session(&mut window)), ["location: Karachi’s old town"]);
    let word = middle(&mut window, "building");
    click(&mut window, word, 2);
    assert_eq!(annotations(session(&mut window))[1], "location: building");
    press(&mut window, Key::L);
    assert_eq!(session(&mut window).armed(), None);
}

#[test]
fn point_3_clicks_select_and_walk_through_overlaps() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let outer = mark(&mut window, "casualty", "At least three police officers");
    let inner = mark(&mut window, "actor", "three police officers");
    let count = session(&mut window).set().unwrap().len();
    let at = middle(&mut window, "e police off");
    let mut seen = Vec::new();
    for _ in 0..3 {
        click(&mut window, at, 1);
        // Apart in time, or two clicks would be a double click.
        window.run_steps(60);
        seen.push(session(&mut window).selection().annotation);
    }
    assert_eq!(seen, [Some(inner), Some(outer), Some(inner)]);
    assert_eq!(session(&mut window).set().unwrap().len(), count);
    let word = middle(&mut window, "uniforms");
    click(&mut window, word, 2);
    assert_eq!(selected_words(&mut window), "uniforms");
    press(&mut window, Key::Escape);
    window.run_steps(60);
    click(&mut window, word, 3);
    assert_eq!(selected_words(&mut window), "Karachi police said the militants had worn uniforms");
}

#[test]
fn point_4_handles_and_keys_move_the_ends_and_keep_the_id() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let id = mark(&mut window, "actor", "militants");
    perform(&mut window, Action::SelectAnnotation(Some(id)));
    let from = place(&mut window, range("militants")).left_top();
    let to = middle(&mut window, "Several");
    drag(&mut window, from, to, Modifiers::NONE);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    press_with(&mut window, Modifiers::SHIFT, Key::CloseBracket);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants stormed"]);
    press(&mut window, Key::CloseBracket);
    assert_eq!(annotations(session(&mut window)), ["actor: militants stormed"]);
    press(&mut window, Key::OpenBracket);
    press_with(&mut window, Modifiers::SHIFT, Key::OpenBracket);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    assert_eq!(session(&mut window).selection().annotation, Some(id));
}

#[test]
fn point_5_ctrl_drag_adds_a_part_and_drags_relate() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let claim = mark(&mut window, "claim", "The operation");
    let actor = mark(&mut window, "actor", "the adviser");
    perform(&mut window, Action::SelectAnnotation(Some(claim)));
    let (from, to) = (start(&mut window, "is now"), middle(&mut window, "over"));
    drag(&mut window, from, to, Modifiers::COMMAND);
    assert_eq!(annotations(session(&mut window))[0], "claim: The operation … is now over");
    let (from, to) = (middle(&mut window, "now over"), middle(&mut window, "the adviser"));
    drag(&mut window, from, to, Modifiers::SHIFT);
    assert_eq!(session(&mut window).selection().relation, Some((claim, actor)));
    press(&mut window, Key::Num1);
    let related: Vec<_> = session(&mut window).set().unwrap().relations().cloned().collect();
    assert_eq!((related.len(), related[0].from, related[0].to), (1, claim, actor));
}

#[test]
fn point_5_r_and_a_click_relate() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let claim = mark(&mut window, "claim", "is now over");
    mark(&mut window, "actor", "the adviser");
    perform(&mut window, Action::SelectAnnotation(Some(claim)));
    press(&mut window, Key::R);
    assert_eq!(session(&mut window).selection().relating_from, Some(claim));
    let at = middle(&mut window, "the adviser");
    click(&mut window, at, 1);
    press(&mut window, Key::Enter);
    assert_eq!(session(&mut window).set().unwrap().relations().count(), 1);
}

#[test]
fn point_5_relations_need_no_mouse() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let claim = mark(&mut window, "claim", "The operation");
    let actor = mark(&mut window, "actor", "the adviser");
    perform(&mut window, Action::SelectAnnotation(Some(claim)));
    press(&mut window, Key::R);
    press_with(&mut window, Modifiers::ALT, Key::ArrowRight);
    press(&mut window, Key::Enter);
    press(&mut window, Key::Enter);
    let related: Vec<_> = session(&mut window).set().unwrap().relations().cloned().collect();
    assert_eq!((related.len(), related[0].from, related[0].to), (1, claim, actor));
    assert_eq!(annotations(session(&mut window))[1], "actor: the adviser");
}

#[test]
fn escape_ends_a_drag_without_a_change() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let id = mark(&mut window, "actor", "militants");
    perform(&mut window, Action::SelectAnnotation(Some(id)));
    let from = place(&mut window, range("militants")).left_top();
    let to = middle(&mut window, "Several");
    let button = |pressed, pos| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    for event in [Event::PointerMoved(from), button(true, from), Event::PointerMoved(to)] {
        window.event(event);
        window.step();
    }
    window.step();
    press(&mut window, Key::Escape);
    window.event(button(false, to));
    settle(&mut window);
    assert_eq!(annotations(session(&mut window)), ["actor: militants"]);
    assert_eq!(session(&mut window).selection().annotation, Some(id));
}

#[test]
fn an_armed_triple_click_makes_one_annotation() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    press(&mut window, Key::M);
    let word = middle(&mut window, "uniforms");
    click(&mut window, word, 3);
    let sentence = "claim: Karachi police said the militants had worn uniforms";
    assert_eq!(annotations(session(&mut window)), [sentence]);
}

#[test]
fn point_6_delete_and_undo() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let id = mark(&mut window, "actor", "Several militants");
    perform(&mut window, Action::SelectAnnotation(Some(id)));
    press(&mut window, Key::Delete);
    assert!(session(&mut window).set().unwrap().is_empty());
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert!(session(&mut window).set().unwrap().is_empty());
}

#[test]
fn point_7_more_like_this_is_offered_after_a_label() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    select(&mut window, "Several mili", "tants sto");
    press(&mut window, Key::Escape);
    let word = middle(&mut window, "militants");
    click(&mut window, word, 2);
    press(&mut window, Key::A);
    window.get_by_label_contains("more like this");
    let places = session(&mut window).offer().expect("there is another one").places.clone();
    perform(&mut window, Action::LabelMore(places));
    let labelled = annotations(session(&mut window));
    assert_eq!(labelled, ["actor: militants", "actor: militants"]);
}

#[test]
fn point_8_an_article_can_be_annotated_without_a_mouse() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    // Down from the headline to the text, then two words.
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Home);
    let extend = Modifiers::COMMAND | Modifiers::SHIFT;
    press_with(&mut window, extend, Key::ArrowRight);
    press_with(&mut window, extend, Key::ArrowRight);
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowLeft);
    assert_eq!(selected_words(&mut window), "Several militants");
    press(&mut window, Key::Enter);
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    press(&mut window, Key::Escape);
    press_with(&mut window, Modifiers::ALT, Key::ArrowRight);
    assert!(session(&mut window).selection().annotation.is_some());
    press_with(&mut window, Modifiers::COMMAND, Key::Enter);
    let open = session(&mut window).article().unwrap().article.id().clone();
    assert_eq!(open, article("march"));
}

#[test]
fn annotations_and_paragraphs_are_in_the_accessibility_tree() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    mark(&mut window, "actor", "Several militants");
    window.get_by_label_contains("Actor: “Several militants”");
    window.get_by_label_contains("Karachi police said the militants");
}

#[test]
fn a_drag_over_any_word_stores_exactly_that_word() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    let text = support::RAID;
    for word in ["Gunmen", "headquarters", "adviser", "civilian", "uniforms"] {
        let whole = range(word);
        let inside =
            TextRange::new(whole.start() + TextSize::new(2), whole.end() - TextSize::new(2));
        let inside = place(&mut window, inside);
        drag(&mut window, inside.left_center(), inside.right_center(), Modifiers::NONE);
        let selected = session(&mut window).selection().text;
        assert_eq!(
            selected.map(|range| Span::new(range).unwrap().surface(text)),
            Some(word.to_owned())
        );
        press(&mut window, Key::Escape);
    }
    assert_eq!(session(&mut window).wait_until_saved(), SaveState::Saved);
}

/// The sample in the window, as a first look shows it.
fn picture(name: &str, theme: Theme, size: Vec2, zoom: f32) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("karachi");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi"), &root);
    let settings = Settings { theme, zoom, ..Settings::default() };
    let options = WindowOptions { project: Some(root), annotator: None, trace: None };
    // The harness keeps a margin of eight points around what it draws.
    let mut window = window_of(options, settings, size + Vec2::splat(16.0), FRAME);
    let id = article("gunmen-raid-police-offices");
    perform(&mut window, Action::OpenArticle(id.clone()));
    let first = session(&mut window)
        .set()
        .unwrap()
        .annotations()
        .find(|annotation| annotation.label == label("casualty"));
    let first = first.map(|annotation| annotation.id).unwrap();
    perform(&mut window, Action::GoToAnnotation(id, first));
    window.run_steps(30);
    // How the words were settled so far is looked up in the background.
    session(&mut window).wait_for_review();
    settle(&mut window);
    window.snapshot(name);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn the_window_looks_as_it_should_in_the_light() {
    picture("window_light", Theme::Light, Vec2::new(1440.0, 900.0), 1.0);
}

#[test]
fn the_window_looks_as_it_should_in_the_dark() {
    picture("window_dark", Theme::Dark, Vec2::new(1440.0, 900.0), 1.0);
}

#[test]
fn a_zoomed_window_looks_as_it_should() {
    picture("window_zoomed", Theme::Dark, Vec2::new(1440.0, 900.0), 1.5);
}

#[test]
fn a_small_window_looks_as_it_should() {
    picture("window_small", Theme::Light, Vec2::new(1024.0, 700.0), 1.0);
}

#[test]
fn the_keys_come_back_to_the_article_after_the_palette() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    for _ in 0..3 {
        press(&mut window, Key::ArrowDown);
        press(&mut window, Key::Home);
        press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowRight);
        press(&mut window, Key::Enter);
        press(&mut window, Key::Enter);
        assert_eq!(annotations(session(&mut window)).len(), 1);
        press_with(&mut window, Modifiers::COMMAND, Key::Z);
        assert!(session(&mut window).set().unwrap().is_empty());
    }
}
