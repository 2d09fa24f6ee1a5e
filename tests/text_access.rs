//! The article as assistive technology sees it: text by character, word and line in
//! agreement with what is drawn, the selection, the annotations, what is announced.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{Article, ArticleId, ArticleMeta};
use copydesk::session::Action;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::accesskit::{Live, Node, NodeId, Role, TextDirection, TextSelection};
use egui::{Key, Modifiers, Rect, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::Path;
use support::desk::{Window, nodes, options, perform, session, window_of};
use support::{RAID, annotations, article, label, project, range};

/// An article in two directions with graphemes of many characters.
const MIXED: &str = "Two directions\n\
    متعدد عسکریت پسندوں نے جمعہ کی شب کراچی میں پولیس کے صدر دفتر پر دھاوا بول دیا اور \
    عمارت کو خالی کرانے میں پولیس کو تین گھنٹے لگے\n\
    בשנת 2023 אמר police spokesman כי Karachi נפגעה\n\
    A family 👩‍👩‍👧 waved 🇵🇰 at the cafe\u{301}";

fn open(root: &Path, id: &str) -> Window {
    project(root);
    let folder = ProjectFolder::open(root).unwrap().folder;
    let meta = ArticleMeta { title: "Two directions".into(), ..ArticleMeta::default() };
    folder.add_article(&Article::new(ArticleId::new("mixed").unwrap(), meta, MIXED)).unwrap();
    let size = Vec2::new(1440.0, 900.0);
    let mut window = window_of(options(root), Settings::default(), size, 1.0 / 60.0);
    perform(&mut window, Action::OpenArticle(article(id)));
    window
}

fn place(window: &mut Window, range: TextRange) -> Rect {
    let desk = window.state().as_ref().expect("the window is drawn");
    desk.place_of(range).unwrap_or_else(|| panic!("{range:?} is not in view"))
}

fn document(window: &Window) -> Node {
    let found = nodes(window).into_iter().find(|(_, node)| node.role() == Role::Document);
    found.expect("the article has a node").1
}

/// The runs below the article, in order.
fn runs(window: &Window) -> Vec<(NodeId, Node)> {
    let nodes = nodes(window);
    let node = |id: &NodeId| nodes.iter().find(|(other, _)| other == id).unwrap().clone();
    let paragraphs = document(window).children().to_vec();
    let parts = paragraphs.iter().flat_map(|id| node(id).1.children().to_vec());
    parts.map(|id| node(&id)).filter(|(_, node)| node.role() == Role::TextRun).collect()
}

/// Each character of the runs: its offset in the article's text, and its edges on the
/// screen.
fn characters(window: &Window) -> Vec<(TextRange, f64, f64)> {
    let mut at = TextSize::new(0);
    let mut found = Vec::new();
    for (_, run) in runs(window) {
        let bounds = run.bounds().unwrap();
        let positions = run.character_positions().unwrap();
        let widths = run.character_widths().unwrap();
        assert_eq!(run.character_lengths().len(), positions.len());
        assert_eq!(run.character_lengths().len(), widths.len());
        for (index, length) in run.character_lengths().iter().enumerate() {
            let range = TextRange::at(at, TextSize::new(u32::from(*length)));
            at = range.end();
            let (from, to) = (positions[index], positions[index] + widths[index]);
            let edges = match run.text_direction() {
                Some(TextDirection::RightToLeft) => {
                    (bounds.x1 - f64::from(to), bounds.x1 - f64::from(from))
                }
                _ => (bounds.x0 + f64::from(from), bounds.x0 + f64::from(to)),
            };
            found.push((range, edges.0, edges.1));
        }
    }
    found
}

fn values(window: &Window) -> String {
    runs(window).iter().map(|(_, run)| run.value().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_runs_hold_the_text_and_their_characters_are_where_they_are_drawn() {
    for (id, text) in [("raid", RAID), ("mixed", MIXED)] {
        let temporary = tempfile::tempdir().unwrap();
        let mut window = open(temporary.path(), id);
        assert_eq!(values(&window), text);
        for (range, left, right) in characters(&window) {
            if text[range].trim().is_empty() {
                continue;
            }
            let drawn = place(&mut window, range);
            assert!((f64::from(drawn.left()) - left).abs() < 0.1, "{:?}", &text[range]);
            assert!((f64::from(drawn.right()) - right).abs() < 0.1, "{:?}", &text[range]);
        }
    }
}

#[test]
fn a_run_is_one_line_in_one_direction_and_knows_its_neighbours() {
    let temporary = tempfile::tempdir().unwrap();
    let window = open(temporary.path(), "mixed");
    let runs = runs(&window);
    let text = |needle: &str| {
        let found = runs.iter().find(|(_, run)| run.value().unwrap().contains(needle));
        found.unwrap_or_else(|| panic!("no run holds {needle}")).clone()
    };
    let (english_id, english) = text("police");
    assert_eq!(english.text_direction(), Some(TextDirection::LeftToRight));
    assert_eq!(english.value(), Some("police spokesman"));
    let (before_id, before) = text("אמר");
    assert_eq!(before.text_direction(), Some(TextDirection::RightToLeft));
    assert_eq!(before.next_on_line(), Some(english_id));
    assert_eq!(english.previous_on_line(), Some(before_id));
    assert_eq!(english.word_starts(), [0, 7]);
    let (_, family) = text("family");
    assert!(family.character_lengths().contains(&18), "a family is one character");
    assert!(family.character_lengths().contains(&8), "a flag is one character");
    assert!(family.character_lengths().contains(&3), "a letter with its accent is one");
    for (_, run) in &runs {
        let bytes: usize = run.character_lengths().iter().map(|length| usize::from(*length)).sum();
        assert_eq!(bytes, run.value().unwrap().len());
    }
}

/// What a screen reader makes of the tree: the platform-independent half of AccessKit's
/// own adapters.
#[test]
fn a_screen_reader_reads_lines_and_words() {
    let temporary = tempfile::tempdir().unwrap();
    let window = open(temporary.path(), "raid");
    let article = window.get_by_role(Role::Document);
    let article = article.accesskit_node();
    assert!(article.supports_text_ranges());
    let whole = article.document_range();
    assert_eq!(whole.text(), RAID);
    let start = article.document_start();
    let mut word = start.to_degenerate_range();
    word.set_end(start.forward_to_word_end());
    assert_eq!(word.text(), "Gunmen ");
    let mut line = start.to_degenerate_range();
    line.set_end(start.forward_to_line_end());
    assert_eq!(line.text(), "Gunmen raid police office\n");
    assert_eq!(whole.bounding_boxes().len(), runs(&window).len());
}

fn selection(window: &Window) -> Option<(usize, usize)> {
    let TextSelection { anchor, focus } = *document(window).text_selection()?;
    let offset = |position: egui::accesskit::TextPosition| {
        let mut bytes = 0;
        for (id, run) in runs(window) {
            let lengths = run.character_lengths().iter().map(|length| usize::from(*length));
            if id == position.node {
                return bytes + lengths.take(position.character_index).sum::<usize>();
            }
            bytes += lengths.sum::<usize>();
        }
        panic!("the position is in a run");
    };
    Some((offset(anchor), offset(focus)))
}

#[test]
fn the_selection_and_the_caret_are_told() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path(), "raid");
    assert_eq!(selection(&window), None);
    let words = range("stormed the police headquarters");
    perform(&mut window, Action::SelectText(Some(words)));
    let told = (usize::from(words.start()), usize::from(words.end()));
    assert_eq!(selection(&window), Some(told));
    perform(&mut window, Action::SelectText(None));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Home);
    window.run_steps(3);
    assert_eq!(selection(&window), Some((0, 0)));
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(3);
    assert_eq!(selection(&window), Some((RAID.len(), RAID.len())));
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
    window.run_steps(3);
    assert_eq!(selection(&window), Some((RAID.len(), RAID.len() - 1)));
}

