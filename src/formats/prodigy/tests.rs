//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{check_law, document, documents, options};
use crate::formats::writing::Batch;
use crate::formats::{Input, LossKind, Misfits, Read};
use proptest::prelude::*;

fn read_line(line: &str) -> Read {
    FORMAT.read(&Input::alone(line.as_bytes(), "x.jsonl")).unwrap()
}

fn told(read: &Read) -> Vec<String> {
    read.warnings.iter().map(ToString::to_string).collect()
}

proptest! {
    #[test]
    fn what_is_fitted_is_what_is_read(document in documents(), drop in any::<bool>()) {
        let mut options = options();
        options.misfits = if drop { Misfits::Drop } else { Misfits::Expand };
        let losses = check_law(&FORMAT, document, &options);
        let expected = [
            LossKind::Discontinuous, LossKind::CutsToken, LossKind::State, LossKind::Relation,
            LossKind::Values,
        ];
        prop_assert!(losses.iter().all(|loss| expected.contains(&loss.kind)), "{losses:?}");
    }
}

#[test]
fn a_task_is_written_as_prodigy_writes_it() {
    let options = options();
    let mut article = document("[actor Two 🙂 men] fled to [location Karachi]");
    article.layers[0].state = Some(State::Done);
    article.layers[0].relations =
        vec![Relation { id: String::new(), kind: "to".to_owned(), from: 0, to: 1 }];
    let documents = [fit(article, &options, &mut Vec::new())];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let piece = writing::write(&batch).unwrap().remove(0);
    let task: Value = serde_json::from_slice(&piece.bytes).unwrap();
    let expected = serde_json::json!({
        "start": 18, "end": 25, "token_start": 5, "token_end": 5,
        "label": "location", "text": "Karachi", "id": "a2"
    });
    assert_eq!(task["spans"][1], expected);
    let expected = serde_json::json!({"text": "🙂", "start": 4, "end": 5, "id": 1, "ws": true});
    assert_eq!(task["tokens"][1], expected);
    let relation = &task["relations"][0];
    assert_eq!(
        (&relation["head"], &relation["child"], &relation["label"]),
        (&2.into(), &5.into(), &"to".into())
    );
    assert_eq!(relation["head_span"]["token_end"], 2);
    assert_eq!(
        (&task["answer"], &task["_annotator_id"]),
        (&"accept".into(), &"annotator-1".into())
    );
    assert!(task["_input_hash"].is_i64() && task["_task_hash"] != task["_input_hash"]);
}

#[test]
fn lines_of_prodigy_are_read() {
    let read = read_line(concat!(
        "{\"text\": \"🙂 Ali fled\", \"meta\": {\"source\": \"Dawn\", \"score\": 0.5}, ",
        "\"tokens\": [{\"text\": \"🙂\", \"start\": 0, \"end\": 1, \"id\": 0}, ",
        "{\"text\": \"Ali\", \"start\": 2, \"end\": 5, \"id\": 1, \"disabled\": false}], ",
        "\"spans\": [{\"start\": 2, \"end\": 5, \"token_start\": 1, \"token_end\": 1, ",
        "\"label\": \"PERSON\", \"source\": \"en_core\"}, {\"start\": 9, \"end\": 99, \"label\": \"X\"}], ",
        "\"relations\": [{\"head\": 1, \"child\": 0, \"label\": \"R\"}], ",
        "\"answer\": \"accept\", \"_session_id\": \"a\", \"_view_id\": \"ner_manual\"}\n",
        "{\"text\": \"Rejected\", \"spans\": [{\"start\": 0, \"end\": 2, \"label\": \"X\"}], ",
        "\"answer\": \"reject\"}\n",
        "{\"text\": \"Nobody saw this\"}\n{\"text\": 3}\n{\"text\": \"cut"
    ));
    let layer = &read.documents[0].layers[0];
    assert_eq!(layer.annotations[0].span.surface(&read.documents[0].text), "Ali");
    assert_eq!((layer.state, read.documents[0].tokens.len()), (Some(State::Done), 2));
    assert_eq!(read.documents[0].meta.source, "Dawn");
    let without: Vec<_> = read.documents.iter().map(|found| found.layers.is_empty()).collect();
    assert_eq!(without, [false, true, true]);
    let told = told(&read);
    assert!(told[0].contains("offsets") && told[1].contains("relation R"), "{told:?}");
    assert!(told[2].starts_with("line 2: left out: the annotations, which were rejected"));
    let refused: Vec<_> = read.refused.iter().map(FormatError::line).collect();
    assert_eq!(refused, [Some(4), Some(5)]);
}

