//! Each annotator against gold.

use super::behind::Behind;
use super::table::{Cell, Column, Table, nothing_ui};
use super::view::View;
use crate::agreement::Score;
use crate::agreement::report::GoldLine;
use crate::agreement::spans::Scheme;
use egui::Ui;

/// Draws the table.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let lines = &view.report.gold;
    if lines.is_empty() {
        let words = "No article here has gold that is done. Settle one in Review and mark its \
                     gold done, or compare begun ones too";
        nothing_ui(ui, words);
        return;
    }
    let mut columns = vec![
        Column::new("Annotator", ""),
        Column::new("articles", "With gold, and the annotator’s"),
        Column::estimates("F1 exact", "The same ranges and label"),
        Column::new("precision", "Of the annotator’s annotations, the part that gold has"),
        Column::new("recall", "Of the gold annotations, the part that the annotator has"),
        Column::estimates("F1 overlap", "The same label and any overlap"),
    ];
    let hint = "F1 as SemEval-2013 task 9 counts it";
    let others = [Scheme::Exact, Scheme::Partial, Scheme::Type];
    columns.extend(others.iter().map(|scheme| Column::new(scheme.name(), hint)));
    columns.push(Column::new("differences", "Where the annotator and gold differ"));
    let last = columns.len() - 1;
    let cell = |row: usize, column: usize| {
        let Some(line) = lines.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Words(view.name(line.annotator)),
            1 => Cell::Count(line.articles),
            2 => Cell::Estimate(line.f1_exact),
            3 => Cell::Score(line.exact.precision()),
            4 => Cell::Score(line.exact.recall()),
            5 => Cell::Estimate(line.f1_overlap),
            at if at == last => Cell::Count(line.cases.len()),
            at => Cell::Score(others.get(at - 6).map_or(Score::Undefined, |s| semeval(line, *s))),
        }
    };
    let is_opened = |row: usize| view.is_opened(&Behind::Gold(row));
    let (rows, is_opened) = (lines.len(), Some(&is_opened as &dyn Fn(usize) -> bool));
    if let Some(row) = (Table { id: "gold", columns, rows, cell: &cell, is_opened }).ui(ui) {
        *pick = Some(Behind::Gold(row));
    }
}

fn semeval(line: &GoldLine, wanted: Scheme) -> Score {
    let counts = line.semeval.iter().find(|(scheme, _)| *scheme == wanted);
    counts.map_or(Score::Undefined, |(_, counts)| counts.f1())
}
