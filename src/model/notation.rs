//! The notation in which tests and documentation write annotated text:
//! `[claim [actor Officials] said so]`, with ids where spans overlap without nesting:
//! `[1:actor The [2:location Karachi 1] police 2]`.
//!
//! It says labels and spans only; attributes and relations are added by the test.

use super::annotation::{Annotation, Span};
use super::id::{AnnotationId, LabelId};
use text_size::{TextRange, TextSize};

/// A text and the annotations that were written in it, in the order they open.
#[derive(Clone, Debug, PartialEq)]
pub struct Notation {
    /// The text without the marks.
    pub text: String,
    /// The annotations; ids count from 1 in the order they open.
    pub annotations: Vec<Annotation>,
}

/// Why a notation cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at} of the notation: {what}")]
pub struct NotationError {
    /// Where, in bytes.
    pub at: usize,
    /// What is wrong.
    pub what: &'static str,
}

struct Open<'a> {
    name: Option<&'a str>,
    label: LabelId,
    start: TextSize,
    order: u64,
}

/// Reads one notation.
///
/// # Errors
/// For a bracket without its partner, a label that is none, an empty span.
pub fn parse_notation(source: &str) -> Result<Notation, NotationError> {
    let mut text = String::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut annotations = Vec::new();
    let mut rest = source;
    let mut count = 0;
    while let Some(character) = rest.chars().next() {
        let at = source.len() - rest.len();
        let wrong = |what| NotationError { at, what };
        match character {
            '[' => {
                count += 1;
                let head =
                    rest[1..].split_once(' ').ok_or(wrong("a label and a space expected"))?;
                open.push(opened(head.0, &text, count).ok_or(wrong("this is no label"))?);
                rest = head.1;
            }
            ']' => {
                let closing = closing(&mut text, &mut open).ok_or(wrong("nothing to close"))?;
                annotations.push(closed(closing, &text).ok_or(wrong("the span is empty"))?);
                rest = &rest[1..];
            }
            _ => {
                text.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    if !open.is_empty() {
        return Err(NotationError { at: source.len(), what: "a bracket is still open" });
    }
    annotations.sort_by_key(|annotation| annotation.id);
    Ok(Notation { text, annotations })
}

fn opened<'a>(head: &'a str, text: &str, order: u64) -> Option<Open<'a>> {
    let (name, label) =
        head.split_once(':').map_or((None, head), |(name, label)| (Some(name), label));
    Some(Open { name, label: LabelId::new(label).ok()?, start: TextSize::of(text), order })
}

/// Which span a `]` ends: the one named by the word before it, else the innermost.
fn closing<'a>(text: &mut String, open: &mut Vec<Open<'a>>) -> Option<Open<'a>> {
    let named = text.rsplit_once(' ').and_then(|(before, name)| {
        let index = open.iter().position(|span| span.name == Some(name))?;
        Some((before.len(), index))
    });
    match named {
        Some((len, index)) => {
            text.truncate(len);
            Some(open.remove(index))
        }
        None => open.pop(),
    }
}

fn closed(span: Open<'_>, text: &str) -> Option<Annotation> {
    let range = TextRange::new(span.start, TextSize::of(text));
    let mut annotation =
        Annotation::new(AnnotationId(span.order), span.label, Span::new(range).ok()?);
    annotation.created = jiff::Timestamp::UNIX_EPOCH;
    Some(annotation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (String, Vec<String>) {
        let notation = parse_notation(source).unwrap();
        let surfaces = notation.annotations.iter().map(|annotation| {
            format!("{}={}", annotation.label, annotation.span.surface(&notation.text))
        });
        (notation.text.clone(), surfaces.collect())
    }

    #[test]
    fn nesting_and_overlap() {
        let (text, found) = read("[claim [actor Officials] said so]");
        assert_eq!(text, "Officials said so");
        assert_eq!(found, ["claim=Officials said so", "actor=Officials"]);
        let (text, found) = read("[1:actor The [2:location Karachi 1] police 2]");
        assert_eq!(text, "The Karachi police");
        assert_eq!(found, ["actor=The Karachi", "location=Karachi police"]);
        assert!(parse_notation("[actor open").is_err());
        assert!(parse_notation("closed]").is_err());
    }
}
