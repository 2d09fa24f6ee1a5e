//! The label and the text of the selected annotation.

use crate::app::lettering;
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, SEMIBOLD, SERIF, Tokens, sizes};
use crate::app::widgets::{link, message, named, paint_key, paint_line, quoted, row, small, words};
use crate::model::{Annotation, Label};
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use crate::text::TextRange;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Button, FontFamily, FontId, Popup, Pos2, Rect, Response, RichText, Role, Sense, Shape, Ui,
    Vec2, WidgetInfo,
};

/// The text size of the quotation.
const QUOTE: f32 = 16.0;
/// The height of its lines.
const QUOTE_LINE: f32 = 22.0;
/// The lines of a quotation before it is cut.
const LINES: usize = 5;

/// Draws label and text.
pub(super) fn ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    let label = session.schema().label(&annotation.label);
    let tokens = Tokens::of(ui.ctx());
    let shades = label
        .map_or_else(|| LabelShades::unknown(tokens), |label| LabelShades::of(label.color, tokens));
    let name = label.map_or_else(|| annotation.label.to_string(), |label| label.name.clone());
    let title = title_ui(ui, &name, shades);
    Popup::menu(&title).show(|ui| labels_ui(ui, session, annotation, out));
    match label {
        Some(label) => {
            title.on_hover_ui(|ui| hint_ui(ui, &label.name, &label.guideline));
        }
        None => unknown_ui(ui, &name, out),
    }
    ui.add_space(4.0);
    if annotation.span.is_discontinuous() {
        parts_ui(ui, session, annotation, out);
    } else if let Some(set) = session.set() {
        quote_ui(ui, &set.surface(annotation), LINES);
    }
}

/// A name and its guideline, as they show on hover.
pub(super) fn hint_ui(ui: &mut Ui, name: &str, guideline: &str) {
    ui.set_max_width(340.0);
    words(ui, crate::app::widgets::strong(name));
    if guideline.is_empty() {
        ui.label(small(ui, "No guideline yet; write one in Article › Schema"));
    } else {
        words(ui, guideline);
    }
}

/// Words of the article in quotation marks, cut after some lines.
pub(super) fn quote_ui(ui: &mut Ui, surface: &str, lines: usize) {
    let text = format!("“{}”", surface.replace('\n', " "));
    let (response, is_cut) = if lettering::needs(&text) {
        lettering::paragraph(ui, &text, &quote_style(ui).rows(lines))
    } else {
        latin_quote_ui(ui, text, lines)
    };
    if is_cut {
        response.on_hover_ui(|ui| {
            ui.set_max_width(460.0);
            words(ui, quoted(surface, 15.0));
        });
    }
}

/// A quotation as egui sets it; also whether it was cut.
fn latin_quote_ui(ui: &mut Ui, text: String, lines: usize) -> (Response, bool) {
    let font = FontId::new(QUOTE, FontFamily::Name(SERIF.into()));
    let format = TextFormat {
        font_id: font,
        color: Tokens::of(ui.ctx()).text,
        line_height: Some(QUOTE_LINE),
        ..Default::default()
    };
    let mut job = LayoutJob::single_section(text, format);
    job.wrap =
        TextWrapping { max_width: ui.available_width(), max_rows: lines, ..Default::default() };
    let galley = ui.painter().layout_job(job);
    let is_cut = galley.elided;
    (ui.label(galley), is_cut)
}

/// How a quotation is set that reads from right to left.
fn quote_style(ui: &Ui) -> lettering::Style {
    let font = FontId::proportional(QUOTE);
    lettering::Style::line(&font, Tokens::of(ui.ctx()).text).line_height(QUOTE_LINE)
}

/// The label's name as a section title that opens a menu of labels.
fn title_ui(ui: &mut Ui, name: &str, shades: LabelShades) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let font = FontId::new(sizes::TINY_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let format = TextFormat {
        font_id: font,
        color: tokens.muted,
        extra_letter_spacing: 0.6,
        ..Default::default()
    };
    let mut job = LayoutJob::single_section(name.to_uppercase(), format);
    job.wrap = TextWrapping::truncate_at_width((ui.available_width() - 40.0).max(40.0));
    let galley = ui.painter().layout_job(job);
    let size = Vec2::new(galley.size().x + 38.0, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let spoken = format!("Label: {name}, change it");
        WidgetInfo::labeled(Role::Button, true, spoken)
    });
    let is_lit = response.hovered() || response.has_focus();
    let color = if is_lit { tokens.text } else { tokens.muted };
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(Pos2::new(rect.left() + 5.0, middle), Vec2::splat(10.0));
    ui.painter().rect_filled(swatch, 3.0, shades.line);
    let at = Pos2::new(rect.left() + 18.0, middle - galley.size().y / 2.0);
    let right = at.x + galley.size().x;
    ui.painter().galley_with_override_text_color(at, galley, color);
    ui.painter().add(triangle(Pos2::new(right + 11.0, middle), color));
    response
}

