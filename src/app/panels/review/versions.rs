//! Who says what about a case: one box for each version, side by side.
//!
//! Annotators who say exactly the same share a box, with a key cap each; those who marked
//! nothing share one as well. A box is a button that takes its version.

use super::keys::Keys;
use super::{Decided, Selected};
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{quoted, small, strong, words};
use crate::model::{Annotation, AnnotatorName, Attribute};
use crate::review::Difference;
use crate::session::Session;
use egui::{Frame, Margin, Response, RichText, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

/// The characters of a version's text that are shown.
const SHOWN: usize = 180;
/// Those of them that are from its end, where it is longer.
const SHOWN_OF_END: usize = 60;
/// The least width of a box in points.
const LEAST: f32 = 200.0;
/// Between two boxes.
const GAP: f32 = 10.0;

/// What some annotators say alike.
struct Version<'a> {
    /// Their keys with what they are called, in the order of the keys.
    by: Vec<(usize, String)>,
    names: Vec<AnnotatorName>,
    /// `None` where they marked nothing.
    annotation: Option<(&'a Annotation, usize)>,
}

/// The versions of a case in the order of their first keys.
fn versions<'a>(session: &Session, selected: &Selected<'a>) -> Vec<Version<'a>> {
    let Some(case) = selected.case() else { return Vec::new() };
    let comparison = selected.review.comparison();
    let said = selected.review.versions(case);
    let mut found: Vec<Version<'a>> = Vec::new();
    // Which of what is said, or silence, each box stands for.
    let mut boxes: Vec<Option<usize>> = Vec::new();
    for (index, (name, shown)) in session.compared().into_iter().enumerate() {
        let by = comparison.index_of(&name);
        let says = said.iter().position(|one| by.is_some_and(|by| one.by.contains(&by)));
        let who = (index + 1, shown);
        match boxes.iter().position(|known| *known == says) {
            Some(at) => {
                found[at].by.push(who);
                found[at].names.push(name);
            }
            None => {
                let one = says.and_then(|at| said.get(at));
                let first = one.and_then(|one| Some((one.annotation, *one.by.first()?)));
                boxes.push(says);
                found.push(Version { by: vec![who], names: vec![name], annotation: first });
            }
        }
    }
    found
}

/// Draws them; `tallest` keeps the height of the tallest from frame to frame. Gives back the
/// number of an annotator whose version was clicked, counted from one.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    decided: Option<&Decided>,
    keys: Keys,
    tallest: &mut f32,
) -> Option<usize> {
    let versions = versions(session, selected);
    let room = ui.available_width();
    let in_a_row = ((room + GAP) / (LEAST + GAP)).floor().max(1.0) as usize;
    let in_a_row = in_a_row.min(versions.len().max(1));
    let width = (room - GAP * (in_a_row - 1) as f32) / in_a_row as f32;
    let least = std::mem::take(tallest);
    let mut clicked = None;
    ui.spacing_mut().item_spacing = Vec2::splat(GAP);
    for row in versions.chunks(in_a_row) {
        ui.horizontal_top(|ui| {
            for version in row {
                let taken = decided.and_then(|decided| decided.from.as_ref());
                let is_taken = taken.is_some_and(|name| version.names.contains(name));
                let place = Place { width, least, is_taken, keys };
                let (height, is_clicked) = box_ui(ui, session, selected, version, place);
                *tallest = tallest.max(height);
                if is_clicked {
                    clicked = version.by.first().map(|(number, _)| *number);
                }
            }
        });
    }
    if *tallest != least {
        ui.ctx().request_repaint();
    }
    clicked
}

/// How large a box is, and whether its version was taken.
#[derive(Clone, Copy)]
struct Place {
    width: f32,
    /// The least height of its content, so that all in a row are alike.
    least: f32,
    is_taken: bool,
    keys: Keys,
}

/// One box; gives back the height that its content wants, and whether it was clicked.
fn box_ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    version: &Version<'_>,
    place: Place,
) -> (f32, bool) {
    let Place { width, least, is_taken, keys } = place;
    let tokens = Tokens::of(ui.ctx());
    let (margin, line) = (Margin::symmetric(12, 9), if is_taken { 2.0 } else { 1.0 });
    let color = if is_taken { tokens.accent } else { tokens.hairline };
    let frame = Frame::new()
        .fill(tokens.page)
        .stroke(Stroke::new(line, color))
        .corner_radius(sizes::CORNER)
        .inner_margin(margin);
    let inside = width - margin.sum().x - 2.0 * line;
    let mut wanted = 0.0;
    let shown = frame.show(ui, |ui| {
        ui.vertical(|ui| {
            ui.set_width(inside);
            ui.set_min_height(least);
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 4.0);
            wanted = ui
                .scope(|ui| content_ui(ui, session, selected, version, keys))
                .response
                .rect
                .height();
        });
    });
    let name = spoken(session, selected, version);
    let number = version.by.first().map_or(0, |(number, _)| *number);
    let id = ui.scope_id().with(("version", number));
    let response = ui.interact(shown.response.rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_taken, name.as_str()));
    light(ui, &response, tokens);
    (wanted, response.clicked())
}

fn light(ui: &Ui, response: &Response, tokens: &Tokens) {
    if response.hovered() || response.has_focus() {
        let stroke = Stroke::new(1.0, tokens.accent);
        let inside = egui::StrokeKind::Inside;
        ui.painter().rect_stroke(response.rect, sizes::CORNER, stroke, inside);
    }
}

