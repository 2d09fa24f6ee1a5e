//! The panel over a small project, driven as a person does: by words and by clicks.

use super::{State, ui};
use crate::app::request::{Request, Requests};
use crate::app::theme::{install_fonts, install_style};
use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta};
use crate::session::{Action, Session};
use crate::store::{BundledSchema, ProjectFolder};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use std::sync::Arc;
use tempfile::TempDir;

/// What the window is to the panel: the session, and carrying out what is asked.
struct Bench {
    session: Session,
    state: State,
    is_set_up: bool,
    _root: TempDir,
}

impl Bench {
    fn frame(&mut self, ui: &mut egui::Ui) {
        if !self.is_set_up {
            install_fonts(ui.ctx());
            install_style(ui.ctx());
            self.is_set_up = true;
            // The fonts are there from the next frame on.
            ui.ctx().request_repaint();
            return;
        }
        self.session.poll();
        let mut out = Requests::default();
        ui.set_width(268.0);
        ui_of(self, ui, &mut out);
        for request in out.take() {
            match request {
                Request::Do(action) => self.session.perform(action),
                Request::Run(command) => self.session.perform(Action::Command(command)),
                _ => {}
            }
        }
    }

    fn open(&self) -> Option<&str> {
        self.session.article().map(|open| open.article.id().as_str())
    }
}

fn ui_of(bench: &mut Bench, area: &mut egui::Ui, out: &mut Requests) {
    ui(area, &mut bench.session, &mut bench.state, out);
}

/// A window on a project with so many articles, `a0` of `Headline 0` and so on.
fn bench(articles: usize) -> Harness<'static, Bench> {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("project");
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(&path, "Project", BundledSchema::Simple, annotator).unwrap();
    let folder = ProjectFolder::open(&path).unwrap().folder;
    for index in 0..articles {
        let id = ArticleId::new(format!("a{index:03}")).unwrap();
        let meta = ArticleMeta { title: format!("Headline {index}"), ..Default::default() };
        let text = format!("Headline {index}\nOne policeman, two policemen.");
        folder.add_article(&Article::new(id, meta, text)).unwrap();
    }
    let mut session = Session::open(&path, None, Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    let bench = Bench { session, state: State::default(), is_set_up: false, _root: root };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(268.0, 600.0))
        .build_ui_state(|ui, bench: &mut Bench| bench.frame(ui), bench);
    harness.run();
    harness
}

#[test]
fn words_in_the_filter_leave_the_rows_that_hold_them_and_a_click_opens() {
    let mut harness = bench(30);
    harness.state_mut().state.focus_filter();
    harness.run();
    harness.get_by_label("Filter articles").type_text("headline 17");
    harness.run();
    assert!(harness.query_by_label_contains("Headline 3,").is_none());
    harness.get_by_label_contains("1 article shown");
    harness.get_by_label_contains("Headline 17, unseen, 0 annotations").click();
    harness.run();
    assert_eq!(harness.state().open(), Some("a017"));
    harness.get_by_label("Clear filter").click();
    harness.run();
    harness.get_by_label_contains("Headline 3,");
}

#[test]
fn arrows_move_through_a_long_list_of_which_little_is_drawn() {
    let mut harness = bench(100);
    harness.get_by_label_contains("Headline 0,").click();
    harness.run();
    assert_eq!(harness.state().open(), Some("a000"));
    harness.key_press(egui::Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().open(), Some("a001"));
    harness.key_press(egui::Key::End);
    harness.run();
    assert_eq!(harness.state().open(), Some("a099"));
    // The open article came into view, and what is far away is not drawn.
    harness.get_by_label_contains("Headline 99,");
    assert!(harness.query_by_label_contains("Headline 1,").is_none());
}

#[test]
fn a_search_lists_its_hits_here_and_everywhere_and_escape_closes_it() {
    let mut harness = bench(3);
    let first = ArticleId::new("a000").unwrap();
    harness.state_mut().session.perform(Action::OpenArticle(first));
    harness.state_mut().state.find(false);
    harness.run();
    harness.get_by_label("Find in this article").type_text("policem");
    harness.run();
    harness.get_by_label_contains("2 hits");
    harness.get_by_label("All articles").click();
    // The search goes on in the background; frames take in what it has found.
    let mut frames = 0;
    while harness.state().session.search().hits().len() < 6 {
        frames += 1;
        assert!(frames < 2000, "the search does not end");
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    harness.run();
    harness.get_by_label_contains("6 hits in 3 articles");
    harness.get_by_label("Headline 2, 2 hits").click();
    harness.run();
    assert_eq!(harness.state().open(), Some("a002"));
    assert_eq!(harness.state().session.search().current(), Some(4));
    let marked = harness
        .query_all_by_label_contains("two policemen")
        .filter(|row| row.accesskit_node().is_selected() == Some(true));
    assert_eq!(marked.count(), 1);
    harness.get_by_label("Find in all articles").focus();
    harness.run();
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert!(harness.state().session.search().query().is_empty());
    harness.get_by_label("Filter articles");
}

#[test]
fn an_empty_project_says_what_to_do() {
    let harness = bench(0);
    harness.get_by_label("No articles yet");
    harness.get_by_label("Import articles…");
}