#[test]
fn annotations_are_marks_in_text_order_that_can_be_pressed() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path(), "raid");
    for (id, words) in [("casualty", "three police officers"), ("actor", "Several militants")] {
        perform(&mut window, Action::LabelRange(label(id), range(words)));
    }
    perform(&mut window, Action::SelectAnnotation(None));
    let marks: Vec<_> = nodes(&window)
        .into_iter()
        .filter(|(_, node)| node.role() == Role::Mark)
        .map(|(_, node)| node)
        .collect();
    let names: Vec<_> = marks.iter().map(|mark| mark.label().unwrap().to_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("Actor: “Several militants”")), "{names:?}");
    assert_eq!(names.len(), 2);
    let article = window.get_by_role(Role::Document);
    let in_order: Vec<_> = article
        .query_all_by_role(Role::Mark)
        .map(|mark| mark.accesskit_node().label().unwrap_or_default())
        .collect();
    assert!(in_order[0].starts_with("Actor") && in_order.len() == 2, "{in_order:?}");
    let actor = range("Several militants");
    let drawn = place(&mut window, actor);
    let bounds = marks.iter().find(|mark| mark.label() == Some(names[0].as_str()));
    assert!(bounds.is_some_and(|mark| mark.bounds().is_some()));
    let mark = window.get_by_label_contains("Actor: “Several militants”");
    assert!((mark.rect().left() - drawn.left()).abs() < 0.1);
    mark.click_accesskit();
    window.run_steps(4);
    let selected = session(&mut window).selection().annotation.expect("a press selects");
    let words = session(&mut window).set().unwrap().annotation(selected).unwrap().label.clone();
    assert_eq!(words, label("actor"));
    assert_eq!(annotations(session(&mut window)).len(), 2);
}

