//! What everybody's lanes cost in the window: the whole egui pass, without a GPU.

use super::{FRAME, Told, middle_of, news, on_disk, sets};
use copydesk::app::{Desk, WindowOptions, theme};
use copydesk::session::review::ReviewAction;
use copydesk::session::{Action, Session};
use copydesk::store::Settings;
use egui::{Pos2, RawInput, Rect, Vec2};
use std::path::Path;
use std::time::{Duration, Instant};

const WINDOW: Vec2 = Vec2::new(1440.0, 900.0);
/// How often the article is opened.
const OPENED: usize = 5;
/// The steady frames that are measured.
const STEADY: usize = 120;

struct Bench {
    ctx: egui::Context,
    desk: Desk,
    time: f64,
}

impl Bench {
    fn open(root: &Path) -> Self {
        let ctx = egui::Context::default();
        theme::install_fonts(&ctx);
        theme::install_style(&ctx);
        let project = Some(root.to_path_buf());
        let window = WindowOptions { project, annotator: Some(news::annotator()), trace: None };
        let desk = Desk::new(&ctx, window, Settings::default(), None);
        let mut bench = Self { ctx, desk, time: 0.0 };
        bench.session().wait_until_listed();
        bench
    }

    fn session(&mut self) -> &mut Session {
        self.desk.session_mut().unwrap()
    }

    fn frame(&mut self, events: Vec<egui::Event>) -> Duration {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, WINDOW)),
            time: Some(self.time),
            focused: true,
            events,
            ..RawInput::default()
        };
        let began = Instant::now();
        let desk = &mut self.desk;
        let mut output = self.ctx.run_ui(input, |ui| {
            desk.prepare(ui.ctx());
            desk.show(ui);
        });
        let triangles = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = began.elapsed();
        assert!(!triangles.is_empty());
        output.textures_delta.clear();
        took
    }

    fn run(&mut self, frames: usize) {
        for _ in 0..frames {
            self.frame(Vec::new());
        }
    }
}

/// Measures an article with six annotators and two thousand annotations before a reviewer.
pub(super) fn measure(told: &mut Told) {
    let folder = tempfile::tempdir().unwrap();
    on_disk(folder.path(), &[sets(7, 6, 2_000 / 6), sets(8, 6, 4)]);
    let mut bench = Bench::open(folder.path());
    let key = egui::Event::Key {
        key: egui::Key::Num2,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::COMMAND,
    };
    bench.frame(vec![egui::Event::ModifiersChanged(egui::Modifiers::COMMAND), key]);
    bench.run(4);
    assert!(bench.session().reviewer().is_some(), "Review mode");
    bench.session().wait_for_review();
    let ids: Vec<_> = ["a-7", "a-8"].map(|id| copydesk::model::ArticleId::new(id).unwrap()).into();
    let mut opening = Vec::new();
    for _ in 0..OPENED {
        for id in [&ids[1], &ids[0]] {
            bench.session().try_perform(Action::OpenArticle(id.clone())).unwrap();
            bench.session().wait_for_review();
            let took = bench.frame(Vec::new());
            bench.run(8);
            if *id == ids[0] {
                opening.push(took);
            }
        }
    }
    told.line("  the first frame with its lanes", middle_of(opening), Some(FRAME));
    bench.session().try_perform(Action::Review(ReviewAction::NextOpen)).unwrap();
    bench.run(8);
    let steady = (0..STEADY).map(|_| bench.frame(Vec::new())).collect();
    told.line("  a steady frame with lanes and a case", middle_of(steady), Some(FRAME / 4));
}
