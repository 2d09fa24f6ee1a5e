//! The pictures of Dataset mode: labels by split as bars, and how many annotations
//! articles have as a histogram.

use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::small;
use crate::app::wording::{count, counted};
use crate::session::Session;
use crate::session::export::SplitCounts;
use egui::{Align2, Color32, FontId, Rect, Sense, Ui, Vec2};
use egui_plot::{Bar, BarChart, GridInput, GridMark, Plot};
use std::collections::BTreeMap;

const ROW: f32 = 26.0;
const NAMES: f32 = 110.0;
const NUMBERS: f32 = 130.0;
/// The most bars of the histogram; beyond, several numbers share one.
const BARS: usize = 40;
/// The numbers that the histogram reaches to at least: a bar alone is not as wide as all of it.
const NUMBERS_SHOWN: f64 = 10.0;
/// The least distances between the marks of the histogram's axes, in those steps of some
/// eight points below which it draws no mark: numbers side by side need more room than
/// numbers below each other.
const APART: [f64; 2] = [10.0, 4.0];

/// Draws a bar for each label, with a part for each split.
pub(super) fn labels_ui(ui: &mut Ui, session: &Session, splits: &[SplitCounts]) {
    let schema = session.schema();
    let in_split = |split: &SplitCounts, label: &str| split.labels.get(label).copied();
    let of = |split: &SplitCounts, label: &str| in_split(split, label).unwrap_or(0);
    let total = |label: &str| splits.iter().map(|split| of(split, label)).sum::<usize>();
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
        let numbers: Vec<_> = splits.iter().map(|split| of(split, label)).collect();
        row_ui(ui, name, color, &numbers, most);
    }
}

fn row_ui(ui: &mut Ui, name: &str, color: Color32, numbers: &[usize], most: usize) {
    let tokens = Tokens::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
    let words: Vec<_> = numbers.iter().map(|number| count(*number)).collect();
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
        let range = match from as usize {
            _ if width > 1.0 => format!("{from} to {to} annotations"),
            number => counted(number, "annotation", "annotations"),
        };
        format!("{range}\n{}", counted(bar.value as usize, "article", "articles"))
    }));
    let plot = Plot::new("annotations an article")
        .height(130.0)
        .show_background(false)
        .show_grid([false, true])
        .include_x(-0.5)
        .include_x(NUMBERS_SHOWN + 0.5)
        .x_grid_spacer(|input| whole_marks(&input, APART[0]))
        .y_grid_spacer(|input| whole_marks(&input, APART[1]))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false);
    ui.scope(|ui| {
        // The lines behind the bars take their colour from the words.
        ui.visuals_mut().override_text_color = Some(tokens.faint);
        plot.show(ui, |plot| plot.bar_chart(chart));
    });
    ui.label(small(ui, "Across, how many annotations; upwards, how many articles have so many"));
}

/// Marks at whole numbers from nought on, at least so many of the smallest steps apart:
/// there is no half of an article, and no part of an annotation.
fn whole_marks(input: &GridInput, apart: f64) -> Vec<GridMark> {
    let least = input.base_step_size * apart;
    let mut steps = (0..18).flat_map(|power| [1.0, 2.0, 5.0].map(|unit| unit * 10_f64.powi(power)));
    let Some(step_size) = steps.find(|step| *step >= least) else { return Vec::new() };
    let (from, to) = input.bounds;
    let first = (from.max(0.0) / step_size).ceil() as u64;
    let last = (to.max(0.0) / step_size).floor() as u64;
    let mark = |number| GridMark { value: number as f64 * step_size, step_size };
    (first..=last).map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_whole_numbers_however_little_or_much_there_is() {
        for (to, apart, expected) in [
            (0.4, 4.0, vec![0.0]),
            (1.05, 4.0, vec![0.0, 1.0]),
            (3.3, 4.0, vec![0.0, 1.0, 2.0, 3.0]),
            (10.5, 4.0, vec![0.0, 5.0, 10.0]),
            (10.5, 10.0, vec![0.0, 10.0]),
            (2_100.0, 4.0, vec![0.0, 1_000.0, 2_000.0]),
        ] {
            // A hundred and thirty points high or wide.
            let base_step_size = to / 130.0 * 8.0;
            let input = GridInput { bounds: (-0.05 * to, to), base_step_size };
            let marks = whole_marks(&input, apart);
            let marks: Vec<_> = marks.into_iter().map(|mark| mark.value).collect();
            assert_eq!(marks, expected, "{to}");
        }
    }
}
