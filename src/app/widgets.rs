//! Small pieces that every panel is made of, drawn the same way everywhere.

use super::lettering::{self, Style};
use super::theme::{SEMIBOLD, SERIF, Tokens, sizes};
use crate::session::command::CommandInfo;
use egui::{
    Align2, Atom, Color32, CornerRadius, FontFamily, FontId, Frame, Margin, Pos2, Rect, Response,
    RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

/// Text in the heavier sans.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// Text that supports.
pub fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(Tokens::of(ui.ctx()).muted)
}

/// Supporting text, a little smaller.
pub fn small(ui: &Ui, text: impl Into<String>) -> RichText {
    muted(ui, text).size(sizes::SMALL_TEXT)
}

/// Words of an article.
pub fn quoted(text: impl Into<String>, size: f32) -> RichText {
    RichText::new(text).family(FontFamily::Name(SERIF.into())).size(size)
}

/// A label with what a person wrote, in any script.
pub fn words(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    let text = text.into();
    if !lettering::needs(text.text()) {
        return ui.label(text);
    }
    let style = Style::of(ui, &text);
    lettering::label(ui, text.text(), style)
}

/// A label with a sentence of the program's that may quote what a person wrote.
pub fn message(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    let text = text.into();
    if !lettering::needs(text.text()) {
        return ui.label(text);
    }
    let style = Style::of(ui, &text).message();
    lettering::label(ui, text.text(), style)
}

/// The content of a button with what a person wrote, one line that is cut at the width
/// which is left. The button's name is to be given to it with [`named`].
pub fn button_words(ui: &Ui, text: RichText) -> Atom<'static> {
    let style = Style::of(ui, &text);
    button_atom(ui, text, style)
}

/// The same with a sentence of the program's that may quote what a person wrote.
pub fn button_message(ui: &Ui, text: RichText) -> Atom<'static> {
    let style = Style::of(ui, &text).message();
    button_atom(ui, text, style)
}

fn button_atom(ui: &Ui, text: RichText, style: Style) -> Atom<'static> {
    if !lettering::needs(text.text()) {
        return text.into();
    }
    let room = ui.available_width() - 2.0 * ui.spacing().button_padding.x;
    lettering::atom(ui, text.text(), style, room)
}

/// A tooltip with what a person wrote.
pub fn hover_words(response: Response, text: &str) -> Response {
    if !lettering::needs(text) {
        return response.on_hover_text(text);
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(ui.spacing().tooltip_width);
        words(ui, text);
    })
}

/// The title of a section, in small capitals' stead.
pub fn section_title(ui: &mut Ui, title: &str) -> Response {
    let color = Tokens::of(ui.ctx()).muted;
    let text =
        strong(title.to_uppercase()).size(sizes::TINY_TEXT).color(color).extra_letter_spacing(0.6);
    ui.add(egui::Label::new(text).selectable(false))
}

/// A line between sections.
pub fn hairline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 1.0), Sense::hover());
    let stroke = Stroke::new(1.0, Tokens::of(ui.ctx()).hairline);
    ui.painter().hline(rect.x_range(), rect.center().y.round() + 0.5, stroke);
}

/// A thin bar that is full at one.
pub fn progress_bar(ui: &mut Ui, share: f32) {
    let tokens = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width(), 3.0);
    let (bar, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(bar, 1.5, tokens.hairline);
    let filled = Vec2::new(bar.width() * share.clamp(0.0, 1.0), bar.height());
    ui.painter().rect_filled(Rect::from_min_size(bar.min, filled), 1.5, tokens.saved);
}

/// Paints a key cap with its right edge at a place; gives back its left edge.
pub fn paint_key(ui: &Ui, right_center: Pos2, key: &str) -> f32 {
    let tokens = Tokens::of(ui.ctx());
    let font = FontId::new(10.5, FontFamily::Name(SEMIBOLD.into()));
    let galley = ui.painter().layout_no_wrap(key.to_owned(), font, tokens.muted);
    let size = Vec2::new((galley.size().x + 10.0).max(20.0), 18.0);
    let rect = Rect::from_min_size(right_center - Vec2::new(size.x, size.y / 2.0), size);
    let (corner, stroke) = (CornerRadius::same(4), Stroke::new(1.0, tokens.hairline));
    ui.painter().rect(rect, corner, tokens.field, stroke, StrokeKind::Inside);
    ui.painter().hline(
        rect.shrink2(Vec2::new(2.0, 0.0)).x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, tokens.hairline),
    );
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, tokens.muted);
    rect.left()
}

