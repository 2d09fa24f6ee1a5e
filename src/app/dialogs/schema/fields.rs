//! The rows of the editor's forms.

use super::{Form, Op};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, named, small, text_field};
use crate::edit::{DraftField, DraftId};
use egui::{Align, Button, FontId, Layout, Margin, Response, RichText, Sense, TextEdit, Ui, Vec2};

/// The column of captions.
const CAPTION: f32 = 92.0;
/// The height of a row with one control.
const HEIGHT: f32 = 28.0;

/// A row: a caption in a column of its own, controls beside it.
pub(super) fn form_row<R>(ui: &mut Ui, caption: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::new(CAPTION, HEIGHT), Sense::hover());
        let color = Tokens::of(ui.ctx()).muted;
        let font = FontId::proportional(sizes::UI_TEXT);
        crate::app::widgets::paint_line(ui, rect.left_center(), caption, font, color, CAPTION);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            control(ui)
        })
        .inner
    })
    .inner
}

/// A field with its caption and, below it, what is wrong with it.
pub(super) fn text_row(
    ui: &mut Ui,
    form: &Form<'_>,
    (at, field): (DraftId, DraftField),
    caption: &str,
    text: &mut String,
    hint: &str,
) -> Response {
    form_row(ui, caption, |ui| {
        let response = text_field(ui, text, hint, caption);
        fault_ui(ui, form, at, field);
        response
    })
}

/// The name of a part and its id, which follows the name as long as nobody has given
/// the part another one. `origin` is the id that the schema has.
pub(super) fn name_rows(
    ui: &mut Ui,
    form: &mut Form<'_>,
    at: DraftId,
    origin: Option<String>,
    name: &mut String,
    id: &mut String,
) {
    let follows = origin.is_none() && *id == crate::edit::id_from_name(name);
    let response =
        text_row(ui, form, (at, DraftField::Name), "Name", name, "As the window shows it");
    form.takes_focus(at, &response);
    if response.changed() && follows {
        *id = crate::edit::id_from_name(name);
    }
    text_row(ui, form, (at, DraftField::Id), "Id", id, "As files and exports name it");
    if let Some(origin) = origin.filter(|origin| origin != id) {
        form_row(ui, "", |ui| {
            ui.label(small(ui, format!("Was {origin}; annotations follow")));
        });
    }
}

/// Lines of text.
pub(super) fn guideline_row(ui: &mut Ui, text: &mut String, rows: usize) {
    form_row(ui, "Guideline", |ui| {
        let hint =
            RichText::new("How to decide, with an example").color(Tokens::of(ui.ctx()).faint);
        let edit = TextEdit::multiline(text)
            .hint_text(hint)
            .margin(Margin::symmetric(8, 6))
            .desired_rows(rows)
            .desired_width(ui.available_width());
        named(ui.add(edit), "Guideline");
    });
}

/// What is wrong with a field, if anything is.
pub(super) fn fault_ui(ui: &mut Ui, form: &Form<'_>, at: DraftId, field: DraftField) {
    let wrong = form.faults.iter().find(|fault| fault.at == at && fault.field == field);
    if let Some(fault) = wrong {
        let warning = Tokens::of(ui.ctx()).warning;
        ui.label(RichText::new(&fault.text).size(sizes::SMALL_TEXT).color(warning));
    }
}

/// The buttons at the right of a part's title: its place among the others, and what
/// `more` adds.
pub(super) fn part_buttons(
    ui: &mut Ui,
    form: &mut Form<'_>,
    at: DraftId,
    delete: Op,
    more: impl FnOnce(&mut Ui, &mut Form<'_>),
) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        if link(ui, "Delete").clicked() {
            form.ops.push(delete);
        }
        more(ui, form);
        ui.spacing_mut().item_spacing.x = 2.0;
        for (sign, name, is_up) in [("↓", "Move down", false), ("↑", "Move up", true)] {
            let button = Button::new(sign).frame_when_inactive(false).min_size(Vec2::splat(24.0));
            if named(ui.add(button), name).on_hover_text(name).clicked() {
                form.ops.push(Op::Move(at, is_up));
            }
        }
    });
}

/// A small cross that takes something away.
pub(super) fn cross(ui: &mut Ui, name: &str) -> bool {
    let text = RichText::new("×").color(Tokens::of(ui.ctx()).muted);
    let button = Button::new(text).frame_when_inactive(false).min_size(Vec2::splat(22.0));
    named(ui.add(button), name).on_hover_text(name).clicked()
}
