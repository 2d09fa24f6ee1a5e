//! A table that is sorted by a click on a column's name and opened by a click on a row.
//!
//! Only the rows in view are drawn, so that ten thousand articles cost what twenty do.

use super::figures;
use super::view::Named;
use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{self, hairline, paint_line};
use crate::app::wording::{count, short_date};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FontId, Id, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2,
    WidgetInfo,
};
use jiff::civil::Date;
use std::cmp::Ordering;

const ROW: f32 = 28.0;
/// The first column is at least this wide.
const FIRST: f32 = 150.0;
/// Before the first column, and behind the last.
const INSET: f32 = 4.0;
const NUMBER: f32 = 84.0;
/// Where there is no room, a number has this.
const NARROW: f32 = 58.0;
/// Between the names of two columns, at least.
const BETWEEN: f32 = 8.0;
/// What an interval needs beside its number.
const INTERVAL: f32 = 88.0;

/// A column's name and what it means.
pub(super) struct Column {
    name: String,
    hint: &'static str,
    has_intervals: bool,
}

impl Column {
    pub(super) fn new(name: impl Into<String>, hint: &'static str) -> Self {
        Self { name: name.into(), hint, has_intervals: false }
    }

    /// A column of estimates, whose intervals stand beside them where there is room.
    pub(super) fn estimates(name: &str, hint: &'static str) -> Self {
        Self { has_intervals: true, ..Self::new(name, hint) }
    }
}

/// What stands in a cell.
pub(super) enum Cell<'a> {
    Words(&'a str),
    Label(Named),
    Count(usize),
    Score(Score),
    Estimate(Estimate),
    /// A number an hour, say, without digits behind the point.
    Whole(Score),
    /// Seconds.
    Duration(i64),
    Day(Date),
}

impl Cell<'_> {
    fn text(&self) -> String {
        match self {
            Self::Words(words) => (*words).to_owned(),
            Self::Label(label) => label.name.clone(),
            Self::Count(number) => count(*number),
            Self::Score(score) => figures::score(*score),
            Self::Estimate(estimate) => figures::score(estimate.score),
            Self::Whole(Score::Known(number)) => count(number.round().max(0.0) as usize),
            Self::Whole(Score::Undefined) => Score::Undefined.to_string(),
            Self::Duration(seconds) => figures::duration(*seconds),
            Self::Day(day) => short_date(*day),
        }
    }

    /// The number that it is sorted by; none for words and what is undefined.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Words(_) | Self::Label(_) => None,
            Self::Count(number) => Some(*number as f64),
            Self::Score(score) | Self::Whole(score) => score.value(),
            Self::Estimate(estimate) => estimate.score.value(),
            Self::Duration(seconds) => Some(*seconds as f64),
            Self::Day(day) => Some(f64::from(day.year()) * 366.0 + f64::from(day.day_of_year())),
        }
    }

    fn words(&self) -> &str {
        match self {
            Self::Words(words) => words,
            Self::Label(label) => &label.name,
            _ => "",
        }
    }

    /// What is undefined comes last either way.
    fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        let order = |order: Ordering| if is_descending { order.reverse() } else { order };
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => order(one.total_cmp(&two)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => order(self.words().to_lowercase().cmp(&other.words().to_lowercase())),
        }
    }
}

/// By which column, and whether the greatest comes first.
type Sort = Option<(usize, bool)>;

/// A table. The rows are as many as `rows` says, `cell` says what stands in them.
pub(super) struct Table<'a> {
    pub(super) id: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
    pub(super) cell: &'a dyn Fn(usize, usize) -> Cell<'a>,
    /// Whether a row's cases are listed; `None` where rows have none.
    pub(super) is_opened: Option<&'a dyn Fn(usize) -> bool>,
}

