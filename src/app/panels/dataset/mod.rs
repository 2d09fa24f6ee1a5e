//! Dataset mode: what to export and how at the left, what comes of it in the middle.
//!
//! Every choice is rehearsed at once, in the background: the numbers, the losses and the
//! first record are those of the export that the button would write. `choices` is the
//! form, `tokenizer` a field of it, `findings` what a rehearsal found, `chart` its pictures,
//! `losses` what the format cannot hold, `written` what an export has written.

mod chart;
mod choices;
mod findings;
mod losses;
mod tokenizer;
mod written;

use crate::app::dialogs::{Picker, Waiting};
use crate::app::request::{Request, Requests};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{hairline, primary_button, progress_bar, section_title, small};
use crate::app::wording::{count, counted};
use crate::session::export::ExportProgress;
use crate::session::{SaveState, Session};
use choices::Choices;
use egui::{Frame, Margin, ScrollArea, Ui};
use findings::Opened;
use std::path::{Path, PathBuf};
use tokenizer::TokenizerField;

/// Seconds that choices rest before they are rehearsed.
const REST: f64 = 0.25;

/// What the mode keeps from frame to frame.
#[derive(Default)]
pub struct State {
    choices: Option<Choices>,
    /// What was rehearsed last: the choices, and the state of the project.
    rehearsed: Option<(Choices, u64)>,
    /// When the choices last became others.
    changed: f64,
    opened: Opened,
    picker: Picker,
    tokenizer: TokenizerField,
    taken: Taken,
}

/// Whether something stands where the dataset is to go. That is looked at on a thread of
/// its own: a share that is dead may take minutes to answer.
#[derive(Default)]
struct Taken {
    /// The place, and whether an export has ended since.
    asked: Option<(PathBuf, bool)>,
    looking: Option<Waiting<bool>>,
    is_taken: bool,
}

impl Taken {
    /// What is known of a place; it is free until the look at it has ended.
    fn is(&mut self, ui: &Ui, place: &Path, has_exported: bool) -> bool {
        let asked = (place.to_owned(), has_exported);
        if self.asked.as_ref() != Some(&asked) {
            self.asked = Some(asked);
            self.is_taken = false;
            let place = place.to_owned();
            let look = move || place.symlink_metadata().is_ok();
            self.looking = Some(Waiting::start(ui.ctx(), look));
        }
        if let Some(Ok(found)) = self.looking.as_ref().map(Waiting::poll) {
            self.is_taken = found.unwrap_or(false);
            self.looking = None;
        }
        self.is_taken
    }
}

impl State {
    /// Draws the form at the left.
    pub fn choices_ui(&mut self, ui: &mut Ui, session: &mut Session, out: &mut Requests) {
        let choices = self.choices.get_or_insert_with(|| Choices::new(session));
        let before = choices.clone();
        let margin = Margin::symmetric(sizes::PANEL_MARGIN as i8, 12);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                section_title(ui, "Export");
                ui.add_space(4.0);
                choices.ui(ui, session, &mut self.tokenizer);
                ui.add_space(10.0);
                hairline(ui);
                ui.add_space(8.0);
                choices.place_ui(ui, session, &mut self.picker);
                ui.add_space(8.0);
                export_ui(ui, choices, session, &mut self.taken, out);
            });
        });
        if *choices != before {
            self.changed = ui.input(|input| input.time);
            self.opened.rehearsed = None;
        }
        self.rehearse(ui, session, out);
    }

    /// Asks for a rehearsal of what was chosen, when that rests and all is on disk.
    fn rehearse(&mut self, ui: &Ui, session: &Session, out: &mut Requests) {
        let Some(choices) = &self.choices else { return };
        let wanted = (choices.without_place(), session.revision());
        if self.rehearsed.as_ref() == Some(&wanted) || session.save_state() != SaveState::Saved {
            return;
        }
        let rests = ui.input(|input| input.time) - self.changed;
        if rests < REST {
            ui.ctx().request_repaint_after_secs((REST - rests) as f32);
            return;
        }
        if let Ok(request) = choices.request(session) {
            out.ask(Request::Rehearse(Box::new(request)));
            self.rehearsed = Some(wanted);
        }
    }

    /// Draws what the choices come to.
    pub fn findings_ui(&mut self, ui: &mut Ui, session: &Session) {
        let Some(choices) = &self.choices else { return };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(36, 26)).show(ui, |ui| {
                findings::ui(ui, session, choices, &mut self.opened);
            });
        });
    }
}

/// The button, or how far the export has come.
fn export_ui(
    ui: &mut Ui,
    choices: &Choices,
    session: &Session,
    taken: &mut Taken,
    out: &mut Requests,
) {
    if let Some(ExportProgress { done, total }) = session.export_progress() {
        let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
        let words = match total {
            0 => "Looking at the articles…".to_owned(),
            _ => format!("Writing {} of {}", count(done), counted(total, "article", "articles")),
        };
        ui.label(small(ui, words));
        progress_bar(ui, share);
        if crate::app::widgets::link(ui, "Cancel export").clicked() {
            out.ask(Request::CancelExport);
        }
        return;
    }
    let request = choices.request(session);
    let articles: usize = session
        .rehearsal()
        .map_or(0, |found| found.report.splits.iter().map(|split| split.articles).sum());
    let text = format!("Export {}", counted(articles, "article", "articles"));
    let fault = match &request {
        Err(fault) => Some(fault.clone()),
        Ok(request) if taken.is(ui, &request.out, session.exported().is_some()) => {
            Some("There is something of that name; choose another one".to_owned())
        }
        Ok(_) => None,
    };
    let is_enabled = fault.is_none() && articles > 0;
    if primary_button(ui, &text, is_enabled).clicked()
        && let Ok(request) = request
    {
        out.ask(Request::Export(Box::new(request)));
    }
    let hint = "Read back and compared before it is moved into place";
    ui.add_space(2.0);
    let words = match &fault {
        Some(fault) => {
            let color = Tokens::of(ui.ctx()).warning;
            egui::RichText::new(fault).size(sizes::SMALL_TEXT).color(color)
        }
        None => small(ui, hint),
    };
    ui.add(egui::Label::new(words).wrap());
}
