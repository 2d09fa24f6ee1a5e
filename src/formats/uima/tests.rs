//! The suite of INCEpTION says everything twice, so the readers are held to each other.

use super::{tsv, xmi};
use crate::formats::Document;
use crate::formats::testing::{corpus, read_file};

/// What a document says, in words that both readers must agree on.
fn said(document: &Document) -> (Vec<String>, Vec<String>) {
    let Some(layer) = document.layers.first() else { return Default::default() };
    let words = |at: usize| {
        let found = &layer.annotations[at];
        // The references were made with a layer called Span for DKPro's NamedEntity.
        let label = if found.label == "NamedEntity" { "Span" } else { &found.label };
        let start = u32::from(found.span.extent().start());
        format!("{label} at {start}: {}", found.span.surface(&document.text).trim())
    };
    let mut annotations: Vec<_> = (0..layer.annotations.len()).map(words).collect();
    let relation = |found: &crate::formats::Relation| {
        format!("{}: {} to {}", found.kind, words(found.from), words(found.to))
    };
    let mut relations: Vec<_> = layer.relations.iter().map(relation).collect();
    annotations.sort();
    relations.sort();
    (annotations, relations)
}

#[test]
fn both_readers_say_the_same_of_the_suite() {
    let Some(files) = corpus("inception-tsv3-suite", "reference.xmi") else { return };
    let (mut same, mut others) = (0, Vec::new());
    for path in &files {
        let case = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let by_xmi = read_file(&xmi::FORMAT, path).unwrap().documents.remove(0);
        let by_tsv =
            read_file(&tsv::FORMAT, &path.with_extension("tsv")).unwrap().documents.remove(0);
        if said(&by_xmi) == said(&by_tsv) && by_xmi.tokens == by_tsv.tokens {
            same += 1;
        } else {
            others.push(case);
        }
    }
    // A TSV cannot say that an annotation begins with white space.
    let known =
        ["testAnnotationWithLeadingWhitespace", "testAnnotationWithLeadingWhitespaceAtStart"];
    assert_eq!(others, known);
    assert!(same > 65);
}
