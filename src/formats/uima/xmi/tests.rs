//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{
    check_law, corpus, document, documents, options, read_file, round_trip,
};
use crate::formats::{Batch, FormatError, Input, Read, ReadOptions};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_fits_comes_back(document in documents()) {
        check_law(&FORMAT, document, &options());
    }
}

const HEAD: &str = "<xmi:XMI xmlns:xmi='http://www.omg.org/XMI' xmlns:cas='http:///uima/cas.ecore' \
    xmlns:x='http:///x.ecore'>\n";

fn read_text(source: &str) -> Result<Read, FormatError> {
    FORMAT.read(&Input::alone(source.as_bytes(), "x.xmi"))
}

#[test]
fn entities_nesting_and_damage_are_refused_with_their_line() {
    let bomb = "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY a 'aa'>]>\n";
    let cases = [
        (format!("{bomb}{HEAD}</xmi:XMI>"), Some(2)),
        (format!("{HEAD}<x:Y a='&b;'/></xmi:XMI>"), Some(2)),
        (format!("{HEAD}<x:Y><a>&b;</a></x:Y></xmi:XMI>"), Some(2)),
        (format!("{HEAD}<x:Y><a><b><c></c></b></a></x:Y></xmi:XMI>"), Some(2)),
        (format!("{HEAD}\n<x:Y begin='a'/></xmi:XMI>"), Some(3)),
        (format!("{HEAD}<y:Y/></xmi:XMI>"), Some(2)),
        (format!("{HEAD}<x:Y"), Some(2)),
        (format!("{HEAD}<x:Y/>"), None),
        ("<html/>".to_owned(), Some(1)),
        (format!("{HEAD}</xmi:XMI>"), None),
    ];
    for (source, line) in cases {
        let error = read_text(&source).unwrap_err();
        assert_eq!(error.line(), line, "{source}: {error}");
    }
    let wide: String = (0..5000).map(|at| format!(" a{at}=''")).collect();
    assert!(read_text(&format!("{HEAD}<x:Y{wide}/></xmi:XMI>")).is_err());
    assert!(read_text(&"<a>".repeat(200_000)).is_err());
}

#[test]
fn what_xml_can_write_comes_back_as_it_is() {
    for text in ["a\u{85}b\u{2028}c", "a\r\nb\tc\rd", "a\u{7f}\u{9d}\u{10ffff}\u{feff}b"] {
        let mut document = document("[actor x]");
        document.text = text.into();
        assert!(check_law(&FORMAT, document, &options()).is_empty());
    }
}

/// One such character made the export of the whole project fail.
#[test]
fn what_xml_cannot_write_is_replaced_and_told_by_article_and_annotation() {
    let mut found = document("\u{1} [actor Mili\u{fffe}tants] hit [location Karachi]\u{ffff}\0");
    found.layers[0].annotations[0].id = "k3".to_owned();
    found.layers[0].annotations[1].note = "a\u{1b}b".to_owned();
    found.layers[0].annotations[1].id = "k4".to_owned();
    found.meta.title = "a\u{c}b".to_owned();
    let options = options();
    let fitted = fit(found.clone(), &options, &mut Vec::new());
    assert_eq!(
        fitted.text.encode_utf16().count(),
        found.text.encode_utf16().count(),
        "offsets in UTF-16 units hold"
    );
    let losses = check_law(&FORMAT, found, &options);
    let told: Vec<_> = losses.iter().map(|loss| (loss.annotation.as_str(), loss.kind)).collect();
    let expected = [
        ("", LossKind::Metadata),
        ("k4", LossKind::Note),
        ("", LossKind::Text),
        ("k3", LossKind::Text),
    ];
    assert_eq!(told, expected);
    let documents = [fitted];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let file = String::from_utf8(write::write(&batch).unwrap().remove(0).bytes).unwrap();
    assert!(file.starts_with("<?xml version=\"1.0\""));
    assert!(file.chars().all(xml::is_character), "no XML 1.0: {file}");
    assert!(file.contains("begin=\"2\" end=\"12\""), "{file}");
}

#[test]
fn the_type_system_that_is_written_says_what_values_mean() {
    let mut document = document("[casualty three] [actor police]");
    let set = |name: &str, value| (name.to_owned(), value);
    let attributes = [
        vec![set("low", AttributeValue::Integer(3))],
        vec![
            set("kind", AttributeValue::Text("7".to_owned())),
            set("role", AttributeValue::List(vec!["a b".to_owned()])),
        ],
    ];
    for (annotation, attributes) in document.layers[0].annotations.iter_mut().zip(&attributes) {
        annotation.attributes.clone_from(attributes);
    }
    let options = options();
    let fitted = fit(document.clone(), &options, &mut Vec::new());
    let documents = [fitted];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let pieces = write::write(&batch).unwrap();
    let summary = Summary { project: "p", options: &options, splits: &[] };
    let types = finish(&summary).remove(0);
    let beside = |name: &str| (name == types.path).then(|| types.bytes.clone());
    let (bytes, path) = (&*pieces[0].bytes, &*pieces[0].path);
    let read =
        FORMAT.read(&Input { bytes, path, beside: &beside, options: &ReadOptions::USUAL }).unwrap();
    let found: Vec<_> =
        read.documents[0].layers[0].annotations.iter().map(|found| &found.attributes).collect();
    assert_eq!(found, attributes.iter().collect::<Vec<_>>());
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

/// The type system is made of the schema: what that has not is text to whoever reads it.
#[test]
fn values_that_the_type_system_does_not_tell_are_losses() {
    let mut document = document("[casualty three]");
    let values = [("low", AttributeValue::Integer(3)), ("share", AttributeValue::Decimal(0.5))];
    document.layers[0].annotations[0].attributes =
        values.map(|(name, value)| (name.to_owned(), value)).into();
    let losses = check_law(&FORMAT, document, &options());
    let told: Vec<_> = losses.iter().map(|loss| (loss.kind, &*loss.what)).collect();
    assert_eq!(told, [(LossKind::Values, "share")]);
}

#[test]
fn the_files_of_cassis_and_inception_come_back() {
    for folder in ["cassis-tests", "inception-tsv3-suite"] {
        let Some(files) = corpus(folder, ".xmi") else { return };
        let (mut whole, mut empty) = (0, 0);
        for path in &files {
            let read = match read_file(&FORMAT, path) {
                Ok(read) => read,
                Err(FormatError::Empty) => {
                    empty += 1;
                    continue;
                }
                Err(error) => panic!("{}: {error}", path.display()),
            };
            whole += 1;
            for warning in &read.warnings {
                // Annotations on no text cannot be held, nor can features of relations.
                let known = ["on no text", "overlaps another", "not there", "alue of", "flavor of"];
                let is_known = known.iter().any(|known| warning.what.contains(known));
                assert!(is_known, "{}: {warning}", path.display());
            }
            let mut documents = read.documents;
            // Numbers are written as text; the type system says what they are.
            for found in documents.iter_mut().flat_map(|found| &mut found.layers) {
                for (_, value) in found.annotations.iter_mut().flat_map(|it| &mut it.attributes) {
                    if !matches!(value, AttributeValue::List(_) | AttributeValue::Text(_)) {
                        *value = AttributeValue::Text(value.to_string());
                    }
                }
            }
            let losses = round_trip(&FORMAT, documents, &options());
            let is_known = |loss: &Loss| loss.kind == LossKind::Name;
            assert!(losses.iter().all(is_known), "{}: {losses:?}", path.display());
        }
        assert!(whole > 2 * empty);
    }
}
