//! Words that read from right to left in the panels around the article. The harness
//! panics when egui is given a letter that it has no glyph for, so these tests pass only
//! while all such words are set by the text view's layout.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::app::theme;
use copydesk::model::{
    AnnotationId, Article, ArticleId, ArticleMeta, AttributeValue, parse_notation,
};
use copydesk::session::Action;
use copydesk::session::command::CommandId;
use copydesk::store::{BundledSchema, ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use support::desk::{Window, options, perform, session, window_of};
use support::{annotator, article, label, relation};

const SCRIPTS: [(&str, &str); 4] =
    [("urdu", "ur"), ("arabic", "ar"), ("persian", "fa"), ("hebrew", "he")];

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
fn window(root: &Path, settings: Settings) -> Window {
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
    let mut window = window_of(options(root), settings, Vec2::new(1100.0, 800.0), 0.1);
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

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(4);
}

fn hover(window: &mut Window, name: &str) {
    window.get_by_label_contains(name).hover();
    window.run_steps(12);
}

/// The window's picture, into a folder that is asked for; without one nothing is drawn.
fn picture(window: &mut Window, name: &str) {
    if let Ok(folder) = std::env::var("LETTERING_PICTURES") {
        window.render().unwrap().save(Path::new(&folder).join(format!("{name}.png"))).unwrap();
    }
}

#[test]
fn zz_pictures() {
    for (theme, name) in
        [(copydesk::store::Theme::Light, "light"), (copydesk::store::Theme::Dark, "dark")]
    {
        let temporary = tempfile::tempdir().unwrap();
        let settings = Settings { theme, ..Settings::default() };
        let mut window = window(temporary.path(), settings);
        let claim = mark(&mut window, "claim", "دھماکا خیز مواد ایک موٹر سائیکل میں نصب تھا");
        let actor = mark(&mut window, "actor", "ضلعی پولیس افسر سلیم رضا");
        mark(&mut window, "actor", "پولیس");
        perform(&mut window, Action::Relate { kind: relation("source"), from: claim, to: actor });
        perform(&mut window, Action::SelectAnnotation(Some(claim)));
        picture(&mut window, &format!("quote-{name}"));
        perform(&mut window, Action::Command(CommandId::ThingsToCheck));
        perform(&mut window, Action::SelectAnnotation(Some(actor)));
        picture(&mut window, &format!("check-{name}"));
        window.key_press_modifiers(Modifiers::NONE, Key::Escape);
        window.run_steps(3);
        perform(&mut window, Action::Command(CommandId::CommandPalette));
        picture(&mut window, &format!("palette-{name}"));
        window.key_press_modifiers(Modifiers::NONE, Key::Escape);
        window.run_steps(3);
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
        window.run_steps(3);
        perform(&mut window, Action::FindInProject("پولیس".into()));
        window.run_steps(10);
        picture(&mut window, &format!("hits-{name}"));
    }
}
