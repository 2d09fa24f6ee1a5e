//! The rows of a table that are in memory at once.

use super::reading::{Columns, line};
use crate::formats::LARGEST_ARTICLE;
use crate::formats::error::FormatError;
use csv::StringRecord;

/// About the bytes that a row takes besides those of its cells.
const ROW: usize = 256;
/// The most bytes of an article and the rows below it: all of them are made one document.
const MOST_OF_ARTICLE: usize = 4 * LARGEST_ARTICLE as usize;

/// Rows that documents are made of together: whole articles, but for the last one.
#[derive(Default)]
pub(super) struct Held {
    pub(super) rows: Vec<StringRecord>,
    /// About what they take in memory, and what the last article takes of it.
    pub(super) bytes: usize,
    of_article: usize,
    /// Whether the last article was given up, and what is below it is passed over.
    is_given_up: bool,
}

impl Held {
    /// Adds a row, unless its article has too many of them.
    pub(super) fn add(
        &mut self,
        row: StringRecord,
        begins: bool,
        columns: &Columns,
    ) -> Result<(), FormatError> {
        if begins {
            (self.of_article, self.is_given_up) = (0, false);
        } else if self.is_given_up {
            return Ok(());
        }
        let bytes = row.as_slice().len() + ROW;
        self.of_article += bytes;
        self.bytes += bytes;
        if !begins && self.of_article > MOST_OF_ARTICLE {
            let at = self.drop_last(columns).or(line(&row));
            self.is_given_up = true;
            return Err(FormatError::Malformed {
                line: at,
                what: format!(
                    "the article and its rows take more than {} MiB",
                    MOST_OF_ARTICLE >> 20
                ),
                remedy: "look for a column “row” that says otherwise than it should",
            });
        }
        self.rows.push(row);
        Ok(())
    }

    /// Gives up the last article; the line that it begins in.
    pub(super) fn drop_last(&mut self, columns: &Columns) -> Option<u32> {
        let last = self.rows.iter().rposition(|row| columns.begins_article(row)).unwrap_or(0);
        let at = self.rows.get(last).and_then(line);
        self.rows.truncate(last);
        at
    }

    pub(super) fn take(&mut self) -> Vec<StringRecord> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }
}
