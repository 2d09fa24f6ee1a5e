//! The fields of a task that are not read.
//!
//! Prodigy's own bookkeeping, whose names begin with a line (`_view_id`, `_timestamp`), says
//! nothing about the text and goes without a word.

use serde_json::{Map, Value};

const TASK: [&str; 10] = [
    "text",
    "tokens",
    "spans",
    "relations",
    "meta",
    "answer",
    "_annotator_id",
    "_session_id",
    "_input_hash",
    "_task_hash",
];
const META: [&str; 7] = ["id", "title", "source", "date", "url", "language", "kind"];
/// What stands in the lists of a task.
const LISTS: [(&str, &[&str]); 3] = [
    ("tokens", &["text", "start", "end", "id", "ws"]),
    (
        "spans",
        &["start", "end", "token_start", "token_end", "label", "text", "id", "attributes", "note"],
    ),
    ("relations", &["head", "child", "label", "head_span", "child_span", "id"]),
];
const END: [&str; 6] = ["start", "end", "token_start", "token_end", "label", "id"];

/// Takes out of a task what is not read; `note` gets the name of each such field.
pub(super) fn take(task: &mut Value, note: &mut dyn FnMut(&str)) {
    keep(task, &TASK, "", note);
    if let Some(meta) = task.get_mut("meta") {
        keep(meta, &META, "meta.", note);
    }
    for (list, fields) in LISTS {
        let items = task.get_mut(list).and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            keep(item, fields, &format!("{list}."), note);
            for end in ["head_span", "child_span"] {
                if let Some(end) = item.get_mut(end) {
                    keep(end, &END, "relations.span.", note);
                }
            }
        }
    }
}

fn keep(value: &mut Value, known: &[&str], list: &str, note: &mut dyn FnMut(&str)) {
    let Value::Object(object) = value else { return };
    let object: &mut Map<String, Value> = object;
    object.retain(|name, value| {
        let is_known = known.contains(&name.as_str());
        if !is_known && !name.starts_with('_') && !value.is_null() {
            note(&format!("{list}{name}"));
        }
        is_known
    });
}
