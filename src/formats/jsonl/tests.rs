//! What this format promises, with lines of other programs.

use super::*;
use crate::formats::testing::{check_law, documents, options};
use crate::formats::{Input, Read};
use proptest::prelude::*;

fn read_line(line: &str) -> Read {
    FORMAT.read(&Input::alone(line.as_bytes(), "x.jsonl")).unwrap()
}

proptest! {
    #[test]
    fn nothing_at_all_is_lost(document in documents()) {
        let losses = check_law(&FORMAT, document, &options());
        prop_assert_eq!(losses, vec![]);
    }
}

#[test]
fn lines_of_other_programs_give_their_text() {
    let read =
        read_line("{\"id\": 7, \"headline\": \"A\\nb\", \"body\": \"Gunmen fled\", \"x\": [1]}");
    assert_eq!((&*read.documents[0].name, &*read.documents[0].text), ("7", "Gunmen fled"));
    assert_eq!(read.documents[0].meta.title, "A b");
    let read = read_line("{\"story\": \"x\"}\n[1]\n{\"text\": \"x\", \"annotations\": 3}");
    assert!(read.documents.is_empty());
    assert!(read.refused[0].to_string().contains("--text-column"));
    assert_eq!(
        read.refused.iter().map(FormatError::line).collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3)]
    );
}

#[test]
fn offsets_of_another_unit_and_ends_that_are_missing_are_told() {
    let read = read_line(concat!(
        "{\"text\": \"🙂 Karachi\", \"annotations\": [",
        "{\"id\": \"1\", \"label\": \"l\", \"spans\": [[3, 10]], \"text\": \"Karachi\"},",
        "{\"id\": \"2\", \"label\": \"l\", \"spans\": [[3, 99]]}],",
        "\"relations\": [{\"kind\": \"at\", \"from\": \"1\", \"to\": \"2\"}]}"
    ));
    let layer = &read.documents[0].layers[0];
    assert_eq!(layer.annotations[0].span.surface(&read.documents[0].text), "Karachi");
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!((layer.annotations.len(), told.len()), (1, 3), "{told:?}");
    assert!(told[0].contains("UTF-16") && told[1].contains("offsets") && told[2].contains("at"));
}

/// What a line says besides was dropped without a word.
#[test]
fn what_is_not_read_of_a_line_is_told_with_its_line() {
    let read = read_line(concat!(
        "{\"text\": \"Ali fled\", \"title\": 7, \"date\": \"yesterday\", \"url\": [\"a\"], ",
        "\"topic\": \"war\", \"source\": null, \"annotators\": [{\"name\": \"a\", ",
        "\"state\": \"finished\"}], \"annotations\": [{\"label\": \"actor\", \"annotator\": ",
        "\"a\", \"spans\": [[0, 3]], \"score\": 1}]}\n",
        "{\"text\": \"Ben fled\", \"topic\": \"war\", \"annotations\": []}\n",
        "{\"text\": \"Cem fled\", \"headline\": \"Flight\", \"published\": 2023, \"lang\": \"en\"}"
    ));
    assert_eq!(read.refused, []);
    let texts: Vec<_> = read.documents.iter().map(|found| &*found.text).collect();
    assert_eq!(texts, ["Ali fled", "Ben fled", "Cem fled"]);
    let annotations = &read.documents[0].layers[0].annotations;
    assert_eq!(annotations[0].span.surface("Ali fled"), "Ali");
    assert_eq!(read.documents[2].meta.title, "Flight");
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    let expected = [
        "line 1: left out: the field “title”, which is no text but 7",
        "line 1: left out: the field “url”, which is no text but [\"a\"]",
        "line 1: left out: the state “finished” of a, which is none of ours",
        "line 1: left out: the date “yesterday”, which names no day for certain",
        "line 3: left out: the field “published”, which is no text but 2023",
        "line 1: left out: the field “annotations.score”, which is not read",
        "line 1: left out: the field “topic”, which is not read; 2 times",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_file_of_made_up_fields_is_told_in_bounded_space() {
    let fields: Vec<_> = (0..5000).map(|at| format!("\"f{at}\": 0")).collect();
    let read = read_line(&format!("{{\"text\": \"x\", {}}}", fields.join(", ")));
    assert!(read.warnings.len() <= 101, "{}", read.warnings.len());
}

/// The words of several ranges were not compared, and an emoji before them shifts them all.
#[test]
fn offsets_of_several_ranges_are_held_to_their_words() {
    let line = |spans: &str| {
        format!(
            "{{\"text\": \"🙂 Ali and Ben\", \"annotations\": [{{\"label\": \"actor\", \"spans\": \
             {spans}, \"text\": \"Ali … Ben\"}}]}}"
        )
    };
    for (spans, told) in [("[[2, 5], [10, 13]]", None), ("[[3, 6], [11, 14]]", Some("UTF-16"))] {
        let read = FORMAT.read(&Input::alone(line(spans).as_bytes(), "x.jsonl")).unwrap();
        let found = &read.documents[0];
        let surface = found.layers[0].annotations[0].span.surface(&found.text);
        assert_eq!(surface, "Ali … Ben", "{spans}");
        let what = read.warnings.first().map(|warning| warning.what.as_str());
        assert_eq!(what.is_some(), told.is_some(), "{what:?}");
        assert!(what.unwrap_or_default().contains(told.unwrap_or_default()), "{what:?}");
    }
}

#[test]
fn as_many_annotators_as_annotations_come_to_an_end() {
    let one = |at: usize| format!(r#"{{"annotator": "a{at}", "label": "l", "spans": [[0, 1]]}}"#);
    let all: Vec<_> = (0..100_000).map(one).collect();
    let began = std::time::Instant::now();
    let read = read_line(&format!(r#"{{"text": "x", "annotations": [{}]}}"#, all.join(",")));
    assert_eq!(read.documents[0].layers.len(), 100_000);
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
}
