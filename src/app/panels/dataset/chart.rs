//! The pictures of Dataset mode: labels by split as bars, and how many annotations
//! articles have as a histogram.

use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::small;
use crate::session::Session;
use crate::session::export::SplitCounts;
use egui::{Align2, Color32, FontId, Rect, Sense, Ui, Vec2};
use egui_plot::{Bar, BarChart, Plot};
use std::collections::BTreeMap;

const ROW: f32 = 26.0;
const NAMES: f32 = 110.0;
const NUMBERS: f32 = 130.0;
/// The most bars of the histogram; beyond, several numbers share one.
const BARS: usize = 40;

/// Draws a bar for each label, with a part for each split.
pub(super) fn labels_ui(ui: &mut Ui, session: &Session, splits: &[SplitCounts]) {
    let schema = session.schema();
    let count = |split: &SplitCounts, label: &str| split.labels.get(label).copied().unwrap_or(0);
    let total = |label: &str| splits.iter().map(|split| count(split, label)).sum::<usize>();
    let mut labels: Vec<&str> = schema.labels().iter().map(|label| label.id.as_str()).collect();
    let others = splits.iter().flat_map(|split| split.labels.keys());
    for other in others {
        if !labels.contains(&other.as_str()) {
            labels.push(other);
        }
    }
    let most = labels.iter().map(|label| total(label)).max().unwrap_or(0).max(1);
    let tokens = Tokens::of(ui.ctx());
    for label in labels {
        let known = schema.labels().iter().find(|known| known.id.as_str() == label);
        let name = known.map_or(label, |known| &known.name);
        let color = known.map_or(tokens.muted, |known| LabelShades::of(known.color, tokens).line);
        let numbers: Vec<_> = splits.iter().map(|split| count(split, label)).collect();
        row_ui(ui, name, color, &numbers, most);
    }
}

fn row_ui(ui: &mut Ui, name: &str, color: Color32, numbers: &[usize], most: usize) {
    let tokens = Tokens::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    let words = words.join(" · ");
    let spoken = format!("{name}: {words}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    let font = FontId::proportional(sizes::UI_TEXT);
    let painter = ui.painter();
    painter.text(rect.left_center(), Align2::LEFT_CENTER, name, font.clone(), tokens.text);
    painter.text(rect.right_center(), Align2::RIGHT_CENTER, words, font, tokens.muted);
    let room = (rect.width() - NAMES - NUMBERS).max(10.0);
    let mut left = rect.left() + NAMES;
    for (index, number) in numbers.iter().enumerate() {
        let width = room * *number as f32 / most as f32;
        let corner = egui::pos2(left, rect.center().y - 6.5);
        let part = Rect::from_min_size(corner, Vec2::new((width - 2.0).max(0.0), 13.0));
        let fade = 1.0 / (1.0 + 0.7 * index as f32);
        painter.rect_filled(part, 2.0, tokens.page.lerp_to_gamma(color, fade));
        left += width;
    }
}

/// Draws how many articles have how many annotations.
pub(super) fn sizes_ui(ui: &mut Ui, splits: &[SplitCounts]) {
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for (size, articles) in splits.iter().flat_map(|split| &split.sizes) {
        *sizes.entry(*size).or_default() += articles;
    }
    let Some(largest) = sizes.last_key_value().map(|(size, _)| *size) else { return };
    let step = largest / BARS + 1;
    let mut bars: BTreeMap<usize, usize> = BTreeMap::new();
    for (size, articles) in sizes {
        *bars.entry(size / step * step).or_default() += articles;
    }
    let tokens = Tokens::of(ui.ctx());
    let width = step as f64;
    let bars: Vec<_> = bars
        .into_iter()
        .map(|(size, articles)| {
            Bar::new(size as f64 + (width - 1.0) / 2.0, articles as f64)
                .width(width * 0.86)
                .fill(tokens.accent)
                .stroke(egui::Stroke::NONE)
        })
        .collect();
    let chart = BarChart::new("articles", bars).element_formatter(Box::new(move |bar, _| {
        let from = (bar.argument - (width - 1.0) / 2.0).round();
        let to = from + width - 1.0;
        let range = if width > 1.0 { format!("{from} to {to}") } else { from.to_string() };
        format!("{range} annotations\n{} articles", bar.value)
    }));
    Plot::new("annotations an article")
        .height(130.0)
        .show_background(false)
        .show_grid([false, true])
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
        .show(ui, |plot| plot.bar_chart(chart));
    ui.label(small(ui, "annotations an article, and how many articles have so many"));
}
