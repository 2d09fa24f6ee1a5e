//! Number fields: typed and committed when they are left, or stepped with the arrows.

use super::controls::{HEIGHT, row_ui};
use super::drafts::{Drafts, Field};
use super::typing_ui;
use super::values::{field_text, parse, step};
use crate::app::request::Requests;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{hover_words, named};
use crate::model::{Annotation, Attribute};
use crate::session::Action;
use egui::{Id, Key, Margin, Modifiers, Response, RichText, TextEdit, Ui, Vec2};

/// Draws the fields of one row, and what does not fit below them.
pub(super) fn numbers_ui(
    ui: &mut Ui,
    annotation: &Annotation,
    attributes: &[Attribute],
    drafts: &mut Drafts,
    out: &mut Requests,
) {
    let names: Vec<&str> = attributes.iter().map(|found| found.name.as_str()).collect();
    let name = joined(&names);
    let is_missing =
        |found: &Attribute| found.required && !annotation.attributes.contains_key(&found.id);
    let hints: Vec<_> =
        attributes.iter().map(|found| (found.name.as_str(), found.guideline.as_str())).collect();
    let is_any_missing = attributes.iter().any(is_missing);
    row_ui(ui, &name, is_any_missing, &hints, |ui| {
        let gaps = 6.0 * attributes.len().saturating_sub(1) as f32;
        let width = (ui.available_width() - gaps) / attributes.len().max(1) as f32;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for attribute in attributes {
                let hint = if attributes.len() > 1 {
                    attribute.name.to_lowercase()
                } else {
                    String::new()
                };
                let response = number_ui(ui, annotation, attribute, (width, hint), drafts, out);
                if attributes.len() > 1 && !response.has_focus() {
                    hover_words(response, &attribute.name);
                }
            }
        });
        for attribute in attributes {
            if let Some(fault) = drafts.fault(&Field::Attribute(attribute.id.clone())) {
                let warning = Tokens::of(ui.ctx()).warning;
                ui.label(RichText::new(fault).size(sizes::SMALL_TEXT).color(warning));
            }
        }
    });
}

/// `Low`, or the first and the last of several: `Low – high`. The others are named in
/// their fields.
fn joined(names: &[&str]) -> String {
    match names {
        [first, .., last] => format!("{first} – {}", last.to_lowercase()),
        names => names.concat(),
    }
}

fn number_ui(
    ui: &mut Ui,
    annotation: &Annotation,
    attribute: &Attribute,
    (width, hint): (f32, String),
    drafts: &mut Drafts,
    out: &mut Requests,
) -> Response {
    let value = annotation.attributes.get(&attribute.id);
    let field = Field::Attribute(attribute.id.clone());
    let set = |value| Action::SetAttribute(annotation.id, attribute.id.clone(), value);
    let verdict = |text: &str| {
        let parsed = parse(&attribute.kind, text)?;
        Ok((parsed.as_ref() != value).then(|| set(parsed)))
    };
    let id = Id::unique(("inspector number", annotation.id, &attribute.id));
    if let Some(is_up) = arrow(ui, id) {
        let current = field_text(value);
        let text = drafts.text(&field).unwrap_or(&current);
        if let Some(next) = step(&attribute.kind, text, is_up) {
            drafts.put(field.clone(), String::new(), Ok(None));
            if Some(&next) != value {
                out.act_first(set(Some(next)));
            }
        }
    }
    let color = drafts.fault(&field).map(|_| Tokens::of(ui.ctx()).warning);
    typing_ui(ui, drafts, &field, field_text(value), out, verdict, |ui, text| {
        let hint = RichText::new(hint).color(Tokens::of(ui.ctx()).faint);
        let edit = TextEdit::singleline(text)
            .id(id)
            .hint_text(hint)
            .text_color_opt(color)
            .margin(Margin::symmetric(8, 5))
            .min_size(Vec2::new(width, HEIGHT))
            .desired_width(width);
        named(ui.add(edit), &attribute.name)
    })
}

/// Whether an arrow key steps the number that has the focus, and upwards.
fn arrow(ui: &Ui, id: Id) -> Option<bool> {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return None;
    }
    let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if take(Key::ArrowUp) { Some(true) } else { take(Key::ArrowDown).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_row_read_as_a_range() {
        assert_eq!(joined(&["Low"]), "Low");
        assert_eq!(joined(&["Low", "Best", "High"]), "Low – high");
    }
}
