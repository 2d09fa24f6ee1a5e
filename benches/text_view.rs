//! What the window costs in a frame: the whole egui pass and tessellation, without a GPU.
//!
//!     cargo bench --bench text_view [-- [--quick] [--forget] [latin|arabic] [2kB|...|10MB]]
//!
//! `--quick` takes fewer samples and leaves 10 MB out. `--forget` makes the text view
//! drop everything that it keeps from frame to frame. A frame that forgets is measured in
//! any case, and one that need not must be at least twice as fast: on a machine so fast
//! that all limits hold without it, that is what fails when layouts are not kept. The
//! cheaper things that are kept (letters, marks, the map) are counted in
//! `tests/text_view.rs`. Exits with 1 where a limit is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod news;

use copydesk::app::{Desk, WindowOptions, theme};
use copydesk::model::{ArticleId, LabelId};
use copydesk::session::{Action, Session};
use copydesk::store::Settings;
use copydesk::text::{TextRange, TextSize};
use egui::{Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2};
use news::Script;
use peak_alloc::PeakAlloc;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Counts what is allocated, to measure memory.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// A megabyte without a line feed after the headline.
const ONE_PARAGRAPH: &str = "1MB-paragraph";
const SIZES: [(&str, usize); 6] = [
    ("2kB", 2_000),
    ("20kB", 20_000),
    ("200kB", 200_000),
    ("1MB", 1_000_000),
    (ONE_PARAGRAPH, 1_000_000),
    ("10MB", 10_000_000),
];
const WINDOW: Vec2 = Vec2::new(1440.0, 900.0);
/// An article that is open while nothing is measured.
const RESTING: &str = "resting";

struct Options {
    samples: usize,
    forgets: bool,
    scripts: Vec<Script>,
    sizes: Vec<(&'static str, usize)>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    let scripts = [("latin", Script::Latin), ("arabic", Script::Arabic)];
    let named: Vec<_> = scripts.iter().filter(|(name, _)| has(name)).map(|(_, s)| *s).collect();
    let sizes: Vec<_> = SIZES.into_iter().filter(|(name, _)| has(name)).collect();
    let most = SIZES.len() - usize::from(has("--quick"));
    let options = Options {
        samples: if has("--quick") { 60 } else { 400 },
        forgets: has("--forget"),
        scripts: if named.is_empty() { vec![Script::Latin, Script::Arabic] } else { named },
        sizes: if sizes.is_empty() { SIZES[..most].to_vec() } else { sizes },
    };
    let mut missed = 0;
    for script in &options.scripts {
        for (name, bytes) in &options.sizes {
            println!("{script:?}, {name}");
            let mut text = news::text(*script, *bytes);
            if *name == ONE_PARAGRAPH {
                text = news::in_one_paragraph(&text);
            }
            missed += measure(*script, &text, &options);
        }
    }
    println!("{missed} limits missed");
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures one article; the number of limits that it missed.
fn measure(script: Script, text: &str, options: &Options) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let resting = news::text(script, 2_000);
    news::project(folder.path(), &[("article", text), (RESTING, &resting)]);
    let mut bench = Bench::open(folder.path(), options);
    bench.show(RESTING);
    bench.run(20);
    let before = HEAP.current_usage();
    let mut report = Report::default();

    let limit = if text.len() > 2_000_000 { 50.0 } else { 10.0 };
    let (mut reading, mut opening) = (Vec::new(), Vec::new());
    for _ in 0..options.samples.min(5) {
        bench.show(RESTING);
        bench.run(2);
        let (read, opened) = bench.open_article(text);
        reading.push(read);
        opening.push(opened);
    }
    report.line("opening, from the text in memory", &opening, Some(limit), None);
    report.line("  reading and checking the files before it", &reading, None, None);
    bench.run(20);
    let steady = bench.times(options.samples, |_, _| Vec::new());
    report.line("a steady frame", &steady, Some(1.0), Some(3.0));
    let kept = std::mem::replace(&mut bench.forgets, true);
    let forgetting = bench.times(options.samples.min(60), |_, _| Vec::new());
    bench.forgets = kept;
    report.line("  the same if nothing were kept", &forgetting, None, None);
    report.ratio(&forgetting, &steady);
    bench.run(5);
    let scrolling = bench.times(options.samples, |_, number| {
        let down = if number % 400 < 300 { -60.0 } else { 60.0 };
        vec![wheel(down)]
    });
    report.line("a frame while scrolling", &scrolling, Some(1.0), Some(3.0));
    let memory = |before: usize| HEAP.current_usage().saturating_sub(before + text.len());
    let after_reading = memory(before);
    let edits = bench.edits(options.samples.min(100), text);
    report.line("an edit in view, with the frame that shows it", &edits.whole, Some(1.0), None);
    report.line("  the edit alone", &edits.session, None, None);
    let jumps = bench
        .slowest_of(20, &[key(Key::End, Modifiers::COMMAND), key(Key::Home, Modifiers::COMMAND)]);
    report.line("jumping to the end and back", &jumps, Some(16.0), Some(16.0));
    let resizes = bench.resizes(20);
    report.line("resizing", &resizes, Some(16.0), Some(16.0));
    let zooms = bench
        .slowest_of(10, &[key(Key::Plus, Modifiers::COMMAND), key(Key::Minus, Modifiers::COMMAND)]);
    report.line("zooming", &zooms, Some(16.0), Some(16.0));
    bench.session().wait_until_saved();
    report.memory("memory above the text, after scrolling", after_reading, Some(64.0));
    report.memory("  and after editing, with what saving holds", memory(before), None);
    report.missed
}

#[derive(Default)]
struct Report {
    missed: usize,
}

impl Report {
    fn line(&mut self, name: &str, times: &[Duration], limit: Option<f64>, worst: Option<f64>) {
        let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let (median, late) = (at(0.5), at(0.99));
        let is_missed =
            limit.is_some_and(|limit| median > limit) || worst.is_some_and(|w| late > w);
        self.missed += usize::from(is_missed);
        let verdict = verdict(limit, is_missed);
        println!("  {name:46} median {median:8.3} ms   99% {late:8.3} ms   {verdict}");
    }

