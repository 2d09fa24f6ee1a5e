//! A list of rows of one height that draws only those in view.
//!
//! The list is one stop of the Tab key, not one for each row; while it has the focus,
//! the arrows, Home and End move through the rows. A row is drawn at the place where it
//! stands, so a list of 100,000 costs what one of twenty does.

use crate::app::theme::Tokens;
use egui::style::{ScrollAnimation, ScrollStyle};
use egui::{
    Align2, Color32, EventFilter, FontId, Id, Key, Modifiers, Pos2, Rect, Response, Role,
    ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

/// What a list is made of.
pub(in crate::app::panels) struct Rows<'a> {
    pub(in crate::app::panels) id: Id,
    /// What assistive technology reads.
    pub(in crate::app::panels) name: &'a str,
    pub(in crate::app::panels) height: f32,
    pub(in crate::app::panels) count: usize,
    /// The row that is open.
    pub(in crate::app::panels) current: Option<usize>,
    /// Whether the current row is brought into view.
    pub(in crate::app::panels) is_revealing: bool,
    pub(in crate::app::panels) wants_focus: bool,
}

/// One row to be drawn, its ground painted already.
pub(in crate::app::panels) struct Row {
    pub(in crate::app::panels) index: usize,
    pub(in crate::app::panels) rect: Rect,
    pub(in crate::app::panels) is_current: bool,
    pub(in crate::app::panels) response: Response,
}

/// How a row was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app::panels) enum By {
    /// By the pointer, or by a key that names it.
    Itself,
    /// Going down.
    Down,
    /// Going up.
    Up,
}

impl Rows<'_> {
    /// Draws the list in all the room that is left; gives back the row that was chosen.
    pub(in crate::app::panels) fn ui(
        self,
        ui: &mut Ui,
        mut row: impl FnMut(&mut Ui, Row),
    ) -> Option<(usize, By)> {
        let area = ui.available_rect_before_wrap();
        let list = ui.interact(area, self.id, Sense::FOCUSABLE);
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, self.name));
        if self.wants_focus {
            list.request_focus();
        }
        let mut chosen = if list.has_focus() { self.keys(ui) } else { None };
        ui.spacing_mut().item_spacing.y = 0.0;
        // Above the rows instead of beside them, so that they keep the panel's width.
        ui.spacing_mut().scroll = ScrollStyle::floating();
        let scroll = ScrollArea::vertical().id_salt(self.id).auto_shrink(false);
        scroll.show_rows(ui, self.height, self.count, |ui, range| {
            let first = ui.max_rect().left_top();
            let size = Vec2::new(ui.max_rect().width(), self.height);
            let place = |index: usize| {
                let down = (index as f32 - range.start as f32) * self.height;
                Rect::from_min_size(first + Vec2::new(0.0, down), size)
            };
            if let Some(current) = self.current.filter(|_| self.is_revealing) {
                ui.scroll_to_rect_animation(place(current), None, ScrollAnimation::none());
            }
            for index in range.clone() {
                let drawn = self.row(ui, index, place(index), list.has_focus());
                if drawn.response.clicked() {
                    chosen = Some((index, By::Itself));
                    list.request_focus();
                }
                row(ui, drawn);
            }
        });
        if list.has_focus() && self.current.is_none() {
            let stroke = Stroke::new(1.0, Tokens::of(ui.ctx()).accent);
            ui.painter().rect_stroke(area.shrink(1.0), 4.0, stroke, StrokeKind::Inside);
        }
        chosen
    }

    fn row(&self, ui: &Ui, index: usize, rect: Rect, has_focus: bool) -> Row {
        let tokens = Tokens::of(ui.ctx());
        // Not focusable: the list as a whole is.
        let response = ui.interact(rect, self.id.with(index), Sense::CLICK);
        let is_current = self.current == Some(index);
        if is_current {
            ui.painter().rect_filled(rect, 0.0, tokens.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, tokens.hover);
        }
        if is_current && has_focus {
            let stroke = Stroke::new(1.0, tokens.accent);
            ui.painter().rect_stroke(rect.shrink(1.0), 4.0, stroke, StrokeKind::Inside);
        }
        Row { index, rect, is_current, response }
    }

    fn keys(&self, ui: &Ui) -> Option<(usize, By)> {
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, arrows));
        let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = self.count.checked_sub(1)?;
        let chosen = if take(Key::ArrowDown) {
            (self.current.map_or(0, |at| at + 1), By::Down)
        } else if take(Key::ArrowUp) {
            (self.current.map_or(last, |at| at.saturating_sub(1)), By::Up)
        } else if take(Key::Home) {
            (0, By::Down)
        } else if take(Key::End) {
            (last, By::Up)
        } else {
            return None;
        };
        let (row, by) = chosen;
        (row <= last && Some(row) != self.current).then_some((row, by))
    }
}

/// Tells assistive technology what a row is.
pub(in crate::app::panels) fn describe(row: &Row, name: &str) {
    let is_current = row.is_current;
    row.response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, name));
    let response = &row.response;
    response.ctx.accesskit_node_builder(response.id, |node| node.set_selected(is_current));
}

/// Paints a number right-aligned with every digit equally wide, so that numbers below
/// each other line up; gives back its left edge. Anything but digits keeps its width.
pub(in crate::app::panels) fn figures(
    ui: &Ui,
    right: Pos2,
    text: &str,
    size: f32,
    color: Color32,
) -> f32 {
    let font = FontId::proportional(size);
    let width = |text: String| ui.painter().layout_no_wrap(text, font.clone(), color).size().x;
    let digit = width("0".to_owned());
    let mut x = right.x;
    let mut word_end = text.len();
    for (at, letter) in text.char_indices().rev() {
        if letter.is_ascii_digit() {
            let rest = &text[at + 1..word_end];
            x -= paint_right(ui, Pos2::new(x, right.y), rest, &font, color);
            let center = Pos2::new(x - digit / 2.0, right.y);
            ui.painter().text(center, Align2::CENTER_CENTER, letter, font.clone(), color);
            x -= digit;
            word_end = at;
        }
    }
    x - paint_right(ui, Pos2::new(x, right.y), &text[..word_end], &font, color)
}

fn paint_right(ui: &Ui, at: Pos2, text: &str, font: &FontId, color: Color32) -> f32 {
    if text.is_empty() {
        return 0.0;
    }
    ui.painter().text(at, Align2::RIGHT_CENTER, text, font.clone(), color).width()
}
