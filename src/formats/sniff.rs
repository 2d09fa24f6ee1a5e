//! What a file is, where its ending does not tell: several formats share `.jsonl` and
//! `.json`, and some files have no ending. The words of each format at the beginning of the
//! file do. What is clearly data and of no known format is given to a reader that refuses
//! it: nobody wants to annotate its brackets.
//!
//! Only the beginning is looked at, and nothing is parsed: what was taken for a format
//! and is none of it is refused by that format's reader, by name and line.

use super::{
    FORMATS, Format, conll, doccano, docx, html, huggingface, jsonl, labelstudio, pdf, prodigy,
    text, uima, w3c,
};

/// The bytes at the beginning of a file that are looked at.
pub const HEAD: usize = 64 * 1024;

/// The format to read a file with: by its ending, where several have it by its content,
/// and by its content alone where no format has it. `path` may be a name, or empty for a
/// text that was pasted, which is a text or a web page; `head` is the beginning of the file
/// or all of it.
pub fn choose(path: &str, head: &[u8]) -> &'static Format {
    let head = &head[..head.len().min(HEAD)];
    let mut candidates = FORMATS.iter().filter(|format| format.is_main(path));
    match candidates.next() {
        None if path.is_empty() => pasted(head),
        None => by_content(head),
        Some(format) if *format == jsonl::FORMAT => lines(head),
        Some(format) if *format == labelstudio::FORMAT => json(head),
        Some(format) => format,
    }
}

/// HTML by its first tag, else text, which then says so if it is not text at all.
fn pasted(head: &[u8]) -> &'static Format {
    if html::looks_like(head) { &html::FORMAT } else { &text::FORMAT }
}

/// What a file looks like that has no ending, or one that no format has.
fn by_content(head: &[u8]) -> &'static Format {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |with: &[&[u8]]| with.iter().any(|with| start.starts_with(with));
    if begins(&[b"#FORMAT=WebAnno TSV"]) {
        &uima::tsv::FORMAT
    } else if begins(&[b"-DOCSTART-"]) {
        &conll::FORMAT
    } else if begins(&[b"%PDF-"]) {
        &pdf::FORMAT
    } else if begins(&[b"PAR1"]) {
        &huggingface::FORMAT
    } else if begins(&[b"PK\x03\x04"]) && contains(head, b"word/") {
        &docx::FORMAT
    } else if begins(&[b"<"]) && contains(head, b"http://www.omg.org/XMI") {
        &uima::xmi::FORMAT
    } else {
        as_json(start).unwrap_or_else(|| pasted(head))
    }
}

fn contains(head: &[u8], words: &[u8]) -> bool {
    head.windows(words.len()).any(|window| window == words)
}

/// The format of what begins as JSON does: an object with a name in quotation marks, or an
/// array of objects. Anything else may be a text, which may begin with a bracket, too.
fn as_json(start: &[u8]) -> Option<&'static Format> {
    let behind = |sign: u8| Some(start.strip_prefix(&[sign])?.trim_ascii_start());
    if behind(b'[').is_some_and(|rest| rest.starts_with(b"{")) {
        return Some(json(start));
    }
    behind(b'{').filter(|rest| rest.starts_with(b"\"") || rest.starts_with(b"}"))?;
    // An object that ends with its line is a record of many, or the only one.
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let is_line = line.ends_with(b"}") || line.len() == start.len();
    let is_file = has_key(line, &["%TYPES", "%FEATURE_STRUCTURES", "%VIEWS", "@context"]);
    Some(if is_line && !is_file { lines(start) } else { json(start) })
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
            // Without an ending, or with one that no format has.
            ("export", "[\n {\"id\": 1, \"data\": {\"text\": \"a\"}}]", "label-studio"),
            ("export", "{\"text\": \"a\", \"annotations\": []}\n{\"text\"", "jsonl"),
            ("a.dat", "{\"text\": \"a\", \"label\": [[0, 1, \"x\"]]}\n", "doccano"),
            ("export", "\u{feff}{\n  \"%TYPES\": {}\n}", "cas-json"),
            ("export", "{\"%TYPES\": {}, \"%VIEWS\": {}}", "cas-json"),
            ("export", "{\n\"@context\": \"http://www.w3.org/ns/anno.jsonld\"", "w3c"),
            (
                "export",
                "<?xml version='1.0'?><a:XMI xmlns:a=\"http://www.omg.org/XMI\">",
                "cas-xmi",
            ),
            ("export", "<?xml version='1.0'?><!DOCTYPE html><html>", "html"),
            ("export", "#FORMAT=WebAnno TSV 3.3\n", "webanno-tsv"),
            ("export", "-DOCSTART-\tO\n", "conll"),
            ("export", "%PDF-1.4", "pdf"),
            ("export", "PAR1", "huggingface"),
            ("README", "[1] Police said", "text"),
            ("README", "{sic} Police said", "text"),
            ("", "{\"text\": \"pasted\"}", "text"),
        ];
        for (path, content, expected) in cases {
            assert_eq!(choose(path, content.as_bytes()).id, *expected, "{path:?} {content:?}");
        }
    }
}
