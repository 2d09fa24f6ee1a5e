//! Words that read from right to left, for everything around the article.
//!
//! egui puts such words out mirrored and unjoined. Here they are set by the text view's
//! layout and drawn with letters of its kind, in the sans, as lines, labels and atoms of
//! buttons. Words in other scripts stay with egui, which costs less: whoever draws what
//! a person wrote asks [`needs`] first, mostly by way of `widgets`.
//!
//! Left out: text fields are egui's own and show what is typed as egui does. Words are
//! not known to be Urdu here, so Nastaliq, which wants more height than a panel has, is
//! left to the article.

mod kept;

use crate::text::TextRange;
use egui::{
    Align, Atom, Color32, FontFamily, FontId, FontSelection, Painter, Pos2, Response, RichText,
    Role, Sense, Ui, Vec2, WidgetInfo, WidgetText,
};
use kept::Lines;
use std::ops::Range;
use std::sync::Arc;

use super::theme::{SEMIBOLD, SERIF_SEMIBOLD};

/// A line's height as a multiple of the text size, where nobody says otherwise.
const LEADING: f32 = 1.5;
/// The rows of words that are not cut: more would fill the screen.
const ALL_ROWS: usize = 40;

/// Whether words hold a letter that reads from right to left.
pub fn needs(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_rtl)
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and what else Unicode keeps for such scripts.
fn is_rtl(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8FF}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// How words are set and coloured.
#[derive(Clone, Debug)]
pub struct Style {
    size: f32,
    line_height: f32,
    is_semibold: bool,
    color: Color32,
    rows: usize,
    is_message: bool,
    found: Option<Found>,
}

/// Words among the words that stand out.
#[derive(Clone, Debug)]
struct Found {
    bytes: Range<usize>,
    color: Color32,
    ground: Color32,
}

impl Found {
    fn range(&self) -> TextRange {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX).into();
        TextRange::new(offset(self.bytes.start), offset(self.bytes.end))
    }
}

impl Style {
    /// One line in the weight and size of an egui font; the sans for the serif.
    pub fn line(font: &FontId, color: Color32) -> Self {
        let is_semibold = match &font.family {
            FontFamily::Name(name) => [SEMIBOLD, SERIF_SEMIBOLD].contains(&&**name),
            FontFamily::Proportional | FontFamily::Monospace => false,
        };
        let line_height = (font.size * LEADING).round();
        Self {
            size: font.size,
            line_height,
            is_semibold,
            color,
            rows: 1,
            is_message: false,
            found: None,
        }
    }

    /// The same in so many rows before it is cut.
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// The same with rows of a height, in points.
    pub fn line_height(self, line_height: f32) -> Self {
        Self { line_height, ..self }
    }

    /// The same for a message of the program's own, which reads from left to right even
    /// where it begins with a person's words.
    pub fn message(self) -> Self {
        Self { is_message: true, ..self }
    }

    /// The same with some bytes of the text in a colour of their own, on a ground. Not
    /// in a heavier cut: letters that join must come from one font.
    pub fn found(self, bytes: Range<usize>, color: Color32, ground: Color32) -> Self {
        Self { found: Some(Found { bytes, color, ground }), ..self }
    }

    /// As a rich text is set.
    pub fn of(ui: &Ui, text: &RichText) -> Self {
        let text = WidgetText::from(text.clone());
        let job = text.into_layout_job(ui.style(), FontSelection::Default, Align::LEFT);
        let format = job.sections.first().map(|section| section.format.clone());
        let format = format.unwrap_or_default();
        let is_open = format.color == Color32::PLACEHOLDER;
        let color = if is_open { ui.visuals().text_color() } else { format.color };
        Self::line(&format.font_id, color)
    }
}

/// Paints words in one line, its middle where egui's would be, cut with an ellipsis at a
/// width; gives back its right edge.
pub fn paint_line(
    painter: &Painter,
    left_center: Pos2,
    text: &str,
    style: &Style,
    width: f32,
) -> f32 {
    let lines = kept::set(painter.ctx(), text, style, width);
    paint_in_line(painter, left_center, &lines, style);
    left_center.x + lines.width()
}

