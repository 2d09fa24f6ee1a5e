//! What a copy of the project lacks. The window stays with the old project, whose folder
//! may come back with all of it, unless somebody wants to go on in the copy.

use super::controls::footer;
use super::frame::{Sheet, room};
use crate::app::request::{Request, Requests};
use crate::app::widgets::small;
use crate::model::AnnotatorName;
use crate::session::{Copied, Missing, Session};
use egui::{Context, ScrollArea};
use std::path::PathBuf;

const WIDTH: f32 = 620.0;
const ROW: f32 = 20.0;

/// The dialog's state.
pub(super) struct State {
    root: PathBuf,
    summary: String,
    lines: Vec<String>,
}

impl State {
    pub(super) fn of(copied: Copied, session: Option<&Session>) -> Self {
        let summary = copied.words();
        let shown = |name: &AnnotatorName| {
            session.map_or_else(|| name.to_string(), |session| session.shown_name(name))
        };
        let line = |missing: &Missing| {
            let words = missing.words(shown);
            // What a file is called may name somebody too.
            session.map_or(words.clone(), |session| session.shown_words(&words))
        };
        let lines = copied.missing.iter().map(line).collect();
        Self { root: copied.root, summary, lines }
    }

    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(&mut self, ctx: &Context, out: &mut Requests) -> bool {
        let shown = Sheet::new("Not everything could be copied", WIDTH).show(ctx, |ui| {
            ui.label(&self.summary);
            ui.label(small(
                ui,
                "This window stays with the old folder and goes on trying to save there; whatever \
                 is not saved yet is in the copy too",
            ));
            ui.add_space(8.0);
            let height = room(ui.ctx(), 220.0);
            ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show_rows(
                ui,
                ROW,
                self.lines.len(),
                |ui, rows| {
                    for line in self.lines.get(rows).into_iter().flatten() {
                        ui.add(egui::Label::new(line).truncate()).on_hover_text(line);
                    }
                },
            );
            footer(ui, "Open the copy", true)
        });
        if shown.inner.is_done {
            out.ask(Request::OpenProject(self.root.clone()));
            return true;
        }
        shown.is_closed || shown.inner.is_cancelled
    }
}
