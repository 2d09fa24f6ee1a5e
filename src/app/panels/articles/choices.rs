//! Small words in a line that can be pressed: menus behind them, or one of several.

use crate::app::theme::{LabelShades, SEMIBOLD, Tokens, sizes};
use crate::app::widgets::{paint_line, row};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    FontFamily, FontId, Popup, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

/// The height of the line.
const HEIGHT: f32 = 22.0;

/// A line of choices, parted by points, that breaks where the panel is narrow.
pub(in crate::app::panels) fn line_ui(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = HEIGHT;
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        contents(ui);
    });
}

/// The point between two choices.
pub(in crate::app::panels) fn point_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(13.0, HEIGHT), Sense::hover());
    ui.painter().circle_filled(rect.center(), 1.0, Tokens::of(ui.ctx()).muted);
}

/// A word with a menu behind it; lit where it leaves something out.
pub(in crate::app::panels) fn menu_ui(
    ui: &mut Ui,
    text: &str,
    is_lit: bool,
    hint: &str,
    contents: impl FnOnce(&mut Ui),
) {
    let response = word_ui(ui, text, is_lit);
    Popup::menu(&response).show(|ui| {
        ui.set_min_width(176.0);
        ui.set_max_width(240.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().max_height(420.0).show(ui, contents);
    });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{hint}: {text}")));
    response.on_hover_text(hint);
}

/// A line of a menu.
pub(in crate::app::panels) fn item_ui(
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
pub(in crate::app::panels) fn either_ui(
    ui: &mut Ui,
    text: &str,
    is_held: bool,
    hint: &str,
) -> bool {
    let response = word_ui(ui, text, is_held);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_held, text));
    response.on_hover_text(hint).clicked() && !is_held
}

/// A word that can be pressed. Its ground reaches over its edges, so that the words
/// themselves line up with what is above them.
fn word_ui(ui: &mut Ui, text: &str, is_lit: bool) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let (family, color) = if is_lit {
        (FontFamily::Name(SEMIBOLD.into()), tokens.accent)
    } else {
        (FontFamily::Proportional, tokens.muted)
    };
    let font = FontId::new(sizes::SMALL_TEXT, family);
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(ui.max_rect().width());
    let galley = ui.painter().layout_job(job);
    let size = Vec2::new(galley.size().x, HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let ground = rect.expand2(Vec2::new(5.0, -1.0));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(ground, 4.0, tokens.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(ground, 4.0, stroke, StrokeKind::Inside);
    }
    let at = Pos2::new(rect.left(), rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    response
}