fn paint_in_line(painter: &Painter, left_center: Pos2, lines: &Lines, style: &Style) {
    let corner_x = left_center.x - lines.left();
    let baseline = baseline(painter, left_center.y, style);
    lines.paint(painter, Pos2::new(corner_x, lines.top_for(painter.ctx(), baseline)));
}

/// The baseline of a line of egui's with its middle at a height, so that words of both
/// kinds stand on one line.
fn baseline(painter: &Painter, middle: f32, style: &Style) -> f32 {
    let family = if style.is_semibold {
        FontFamily::Name(SEMIBOLD.into())
    } else {
        FontFamily::Proportional
    };
    let font = FontId::new(style.size, family);
    let galley = painter.layout_no_wrap("x".to_owned(), font, Color32::PLACEHOLDER);
    let top = middle - galley.size().y / 2.0;
    let row = galley.rows.first();
    let letter = row.and_then(|row| Some(row.pos.y + row.row.glyphs.first()?.pos.y));
    top + letter.unwrap_or(galley.size().y)
}

/// A label; wraps at the width that is left and takes no more of it than it needs.
pub fn label(ui: &mut Ui, text: &str, style: Style) -> Response {
    let style = style.rows(ALL_ROWS);
    let lines = kept::set(ui.ctx(), text, &style, ui.available_width());
    let (is_one_line, height) = (lines.rows() == 1, lines.height());
    let width = if is_one_line { lines.width() } else { ui.available_width() };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    let left = if is_one_line { lines.left() } else { 0.0 };
    lines.paint(ui.painter(), rect.min - Vec2::new(left, 0.0));
    response
}

/// A paragraph over the whole width, so that it begins at the side where it is read
/// from; also whether it was cut.
pub fn paragraph(ui: &mut Ui, text: &str, style: &Style) -> (Response, bool) {
    let width = ui.available_width();
    let lines = kept::set(ui.ctx(), text, style, width);
    let size = Vec2::new(width, lines.height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    lines.paint(ui.painter(), rect.min);
    (response, lines.is_cut())
}

/// Paints a paragraph with its corner at a place that `place` chooses by its height;
/// gives back the height at the middle of its first row, and whether it was cut.
pub fn paint_paragraph(
    painter: &Painter,
    text: &str,
    style: &Style,
    width: f32,
    place: impl FnOnce(f32) -> Pos2,
) -> (f32, bool) {
    let lines = kept::set(painter.ctx(), text, style, width);
    let corner = place(lines.height());
    lines.paint(painter, corner);
    (corner.y + lines.middle(), lines.is_cut())
}

/// One line as the content of a button, cut at a width. The button has no name by
/// itself then: its text is to be given to it.
pub fn atom(ui: &Ui, text: &str, style: Style, width: f32) -> Atom<'static> {
    let lines: Arc<Lines> = kept::set(ui.ctx(), &text.replace('\n', " "), &style, width);
    // As high as a line of egui's, so that buttons of both kinds are equally high.
    let font = FontId::proportional(style.size);
    let height = ui.ctx().fonts_mut(|fonts| fonts.row_height(&font));
    Atom::paint(Vec2::new(lines.width(), height), move |ui, args| {
        paint_in_line(ui.painter(), args.rect.left_center(), &lines, &style);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_from_right_to_left_are_told_from_all_others() {
        for text in ["کراچی", "שלום", "Karachi (کراچی)", "\u{1E900}", "ܫܠܡܐ", "\u{FEDF}"]
        {
            assert!(needs(text), "{text}");
        }
        for text in ["", "Karachi", "“café” — 3½", "कराची", "卡拉奇", "🙂", "Ωմ"]
        {
            assert!(!needs(text), "{text}");
        }
    }
}
