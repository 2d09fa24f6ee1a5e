//! Dragging over words on the screen, in every script: what is stored is the word.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{Article, ArticleId, ArticleMeta, parse_notation};
use copydesk::session::Action;
use copydesk::session::command::CommandId;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::{
    TextRange, TextSize, grapheme_at, next_word_start, previous_grapheme, snap_to_words, word_at,
};
use egui::{Event, Modifiers, PointerButton, Pos2, Rect, Vec2};
use std::path::Path;
use support::desk::{Window, foreign_window, options, perform, session};
use support::{label, project};

/// The words that are dragged over in each article, spread over its text.
const WORDS: usize = 14;

/// Drags over words of an article; `language` is its ISO 639-1 code.
fn check(name: &str, language: &str) {
    let root = tempfile::tempdir().unwrap();
    project(root.path());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scripts");
    let source = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
    let text = parse_notation(&source).unwrap().text;
    let meta = ArticleMeta { language: language.to_owned(), ..ArticleMeta::default() };
    let id = ArticleId::new(name).unwrap();
    let project = ProjectFolder::open(root.path()).unwrap().folder;
    project.add_article(&Article::new(id.clone(), meta, text.as_str())).unwrap();

    let size = Vec2::new(1100.0, 2200.0);
    let mut window = foreign_window(options(root.path()), Settings::default(), size);
    perform(&mut window, Action::OpenArticle(id));
    perform(&mut window, Action::Arm(Some(label("actor"))));
    let words = words(&text);
    assert!(words.len() >= WORDS, "{name} has {} words", words.len());
    let step = words.len() / WORDS;
    for word in words.into_iter().step_by(step) {
        let (from, to) = ends(&window, &text, word);
        drag(&mut window, from, to);
        let set = session(&mut window).set().unwrap();
        let found: Vec<_> = set.annotations().map(|found| found.span.ranges().to_vec()).collect();
        assert_eq!(found, [[word]], "{name}: dragging over {:?}", &text[word]);
        perform(&mut window, Action::Command(CommandId::Undo));
    }
}

/// The words of a text as they are when they are labelled.
fn words(text: &str) -> Vec<TextRange> {
    let mut found = Vec::new();
    let mut at = TextSize::new(0);
    while at < TextSize::of(text) {
        let word = word_at(text, at).map(|word| snap_to_words(text, word));
        found.extend(word.filter(|word| !word.is_empty() && found.last() != Some(word)));
        let next = word_at(text, at).map_or(at, |word| word.end());
        at = if next > at {
            next
        } else {
            next_word_start(text, at).max(grapheme_at(text, at).end())
        };
    }
    found
}

/// A point in the first half of a word's first grapheme and one in the last half of its
/// last, in the direction in which the word reads.
fn ends(window: &Window, text: &str, word: TextRange) -> (Pos2, Pos2) {
    let desk = window.state().as_ref().unwrap();
    let place = |range| -> Rect { desk.place_of(range).expect("the word is in view") };
    let first = place(grapheme_at(text, word.start()));
    let last = place(grapheme_at(text, previous_grapheme(text, word.end())));
    let is_rtl = text[word].chars().any(|letter| ('\u{590}'..'\u{900}').contains(&letter));
    let inside = |rect: Rect, share: f32| {
        let share = if is_rtl { 1.0 - share } else { share };
        Pos2::new(rect.left() + rect.width() * share, rect.center().y)
    };
    (inside(first, 0.2), inside(last, 0.8))
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    let modifiers = Modifiers::NONE;
    let button = PointerButton::Primary;
    // A short way is a click; a drag over one letter goes a little further first.
    let aside = from + Vec2::new(if to.x < from.x { -14.0 } else { 14.0 }, 0.0);
    window.event(Event::PointerMoved(from));
    window.step();
    window.event(Event::PointerButton { pos: from, button, pressed: true, modifiers });
    window.step();
    for at in [aside, to] {
        window.event(Event::PointerMoved(at));
        window.step();
    }
    window.event(Event::PointerButton { pos: to, button, pressed: false, modifiers });
    window.run_steps(2);
}

macro_rules! scripts {
    ($($name:ident: $language:literal),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name), $language);
            }
        )*
    };
}

scripts! {
    arabic: "ar", chinese: "zh", emoji: "en", hebrew: "he", hindi: "hi", japanese: "ja",
    korean: "ko", persian: "fa", thai: "th", urdu: "ur", vietnamese: "vi",
}
