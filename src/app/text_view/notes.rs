//! Margin notes: what matters of each annotation, beside its line.
//!
//! Notes stack downwards and stay within their paragraph; those that find no room fold
//! into "+2". Where the window is narrow there are none.

use super::marks::Mark;
use super::page::Page;
use super::paint::{Block, Brush, Frame, box_of};
use crate::app::lettering::{self, Style};
use crate::app::theme::{SEMIBOLD, sizes};
use crate::model::AnnotationId;
use egui::{FontFamily, FontId, Rect, Vec2};

const LINE: f32 = 16.0;

/// A note on the screen.
pub(super) struct Note {
    pub(super) id: AnnotationId,
    pub(super) rect: Rect,
}

/// Paints the notes of a piece; gives back where they are, for the pointer. What began
/// in an earlier piece has its note there.
pub(super) fn paint_notes(
    brush: &Brush<'_>,
    page: &Page,
    frame: &Frame,
    block: Block,
) -> Vec<Note> {
    let Some(x) = frame.notes else { return Vec::new() };
    let Some(layout) = page.layout(block.index) else { return Vec::new() };
    let bottom = block.corner.y + layout.height();
    let mut notes = Vec::new();
    let mut next = block.corner.y + 4.0;
    let mut folded = 0;
    for mark in page.marks(block.index).iter().filter(|mark| !mark.gist.is_empty()) {
        let first = mark.segments().next();
        let line = first.and_then(|segment| box_of(page, block, segment.rect));
        let y = next.max(line.map_or(next, |line| line.top() + 4.0));
        if y + LINE > bottom + 6.0 {
            folded += 1;
            continue;
        }
        let corner = egui::pos2(x, y);
        let room = frame.view.right() - sizes::MAP_STRIP - 12.0 - x;
        let rect = paint_note(brush, corner, room, mark);
        notes.push(Note { id: mark.id, rect });
        next = y + LINE;
    }
    if folded > 0 {
        let font = FontId::proportional(sizes::TINY_TEXT);
        let corner = notes
            .last()
            .map_or(egui::pos2(x, next), |note| note.rect.right_top() + Vec2::new(6.0, 0.0));
        let color = brush.tokens.muted;
        brush.painter.text(corner, egui::Align2::LEFT_TOP, format!("+{folded}"), font, color);
    }
    notes
}

fn paint_note(brush: &Brush<'_>, corner: egui::Pos2, room: f32, mark: &Mark) -> Rect {
    let bold = FontId::new(sizes::TINY_TEXT, FontFamily::Name(SEMIBOLD.into()));
    let plain = FontId::proportional(sizes::TINY_TEXT);
    let (color, muted) = (mark.shades.line, brush.tokens.muted);
    if lettering::needs(&mark.gist) || lettering::needs(&mark.name) {
        let middle = corner + Vec2::new(0.0, LINE / 2.0);
        let name = Style::line(&bold, color);
        let end = lettering::paint_line(brush.painter, middle, &mark.name, &name, room);
        let at = egui::pos2(end + 5.0, middle.y);
        let gist = Style::line(&plain, muted);
        let end =
            lettering::paint_line(brush.painter, at, &mark.gist, &gist, corner.x + room - at.x);
        return Rect::from_min_max(corner, egui::pos2(end, corner.y + LINE));
    }
    let mut job = egui::text::LayoutJob::default();
    job.append(&mark.name, 0.0, egui::TextFormat::simple(bold, color));
    job.append(&mark.gist, 5.0, egui::TextFormat::simple(plain, muted));
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = brush.painter.layout_job(job);
    let rect = Rect::from_min_size(corner, galley.size());
    brush.painter.galley(corner, galley, muted);
    rect
}
