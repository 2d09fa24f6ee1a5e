//! The annotators' matrix: how far each two agree.

use super::behind::Behind;
use super::figures;
use super::grid::{Grid, GridCell};
use super::shades;
use super::view::{Named, View};
use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::agreement::report::{GammaScore, PairLine};
use crate::app::widgets::paint_segment;
use crate::app::wording::counted;
use egui::{Rect, Sense, Ui, Vec2, WidgetInfo};

/// What the cells say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Measure {
    #[default]
    F1Exact,
    F1Overlap,
    UAlpha,
    Gamma,
    TokenKappa,
}

impl Measure {
    const ALL: [(Self, &'static str); 5] = [
        (Self::F1Exact, "F1 exact"),
        (Self::F1Overlap, "F1 overlap"),
        (Self::UAlpha, "uα"),
        (Self::Gamma, "γ"),
        (Self::TokenKappa, "token κ"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(measure, _)| *measure == self).map_or("", |(_, name)| name)
    }

    fn of(self, line: &PairLine) -> Estimate {
        let measures = &line.measures;
        match self {
            Self::F1Exact => measures.f1_exact,
            Self::F1Overlap => measures.f1_overlap,
            Self::UAlpha => measures.u_alpha,
            Self::TokenKappa => measures.token_kappa,
            Self::Gamma => match &measures.gamma {
                GammaScore::Known { estimate, .. } => *estimate,
                GammaScore::NotAsked | GammaScore::Failed(_) => Estimate::default(),
            },
        }
    }
}

/// Draws which measure the cells show, and lets it be changed.
pub(super) fn measure_ui(ui: &mut Ui, measure: &mut Measure) {
    const WIDTH: f32 = 84.0;
    const HEIGHT: f32 = 24.0;
    let size = Vec2::new(WIDTH * Measure::ALL.len() as f32, HEIGHT);
    let (rect, whole) = ui.allocate_exact_size(size, Sense::hover());
    for (at, (option, name)) in Measure::ALL.into_iter().enumerate() {
        let left = rect.left() + WIDTH * at as f32;
        let part = Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(WIDTH, HEIGHT));
        let response = ui.interact(part, whole.id.with(at), Sense::click());
        let is_current = *measure == option;
        let spoken = format!("Matrix of {name}");
        response.widget_info(|| {
            WidgetInfo::selected(egui::Role::RadioButton, true, is_current, &spoken)
        });
        paint_segment(ui, part, name, is_current, &response);
        if response.clicked() {
            *measure = option;
        }
    }
}

/// Draws the matrix.
pub(super) fn ui(ui: &mut Ui, view: &View<'_>, measure: Measure, pick: &mut Option<Behind>) {
    let names: Vec<Named> = view.names.iter().map(Named::plain).collect();
    let cell = |row: usize, column: usize| {
        let two = (row.min(column), row.max(column));
        if row == column {
            return None;
        }
        let line = view.report.pairs.iter().find(|line| line.annotators == two);
        Some(match line {
            Some(line) => pair_cell(view, line, measure),
            None => GridCell {
                text: "–".to_owned(),
                ground: None,
                name: format!("{}: no article in common", view.both(two)),
                opens: false,
                is_opened: false,
            },
        })
    };
    let grid = Grid { id: "annotators", rows: &names, columns: &names, cell: &cell };
    if let Some((row, column)) = grid.ui(ui) {
        *pick = Some(Behind::Pair(row.min(column), row.max(column)));
    }
}

fn pair_cell(view: &View<'_>, line: &PairLine, measure: Measure) -> GridCell {
    let estimate = measure.of(line);
    let score = match (measure, &line.measures.gamma) {
        (Measure::Gamma, GammaScore::NotAsked) => "not measured".to_owned(),
        (Measure::Gamma, GammaScore::Failed(_)) => "too tangled".to_owned(),
        _ => figures::score(estimate.score),
    };
    let interval = figures::interval(estimate);
    let interval = if interval.is_empty() { interval } else { format!(" ({interval})") };
    let articles = counted(line.articles, "article", "articles");
    let differences = counted(line.cases.len(), "difference", "differences");
    let both = view.both(line.annotators);
    GridCell {
        ground: match estimate.score {
            Score::Known(value) => Some(shades::agreeing(view.tokens, value)),
            Score::Undefined => None,
        },
        name: format!("{both}: {} {score}{interval}, {articles}, {differences}", measure.name()),
        text: score,
        opens: true,
        is_opened: view.is_opened(&Behind::Pair(line.annotators.0, line.annotators.1)),
    }
}