    /// What is kept must make a frame at least twice as fast.
    fn ratio(&mut self, without: &[Duration], with: &[Duration]) {
        let median = |times: &[Duration]| {
            let mut sorted = times.to_vec();
            sorted.sort();
            sorted[sorted.len() / 2].as_secs_f64()
        };
        let ratio = median(without) / median(with);
        let is_missed = ratio < 2.0;
        self.missed += usize::from(is_missed);
        let name = "  what is kept makes it faster by";
        println!("  {name:46} times  {ratio:8.1}{:24}{}", "", verdict(Some(2.0), is_missed));
    }

    fn memory(&mut self, name: &str, bytes: usize, limit: Option<f64>) {
        let megabytes = bytes as f64 / 1e6;
        let is_missed = limit.is_some_and(|limit| megabytes > limit);
        self.missed += usize::from(is_missed);
        println!("  {name:46}        {megabytes:8.1} MB{:20}{}", "", verdict(limit, is_missed));
    }
}

fn verdict(limit: Option<f64>, is_missed: bool) -> &'static str {
    match (limit, is_missed) {
        (None, _) => "",
        (_, true) => "MISSED",
        (_, false) => "ok",
    }
}

/// The times of edits: what the session takes, and that with the frame that shows the edit.
#[derive(Default)]
struct Edits {
    session: Vec<Duration>,
    whole: Vec<Duration>,
}

/// The window without a screen.
struct Bench {
    ctx: egui::Context,
    desk: Desk,
    size: Vec2,
    time: f64,
    forgets: bool,
}

