//! The controls of the attribute rows: a choice among a few, a choice among many, and
//! any number of choices.
//!
//! A control shows a value and gives back a [`Change`] when somebody makes one. A few
//! short choices stand side by side, so that one click decides; more of them open as
//! a list.

use super::header::{hint_ui, triangle};
use super::values::shown;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{named, paint_line, paint_segment};
use crate::model::AttributeValue;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Button, ComboBox, FontId, PopupCloseBehavior, Pos2, Rect, Response, RichText, Role, Sense,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

/// What a control makes of a value; `None` inside clears it.
pub(in crate::app::panels) type Change = Option<AttributeValue>;

/// The height of a row with one control.
pub(in crate::app::panels) const HEIGHT: f32 = 27.0;
/// The most choices that stand side by side.
const SIDE_BY_SIDE: usize = 4;
/// What a segment has beside its text.
const SEGMENT_PADDING: f32 = 12.0;

/// A row: the name in a column of its own, the control beside it. `hints` are the names
/// and guidelines that show on the name.
pub(in crate::app::panels) fn row_ui(
    ui: &mut Ui,
    name: &str,
    is_missing: bool,
    hints: &[(&str, &str)],
    control: impl FnOnce(&mut Ui),
) {
    let width = (ui.available_width() * 0.34).clamp(70.0, 96.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::hover());
        let tokens = Tokens::of(ui.ctx());
        let color = if is_missing { tokens.warning } else { tokens.muted };
        let font = FontId::proportional(sizes::UI_TEXT);
        paint_line(ui, rect.left_center(), name, font, color, width);
        response.on_hover_ui(|ui| {
            for (name, guideline) in hints {
                hint_ui(ui, name, guideline);
            }
            if is_missing {
                ui.label(RichText::new("Required").color(tokens.warning));
            }
        });
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            control(ui);
        });
    });
}

/// One of several choices, or none.
pub(in crate::app::panels) fn choice_ui(
    ui: &mut Ui,
    name: &str,
    options: &[String],
    value: Option<&AttributeValue>,
) -> Option<Change> {
    let chosen = match value {
        Some(AttributeValue::Text(chosen)) => Some(chosen.as_str()),
        Some(_) | None => None,
    };
    let widths: Vec<f32> = options.iter().map(|option| text_width(ui, &shown(option))).collect();
    let padded: f32 = widths.iter().map(|width| width + SEGMENT_PADDING).sum();
    let is_known = chosen.is_none_or(|chosen| options.iter().any(|option| option == chosen));
    if options.len() <= SIDE_BY_SIDE && padded <= ui.available_width() && is_known {
        segments_ui(ui, name, options, &widths, chosen)
    } else {
        list_ui(ui, name, options, chosen)
    }
}

fn text_width(ui: &Ui, text: &str) -> f32 {
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let color = Tokens::of(ui.ctx()).text;
    ui.painter().layout_no_wrap(text.to_owned(), font, color).size().x
}

/// The choices side by side; a click on the one that is chosen clears it.
fn segments_ui(
    ui: &mut Ui,
    name: &str,
    options: &[String],
    widths: &[f32],
    chosen: Option<&str>,
) -> Option<Change> {
    let tokens = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width(), HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, sizes::CORNER, tokens.field);
    let spare = (rect.width() - widths.iter().sum::<f32>()) / options.len().max(1) as f32;
    let mut left = rect.left();
    let mut change = None;
    for (index, (option, width)) in options.iter().zip(widths).enumerate() {
        let part = Rect::from_min_size(
            Pos2::new(left, rect.top()),
            Vec2::new(width + spare, rect.height()),
        );
        let is_chosen = chosen == Some(option);
        let response = ui.interact(part, ui.scope_id().with((name, index)), Sense::click());
        segment_ui(ui, part, name, option, is_chosen, &response);
        if index > 0 {
            let line = Stroke::new(1.0, tokens.hairline);
            ui.painter().vline(part.left(), part.shrink(1.0).y_range(), line);
        }
        if response.clicked() {
            change = Some((!is_chosen).then(|| AttributeValue::Text(option.clone())));
        }
        left = part.right();
    }
    let stroke = Stroke::new(1.0, tokens.hairline);
    ui.painter().rect_stroke(rect, sizes::CORNER, stroke, StrokeKind::Inside);
    change
}

fn segment_ui(ui: &Ui, part: Rect, name: &str, option: &str, is_chosen: bool, response: &Response) {
    let text = shown(option);
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, true, is_chosen, format!("{name}: {text}"))
    });
    paint_segment(ui, part, &text, is_chosen, response);
}

