//! Importing: which files and folders, and how to read them. The work itself goes on in
//! the background, with a card at the lower right (`progress_card`).

use super::controls::{caption, focus_first, footer, verdict};
use super::frame::Sheet;
use super::paths::{expand, shorten};
use super::picker::{Picker, Wanted};
use super::progress_card::Work;
use crate::app::request::{Request, Requests};
use crate::app::theme::Tokens;
use crate::app::widgets::named;
use crate::formats::{FORMATS, Format};
use crate::session::Session;
use crate::session::import::{ImportRequest, Source};
use egui::{Button, ComboBox, Context, Key, KeyboardShortcut, Margin, Modifiers, RichText, Ui};

const WIDTH: f32 = 520.0;

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    is_focused: bool,
    /// One path a line.
    paths: String,
    format: Option<&'static Format>,
    picker: Picker,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        for chosen in self.picker.poll() {
            self.add(&shorten(&chosen));
        }
        let progress = session.and_then(Session::import_progress);
        let shown = Sheet::new("Import articles", WIDTH).show(ctx, |ui| {
            self.paths_ui(ui);
            self.format_ui(ui);
            if let Some(progress) = progress {
                ui.add_space(8.0);
                Work::of_import(progress).ui(ui, out);
            }
            let has_some = self.sources().next().is_some();
            footer(ui, "Import", has_some && progress.is_none())
        });
        if shown.inner.is_done {
            let sources = self.sources().collect();
            let format = self.format;
            out.ask(Request::Import(ImportRequest { sources, format, ..Default::default() }));
            return true;
        }
        shown.is_closed || shown.inner.is_cancelled
    }

    fn add(&mut self, path: &str) {
        if !self.paths.is_empty() && !self.paths.ends_with('\n') {
            self.paths.push('\n');
        }
        self.paths.push_str(path);
    }

    fn sources(&self) -> impl Iterator<Item = Source> {
        let lines = self.paths.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| Source::Path(expand(line)))
    }

    fn paths_ui(&mut self, ui: &mut Ui) {
        caption(ui, "Files and folders, one a line");
        let hint = "~/articles\n~/Downloads/wire.html";
        let hint = RichText::new(hint).color(Tokens::of(ui.ctx()).faint);
        // Enter imports; a further line is begun with Shift.
        let field = egui::TextEdit::multiline(&mut self.paths)
            .hint_text(hint)
            .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter))
            .desired_rows(4)
            .margin(Margin::symmetric(8, 6))
            .desired_width(ui.available_width());
        let field = named(ui.add(field), "Files and folders to import");
        focus_first(&field, &mut self.is_focused);
        let hint = "Files and folders can also be dropped anywhere on the window";
        self.picker.verdict(ui, None, hint);
        ui.horizontal(|ui| {
            if ui.add(Button::new("Browse files…")).clicked() {
                self.picker.ask(ui.ctx(), Wanted::Files, "Files to import", None);
            }
            if ui.add(Button::new("Browse folder…")).clicked() {
                self.picker.ask(ui.ctx(), Wanted::Folder, "Folder to import", None);
            }
        });
    }

    fn format_ui(&mut self, ui: &mut Ui) {
        ui.add_space(4.0);
        caption(ui, "Format");
        let automatic = "Automatic";
        let current = self.format.map_or(automatic, |format| format.name);
        let combo = ComboBox::from_id_salt("format").selected_text(current).width(220.0);
        let shown = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut self.format, None, automatic);
            for format in FORMATS.iter().filter(|format| format.reads.is_some()) {
                ui.selectable_value(&mut self.format, Some(format), format.name);
            }
        });
        named(shown.response, "Format");
        let about = match self.format {
            None => "Each file by its ending and what is in it".to_owned(),
            Some(format) => format!("Kept: {}", format.holds),
        };
        verdict(ui, None, &about);
    }
}
