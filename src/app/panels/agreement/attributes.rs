//! Agreement on the attributes of annotations that are the same thing said twice.

use super::behind::Behind;
use super::table::{Cell, Column, Table, nothing_ui};
use super::view::{Named, View};
use crate::agreement::Score;
use crate::agreement::coding::Metric;
use crate::agreement::report::AttributeLine;
use egui::Ui;

/// Draws the table.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let with_items = |(_, line): &(usize, &AttributeLine)| line.items > 0;
    let lines: Vec<_> = view.report.attributes.iter().enumerate().filter(with_items).collect();
    if lines.is_empty() {
        nothing_ui(ui, "No attribute has a value from both annotators of any matched annotation");
        return;
    }
    let has = |metric: Metric| lines.iter().any(|(_, line)| alpha(line, metric).is_some());
    let metrics: Vec<(Metric, &str)> = [
        (Metric::Nominal, "α nominal"),
        (Metric::Ordinal, "α ordinal"),
        (Metric::Interval, "α interval"),
        (Metric::Ratio, "α ratio"),
    ]
    .into_iter()
    .filter(|(metric, _)| has(*metric))
    .collect();
    let mut columns = vec![
        Column::new("Attribute", ""),
        Column::new("both", "Things that two annotators or more gave a value"),
        Column::new("same", "How many of them all gave the same value"),
    ];
    let hint = "Krippendorff’s alpha over the values";
    columns.extend(metrics.iter().map(|(_, name)| Column::new(*name, hint)));
    columns.push(Column::new("differences", "Where values differ"));
    let cell = |row: usize, column: usize| {
        let Some((_, line)) = lines.get(row) else { return Cell::Words("") };
        match column {
            0 => {
                let label = view.label_of(&line.label);
                let name = format!("{} · {}", label.name, view.attribute(line));
                Cell::Label(Named { name, ..label })
            }
            1 => Cell::Count(line.items),
            2 => Cell::Count(line.same),
            at => match metrics.get(at - 3) {
                Some((metric, _)) => alpha(line, *metric).map_or(Cell::Words("–"), Cell::Score),
                None => Cell::Count(line.cases.len()),
            },
        }
    };
    let index = |row: usize| lines.get(row).map_or(usize::MAX, |(at, _)| *at);
    let is_opened = |row: usize| view.is_opened(&Behind::Attribute(index(row)));
    let table = Table {
        id: "attributes",
        columns,
        rows: lines.len(),
        cell: &cell,
        is_opened: Some(&is_opened),
    };
    if let Some(row) = table.ui(ui) {
        *pick = Some(Behind::Attribute(index(row)));
    }
}

/// The alpha of an attribute by one metric; none where it means nothing.
fn alpha(line: &AttributeLine, wanted: Metric) -> Option<Score> {
    line.alphas.iter().find(|(metric, _)| *metric == wanted).map(|(_, alpha)| *alpha)
}