/// Teams name sessions, and their tasks have no other name of who did them.
#[test]
fn fields_that_are_not_read_are_told_once_and_a_session_is_somebody() {
    let line = concat!(
        r#"{"text": "Ali", "meta": {"score": 1, "date": "soon"}, "tokens": [{"text": "Ali", "#,
        r#""start": 0, "end": 3, "disabled": false}], "spans": [{"start": 0, "end": 3, "#,
        r#""label": "P", "source": "model"}], "cats": {"x": 1}, "answer": "accept", "#,
        r#""_session_id": "bob", "_view_id": "ner"}"#
    );
    let read = read_line(&format!("{line}\n{line}"));
    assert_eq!(read.documents[1].layers[0].annotator, "bob");
    assert_eq!(read.documents[1].layers[0].annotations.len(), 1);
    let told = told(&read);
    assert_eq!(
        told[2..],
        ["cats", "meta.score", "spans.source", "tokens.disabled"].map(|name| {
            format!("line 1: left out: the field “{name}”, which is not read; 2 times")
        })
    );
    assert!(told[0].starts_with("line 1: left out: the date “soon”"), "{told:?}");
}

#[test]
fn offsets_of_another_unit_are_found_out_by_the_words() {
    let read = read_line(
        "{\"text\": \"🙂 Ali fled\", \"spans\": [{\"start\": 3, \"end\": 6, \"label\": \"P\", \"text\": \"Ali\"}]}",
    );
    let found = &read.documents[0].layers[0].annotations[0];
    assert_eq!(found.span.surface(&read.documents[0].text), "Ali");
    assert!(told(&read)[0].contains("UTF-16"));
}

#[test]
fn spans_without_words_stand_where_their_tokens_are() {
    let read = read_line(concat!(
        r#"{"text": "🙂 Ali fled", "tokens": [{"text": "🙂", "start": 0, "end": 2}, "#,
        r#"{"text": "Ali", "start": 3, "end": 6}, {"text": "fled", "start": 7, "end": 11}], "#,
        r#""spans": [{"start": 3, "end": 11, "label": "P"}]}"#
    ));
    let document = &read.documents[0];
    assert_eq!(document.layers[0].annotations[0].span.surface(&document.text), "Ali fled");
    let told = told(&read);
    assert!(told[0].contains("the token “🙂”") && told[0].contains("UTF-16"), "{told:?}");
    assert!(told[1].contains("the annotation P") && told.len() == 2, "{told:?}");
}

#[test]
fn nesting_beyond_reason_is_an_error() {
    let line = format!("{{\"text\": \"x\", \"other\": {}", "[".repeat(100_000));
    assert_eq!(read_line(&line).refused.len(), 1);
}

#[test]
fn as_many_relations_as_spans_come_to_an_end() {
    const COUNT: usize = 60_000;
    let span = |at: usize| format!(r#"{{"start": 0, "end": 1, "label": "l", "id": "s{at}"}}"#);
    let link = |at: usize| {
        let end = |at: usize| format!(r#"{{"start": 0, "end": 1, "id": "s{at}"}}"#);
        let (head, child) = (end(at), end(COUNT - 1 - at));
        format!(
            r#"{{"head": 0, "child": 0, "label": "r", "head_span": {head}, "child_span": {child}}}"#
        )
    };
    let (spans, links): (Vec<_>, Vec<_>) = (0..COUNT).map(|at| (span(at), link(at))).unzip();
    let began = std::time::Instant::now();
    let read = read_line(&format!(
        r#"{{"text": "x", "spans": [{}], "relations": [{}], "answer": "accept"}}"#,
        spans.join(","),
        links.join(",")
    ));
    let layer = &read.documents[0].layers[0];
    assert_eq!((layer.relations[3].from, layer.relations[3].to), (3, COUNT - 4));
    assert_eq!(layer.relations.len(), COUNT);
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}", began.elapsed());
}
