//! Reading annotation files that stand as [`write_set`](super::write_set) writes them,
//! without a parser of RON.
//!
//! Nearly every annotation file is one that this program wrote, and whoever reads all of a
//! project reads a hundred thousand of them; the general parser takes ten times as long.
//! What is read here is what the general parser reads from the same text, which a property
//! test holds. Whatever stands otherwise, be it right or wrong, is left to that parser, and
//! so are remarks: nothing is refused here, so no error is made here either.

use super::FORMAT;
use super::article::read_hash;
use super::met::Met;
use super::set::{Mark, SetFile, Stored, time};
use crate::model::{
    Annotation, AnnotatorName, AttributeId, AttributeValue, Attributes, MOST_ATTRIBUTES,
    MOST_IN_LIST, Origin, Relation, RelationTypeId, Span, State,
};
use crate::text::{TextRange, TextSize};
use std::borrow::Cow;

/// The content of an annotation file; `None` where it does not stand as it is written.
pub(super) fn set(text: &str) -> Option<SetFile> {
    let mut rest = Rest { text, met: Met::default() };
    rest.take("(\n    format: ")?;
    if rest.number()? != FORMAT {
        return None;
    }
    let article = rest.field(",\n    article: ")?.into_owned();
    let annotator = rest.field(",\n    annotator: ")?.into_owned();
    let hash = read_hash(&rest.field(",\n    sha256: ")?).ok()?;
    rest.take(",\n    state: ")?;
    let state = rest.state()?;
    let step = rest.optional(",\n    step: ")?;
    let lines = if rest.has(",\n    step_lines: ") { rest.number()? } else { 1 };
    let mark = match step {
        None if lines == 1 => None,
        None => return None,
        Some(step) => Some(Mark { step: step.parse().ok()?, lines }),
    };
    rest.take(",\n    annotations: ")?;
    let annotations = rest.block(Rest::annotation)?;
    let relations =
        if rest.has(",\n    relations: ") { rest.block(Rest::relation)? } else { Vec::new() };
    rest.take(",\n)")?;
    let file = SetFile {
        article,
        annotator,
        hash,
        state,
        mark,
        annotations,
        relations,
        remarks: Vec::new(),
    };
    matches!(rest.text, "" | "\n").then_some(file)
}

/// What is still to be read.
struct Rest<'a> {
    text: &'a str,
    met: Met,
}

impl<'a> Rest<'a> {
    /// Passes over what has to stand here.
    fn take(&mut self, expected: &str) -> Option<()> {
        self.text = self.text.strip_prefix(expected)?;
        Some(())
    }

    /// Passes over what may stand here.
    fn has(&mut self, expected: &str) -> bool {
        self.take(expected).is_some()
    }

    fn number(&mut self) -> Option<u32> {
        let end = self.text.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.text.split_at_checked(end)?;
        self.text = rest;
        digits.parse().ok()
    }

    fn field(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.take(name)?;
        self.string()
    }

