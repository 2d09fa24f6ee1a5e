//! What a command prints, and what the process ends with.
//!
//! Text that comes out of files is made harmless on its way to a terminal: a control
//! character in a headline could otherwise move the cursor or colour the screen.

mod json;

use serde::Serialize;
use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::Path;
use std::process::ExitCode;

/// How a command ended that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Everything was done.
    Done,
    /// The data is at fault.
    DataAtFault,
    /// The call is at fault.
    CallAtFault,
}

/// Why a command did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The data is at fault; what is wrong and what to do.
    Data(String),
    /// The call is at fault; what is wrong and what to do.
    Call(String),
    /// Standard output cannot be written to.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// What every command returns.
pub(super) type Outcome = Result<Verdict, Failure>;

/// Standard output and standard error.
pub(super) struct Output {
    out: BufWriter<Stdout>,
}

impl Output {
    pub(super) fn new() -> Self {
        Self { out: BufWriter::new(io::stdout()) }
    }

    /// A line of the result.
    pub(super) fn line(&mut self, line: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{}", plain(&line.to_string()))?)
    }

    /// The result as JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        json::write(&mut self.out, value)?;
        Ok(writeln!(self.out)?)
    }

    /// A line about the work, on standard error.
    pub(super) fn remark(&mut self, line: impl Display) -> Result<(), Failure> {
        // What was printed before stays before it where both go to one terminal.
        self.out.flush()?;
        complain(&line);
        Ok(())
    }

    /// Ends the process: what failed is said, once, and the exit code follows from it.
    pub(super) fn close(mut self, outcome: Outcome) -> ExitCode {
        let flushed = self.out.flush().map_err(Failure::from);
        match flushed.and(outcome) {
            Ok(Verdict::Done) => ExitCode::SUCCESS,
            Ok(Verdict::DataAtFault) => ExitCode::from(1),
            Ok(Verdict::CallAtFault) => ExitCode::from(2),
            Err(Failure::Data(what)) => {
                complain(&what);
                ExitCode::from(1)
            }
            Err(Failure::Call(what)) => {
                complain(&what);
                ExitCode::from(2)
            }
            // Whoever read the output had enough of it (`copydesk stats | head`).
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(Failure::Output(error)) => {
                complain(&format!("the output cannot be written: {error}; check where it goes to"));
                ExitCode::from(1)
            }
        }
    }
}

fn complain(what: &dyn Display) {
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(io::stderr(), "copydesk: {}", plain(&what.to_string()));
}

/// Whether somebody watches standard error.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// `file` or `file:line`.
pub(super) fn place(file: &Path, line: Option<u32>) -> String {
    let file = file.display();
    line.map_or_else(|| file.to_string(), |line| format!("{file}:{line}"))
}

/// `1 article`, `2 articles`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Rows as lines: the first column to the left, the others, which are numbers, to the right.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell: &String| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect()
}

/// Whether a character can drive a terminal or turn the text around it: control characters,
/// direction overrides and direction marks.
fn is_harmful(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// The text with all that is harmful spelled out.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a string does not fail.
            let _ = write!(spelled, "{}", character.escape_default());
        } else {
            spelled.push(character);
        }
    }
    Cow::Owned(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["label", "a", "bb"], ["actor", "10", "2"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), ["label   a  bb", "actor  10   2"]);
    }

    #[test]
    fn a_headline_cannot_drive_the_terminal() {
        assert_eq!(
            plain("red \u{1b}[31m\nand \u{202e}back"),
            "red \\u{1b}[31m\\nand \\u{202e}back"
        );
        assert_eq!(plain("a\u{200e}b\u{200f}c\u{61c}d"), "a\\u{200e}b\\u{200f}c\\u{61c}d");
        assert_eq!(plain("کراچی “HQ”"), "کراچی “HQ”");
    }
}