impl Table<'_> {
    /// Draws it; gives back the row that was clicked.
    pub(super) fn ui(&self, ui: &mut Ui) -> Option<usize> {
        let id = Id::unique(("agreement table", self.id));
        let widths = self.widths(ui.available_width());
        let mut sort: Sort = ui.data(|data| data.get_temp(id)).flatten();
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            self.head_ui(ui, id, &widths, &mut sort);
            hairline(ui);
            ui.data_mut(|data| data.insert_temp(id, sort));
            self.rows_ui(ui, &widths, sort)
        })
        .inner
    }

    /// The columns from left to right. Where there is no room intervals give way, and then
    /// numbers move together.
    fn widths(&self, room: f32) -> Vec<(f32, bool)> {
        let columns = self.columns.len().saturating_sub(1) as f32;
        let share = (room - FIRST - INSET) / columns.max(1.0);
        let number = share.clamp(NARROW, NUMBER);
        let has: Vec<bool> = (0..self.columns.len()).map(|at| self.has_intervals(at)).collect();
        let intervals = has.iter().filter(|has| **has).count() as f32;
        let fits = FIRST + INSET + columns * NUMBER + intervals * INTERVAL <= room;
        let width = |has: &bool| match *has && fits {
            true => (NUMBER + INTERVAL, true),
            false => (number, false),
        };
        let mut widths: Vec<_> = has.iter().map(width).collect();
        let others: f32 = widths.iter().skip(1).map(|(width, _)| width).sum();
        if let Some(first) = widths.first_mut() {
            *first = ((room - others - INSET).max(FIRST), false);
        }
        widths
    }

    fn has_intervals(&self, column: usize) -> bool {
        let may = self.columns.get(column).is_some_and(|column| column.has_intervals);
        let has =
            |row| matches!((self.cell)(row, column), Cell::Estimate(one) if one.interval.is_some());
        may && (0..self.rows).any(has)
    }

    fn head_ui(&self, ui: &mut Ui, id: Id, widths: &[(f32, bool)], sort: &mut Sort) {
        let tokens = Tokens::of(ui.ctx());
        let size = Vec2::new(ui.available_width(), ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let mut left = rect.left();
        for (at, (column, (width, has_interval))) in self.columns.iter().zip(widths).enumerate() {
            let part = Rect::from_min_size(Pos2::new(left, rect.top()), Vec2::new(*width, ROW));
            left += width;
            let response = ui.interact(part, id.with(at), Sense::click());
            let name = format!("Sort by {}", column.name);
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
            let is_lit =
                response.hovered() || response.has_focus() || sort.is_some_and(|s| s.0 == at);
            let color = if is_lit { tokens.text } else { tokens.muted };
            let font = FontId::proportional(sizes::SMALL_TEXT);
            let edge = if at == 0 {
                {
                    let at = part.left_center() + Vec2::new(INSET, 0.0);
                    paint_line(ui, at, &column.name, font, color, width - 20.0) + 8.0
                }
            } else {
                let right = part.right() - if *has_interval { INTERVAL } else { 0.0 };
                let place = Pos2::new(right, part.center().y);
                column_name(ui, place, column, font, color, right - part.left() - BETWEEN) - 8.0
            };
            if let Some((_, is_descending)) = sort.filter(|sort| sort.0 == at) {
                arrow(ui, Pos2::new(edge, part.center().y), is_descending);
            }
            if response.clicked() {
                *sort = match *sort {
                    Some((column, true)) if column == at => Some((at, false)),
                    Some((column, false)) if column == at => None,
                    _ => Some((at, true)),
                };
            }
            if !column.hint.is_empty() {
                response.on_hover_text(format!("{}: {}", column.name, column.hint));
            }
        }
    }

    fn rows_ui(&self, ui: &mut Ui, widths: &[(f32, bool)], sort: Sort) -> Option<usize> {
        let mut order: Vec<usize> = (0..self.rows).collect();
        if let Some((column, is_descending)) = sort {
            let cell = self.cell;
            order.sort_by(|one, other| {
                cell(*one, column).compare(&cell(*other, column), is_descending)
            });
        }
        let (top, clip) = (ui.cursor().top(), ui.clip_rect());
        let row_at = |y: f32| ((y - top) / ROW).floor().clamp(0.0, self.rows as f32) as usize;
        let shown = row_at(clip.top())..(row_at(clip.bottom()) + 1).min(self.rows);
        ui.add_space(shown.start as f32 * ROW);
        let mut clicked = None;
        for row in order.get(shown.clone()).unwrap_or_default() {
            if self.row_ui(ui, *row, widths) {
                clicked = Some(*row);
            }
        }
        ui.add_space((self.rows - shown.end.min(self.rows)) as f32 * ROW);
        clicked
    }

    /// Draws a row; true when it was clicked.
    fn row_ui(&self, ui: &mut Ui, row: usize, widths: &[(f32, bool)]) -> bool {
        let cells: Vec<Cell<'_>> =
            (0..self.columns.len()).map(|column| (self.cell)(row, column)).collect();
        let name = self.spoken(&cells);
        let response = match self.is_opened {
            Some(is_opened) => widgets::row(ui, ROW, is_opened(row), &name),
            None => {
                let size = Vec2::new(ui.available_width(), ROW);
                let (_, response) = ui.allocate_exact_size(size, Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &name));
                response
            }
        };
        let mut left = response.rect.left();
        for (at, (cell, (width, has_interval))) in cells.iter().zip(widths).enumerate() {
            let corner = Pos2::new(left, response.rect.top());
            let part = Rect::from_min_size(corner, Vec2::new(*width, ROW));
            left += width;
            match at {
                0 => first_cell(ui, part, cell),
                _ => number_cell(ui, part, cell, *has_interval),
            }
        }
        if let Some(words) = intervals_words(&self.columns, &cells, widths) {
            return response.on_hover_text(words).clicked();
        }
        response.clicked()
    }

    fn spoken(&self, cells: &[Cell<'_>]) -> String {
        let mut cells = self.columns.iter().zip(cells);
        let first = cells.next().map_or_else(String::new, |(_, cell)| cell.text());
        let rest: Vec<_> =
            cells.map(|(column, cell)| format!("{} {}", column.name, cell.text())).collect();
        format!("{first}: {}", rest.join(", "))
    }
}