    /// A field that is left out when it is empty; `None` inside where it is.
    #[expect(clippy::option_option, reason = "the outer one is whether it could be read")]
    fn optional(&mut self, name: &str) -> Option<Option<Cow<'a, str>>> {
        if self.has(name) { self.string().map(Some) } else { Some(None) }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.take("\"")?;
        let end = self.text.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if self.text.as_bytes().get(end) == Some(&b'"') {
            let (string, rest) = self.text.split_at_checked(end)?;
            self.text = rest.get(1..)?;
            return Some(Cow::Borrowed(string));
        }
        self.escaped_string().map(Cow::Owned)
    }

    /// A string with escapes, behind its quotation mark.
    fn escaped_string(&mut self) -> Option<String> {
        let mut string = String::new();
        loop {
            let end = self.text.find(['"', '\\'])?;
            string.push_str(self.text.get(..end)?);
            let (mark, rest) = self.text.get(end..)?.split_at_checked(1)?;
            self.text = rest;
            if mark == "\"" {
                return Some(string);
            }
            let escape = self.text.chars().next()?;
            self.text = self.text.get(1..)?;
            string.push(match escape {
                '"' => '"',
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                // Characters by number are rare.
                _ => return None,
            });
        }
    }

    fn state(&mut self) -> Option<State> {
        let states =
            [("unseen", State::Unseen), ("in_progress", State::InProgress), ("done", State::Done)];
        states.into_iter().find_map(|(word, state)| self.take(word).map(|()| state))
    }

    /// A list with a line for each of its parts.
    fn block<T>(&mut self, part: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut parts = Vec::new();
        self.take("[")?;
        if self.has("]") {
            return Some(parts);
        }
        loop {
            self.take("\n        (")?;
            parts.push(part(self)?);
            self.take("),")?;
            if self.has("\n    ]") {
                return Some(parts);
            }
        }
    }

    fn annotation(&mut self) -> Option<Stored> {
        let id = self.field("id: ")?.parse().ok()?;
        let label = self.field(", label: ")?;
        let label = self.met.label(&label).ok()?;
        self.take(", span: ")?;
        let ranges = self.ranges()?;
        let span = match ranges.as_slice() {
            [(range, _)] => Span::new(*range),
            ranges => Span::from_ranges(ranges.iter().map(|(range, _)| *range).collect()),
        };
        let attributes =
            if self.has(", attributes: ") { self.attributes()? } else { Attributes::new() };
        let note = self.optional(", note: ")?.unwrap_or_default().into_owned();
        let was = self.optional(", was: ")?.map(|was| was.as_ref().into());
        self.take(", origin: ")?;
        let origin = self.origin()?;
        let created = time(&self.field(", created: ")?).ok()?;
        let modified = match self.optional(", modified: ")? {
            None => None,
            Some(modified) => Some(time(&modified).ok()?),
        };
        let span = span.ok()?;
        let annotation =
            Annotation { id, label, span, attributes, note, was, origin, created, modified };
        Some(Stored { annotation, ranges })
    }

    fn ranges(&mut self) -> Option<Vec<(TextRange, String)>> {
        let mut ranges = Vec::with_capacity(1);
        self.take("[(")?;
        loop {
            let start = self.number()?;
            self.take(", ")?;
            let end = self.number()?;
            self.take(", ")?;
            let surface = self.string()?.into_owned();
            if start >= end {
                return None;
            }
            // A list that is too long is the general parser's to refuse.
            if ranges.len() == MOST_IN_LIST {
                return None;
            }
            ranges.push((TextRange::new(TextSize::new(start), TextSize::new(end)), surface));
            if self.has(")]") {
                return Some(ranges);
            }
            self.take("), (")?;
        }
    }

    fn attributes(&mut self) -> Option<Attributes> {
        let mut found: Vec<(AttributeId, AttributeValue)> = Vec::new();
        self.take("{")?;
        loop {
            // That there are too many, or that one stands twice, is the general parser's
            // to say.
            if found.len() == MOST_ATTRIBUTES {
                return None;
            }
            let id = self.string()?;
            let id = self.met.attribute(&id).ok()?;
            self.take(": ")?;
            found.push((id, self.value()?));
            if self.has("}") {
                let count = found.len();
                let attributes: Attributes = found.into_iter().collect();
                return (attributes.len() == count).then_some(attributes);
            }
            self.take(", ")?;
        }
    }

    fn value(&mut self) -> Option<AttributeValue> {
        Some(match self.text.as_bytes().first()? {
            b'"' => AttributeValue::Text(self.string()?.into_owned()),
            b'[' => AttributeValue::List(self.strings()?),
            b't' => self.take("true").map(|()| AttributeValue::Flag(true))?,
            b'f' => self.take("false").map(|()| AttributeValue::Flag(false))?,
            _ => self.numeric()?,
        })
    }

    /// A number as it is written: whole, or with a point or an exponent.
    fn numeric(&mut self) -> Option<AttributeValue> {
        let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'e');
        let end = self.text.bytes().position(|byte| !is_part(byte))?;
        let (number, rest) = self.text.split_at_checked(end)?;
        // What follows a number is the end of the map or the next attribute.
        if !rest.starts_with(['}', ',']) {
            return None;
        }
        let value = match number.contains(['.', 'e']) {
            true => AttributeValue::Decimal(number.parse().ok()?),
            false => AttributeValue::Integer(number.parse().ok()?),
        };
        self.text = rest;
        Some(value)
    }

    fn strings(&mut self) -> Option<Vec<String>> {
        let mut strings = Vec::new();
        self.take("[")?;
        if self.has("]") {
            return Some(strings);
        }
        loop {
            if strings.len() == MOST_IN_LIST {
                return None;
            }
            strings.push(self.string()?.into_owned());
            if self.has("]") {
                return Some(strings);
            }
            self.take(", ")?;
        }
    }

    fn origin(&mut self) -> Option<Origin> {
        if self.has("manual") {
            return Some(Origin::Manual);
        }
        let origin = if self.has("suggestion(") {
            Origin::Suggestion(self.string()?.into_owned())
        } else if self.has("import(") {
            Origin::Import(self.string()?.into_owned())
        } else {
            self.take("adjudication(")?;
            let names = self.strings()?;
            Origin::Adjudication(
                names.iter().map(AnnotatorName::new).collect::<Result<_, _>>().ok()?,
            )
        };
        self.take(")")?;
        Some(origin)
    }

    fn relation(&mut self) -> Option<Relation> {
        let id = self.field("id: ")?.parse().ok()?;
        let kind = RelationTypeId::new(self.field(", kind: ")?).ok()?;
        let from = self.field(", from: ")?.parse().ok()?;
        let to = self.field(", to: ")?.parse().ok()?;
        Some(Relation { id, kind, from, to })
    }
}
