//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{check_law, corpus, documents, options, read_file, round_trip};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_fits_comes_back(document in documents()) {
        check_law(&FORMAT, document, &options());
    }
}

fn read_text(source: &str) -> Result<Read, FormatError> {
    FORMAT.read(&Input::alone(source.as_bytes(), "x.cas.json"))
}

#[test]
fn files_that_are_damaged_are_refused() {
    assert_eq!(read_text("{\n\"%TYPES\": {},\n").unwrap_err().line(), Some(3));
    assert!(read_text("{}").unwrap_err().to_string().contains("%FEATURE_STRUCTURES"));
    assert!(read_text("[1]").is_err());
    assert!(read_text(&"[".repeat(100_000)).is_err());
    assert_eq!(read_text("{\"%FEATURE_STRUCTURES\": []}"), Err(FormatError::Empty));
}

#[test]
fn offsets_outside_of_the_text_and_lists_without_end_are_told() {
    let source = r#"{"%FEATURE_STRUCTURES": [
        {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaID": "_InitialView", "sofaString": "🙂 a"},
        {"%ID": 2, "%TYPE": "x.Y", "@sofa": 1, "begin": 1, "end": 2},
        {"%ID": 3, "%TYPE": "x.Y", "@sofa": 1, "begin": 3, "end": 4, "@z": 4, "n": 7},
        {"%ID": 4, "%TYPE": "uima.cas.FSArray", "%ELEMENTS": [4, 4, 99]},
        {"%ID": 5, "%TYPE": "x.Z"}]}"#;
    let read = read_text(source).unwrap();
    let layer = &read.documents[0].layers[0];
    assert_eq!(layer.annotations.len(), 1);
    let number = ("n".to_owned(), AttributeValue::Integer(7));
    assert_eq!(layer.annotations[0].attributes, [number]);
    assert_eq!(read.warnings.len(), 3, "{:?}", read.warnings);
}

#[test]
fn the_files_of_cassis_come_back() {
    let Some(files) = corpus("cassis-tests", ".json") else { return };
    let (mut whole, mut empty) = (0, 0);
    for path in &files {
        match read_file(&FORMAT, path) {
            Ok(read) => {
                assert!(read.warnings.is_empty(), "{}: {:?}", path.display(), read.warnings);
                let losses = round_trip(&FORMAT, read.documents, &options());
                assert!(losses.is_empty(), "{}: {losses:?}", path.display());
                whole += 1;
            }
            // These hold no text, or say where it is on another machine.
            Err(FormatError::Empty) => empty += 1,
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    assert!(whole > empty);
}

#[test]
fn lists_that_many_share_make_no_endless_relations() {
    let many = 2_000;
    let ids: Vec<_> = (10..10 + many).collect();
    let annotation = |id: i32| {
        format!(
            "{{\"%ID\": {id}, \"%TYPE\": \"x.Y\", \"@sofa\": 1, \"begin\": 0, \"end\": 1, \"@z\": 2}}"
        )
    };
    let all: Vec<_> = ids.iter().map(|id| annotation(*id)).collect();
    let source = format!(
        "{{\"%FEATURE_STRUCTURES\": [{{\"%ID\": 1, \"%TYPE\": \"uima.cas.Sofa\", \
         \"sofaString\": \"a\"}}, {{\"%ID\": 2, \"%TYPE\": \"uima.cas.FSArray\", \
         \"%ELEMENTS\": {ids:?}}}, {}]}}",
        all.join(",")
    );
    let read = read_text(&source).unwrap();
    assert!(read.documents[0].layers[0].relations.len() < 1_100_000);
    assert!(read.warnings[0].what.contains("first million"));
}
