//! Writing RON by hand: strings that stay readable, structs and lists in one line or a
//! line for each part.

use std::fmt::Write;

/// Where the parts of a struct or list stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// All in one line.
    Line,
    /// Each in a line of its own, this deep.
    Block(usize),
}

impl Layout {
    /// The layout of a part that is a block of its own.
    pub(super) fn deeper(self) -> Self {
        match self {
            Self::Line => Self::Line,
            Self::Block(depth) => Self::Block(depth + 1),
        }
    }
}

/// A struct or list that is being written.
pub(super) struct Parts<'a> {
    out: &'a mut String,
    layout: Layout,
    close: char,
    any: bool,
}

impl<'a> Parts<'a> {
    /// Begins a struct.
    pub(super) fn of_struct(out: &'a mut String, layout: Layout) -> Self {
        Self::open(out, '(', ')', layout)
    }

    /// Begins a list.
    pub(super) fn of_list(out: &'a mut String, layout: Layout) -> Self {
        Self::open(out, '[', ']', layout)
    }

    /// Begins a map.
    pub(super) fn of_map(out: &'a mut String) -> Self {
        Self::open(out, '{', '}', Layout::Line)
    }

    fn open(out: &'a mut String, open: char, close: char, layout: Layout) -> Self {
        out.push(open);
        Self { out, layout, close, any: false }
    }

    /// Where the next part is written.
    pub(super) fn part(&mut self) -> &mut String {
        match self.layout {
            Layout::Line if self.any => self.out.push_str(", "),
            Layout::Line => {}
            Layout::Block(depth) => {
                self.out.push_str(if self.any { ",\n" } else { "\n" });
                indent(self.out, depth);
            }
        }
        self.any = true;
        self.out
    }

    /// Where the value of the next field is written.
    pub(super) fn field(&mut self, name: &str) -> &mut String {
        let out = self.part();
        out.push_str(name);
        out.push_str(": ");
        out
    }

    /// A field that is left out when it is empty.
    pub(super) fn string(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            string(self.field(name), value);
        }
    }

    /// A text of several lines, or with quotation marks, that is left out when empty: as
    /// it reads where there is room for it.
    pub(super) fn prose(&mut self, name: &str, value: &str) {
        let reads_better = value.contains(['\n', '"', '\\']);
        let survives = !value.contains(|c: char| c.is_control() && c != '\n');
        if self.layout != Layout::Line && reads_better && survives {
            raw_string(self.field(name), value);
        } else {
            self.string(name, value);
        }
    }

    /// A number or word as it is.
    pub(super) fn plain(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing into a string cannot fail.
        let _ = write!(self.field(name), "{value}");
    }

    /// Ends the struct or list.
    pub(super) fn close(self) {
        if let (Layout::Block(depth), true) = (self.layout, self.any) {
            self.out.push_str(",\n");
            indent(self.out, depth - 1);
        }
        self.out.push(self.close);
    }
}

/// A list of strings in one line.
pub(super) fn strings<T: AsRef<str>>(out: &mut String, items: impl IntoIterator<Item = T>) {
    let mut list = Parts::of_list(out, Layout::Line);
    for item in items {
        string(list.part(), item.as_ref());
    }
    list.close();
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("    ", depth));
}

/// A string in one line. Letters of every script stay as they are; what would break the
/// line or is not seen at all is escaped.
pub(super) fn string(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{2028}' | '\u{2029}' => out.extend(character.escape_unicode()),
            _ if character.is_control() => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A string as it reads, between as many `#` as it takes.
pub(super) fn raw_string(out: &mut String, value: &str) {
    let hashes = "#".repeat(hashes_needed(value));
    out.push('r');
    out.push_str(&hashes);
    out.push('"');
    out.push_str(value);
    out.push('"');
    out.push_str(&hashes);
}

/// One more than the longest run of `#` behind a quotation mark; none without one.
fn hashes_needed(value: &str) -> usize {
    let runs = value.split('"').skip(1);
    runs.map(|rest| 1 + rest.bytes().take_while(|byte| *byte == b'#').count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_strings_take_as_many_hashes_as_they_need() {
        let written = |text: &str| {
            let mut out = String::new();
            raw_string(&mut out, text);
            out
        };
        assert_eq!(written("plain # text"), "r\"plain # text\"");
        assert_eq!(written("said \"so\""), "r#\"said \"so\"\"#");
        assert_eq!(written("a\"##"), "r###\"a\"##\"###");
    }
}
