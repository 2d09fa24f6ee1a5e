//! What this format promises, with what other programs write.

use super::super::testing::{
    check_law, corpus, document, documents, options, read_file, round_trip,
};
use super::super::writing::{Batch, Columns, Overlaps, TagScheme, WriteOptions};
use super::super::{FormatError, Input, LossKind, Misfits, Read, ReadOptions};
use super::FORMAT;
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_fits_is_read_as_it_was_written(
        document in documents(), four: bool, bioes: bool, files: bool, drop: bool
    ) {
        let options = WriteOptions {
            columns: if four { Columns::Four } else { Columns::Two },
            scheme: if bioes { TagScheme::Bioes } else { TagScheme::Iob2 },
            overlaps: if files { Overlaps::FilePerLabel } else { Overlaps::Innermost },
            misfits: if drop { Misfits::Drop } else { Misfits::Expand },
            ..options()
        };
        check_law(&FORMAT, document, &options);
    }
}

fn read(path: &str, content: &str) -> Read {
    FORMAT.read(&Input::alone(content.as_bytes(), path)).unwrap()
}

fn found(read: &Read) -> Vec<(&str, String)> {
    let documents = read.documents.iter();
    documents
        .flat_map(|document| {
            let annotations = document.layers.iter().flat_map(|layer| &layer.annotations);
            annotations.map(|found| (found.label.as_str(), found.span.surface(&document.text)))
        })
        .collect()
}

fn written(source: &str, options: &WriteOptions) -> Vec<(String, String)> {
    let fitted = super::fit::fit(document(source), options, &mut Vec::new());
    let documents = [fitted];
    let batch = Batch { documents: &documents, split: "train", number: 0, options };
    let pieces = super::write::write(&batch).unwrap();
    pieces.into_iter().map(|piece| (piece.path, String::from_utf8(piece.bytes).unwrap())).collect()
}

#[test]
fn both_shared_tasks_are_read() {
    let english =
        "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nBonn NNP I-NP I-LOC\n";
    let read_2003 = read("eng.testa", english);
    assert_eq!(found(&read_2003), [("ORG", "EU".to_owned()), ("LOC", "Bonn".to_owned())]);
    assert_eq!(&*read_2003.documents[0].text, "EU rejects\nBonn");
    assert_eq!(read_2003.warnings.len(), 1, "parts of speech are left out");
    let read_2002 = read("x.conll", "Wolff B-PER\n, O\nDel B-PER\nBosque I-PER\n");
    assert_eq!(found(&read_2002), [("PER", "Wolff".to_owned()), ("PER", "Del Bosque".to_owned())]);
    assert_eq!(read_2002.documents[0].name, "x");
    assert!(read_2002.warnings.is_empty());
}

/// A column past the end of every line gave an empty import, and nobody was told.
#[test]
fn columns_past_the_end_of_lines_are_told_by_line() {
    let content = b"Ali\tB-actor\nfled\tO\n\nBen\tB-actor\textra\n";
    let with = |columns| {
        let options = ReadOptions { columns: Some(columns), ..ReadOptions::USUAL };
        let input = Input { options: &options, ..Input::alone(content, "x.conll") };
        let read = FORMAT.read(&input).unwrap();
        let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
        (read.documents.len(), told.join("\n"))
    };
    let (documents, told) = with((0, 2));
    assert_eq!(documents, 1);
    assert!(
        told.contains("line 1: 2 lines have no column 2, counted from zero, for the tag"),
        "{told}"
    );
    let (documents, told) = with((5, 1));
    assert_eq!(documents, 0);
    assert!(
        told.contains("line 1: 3 lines have no column 5, counted from zero, for the token"),
        "{told}"
    );
}

#[test]
fn columns_can_be_chosen() {
    let options = ReadOptions { columns: Some((1, 2)), ..ReadOptions::USUAL };
    let input = Input { options: &options, ..Input::alone(b"1\tEU\tB-ORG\tx\n2\tsaid\n", "x") };
    let read = FORMAT.read(&input).unwrap();
    assert_eq!(found(&read), [("ORG", "EU".to_owned())]);
    assert_eq!(read.warnings.first().and_then(|told| told.line), Some(2));
}

#[test]
fn what_is_written_is_strict() {
    let source = "[actor Several men] hit [location Karachi]. Police fled.";
    let options = options();
    let files = written(source, &options);
    assert_eq!(files[0].0, "train.conll");
    assert_eq!(
        files[0].1,
        "-DOCSTART-article-1 O\n\nSeveral B-actor\nmen I-actor\nhit O\nKarachi B-location\n. O\n\n\
         Police O\nfled O\n. O\n\n"
    );
    let options = WriteOptions {
        columns: Columns::Four,
        scheme: TagScheme::Bioes,
        overlaps: Overlaps::FilePerLabel,
        has_several_annotators: true,
        ..options
    };
    let files = written(source, &options);
    let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths[..2], ["actor/train@annotator-1.conll", "location/train@annotator-1.conll"]);
    assert!(files[0].1.contains("Several -X- _ B-actor\nmen -X- _ E-actor\nhit -X- _ O\n"));
    assert!(
        files[1].1.contains("men -X- _ O\n") && files[1].1.contains("Karachi -X- _ S-location")
    );
}

#[test]
fn a_token_never_begins_an_article() {
    let mut source = document("a -DOCSTART-x b");
    source.tokens = super::super::Tokenizer::Whitespace.tokens(&source.text);
    let losses = check_law(&FORMAT, source, &options());
    assert!(losses.iter().any(|loss| loss.kind == LossKind::Text));
}

#[test]
fn bad_bytes_are_refused_by_line_and_the_next_article_is_read() {
    let bytes = b"-DOCSTART-a O\n\nx O\n\xff O\n-DOCSTART-b O\n\ny O\n";
    let read = FORMAT.read(&Input::alone(bytes, "x.conll")).unwrap();
    assert_eq!(read.refused.iter().map(FormatError::line).collect::<Vec<_>>(), [Some(4)]);
    assert_eq!(read.documents.len(), 1);
    assert_eq!(&*read.documents[0].name, "b");
}

#[test]
#[expect(clippy::print_stderr, reason = "the numbers are for whoever runs it")]
fn files_of_others_come_back_the_same() {
    for (folder, ending) in
        [("wnut17-conll", ".conll"), ("wnut17-conll", ".annotated"), ("doccano-tests", ".conll")]
    {
        let Some(files) = corpus(folder, ending) else { continue };
        assert!(!files.is_empty());
        for path in files {
            let read = read_file(&FORMAT, &path).unwrap();
            let count = found(&read).len();
            let warnings: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
            let documents = read.documents.len();
            let losses = round_trip(&FORMAT, read.documents, &options());
            eprintln!(
                "{}: {documents} documents, {count} annotations, {warnings:?}, {losses:?}",
                path.display()
            );
            assert_eq!(losses, []);
        }
    }
}
