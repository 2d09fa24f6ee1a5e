//! The open cases that are exactly like the selected one, to be looked at before they are
//! decided with it.

use crate::app::request::Requests;
use crate::app::theme::Tokens;
use crate::app::widgets::{message, paint_line, row, small};
use crate::app::wording::counted;
use crate::session::review::{CaseKey, DocketEntry, ReviewAction};
use crate::session::{Action, Session};
use egui::{FontId, Pos2, RichText, ScrollArea, Ui};

/// The height of a row in points.
const ROW: f32 = 26.0;
/// The most that the list takes.
const MOST: f32 = 170.0;

/// The case and all that are like it.
pub(super) fn keys(session: &Session, key: &CaseKey) -> Vec<CaseKey> {
    let alike = session.docket().alike(key).into_iter().map(|entry| entry.key.clone());
    std::iter::once(key.clone()).chain(alike).collect()
}

/// Draws the list.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    selected: &super::Selected<'_>,
    out: &mut Requests,
) {
    let alike = session.docket().alike(selected.key);
    let count = counted(alike.len(), "more case", "more cases");
    let words = format!("The next decision is for this case and for {count}; Esc goes back");
    message(ui, RichText::new(words).color(Tokens::of(ui.ctx()).accent));
    let list = ScrollArea::vertical().id_salt("alike").max_height(MOST);
    ui.spacing_mut().item_spacing.y = 0.0;
    list.show_rows(ui, ROW, alike.len(), |ui, range| {
        for entry in alike.get(range).unwrap_or_default() {
            entry_ui(ui, entry, out);
        }
    });
    if alike.is_empty() {
        ui.label(small(ui, "None is left"));
    }
}

/// One case, which opens when it is pressed.
fn entry_ui(ui: &mut Ui, entry: &DocketEntry, out: &mut Requests) {
    let tokens = Tokens::of(ui.ctx());
    let text = format!("“{}”", entry.text.trim());
    let response = row(ui, ROW, false, &format!("{text} in {}", entry.key.article));
    let rect = response.rect;
    let font = FontId::proportional(crate::app::theme::sizes::UI_TEXT);
    let at = Pos2::new(rect.left() + 6.0, rect.center().y);
    let end = paint_line(ui, at, &text, font.clone(), tokens.text, rect.width() * 0.6);
    let at = Pos2::new(end + 12.0, rect.center().y);
    let words = format!("{} · {}", entry.key.article, entry.around);
    paint_line(ui, at, &words, font, tokens.muted, rect.right() - at.x);
    if response.on_hover_text("Go there").clicked() {
        out.act(Action::Review(ReviewAction::Select(Some(entry.key.clone()))));
    }
}
