//! A decision of the reviewer's own: the version that most annotators have, edited.

use super::Selected;
use crate::app::panels::inspector::controls::{Change, choice_ui, choices_ui, row_ui};
use crate::app::panels::inspector::values::{field_text, parse};
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{
    check_box, key_cap, message, named, primary_button, quoted, text_field, words,
};
use crate::model::{
    AnnotatorName, Attribute, AttributeId, AttributeKind, AttributeValue, Attributes, LabelId,
    Origin, Span,
};
use crate::review::Decision;
use crate::session::Session;
use crate::session::command::CommandId;
use crate::text::{Edge, TextRange, move_edge_by_word};
use egui::{Button, RichText, Ui};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is edited.
pub(super) struct Draft {
    /// The cases that are exactly alike and are decided with it.
    alike: usize,
    /// Whose version it began with.
    like: AnnotatorName,
    span: Span,
    label: LabelId,
    attributes: Attributes,
    text: Arc<str>,
    /// What stands in fields, with why it does not fit, where it does not.
    typed: BTreeMap<AttributeId, (String, Option<String>)>,
}

impl Draft {
    /// Begins with what was settled, else with the version of most annotators; for the case
    /// alone, or for all that are exactly like it.
    pub(super) fn of(
        session: &Session,
        selected: &Selected<'_>,
        is_about_all: bool,
    ) -> Option<Self> {
        use crate::review::Standing;
        let settled = match selected.review.standing(selected.index) {
            Standing::Settled(ids) => ids.first().and_then(|id| session.set()?.annotation(*id)),
            Standing::Open => None,
        };
        let versions = selected.review.versions(selected.case()?);
        let begun = settled.or_else(|| versions.first().map(|version| version.annotation))?;
        let named = settled.and_then(|gold| match &gold.origin {
            Origin::Adjudication(names) => names.first().cloned(),
            _ => None,
        });
        let comparison = selected.review.comparison();
        let most = || comparison.annotators.get(*versions.first()?.by.first()?).cloned();
        let marked = |name: &AnnotatorName| {
            let by = comparison.index_of(name);
            by.is_some_and(|by| selected.case().is_some_and(|case| case.mark_of(by).is_some()))
        };
        let alike = || session.docket().alike_count(selected.key);
        Some(Self {
            alike: if is_about_all { alike() } else { 0 },
            like: named.filter(marked).or_else(most)?,
            span: begun.span.clone(),
            label: begun.label.clone(),
            attributes: begun.attributes.clone(),
            text: Arc::clone(selected.review.article().text()),
            typed: BTreeMap::new(),
        })
    }

    /// Whether cases that are exactly alike are decided with it.
    pub(super) fn is_about_all(&self) -> bool {
        self.alike > 0
    }

    pub(super) fn decision(&self) -> Decision {
        Decision::Edited {
            like: self.like.clone(),
            span: self.span.clone(),
            label: self.label.clone(),
            attributes: self.attributes.clone(),
        }
    }

    /// Gives it another label; attributes that this label has not go.
    pub(super) fn set_label(&mut self, session: &Session, label: &LabelId) {
        let Some(found) = session.schema().label(label) else { return };
        self.label = label.clone();
        let gone: Vec<_> = self.attributes.iter().map(|(id, _)| id.clone()).collect();
        for id in gone.into_iter().filter(|id| found.attribute(id).is_none()) {
            self.attributes.remove(&id);
        }
        self.typed.clear();
    }

    /// Moves an end by a word, where a command says so.
    pub(super) fn move_edge(&mut self, command: CommandId) -> bool {
        let (edge, outwards) = match command {
            CommandId::StartEarlier => (Edge::Start, true),
            CommandId::StartLater => (Edge::Start, false),
            CommandId::EndEarlier => (Edge::End, false),
            CommandId::EndLater => (Edge::End, true),
            _ => return false,
        };
        let mut ranges: Vec<TextRange> = self.span.ranges().to_vec();
        let moved = if edge == Edge::Start { ranges.first_mut() } else { ranges.last_mut() };
        if let Some(range) = moved {
            *range = move_edge_by_word(&self.text, *range, edge, outwards);
        }
        if let Ok(span) = Span::from_ranges(ranges) {
            self.span = span;
        }
        true
    }

    fn surface(&self) -> String {
        let parts = self.span.ranges().iter().map(|range| &self.text[*range]);
        parts.collect::<Vec<_>>().join(" … ")
    }

    fn set(&mut self, id: &AttributeId, value: Change) {
        match value {
            Some(value) => drop(self.attributes.insert(id.clone(), value)),
            None => drop(self.attributes.remove(id)),
        }
    }
}

