//! Agreement over time, and how fast everybody is.

use super::behind::Behind;
use super::table::{Cell, Column, Table, nothing_ui};
use super::view::{self, View};
use crate::app::theme::Tokens;
use crate::app::wording::short_date;
use egui::{Sense, Ui, Vec2, WidgetInfo};
use egui_plot::{GridMark, Line, Plot, PlotPoint, PlotPoints, Points};

/// Below so many days a line says no more than the table.
const DAYS: usize = 3;
/// Around a point, where a click opens it.
const AROUND: f32 = 16.0;

/// Draws the days.
pub(super) fn days_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let periods = &view.report.periods;
    if periods.len() >= DAYS {
        plot_ui(ui, view, pick);
        let (exact, overlap) = (view.tokens.accent, view.tokens.faint);
        view::legend_ui(ui, &[("F1 exact", exact), ("F1 overlap", overlap)], "");
        ui.add_space(6.0);
    }
    let columns = vec![
        Column::new("Finished on", "The day of the last change to any of an article’s annotations"),
        Column::new("articles", ""),
        Column::new("F1 exact", "The mean of all pairs"),
        Column::new("F1 overlap", "The mean of all pairs"),
        Column::new("differences", "In the articles of the day"),
    ];
    let cell = |row: usize, column: usize| {
        let Some(line) = periods.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Day(line.day),
            1 => Cell::Count(line.articles),
            2 => Cell::Score(line.f1_exact),
            3 => Cell::Score(line.f1_overlap),
            _ => Cell::Count(line.cases.len()),
        }
    };
    let is_opened = |row: usize| view.is_opened(&Behind::Day(row));
    let (rows, is_opened) = (periods.len(), Some(&is_opened as &dyn Fn(usize) -> bool));
    if let Some(row) = (Table { id: "days", columns, rows, cell: &cell, is_opened }).ui(ui) {
        *pick = Some(Behind::Day(row));
    }
}

fn plot_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let tokens = Tokens::of(ui.ctx());
    let periods = &view.report.periods;
    let known = |of: fn(&crate::agreement::report::Period) -> Option<f64>| -> Vec<[f64; 2]> {
        let points = periods.iter().enumerate();
        points.filter_map(|(at, period)| Some([at as f64, of(period)?])).collect()
    };
    let exact = known(|period| period.f1_exact.value());
    let overlap = known(|period| period.f1_overlap.value());
    let days: Vec<String> = periods.iter().map(|period| short_date(period.day)).collect();
    let shown = Plot::new("agreement over time")
        .height(130.0)
        .show_background(false)
        .show_grid([false, true])
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
        .include_y(0.0)
        .include_y(1.0)
        .y_grid_spacer(|_| [0.0, 0.5, 1.0].map(|value| GridMark { value, step_size: 0.5 }).into())
        .y_axis_formatter(|mark, _| format!("{:.1}", mark.value))
        .x_axis_formatter(move |mark, _| {
            let at = mark.value;
            let is_whole = (at - at.round()).abs() < 1e-6 && at >= 0.0;
            let day = is_whole.then(|| days.get(at.round() as usize)).flatten();
            day.cloned().unwrap_or_default()
        })
        .show(ui, |plot| {
            for (name, points, color) in
                [("F1 exact", &exact, tokens.accent), ("F1 overlap", &overlap, tokens.faint)]
            {
                plot.line(Line::new(name, PlotPoints::from(points.clone())).color(color));
                let dots = Points::new(name, PlotPoints::from(points.clone()));
                plot.points(dots.color(color).radius(3.5));
            }
        });
    for [x, y] in exact {
        let at = x as usize;
        let center = shown.transform.position_from_point(&PlotPoint::new(x, y));
        let rect = egui::Rect::from_center_size(center, Vec2::splat(AROUND));
        let response = ui.interact(rect, shown.response.id.with(at), Sense::click());
        let Some(period) = periods.get(at) else { continue };
        let name = format!("{}: F1 exact {:.3}", short_date(period.day), y);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
        if response.on_hover_text(name).clicked() {
            *pick = Some(Behind::Day(at));
        }
    }
}

/// Draws how fast everybody is.
pub(super) fn paces_ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let paces = &view.report.paces;
    if paces.is_empty() {
        nothing_ui(ui, "Nobody has made an annotation here");
        return;
    }
    let columns = vec![
        Column::new("Annotator", ""),
        Column::new("articles", "Finished ones, shared or not"),
        Column::new("annotations", "Made in Copydesk; imported ones have no time"),
        Column::new("days", "On which some were made"),
        Column::new("at work", "Pauses of more than five minutes left out"),
        Column::new("an hour", "Annotations an hour at work"),
    ];
    let cell = |row: usize, column: usize| {
        let Some(pace) = paces.get(row) else { return Cell::Words("") };
        match column {
            0 => Cell::Words(view.name(row)),
            1 => Cell::Count(pace.articles),
            2 => Cell::Count(pace.annotations),
            3 => Cell::Count(pace.days.len()),
            4 => Cell::Duration(pace.seconds),
            _ => Cell::Whole(pace.per_hour),
        }
    };
    let is_opened = |row: usize| view.is_opened(&Behind::Annotator(row));
    let (rows, is_opened) = (paces.len(), Some(&is_opened as &dyn Fn(usize) -> bool));
    if let Some(row) = (Table { id: "paces", columns, rows, cell: &cell, is_opened }).ui(ui) {
        *pick = Some(Behind::Annotator(row));
    }
}