/// The choices as a list that opens, with an empty entry on top.
fn list_ui(ui: &mut Ui, name: &str, options: &[String], chosen: Option<&str>) -> Option<Change> {
    let tokens = Tokens::of(ui.ctx());
    let current = match chosen {
        Some(chosen) => RichText::new(shown(chosen)).color(tokens.text),
        None => RichText::new("–").color(tokens.faint),
    };
    let mut change = None;
    let shown_box = ComboBox::from_id_salt(name)
        .width(ui.available_width())
        .selected_text(current)
        .truncate()
        .icon(|ui, rect, visuals, _| {
            ui.painter().add(triangle(rect.center(), visuals.fg_stroke.color));
        })
        .show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            if ui.add(Button::selectable(chosen.is_none(), "–")).clicked() && chosen.is_some() {
                change = Some(None);
            }
            for option in options {
                let is_chosen = chosen == Some(option);
                let entry = Button::selectable(is_chosen, shown(option));
                if ui.add(entry).clicked() && !is_chosen {
                    change = Some(Some(AttributeValue::Text(option.clone())));
                }
            }
            if change.is_some() {
                // A choice by key closes the list as one by mouse does.
                ui.close();
            }
        });
    named(shown_box.response, name);
    change
}

/// Any number of choices: a chip for each, and a menu of the others.
pub(in crate::app::panels) fn choices_ui(
    ui: &mut Ui,
    name: &str,
    options: &[String],
    value: Option<&AttributeValue>,
) -> Option<Change> {
    let chosen = match value {
        Some(AttributeValue::List(chosen)) => chosen.as_slice(),
        Some(_) | None => &[],
    };
    let mut change = None;
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(HEIGHT);
        ui.spacing_mut().item_spacing = Vec2::new(4.0, 4.0);
        for item in chosen {
            if chip_ui(ui, &format!("{} ×", shown(item)), &format!("Remove {}", shown(item))) {
                let rest: Vec<_> = chosen.iter().filter(|other| *other != item).cloned().collect();
                change = Some((!rest.is_empty()).then_some(AttributeValue::List(rest)));
            }
        }
        if options.iter().any(|option| !chosen.contains(option)) {
            let added = add_ui(ui, name, options, chosen);
            change = added.map(Some).or_else(|| change.take());
        }
    });
    change
}

fn chip(text: &str, ui: &Ui) -> Button<'static> {
    let tokens = Tokens::of(ui.ctx());
    let text = RichText::new(text).size(sizes::SMALL_TEXT).color(tokens.accent);
    let button = Button::new(text).fill(tokens.selection).stroke(Stroke::NONE);
    button.corner_radius(11).min_size(Vec2::new(22.0, 22.0))
}

fn chip_ui(ui: &mut Ui, text: &str, name: &str) -> bool {
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = Vec2::new(9.0, 2.0);
            ui.add(chip(text, ui))
        })
        .inner;
    named(response, name).on_hover_text(name).clicked()
}

/// The "+" that lists the choices; it stays open, because several may apply.
fn add_ui(
    ui: &mut Ui,
    name: &str,
    options: &[String],
    chosen: &[String],
) -> Option<AttributeValue> {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let mut change = None;
    let shown_menu = ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(6.0, 2.0);
        MenuButton::from_button(chip("+", ui)).config(config).ui(ui, |ui| {
            ui.set_min_width(150.0);
            for option in options {
                let is_chosen = chosen.contains(option);
                if ui.add(Button::selectable(is_chosen, shown(option))).clicked() {
                    change = Some(toggled(options, chosen, option));
                }
            }
        })
    });
    let (response, _) = shown_menu.inner;
    named(response, &format!("Add to {name}")).on_hover_text("Add");
    change
}

/// The choices with one more or one less, in the order of the schema; what the schema
/// lacks stays at the end.
fn toggled(options: &[String], chosen: &[String], option: &String) -> AttributeValue {
    let is_on = |other: &&String| chosen.contains(other) != (*other == option);
    let known = options.iter().filter(is_on);
    let unknown = chosen.iter().filter(|item| !options.contains(item));
    AttributeValue::List(known.chain(unknown).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_keep_the_order_of_the_schema() {
        let words = |text: &str| text.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>();
        let options = words("a b c");
        let toggle = |chosen: &str, option: &str| match toggled(
            &options,
            &words(chosen),
            &option.to_owned(),
        ) {
            AttributeValue::List(items) => items.join(" "),
            other => other.to_string(),
        };
        assert_eq!(toggle("c x", "a"), "a c x");
        assert_eq!(toggle("a c", "a"), "c");
    }
}
