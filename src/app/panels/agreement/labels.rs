//! Agreement label by label.

use super::behind::Behind;
use super::table::{Cell, Column, Table};
use super::view::View;
use egui::Ui;

/// The most annotators whose counts have a column each.
const PEOPLE: usize = 3;

/// Draws the table.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let lines = &view.report.by_label;
    let people = if view.names.len() <= PEOPLE { view.names.len() } else { 0 };
    let mut columns = vec![Column::new("Label", "")];
    columns.extend(view.names.iter().take(people).map(|name| {
        Column::new(name.as_str(), "How many annotations with the label, in what is compared")
    }));
    if people == 0 {
        columns.push(Column::new("annotations", "Of all annotators, in what is compared"));
    }
    let counts = people.max(1);
    columns.extend([
        Column::estimates("F1 exact", "The same ranges and label: the mean of all pairs"),
        Column::estimates("F1 overlap", "The same label and any overlap"),
        Column::new("uα", "Unitizing alpha of the label against all else"),
        Column::new("differences", "Where annotators differ about it"),
    ]);
    let cell = |row: usize, column: usize| {
        let Some(line) = lines.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Label(view.label(row)),
            at if at <= people => {
                Cell::Count(line.counts.get(at - 1).map_or(0, |count| *count as usize))
            }
            1 => Cell::Count(line.counts.iter().sum::<u64>() as usize),
            at => match at - counts {
                1 => Cell::Estimate(line.f1_exact),
                2 => Cell::Estimate(line.f1_overlap),
                3 => Cell::Score(line.u_alpha.score),
                _ => Cell::Count(line.cases.len()),
            },
        }
    };
    let is_opened = |row: usize| view.is_opened(&Behind::Label(row));
    let table = Table {
        id: "labels",
        columns,
        rows: lines.len(),
        cell: &cell,
        is_opened: Some(&is_opened),
    };
    if let Some(row) = table.ui(ui) {
        *pick = Some(Behind::Label(row));
    }
}
