//! What this format promises, with what other programs write.

use super::super::testing::{check_law, corpus, documents, options, read_file, round_trip};
use super::super::{Document, FormatError, Input, LayerKind, LossKind, OffsetUnit, Outline, Read};
use super::{FORMAT, config};
use crate::model::{AttributeValue, State};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_fits_is_read_as_it_was_written(document in documents(), kind in 0..3_usize) {
        let mut document = document;
        document.layers[1].kind =
            [LayerKind::Annotator, LayerKind::Gold, LayerKind::Predictions][kind];
        let losses = check_law(&FORMAT, document, &options());
        let lost = |kind| {
            matches!(kind, LossKind::Discontinuous | LossKind::State | LossKind::Values | LossKind::Annotator)
        };
        prop_assert!(losses.iter().all(|loss| lost(loss.kind)), "{losses:?}");
    }
}

fn read(content: &str) -> Read {
    FORMAT.read(&Input::alone(content.as_bytes(), "x.json")).unwrap()
}

const TASK: &str = r#"[{"id": 7, "data": {"text": "🙂 Officials said police fled", "lead": "x"},
 "annotations": [{"completed_by": {"id": 3, "email": "a@b.org"}, "result": [
  {"id": "r1", "type": "labels", "from_name": "l", "to_name": "t", "meta": {"text": ["sure"]},
   "value": {"start": 2, "end": 11, "text": "Officials", "labels": ["actor", "source"]}},
  {"id": "r2", "type": "labels", "value": {"start": 18, "end": 24, "text": "police", "labels": ["actor"]}},
  {"id": "r1", "type": "choices", "from_name": "kind", "value": {"choices": ["militia"]}},
  {"id": "r1", "type": "number", "from_name": "low", "value": {"number": 3}},
  {"id": "r2", "type": "textarea", "from_name": "by", "value": {"text": ["one", "two"]}},
  {"from_id": "r1", "to_id": "r2", "type": "relation", "direction": "left", "labels": ["near"]},
  {"id": "zz", "type": "choices", "from_name": "topic", "value": {"choices": ["crime"]}}]},
  {"completed_by": 5, "ground_truth": true, "result": []}],
 "predictions": [{"model_version": "m1", "score": 0.5, "result": []}]}]"#;

#[test]
fn a_task_is_read_with_all_it_says() {
    let read = read(TASK);
    let task = &read.documents[0];
    assert_eq!(&*task.name, "7");
    let layer = &task.layers[0];
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    let found: Vec<_> = layer
        .annotations
        .iter()
        .map(|found| (&*found.label, &*found.id, found.span.surface(&task.text), &*found.note))
        .collect();
    assert_eq!(
        found,
        [
            ("actor", "r1", "Officials".to_owned(), "sure"),
            ("source", "r1-2", "Officials".to_owned(), "sure"),
            ("actor", "r2", "police".to_owned(), ""),
        ]
    );
    assert!(
        told.iter().any(|told| told.contains("UTF-16"))
            && told.iter().any(|told| told.contains("lead")),
        "{told:?}"
    );
    assert_eq!(layer.annotations[0].attributes[1].1, AttributeValue::Integer(3));
    assert_eq!(layer.annotations[2].attributes[0].1, AttributeValue::Text("one\ntwo".to_owned()));
    assert_eq!((layer.relations[0].from, layer.relations[0].to), (2, 0));
    assert_eq!(layer.rest.len(), 1);
    let kinds: Vec<_> = task.layers.iter().map(|layer| (layer.kind, &*layer.annotator)).collect();
    assert_eq!(
        kinds,
        [(LayerKind::Annotator, "a@b.org"), (LayerKind::Gold, "5"), (LayerKind::Predictions, "m1")]
    );
    assert_eq!(round_trip(&FORMAT, read.documents, &options()), []);
}

/// An import keeps none of them, and a strict one would have passed.
#[test]
fn what_only_label_studio_knows_is_told_once_with_its_number() {
    let task = |number: u32| {
        format!(
            r#"{{"id": {number}, "data": {{"text": "Ali fled", "lead": "x"}}, "annotations": [{{"result": [
  {{"id": "t", "type": "taxonomy", "from_name": "topic", "value": {{"taxonomy": [["war"]]}}}},
  {{"from_id": "a", "to_id": "b", "type": "relation"}}]}}]}}"#
        )
    };
    let read = read(&format!("[{},\n{}]", task(1), task(2)));
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 1: left out of a project: a result of the type “relation” one of whose ends is \
             not there; 2 times",
            "line 1: left out of a project: a result of the type “taxonomy” about the text as a \
             whole; 2 times",
            "line 1: left out: the data “lead”, which is not read; 2 times",
        ]
    );
    assert_eq!(read.documents[1].layers[0].rest.len(), 2);
}

#[test]
fn drafts_scores_and_dates_that_are_none_are_told() {
    let task = r#"{"data": {"text": "x", "date": "17/02/2023", "title": ["y"]}, "drafts": [{}],
        "predictions": [{"score": 0.5, "result": []}]}"#;
    let read = read(&format!("[{task}, {task}]"));
    let told: Vec<_> = read.warnings.iter().map(|told| told.what.as_str()).collect();
    for what in
        ["left out: scores; 2 times", "left out: drafts, which nobody has submitted; 2 times"]
    {
        assert!(told.contains(&what), "{told:?}");
    }
    for what in ["the date “17/02/2023”", "the title, which is no text"] {
        assert_eq!(told.iter().filter(|told| told.contains(what)).count(), 2, "{told:?}");
    }
    assert_eq!(told.len(), 6);
}

