//! Annotations as tags on tokens, and back: IOB1, IOB2 and BIOES (also BILOU).
//!
//! Writing gives tags that the strictest reader accepts. Reading takes every scheme,
//! told from the tags themselves, and mends an annotation that does not begin with B.

use super::document::{Annotation, Layer};
use super::fit::touched;
use super::writing::TagScheme;
use crate::model::Span;
use crate::text::TextRange;

/// The tag of a token outside of every annotation.
pub(super) const OUTSIDE: &str = "O";

/// A tag on each token. The annotations are of one range, on token edges, and do not
/// overlap, as `fit` leaves them; `only` chooses a label where each has a file of its own.
pub(super) fn tags(
    layer: &Layer,
    tokens: &[TextRange],
    scheme: TagScheme,
    only: Option<&str>,
) -> Vec<String> {
    let mut tags = vec![OUTSIDE.to_owned(); tokens.len()];
    let chosen = |label: &str| only.is_none_or(|only| only == label);
    for annotation in layer.annotations.iter().filter(|found| chosen(&found.label)) {
        let extent = annotation.span.extent();
        let first = tokens.partition_point(|token| token.end() <= extent.start());
        let count = touched(tokens, extent).len();
        for (at, tag) in tags.iter_mut().skip(first).take(count).enumerate() {
            *tag = format!("{}-{}", prefix(at, count, scheme), annotation.label);
        }
    }
    tags
}

fn prefix(at: usize, count: usize, scheme: TagScheme) -> char {
    match scheme {
        TagScheme::Iob2 => {
            if at == 0 {
                'B'
            } else {
                'I'
            }
        }
        TagScheme::Bioes if count == 1 => 'S',
        TagScheme::Bioes if at == 0 => 'B',
        TagScheme::Bioes if at + 1 == count => 'E',
        TagScheme::Bioes => 'I',
    }
}

/// The annotations that tags stand for. A tag is a letter of a scheme, a hyphen and a
/// label; a label alone goes on as long as the next token has the same. `ends` are the
/// tokens, by index, at which sentences begin: no annotation of tags goes over them.
pub(super) fn annotations<'a>(
    tags: impl IntoIterator<Item = &'a str>,
    tokens: &[TextRange],
    sentence_starts: &[usize],
) -> Vec<Annotation> {
    let mut found = Vec::new();
    let mut open: Option<(&str, TextRange)> = None;
    let mut starts = sentence_starts.iter().copied().peekable();
    for (at, (tag, token)) in tags.into_iter().zip(tokens).enumerate() {
        while starts.next_if(|start| *start < at).is_some() {}
        let is_start = starts.peek() == Some(&at);
        let (letter, label) = parts(tag);
        let goes_on = open.filter(|(known, _)| {
            !is_start && Some(*known) == label && matches!(letter, 'I' | 'E' | 'L' | ' ')
        });
        let range = match (label, goes_on) {
            (Some(label), Some((_, range))) => Some((label, range.cover(*token))),
            (label, _) => {
                found.extend(open.take().and_then(closed));
                label.map(|label| (label, *token))
            }
        };
        open = range;
        if matches!(letter, 'E' | 'L' | 'S' | 'U') {
            found.extend(open.take().and_then(closed));
        }
    }
    found.extend(open.and_then(closed));
    found
}

fn closed((label, range): (&str, TextRange)) -> Option<Annotation> {
    Some(Annotation::new(label, Span::new(range).ok()?))
}

/// The letter and the label of a tag; no label outside of annotations, and a blank for
/// the letter where a label stands alone.
fn parts(tag: &str) -> (char, Option<&str>) {
    let tag = tag.trim();
    if matches!(tag, "" | "O" | "_" | "-") {
        return ('O', None);
    }
    let mut characters = tag.chars();
    let letter = characters.next().unwrap_or('O');
    match (letter, characters.as_str().strip_prefix(['-', '_'])) {
        ('B' | 'I' | 'E' | 'L' | 'S' | 'U', Some(label)) if !label.is_empty() => {
            (letter, Some(label))
        }
        _ => (' ', Some(tag)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Tokenizer;
    use crate::formats::testing::document;

    fn read(tags: &[&str], starts: &[usize]) -> Vec<(String, u32, u32)> {
        let token = |at: u32| TextRange::new((at * 2).into(), (at * 2 + 1).into());
        let tokens: Vec<_> = (0..tags.len() as u32).map(token).collect();
        let found = annotations(tags.iter().copied(), &tokens, starts);
        let ends = |found: &Annotation| {
            let extent = found.span.extent();
            (found.label.clone(), u32::from(extent.start()) / 2, u32::from(extent.end()) / 2)
        };
        found.iter().map(ends).collect()
    }

    #[test]
    fn every_scheme_is_read() {
        let one = |label: &str, from, to| (label.to_owned(), from, to);
        assert_eq!(read(&["B-x", "I-x", "B-x", "O"], &[]), [one("x", 0, 1), one("x", 2, 2)]);
        assert_eq!(
            read(&["I-x", "I-x", "B-x", "I-y"], &[]),
            [one("x", 0, 1), one("x", 2, 2), one("y", 3, 3)]
        );
        assert_eq!(
            read(&["S-x", "B-x", "E-x", "S-x"], &[]),
            [one("x", 0, 0), one("x", 1, 2), one("x", 3, 3)]
        );
        assert_eq!(read(&["x", "x", "O", "U-B-y"], &[]), [one("x", 0, 1), one("B-y", 3, 3)]);
        assert_eq!(read(&["I-x", "I-x"], &[0, 1]), [one("x", 0, 0), one("x", 1, 1)]);
    }

    #[test]
    fn what_is_tagged_is_read_again_in_both_schemes() {
        let document = document("[actor Several militants] hit [location Karachi] [actor men] .");
        let tokens = Tokenizer::Whitespace.tokens(&document.text);
        for scheme in [TagScheme::Iob2, TagScheme::Bioes] {
            let tags = tags(&document.layers[0], &tokens, scheme, None);
            let found = annotations(tags.iter().map(String::as_str), &tokens, &[]);
            let bare = |found: &[Annotation]| -> Vec<_> {
                found.iter().map(|found| (found.label.clone(), found.span.clone())).collect()
            };
            assert_eq!(bare(&found), bare(&document.layers[0].annotations));
        }
    }
}
