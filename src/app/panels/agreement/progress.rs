//! The progress matrix: how far everybody has come with what was assigned, and how much
//! each two have finished in common.

use super::behind::Behind;
use super::grid::{Grid, GridCell};
use super::measuring::Standings;
use super::shades;
use super::table::{Cell, Column, Table};
use super::view::{Named, View};
use crate::app::request::Requests;
use crate::app::widgets::{link, section_title, small};
use crate::app::wording::{count, counted};
use crate::review::Matrix;
use crate::session::command::CommandId;
use egui::Ui;

/// Draws the matrix; `view` is of a report, if there is one.
pub(super) fn ui(
    ui: &mut Ui,
    Standings { matrix, names }: &Standings,
    view: Option<&View<'_>>,
    pick: &mut Option<Behind>,
    out: &mut Requests,
) {
    let is_assigned = matrix.standings.iter().any(|standing| standing.assigned > 0);
    let columns = vec![
        Column::new("Annotator", ""),
        Column::new("assigned", "Articles that are theirs"),
        Column::new("not begun", "Of those assigned"),
        Column::new("begun", "Of those assigned"),
        Column::new("done", "Of those assigned"),
        Column::new("unassigned", "Begun or done without being assigned"),
    ];
    let name = |at: usize| names.get(at).map_or("", String::as_str);
    let cell = |row: usize, column: usize| {
        let Some(standing) = matrix.standings.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Words(name(row)),
            1 => Cell::Count(standing.assigned),
            2 => Cell::Count(standing.unseen),
            3 => Cell::Count(standing.in_progress),
            4 => Cell::Count(standing.done),
            _ => Cell::Count(standing.others),
        }
    };
    // A row opens what its annotator and others differ in, where they were compared.
    let behind = |row: usize| {
        let (view, name) = view.zip(matrix.annotators.get(row))?;
        let at = view.report.annotators.iter().position(|known| known == name)?;
        let is_of = |two: (usize, usize)| two.0 == at || two.1 == at;
        let is_compared = view.report.pairs.iter().any(|line| is_of(line.annotators));
        is_compared.then_some(Behind::Annotator(at))
    };
    let is_opened =
        |row: usize| view.zip(behind(row)).is_some_and(|(view, behind)| view.is_opened(&behind));
    let rows = matrix.standings.len();
    let is_opened = Some(&is_opened as &dyn Fn(usize) -> bool);
    if let Some(row) = (Table { id: "progress", columns, rows, cell: &cell, is_opened }).ui(ui) {
        *pick = behind(row);
    }
    let unassigned = match (matrix.unassigned, is_assigned) {
        (_, false) => "No article is assigned to anybody".to_owned(),
        (0, true) => "Every article is assigned".to_owned(),
        (some, true) => {
            format!("{} assigned to nobody", counted(some, "article is", "articles are"))
        }
    };
    ui.horizontal(|ui| {
        ui.label(small(ui, unassigned));
        let command = CommandId::AssignArticles.info();
        if link(ui, command.name).on_hover_text(command.help).clicked() {
            out.run(command.id);
        }
    });
    if is_assigned && rows > 1 {
        ui.add_space(12.0);
        section_title(ui, "Finished by both, of those assigned to both");
        ui.add_space(4.0);
        shared_ui(ui, matrix, names, view, pick);
    }
}

fn shared_ui(
    ui: &mut Ui,
    matrix: &Matrix,
    names: &[String],
    view: Option<&View<'_>>,
    pick: &mut Option<Behind>,
) {
    let heads: Vec<Named> = names.iter().map(Named::plain).collect();
    let pair = |row: usize, column: usize| view.and_then(|view| pair_of(view, names, row, column));
    let cell = |row: usize, column: usize| {
        let (both, done) = *matrix.shared.get(row)?.get(column)?;
        let share = done as f64 / both.max(1) as f64;
        let tokens = view.map(|view| view.tokens);
        let who = match row == column {
            true => names.get(row)?.clone(),
            false => format!("{} and {}", names.get(row)?, names.get(column)?),
        };
        let behind = pair(row, column);
        Some(GridCell {
            text: if both == 0 {
                "·".into()
            } else {
                format!("{} / {}", count(done), count(both))
            },
            ground: tokens.filter(|_| both > 0).map(|tokens| shades::agreeing(tokens, share)),
            name: format!(
                "{who}: {} of {} done",
                count(done),
                counted(both, "article", "articles")
            ),
            opens: behind.is_some(),
            is_opened: view.zip(behind).is_some_and(|(view, behind)| view.is_opened(&behind)),
        })
    };
    let grid = Grid { id: "progress", rows: &heads, columns: &heads, cell: &cell };
    if let Some((row, column)) = grid.ui(ui) {
        *pick = pair(row, column);
    }
}

/// The two of a cell as they are in the report, where they were compared.
fn pair_of(view: &View<'_>, names: &[String], row: usize, column: usize) -> Option<Behind> {
    let at = |of: usize| {
        let name = names.get(of)?;
        view.names.iter().position(|known| known == name)
    };
    let (one, other) = (at(row)?, at(column)?);
    let two = (one.min(other), one.max(other));
    let is_compared = view.report.pairs.iter().any(|line| line.annotators == two);
    is_compared.then_some(Behind::Pair(two.0, two.1))
}
