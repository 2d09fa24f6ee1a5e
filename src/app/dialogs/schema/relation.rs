//! The form of a relation type.

use super::fields::{cross, form_row, guideline_row, name_rows, part_buttons};
use super::label::{departure_ui, paint_name, title_ui};
use super::{Form, Op};
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{check_box, link, muted, named, row, small};
use crate::edit::{DraftId, Fate, RelationDraft};
use egui::{Frame, Margin, Popup, PopupCloseBehavior, RichText, Ui, Vec2};

/// Draws the form. `is_lost` says that the type goes with the labels it needs.
pub(super) fn ui(ui: &mut Ui, relation: &mut RelationDraft, is_lost: bool, form: &mut Form<'_>) {
    let at = relation.uid;
    if relation.fate != Fate::Keep {
        title_ui(ui, &relation.name, "New relation type");
        departure_ui(ui, form, at, "Will be deleted with all of its relations");
        return;
    }
    ui.horizontal(|ui| {
        title_ui(ui, &relation.name, "New relation type");
        part_buttons(ui, form, at, Op::DeleteRelation(at), |_, _| {});
    });
    if is_lost {
        let warning = Tokens::of(ui.ctx()).warning;
        let text = "Goes with the labels that are deleted: nothing is left for it to link";
        ui.label(RichText::new(text).color(warning));
    }
    ui.push_id(at, |ui| {
        let origin = relation.origin.as_ref().map(ToString::to_string);
        name_rows(ui, form, at, origin, &mut relation.name, &mut relation.id);
        ends_ui(ui, "From", &mut relation.from, form);
        ends_ui(ui, "To", &mut relation.to, form);
        form_row(ui, "", |ui| {
            check_box(ui, &mut relation.required, "Required").on_hover_text(
                "Annotations of the labels it starts at, without one, are among the things to check",
            );
        });
        guideline_row(ui, &mut relation.guideline, 4);
    });
}

/// The labels at one end, each of which can be taken away.
fn ends_ui(ui: &mut Ui, caption: &str, ends: &mut Vec<DraftId>, form: &Form<'_>) {
    form_row(ui, caption, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.set_min_height(28.0);
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 4.0);
            if ends.is_empty() {
                ui.label(muted(ui, "Any label"));
            }
            let mut gone = None;
            for end in ends.iter() {
                if chip_ui(ui, *end, form) {
                    gone = Some(*end);
                }
            }
            ends.retain(|end| Some(*end) != gone);
            add_ui(ui, caption, ends, form);
        });
    });
}

/// A label as a chip; true when it is to go.
fn chip_ui(ui: &mut Ui, uid: DraftId, form: &Form<'_>) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let Some(label) = form.label(uid) else { return false };
    let shades = label
        .color
        .filter(|_| label.is_kept)
        .map_or_else(|| LabelShades::unknown(tokens), |color| LabelShades::of(color, tokens));
    let margin = Margin { left: 9, right: 0, top: 0, bottom: 0 };
    let frame = Frame::new().fill(shades.fill).corner_radius(11).inner_margin(margin);
    frame
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let mut text = RichText::new(&label.name).size(sizes::SMALL_TEXT).color(tokens.text);
            if !label.is_kept {
                text = text.strikethrough();
            }
            ui.label(text);
            cross(ui, &format!("Remove {}", label.name))
        })
        .inner
}

/// The menu of the labels that can be added; it stays open, because several may be.
fn add_ui(ui: &mut Ui, caption: &str, ends: &mut Vec<DraftId>, form: &Form<'_>) {
    let free = form.labels.iter().filter(|label| label.is_kept && !ends.contains(&label.uid));
    let free: Vec<_> = free.collect();
    if free.is_empty() {
        return;
    }
    let response = named(link(ui, "+ Add"), &format!("Add a label to {caption}"));
    let mut added = None;
    Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(180.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        for label in free {
            if row(ui, 28.0, false, &label.name).clicked() {
                added = Some(label.uid);
            }
            paint_name(ui, label);
        }
        if ends.is_empty() {
            ui.label(small(ui, "Without any, every label is admitted"));
        }
    });
    ends.extend(added);
}
