//! Characters that a format has no way to write.
//!
//! Each becomes U+FFFD, which stands for one that is lost. It is one UTF-16 unit and one
//! code point, and so must be what it replaces, so that offsets stay what they were in
//! every unit but bytes, which are moved along here. Each place is told.

use super::document::Document;
use super::loss::{Loss, LossKind, Remedy};
use crate::model::{AttributeValue, Span};
use crate::text::{TextRange, TextSize};
use std::collections::BTreeMap;

/// What stands in the place of a character that cannot be written.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Replaces the characters that `can_write` says no to wherever a document has them: in
/// its text, in what is known about it, in names, values and notes. O(n).
pub(super) fn replace(
    document: &mut Document,
    can_write: fn(char) -> bool,
    losses: &mut Vec<Loss>,
) {
    about(document, can_write, losses);
    for layer in 0..document.layers.len() {
        annotations(document, layer, can_write, losses);
        relations(document, layer, can_write, losses);
    }
    text(document, can_write, losses);
}

/// Mends a text; whether there was something to mend.
fn mend(text: &mut String, can_write: fn(char) -> bool) -> bool {
    let is_whole = text.chars().all(can_write);
    if !is_whole {
        *text = text.replace(|character| !can_write(character), "\u{fffd}");
    }
    !is_whole
}

/// The article's name and metadata, and the names of its annotators.
fn about(document: &mut Document, can_write: fn(char) -> bool, losses: &mut Vec<Loss>) {
    let name = document.name.clone();
    if mend(&mut document.name, can_write) {
        losses.push(Loss::of_article(document, "", LossKind::Name, name, Remedy::Changed));
    }
    let meta = &mut document.meta;
    let fields = [
        ("title", &mut meta.title),
        ("source", &mut meta.source),
        ("url", &mut meta.url),
        ("language", &mut meta.language),
    ];
    let mended =
        fields.into_iter().filter_map(|(name, field)| mend(field, can_write).then_some(name));
    let mended: Vec<_> = mended.collect();
    if !mended.is_empty() {
        let what = mended.join(", ");
        losses.push(Loss::of_article(document, "", LossKind::Metadata, what, Remedy::Changed));
    }
    for at in 0..document.layers.len() {
        let before = document.layers[at].annotator.clone();
        if mend(&mut document.layers[at].annotator, can_write) {
            let after = document.layers[at].annotator.clone();
            let kind = LossKind::Annotator;
            losses.push(Loss::of_article(document, &before, kind, after, Remedy::Changed));
        }
    }
}

/// The labels, values and notes of a layer.
fn annotations(
    document: &mut Document,
    layer: usize,
    can_write: fn(char) -> bool,
    losses: &mut Vec<Loss>,
) {
    for at in 0..document.layers[layer].annotations.len() {
        let found = &mut document.layers[layer].annotations[at];
        let mut told = Vec::new();
        let label = found.label.clone();
        if mend(&mut found.label, can_write) {
            told.push((LossKind::Name, label));
        }
        let values = found.attributes.iter_mut();
        let values =
            values.filter_map(|(name, value)| value_of(value, can_write).then(|| name.clone()));
        let values: Vec<_> = values.collect();
        if !values.is_empty() {
            told.push((LossKind::Attributes, values.join(", ")));
        }
        if mend(&mut found.note, can_write) {
            told.push((LossKind::Note, "characters".to_owned()));
        }
        losses.extend(
            told.into_iter().map(|(kind, what)| {
                Loss::of(document, layer, at, kind, Remedy::Changed).with(what)
            }),
        );
    }
}

/// Mends an attribute's value; whether there was something to mend.
fn value_of(value: &mut AttributeValue, can_write: fn(char) -> bool) -> bool {
    match value {
        AttributeValue::Text(text) => mend(text, can_write),
        // Every item is looked at, also behind one that was mended.
        AttributeValue::List(items) => {
            items.iter_mut().filter_map(|item| mend(item, can_write).then_some(())).count() > 0
        }
        _ => false,
    }
}

fn relations(
    document: &mut Document,
    layer: usize,
    can_write: fn(char) -> bool,
    losses: &mut Vec<Loss>,
) {
    for at in 0..document.layers[layer].relations.len() {
        let relation = &mut document.layers[layer].relations[at];
        let (from, before) = (relation.from, relation.kind.clone());
        if mend(&mut relation.kind, can_write) {
            let loss = Loss::of(document, layer, from, LossKind::Name, Remedy::Changed);
            losses.push(loss.with(before));
        }
    }
}

