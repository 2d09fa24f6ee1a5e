//! The first records of an export, for somebody to look at before it is written.
//!
//! JSON is shown record by record with long texts shortened, so that what is said of a text
//! is seen below it; of several files that of annotations is shown; of a file that is not
//! text, what our own JSON lines would say. What is written is never made of this.

use crate::formats::{Batch, Piece, by_id};
use serde_json::Value;

/// The records that are shown.
const RECORDS: usize = 3;
/// The characters of them that are shown.
const SHOWN: usize = 4_000;
/// The characters of a string within a record.
const STRING: usize = 160;

/// The beginning of what is written.
pub(super) fn first_records(batch: &Batch<'_>, pieces: &[Piece]) -> String {
    let texts = pieces.iter().filter_map(|piece| {
        let text = std::str::from_utf8(&piece.bytes).ok()?;
        Some((is_of_annotations(&piece.path), text.len(), text))
    });
    let shown = match texts.max_by_key(|(is_main, len, _)| (*is_main, *len)) {
        Some((_, _, text)) => shortened(text),
        None => shortened(&as_lines(batch)),
    };
    shown.chars().take(SHOWN).collect()
}

/// Whether a file holds annotations, and not the text alone that they are of.
fn is_of_annotations(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    !matches!(ending, "txt" | "conf" | "md" | "xml" | "cfg")
}

fn as_lines(batch: &Batch<'_>) -> String {
    let writer = by_id("jsonl").and_then(|format| format.writes);
    let some =
        Batch { documents: batch.documents.get(..RECORDS).unwrap_or(batch.documents), ..*batch };
    let pieces = writer.and_then(|writer| (writer.write)(&some).ok()).unwrap_or_default();
    pieces
        .first()
        .map(|piece| String::from_utf8_lossy(&piece.bytes).into_owned())
        .unwrap_or_default()
}

/// The first records of JSON with long strings shortened; other text as it is.
fn shortened(text: &str) -> String {
    let records = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).ok(),
        false => text.lines().take(RECORDS).map(|line| serde_json::from_str(line).ok()).collect(),
    };
    let records: Option<Vec<Value>> = records;
    let Some(records) = records.filter(|records| records.iter().all(Value::is_object)) else {
        return text.chars().take(SHOWN).collect();
    };
    let shown = records.into_iter().take(RECORDS).map(|mut record| {
        shorten(&mut record);
        record.to_string()
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(STRING) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_seen_behind_a_long_text() {
        let text = "word ".repeat(1_000);
        let line = serde_json::json!({"text": text, "spans": [{"label": "actor"}]}).to_string();
        let shown = shortened(&[line.as_str(); 5].join("\n"));
        assert_eq!(shown.matches("\"actor\"").count(), RECORDS);
        assert!(shown.chars().count() < 1_000, "{shown}");
        let list = format!("[{line}]");
        assert!(shortened(&list).contains("…\""), "{}", shortened(&list));
    }

    #[test]
    fn what_is_no_json_is_shown_as_it_is() {
        let lines = "Several\tB-actor\nmilitants\tI-actor\n";
        assert_eq!(shortened(lines), lines);
        assert_eq!(shortened("1\n2\n"), "1\n2\n");
    }

    #[test]
    fn of_a_text_and_its_annotations_the_annotations_are_shown() {
        assert!(is_of_annotations("a.ann") && !is_of_annotations("long.txt"));
    }
}
