//! `--trace FILE`: what happened when, as JSON lines, for measuring from outside.
//!
//! Every line has `event` and `at_ms`, milliseconds since the process started;
//! `docs/PERFORMANCE.md` says what each event means. Without the option nothing is
//! measured and nothing written.

use crate::session::Session;
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
    has_drawn: bool,
    /// The article that was shown last, and since when another one is awaited.
    article: Option<String>,
    opening: Instant,
    /// The frame whose input made an edit, until a frame has shown it.
    edited: Option<Instant>,
    revision: u64,
    durable: u64,
    edit_began: Instant,
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
            has_drawn: false,
            article: None,
            opening: started,
            edited: None,
            revision: 0,
            durable: 0,
            edit_began: started,
        };
        trace.write_at("process_start", started, json!({}));
        Ok(trace)
    }

    /// A frame begins: input that led to an edit in it counts from here.
    pub(super) fn begin_frame(&mut self) {
        self.frame_began = Instant::now();
    }

    /// Requests of this frame have been carried out; the next frame shows them.
    pub(super) fn carried_out(&mut self, session: Option<&Session>) {
        let Some(session) = session else { return };
        if session.revision() != self.revision {
            self.revision = session.revision();
            self.edited = Some(self.frame_began);
            self.edit_began = self.frame_began;
            self.opening = self.frame_began;
        }
    }

    /// A frame ends.
    pub(super) fn end_frame(&mut self, session: Option<&Session>, paragraphs: usize) {
        let now = Instant::now();
        if !self.has_drawn {
            self.has_drawn = true;
            self.write_at("first_frame", now, json!({}));
        }
        let cpu = (now - self.frame_began).as_secs_f64() * 1000.0;
        self.write_at("frame", now, json!({"cpu_ms": cpu, "paragraphs": paragraphs}));
        if let Some(session) = session {
            self.session_events(session, now);
        }
        // A trace is read while the program runs; a full buffer would hold it back.
        let _ = self.out.flush();
    }

    fn session_events(&mut self, session: &Session, now: Instant) {
        let ms = |since: Instant| (now.max(since) - since).as_secs_f64() * 1000.0;
        let open = session.article();
        let id = open.map(|open| open.article.id().to_string());
        if id != self.article {
            if let (Some(id), Some(open)) = (&id, open) {
                let annotations = session.set().map_or(0, crate::model::AnnotationSet::len);
                let opened = json!({
                    "id": id, "chars": open.chars, "annotations": annotations,
                    "ms": ms(self.opening),
                });
                self.write_at("article_opened", now, opened);
            }
            self.article = id;
            self.edited = None;
        } else if let Some(edited) = self.edited.take_if(|edited| *edited < self.frame_began) {
            self.write_at("edit_painted", now, json!({"ms": ms(edited)}));
        }
        let (count, at) = session.durable();
        if count != self.durable {
            self.durable = count;
            let at = at.unwrap_or(now).max(self.edit_began);
            let took = (at - self.edit_began).as_secs_f64() * 1000.0;
            self.write_at("edit_durable", at, json!({"ms": took}));
        }
    }

    fn write_at(&mut self, event: &str, at: Instant, mut line: Value) {
        line["event"] = json!(event);
        line["at_ms"] = json!((at - self.started).as_secs_f64() * 1000.0);
        // A trace that cannot be written must not disturb what it measures.
        let _ = writeln!(self.out, "{line}");
    }
}
