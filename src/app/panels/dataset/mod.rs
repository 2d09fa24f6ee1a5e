//! Dataset mode: what to export and how at the left, what comes of it in the middle.
//!
//! Every choice is rehearsed at once, in the background: the numbers, the losses and the
//! first record are those of the export that the button would write. `choices` is the
//! form, `tokenizer` a field of it, `findings` what a rehearsal found, `chart` its pictures,
//! `losses` what the format cannot hold, `written` what an export has written, `place`
//! whether something stands where it is to go.

mod chart;
mod choices;
mod findings;
mod losses;
mod place;
mod tokenizer;
mod written;

use crate::app::dialogs::Picker;
use crate::app::request::{Request, Requests};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{hairline, primary_button, progress_bar, section_title, small};
use crate::app::wording::{count, counted};
use crate::session::export::ExportProgress;
use crate::session::{SaveState, Session};
use choices::Choices;
use egui::{Frame, Margin, ScrollArea, Ui};
use findings::Opened;
use place::Taken;
use std::path::PathBuf;
use tokenizer::TokenizerField;

/// Seconds that choices rest before they are rehearsed.
const REST: f64 = 0.25;

/// The least height of the form, however low the window is.
const LEAST_FORM: f32 = 120.0;

/// What the mode keeps from frame to frame.
#[derive(Default)]
pub struct State {
    choices: Option<Choices>,
    /// What was rehearsed last: the choices, and the state of the project.
    rehearsed: Option<(Choices, u64)>,
    /// When the choices last became others.
    changed: f64,
    opened: Opened,
    /// The height of what stands below the form, as it was drawn last.
    foot: f32,
    picker: Picker,
    tokenizer: TokenizerField,
    taken: Taken,
}

impl State {
    /// Draws the form at the left.
    pub fn choices_ui(&mut self, ui: &mut Ui, session: &mut Session, out: &mut Requests) {
        let choices = self.choices.get_or_insert_with(|| Choices::new(session));
        let before = choices.clone();
        // The button stands below the form, and in a low window at its foot.
        let room = (ui.available_height() - self.foot).max(LEAST_FORM);
        let between = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        ScrollArea::vertical().auto_shrink([false, true]).max_height(room).show(ui, |ui| {
            margin([12, 10]).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = between;
                section_title(ui, "Export");
                ui.add_space(4.0);
                choices.ui(ui, session, &mut self.tokenizer);
            });
        });
        let foot = margin([0, 12]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = between;
            hairline(ui);
            ui.add_space(8.0);
            choices.place_ui(ui, session, &mut self.picker);
            ui.add_space(8.0);
            if let Some(free) = export_ui(ui, choices, session, &mut self.taken, out) {
                choices.put(&free);
            }
        });
        let height = foot.response.rect.height();
        if (height - self.foot).abs() > 0.5 {
            self.foot = height;
            ui.ctx().request_repaint();
        }
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

/// What is free around a part of the form: above and below it, and at its sides.
fn margin([top, bottom]: [i8; 2]) -> Frame {
    let side = sizes::PANEL_MARGIN as i8;
    Frame::new().inner_margin(Margin { left: side, right: side, top, bottom })
}

/// Draws the button, or how far the export has come; gives back another place where that is
/// taken instead of one with something in it.
fn export_ui(
    ui: &mut Ui,
    choices: &Choices,
    session: &Session,
    taken: &mut Taken,
    out: &mut Requests,
) -> Option<PathBuf> {
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
        return None;
    }
    let request = choices.request(session);
    let articles: usize = session
        .rehearsal()
        .map_or(0, |found| found.report.splits.iter().map(|split| split.articles).sum());
    let text = match articles {
        0 => "Export".to_owned(),
        articles => format!("Export {}", counted(articles, "article", "articles")),
    };
    let place = choices.out(session);
    let last = session.exported().map(|made| made.request.out.as_path());
    let free = taken.instead_of(ui, &place, choices.ending(), last);
    let fault = match &request {
        Err(fault) => Some(fault.clone()),
        Ok(_) if free.is_some() => {
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
    ui.add_space(2.0);
    // What is in the way is no trouble where it is what was just written.
    let is_own = last == Some(place.as_path());
    let words = match fault {
        Some(fault) if is_own => small(ui, fault),
        Some(fault) => {
            let color = Tokens::of(ui.ctx()).warning;
            egui::RichText::new(fault).size(sizes::SMALL_TEXT).color(color)
        }
        None => small(ui, "Read back and compared before it is moved into place"),
    };
    ui.add(egui::Label::new(words).wrap());
    let free = free?;
    let name = free.file_name().unwrap_or_default().to_string_lossy();
    crate::app::widgets::link(ui, &format!("Call it {name}")).clicked().then_some(free)
}
