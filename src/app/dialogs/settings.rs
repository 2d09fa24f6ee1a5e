//! The settings: how the window looks and how the article is set. Every change shows at
//! once, so the card stands beside the article and the window stays bright.

use super::controls::{segmented, sign_button};
use super::frame::Sheet;
use super::paths::shorten;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{hairline, link, named, section_title, small};
use crate::store::{Settings, Theme};
use egui::{Align, Context, Layout, RichText, Slider, Ui, Vec2};

const WIDTH: f32 = 400.0;
const NAME: f32 = 104.0;
/// The value and the link that resets it.
const VALUE: f32 = 52.0;
const RESET: f32 = 46.0;

/// Draws the settings; true when they are to be closed.
pub(super) fn ui(ctx: &Context, settings: &mut Settings) -> bool {
    let shown = Sheet::new("Settings", WIDTH).beside().show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        window_ui(ui, settings);
        ui.add_space(4.0);
        hairline(ui);
        article_ui(ui, settings);
        ui.add_space(4.0);
        hairline(ui);
        match Settings::path() {
            Some(path) => {
                let text = small(ui, format!("Kept in {}", shorten(&path)));
                ui.add(egui::Label::new(text).wrap().selectable(true));
            }
            None => {
                ui.label(small(ui, "Not kept: this system names no folder for settings"));
            }
        }
    });
    shown.is_closed
}

fn window_ui(ui: &mut Ui, settings: &mut Settings) {
    section_title(ui, "Window");
    let themes = [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];
    line_ui(ui, "Theme", |ui| {
        segmented(ui, "Theme", &themes, &mut settings.theme);
    });
    let zoom = settings.zoom;
    let shown = format!("{:.0} %", zoom * 100.0);
    let is_reset = value_line_ui(ui, "Zoom", &shown, (zoom - 1.0).abs() > 0.001, |ui| {
        if sign_button(ui, "−", "Smaller", zoom > 0.501) {
            settings.zoom = step(zoom, -0.1).max(0.5);
        }
        if sign_button(ui, "+", "Larger", zoom < 2.999) {
            settings.zoom = step(zoom, 0.1).min(3.0);
        }
    });
    if is_reset {
        settings.zoom = 1.0;
    }
}

/// The next tenth, so that zooming in and out comes back to where it was.
fn step(zoom: f32, by: f32) -> f32 {
    ((zoom + by) * 10.0).round() / 10.0
}

fn article_ui(ui: &mut Ui, settings: &mut Settings) {
    let usual = Settings::default();
    section_title(ui, "Article");
    line_ui(ui, "Letters", |ui| {
        let faces = [(false, "Serif"), (true, "Sans")];
        segmented(ui, "Letters", &faces, &mut settings.sans);
    });
    let shown = format!("{:.0} pt", settings.reading_size);
    let size = &mut settings.reading_size;
    slider_ui(ui, "Text size", &shown, size, usual.reading_size, (11.0, 40.0, 1.0));
    let shown = format!("{:.0} pt", settings.line_width);
    let width = &mut settings.line_width;
    slider_ui(ui, "Line width", &shown, width, usual.line_width, (400.0, 1100.0, 10.0));
    let shown = format!("{:.2} ×", settings.leading);
    let leading = &mut settings.leading;
    slider_ui(ui, "Line spacing", &shown, leading, usual.leading, (1.5, 2.6, 1.0 / 30.0));
}

/// A value with a slider between two bounds, in steps, and a way back to the usual one.
fn slider_ui(
    ui: &mut Ui,
    name: &str,
    shown: &str,
    value: &mut f32,
    usual: f32,
    (least, most, step): (f32, f32, f32),
) {
    let is_changed = (*value - usual).abs() > step / 4.0;
    let is_reset = value_line_ui(ui, name, shown, is_changed, |ui| {
        ui.spacing_mut().slider_width = ui.available_width();
        slider_style(ui);
        let mut moved = *value;
        let slider = Slider::new(&mut moved, least..=most).step_by(f64::from(step));
        let response = ui.add(slider.show_value(false));
        // The slider rounds to its steps whenever it is drawn; a value from elsewhere
        // stays until somebody moves the slider.
        let is_held = response.is_pointer_button_down_on() || response.has_focus();
        if named(response, name).changed() && is_held && (moved - *value).abs() > step / 4.0 {
            *value = moved;
        }
    });
    if is_reset {
        *value = usual;
    }
}

/// A thin rail that fills with the accent colour, and a round handle.
fn slider_style(ui: &mut Ui) {
    let tokens = Tokens::of(ui.ctx());
    let visuals = ui.visuals_mut();
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.selection.bg_fill = tokens.accent;
    let widgets = &mut visuals.widgets;
    for widget in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
        widget.bg_fill = tokens.hairline;
        widget.fg_stroke = egui::Stroke::new(1.5, tokens.accent);
    }
    ui.spacing_mut().slider_rail_height = 4.0;
}

/// A line with a name, a control, the value and the link that resets it; true when that
/// was pressed.
fn value_line_ui(
    ui: &mut Ui,
    name: &str,
    value: &str,
    is_changed: bool,
    control: impl FnOnce(&mut Ui),
) -> bool {
    line_ui(ui, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let size = Vec2::new(RESET, 28.0);
            let layout = Layout::right_to_left(Align::Center);
            let is_reset = ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                is_changed && named(link(ui, "Reset"), &format!("Reset {name}")).clicked()
            });
            ui.allocate_ui_with_layout(Vec2::new(VALUE, 28.0), layout, |ui| {
                ui.set_min_size(Vec2::new(VALUE, 28.0));
                let color = Tokens::of(ui.ctx()).text;
                ui.label(RichText::new(value).size(sizes::SMALL_TEXT).color(color));
            });
            ui.add_space(10.0);
            let left = Layout::left_to_right(Align::Center);
            ui.with_layout(left, |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                control(ui);
            });
            is_reset.inner
        })
        .inner
    })
}

fn line_ui<R>(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let size = Vec2::new(ui.available_width(), 30.0);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.allocate_ui_with_layout(Vec2::new(NAME, 30.0), layout, |ui| {
            ui.set_min_size(Vec2::new(NAME, 30.0));
            ui.label(name);
        });
        contents(ui)
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_in_and_out_comes_back() {
        assert_eq!(step(step(1.0, 0.1), -0.1), 1.0);
        assert_eq!(step(0.95, 0.1), 1.1);
    }
}
