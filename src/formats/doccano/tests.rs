//! What this format promises, with what other programs write.

use super::super::testing::{check_law, corpus, documents, options, read_file, round_trip};
use super::super::{FormatError, Input, LossKind, Read};
use super::{FORMAT, Unit, likely_unit};
use crate::formats::WriteOptions;
use crate::model::Schema;
use proptest::prelude::*;
use std::sync::Arc;

proptest! {
    #[test]
    fn what_fits_is_read_as_it_was_written(document in documents(), has_relations: bool) {
        let mut document = document;
        let mut options = options();
        if !has_relations {
            let labels = options.schema.labels().to_vec();
            options = WriteOptions::new(Arc::new(Schema::new(labels, Vec::new()).unwrap()));
            document.layers.iter_mut().for_each(|layer| layer.relations.clear());
        }
        check_law(&FORMAT, document, &options);
    }
}

fn read_at(path: &str, content: &str) -> Read {
    FORMAT.read(&Input::alone(content.as_bytes(), path)).unwrap()
}

fn words(read: &Read) -> Vec<String> {
    let document = &read.documents[0];
    let annotations = document.layers[0].annotations.iter();
    annotations.map(|found| found.span.surface(&document.text)).collect()
}

#[test]
fn each_unit_is_found_out() {
    // A family of three is 8 UTF-16 units, 5 code points and 1 grapheme cluster.
    for (offsets, unit) in [("9, 16", None), ("6, 13", Some("code")), ("2, 9", Some("graph"))] {
        let line = format!("{{\"text\": \"👩‍👩‍👧 Karachi fell\", \"label\": [[{offsets}, \"l\"]]}}");
        let read = read_at("all.jsonl", &line);
        assert_eq!(words(&read), ["Karachi"], "{offsets}");
        assert_eq!(read.warnings.len(), usize::from(unit.is_some()));
        let told = read.warnings.first().map(|told| told.what.clone()).unwrap_or_default();
        assert!(told.contains(unit.unwrap_or_default()), "{told}");
    }
    assert_eq!(likely_unit("🙂 a b", &[(3, 4), (1, 2)]), Unit::Utf16);
}

#[test]
fn a_file_is_its_annotators() {
    for (path, annotator) in [
        ("all.jsonl", ""),
        ("alice.jsonl", "alice"),
        ("x/unknown.jsonl", ""),
        ("x/bob.jsonl", "bob"),
    ] {
        let read = read_at(path, "{\"data\": \"x\", \"id\": 5}");
        let document = &read.documents[0];
        assert_eq!((&*document.layers[0].annotator, &*document.name), (annotator, "5"));
    }
}

#[test]
fn what_is_left_out_is_told_by_line() {
    let read = read_at(
        "all.jsonl",
        concat!(
            "{\"text\": \"Gunmen\", \"label\": [[0, 6, \"a\"], [0, 99, \"b\"], [3, 3, \"c\"], \"d\", 7]}\n",
            "{\"label\": []}\n{\"text\": \"x\", \"Comments\": [\"y\"]}\n{\"text\": ",
        ),
    );
    let lines: Vec<_> = read.warnings.iter().filter_map(|told| told.line).collect();
    assert_eq!(lines, [1, 1, 1, 1, 3], "{:?}", read.warnings);
    let refused: Vec<_> = read.refused.iter().map(FormatError::line).collect();
    assert_eq!(refused, [Some(2), Some(4)]);
}

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are for whoever runs it")]
fn the_files_of_doccano_come_back_the_same() {
    let Some(files) = corpus("doccano-tests", ".jsonl") else { return };
    assert!(files.len() >= 8);
    for path in files {
        let read = read_file(&FORMAT, &path).unwrap();
        let documents = read.documents.len();
        let annotations: usize = read
            .documents
            .iter()
            .flat_map(|document| &document.layers)
            .map(|layer| layer.annotations.len() + layer.relations.len())
            .sum();
        let has_relations = path.to_string_lossy().contains("relation");
        let labels = options().schema.labels().to_vec();
        let plain = WriteOptions::new(Arc::new(Schema::new(labels, Vec::new()).unwrap()));
        let options = if has_relations { options() } else { plain };
        let losses: Vec<_> = read
            .documents
            .iter()
            .flat_map(|document| round_trip(&FORMAT, vec![document.clone()], &options))
            .collect();
        eprintln!(
            "{}: {documents} documents, {annotations} annotations and relations, {} refused, {:?}, {losses:?}",
            path.display(),
            read.refused.len(),
            read.warnings
        );
        // The file's name is its annotator, who needs no telling where there is no other.
        assert!(losses.iter().all(|loss| loss.kind == LossKind::Annotator));
        // One file is a line of JSON broken into many for people to read, and some keep
        // their text in a column that has to be named.
        for refused in &read.refused {
            let why = refused.to_string();
            assert!(why.contains("--text-column") || why.contains("column"), "{why}");
        }
    }
}

#[test]
fn a_title_or_date_that_is_none_is_told() {
    let read = read_at("all.jsonl", r#"{"text": "x", "title": 3, "date": "soon", "url": null}"#);
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("line 1: left out: the title, which is no text but 3"), "{told:?}");
    assert!(told[1].contains("the date “soon”"), "{told:?}");
}
