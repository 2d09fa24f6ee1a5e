//! What a file is, where its ending does not tell: several formats share `.jsonl` and
//! `.json`. The words of each format at the beginning of the file do.
//!
//! Only the beginning is looked at, and nothing is parsed: what was taken for a format
//! and is none of it is refused by that format's reader, by name and line.

use super::{FORMATS, Format, doccano, html, jsonl, labelstudio, prodigy, text, uima, w3c};

/// The bytes at the beginning of a file that are looked at.
pub const HEAD: usize = 64 * 1024;

/// The format to read a file with: by its ending, where several have it by its content,
/// and by its content alone where no format has it. `path` may be a name or empty, `head`
/// the beginning of the file or all of it.
pub fn choose(path: &str, head: &[u8]) -> &'static Format {
    let head = &head[..head.len().min(HEAD)];
    let mut candidates = FORMATS.iter().filter(|format| format.is_main(path));
    match candidates.next() {
        None => by_content(head),
        Some(format) if *format == jsonl::FORMAT => lines(head),
        Some(format) if *format == labelstudio::FORMAT => json(head),
        Some(format) => format,
    }
}

/// What bytes without an ending look like: HTML by its first tag, else text, which then
/// says so if they are not text at all.
fn by_content(head: &[u8]) -> &'static Format {
    if html::looks_like(head) { &html::FORMAT } else { &text::FORMAT }
}

fn lines(head: &[u8]) -> &'static Format {
    let first = head.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let has = |keys: &[&str]| has_key(first.unwrap_or_default(), keys);
    if has(&["_input_hash", "_task_hash", "spans"]) && !has(&["annotations", "annotators"]) {
        &prodigy::FORMAT
    } else if has(&["label", "labels", "entities", "cats"]) && !has(&["annotations"]) {
        &doccano::FORMAT
    } else {
        &jsonl::FORMAT
    }
}

fn json(head: &[u8]) -> &'static Format {
    if has_key(head, &["%TYPES", "%FEATURE_STRUCTURES", "%VIEWS"]) {
        &uima::json::FORMAT
    } else if has_key(head, &["@context"]) {
        &w3c::FORMAT
    } else {
        &labelstudio::FORMAT
    }
}

/// Whether one of the words stands in quotation marks before a colon.
fn has_key(head: &[u8], keys: &[&str]) -> bool {
    let head = String::from_utf8_lossy(head);
    keys.iter().any(|key| {
        let quoted = format!("\"{key}\"");
        let mut behind = head.match_indices(&quoted).map(|(at, _)| &head[at + quoted.len()..]);
        behind.any(|rest| rest.trim_start().starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_chosen_by_ending_then_by_content() {
        let cases: &[(&str, &str, &str)] = &[
            ("a.md", "<p>", "markdown"),
            ("A.HTM", "plain", "html"),
            ("a.txt", "<html>", "text"),
            ("a.log", "plain", "text"),
            ("", "\u{feff} \n<!-- saved --> <!DOCTYPE html>", "html"),
            ("", "<meta charset='utf-8'><p>pasted", "html"),
            ("", "<3 is a heart", "text"),
            ("", "", "text"),
            ("x.jsonl", r#"{"text": "a", "annotations": [{"spans": [[0, 1]]}]}"#, "jsonl"),
            ("x.jsonl", r#"{"text": "a \"label\" b"}"#, "jsonl"),
            ("x.jsonl", "\n{\"text\": \"a\", \"label\": [[0, 1, \"x\"]]}", "doccano"),
            ("x.jsonl", r#"{"text": "a", "entities": [], "relations": []}"#, "doccano"),
            ("x.jsonl", r#"{"text": "a", "spans": [], "answer": "accept"}"#, "prodigy"),
            ("x.json", r#"[{"id": 1, "data": {"text": "a"}}]"#, "label-studio"),
            ("x.json", r#"{"%TYPES" : {}}"#, "cas-json"),
            ("x.cas.json", r#"{"%TYPES": {}}"#, "cas-json"),
            ("x.json", r#"{"@context": "x"}"#, "w3c"),
            ("alice/x.ann", "T1", "brat"),
        ];
        for (path, content, expected) in cases {
            assert_eq!(choose(path, content.as_bytes()).id, *expected, "{path:?} {content:?}");
        }
    }
}
