//! The form of a label.

use super::fields::{fault_ui, form_row, guideline_row, name_rows, part_buttons};
use super::{Form, LabelBrief, Op, attribute};
use crate::app::theme::{LABEL_COLORS, LabelShades, SERIF_SEMIBOLD, Tokens};
use crate::app::widgets::{link, message, named, section_title, small, text_field, words};
use crate::edit::{DraftField, DraftId, Fate, LabelDraft};
use crate::model::Color;
use egui::{
    Align, FontFamily, Layout, Popup, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

/// Draws the form, or what becomes of a label that goes.
pub(super) fn ui(ui: &mut Ui, label: &mut LabelDraft, form: &mut Form<'_>) {
    let at = label.uid;
    if label.fate != Fate::Keep {
        fate_ui(ui, label, form);
        return;
    }
    ui.horizontal(|ui| {
        title_ui(ui, &label.name, "New label");
        let has_origin = label.origin.is_some();
        part_buttons(ui, form, at, Op::DeleteLabel(at), |ui, form| {
            if has_origin {
                merge_ui(ui, at, form);
            }
        });
    });
    ui.push_id(at, |ui| {
        let origin = label.origin.as_ref().map(ToString::to_string);
        name_rows(ui, form, at, origin, &mut label.name, &mut label.id);
        key_ui(ui, label, form);
        color_ui(ui, label, form);
        guideline_row(ui, &mut label.guideline, 4);
    });
    ui.add_space(10.0);
    attributes_ui(ui, label, form);
}

/// The name of a part above its form.
pub(super) fn title_ui(ui: &mut Ui, name: &str, new: &str) {
    let family = FontFamily::Name(SERIF_SEMIBOLD.into());
    let text = if name.trim().is_empty() { new } else { name };
    words(ui, RichText::new(text).family(family).size(17.0));
}

/// What Apply would do to a label that goes, and the way back.
fn fate_ui(ui: &mut Ui, label: &LabelDraft, form: &mut Form<'_>) {
    title_ui(ui, &label.name, "New label");
    let text = match label.fate {
        Fate::Merge(into) => {
            let into = form.label(into).map_or("another label", |into| into.name.as_str());
            format!(
                "Will become {into}: its annotations change their label, and lose the values of \
                 attributes that {into} does not have"
            )
        }
        Fate::Keep | Fate::Delete => {
            "Will be deleted with all of its annotations and their relations".to_owned()
        }
    };
    departure_ui(ui, form, label.uid, &text);
}

/// What happens to a part that goes, what it costs, and the way back.
pub(super) fn departure_ui(ui: &mut Ui, form: &mut Form<'_>, uid: DraftId, text: &str) {
    message(ui, text);
    if let Some(cost) = form.costs.get(&uid) {
        ui.label(RichText::new(cost).color(Tokens::of(ui.ctx()).warning));
    }
    fault_ui(ui, form, uid, DraftField::Fate);
    if link(ui, "Keep it after all").clicked() {
        form.ops.push(Op::SetFate(uid, Fate::Keep));
    }
}

fn merge_ui(ui: &mut Ui, at: DraftId, form: &mut Form<'_>) {
    let others = |label: &&LabelBrief| label.uid != at && label.takes_merges;
    if !form.labels.iter().any(|label| others(&label)) {
        return;
    }
    let response = link(ui, "Merge into…");
    let response = response.on_hover_text("Make its annotations ones of another label");
    let mut chosen = None;
    Popup::menu(&response).show(|ui| {
        ui.set_width(180.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        for label in form.labels.iter().filter(others) {
            if crate::app::widgets::row(ui, 28.0, false, &label.name).clicked() {
                chosen = Some(label.uid);
            }
            paint_name(ui, label);
        }
    });
    if let Some(into) = chosen {
        form.ops.push(Op::SetFate(at, Fate::Merge(into)));
    }
}

/// Colour and name of a label over the row that was just added.
pub(super) fn paint_name(ui: &Ui, label: &LabelBrief) {
    let tokens = Tokens::of(ui.ctx());
    let bottom = ui.cursor().top();
    let rect = Rect::from_min_size(
        egui::pos2(ui.min_rect().left(), bottom - 28.0),
        Vec2::new(ui.min_rect().width(), 28.0),
    );
    let shades = label
        .color
        .map_or_else(|| LabelShades::unknown(tokens), |color| LabelShades::of(color, tokens));
    let swatch = Rect::from_center_size(super::middle_left(rect, 12.0), Vec2::splat(12.0));
    ui.painter().rect_filled(swatch, 3.0, shades.line);
    let font = egui::FontId::proportional(crate::app::theme::sizes::UI_TEXT);
    let at = super::middle_left(rect, 28.0);
    crate::app::widgets::paint_line(ui, at, &label.name, font, tokens.text, rect.width() - 34.0);
}

/// The key: typing another letter replaces the one that is there.
fn key_ui(ui: &mut Ui, label: &mut LabelDraft, form: &Form<'_>) {
    form_row(ui, "Key", |ui| {
        ui.horizontal(|ui| {
            ui.scope(|ui| {
                ui.set_width(48.0);
                let before = label.key.clone();
                if text_field(ui, &mut label.key, "", "Key").changed() {
                    let typed = label.key.trim().to_uppercase();
                    let new = typed.chars().find(|key| !before.contains(*key));
                    let key = new.or_else(|| typed.chars().next());
                    label.key = key.map(String::from).unwrap_or_default();
                }
            });
            if !form.faults.iter().any(|fault| is_key_fault(fault, label.uid)) {
                ui.label(small(ui, "Labels the selected text at once"));
            }
            fault_ui(ui, form, label.uid, DraftField::Key);
        });
    });
}

fn is_key_fault(fault: &crate::edit::DraftFault, uid: DraftId) -> bool {
    fault.at == uid && fault.field == DraftField::Key
}

/// The colours that stay apart for colour-blind readers, and a field for any other.
fn color_ui(ui: &mut Ui, label: &mut LabelDraft, form: &Form<'_>) {
    form_row(ui, "Colour", |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(4.0, 4.0);
            for hex in LABEL_COLORS {
                if swatch_ui(ui, hex, label.color.eq_ignore_ascii_case(hex)) {
                    label.color = hex.to_owned();
                }
            }
        });
        ui.scope(|ui| {
            ui.set_width(110.0);
            text_field(ui, &mut label.color, "#RRGGBB", "Colour as #RRGGBB");
        });
        fault_ui(ui, form, label.uid, DraftField::Color);
    });
}

fn swatch_ui(ui: &mut Ui, hex: &str, is_chosen: bool) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let Some(color) = Color::from_hex(hex) else { return false };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(22.0), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, true, is_chosen, format!("Colour {hex}"))
    });
    let line = LabelShades::of(color, tokens).line;
    ui.painter().rect_filled(rect.shrink(3.0), 4.0, line);
    if is_chosen || response.hovered() || response.has_focus() {
        let color = if response.has_focus() { tokens.accent } else { line };
        let stroke = Stroke::new(1.5, color);
        ui.painter().rect_stroke(rect.shrink(0.5), 6.0, stroke, StrokeKind::Inside);
    }
    response.on_hover_text(hex).clicked()
}

fn attributes_ui(ui: &mut Ui, label: &mut LabelDraft, form: &mut Form<'_>) {
    let at = label.uid;
    ui.horizontal(|ui| {
        section_title(ui, "Attributes");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if named(link(ui, "+ Add"), "Add an attribute").clicked() {
                form.ops.push(Op::AddAttribute(at));
            }
        });
    });
    if label.attributes.is_empty() {
        ui.label(small(ui, "None: annotations of this label are only a span"));
    }
    for attribute in &mut label.attributes {
        attribute::ui(ui, attribute, form);
    }
}
