//! The foot of the editor: what Apply would do, in words, and the way out.

use super::{FOOT, Preview, Work, child};
use crate::app::dialogs::controls::{Answer, discard_question};
use crate::app::theme::Tokens;
use crate::app::widgets::{primary_button, small};
use crate::app::wording::count;
use crate::edit::{DraftId, Fate, Migration, SchemaDraft};
use crate::model::{AnnotatorName, ArticleId};
use crate::session::Session;
use egui::{Align, Button, Layout, RichText, Sense, Ui, Vec2};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pressed {
    Nothing,
    Cancel,
    Discard,
    KeepEditing,
    Apply,
    /// The part with the first thing to mend.
    Show(DraftId),
}

/// Whether any of the migrations can touch annotations.
pub(super) fn reaches_annotations(plan: &[Migration]) -> bool {
    plan.iter().any(|migration| !matches!(migration, Migration::Redefine(_)))
}

/// What the step is called in the menu.
pub(super) fn what(plan: &[Migration]) -> String {
    let mut reaching = plan.iter().filter(|step| !matches!(step, Migration::Redefine(_)));
    let (Some(only), None) = (reaching.next(), reaching.next()) else {
        return "Change the schema".to_owned();
    };
    match only {
        Migration::RenameLabel { from, to } => format!("Rename {from} to {to}"),
        Migration::MergeLabel { from, into } => format!("Merge {from} into {into}"),
        Migration::DeleteLabel(label) => format!("Delete the label {label}"),
        Migration::RenameAttribute { from, to, .. } => format!("Rename {from} to {to}"),
        Migration::DeleteAttribute { label, attribute } => {
            format!("Delete {attribute} of {label}")
        }
        Migration::RenameChoice { from, to, .. } => format!("Rename {from} to {to}"),
        Migration::DeleteChoice { choice, .. } => format!("Delete the choice {choice}"),
        Migration::RenameRelation { from, to } => format!("Rename {from} to {to}"),
        Migration::DeleteRelation(kind) => format!("Delete the relation {kind}"),
        Migration::ChangeKind { .. } | Migration::Redefine(_) => "Change the schema".to_owned(),
    }
}

/// The migration by which a part alone would go.
pub(super) fn departure(draft: &SchemaDraft, uid: DraftId) -> Option<Migration> {
    for label in &draft.labels {
        let Some(origin) = label.origin.clone() else { continue };
        if label.uid == uid {
            return match label.fate {
                Fate::Keep => None,
                Fate::Delete => Some(Migration::DeleteLabel(origin)),
                Fate::Merge(into) => {
                    let into = draft.label_of(into)?.origin.clone()?;
                    Some(Migration::MergeLabel { from: origin, into })
                }
            };
        }
        let gone = label.attributes.iter().find(|found| found.uid == uid);
        if let Some(attribute) = gone.filter(|found| found.fate != Fate::Keep) {
            let attribute = attribute.origin.clone()?;
            return Some(Migration::DeleteAttribute { label: origin, attribute });
        }
    }
    let relation = draft.relations.iter().find(|found| found.uid == uid)?;
    let origin = relation.origin.clone().filter(|_| relation.fate != Fate::Keep)?;
    Some(Migration::DeleteRelation(origin))
}

impl Work {
    pub(super) fn footer_ui(&self, ui: &mut Ui, session: &Session) -> Pressed {
        let size = Vec2::new(ui.available_width(), FOOT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let mut ui = child(ui, rect.shrink2(Vec2::new(24.0, 0.0)), "foot");
        let mut pressed = Pressed::Nothing;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            if self.is_asking {
                match discard_question(ui) {
                    Some(Answer::Discard) => pressed = Pressed::Discard,
                    Some(Answer::KeepEditing) => pressed = Pressed::KeepEditing,
                    None => {}
                }
            } else {
                self.buttons_ui(ui, session, &mut pressed);
            }
        });
        pressed
    }

    fn buttons_ui(&self, ui: &mut Ui, session: &Session, pressed: &mut Pressed) {
        let is_known = matches!(self.preview, Preview::Known(_));
        let can_apply = self.faults.is_empty() && !self.plan.is_empty() && is_known;
        if primary_button(ui, "Apply", can_apply).clicked() {
            *pressed = Pressed::Apply;
        }
        let cancel = Button::new(if self.is_changed() { "Cancel" } else { "Close" });
        let cancel = cancel.frame_when_inactive(false).min_size(Vec2::new(72.0, 30.0));
        if ui.add(cancel).clicked() {
            *pressed = Pressed::Cancel;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            self.status_ui(ui, session, pressed);
        });
    }

    fn status_ui(&self, ui: &mut Ui, session: &Session, pressed: &mut Pressed) {
        let warning = Tokens::of(ui.ctx()).warning;
        if let Some(fault) = self.faults.first() {
            let text = match self.faults.len() {
                1 => format!("To mend: {}", fault.text),
                count => format!("{count} things to mend, first: {}", fault.text),
            };
            let button = Button::new(RichText::new(text).color(warning)).frame(false).truncate();
            if ui.add(button).on_hover_text("Go there").clicked() {
                *pressed = Pressed::Show(fault.part);
            }
            return;
        }
        let text = match &self.preview {
            Preview::Failed(why) => RichText::new(why).color(warning),
            _ if self.plan.is_empty() => small(ui, "Nothing has changed"),
            Preview::Due(_) => small(ui, "Counting annotations"),
            Preview::Counting(count) => small(ui, counting_words(count.progress())),
            Preview::Known(preview) if session.is_held() && !preview.is_empty() => {
                // How much others have made of what is not to be told here.
                let words = "Annotations of everybody in the project change with it";
                RichText::new(words).color(warning)
            }
            Preview::Known(preview) if preview.deleted > 0 => {
                RichText::new(preview.sentence()).color(warning)
            }
            Preview::Known(preview) => small(ui, preview.sentence()),
        };
        let label = ui.add(egui::Label::new(text).truncate());
        if let Preview::Known(preview) = &self.preview
            && !preview.is_empty()
            && !session.is_held()
        {
            label.on_hover_ui(|ui| places_ui(ui, session, &preview.places));
        }
    }
}

/// How far the counting has come, where there is much to count.
fn counting_words((done, total): (usize, usize)) -> String {
    const MANY: usize = 1_000;
    if total < MANY {
        return "Counting annotations".to_owned();
    }
    format!("Counting annotations, {} of {} articles", count(done), count(total))
}

/// The files that Apply would change, the first of them by name.
fn places_ui(ui: &mut Ui, session: &Session, places: &[((ArticleId, AnnotatorName), usize)]) {
    const NAMED: usize = 12;
    for ((article, annotator), edits) in places.iter().take(NAMED) {
        let whose = session.shown_name(annotator);
        ui.label(small(ui, format!("{article} · {whose}: {edits}")));
    }
    if places.len() > NAMED {
        ui.label(small(ui, format!("and {} more", places.len() - NAMED)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LabelId, Schema};

    #[test]
    fn a_step_is_named_after_the_one_thing_it_does() {
        let delete = Migration::DeleteLabel(LabelId::new("actor").unwrap());
        let redefine = Migration::Redefine(Schema::default());
        assert_eq!(what(std::slice::from_ref(&redefine)), "Change the schema");
        assert_eq!(what(&[delete.clone(), redefine.clone()]), "Delete the label actor");
        assert_eq!(what(&[delete.clone(), delete]), "Change the schema");
        assert!(!reaches_annotations(&[redefine]));
    }
}