/// A small triangle that points down: what it stands beside opens a menu.
pub(super) fn triangle(center: Pos2, color: egui::Color32) -> Shape {
    let corner = |x: f32, y: f32| center + Vec2::new(x, y);
    let corners = vec![corner(-3.5, -2.0), corner(3.5, -2.0), corner(0.0, 2.5)];
    Shape::convex_polygon(corners, color, egui::Stroke::NONE)
}

fn labels_ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    ui.set_width(200.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    for label in session.schema().labels() {
        let is_current = label.id == annotation.label;
        if label_row(ui, label, is_current, 6.0).clicked() && !is_current {
            out.act(Action::SetLabel(annotation.id, label.id.clone()));
        }
    }
}

/// A label in a list: colour, name and key, with room at both ends.
pub(super) fn label_row(ui: &mut Ui, label: &Label, is_current: bool, ends: f32) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let response = row(ui, 28.0, is_current, &label.name);
    let rect = response.rect.shrink2(Vec2::new(ends, 0.0));
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(Pos2::new(rect.left() + 6.0, middle), Vec2::splat(12.0));
    ui.painter().rect_filled(swatch, 3.0, LabelShades::of(label.color, tokens).line);
    let mut right = rect.right();
    if let Some(key) = label.key {
        right = paint_key(ui, rect.right_center(), &key.to_uppercase().to_string()) - 8.0;
    }
    let left = Pos2::new(rect.left() + 22.0, middle);
    let font = FontId::proportional(sizes::UI_TEXT);
    paint_line(ui, left, &label.name, font, tokens.text, right - left.x);
    response
}

/// What to do about a label that the schema lacks.
fn unknown_ui(ui: &mut Ui, name: &str, out: &mut Requests) {
    let warning = Tokens::of(ui.ctx()).warning;
    let text = format!("The schema has no label “{name}”: choose another above, or add it");
    message(ui, RichText::new(text).size(sizes::SMALL_TEXT).color(warning));
    if link(ui, "Open the schema…").clicked() {
        out.run(CommandId::SchemaEditor);
    }
}

/// Several parts, each of which can be taken away: one after the other, or below each
/// other where they read from right to left.
fn parts_ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    let Some(set) = session.set() else { return };
    let text = set.article().text();
    let ranges = annotation.span.ranges();
    let words = |range: &TextRange| {
        let part = text.get(usize::from(range.start())..usize::from(range.end()));
        part.unwrap_or_default().replace('\n', " ")
    };
    let parts: Vec<_> = ranges.iter().map(words).collect();
    let mut removed = None;
    if parts.iter().any(|part| lettering::needs(part)) {
        for (index, part) in parts.iter().enumerate() {
            let words = in_quotes(part, index, parts.len());
            ui.horizontal_top(|ui| {
                removed = if cross_ui(ui, part) { Some(index) } else { removed };
                lettering::paragraph(ui, &words, &quote_style(ui).rows(LINES));
            });
        }
    } else {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(3.0, 2.0);
            for (index, part) in parts.iter().enumerate() {
                ui.label(quoted(in_quotes(part, index, parts.len()), QUOTE));
                removed = if cross_ui(ui, part) { Some(index) } else { removed };
            }
        });
    }
    if let Some(index) = removed {
        out.act(Action::RemoveRange(annotation.id, index));
    }
}

/// One of several parts, with quotation marks around all of them.
fn in_quotes(part: &str, index: usize, count: usize) -> String {
    let open = if index == 0 { "“" } else { "… " };
    let close = if index + 1 == count { "”" } else { "" };
    format!("{open}{part}{close}")
}

/// The cross that takes a part away; true when it was pressed.
fn cross_ui(ui: &mut Ui, part: &str) -> bool {
    let muted = Tokens::of(ui.ctx()).muted;
    let cross = Button::new(RichText::new("×").color(muted)).frame_when_inactive(false);
    let response = named(ui.add(cross.small()), &format!("Remove the part “{part}”"));
    response.on_hover_text("Remove this part").clicked()
}