/// Draws the form; true when it is to be closed.
pub(super) fn ui(ui: &mut Ui, session: &Session, draft: &mut Draft, out: &mut Requests) -> bool {
    crate::app::widgets::hairline(ui);
    if draft.is_about_all() {
        let count = crate::app::wording::counted(draft.alike, "more case", "more cases");
        let words = format!("What you make of it is for this case and for {count}");
        message(ui, RichText::new(words).color(Tokens::of(ui.ctx()).accent));
    }
    edges_ui(ui, draft, out);
    labels_ui(ui, session, draft);
    if let Some(label) = session.schema().label(&draft.label) {
        ui.spacing_mut().item_spacing.y = 5.0;
        for attribute in &label.attributes {
            attribute_ui(ui, draft, attribute);
        }
    }
    let mut is_closed = false;
    ui.horizontal(|ui| {
        let fits = draft.typed.values().all(|(_, fault)| fault.is_none());
        if primary_button(ui, "Settle", fits).clicked() {
            out.run(CommandId::LabelPalette);
        }
        key_cap(ui, "Enter");
        if ui.button("Cancel").clicked() {
            is_closed = true;
        }
    });
    is_closed
}

/// The words, with what moves their ends.
fn edges_ui(ui: &mut Ui, draft: &Draft, out: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let step = |ui: &mut Ui, text: &str, command: CommandId, out: &mut Requests| {
            let button = named(ui.add(Button::new(text).small()), command.info().name);
            let hint = |ui: &mut Ui| crate::app::widgets::command_hint(ui, command.info());
            if button.on_hover_ui(hint).clicked() {
                out.run(command);
            }
        };
        step(ui, "←", CommandId::StartEarlier, out);
        step(ui, "→", CommandId::StartLater, out);
        words(ui, quoted(super::versions::cut(&draft.surface(), 200), 15.0));
        step(ui, "←", CommandId::EndEarlier, out);
        step(ui, "→", CommandId::EndLater, out);
    });
}

fn labels_ui(ui: &mut Ui, session: &Session, draft: &mut Draft) {
    let tokens = Tokens::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for label in session.schema().labels() {
            let color = LabelShades::of(label.color, tokens).line;
            let is_current = label.id == draft.label;
            let text =
                crate::app::widgets::button_words(ui, RichText::new(&label.name).color(color));
            let button = ui.add(Button::selectable(is_current, text));
            if named(button, &label.name).clicked() {
                draft.set_label(session, &label.id);
            }
            if let Some(key) = label.key {
                key_cap(ui, &key.to_uppercase().to_string());
            }
        }
    });
}

fn attribute_ui(ui: &mut Ui, draft: &mut Draft, attribute: &Attribute) {
    let value = draft.attributes.get(&attribute.id).cloned();
    let is_missing = attribute.required && value.is_none();
    let hint = [(attribute.name.as_str(), attribute.guideline.as_str())];
    let mut change = None;
    ui.push_id(&attribute.id, |ui| {
        row_ui(ui, &attribute.name, is_missing, &hint, |ui| {
            let (name, value) = (&attribute.name, value.as_ref());
            change = match &attribute.kind {
                AttributeKind::Choice(options) => choice_ui(ui, name, options, value),
                AttributeKind::Choices(options) => choices_ui(ui, name, options, value),
                AttributeKind::Flag => {
                    let mut is_set = value == Some(&AttributeValue::Flag(true));
                    let box_ = named(check_box(ui, &mut is_set, ""), name);
                    box_.changed().then(|| is_set.then_some(AttributeValue::Flag(true)))
                }
                _ => typed_ui(ui, draft, attribute),
            };
        });
    });
    if let Some(change) = change {
        draft.set(&attribute.id, change);
    }
}

/// A field for a number or a text.
fn typed_ui(ui: &mut Ui, draft: &mut Draft, attribute: &Attribute) -> Option<Change> {
    let known = field_text(draft.attributes.get(&attribute.id));
    let typed = draft.typed.entry(attribute.id.clone()).or_insert((known, None));
    let mut change = None;
    if text_field(ui, &mut typed.0, "", &attribute.name).changed() {
        match parse(&attribute.kind, &typed.0) {
            Ok(value) => {
                typed.1 = None;
                change = Some(value);
            }
            Err(fault) => typed.1 = Some(fault),
        }
    }
    if let Some(fault) = &typed.1 {
        let warning = Tokens::of(ui.ctx()).warning;
        message(ui, RichText::new(fault).size(sizes::SMALL_TEXT).color(warning));
    }
    change
}