/// The intervals of a row that have no room in it.
fn intervals_words(
    columns: &[Column],
    cells: &[Cell<'_>],
    widths: &[(f32, bool)],
) -> Option<String> {
    let hidden = columns.iter().zip(cells).zip(widths).filter_map(|((column, cell), width)| {
        let Cell::Estimate(estimate) = cell else { return None };
        let words = figures::interval(*estimate);
        (!width.1 && !words.is_empty()).then(|| format!("{}: {words}", column.name))
    });
    let hidden: Vec<_> = hidden.collect();
    (!hidden.is_empty()).then(|| hidden.join("\n"))
}

/// Paints a column's name with its right edge at a place, cut with an ellipsis where it has
/// no room; gives back its left edge.
fn column_name(
    ui: &Ui,
    right_center: Pos2,
    column: &Column,
    font: FontId,
    color: Color32,
    room: f32,
) -> f32 {
    let mut job = LayoutJob::simple_singleline(column.name.clone(), font, color);
    job.wrap = TextWrapping::truncate_at_width(room.max(0.0));
    let galley = ui.painter().layout_job(job);
    let rect = Align2::RIGHT_CENTER.anchor_size(right_center, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect.left()
}

fn first_cell(ui: &Ui, part: Rect, cell: &Cell<'_>) {
    let tokens = Tokens::of(ui.ctx());
    let font = FontId::proportional(sizes::UI_TEXT);
    let mut at = part.left_center() + Vec2::new(INSET, 0.0);
    if let Cell::Label(label) = cell {
        let swatch = Rect::from_center_size(at + Vec2::new(5.0, 0.0), Vec2::splat(sizes::SWATCH));
        if let Some(color) = label.color {
            ui.painter().rect_filled(swatch, CornerRadius::same(2), color);
        }
        at.x += 18.0;
    }
    let text = cell.text();
    paint_line(ui, at, &text, font, tokens.text, part.right() - at.x - 8.0);
}

fn number_cell(ui: &Ui, part: Rect, cell: &Cell<'_>, has_interval: bool) {
    let tokens = Tokens::of(ui.ctx());
    let right = part.right() - if has_interval { INTERVAL } else { 0.0 };
    let place = Pos2::new(right, part.center().y);
    let is_quiet = cell.number().is_none_or(|number| number == 0.0);
    let (color, size) = match cell {
        Cell::Words(_) => (tokens.muted, sizes::SMALL_TEXT),
        _ if cell.number().is_none() => (tokens.muted, sizes::SMALL_TEXT),
        Cell::Count(_) | Cell::Duration(_) | Cell::Day(_) if is_quiet => {
            (tokens.faint, sizes::UI_TEXT)
        }
        _ => (tokens.text, sizes::UI_TEXT),
    };
    let font = FontId::proportional(size);
    ui.painter().text(place, Align2::RIGHT_CENTER, cell.text(), font, color);
    if let (Cell::Estimate(estimate), true) = (cell, has_interval) {
        let font = FontId::proportional(sizes::TINY_TEXT);
        let place = Pos2::new(part.right(), part.center().y + 0.5);
        let words = figures::interval(*estimate);
        ui.painter().text(place, Align2::RIGHT_CENTER, words, font, tokens.muted);
    }
}

/// A small triangle that says which way a column is sorted.
fn arrow(ui: &Ui, center: Pos2, is_descending: bool) {
    let down = if is_descending { 1.0 } else { -1.0 };
    let at = |x: f32, y: f32| center + Vec2::new(x, y * down);
    let points = vec![at(-3.5, -2.0), at(3.5, -2.0), at(0.0, 2.5)];
    let color = Tokens::of(ui.ctx()).muted;
    ui.painter().add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// Draws a note where a table has no rows.
pub(super) fn nothing_ui(ui: &mut Ui, words: &str) {
    ui.label(widgets::small(ui, words));
}
