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
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// The trace file and what is under way.
pub(super) struct Trace {
    out: BufWriter<File>,
    started: Instant,
    frame_began: Instant,
    paragraphs: usize,
    has_drawn: bool,
    /// What the frame that is being drawn shows, and what the last one showed.
    showing: Option<Shown>,
    shown: Option<Shown>,
    /// The beginning of the frame whose input led to what is to be shown.
    asked: Instant,
    /// How many steps were durable, and the beginning of the frame of the last edit.
    durable: u64,
    edited: Instant,
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
            paragraphs: 0,
            has_drawn: false,
            showing: None,
            shown: None,
            asked: started,
            durable: 0,
            edited: started,
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
        let next = session.and_then(Shown::of);
        if next != self.showing {
            let is_edit =
                next.as_ref().zip(self.showing.as_ref()).is_some_and(|(a, b)| a.id == b.id);
            self.edited = if is_edit { self.frame_began } else { self.edited };
            self.asked = self.frame_began;
        }
        if let Some((count, at)) = session.map(Session::durable)
            && count != self.durable
        {
            self.durable = count;
            let at = at.unwrap_or(self.frame_began).max(self.edited);
            self.write_at("edit_durable", at, json!({"ms": milliseconds(self.edited, at)}));
        }
    }

    /// A frame has ended: `cpu_ms` is what its pass and its tessellation took together.
    fn end_frame(&mut self, now: Instant, cpu_ms: f64) {
        if !self.has_drawn {
            self.has_drawn = true;
            self.write_at("first_frame", now, json!({}));
        }
        self.write_at("frame", now, json!({"cpu_ms": cpu_ms, "paragraphs": self.paragraphs}));
        if self.showing != self.shown
            && let Some(showing) = self.showing.clone()
        {
            let ms = milliseconds(self.asked, now);
            if self.shown.as_ref().is_some_and(|shown| shown.id == showing.id) {
                self.write_at("edit_painted", now, json!({"ms": ms}));
            } else {
                let Shown { id, chars, annotations, .. } = showing;
                let opened =
                    json!({"id": id, "chars": chars, "annotations": annotations, "ms": ms});
                self.write_at("article_opened", now, opened);
            }
        }
        self.shown = self.showing.clone();
        // A trace is read while the program runs; a full buffer would hold it back.
        let _ = self.out.flush();
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
        self.frame_began = Instant::now();
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let pass = self.frame_began.elapsed();
        // The frame's own tessellation comes later and out of sight; this one is the same
        // work once more, and only while a trace is written.
        let shapes = output.shapes.clone();
        let began = Instant::now();
        let triangles = ctx.tessellate(shapes, output.pixels_per_point);
        let cpu = pass + began.elapsed();
        drop(triangles);
        self.end_frame(Instant::now(), cpu.as_secs_f64() * 1000.0);
    }
}

/// From one moment to a later one.
fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}
