//! The caret keys in texts of both directions, read back from the selection and from
//! where the accessibility tree says the caret is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{Article, ArticleId, ArticleMeta};
use copydesk::session::Action;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use std::path::Path;
use support::desk::{Window, nodes, options, perform, session, window_of};
use support::{article, project};

const TEXT: &str = "Both ways\n\
    A first sentence with some words in it. Dr. Syed said a second one, long enough that it \
    goes on over the end of the line and further. The end\n\
    متعدد عسکریت پسندوں نے جمعہ کی شب کراچی میں پولیس کے صدر دفتر پر دھاوا بول دیا اور \
    عمارت کو خالی کرانے میں پولیس کو تین گھنٹے لگے\n\
    A family 👩‍👩‍👧 waved 🇵🇰🇩🇪 at the cafe\u{301} again";

const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;

fn open(root: &Path) -> Window {
    project(root);
    let folder = ProjectFolder::open(root).unwrap().folder;
    let meta = ArticleMeta { title: "Both ways".into(), ..ArticleMeta::default() };
    folder.add_article(&Article::new(ArticleId::new("ways").unwrap(), meta, TEXT)).unwrap();
    let size = Vec2::new(1440.0, 900.0);
    let mut window = window_of(options(root), Settings::default(), size, 1.0 / 60.0);
    // The sides of the window show selected text in the bundled fonts alone.
    window.ctx.set_missing_glyph_policy(egui::epaint::text::MissingGlyphPolicy::Tofu);
    perform(&mut window, Action::OpenArticle(article("ways")));
    window
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn at(needle: &str) -> usize {
    TEXT.find(needle).unwrap_or_else(|| panic!("no {needle:?}"))
}

/// Puts the caret before some words.
fn go(window: &mut Window, needle: &str) {
    perform(window, Action::SelectText(None));
    press(window, CTRL, Key::Home);
    let mut count = 0;
    while caret(window) < at(needle) && count < 400 {
        // Over the mixed paragraphs by paragraph, in the last steps by letter.
        let start = TEXT[..at(needle)].rfind('\n').map_or(0, |feed| feed + 1);
        if caret(window) < start {
            press(window, CTRL, Key::ArrowDown);
        } else {
            let is_rtl = TEXT[start..].starts_with('م');
            press(window, Modifiers::NONE, if is_rtl { Key::ArrowLeft } else { Key::ArrowRight });
        }
        count += 1;
    }
    assert_eq!(caret(window), at(needle));
}

/// Where the caret is, as the accessibility tree has it.
fn caret(window: &Window) -> usize {
    let nodes = nodes(window);
    let document = nodes.iter().find(|(_, node)| node.role() == Role::Document).unwrap();
    let focus = document.1.text_selection().expect("the caret is in view").focus;
    let node = |id| &nodes.iter().find(|(other, _)| other == id).unwrap().1;
    let mut before = 0;
    for paragraph in document.1.children() {
        for id in node(paragraph).children().iter().filter(|id| node(id).role() == Role::TextRun) {
            let lengths = node(id).character_lengths().iter().map(|length| usize::from(*length));
            if *id == focus.node {
                return before + lengths.take(focus.character_index).sum::<usize>();
            }
            before += lengths.sum::<usize>();
        }
    }
    panic!("the caret is in a run");
}

fn selected(window: &mut Window) -> String {
    let range = session(window).selection().text.expect("text is selected");
    TEXT[range].to_owned()
}

#[test]
fn left_goes_on_in_a_paragraph_from_right_to_left_and_over_its_ends() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "متعدد");
    for _ in 0..3 {
        press(&mut window, SHIFT, Key::ArrowLeft);
    }
    assert_eq!(selected(&mut window), "متع");
    press(&mut window, SHIFT, Key::ArrowRight);
    assert_eq!(selected(&mut window), "مت");
    go(&mut window, "متعدد");
    press(&mut window, SHIFT | CTRL, Key::ArrowLeft);
    press(&mut window, SHIFT | CTRL, Key::ArrowLeft);
    assert_eq!(selected(&mut window), "متعدد عسکریت");
    go(&mut window, "متعدد");
    // Right leads back into the paragraph above, left from its end into the one below.
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(caret(&window), at("\nمتعدد"));
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(caret(&window), at("متعدد"));
    go(&mut window, "A family");
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(caret(&window), at("\nA family"));
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(caret(&window), at("A family"));
}

