//! Labels against labels: what one annotator called something that another one called
//! otherwise, or did not mark.

use super::behind::Behind;
use super::grid::{Grid, GridCell};
use super::shades;
use super::view::{Named, View};
use crate::app::widgets::small;
use crate::app::wording::{count, counted};
use egui::Ui;

/// Draws the matrix.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let confusion = &view.report.confusion;
    let names: Vec<Named> = (0..confusion.size).map(|at| view.label(at)).collect();
    let row_sum =
        |row: usize| (0..confusion.size).map(|at| confusion.cell(row, at).len()).sum::<usize>();
    let sums: Vec<usize> = (0..confusion.size).map(row_sum).collect();
    let cell = |row: usize, column: usize| {
        let cases = confusion.cell(row, column).len();
        let is_corner = row + 1 == confusion.size && column + 1 == confusion.size;
        if is_corner {
            return None;
        }
        let share = cases as f64 / sums.get(row).copied().unwrap_or(0).max(1) as f64;
        let ground = match (cases, row == column) {
            (0, _) => None,
            (_, true) => Some(shades::agreeing(view.tokens, share)),
            (_, false) => Some(shades::differing(view.tokens, share)),
        };
        let behind = Behind::Confusion(row, column);
        let name = format!("{}: {}", behind.title(view), counted(cases, "place", "places"));
        let text = if cases == 0 { "·".to_owned() } else { count(cases) };
        let is_opened = view.is_opened(&behind);
        Some(GridCell { text, ground, name, opens: cases > 0, is_opened })
    };
    let grid = Grid { id: "confusion", rows: &names, columns: &names, cell: &cell };
    if let Some((row, column)) = grid.ui(ui) {
        *pick = Some(Behind::Confusion(row, column));
    }
    let order = match view.names {
        [one, other] => format!("Rows: {one}. Columns: {other}."),
        _ => "Rows: whoever comes first among the annotators. Columns: the other one.".to_owned(),
    };
    let shades = "Green: the same label; the deeper, the greater the part of its row";
    ui.label(small(ui, format!("{order} {shades}")));
}
