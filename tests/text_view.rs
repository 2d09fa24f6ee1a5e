//! The text view on long articles: no frame does what the last one did, nothing that is
//! read moves by itself, and the trace tells what happened when.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::app::WindowOptions;
use copydesk::app::text_view::Work;
use copydesk::model::{Article, ArticleMeta};
use copydesk::session::Action;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::{Event, Key, Modifiers, Pos2, Rect, Vec2};
use std::path::Path;
use std::time::Instant;
use support::desk::{Window, options, perform, session, window_of};
use support::{article, label, project};

const SIZE: Vec2 = Vec2::new(1200.0, 800.0);

/// Numbered sentences, some to a paragraph, so that every place can be found again.
fn long_text(sentences: usize, to_a_paragraph: usize) -> String {
    let mut text = String::from("A long report");
    for number in 0..sentences {
        text.push(if number % to_a_paragraph == 0 { '\n' } else { ' ' });
        let more =
            if number % 3 == 0 { ", who had come with the bus from the harbour" } else { "" };
        text.push_str(&format!("Witness {number} saw the gunmen{more}."));
    }
    text
}

/// The window on a project with a long article open.
fn open(root: &Path, text: &str, options: WindowOptions) -> Window {
    let folder = ProjectFolder::open(root).unwrap().folder;
    let meta = ArticleMeta { title: "A long report".into(), ..ArticleMeta::default() };
    folder.add_article(&Article::new(article("long"), meta, text)).unwrap();
    let mut window = window_of(options, Settings::default(), SIZE, 1.0 / 60.0);
    perform(&mut window, Action::OpenArticle(article("long")));
    window.event(Event::PointerMoved(Pos2::new(500.0, 400.0)));
    window.run_steps(3);
    window
}

fn open_long(root: &Path) -> (Window, String) {
    project(root);
    let text = long_text(6000, 5);
    (open(root, &text, options(root)), text)
}

fn work(window: &Window) -> Work {
    window.state().as_ref().unwrap().text_view_work()
}

/// What happens while some frames are drawn.
fn work_of(window: &mut Window, steps: usize) -> Work {
    let before = work(window);
    window.run_steps(steps);
    let after = work(window);
    Work {
        layouts: after.layouts - before.layouts,
        letters: after.letters - before.letters,
        marks: after.marks - before.marks,
        maps: after.maps - before.maps,
    }
}

fn range_of(text: &str, words: &str) -> TextRange {
    let at = text.find(words).unwrap_or_else(|| panic!("no {words:?} in the text"));
    TextRange::at(TextSize::new(at as u32), TextSize::of(words))
}

fn place(window: &Window, range: TextRange) -> Option<Rect> {
    window.state().as_ref().unwrap().place_of(range)
}

/// The number of a sentence that stands near the middle of the view, and where.
fn in_the_middle(window: &Window, text: &str) -> (TextRange, Rect) {
    let seen = (0..6000).map(|number| range_of(text, &format!("Witness {number} ")));
    let near = |(_, rect): &(TextRange, Rect)| (350.0..450.0).contains(&rect.center().y);
    let found = seen.filter_map(|range| Some((range, place(window, range)?))).find(near);
    found.expect("some sentence is in the middle")
}

fn wheel(window: &mut Window, points: f32) {
    window.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    // The wheel is smoothed over several frames.
    window.run_steps(30);
}

#[test]
fn a_frame_does_not_do_what_the_last_one_did() {
    let root = tempfile::tempdir().unwrap();
    let (mut window, text) = open_long(root.path());
    assert_eq!(work_of(&mut window, 5), Work::default());

    let here = in_the_middle(&window, &text).0;
    session(&mut window).try_perform(Action::LabelRange(label("actor"), here)).unwrap();
    let edit = work_of(&mut window, 5);
    assert_eq!((edit.layouts, edit.letters), (0, 0), "an annotation moved text");
    assert!((1..=20).contains(&edit.marks) && edit.maps == 1, "{edit:?}");

    perform(&mut window, Action::SelectAnnotation(None));
    window.event(Event::PointerMoved(Pos2::new(520.0, 410.0)));
    assert_eq!(work_of(&mut window, 5), Work::default(), "hovering costs nothing new");

    let before = work(&window);
    wheel(&mut window, -40.0);
    let scrolled = work(&window).layouts - before.layouts;
    assert!(scrolled <= 2, "{scrolled} layouts for a line");
}

#[test]
fn what_is_read_stays_where_it_is() {
    let root = tempfile::tempdir().unwrap();
    let (mut window, text) = open_long(root.path());
    let words = range_of(&text, "Witness 3000 ");
    perform(&mut window, Action::GoTo(article("long"), words));
    let start = place(&window, words).expect("the place is in view");

    // Upwards over text that was never measured.
    for _ in 0..12 {
        let (range, before) = in_the_middle(&window, &text);
        wheel(&mut window, 150.0);
        let after = place(&window, range).expect("still in view");
        assert!((after.top() - before.top() - 150.0).abs() <= 1.0, "{before:?} {after:?}");
    }
    perform(&mut window, Action::GoTo(article("long"), words));
    let there = place(&window, words).expect("in view again");
    assert!((there.top() - start.top()).abs() <= 1.0, "{start:?} {there:?}");

    // The line at the top stays there in a narrower window, and back.
    let before = in_the_middle(&window, &text);
    for width in [1000.0, 860.0, 1400.0, 1200.0] {
        window.set_size(Vec2::new(width, 800.0));
        window.run_steps(3);
    }
    let after = in_the_middle(&window, &text);
    assert_eq!(before.0, after.0);
    assert!((before.1.top() - after.1.top()).abs() <= 1.0, "{before:?} {after:?}");

    // An article that is opened again is where it was left.
    perform(&mut window, Action::GoTo(article("long"), words));
    let before = place(&window, words).unwrap();
    perform(&mut window, Action::OpenArticle(article("raid")));
    perform(&mut window, Action::OpenArticle(article("long")));
    assert_eq!(place(&window, words), Some(before));

    for _ in 0..2 {
        window.event(key(Key::T, Modifiers::COMMAND));
        let theme = work_of(&mut window, 3);
        assert!(theme.layouts == 0 && theme.letters > 0, "{theme:?}");
        assert_eq!(place(&window, words), Some(before), "a theme moves nothing");
    }
}

