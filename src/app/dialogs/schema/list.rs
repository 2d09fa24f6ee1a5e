//! The list of labels and relation types.

use super::{Form, Op, middle_left};
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{link, named, paint_key, paint_line, row, section_title};
use crate::edit::{DraftId, Fate, LabelDraft, RelationDraft, SchemaDraft};
use crate::model::Color;
use egui::{Align, FontId, Frame, Layout, Margin, Pos2, Rect, ScrollArea, Stroke, Ui, Vec2};

/// Draws the list.
pub(super) fn ui(ui: &mut Ui, draft: &SchemaDraft, shown: Option<DraftId>, form: &mut Form<'_>) {
    ScrollArea::vertical().id_salt("schema parts").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(14.0);
        title_ui(ui, "Labels", "Add a label", Op::AddLabel, form);
        for label in &draft.labels {
            if label_ui(ui, label, shown == Some(label.uid), form) {
                form.ops.push(Op::Show(label.uid));
            }
        }
        ui.add_space(18.0);
        title_ui(ui, "Relation types", "Add a relation type", Op::AddRelation, form);
        for relation in &draft.relations {
            if relation_ui(ui, draft, relation, shown == Some(relation.uid), form) {
                form.ops.push(Op::Show(relation.uid));
            }
        }
        ui.add_space(14.0);
    });
}

fn title_ui(ui: &mut Ui, title: &str, add: &str, op: Op, form: &mut Form<'_>) {
    let margin = Margin { left: 24, right: 14, top: 0, bottom: 4 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.horizontal(|ui| {
            section_title(ui, title);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if named(link(ui, "+ Add"), add).on_hover_text(add).clicked() {
                    form.ops.push(op);
                }
            });
        });
    });
}

fn label_ui(ui: &mut Ui, label: &LabelDraft, is_shown: bool, form: &Form<'_>) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let name = if label.name.is_empty() { "New label" } else { &label.name };
    let response = row(ui, sizes::ROW, is_shown, name);
    let rect = response.rect.shrink2(Vec2::new(14.0, 0.0));
    let color = Color::from_hex(&label.color);
    let shades =
        color.map_or_else(|| LabelShades::unknown(tokens), |color| LabelShades::of(color, tokens));
    let swatch = Rect::from_center_size(middle_left(rect, 16.0), Vec2::splat(12.0));
    let is_kept = label.fate == Fate::Keep;
    ui.painter().rect_filled(swatch, 3.0, if is_kept { shades.line } else { tokens.faint });
    let mut right = rect.right();
    if is_kept && !label.key.trim().is_empty() {
        right = paint_key(ui, rect.right_center(), &label.key.trim().to_uppercase()) - 8.0;
    }
    right = fault_dot(ui, rect, right, label.uid, form);
    let is_typed = is_kept && !label.name.is_empty();
    name_ui(ui, middle_left(rect, 32.0), name, right, (is_typed, is_kept));
    response.clicked()
}

fn relation_ui(
    ui: &mut Ui,
    draft: &SchemaDraft,
    relation: &RelationDraft,
    is_shown: bool,
    form: &Form<'_>,
) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let name = if relation.name.is_empty() { "New relation type" } else { &relation.name };
    let response = row(ui, sizes::ROW, is_shown, name);
    let rect = response.rect.shrink2(Vec2::new(14.0, 0.0));
    let is_kept = relation.fate == Fate::Keep && !draft.goes_with_labels(relation);
    let right = fault_dot(ui, rect, rect.right(), relation.uid, form);
    let is_typed = is_kept && !relation.name.is_empty();
    let left = middle_left(rect, 10.0);
    let end = name_ui(ui, left, name, right, (is_typed, is_kept));
    if is_kept {
        let ends = [&relation.from, &relation.to].map(|ends| names(draft, ends)).join(" → ");
        let font = FontId::proportional(sizes::SMALL_TEXT);
        let at = Pos2::new(end + 10.0, rect.center().y);
        paint_line(ui, at, &ends.to_lowercase(), font, tokens.muted, right - at.x);
    }
    response.clicked()
}

/// The name of a part: new ones are faint, those that go are struck out.
fn name_ui(ui: &Ui, at: Pos2, name: &str, right: f32, (is_typed, is_kept): (bool, bool)) -> f32 {
    let tokens = Tokens::of(ui.ctx());
    let color = if is_typed { tokens.text } else { tokens.muted };
    let font = FontId::proportional(sizes::UI_TEXT);
    let end = paint_line(ui, at, name, font, color, right - at.x);
    if !is_kept {
        let stroke = Stroke::new(1.0, tokens.muted);
        ui.painter().hline(at.x..=end, at.y + 1.0, stroke);
    }
    end
}

/// A dot for what is to be mended; gives back the right edge that is left.
fn fault_dot(ui: &Ui, rect: Rect, right: f32, uid: DraftId, form: &Form<'_>) -> f32 {
    if !form.faults.iter().any(|fault| fault.part == uid) {
        return right;
    }
    let at = Pos2::new(right - 5.0, rect.center().y);
    ui.painter().circle_filled(at, 3.5, Tokens::of(ui.ctx()).warning);
    right - 16.0
}

/// The names of the labels at one end; `any` where none is asked for.
fn names(draft: &SchemaDraft, ends: &[DraftId]) -> String {
    let kept = draft.kept_ends(ends);
    let labels = kept.iter().filter_map(|end| draft.label_of(*end));
    let names: Vec<&str> = labels.map(|label| label.name.as_str()).collect();
    if names.is_empty() { "any".to_owned() } else { names.join(", ") }
}
