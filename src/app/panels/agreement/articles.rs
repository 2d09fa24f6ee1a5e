//! Agreement article by article.

use super::behind::Behind;
use super::table::{Cell, Column, Table};
use super::view::View;
use egui::Ui;

/// Draws the table.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let lines = &view.report.by_article;
    let columns = vec![
        Column::new("Article", ""),
        Column::new("annotators", "How many have it"),
        Column::new("F1 exact", "The same ranges and label: the mean of all pairs"),
        Column::new("F1 overlap", "The same label and any overlap"),
        Column::new("uα", "Unitizing alpha, 2016"),
        Column::new("differences", "Where annotators differ"),
    ];
    let cell = |row: usize, column: usize| {
        let Some(line) = lines.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Words(view.title(line.article)),
            1 => Cell::Count(line.annotators),
            2 => Cell::Score(line.f1_exact),
            3 => Cell::Score(line.f1_overlap),
            4 => Cell::Score(line.u_alpha),
            _ => Cell::Count(line.cases.len()),
        }
    };
    let is_opened = |row: usize| view.is_opened(&Behind::Article(row));
    let table = Table {
        id: "articles",
        columns,
        rows: lines.len(),
        cell: &cell,
        is_opened: Some(&is_opened),
    };
    if let Some(row) = table.ui(ui) {
        *pick = Some(Behind::Article(row));
    }
}