impl Bench {
    fn open(root: &std::path::Path, options: &Options) -> Self {
        let ctx = egui::Context::default();
        theme::install_fonts(&ctx);
        theme::install_style(&ctx);
        let window = WindowOptions {
            project: Some(root.to_path_buf()),
            annotator: Some(news::annotator()),
            trace: None,
        };
        let settings = Settings { theme: copydesk::store::Theme::Light, ..Settings::default() };
        let desk = Desk::new(&ctx, window, settings, None);
        let mut bench = Self { ctx, desk, size: WINDOW, time: 0.0, forgets: options.forgets };
        bench.session().wait_until_listed();
        bench.run(4);
        bench
    }

    fn session(&mut self) -> &mut Session {
        self.desk.session_mut().unwrap()
    }

    /// One frame; the time of the pass and tessellation.
    fn frame(&mut self, events: Vec<Event>) -> Duration {
        if self.forgets {
            self.desk.forget();
        }
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
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
        // There is no GPU to take the textures.
        output.textures_delta.clear();
        took
    }

    fn run(&mut self, frames: usize) {
        for _ in 0..frames {
            self.frame(vec![Event::PointerMoved(Pos2::new(620.0, 450.0))]);
        }
    }

    fn show(&mut self, id: &str) {
        let action = Action::OpenArticle(ArticleId::new(id).unwrap());
        self.session().try_perform(action).unwrap();
    }

    /// Opens the article: how long its files took, and how long it took from then on to
    /// the end of the first frame that shows it.
    fn open_article(&mut self, text: &str) -> (Duration, Duration) {
        let began = Instant::now();
        self.show("article");
        let reading = began.elapsed();
        let began = Instant::now();
        let title = text.lines().next().unwrap_or_default();
        assert!(!copydesk::text::paragraphs(text, title).is_empty());
        assert!(text.chars().count() > 0);
        let dividing = began.elapsed();
        let opening = dividing + self.frame(Vec::new());
        (reading.saturating_sub(dividing), opening)
    }

    fn times(
        &mut self,
        samples: usize,
        mut events: impl FnMut(&mut Self, usize) -> Vec<Event>,
    ) -> Vec<Duration> {
        (0..samples)
            .map(|number| {
                let events = events(self, number);
                self.frame(events)
            })
            .collect()
    }

    /// Labels a word and takes it back, at places all over the text.
    fn edits(&mut self, samples: usize, text: &str) -> Edits {
        let mut edits = Edits::default();
        let label = LabelId::new("actor").unwrap();
        for number in 0..samples {
            let near = text.floor_char_boundary(text.len() / (samples + 1) * (number + 1));
            let start = text[near..].find(' ').map_or(0, |space| near + space + 1);
            let end = text[start..].find([' ', '\n']).map_or(text.len(), |space| start + space);
            let range = TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
            let article = ArticleId::new("article").unwrap();
            self.session().try_perform(Action::GoTo(article, range)).unwrap();
            self.run(3);
            for action in [Action::LabelRange(label.clone(), range), undo()] {
                let began = Instant::now();
                self.session().try_perform(action).unwrap();
                let edit = began.elapsed();
                edits.session.push(edit);
                edits.whole.push(edit + self.frame(Vec::new()));
                self.run(1);
            }
        }
        edits
    }

    /// For each of the events in turn, the slowest of the frames that follow it.
    fn slowest_of(&mut self, rounds: usize, events: &[Event]) -> Vec<Duration> {
        let mut slowest = Vec::new();
        for _ in 0..rounds {
            for event in events {
                let first = self.frame(vec![event.clone()]);
                let rest = (0..3).map(|_| self.frame(Vec::new())).max();
                slowest.push(first.max(rest.unwrap_or_default()));
            }
        }
        slowest
    }

    fn resizes(&mut self, rounds: usize) -> Vec<Duration> {
        let mut slowest = Vec::new();
        for round in 0..rounds {
            self.size.x = 900.0 + 20.0 * round as f32;
            slowest.push((0..3).map(|_| self.frame(Vec::new())).max().unwrap_or_default());
        }
        self.size = WINDOW;
        slowest
    }
}

fn undo() -> Action {
    Action::Command(copydesk::session::command::CommandId::Undo)
}

fn wheel(points: f32) -> Event {
    Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}

fn key(key: Key, modifiers: Modifiers) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
}