/// An article without anything to annotate is a negative, and worth as much as others.
#[test]
fn whoever_was_done_and_found_nothing_comes_back_so() {
    let tasks = r#"[{"data": {"text": "x"}, "annotations": [{"completed_by": 1, "result": []},
        {"completed_by": 2, "result": [], "was_cancelled": true},
        {"completed_by": 3, "was_cancelled": true, "result": [{"id": "a", "from_name": "label",
            "to_name": "text", "type": "labels", "value": {"start": 0, "end": 1, "text": "x",
            "labels": ["actor"]}}]}],
        "predictions": [{"model_version": "m", "result": []}]}]"#;
    let read = read(tasks);
    let states = |document: &Document| {
        let layers = document.layers.iter();
        layers.map(|layer| (layer.annotator.clone(), layer.state)).collect::<Vec<_>>()
    };
    let layer = |name: &str, state| (name.to_owned(), state);
    let expected =
        [layer("1", Some(State::Done)), layer("3", Some(State::InProgress)), layer("m", None)];
    assert_eq!(states(&read.documents[0]), expected);
    let mut document = read.documents[0].clone();
    // That somebody is not done has no place in the format, which is told.
    document.layers.remove(1);
    assert_eq!(check_law(&FORMAT, document.clone(), &options()), []);
    document.layers[0].state = Some(State::InProgress);
    let losses = check_law(&FORMAT, document, &options());
    let kinds: Vec<_> = losses.iter().map(|loss| loss.kind).collect();
    assert_eq!(kinds, [LossKind::State, LossKind::Annotator]);
}

#[test]
fn bad_tasks_are_refused_and_the_rest_is_read() {
    let content = "[{\"data\": {\"text\": \"x\"}},\n{\"data\": {\"image\": \"x.png\"}},\n\
                   {\"data\": 3},\n{\"data\": {\"text\": \"y\"}}]";
    let read = read(content);
    assert_eq!(read.documents.len(), 2);
    let lines: Vec<_> = read.refused.iter().map(FormatError::line).collect();
    assert_eq!(lines, [Some(2), Some(3)]);
    assert!(read.refused[0].to_string().contains("--text-column"));
    assert!(FORMAT.read(&Input::alone(b"[{\"data\": {", "x.json")).is_err());
}

#[test]
fn configurations_are_read_as_they_were_written() {
    let options = options();
    let xml = config::config(&options.schema);
    let mut read = Read::default();
    let mut source = std::io::Cursor::new(xml.as_bytes());
    super::read::read(&mut source, "label_config.xml", &Default::default(), &mut read).unwrap();
    let Outline { labels, relations } = read.outline;
    assert_eq!((&*labels[0].label, &*labels[0].name), ("actor", "The actor"));
    assert_eq!(labels[0].color, Some(options.schema.labels()[0].color));
    assert_eq!(labels[0].attributes[0].1, ["militia", "police"]);
    let names: Vec<_> = labels[3].attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, &*relations[0].kind), (vec!["hedged", "by"], "source"));
    assert_eq!(FORMAT.offsets, OffsetUnit::CodePoints);
}

#[test]
fn bad_configurations_are_refused() {
    let deep = "<View>".repeat(100_000);
    assert_eq!(config::outline(&deep).unwrap_err(), FormatError::TooDeep { limit: 128 });
    assert_eq!(config::outline("<View>\n</Vie>").unwrap_err().line(), Some(2));
    let bomb = "<!DOCTYPE v [<!ENTITY a \"&b;&b;\"><!ENTITY b \"xx\">]><View><Label value=\"&a;\"/></View>";
    assert_eq!(config::outline(bomb).unwrap().labels, []);
}

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are for whoever runs it")]
fn the_exports_of_label_studio_come_back_the_same() {
    let Some(files) = corpus("labelstudio-sdk-tests", ".json") else { return };
    for path in files {
        let Ok(read) = read_file(&FORMAT, &path) else {
            eprintln!("{}: no array of tasks", path.display());
            continue;
        };
        let (documents, warnings) = (read.documents.len(), read.warnings.clone());
        let losses = round_trip(&FORMAT, read.documents, &options());
        eprintln!(
            "{}: {documents} documents, {} refused, {warnings:?}, {losses:?}",
            path.display(),
            read.refused.len()
        );
        for refused in &read.refused {
            assert!(refused.to_string().contains("has no text"), "{refused}");
        }
        assert_eq!(losses, []);
    }
}

#[test]
fn the_configuration_of_label_studio_is_read() {
    let Some(files) = corpus("labelstudio-sdk-tests", "label_config.xml") else { return };
    for path in files {
        let outline = config::outline(&std::fs::read_to_string(path).unwrap()).unwrap();
        let labels: Vec<_> = outline.labels.iter().map(|label| label.label.as_str()).collect();
        assert_eq!(labels, ["Airplane", "Car"]);
    }
}