fn content_ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    version: &Version<'_>,
    keys: Keys,
) {
    ui.horizontal_wrapped(|ui| {
        for (number, shown) in &version.by {
            keys.caps_ui(ui, *number);
            words(ui, RichText::new(shown));
        }
        match version.annotation {
            Some((annotation, _)) => {
                let color = shades(session, annotation, Tokens::of(ui.ctx())).line;
                let name = session.label_name(&annotation.label);
                words(ui, strong(name).color(color));
            }
            None => {
                ui.label(small(ui, "marked nothing here"));
            }
        }
    });
    let Some((annotation, by)) = version.annotation else { return };
    let Some(set) = selected.review.sets().get(by) else { return };
    let text = cut_in_the_middle(&set.surface(annotation), SHOWN, SHOWN_OF_END);
    // Every box is as wide as its words may be; a label alone does not wrap in it.
    ui.scope(|ui| {
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Wrap);
        words(ui, quoted(text, 15.0));
    });
    attributes_ui(ui, session, selected, annotation);
    relations_ui(ui, session, selected, by);
}

/// The attributes: those in which the annotators differ are not quiet.
fn attributes_ui(ui: &mut Ui, session: &Session, selected: &Selected<'_>, annotation: &Annotation) {
    let differs = |attribute: &Attribute| {
        let differences = selected.case().map_or(&[][..], |case| &case.differences);
        differences.contains(&Difference::Attribute(attribute.id.clone()))
    };
    let Some(label) = session.schema().label(&annotation.label) else { return };
    let shown = label.attributes.iter();
    let shown: Vec<_> = shown
        .filter(|attribute| annotation.attributes.contains_key(&attribute.id) || differs(attribute))
        .collect();
    if shown.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(5.0, 2.0);
        for attribute in shown {
            let value = annotation.attributes.get(&attribute.id).map(ToString::to_string);
            let value = value.map_or_else(|| "–".to_owned(), |value| value.replace('_', " "));
            ui.label(small(ui, &attribute.name));
            let value = RichText::new(value).size(sizes::SMALL_TEXT);
            if differs(attribute) {
                words(ui, strong(value.text()).size(sizes::SMALL_TEXT));
            } else {
                words(ui, value);
            }
            ui.add_space(4.0);
        }
    });
}

/// The relations that start at an annotator's version, with what they point to.
fn relations_ui(ui: &mut Ui, session: &Session, selected: &Selected<'_>, by: usize) {
    for words in relations(session, selected, by) {
        crate::app::widgets::words(ui, small(ui, words));
    }
}

/// `source → “the adviser”`.
fn relations(session: &Session, selected: &Selected<'_>, by: usize) -> Vec<String> {
    let links = selected.case().map_or(&[][..], |case| &case.links);
    let own = links.iter().filter(|link| link.by.contains(&by));
    let words = own.filter_map(|link| {
        let to = selected.review.comparison().cases.get(link.to)?;
        let text = &selected.review.article().text()[to.extent];
        let kind = session.schema().relation(&link.kind);
        let kind = kind.map_or(link.kind.as_str(), |kind| kind.name.as_str());
        Some(format!("{kind} → “{}”", cut(text, 40)))
    });
    words.collect()
}

/// What assistive technology reads of a box.
fn spoken(session: &Session, selected: &Selected<'_>, version: &Version<'_>) -> String {
    let names: Vec<_> = version.by.iter().map(|(_, shown)| shown.as_str()).collect();
    let names = names.join(", ");
    let Some((annotation, by)) = version.annotation else {
        return format!("Take {names}: nothing marked here");
    };
    let label = session.label_name(&annotation.label);
    let text = selected.review.sets().get(by).map(|set| set.surface(annotation));
    let text = cut_in_the_middle(&text.unwrap_or_default(), SHOWN, SHOWN_OF_END);
    let mut words = format!("Take {names}: {label}, “{text}”");
    for (id, value) in annotation.attributes.iter() {
        words.push_str(&format!(", {id} {value}"));
    }
    for relation in relations(session, selected, by) {
        words.push_str(&format!(", {relation}"));
    }
    words
}

fn shades(session: &Session, annotation: &Annotation, tokens: &Tokens) -> LabelShades {
    let found = session.schema().label(&annotation.label);
    found.map_or_else(|| LabelShades::unknown(tokens), |label| LabelShades::of(label.color, tokens))
}

/// The beginning of a text, on one line.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('\n', " ")
}

/// The beginning and the end of a text, on one line: versions of one thing, and long names,
/// may differ in either.
pub(super) fn cut_in_the_middle(text: &str, most: usize, of_end: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.replace('\n', " ");
    }
    let begin: String = text.chars().take(most - of_end).collect();
    let end: String = text.chars().skip(count - of_end).collect();
    format!("{}… {}", begin.trim_end(), end.trim_start()).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_differ_at_their_end_look_different() {
        let long = "é".repeat(200);
        let [one, other] = ["killed", "killed on Friday"]
            .map(|end| cut_in_the_middle(&format!("{long} {end}"), 180, 60));
        assert!(one.ends_with("é killed") && other.ends_with("é killed on Friday"), "{one}");
        assert_eq!(one.chars().count(), 182);
        assert_eq!(cut_in_the_middle("a\nb", 3, 1), "a b");
    }
}
