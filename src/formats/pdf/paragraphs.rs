//! Lines as they are printed, to paragraphs.

use std::collections::HashSet;

/// How much of the longest line of its page a line must have to be taken for one that
/// goes on: shorter ones end a paragraph, or belong to a list, a table or a heading.
const FULL: f64 = 0.75;

/// A text with what was guessed to get it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) text: String,
    /// How many line ends became blanks, or nothing.
    pub(super) joined: usize,
    /// How many hyphens at line ends were left out.
    pub(super) mended: usize,
}

/// Joins the lines of pages to paragraphs, one a line, with an empty line where the pages
/// have more than a line's distance.
pub(super) fn joined(pages: &[String]) -> Joined {
    let words = words(pages);
    let mut result = Joined::default();
    for page in pages {
        let lines: Vec<String> = page.lines().map(tidy).collect();
        let longest = lines.iter().map(|line| width(line)).max().unwrap_or_default();
        let is_full = |line: &str| width(line) as f64 >= FULL * longest as f64;
        let mut before = "";
        for line in lines.iter().map(String::as_str) {
            let goes_on = !before.is_empty() && !line.is_empty() && is_full(before);
            if goes_on && continues(before, line) {
                result.join(before, line, &words);
            } else if !result.text.is_empty() && !result.text.ends_with("\n\n") {
                result.text.push('\n');
            }
            result.text.push_str(line);
            before = line;
        }
        result.text.push('\n');
    }
    let end = result.text.trim_end().len();
    result.text.truncate(end);
    let start = result.text.len() - result.text.trim_start().len();
    result.text.drain(..start);
    result
}

impl Joined {
    /// Prepares the end of the text for a line that goes on: with a blank, or with nothing
    /// after a word with a hyphen, which goes where the document has the word without it.
    fn join(&mut self, before: &str, line: &str, words: &HashSet<String>) {
        self.joined += 1;
        let hyphened = before.strip_suffix(['-', '\u{2010}']);
        let start = hyphened.map(last_word).unwrap_or_default();
        if start.is_empty() {
            return self.text.push(' ');
        }
        let end = first_word(line);
        let is_divided = end.starts_with(char::is_lowercase);
        if is_divided && words.contains(&format!("{start}{end}").to_lowercase()) {
            self.text.pop();
            self.mended += 1;
        }
    }
}

/// Whether a line can go on with the next: not from the end of a sentence to a list.
fn continues(before: &str, line: &str) -> bool {
    let is_item = line.starts_with(['•', '–', '·', '▪', '●', '*'])
        || line.split_once(['.', ')']).is_some_and(|(number, rest)| {
            number.len() < 4
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && rest.starts_with(' ')
        });
    !is_item && !before.ends_with(':')
}

/// A line without the blanks around it, and without marks where a word may be divided.
fn tidy(line: &str) -> String {
    let visible = |character: &char| *character == '\t' || !character.is_control();
    line.trim().chars().filter(visible).filter(|character| *character != '\u{ad}').collect()
}

fn width(line: &str) -> usize {
    line.chars().count()
}

fn last_word(text: &str) -> &str {
    text.rsplit(|character: char| !character.is_alphabetic()).next().unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    text.split(|character: char| !character.is_alphabetic()).next().unwrap_or_default()
}

/// The words that stand in one piece somewhere, in small letters: all but those that a
/// hyphen at a line's end divides.
fn words(pages: &[String]) -> HashSet<String> {
    let mut words = HashSet::new();
    let mut is_divided = false;
    for line in pages.iter().flat_map(|page| page.lines()).map(str::trim) {
        let mut of_line = line.split(|character: char| !character.is_alphabetic());
        if is_divided {
            of_line.next();
        }
        is_divided = line.ends_with(['-', '\u{2010}']);
        if is_divided {
            // Behind the hyphen is nothing, before it the beginning of a word.
            of_line.next_back();
            of_line.next_back();
        }
        words.extend(of_line.filter(|word| !word.is_empty()).map(str::to_lowercase));
    }
    words
}