/// The text, told of the article and of each annotation on such a character, and all that
/// stands on it.
fn text(document: &mut Document, can_write: fn(char) -> bool, losses: &mut Vec<Loss>) {
    let found = document.text.char_indices().filter(|(_, character)| !can_write(*character));
    let found: Vec<(usize, char)> = found.collect();
    if found.is_empty() {
        return;
    }
    let what = named(found.iter().map(|(_, character)| *character));
    losses.push(Loss::of_article(document, "", LossKind::Text, what, Remedy::Changed));
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            let span = &document.layers[layer].annotations[at].span;
            let here = span.ranges().iter().flat_map(|range| within(&found, *range));
            let here: Vec<_> = here.map(|(_, character)| *character).collect();
            if !here.is_empty() {
                let loss = Loss::of(document, layer, at, LossKind::Text, Remedy::Changed);
                losses.push(loss.with(named(here.into_iter())));
            }
        }
    }
    let moves = Moves::of(&found);
    document.text = document.text.replace(|character| !can_write(character), "\u{fffd}").into();
    for range in document.tokens.iter_mut().chain(&mut document.sentences) {
        *range = moves.range(*range);
    }
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        let ranges = annotation.span.ranges().iter().map(|range| moves.range(*range));
        // Ranges in order and apart are so after moving, too.
        if let Ok(span) = Span::from_ranges(ranges.collect()) {
            annotation.span = span;
        }
    }
}

/// Those of the characters that stand in a range; O(log n).
fn within(found: &[(usize, char)], range: TextRange) -> &[(usize, char)] {
    let first = found.partition_point(|(at, _)| *at < usize::from(range.start()));
    let end = found.partition_point(|(at, _)| *at < usize::from(range.end()));
    found.get(first..end).unwrap_or_default()
}

/// Characters by their code points, each with how often it is there: `U+000C, U+FFFE (3)`.
fn named(characters: impl Iterator<Item = char>) -> String {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    characters.for_each(|character| *counts.entry(character).or_default() += 1);
    let named = counts.into_iter().map(|(character, count)| match count {
        1 => format!("U+{:04X}", u32::from(character)),
        count => format!("U+{:04X} ({count})", u32::from(character)),
    });
    named.collect::<Vec<_>>().join(", ")
}

/// How far bytes have moved: for each character that was replaced, where it ended, and by
/// how much longer the text is up to there.
struct Moves(Vec<(usize, usize)>);

impl Moves {
    fn of(found: &[(usize, char)]) -> Self {
        let mut longer = 0;
        let moves = found.iter().map(|(at, character)| {
            longer += REPLACEMENT.len_utf8().saturating_sub(character.len_utf8());
            (at + character.len_utf8(), longer)
        });
        Self(moves.collect())
    }

    fn range(&self, range: TextRange) -> TextRange {
        TextRange::new(self.place(range.start()), self.place(range.end()))
    }

    /// Where a byte is now; O(log n).
    fn place(&self, at: TextSize) -> TextSize {
        let passed = self.0.partition_point(|(end, _)| *end <= usize::from(at));
        let longer = passed.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |it| it.1);
        at + TextSize::new(u32::try_from(longer).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::document;

    fn is_free(character: char) -> bool {
        !matches!(character, '\u{b}' | '\0' | '\u{fffe}')
    }

    #[test]
    fn what_stands_behind_a_replaced_character_moves_along() {
        let mut document =
            document("a\u{b}[actor Mi\0li\u{fffe}tants] in [location 🙂 Kara\u{b}chi]\0");
        document.tokens = vec![TextRange::new(0.into(), 1.into())];
        let mut losses = Vec::new();
        replace(&mut document, is_free, &mut losses);
        let layer = &document.layers[0];
        let surface = |at: usize| layer.annotations[at].span.surface(&document.text);
        assert_eq!(
            (surface(0), surface(1)),
            ("Mi\u{fffd}li\u{fffd}tants".into(), "🙂 Kara\u{fffd}chi".into())
        );
        assert_eq!(document.tokens, [TextRange::new(0.into(), 1.into())]);
        let told: Vec<_> = losses.iter().map(|loss| loss.what.as_str()).collect();
        let article = "U+0000 (2), U+000B (2), U+FFFE";
        assert_eq!(told, [article, "U+0000, U+FFFE", "U+000B"]);
        let before = document.clone();
        replace(&mut document, is_free, &mut losses);
        assert_eq!((before, losses.len()), (document, 3), "twice is once");
    }

    #[test]
    fn names_values_and_notes_are_told_by_what_they_are_of() {
        let mut document = document("[actor Ali] and [actor Ben]");
        document.name = "a\0".to_owned();
        document.meta.title = "b\0".to_owned();
        let layer = &mut document.layers[0];
        layer.annotator = "c\0".to_owned();
        layer.annotations[0].id = "k3".to_owned();
        layer.annotations[0].note = "d\0".to_owned();
        let list = AttributeValue::List(vec!["e\0".to_owned(), "f\0".to_owned()]);
        layer.annotations[0].attributes = vec![("role".to_owned(), list)];
        let kind = "g\0".to_owned();
        layer.relations.push(crate::formats::Relation { id: String::new(), kind, from: 0, to: 1 });
        let mut losses = Vec::new();
        replace(&mut document, is_free, &mut losses);
        let told: Vec<_> =
            losses.iter().map(|loss| (loss.kind, loss.annotation.as_str())).collect();
        let expected = [
            (LossKind::Name, ""),
            (LossKind::Metadata, ""),
            (LossKind::Annotator, ""),
            (LossKind::Attributes, "k3"),
            (LossKind::Note, "k3"),
            (LossKind::Name, "k3"),
        ];
        assert_eq!(told, expected);
        let all = format!("{document:?}");
        assert!(!all.contains("\\0"), "{all}");
    }
}