/// A key cap in the flow of a layout.
pub fn key_cap(ui: &mut Ui, key: &str) {
    let font = FontId::new(10.5, FontFamily::Name(SEMIBOLD.into()));
    let width = ui.painter().layout_no_wrap(key.to_owned(), font, Color32::PLACEHOLDER).size().x;
    let size = Vec2::new((width + 10.0).max(20.0), 18.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    paint_key(ui, rect.right_center(), key);
}

/// A row of a list: full width, lit under the pointer, marked when selected. `name` is
/// what assistive technology reads.
pub fn row(ui: &mut Ui, height: f32, is_selected: bool, name: &str) -> Response {
    let size = Vec2::new(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), is_selected, name));
    let tokens = Tokens::of(ui.ctx());
    if is_selected {
        ui.painter().rect_filled(rect, 0.0, tokens.selection);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(rect.shrink(1.0), 4.0, stroke, StrokeKind::Inside);
    }
    response
}

/// One of several choices side by side: lit when it is the current one.
pub fn paint_segment(ui: &Ui, part: Rect, text: &str, is_current: bool, response: &Response) {
    let tokens = Tokens::of(ui.ctx());
    if is_current {
        ui.painter().rect_filled(part, sizes::CORNER, tokens.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(part, sizes::CORNER, tokens.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(part.shrink(2.0), 4.0, stroke, StrokeKind::Inside);
    }
    let color = if is_current { tokens.accent } else { tokens.text };
    let font = FontId::proportional(sizes::SMALL_TEXT);
    ui.painter().text(part.center(), Align2::CENTER_CENTER, text, font, color);
}

/// Words that do something, in the accent colour and without a frame.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    let accent = Tokens::of(ui.ctx()).accent;
    let response =
        ui.add(egui::Button::new(RichText::new(text).color(accent)).frame(false).small());
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// The one button of a dialog that does what the dialog is for.
pub fn primary_button(ui: &mut Ui, text: &str, is_enabled: bool) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let label = strong(text).color(tokens.page);
    let button = egui::Button::new(label).fill(tokens.accent).stroke(Stroke::NONE);
    ui.add_enabled(is_enabled, button.min_size(Vec2::new(88.0, 30.0)))
}

/// A single-line text field with a hint and a name for assistive technology.
pub fn text_field(ui: &mut Ui, text: &mut String, hint: &str, name: &str) -> Response {
    let hint = RichText::new(hint).color(Tokens::of(ui.ctx()).faint);
    let edit = egui::TextEdit::singleline(text)
        .hint_text(hint)
        .margin(Margin::symmetric(8, 6))
        .desired_width(ui.available_width());
    named(ui.add(edit), name)
}

/// A check box whose outline can be seen on every ground; `text` may be empty where a
/// name stands beside it.
pub fn check_box(ui: &mut Ui, is_checked: &mut bool, text: &str) -> Response {
    ui.scope(|ui| {
        let color = Tokens::of(ui.ctx()).faint;
        ui.visuals_mut().widgets.inactive.bg_stroke.color = color;
        ui.add(egui::Checkbox::new(is_checked, text))
    })
    .inner
}

/// Gives a field a name for assistive technology; its value stays what it is.
pub fn named(response: Response, name: &str) -> Response {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

/// A command's tooltip: what it does, and its key.
pub fn command_hint(ui: &mut Ui, info: &CommandInfo) {
    ui.set_max_width(280.0);
    ui.label(info.help);
    if let Some(key) = info.keys.first() {
        ui.add_space(2.0);
        key_cap(ui, &key.text());
    }
}

/// A frame for what floats over the window: a card with a shadow.
pub fn card(ui: &Ui) -> Frame {
    let tokens = Tokens::of(ui.ctx());
    Frame::new()
        .fill(tokens.page)
        .stroke(Stroke::new(1.0, tokens.hairline))
        .corner_radius(10)
        .inner_margin(Margin::same(8))
        .shadow(ui.visuals().popup_shadow)
}

/// Paints text in one line, cut with an ellipsis at a width; gives back its right edge.
pub fn paint_line(
    ui: &Ui,
    left_center: Pos2,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> f32 {
    let text = text.replace('\n', " ");
    if lettering::needs(&text) {
        let style = Style::line(&font, color);
        return lettering::paint_line(ui.painter(), left_center, &text, &style, width);
    }
    let mut job = egui::text::LayoutJob::simple_singleline(text, font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = ui.painter().layout_job(job);
    let rect = Align2::LEFT_CENTER.anchor_size(left_center, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect.right()
}
