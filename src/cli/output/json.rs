//! JSON that a terminal may show: what [`super::plain`] spells out in lines is escaped here.
//!
//! JSON itself escapes only what stands below U+0020. The other control characters and what
//! turns the direction of text are written as `\uXXXX` too, which every reader takes for the
//! same characters, so the data is what it was.

use super::is_harmful;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{Result, Write};

/// Writes a value, indented.
pub(super) fn write(out: impl Write, value: &impl Serialize) -> Result<()> {
    let formatter = Harmless { pretty: PrettyFormatter::new() };
    value.serialize(&mut Serializer::with_formatter(out, formatter)).map_err(Into::into)
}

/// Indents as usual, and leaves no character in a string that drives a terminal.
struct Harmless<'a> {
    pretty: PrettyFormatter<'a>,
}

impl Formatter for Harmless<'_> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(is_harmful) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut characters = from.chars();
            for unit in characters.next().into_iter().flat_map(units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.pretty.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.pretty.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.pretty.end_object_value(out)
    }
}

/// A character as JSON counts: two units above U+FFFF.
fn units(character: char) -> Vec<u16> {
    character.encode_utf16(&mut [0; 2]).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_what_it_was_and_nothing_drives_the_terminal() {
        let text = "\u{9b}31m red \u{7f}\u{202e}turned\u{2069} \u{1b}[0m \"\\\n \u{1f600} کراچی";
        let value = serde_json::json!({ text: [text, 1, {}, []], "empty": null });
        let mut bytes = Vec::new();
        write(&mut bytes, &value).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), value);
        assert!(!written.chars().any(|c| is_harmful(c) && c != '\n'), "{written:?}");
        assert!(written.contains("\\u009b31m red \\u007f\\u202eturned\\u2069 \\u001b[0m"));
        assert!(written.contains("\u{1f600} کراچی"));
        // Nothing else is another than it would be.
        let harmless = serde_json::json!({ "a": [1, { "b": "c" }], "d": {} });
        let mut bytes = Vec::new();
        write(&mut bytes, &harmless).unwrap();
        assert_eq!(bytes, serde_json::to_vec_pretty(&harmless).unwrap());
    }
}
