//! `--trace FILE`: what happened when, as JSON lines, for measuring from outside.
//!
//! Every line has `event` and `at_ms`, milliseconds since the process started;
//! `docs/PERFORMANCE.md` says what each event means. Without the option nothing is
//! measured and nothing written. The trace is a plugin of egui's, because only there a
//! frame can be measured from its input to its triangles.

use crate::model::AnnotationSet;
use crate::session::Session;
use egui::{Context, FullOutput, RawInput};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The trace file and what is under way.
pub(super) struct Trace {
    out: BufWriter<File>,
    started: Instant,
    frame_began: Instant,
    pass_began: Instant,
    paragraphs: usize,
    has_drawn: bool,
    /// What the passes of the frame so far have taken.
    spent: Duration,
    /// What the frame that is being drawn shows, and what the last one showed.
    showing: Option<Shown>,
    shown: Option<Shown>,
    /// The beginning of the frame whose input led to another article.
    opening: Instant,
    /// For each edit that no frame has shown yet, the revision it made and the beginning
    /// of the frame that took its input; the same for those not yet on disk.
    unpainted: VecDeque<(u64, Instant)>,
    unsaved: VecDeque<Instant>,
    /// How many steps were taken and how many were durable when it was last looked.
    steps: u64,
    durable: u64,
}

/// What a frame shows of an open article.
#[derive(Clone, PartialEq)]
struct Shown {
    id: String,
    chars: usize,
    annotations: usize,
    revision: u64,
}

impl Shown {
    fn of(session: &Session) -> Option<Self> {
        let open = session.article()?;
        Some(Self {
            id: open.article.id().to_string(),
            chars: open.chars,
            annotations: session.set().map_or(0, AnnotationSet::len),
            revision: session.revision(),
        })
    }
}

impl Trace {
    /// Starts a trace.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn start(path: &Path, started: Instant) -> std::io::Result<Self> {
        let mut trace = Self {
            out: BufWriter::new(File::create(path)?),
            started,
            frame_began: started,
            pass_began: started,
            paragraphs: 0,
            has_drawn: false,
            spent: Duration::ZERO,
            showing: None,
            shown: None,
            opening: started,
            unpainted: VecDeque::new(),
            unsaved: VecDeque::new(),
            steps: 0,
            durable: 0,
        };
        trace.write_at("process_start", started, json!({}));
        Ok(trace)
    }

    /// A frame is about to be drawn; it will show this session's article.
    pub(super) fn draws(&mut self, session: Option<&Session>) {
        self.showing = session.and_then(Shown::of);
    }

    /// A frame is drawn, with this many paragraphs in view, and what was asked for in it
    /// has been carried out: the next one shows it.
    pub(super) fn carried_out(&mut self, session: Option<&Session>, paragraphs: usize) {
        self.paragraphs = paragraphs;
        let Some(session) = session else { return };
        let next = Shown::of(session);
        let id = |shown: &Option<Shown>| shown.as_ref().map(|shown| shown.id.clone());
        if id(&next) != id(&self.showing) {
            self.opening = self.frame_began;
            self.unpainted.clear();
        }
        for _ in self.steps..session.steps_taken() {
            self.unpainted.push_back((session.revision(), self.frame_began));
            self.unsaved.push_back(self.frame_began);
        }
        self.steps = session.steps_taken();
        let (durable, at) = session.durable();
        let at = at.unwrap_or(self.frame_began);
        for _ in self.durable..durable {
            if let Some(began) = self.unsaved.pop_front() {
                self.write_at("edit_durable", at, json!({"ms": milliseconds(began, at)}));
            }
        }
        self.durable = durable;
    }

    /// A frame has ended: `cpu_ms` is what its pass and its tessellation took together.
    fn end_frame(&mut self, now: Instant, cpu_ms: f64) {
        if !self.has_drawn {
            self.has_drawn = true;
            self.write_at("first_frame", now, json!({}));
        }
        self.write_at("frame", now, json!({"cpu_ms": cpu_ms, "paragraphs": self.paragraphs}));
        self.tell_what_shows(now);
        self.shown = self.showing.clone();
        // A trace is read while the program runs; a full buffer would hold it back.
        let _ = self.out.flush();
    }

    /// An article that was not there before, or edits of the one that was.
    fn tell_what_shows(&mut self, now: Instant) {
        let Some(Shown { id, chars, annotations, revision }) = self.showing.clone() else { return };
        if self.shown.as_ref().is_none_or(|shown| shown.id != id) {
            let ms = milliseconds(self.opening, now);
            let opened = json!({"id": id, "chars": chars, "annotations": annotations, "ms": ms});
            self.write_at("article_opened", now, opened);
        }
        while let Some((_, began)) = self.unpainted.pop_front_if(|(made, _)| *made <= revision) {
            self.write_at("edit_painted", now, json!({"ms": milliseconds(began, now)}));
        }
    }

    fn write_at(&mut self, event: &str, at: Instant, mut line: Value) {
        line["event"] = json!(event);
        line["at_ms"] = json!(milliseconds(self.started, at));
        // A trace that cannot be written must not disturb what it measures.
        let _ = writeln!(self.out, "{line}");
    }
}

impl egui::Plugin for Trace {
    fn debug_name(&self) -> &'static str {
        "trace"
    }

    fn input_hook(&mut self, _ctx: &Context, _input: &mut RawInput) {
        let now = Instant::now();
        // A pass that is thrown away belongs to the frame of the one that follows it.
        if self.spent == Duration::ZERO {
            self.frame_began = now;
        }
        self.pass_began = now;
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        self.spent += self.pass_began.elapsed();
        if output.platform_output.requested_discard() {
            return;
        }
        // The frame's own tessellation comes later and out of sight; this one is the same
        // work once more, and only while a trace is written.
        let shapes = output.shapes.clone();
        let began = Instant::now();
        let triangles = ctx.tessellate(shapes, output.pixels_per_point);
        let cpu = std::mem::take(&mut self.spent) + began.elapsed();
        drop(triangles);
        self.end_frame(Instant::now(), cpu.as_secs_f64() * 1000.0);
    }
}

/// From one moment to a later one.
fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}
