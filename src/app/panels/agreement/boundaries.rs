//! How far boundaries are apart: a histogram of starts and ends.
//!
//! Boundaries at the same place are told in words: their bars would dwarf all others.

use super::behind::Behind;
use super::view::{self, View};
use crate::agreement::report::BoundaryBar;
use crate::app::theme::Tokens;
use crate::app::widgets::{link, small};
use crate::app::wording::{count, counted};
use egui::{Color32, Sense, Stroke, StrokeKind, Ui, WidgetInfo};
use egui_plot::{Bar, BarChart, GridMark, Plot, PlotPoint, PlotResponse};

/// How much of its place a bar fills; starts stand left of ends.
const WIDTH: f64 = 0.4;
const HEIGHT: f32 = 150.0;

/// Draws the histogram.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, pick: &mut Option<Behind>) {
    let tokens = Tokens::of(ui.ctx());
    let bars = &view.report.boundaries;
    same_ui(ui, bars, pick);
    let apart = bars.iter().filter(|bar| bar.by != 0);
    if apart.clone().all(|bar| bar.starts.is_empty() && bar.ends.is_empty()) {
        return;
    }
    let most = apart.map(|bar| bar.starts.len().max(bar.ends.len())).max().unwrap_or(1);
    ui.add_space(4.0);
    let chart = |name: &str, shift: f64, color: Color32, of: fn(&BoundaryBar) -> usize| {
        let apart = bars.iter().filter(|bar| bar.by != 0 && of(bar) > 0);
        let bar = |bar: &BoundaryBar| {
            Bar::new(f64::from(bar.by) + shift, of(bar) as f64)
                .width(WIDTH)
                .fill(color)
                .stroke(Stroke::NONE)
        };
        BarChart::new(name, apart.map(bar).collect()).allow_hover(false)
    };
    let far = f64::from(crate::agreement::report::FAR) + 0.6;
    let shown = Plot::new("boundaries")
        .height(HEIGHT)
        .show_background(false)
        .show_grid([false, true])
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
        .include_x(-far)
        .include_x(far)
        .include_y(0.0)
        .include_y(most as f64)
        .y_grid_spacer(move |_| whole_marks(most))
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value).replace('-', "−"))
        .y_axis_formatter(|mark, _| count(mark.value.max(0.0).round() as usize))
        .show(ui, |plot| {
            plot.bar_chart(chart("starts", -WIDTH / 2.0, tokens.accent, |bar| bar.starts.len()));
            plot.bar_chart(chart("ends", WIDTH / 2.0, tokens.faint, |bar| bar.ends.len()));
        });
    for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| bar.by != 0) {
        let starts = (Behind::Starts(at), -WIDTH / 2.0, bar.starts.len());
        let ends = (Behind::Ends(at), WIDTH / 2.0, bar.ends.len());
        for (behind, shift, height) in [starts, ends].into_iter().filter(|bar| bar.2 > 0) {
            let middle = f64::from(bar.by) + shift;
            if bar_ui(ui, view, &shown, &behind, middle, height) {
                *pick = Some(behind);
            }
        }
    }
    let words = "· Characters that the second annotator’s boundary is further right";
    view::legend_ui(ui, &[("starts", tokens.accent), ("ends", tokens.faint)], words);
}

/// Some four lines up to the highest bar, none between two whole numbers.
fn whole_marks(most: usize) -> Vec<GridMark> {
    let step = (most / 4).max(1);
    let mark = |value: usize| GridMark { value: value as f64, step_size: step as f64 };
    (0..=most).step_by(step).map(mark).collect()
}

/// What can be clicked of a bar; true when it was.
fn bar_ui(
    ui: &Ui,
    view: &View<'_>,
    shown: &PlotResponse<()>,
    behind: &Behind,
    middle: f64,
    height: usize,
) -> bool {
    let corners = [
        PlotPoint::new(middle - WIDTH / 2.0, 0.0),
        PlotPoint::new(middle + WIDTH / 2.0, height as f64),
    ];
    let [low, high] = &corners;
    let rect = shown.transform.rect_from_values(low, high);
    let id = shown.response.id.with(format!("{behind:?}"));
    let response = ui.interact(rect.expand2(egui::vec2(0.5, 3.0)), id, Sense::click());
    let name = format!("{}: {}", behind.title(view), counted(height, "place", "places"));
    let is_opened = view.is_opened(behind);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_opened, &name));
    if is_opened || response.hovered() || response.has_focus() {
        let stroke = Stroke::new(1.5, view.tokens.text);
        ui.painter().rect_stroke(rect, 1.0, stroke, StrokeKind::Outside);
    }
    response.on_hover_text(name).clicked()
}

/// How many boundaries are at the same place.
fn same_ui(ui: &mut Ui, bars: &[BoundaryBar], pick: &mut Option<Behind>) {
    let sum = |of: fn(&BoundaryBar) -> usize| bars.iter().map(of).sum::<usize>();
    let (starts, ends) = (sum(|bar| bar.starts.len()), sum(|bar| bar.ends.len()));
    let Some((at, same)) = bars.iter().enumerate().find(|(_, bar)| bar.by == 0) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(small(ui, "At the same place:"));
        let words =
            |same: usize, of: usize, what: &str| format!("{} of {} {what}", count(same), count(of));
        if link(ui, &words(same.starts.len(), starts, "starts")).clicked() {
            *pick = Some(Behind::Starts(at));
        }
        ui.label(small(ui, "·"));
        if link(ui, &words(same.ends.len(), ends, "ends")).clicked() {
            *pick = Some(Behind::Ends(at));
        }
    });
}
