//! Letters in the place of names: what annotators are called while names are hidden.
//!
//! While the project hides names (`blind`), they are hidden from everybody at the window
//! and everywhere in it: in review, in the numbers and the report of agreement, where work
//! is chosen for a dataset, and in the paths that messages name. Only whoever is at work is
//! called by their own name. Files, histories, datasets and the command line have names.

use super::Session;
use crate::model::{AnnotatorName, Letters};
use crate::session::Notice;
use std::cmp::Ordering;

/// Up to so many letters a name may be a word of a message as well; it is taken for a name
/// there only where it stands in a path, or behind "by".
const SHORT: usize = 3;
/// What follows a name in the names of files.
const ENDINGS: [&str; 2] = [".ron", ".lock"];

/// The letters of a session.
#[derive(Debug, Default)]
pub(super) struct Lettering {
    letters: Letters,
    /// How many annotators there were when letters were last drawn.
    of: usize,
}

impl Session {
    /// Whether letters stand in the place of names.
    pub fn hides_names(&self) -> bool {
        self.review.assignment.blind
    }

    /// What an annotator is called here: their name, or while names are hidden their letter.
    /// Whoever is at work is always called by name, and so is gold.
    pub fn shown_name(&self, annotator: &AnnotatorName) -> String {
        if !self.hides_names() || annotator == self.by() || annotator.is_gold() {
            return annotator.to_string();
        }
        self.review.letters.letters.of(annotator).unwrap_or_else(|| "?".to_owned())
    }

    /// The annotators in the order in which they are to be shown, so that while names are
    /// hidden the order tells nothing either.
    pub fn shown_annotators(&self) -> Vec<(AnnotatorName, String)> {
        let names = self.project.annotators.iter();
        let mut shown: Vec<_> = names.map(|name| (name.clone(), self.shown_name(name))).collect();
        if self.hides_names() {
            shown.sort_by(|one, other| by_letter(&one.1, &other.1));
        }
        shown
    }

    /// What some annotators are called, in the order in which they are to be shown: as they
    /// come, or while names are hidden by letter.
    pub fn shown_names(&self, names: &[AnnotatorName]) -> Vec<String> {
        let mut shown: Vec<_> = names.iter().map(|name| self.shown_name(name)).collect();
        if self.hides_names() {
            shown.sort_by(|one, other| by_letter(one, other));
        }
        shown
    }

    /// Who may be chosen by name to go on as: everybody, or while names are hidden whoever
    /// is at work; others type theirs.
    pub fn choosable_annotators(&self) -> Vec<AnnotatorName> {
        match self.hides_names() {
            true => vec![self.by().clone()],
            false => self.project.annotators.clone(),
        }
    }

    /// A text of the program with letters in the place of names while these are hidden: in
    /// paths, and where a name stands by itself. O(n).
    pub fn shown_words(&self, text: &str) -> String {
        if !self.hides_names() {
            return text.to_owned();
        }
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_slash = |c: char| matches!(c, '/' | '\\');
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_of_name) {
            let (before, word) = rest.split_at(start);
            let word = word.split(|c| !is_of_name(c)).next().unwrap_or_default();
            shown.push_str(before);
            rest = rest.get(start + word.len()..).unwrap_or_default();
            let is_in_path = shown.ends_with(is_slash) || rest.starts_with(is_slash);
            match self.letter_of_word(word, is_in_path || shown.ends_with("by ")) {
                Some(letter) => shown.push_str(&letter),
                None => shown.push_str(word),
            }
        }
        shown + rest
    }

    /// A word that is somebody else's name, with their letter in its place.
    fn letter_of_word(&self, word: &str, is_somebody: bool) -> Option<String> {
        let whole = word.trim_end_matches('.');
        let stems =
            ENDINGS.iter().filter_map(|ending| Some((whole.strip_suffix(ending)?, *ending)));
        for (stem, ending) in stems.chain([(whole, "")]) {
            let name = self.project.annotators.iter().find(|name| name.as_str() == stem);
            let is_name = |name: &&AnnotatorName| is_somebody || name.as_str().len() > SHORT;
            if let Some(name) = name.filter(is_name) {
                let after = word.get(whole.len()..).unwrap_or_default();
                return Some(format!("{}{ending}{after}", self.shown_name(name)));
            }
        }
        None
    }

    /// A message as it is to be shown.
    pub(in crate::session) fn shown_notice(&self, mut notice: Notice) -> Notice {
        if self.hides_names() {
            notice.text = self.shown_words(&notice.text);
        }
        notice
    }

    /// Draws letters when somebody has joined.
    pub(super) fn keep_letters(&mut self) {
        if self.hides_names() && self.review.letters.of != self.project.annotators.len() {
            self.draw_letters();
            self.touch();
        }
    }

    /// Takes up the letters that are kept, and draws those that are missing.
    pub(super) fn draw_letters(&mut self) {
        if !self.hides_names() {
            self.review.letters = Lettering::default();
            return;
        }
        let annotators = &self.project.annotators;
        self.review.letters.of = annotators.len();
        match self.folder.letters(annotators) {
            Ok(letters) => self.review.letters.letters = letters,
            // In a folder that cannot be written to they hold as long as the window is open.
            Err(_) => {
                let letters = &mut self.review.letters.letters;
                letters.admit(annotators, &mut fastrand::Rng::new());
            }
        }
    }
}

/// With more than 26 people A2 comes behind Z.
fn by_letter(one: &str, other: &str) -> Ordering {
    (one.len(), one).cmp(&(other.len(), other))
}
