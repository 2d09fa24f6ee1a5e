//! Words that read from right to left in the panels around the article. The harness
//! panics when egui is given a letter that it has no glyph for, so these tests pass only
//! while all such words are set by the text view's layout.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{AnnotationId, Article, ArticleId, ArticleMeta, parse_notation};
use copydesk::session::{Action, Notice};
use copydesk::store::{BundledSchema, ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::Path;
use support::desk::{Window, options, perform, session, window_of};
use support::{annotator, article, label, relation};

const SCRIPTS: [(&str, &str); 4] =
    [("urdu", "ur"), ("arabic", "ar"), ("persian", "fa"), ("hebrew", "he")];

const CLAIM: &str = "دھماکا خیز مواد ایک موٹر سائیکل میں نصب تھا";
const ACTOR: &str = "ضلعی پولیس افسر سلیم رضا";

/// The text of a sample article.
fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scripts");
    let source = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
    parse_notation(&source).unwrap().text
}

fn title(name: &str) -> String {
    sample(name).lines().next().unwrap().to_owned()
}

/// The window on articles in four languages, the Urdu one open.
fn window(root: &Path) -> Window {
    copydesk::session::Session::create(root, "منصوبہ", BundledSchema::Full, annotator()).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    for (name, language) in SCRIPTS {
        let language = language.to_owned();
        let meta = ArticleMeta { title: title(name), language, ..ArticleMeta::default() };
        let id = ArticleId::new(name).unwrap();
        folder.add_article(&Article::new(id, meta, sample(name))).unwrap();
    }
    let meta =
        ArticleMeta { title: "A headline in Latin letters".into(), ..ArticleMeta::default() };
    let latin = Article::new(article("latin"), meta, "A headline in Latin letters\nText.");
    folder.add_article(&latin).unwrap();
    let mut window = window_of(options(root), Settings::default(), Vec2::new(1100.0, 800.0), 0.1);
    perform(&mut window, Action::OpenArticle(article("urdu")));
    window
}

fn range(words: &str) -> TextRange {
    let at = sample("urdu").find(words).unwrap() as u32;
    TextRange::at(TextSize::new(at), TextSize::of(words))
}

/// Labels words, which selects what was made.
fn mark(window: &mut Window, id: &str, words: &str) -> AnnotationId {
    perform(window, Action::LabelRange(label(id), range(words)));
    session(window).selection().annotation.unwrap()
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(4);
}

/// Rests the pointer on what has these words in its name.
fn hover(window: &mut Window, role: Role, words: &str) {
    let found = window.query_all_by_role(role).find(|node| {
        let node = node.accesskit_node();
        // What a label says is its value.
        [node.label(), node.value()].into_iter().flatten().any(|name| name.contains(words))
    });
    found.unwrap().hover();
    window.run_steps(12);
}

/// A claim with its source, in the hands of the inspector.
fn relate(window: &mut Window) -> (AnnotationId, AnnotationId) {
    let claim = mark(window, "claim", CLAIM);
    let actor = mark(window, "actor", ACTOR);
    perform(window, Action::Relate { kind: relation("source"), from: claim, to: actor });
    perform(window, Action::SelectAnnotation(Some(claim)));
    (claim, actor)
}

#[test]
fn titles_in_the_list_are_drawn_and_named_as_they_are_read() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    for (name, _) in SCRIPTS {
        window.get_by_label_contains(&format!("{}, ", title(name)));
    }
    hover(&mut window, Role::ListBoxOption, &format!("{}, ", title("hebrew")));
    window.get_by_role_and_label(Role::Label, &title("hebrew"));
    press(&mut window, Modifiers::COMMAND, Key::K);
    press(&mut window, Modifiers::NONE, Key::Escape);
    perform(&mut window, Action::OpenArticle(article("hebrew")));
}

#[test]
fn the_inspector_quotes_and_its_links_lead_to_the_other_end() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let (_, actor) = relate(&mut window);
    window.get_by_role_and_label(Role::Label, &format!("“{CLAIM}”"));
    hover(&mut window, Role::Button, &format!("Go to Actor “{ACTOR}”"));
    click(&mut window, &format!("Go to Actor “{ACTOR}”"));
    assert_eq!(session(&mut window).selection().annotation, Some(actor));
    let long = sample("urdu").lines().nth(1).unwrap().to_owned();
    let claim = mark(&mut window, "claim", &long);
    hover(&mut window, Role::Label, "“دریا پور (نمائندہ");
    perform(&mut window, Action::AddRange(claim, range("نو افراد")));
    click(&mut window, "Remove the part “نو افراد”");
    assert!(window.query_by_label("Remove the part “نو افراد”").is_none());
}

#[test]
fn hits_stand_among_their_words() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    perform(&mut window, Action::FindInProject("پولیس".to_owned()));
    while session(&mut window).search().progress().is_some() {
        window.run_steps(1);
    }
    window.run_steps(4);
    let hit = "ضلعی پولیس افسر سلیم رضا";
    hover(&mut window, Role::ListBoxOption, hit);
    hover(&mut window, Role::Label, hit);
}

#[test]
fn the_places_with_the_same_words_stand_among_theirs() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    mark(&mut window, "actor", "پولیس");
    press(&mut window, Modifiers::COMMAND, Key::M);
    let places = session(&mut window).offer().unwrap().places.len();
    assert_eq!(window.query_all_by_role(Role::CheckBox).count(), places);
}

#[test]
fn what_there_is_to_check_is_named_below_and_listed() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    mark(&mut window, "claim", CLAIM);
    let session = session(&mut window);
    let selected = session.selection().annotation.unwrap();
    let what = session.lints_of(selected).first().unwrap().what.clone();
    assert!(what.contains('د'), "{what}");
    window.get_by_role_and_label(Role::Button, &what);
    press(&mut window, Modifiers::NONE, Key::F7);
    window.get_by_role_and_label(Role::Button, &format!("To check: {what}"));
}

#[test]
fn messages_with_such_words_are_shown() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path());
    let text = format!("“{}” cannot be read", title("urdu"));
    session(&mut window).notify(Notice::error(text.clone()));
    window.run_steps(4);
    window.get_by_role_and_label(Role::Label, &text);
}
