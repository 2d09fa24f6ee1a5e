//! What every part of the dashboard draws from: the report, and what things are called.

use super::behind::Behind;
use crate::agreement::report::{AttributeLine, Report};
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::small;
use crate::model::{LabelId, Schema};
use egui::{Color32, Sense, Ui, Vec2};

/// A name with the colour of a label, if it is one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) color: Option<Color32>,
}

impl Named {
    pub(super) fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), color: None }
    }
}

/// A report with the words for what it only numbers.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    /// How many cases of it are differences.
    pub(super) differing: usize,
    pub(super) schema: &'a Schema,
    /// What the report's annotators are called here.
    pub(super) names: &'a [String],
    /// The titles of the report's articles.
    pub(super) titles: &'a [String],
    pub(super) tokens: &'static Tokens,
    /// Whose cases are listed.
    pub(super) opened: Option<&'a Behind>,
}

impl View<'_> {
    /// Of how many articles a number is that needs those which all annotators have; `None`
    /// where all have every one.
    pub(super) fn of_all(&self) -> Option<String> {
        self.report.overall.of_all(self.report.by_article.len())
    }

    /// Who a case of the report is of; gold stands behind the last annotator.
    pub(super) fn name(&self, annotator: usize) -> &str {
        self.names.get(annotator).map_or("gold", String::as_str)
    }

    pub(super) fn both(&self, (one, other): (usize, usize)) -> String {
        format!("{} and {}", self.name(one), self.name(other))
    }

    pub(super) fn title(&self, article: usize) -> &str {
        self.titles.get(article).map_or("", String::as_str)
    }

    /// A label of the report; what is behind the last one is "unlabelled".
    pub(super) fn label(&self, at: usize) -> Named {
        match self.report.labels.get(at) {
            Some(id) => self.label_of(id),
            None => Named::plain("unlabelled"),
        }
    }

    pub(super) fn label_of(&self, id: &LabelId) -> Named {
        match self.schema.label(id) {
            Some(label) => Named {
                name: label.name.clone(),
                color: Some(LabelShades::of(label.color, self.tokens).line),
            },
            None => Named::plain(id.as_str()),
        }
    }

    pub(super) fn attribute(&self, line: &AttributeLine) -> String {
        let known =
            self.schema.label(&line.label).and_then(|label| label.attribute(&line.attribute));
        known.map_or_else(|| line.attribute.to_string(), |attribute| attribute.name.clone())
    }

    pub(super) fn is_opened(&self, behind: &Behind) -> bool {
        self.opened == Some(behind)
    }
}

/// Draws what the colours of a picture stand for, and words about it.
pub(super) fn legend_ui(ui: &mut Ui, colors: &[(&str, Color32)], words: &str) {
    ui.horizontal_wrapped(|ui| {
        for (name, color) in colors {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(sizes::SWATCH), Sense::hover());
            ui.painter().rect_filled(rect, 2.0, *color);
            ui.label(small(ui, *name));
        }
        ui.label(small(ui, words));
    });
}
