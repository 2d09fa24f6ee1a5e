//! What the labels of imported files are here: one of the project's, or a new one. Comes
//! up when files hold labels that the schema lacks, before anything is imported.

use super::controls::footer;
use super::frame::{Sheet, room};
use crate::app::request::{Request, Requests};
use crate::app::widgets::{named, small, strong, words};
use crate::app::wording::counted;
use crate::model::{AnnotatorName, LabelId, Schema};
use crate::session::import::LabelMap;
use crate::session::{ImportQuestion, Session};
use egui::{Align, ComboBox, Context, Layout, ScrollArea, Ui};

const WIDTH: f32 = 560.0;
const COMBO: f32 = 220.0;

/// The dialog's state.
pub(super) struct State {
    question: ImportQuestion,
    /// The labels of the files with their numbers, and what was chosen for each; none for
    /// a new label.
    labels: Vec<(String, usize, Option<LabelId>)>,
}

impl State {
    /// Opens when an import asks.
    pub(super) fn take(session: &mut Session) -> Option<Self> {
        let question = session.take_import_question()?;
        let unknown = question.survey.unknown.iter();
        let mut labels: Vec<_> =
            unknown.map(|(label, number)| (label.clone(), *number, None)).collect();
        labels.sort_by_key(|(_, number, _)| std::cmp::Reverse(*number));
        Some(Self { question, labels })
    }

    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        let Some(session) = session else { return true };
        let schema = session.schema();
        let shown = Sheet::new("Labels of the files", WIDTH).show(ctx, |ui| {
            let articles = counted(self.question.survey.articles, "article", "articles");
            let text = format!(
                "{articles} with annotations. The project has no labels of these names: choose \
                 which are meant, or let them be added"
            );
            ui.add(egui::Label::new(small(ui, text)).wrap());
            ui.add_space(8.0);
            ScrollArea::vertical().max_height(room(ui.ctx(), 260.0)).show(ui, |ui| {
                for (index, (label, number, chosen)) in self.labels.iter_mut().enumerate() {
                    ui.push_id(index, |ui| label_ui(ui, schema, label, *number, chosen));
                }
            });
            if self.question.survey.has_unnamed {
                annotator_ui(ui, session, &mut self.question.request.annotator);
            }
            footer(ui, "Import", true)
        });
        if shown.inner.is_done {
            let chosen = self.labels.drain(..);
            let chosen: LabelMap =
                chosen.filter_map(|(label, _, chosen)| Some((label, chosen?))).collect();
            out.ask(Request::AnswerImport(Box::new(self.question.clone()), chosen));
        }
        shown.is_closed || shown.inner.is_done || shown.inner.is_cancelled
    }
}

/// One label of the files, and what it is here.
fn label_ui(
    ui: &mut Ui,
    schema: &Schema,
    label: &str,
    number: usize,
    chosen: &mut Option<LabelId>,
) {
    let added = "Add it as a new label";
    let name_of =
        |id: &LabelId| schema.label(id).map_or_else(|| id.to_string(), |label| label.name.clone());
    ui.horizontal(|ui| {
        ui.set_min_height(34.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let current = chosen.as_ref().map_or_else(|| added.to_owned(), name_of);
            let combo = ComboBox::from_id_salt("here").selected_text(current).width(COMBO);
            let shown = combo.show_ui(ui, |ui| {
                ui.selectable_value(chosen, None, added);
                for known in schema.labels() {
                    ui.selectable_value(chosen, Some(known.id.clone()), &known.name);
                }
            });
            named(shown.response, &format!("What {label} is here"));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(strong(label)).truncate());
                ui.label(small(ui, counted(number, "annotation", "annotations")));
            });
        });
    });
}

/// Whose annotations those are for which the files name nobody.
fn annotator_ui(ui: &mut Ui, session: &Session, chosen: &mut Option<AnnotatorName>) {
    let otherwise = "A new annotator, “imported”";
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let current = chosen.as_ref().map(|name| session.shown_name(name));
            let current = current.unwrap_or_else(|| otherwise.to_owned());
            let combo = ComboBox::from_id_salt("annotator").selected_text(current).width(COMBO);
            let shown = combo.show_ui(ui, |ui| {
                ui.selectable_value(chosen, None, otherwise);
                for (name, shown) in session.shown_annotators() {
                    ui.selectable_value(chosen, Some(name), shown);
                }
            });
            named(shown.response, "Who made them");
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                words(ui, "Where a file names nobody, they are by");
            });
        });
    });
}