#[test]
fn a_million_characters_in_one_paragraph_are_like_any_text() {
    let root = tempfile::tempdir().unwrap();
    project(root.path());
    let text = long_text(30_000, 30_000);
    assert!(text.len() > 1_000_000);
    let mut window = open(root.path(), &text, options(root.path()));
    for number in [29_999, 12_345, 0] {
        let words = range_of(&text, &format!("Witness {number} "));
        let before = work(&window).layouts;
        perform(&mut window, Action::GoTo(article("long"), words));
        assert!(place(&window, words).is_some(), "{number} is not in view");
        assert!(work(&window).layouts - before < 12);
    }
    window.event(key(Key::End, Modifiers::COMMAND));
    window.run_steps(3);
    let last = range_of(&text, "Witness 29999 ");
    assert!(place(&window, last).is_some());
}

#[test]
fn the_trace_tells_what_happened_when() {
    let root = tempfile::tempdir().unwrap();
    project(root.path());
    let file = root.path().join("trace.jsonl");
    let options =
        WindowOptions { trace: Some((file.clone(), Instant::now())), ..options(root.path()) };
    let text = long_text(100, 5);
    let mut window = open(root.path(), &text, options);
    // Two edits in neighbouring frames, by keys as a person makes them.
    perform(&mut window, Action::SelectText(Some(range_of(&text, "Witness 3 "))));
    window.event(Event::Text("a".into()));
    window.event(key(Key::A, Modifiers::NONE));
    window.step();
    window.event(key(Key::Z, Modifiers::COMMAND));
    window.run_steps(3);
    session(&mut window).wait_until_saved();
    window.run_steps(2);

    let lines = std::fs::read_to_string(&file).unwrap();
    let events: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named =
        |name: &str| -> Vec<_> { events.iter().filter(|event| event["event"] == name).collect() };
    assert!(events.iter().all(|event| event["at_ms"].is_f64()));
    assert_eq!(named("process_start").len(), 1);
    assert_eq!(named("first_frame").len(), 1);
    let opened = named("article_opened");
    let long = opened.last().unwrap();
    assert_eq!(long["id"], "long");
    assert_eq!(long["chars"], text.chars().count());
    assert_eq!(long["annotations"], 0);
    assert!(long["ms"].as_f64().unwrap() >= 0.0);
    let (painted, durable) = (named("edit_painted"), named("edit_durable"));
    assert_eq!((painted.len(), durable.len()), (2, 2));
    // Each is shown after the frame that took its key, and counted from there.
    let frames: Vec<f64> = named("frame").iter().map(|at| at["at_ms"].as_f64().unwrap()).collect();
    for edit in painted {
        let (at, ms) = (edit["at_ms"].as_f64().unwrap(), edit["ms"].as_f64().unwrap());
        let within = frames.iter().filter(|frame| (at - ms..at).contains(*frame)).count();
        assert_eq!(within, 1, "one frame ended between the key and the end of the next");
    }
    let frames = named("frame");
    assert!(frames.len() > 10);
    assert!(frames.iter().all(|frame| frame["cpu_ms"].as_f64().unwrap() > 0.0));
    assert!(frames.last().unwrap()["paragraphs"].as_u64().unwrap() > 0);
}

fn key(key: Key, modifiers: Modifiers) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
}

#[test]
fn what_is_typed_right_after_find_goes_into_its_field() {
    let root = tempfile::tempdir().unwrap();
    let (mut window, _) = open_long(root.path());
    window.event(key(Key::F, Modifiers::COMMAND));
    for letter in ["a", "r", "c"] {
        window.event(key(Key::from_name(&letter.to_uppercase()).unwrap(), Modifiers::NONE));
        window.event(Event::Text(letter.into()));
        window.step();
    }
    window.run_steps(40);
    let session = session(&mut window);
    assert_eq!(session.armed(), None, "a letter armed a label");
    assert_eq!(session.search().query(), "arc");
}

#[test]
fn an_article_may_begin_and_end_with_blank_lines() {
    let root = tempfile::tempdir().unwrap();
    project(root.path());
    let text = "\n \nWitnesses saw the gunmen.\n\nThey fled.\n\n";
    let mut window = open(root.path(), text, options(root.path()));
    let moves = [
        (Key::Home, Modifiers::COMMAND),
        (Key::ArrowUp, Modifiers::COMMAND),
        (Key::ArrowLeft, Modifiers::NONE),
        (Key::ArrowRight, Modifiers::SHIFT),
        (Key::End, Modifiers::COMMAND),
        (Key::ArrowDown, Modifiers::NONE),
        (Key::ArrowRight, Modifiers::COMMAND | Modifiers::SHIFT),
    ];
    for (pressed, modifiers) in moves {
        window.event(key(pressed, modifiers));
        window.run_steps(2);
    }
    // A drag over the line break belongs to both paragraphs, and none is lost.
    let whole = TextRange::new(TextSize::new(0), TextSize::of(text));
    perform(&mut window, Action::LabelRange(label("claim"), whole));
    assert!(place(&window, range_of(text, "fled")).is_some());
}