fn announced(window: &Window) -> String {
    let found = nodes(window).into_iter().find(|(_, node)| node.live() == Some(Live::Polite));
    found.expect("there is a live region").1.label().unwrap_or_default().to_owned()
}

#[test]
fn stepping_to_an_annotation_announces_it() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path(), "raid");
    for words in ["Several militants", "Karachi police"] {
        perform(&mut window, Action::LabelRange(label("actor"), range(words)));
    }
    perform(&mut window, Action::SelectAnnotation(None));
    assert_eq!(announced(&window), "");
    for told in ["Actor: “Several militants”, 1 of 2", "Actor: “Karachi police”, 2 of 2"] {
        window.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
        window.run_steps(4);
        assert_eq!(announced(&window), told);
    }
}

#[test]
fn nothing_is_registered_while_nobody_listens() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(temporary.path(), "raid");
    perform(&mut window, Action::LabelRange(label("actor"), range("Several militants")));
    let told = runs(&window).len() + document(&window).children().len() + 2;
    let mut desk = window.state_mut().take().expect("the window is drawn");
    let ctx = window.ctx.clone();
    let mut widgets = |listens: bool| {
        if listens {
            ctx.enable_accesskit();
        } else {
            ctx.disable_accesskit();
        }
        let screen_rect = Some(Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(1440.0, 900.0)));
        for _ in 0..3 {
            let input = egui::RawInput { screen_rect, ..egui::RawInput::default() };
            let mut output = ctx.run_ui(input, |ui| {
                desk.prepare(ui.ctx());
                desk.show(ui);
            });
            // Words that show for the first time bring letters, which nobody draws here.
            output.textures_delta.clear();
        }
        ctx.viewport(|viewport| viewport.prev_pass.widgets.layers().map(|(_, all)| all.len()).sum())
    };
    let (silent, listening): (usize, usize) = (widgets(false), widgets(true));
    assert_eq!(listening - silent, told);
}
