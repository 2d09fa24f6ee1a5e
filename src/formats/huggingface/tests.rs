//! What this format promises, with what other programs write.

use super::writing::write;
use super::*;
use crate::formats::testing::{check_law, document, documents, options};
use crate::formats::writing::{Batch, Piece, Summary};
use crate::formats::{Input, LossKind, Read, ReadOptions, prove};
use proptest::prelude::*;

fn written(document: Document, several: bool) -> Vec<Piece> {
    let mut options = options();
    options.has_several_annotators = several;
    let documents = [fit(document, &options, &mut Vec::new())];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    write(&batch).unwrap()
}

fn read(piece: &Piece, path: &str) -> Read {
    FORMAT.read(&Input::alone(&piece.bytes, path)).unwrap()
}

fn sample() -> Document {
    let mut document = document("[actor Several [claim militants] 🙂] hit [location Karachi].");
    document.layers.push(crate::formats::Layer::of("annotator-2"));
    document
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_fitted_is_what_is_read(document in documents()) {
        let losses = check_law(&FORMAT, document, &options());
        prop_assert!(losses.iter().all(|loss| loss.kind == LossKind::Values), "{losses:?}");
    }

    #[test]
    fn damaged_files_are_errors(at in any::<usize>(), byte in any::<u8>()) {
        for piece in written(sample(), true) {
            let mut bytes = piece.bytes;
            let at = at % bytes.len();
            let _ = FORMAT.read(&Input::alone(&bytes[..at], "x"));
            bytes[at] = byte;
            let _ = FORMAT.read(&Input::alone(&bytes, "x"));
        }
    }
}

#[test]
fn each_configuration_is_read_where_it_is_named() {
    let pieces = written(sample(), true);
    let paths: Vec<_> = pieces.iter().map(|piece| piece.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "spans/train-00000.parquet",
            "tokens/train-00000.parquet",
            "annotators/train-00000.parquet"
        ]
    );
    let [spans, tokens, annotators] = &pieces[..] else { panic!() };
    assert_eq!(read(annotators, "x.parquet").documents[0].layers.len(), 2);
    assert_eq!(read(spans, "spans/x.parquet").documents.len(), 2);
    let skipped = read(annotators, "annotators/x.parquet");
    assert_eq!((skipped.documents.len(), skipped.warnings.len()), (0, 1));
    let read = read(tokens, "x.parquet");
    let first = &read.documents[0];
    assert_eq!(&*first.text, "Several militants 🙂 hit Karachi .");
    let found: Vec<_> = first.layers[0]
        .annotations
        .iter()
        .map(|found| (found.label.as_str(), found.span.surface(&first.text)))
        .collect();
    assert_eq!(
        found,
        [("actor", "Several militants 🙂".to_owned()), ("location", "Karachi".to_owned())]
    );
    let labels: Vec<_> = read.outline.labels.iter().map(|label| label.label.as_str()).collect();
    assert_eq!(labels, ["actor", "location", "casualty", "claim"]);
}

#[test]
fn a_column_of_texts_is_articles() {
    let pieces = written(sample(), false);
    let column = ReadOptions { text_column: Some("text".to_owned()), columns: None };
    let input = Input { options: &column, ..Input::alone(&pieces[0].bytes, "x") };
    let read = FORMAT.read(&input).unwrap();
    assert_eq!((read.documents.len(), read.documents[0].layers.len()), (2, 0));
    let column = ReadOptions { text_column: Some("nowhere".to_owned()), columns: None };
    let input = Input { options: &column, ..Input::alone(&pieces[0].bytes, "x") };
    let error = FORMAT.read(&input).unwrap_err().to_string();
    assert!(error.contains("the columns are id, text") && error.contains("--text-column"));
    assert!(FORMAT.read(&Input::alone(b"PAR1 nothing PAR1", "x")).is_err());
}

#[test]
fn a_batch_of_articles_with_and_without_annotators_is_proven() {
    let mut bare = document("Nothing was said");
    bare.name = "article-0".to_owned();
    bare.layers.clear();
    let mut options = options();
    options.has_several_annotators = true;
    let documents = [sample(), bare].map(|found| fit(found, &options, &mut Vec::new()));
    let batch = Batch { documents: &documents, split: "dev set", number: 7, options: &options };
    let pieces = write(&batch).unwrap();
    assert_eq!(pieces[0].path, "spans/dev_set-00007.parquet");
    prove(&FORMAT, &batch, &pieces).unwrap();
}

#[test]
fn the_card_names_the_files_and_the_tags() {
    let options = options();
    let splits = [("train".to_owned(), 8), ("test".to_owned(), 2)];
    let summary = Summary { project: "Attacks", options: &options, splits: &splits };
    let card = String::from_utf8(card::finish(&summary).remove(0).bytes).unwrap();
    for expected in [
        "- config_name: tokens\n  data_files:\n  - split: train\n    path: tokens/train-*.parquet\n",
        "      class_label:\n        names:\n          '0': \"O\"\n          '1': \"B-actor\"\n",
        "    list:\n    - name: id\n      dtype: string\n",
        "| actor | The actor |  |\n",
        "| test | 2 |\n",
    ] {
        assert!(card.contains(expected), "{expected}\n{card}");
    }
    assert!(!card.contains("annotators/"));
}

