//! One row for each attribute of the label: its name, and the control its kind wants.

use super::controls::{Change, choice_ui, choices_ui, row_ui};
use super::drafts::{Drafts, Field};
use super::numbers::numbers_ui;
use super::typing_ui;
use super::values::{field_text, parse};
use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{check_box, message, named, small, text_field, words};
use crate::model::{Annotation, Attribute, AttributeKind, AttributeValue};
use crate::session::{Action, Session};
use egui::{Button, RichText, Ui};

/// The whole numbers that share a row at most.
const NUMBERS_IN_A_ROW: usize = 3;
/// The letters that their names may have together.
const NAMES_IN_A_ROW: usize = 18;

/// Draws the rows.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    drafts: &mut Drafts,
    out: &mut Requests,
) {
    ui.spacing_mut().item_spacing.y = 5.0;
    if let Some(label) = session.schema().label(&annotation.label) {
        let mut rest = label.attributes.as_slice();
        while let Some(count) = run_of_numbers(rest) {
            let (row, after) = rest.split_at(count);
            attribute_ui(ui, annotation, row, drafts, out);
            rest = after;
        }
    }
    unknown_ui(ui, session, annotation, out);
}

/// How many attributes the next row takes: neighbouring whole numbers with short names
/// stand side by side, everything else by itself. `None` at the end.
fn run_of_numbers(rest: &[Attribute]) -> Option<usize> {
    let is_number =
        |attribute: &&Attribute| matches!(attribute.kind, AttributeKind::Integer { .. });
    let mut letters = 0;
    let fits = |attribute: &&Attribute| {
        letters += attribute.name.chars().count();
        letters <= NAMES_IN_A_ROW
    };
    let run = rest.iter().take(NUMBERS_IN_A_ROW).take_while(is_number).take_while(fits).count();
    (!rest.is_empty()).then_some(run.max(1))
}

fn attribute_ui(
    ui: &mut Ui,
    annotation: &Annotation,
    attributes: &[Attribute],
    drafts: &mut Drafts,
    out: &mut Requests,
) {
    let [attribute] = attributes else {
        numbers_ui(ui, annotation, attributes, drafts, out);
        return;
    };
    if matches!(attribute.kind, AttributeKind::Integer { .. } | AttributeKind::Decimal { .. }) {
        numbers_ui(ui, annotation, attributes, drafts, out);
        return;
    }
    let value = annotation.attributes.get(&attribute.id);
    let is_missing = attribute.required && value.is_none();
    let hint = [(attribute.name.as_str(), attribute.guideline.as_str())];
    row_ui(ui, &attribute.name, is_missing, &hint, |ui| {
        let name = &attribute.name;
        let change = match &attribute.kind {
            AttributeKind::Choice(options) => choice_ui(ui, name, options, value),
            AttributeKind::Choices(options) => choices_ui(ui, name, options, value),
            AttributeKind::Flag => flag_ui(ui, name, value),
            _ => {
                text_ui(ui, annotation, attribute, drafts, out);
                None
            }
        };
        if let Some(value) = change {
            out.act(Action::SetAttribute(annotation.id, attribute.id.clone(), value));
        }
    });
    misfit_ui(ui, attribute, value);
}

fn flag_ui(ui: &mut Ui, name: &str, value: Option<&AttributeValue>) -> Option<Change> {
    let mut is_set = value == Some(&AttributeValue::Flag(true));
    let response = named(check_box(ui, &mut is_set, ""), name);
    response.changed().then(|| is_set.then_some(AttributeValue::Flag(true)))
}

fn text_ui(
    ui: &mut Ui,
    annotation: &Annotation,
    attribute: &Attribute,
    drafts: &mut Drafts,
    out: &mut Requests,
) {
    let value = annotation.attributes.get(&attribute.id);
    let field = Field::Attribute(attribute.id.clone());
    let verdict = |text: &str| {
        let parsed = parse(&attribute.kind, text)?;
        let is_new = parsed.as_ref() != value;
        let (id, attribute) = (annotation.id, attribute.id.clone());
        Ok(is_new.then_some(Action::SetAttribute(id, attribute, parsed)))
    };
    ui.push_id((annotation.id, &attribute.id), |ui| {
        typing_ui(ui, drafts, &field, field_text(value), out, verdict, |ui, text| {
            text_field(ui, text, "", &attribute.name)
        });
    });
}

/// Says that a value is none that the schema admits; it is kept until somebody decides.
fn misfit_ui(ui: &mut Ui, attribute: &Attribute, value: Option<&AttributeValue>) {
    let Some(value) = value.filter(|value| !attribute.kind.admits(value)) else { return };
    let warning = Tokens::of(ui.ctx()).warning;
    let text = format!("The schema does not admit “{value}”: choose another value");
    message(ui, RichText::new(text).size(sizes::SMALL_TEXT).color(warning));
}

/// The attributes that the schema lacks, as they are, with a way to be rid of them.
fn unknown_ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    let label = session.schema().label(&annotation.label);
    let unknown = annotation
        .attributes
        .iter()
        .filter(|(id, _)| label.is_none_or(|label| label.attribute(id).is_none()));
    let mut is_any = false;
    for (id, value) in unknown {
        is_any = true;
        row_ui(ui, id.as_str(), true, &[(id.as_str(), "The schema has no such attribute")], |ui| {
            ui.horizontal(|ui| {
                words(ui, value.to_string());
                let muted = Tokens::of(ui.ctx()).muted;
                let cross = Button::new(RichText::new("×").color(muted)).frame_when_inactive(false);
                let cross = named(ui.add(cross.small()), &format!("Remove {id}"));
                if cross.on_hover_text("Remove this value").clicked() {
                    out.act(Action::SetAttribute(annotation.id, id.clone(), None));
                }
            });
        });
    }
    if is_any && label.is_some() {
        ui.label(small(ui, "Not in the schema: remove, or add in Article › Schema"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AttributeId;

    fn attribute(name: &str, kind: AttributeKind) -> Attribute {
        Attribute {
            id: AttributeId::new("x").unwrap(),
            name: name.to_owned(),
            kind,
            required: false,
            guideline: String::new(),
        }
    }

    #[test]
    fn short_numbers_stand_side_by_side() {
        let integer = || AttributeKind::Integer { min: None, max: None };
        let low = || attribute("Low", integer());
        let rest = [low(), low(), low(), low(), attribute("Kind", AttributeKind::Text)];
        assert_eq!(run_of_numbers(&rest), Some(3));
        assert_eq!(run_of_numbers(&rest[3..]), Some(1));
        assert_eq!(run_of_numbers(&rest[4..]), Some(1));
        assert_eq!(run_of_numbers(&[]), None);
        let long = [attribute("Number of people", integer()), low()];
        assert_eq!(run_of_numbers(&long), Some(1));
    }
}
