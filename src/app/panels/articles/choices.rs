//! Small words in a line that can be pressed: menus behind them, or one of several.

use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{paint_line, row, strong};
use egui::containers::menu::MenuButton;
use egui::{Button, FontId, Pos2, Rect, Response, Role, Ui, Vec2, WidgetInfo};

/// A line of choices, parted by points, that breaks where the panel is narrow.
pub(super) fn line_ui(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(4.0, 2.0);
        ui.spacing_mut().interact_size.y = 22.0;
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        // So that the words, not their grounds, stand below the edge of the field.
        ui.add_space(-3.0);
        contents(ui);
    });
}

/// The point between two choices.
pub(super) fn point_ui(ui: &mut Ui) {
    let faint = Tokens::of(ui.ctx()).faint;
    ui.label(egui::RichText::new("·").size(sizes::SMALL_TEXT).color(faint));
}

/// A word with a menu behind it; lit where it leaves something out.
pub(super) fn menu_ui(
    ui: &mut Ui,
    text: &str,
    is_lit: bool,
    hint: &str,
    contents: impl FnOnce(&mut Ui),
) {
    let (response, _) = MenuButton::from_button(word(ui, text, is_lit)).ui(ui, |ui| {
        ui.set_min_width(176.0);
        ui.set_max_width(240.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().max_height(420.0).show(ui, contents);
    });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{hint}: {text}")));
    response.on_hover_text(hint);
}

/// A line of a menu.
pub(super) fn item_ui(
    ui: &mut Ui,
    name: &str,
    shades: Option<LabelShades>,
    is_current: bool,
) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let response = row(ui, 28.0, is_current, name);
    let rect = response.rect.shrink2(Vec2::new(8.0, 0.0));
    let mut left = rect.left();
    if let Some(shades) = shades {
        let center = Pos2::new(left + 6.0, rect.center().y);
        let swatch = Rect::from_center_size(center, Vec2::splat(12.0));
        ui.painter().rect_filled(swatch, 3.0, shades.line);
        left += 22.0;
    }
    let at = Pos2::new(left, rect.center().y);
    let font = FontId::proportional(sizes::UI_TEXT);
    paint_line(ui, at, name, font, tokens.text, rect.right() - left);
    response
}

/// One of several choices of which one holds.
pub(super) fn either_ui(ui: &mut Ui, text: &str, is_held: bool, hint: &str) -> bool {
    let response = ui.add(word(ui, text, is_held));
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_held, text));
    response.on_hover_text(hint).clicked() && !is_held
}

fn word(ui: &Ui, text: &str, is_lit: bool) -> Button<'static> {
    let tokens = Tokens::of(ui.ctx());
    let text = if is_lit {
        strong(text).color(tokens.accent)
    } else {
        egui::RichText::new(text).color(tokens.muted)
    };
    Button::new(text.size(sizes::SMALL_TEXT)).frame_when_inactive(false).truncate()
}
