//! Text from the clipboard as an article.
//!
//! "Paste as article" imports the text at once. Ctrl+V where no text field takes it may
//! be a slip, so the text is shown first and Enter imports it.

use super::controls::footer;
use super::frame::Sheet;
use crate::app::request::{Request, Requests};
use crate::app::theme::Tokens;
use crate::app::widgets::{quoted, small, words};
use crate::app::wording::counted;
use crate::session::Notice;
use crate::session::import::{ImportRequest, Source};
use egui::{Context, Event, Frame, Margin, Ui};

/// Seconds after which a clipboard that was asked for is taken to be empty.
const PATIENCE: f64 = 0.6;
/// The characters that the preview shows.
const PREVIEW: usize = 420;

/// Whether the next text that is pasted was asked for.
#[derive(Default)]
pub(super) enum Expected {
    /// It was not.
    #[default]
    No,
    /// It was, just now.
    Asked,
    /// It was, at this time.
    Since(f64),
}

/// Takes a pasted text: one that was asked for is imported, another one is offered.
pub(super) fn take(
    ui: &Ui,
    expected: &mut Expected,
    may_offer: bool,
    out: &mut Requests,
) -> Option<State> {
    let is_expected = !matches!(expected, Expected::No);
    if !is_expected && (!may_offer || ui.ctx().text_edit_focused()) {
        return None;
    }
    let pasted = ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Paste(text) => Some(Some(text.clone())),
            Event::PasteImage(_) => Some(None),
            _ => None,
        })
    });
    match pasted {
        None => {
            wait(ui, expected, out);
            return None;
        }
        Some(text) => {
            *expected = Expected::No;
            let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
                tell(out, "There is no text on the clipboard");
                return None;
            };
            if !is_expected {
                return Some(State::of(text));
            }
            import(text, out);
        }
    }
    None
}

/// Nothing has come yet; after a while nothing will.
fn wait(ui: &Ui, expected: &mut Expected, out: &mut Requests) {
    let now = ui.input(|input| input.time);
    match expected {
        Expected::No => {}
        Expected::Asked => {
            *expected = Expected::Since(now);
            ui.ctx().request_repaint_after_secs(PATIENCE as f32 + 0.05);
        }
        Expected::Since(since) if now - *since > PATIENCE => {
            *expected = Expected::No;
            tell(out, "There is no text on the clipboard");
        }
        Expected::Since(_) => {}
    }
}

fn tell(out: &mut Requests, text: &str) {
    out.ask(Request::Tell(Notice::info(text)));
}

fn import(text: String, out: &mut Requests) {
    let source = Source::Text { name: "Pasted text".to_owned(), text };
    out.ask(Request::Import(ImportRequest { sources: vec![source], ..ImportRequest::default() }));
}

/// A pasted text that is offered.
pub(super) struct State {
    text: String,
    preview: String,
    chars: usize,
}

impl State {
    fn of(text: String) -> Self {
        let mut preview: String = text.trim().chars().take(PREVIEW).collect();
        let chars = text.chars().count();
        if chars > PREVIEW {
            preview.push('…');
        }
        Self { text, preview, chars }
    }

    /// Draws the offer; true when it is to be closed.
    pub(super) fn ui(&mut self, ctx: &Context, out: &mut Requests) -> bool {
        let shown = Sheet::new("Import the pasted text?", 480.0).show(ctx, |ui| {
            let tokens = Tokens::of(ui.ctx());
            let frame = Frame::new().fill(tokens.panel).corner_radius(8);
            frame.inner_margin(Margin::symmetric(16, 14)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                words(ui, quoted(&self.preview, 15.0));
            });
            ui.add_space(4.0);
            ui.label(small(ui, counted(self.chars, "character", "characters")));
            footer(ui, "Import", true)
        });
        if shown.inner.is_done {
            import(std::mem::take(&mut self.text), out);
        }
        shown.is_closed || shown.inner != super::controls::Footer::default()
    }
}
