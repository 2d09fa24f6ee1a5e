//! The form of an attribute, folded into one line until it is needed.

use super::fields::{cross, fault_ui, form_row, guideline_row, name_rows, part_buttons};
use super::label::departure_ui;
use super::{Form, Op};
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{check_box, hairline, link, paint_line, row, small, text_field};
use crate::edit::{AttributeDraft, ChoiceDraft, DraftField, Fate, KindName};
use egui::{Align, ComboBox, FontId, Frame, Key, Layout, Margin, Pos2, Shape, Ui, Vec2};

/// The width of a choice's field.
const CHOICE: f32 = 118.0;
/// The cross beside it, and the gap to the next one.
const CROSS: f32 = 28.0;

/// Draws the line and, where it is unfolded, the form.
pub(super) fn ui(ui: &mut Ui, attribute: &mut AttributeDraft, form: &mut Form<'_>) {
    let is_open = form.unfolded == Some(attribute.uid);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        hairline(ui);
        line_ui(ui, attribute, is_open, form);
    });
    if !is_open {
        return;
    }
    let margin = Margin { left: 18, right: 0, top: 0, bottom: 12 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        if attribute.fate == Fate::Keep {
            ui.push_id(attribute.uid, |ui| form_ui(ui, attribute, form));
        } else {
            departure_ui(ui, form, attribute.uid, "Will be deleted with all of its values");
        }
    });
}

fn line_ui(ui: &mut Ui, attribute: &AttributeDraft, is_open: bool, form: &mut Form<'_>) {
    let tokens = Tokens::of(ui.ctx());
    let name = if attribute.name.is_empty() { "New attribute" } else { &attribute.name };
    let state = if is_open { "unfolded" } else { "folded" };
    let response = row(ui, 32.0, false, &format!("{name}, {state}"));
    let rect = response.rect;
    let at = Pos2::new(rect.left() + 6.0, rect.center().y);
    ui.painter().add(arrow(at, is_open, tokens.muted));
    let is_kept = attribute.fate == Fate::Keep;
    let color = if is_kept { tokens.text } else { tokens.muted };
    let font = FontId::proportional(sizes::UI_TEXT);
    let at = Pos2::new(rect.left() + 18.0, rect.center().y);
    let end = paint_line(ui, at, name, font, color, 180.0);
    if !is_kept {
        ui.painter().hline(at.x..=end, at.y + 1.0, egui::Stroke::new(1.0, tokens.muted));
    }
    let at = Pos2::new((end + 14.0).max(rect.left() + 128.0), rect.center().y);
    let has_fault = form.faults.iter().any(|fault| fault.at == attribute.uid);
    let color = if has_fault { tokens.warning } else { tokens.muted };
    let font = FontId::proportional(sizes::SMALL_TEXT);
    paint_line(ui, at, &summary(attribute), font, color, rect.right() - at.x - 8.0);
    if response.clicked() {
        form.ops.push(Op::Unfold((!is_open).then_some(attribute.uid)));
    }
}

/// A small triangle: to the right when folded, down when unfolded.
fn arrow(center: Pos2, is_open: bool, color: egui::Color32) -> Shape {
    let corners = if is_open {
        [(-3.5, -2.0), (3.5, -2.0), (0.0, 2.5)]
    } else {
        [(-2.0, -3.5), (2.5, 0.0), (-2.0, 3.5)]
    };
    let corners = corners.iter().map(|(x, y)| center + Vec2::new(*x, *y)).collect();
    Shape::convex_polygon(corners, color, egui::Stroke::NONE)
}

/// `One choice: killed, injured · required`.
fn summary(attribute: &AttributeDraft) -> String {
    let mut text = attribute.kind.name().to_owned();
    if attribute.kind.has_choices() && !attribute.choices.is_empty() {
        let choices: Vec<_> =
            attribute.choices.iter().map(|choice| choice.text.replace('_', " ")).collect();
        text = format!("{text}: {}", choices.join(", "));
    }
    if attribute.required {
        text.insert_str(0, "Required · ");
    }
    text
}