#[test]
fn the_caret_never_stops_inside_a_grapheme() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "👩");
    for words in ["👩‍👩‍👧", "👩‍👩‍👧 "] {
        press(&mut window, SHIFT, Key::ArrowRight);
        assert_eq!(selected(&mut window), words);
    }
    go(&mut window, "🇵🇰");
    for words in ["🇵🇰", "🇵🇰🇩🇪"] {
        press(&mut window, SHIFT, Key::ArrowRight);
        assert_eq!(selected(&mut window), words);
    }
    go(&mut window, "e\u{301}");
    press(&mut window, SHIFT, Key::ArrowRight);
    assert_eq!(selected(&mut window), "e\u{301}");
}

#[test]
fn up_and_down_keep_to_where_they_began() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "words in it");
    let start = caret(&window);
    // The headline and the last line are shorter than the place is far.
    for key in [Key::ArrowUp, Key::ArrowDown] {
        press(&mut window, Modifiers::NONE, key);
    }
    assert_eq!(caret(&window), start);
    for key in [Key::ArrowDown; 4].into_iter().chain([Key::ArrowUp; 4]) {
        press(&mut window, Modifiers::NONE, key);
    }
    assert_eq!(caret(&window), start);
}

#[test]
fn home_and_end_stay_on_the_line() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "first sentence");
    press(&mut window, Modifiers::NONE, Key::End);
    let end = caret(&window);
    assert!(TEXT[end..].starts_with(' '), "{:?}", &TEXT[end..]);
    press(&mut window, Modifiers::NONE, Key::End);
    assert_eq!(caret(&window), end);
    press(&mut window, Modifiers::NONE, Key::Home);
    assert_eq!(caret(&window), at("A first"));
    press(&mut window, SHIFT, Key::End);
    assert_eq!(selected(&mut window), TEXT[at("A first")..end]);
}

#[test]
fn sentences_and_paragraphs_have_keys() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "said a second");
    press(&mut window, Modifiers::ALT, Key::Home);
    assert_eq!(caret(&window), at("Dr. Syed"));
    press(&mut window, Modifiers::ALT | SHIFT, Key::End);
    let sentence = &TEXT[at("Dr. Syed")..at(". The end")];
    assert_eq!(selected(&mut window), sentence);
    press(&mut window, CTRL, Key::ArrowUp);
    assert_eq!(caret(&window), at("A first"));
    press(&mut window, CTRL, Key::ArrowDown);
    assert_eq!(caret(&window), at("متعدد"));
    press(&mut window, CTRL, Key::End);
    assert_eq!(caret(&window), TEXT.len());
}

#[test]
fn a_selection_grows_to_word_sentence_and_paragraph() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path());
    go(&mut window, "Syed");
    let wider = Modifiers::ALT | SHIFT;
    let paragraph = &TEXT[at("A first")..at("\nمتعدد")];
    let sentence = &TEXT[at("Dr. Syed")..at(". The end")];
    for words in ["Syed", sentence, paragraph, paragraph] {
        press(&mut window, wider, Key::ArrowUp);
        assert_eq!(selected(&mut window), words);
    }
    let range = TextRange::new(TextSize::new(0), TextSize::new(4));
    perform(&mut window, Action::SelectText(Some(range)));
    press(&mut window, SHIFT, Key::ArrowRight);
    assert!(session(&mut window).selection().text.is_some());
}