/// Files that `datasets` 5.2 wrote, of ours: the numbers of the tags have names, and what
/// tells our columns is the columns alone.
#[test]
fn files_of_datasets_are_read() {
    let tokens = include_bytes!("tokens-by-datasets-5.2.parquet");
    let found = FORMAT.read(&Input::alone(tokens, "x")).unwrap();
    let layer = &found.documents[0].layers[0];
    let labels: Vec<_> = layer.annotations.iter().map(|found| found.label.as_str()).collect();
    assert_eq!(labels, ["actor", "location"]);
    let spans = include_bytes!("spans-by-datasets-5.2.parquet");
    let found = FORMAT.read(&Input::alone(spans, "x")).unwrap();
    assert_eq!(
        (found.documents, found.warnings),
        (read(&written(sample(), true)[0], "x").documents, vec![])
    );
}

/// Writes a dataset to try `datasets` itself on, where a folder is named.
#[test]
fn a_sample_for_datasets() {
    let Some(folder) = std::env::var_os("COPYDESK_SAMPLES") else { return };
    let mut options = options();
    options.has_several_annotators = true;
    let splits = [("all".to_owned(), 1)];
    let summary = Summary { project: "Sample", options: &options, splits: &splits };
    for piece in written(sample(), true).into_iter().chain(card::finish(&summary)) {
        let path = std::path::Path::new(&folder).join("dataset").join(&piece.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, piece.bytes).unwrap();
    }
}

/// A file of one row with these columns.
fn file(columns: Vec<(&str, arrow_array::ArrayRef)>) -> Vec<u8> {
    let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn dates_are_read_from_every_type_of_date_and_others_are_told() {
    use arrow_array::{ArrayRef, Date32Array, Int32Array, StringArray, TimestampNanosecondArray};
    use std::sync::Arc;
    let text = || ("text", Arc::new(StringArray::from(vec!["Ali fled"])) as ArrayRef);
    // The last nanosecond of a day, and one before 1970.
    let last = 19_406 * 86_400_000_000_000 - 1;
    let cases: [(ArrayRef, &str); 3] = [
        (Arc::new(Date32Array::from(vec![19_405])), "2023-02-17"),
        (Arc::new(TimestampNanosecondArray::from(vec![last])), "2023-02-17"),
        (Arc::new(TimestampNanosecondArray::from(vec![-1])), "1969-12-31"),
    ];
    for (date, expected) in cases {
        let bytes = file(vec![text(), ("date", date)]);
        let found = FORMAT.read(&Input::alone(&bytes, "x")).unwrap();
        assert_eq!(found.documents[0].meta.date.unwrap().to_string(), expected);
        assert_eq!(found.warnings, []);
    }
    let number: ArrayRef = Arc::new(Int32Array::from(vec![3]));
    let bytes = file(vec![text(), ("date", Arc::clone(&number)), ("title", number)]);
    let found = FORMAT.read(&Input::alone(&bytes, "x")).unwrap();
    assert!(found.warnings[0].what.ends_with("not read: date, title"), "{:?}", found.warnings);
    let soon: ArrayRef = Arc::new(StringArray::from(vec!["soon"]));
    let found = FORMAT.read(&Input::alone(&file(vec![text(), ("date", soon)]), "x")).unwrap();
    assert!(found.warnings[0].what.starts_with("row 1: left out: the date"));
}

#[test]
fn further_columns_of_our_own_layout_are_told() {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let ours = written(sample(), true).remove(0).bytes;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(ours)).unwrap();
    let batch = reader.build().unwrap().next().unwrap().unwrap();
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let mut columns: Vec<_> = names.zip(batch.columns().iter().cloned()).collect();
    columns.push(("topic", columns[0].1.clone()));
    let found = FORMAT.read(&Input::alone(&file(columns), "x")).unwrap();
    assert!(found.warnings[0].what.ends_with("not read: topic"), "{:?}", found.warnings);
}

/// A text that the file has once and every row says again.
#[test]
fn rows_that_would_fill_the_memory_together_are_read_one_after_the_other() {
    use arrow_array::{RecordBatch, StringArray};
    use parquet::file::properties::WriterProperties;
    use std::sync::Arc;
    let file = |length: usize, is_dictionary: bool| {
        let texts = StringArray::from_iter_values((0..40).map(|_| "x".repeat(length)));
        let columns = [("text", Arc::new(texts) as arrow_array::ArrayRef)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(is_dictionary)
            .set_dictionary_page_size_limit(1 << 30)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
                .unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes::Bytes::from(bytes)
    };
    let (large, small) = (file(16 << 20, true), file(100, true));
    assert!(large.len() < 40 << 20, "the text is there once");
    for (bytes, rows) in [(&large, 7..9), (&small, 256..257), (&file(16 << 20, false), 7..9)] {
        let at_once = bounds::rows_at_once(bytes).unwrap();
        assert!(rows.contains(&at_once), "{at_once}");
    }
    let found = FORMAT.read(&Input::alone(&small, "x")).unwrap();
    assert_eq!(found.documents.len(), 40);
}