fn form_ui(ui: &mut Ui, attribute: &mut AttributeDraft, form: &mut Form<'_>) {
    let at = attribute.uid;
    ui.horizontal(|ui| {
        part_buttons(ui, form, at, Op::SetFate(at, Fate::Delete), |_, _| {});
    });
    let origin = attribute.origin.as_ref().map(ToString::to_string);
    name_rows(ui, form, at, origin, &mut attribute.name, &mut attribute.id);
    kind_ui(ui, attribute);
    if attribute.kind.has_choices() {
        choices_ui(ui, attribute, form);
    }
    if attribute.kind.has_range() {
        range_ui(ui, attribute, form);
    }
    form_row(ui, "", |ui| {
        check_box(ui, &mut attribute.required, "Required")
            .on_hover_text("Annotations without it are among the things to check");
    });
    guideline_row(ui, &mut attribute.guideline, 2);
}

fn kind_ui(ui: &mut Ui, attribute: &mut AttributeDraft) {
    form_row(ui, "Kind", |ui| {
        let combo = ComboBox::from_id_salt("kind")
            .width(180.0)
            .selected_text(attribute.kind.name())
            .show_ui(ui, |ui| {
                for kind in KindName::ALL {
                    ui.selectable_value(&mut attribute.kind, kind, kind.name());
                }
            });
        crate::app::widgets::named(combo.response, "Kind");
    });
}

/// A field for each choice; Enter goes on to a new one.
fn choices_ui(ui: &mut Ui, attribute: &mut AttributeDraft, form: &mut Form<'_>) {
    let at = attribute.uid;
    let mut gone = None;
    let mut wants_more = false;
    form_row(ui, "Choices", |ui| {
        let in_a_row = (ui.available_width() / (CHOICE + CROSS)).floor().max(1.0) as usize;
        for row in attribute.choices.chunks_mut(in_a_row) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                for choice in row {
                    let (is_entered, is_gone) = choice_ui(ui, choice, form);
                    wants_more |= is_entered;
                    gone = gone.or(is_gone.then_some(choice.uid));
                }
            });
        }
        wants_more |= link(ui, "+ Add a choice").clicked();
        fault_ui(ui, form, at, DraftField::Choices);
    });
    attribute.choices.retain(|choice| Some(choice.uid) != gone);
    if wants_more {
        form.ops.push(Op::AddChoice(at));
    }
}

/// A choice's field and the cross that takes it away; whether Enter was pressed in the
/// one, and whether the other was.
fn choice_ui(ui: &mut Ui, choice: &mut ChoiceDraft, form: &mut Form<'_>) -> (bool, bool) {
    ui.push_id(choice.uid, |ui| {
        let name = format!("Choice {}", choice.text);
        let layout = Layout::left_to_right(Align::Center);
        let response = ui
            .allocate_ui_with_layout(Vec2::new(CHOICE, 28.0), layout, |ui| {
                text_field(ui, &mut choice.text, "Choice", &name)
            })
            .inner;
        form.takes_focus(choice.uid, &response);
        let is_enter = ui.input(|input| input.key_pressed(Key::Enter));
        let is_gone = cross(ui, &format!("Remove {}", choice.text));
        ui.add_space(CROSS - 22.0);
        (response.lost_focus() && is_enter, is_gone)
    })
    .inner
}

fn range_ui(ui: &mut Ui, attribute: &mut AttributeDraft, form: &Form<'_>) {
    form_row(ui, "Range", |ui| {
        ui.horizontal(|ui| {
            ui.allocate_ui(Vec2::new(92.0, 26.0), |ui| {
                text_field(ui, &mut attribute.min, "no limit", "Least");
            });
            ui.label(small(ui, "to"));
            ui.allocate_ui(Vec2::new(92.0, 26.0), |ui| {
                text_field(ui, &mut attribute.max, "no limit", "Greatest");
            });
        });
        fault_ui(ui, form, attribute.uid, DraftField::Range);
    });
}
