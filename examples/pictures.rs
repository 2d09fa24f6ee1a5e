//! Draws the window on an article of every script, on thirty labels five deep and on a
//! megabyte while it scrolls, in both themes: the pictures of `docs/screenshots/scripts`.
//!
//!     cargo run --all-features --example pictures -- docs/screenshots/scripts
//!
//! Needs the fonts that `scripts/setup` installs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a drawing that fails says why")]

#[path = "../benches/news/mod.rs"]
mod news;

use copydesk::app::{Desk, WindowOptions, theme};
use copydesk::edit::{Change, Edit, Step, StepKind, Transaction};
use copydesk::model::{
    Article, ArticleId, ArticleMeta, Color, IdSource, Label, LabelId, Project, Schema,
    parse_notation,
};
use copydesk::session::Action;
use copydesk::store::{BundledSchema, ProjectFolder, Settings, Theme, Writer, bundled_schema};
use egui::{Event, Pos2, Vec2};
use egui_kittest::Harness;
use egui_system_font_provider::SystemFontProvider;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SIZE: Vec2 = Vec2::new(1200.0, 780.0);

/// The articles in `tests/data/scripts` with the languages they are written in.
const SCRIPTS: [(&str, &str); 11] = [
    ("urdu", "ur"),
    ("arabic", "ar"),
    ("persian", "fa"),
    ("hebrew", "he"),
    ("hindi", "hi"),
    ("chinese", "zh"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("thai", "th"),
    ("vietnamese", "vi"),
    ("emoji", "en"),
];

fn main() {
    let out = PathBuf::from(std::env::args().nth(1).expect("the folder to draw into"));
    std::fs::create_dir_all(&out).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (scripts, labels, long) =
        (root.path().join("scripts"), root.path().join("labels"), root.path().join("long"));
    write_scripts(&scripts);
    write_labels(&labels);
    news::project(&long, &[("long", &news::text(news::Script::Latin, 1_000_000))]);
    for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for (name, _) in SCRIPTS {
            draw(&scripts, name, theme, 0.0, &out.join(format!("{name}-{suffix}.png")));
        }
        draw(&labels, "labels", theme, 0.0, &out.join(format!("labels-{suffix}.png")));
        draw(&long, "long", theme, -20_000.0, &out.join(format!("megabyte-{suffix}.png")));
    }
}

/// Draws an article after the wheel has been turned by some points.
fn draw(root: &Path, id: &str, theme: Theme, wheel: f32, file: &Path) {
    let project = Some(root.to_path_buf());
    let options = WindowOptions { project, annotator: Some(news::annotator()), trace: None };
    let settings = Settings { theme, ..Settings::default() };
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .allow_missing_glyphs()
        .with_context_setup(|ctx| {
            theme::install_fonts(ctx);
            theme::install_style(ctx);
            // As the program's window has it.
            ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
        })
        .build_ui_state(
            move |ui, desk: &mut Option<Desk>| {
                let desk = desk.get_or_insert_with(|| {
                    Desk::new(ui.ctx(), options.clone(), settings.clone(), None)
                });
                desk.prepare(ui.ctx());
                desk.show(ui);
            },
            None,
        );
    let session = harness.state_mut().as_mut().and_then(Desk::session_mut).unwrap();
    session.wait_until_listed();
    session.try_perform(Action::OpenArticle(ArticleId::new(id).unwrap())).unwrap();
    harness.event(Event::PointerMoved(Pos2::new(520.0, 400.0)));
    harness.run_steps(4);
    harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: Vec2::new(0.0, wheel),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run_steps(8);
    // The pointer rests where it covers nothing.
    harness.event(Event::PointerMoved(Pos2::new(1000.0, 700.0)));
    harness.run_steps(3);
    harness.render().unwrap().save(file).unwrap();
}

/// A project with an article of every script.
fn write_scripts(root: &Path) {
    let schema = bundled_schema(BundledSchema::Simple).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scripts");
    let articles = SCRIPTS.map(|(name, language)| {
        let source = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        (name, language, source)
    });
    write(root, schema, &articles);
}

/// A project with thirty labels and an article that uses them, five deep.
fn write_labels(root: &Path) {
    let label = |(number, hex): (usize, &&str)| Label {
        id: LabelId::new(format!("label-{:02}", number + 1)).unwrap(),
        name: format!("Label {}", number + 1),
        key: None,
        color: Color::from_hex(hex).unwrap(),
        guideline: String::new(),
        attributes: Vec::new(),
    };
    let labels = theme::LABEL_COLORS.iter().enumerate().map(label).collect();
    let mut source = String::from("Thirty labels, five deep\n");
    for number in (1..=30).step_by(5) {
        let name = |step: usize| format!("label-{:02}", number + step);
        source.push_str(&format!(
            "Officials said [{} that [{} the gunmen who [{} had stormed [{} the harbour office \
             near [{} the old market] on Friday] were killed] by the police] after three hours]. ",
            name(0),
            name(1),
            name(2),
            name(3),
            name(4),
        ));
        for step in 0..5 {
            source.push_str(&format!("[{} A witness] saw it; ", name(step)));
        }
        source.push_str("nobody else did.\n");
    }
    let schema = Schema::new(labels, Vec::new()).unwrap();
    write(root, schema, &[("labels", "en", source)]);
}

fn write(root: &Path, schema: Schema, articles: &[(&str, &str, String)]) {
    let annotators = vec![news::annotator()];
    let project = Project { name: "Pictures".into(), annotators, schema: Arc::new(schema) };
    let folder = ProjectFolder::create(root, &project).unwrap();
    let mut writer = Writer::new(folder.clone());
    let mut ids = IdSource::seeded(7);
    for (name, language, source) in articles {
        let notation = parse_notation(source).unwrap();
        let id = ArticleId::new(name).unwrap();
        let title = notation.text.lines().next().unwrap_or_default().to_owned();
        let language = (*language).to_owned();
        let meta = ArticleMeta { title, language, ..ArticleMeta::default() };
        folder.add_article(&Article::new(id.clone(), meta, notation.text)).unwrap();
        let edits: Vec<Edit> = notation.annotations.into_iter().map(Edit::add).collect();
        let change = Change::Set {
            article: id,
            annotator: news::annotator(),
            forward: Transaction::from(edits),
            backward: Transaction::default(),
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        let what = "Draw".to_owned();
        let step = Step { id: ids.step(), at, by: news::annotator(), what, changes: vec![change] };
        writer.commit(StepKind::Do, &step).unwrap();
    }
    writer.flush().unwrap();
}
