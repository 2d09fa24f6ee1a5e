//! Puts a marked-up text together as it reads: one paragraph, heading, list item or
//! table row a line.
//!
//! Markdown and HTML share it. White space of the source collapses as a browser would
//! have it, except in preformatted parts; empty lines never arise.

/// A text under construction.
#[derive(Debug, Default)]
pub(super) struct Lines {
    done: String,
    line: String,
    preformatted: u32,
    between_cells: bool,
}

impl Lines {
    /// Adds to the current line. White space collapses; in preformatted parts it stays,
    /// and a line feed ends the line.
    pub(super) fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            return self.preformatted_text(text);
        }
        for character in text.chars() {
            if !matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c') {
                self.separate_cells();
                self.line.push(character);
            } else if !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
        }
    }

    fn preformatted_text(&mut self, text: &str) {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.end_line();
            }
            if !part.trim().is_empty() {
                self.separate_cells();
            }
            self.line.push_str(part.trim_end_matches('\r'));
        }
    }

    fn separate_cells(&mut self) {
        if self.between_cells && !self.line.trim().is_empty() {
            self.line.truncate(self.line.trim_end().len());
            self.line.push_str(" | ");
        }
        self.between_cells = false;
    }

    /// What follows is another cell of the same table row.
    pub(super) fn next_cell(&mut self) {
        self.between_cells = true;
    }

    /// Ends the line, if there is anything on it.
    pub(super) fn end_line(&mut self) {
        let line = match self.preformatted {
            // A byte order mark in the middle of a file is left from joining two.
            0 => self.line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'),
            _ => self.line.trim_end().trim_start_matches('\u{feff}'),
        };
        if !line.is_empty() {
            self.done.push_str(line);
            self.done.push('\n');
        }
        self.line.clear();
        self.between_cells = false;
    }

    /// From here on white space stays.
    pub(super) fn begin_preformatted(&mut self) {
        self.end_line();
        self.preformatted += 1;
    }

    /// The partner of [`Self::begin_preformatted`].
    pub(super) fn end_preformatted(&mut self) {
        self.end_line();
        self.preformatted = self.preformatted.saturating_sub(1);
    }

    /// The text, without a line feed at its end.
    pub(super) fn finish(mut self) -> String {
        self.end_line();
        self.done.truncate(self.done.trim_end_matches('\n').len());
        self.done
    }
}

/// How far down a headline is looked for in the text below a kicker, a date, a byline.
const LINES_ABOVE_A_HEADLINE: usize = 5;

/// The text with its headline as the first line, and the headline; without a title the
/// first line is it.
pub(super) fn with_headline(title: &str, body: String) -> (String, String) {
    let title = super::meta::one_line(title);
    if title.is_empty() {
        return (super::meta::title_of(&body), body);
    }
    let is_title = |line: &str| line.trim().to_lowercase() == title.to_lowercase();
    let mut lines: Vec<&str> = body.split('\n').collect();
    let found = lines.iter().take(LINES_ABOVE_A_HEADLINE).position(|line| is_title(line));
    if let Some(index) = found {
        lines.remove(index);
    }
    lines.insert(0, &title);
    let text = lines.join("\n");
    (title, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_collapses_except_in_preformatted_parts() {
        let mut lines = Lines::default();
        lines.text("  two \n\t words ");
        lines.text(" and  more");
        lines.begin_preformatted();
        lines.text("a  b\n  c\n");
        lines.end_preformatted();
        lines.text(" ");
        lines.next_cell();
        lines.text("left ");
        lines.next_cell();
        lines.next_cell();
        lines.text("right");
        lines.next_cell();
        assert_eq!(lines.finish(), "two words and more\na  b\n  c\nleft | right");
    }

    #[test]
    fn the_headline_comes_first_and_once() {
        let cases = [
            ("Title", "Body", "Title\nBody"),
            ("Title", "TITLE\nBody", "Title\nBody"),
            ("Title", "Kicker\nTitle\nBody", "Title\nKicker\nBody"),
            ("", "First line\nBody", "First line\nBody"),
        ];
        for (title, body, expected) in cases {
            assert_eq!(with_headline(title, body.to_owned()).1, expected);
        }
    }
}
