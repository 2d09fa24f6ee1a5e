//! What this format promises, with what other programs write.

use super::writing::write;
use super::*;
use crate::formats::error::FormatError;
use crate::formats::reading::ReadOptions;
use crate::formats::testing::{check_law, document, documents, options};
use crate::formats::writing::Batch;
use crate::formats::{LossKind, Misfits, Read, Remedy, prove};
use proptest::prelude::*;
use std::io::{Cursor, Read as _, Write as _};

fn read_bytes(bytes: &[u8]) -> Result<Read, FormatError> {
    let mut read = Read::default();
    reading::read(&mut Cursor::new(bytes), "x.spacy", &ReadOptions::USUAL, &mut read)?;
    Ok(read)
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn written(source: &str) -> Vec<u8> {
    let options = options();
    let documents = [fit(document(source), &options, &mut Vec::new())];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    write(&batch).unwrap().remove(0).bytes
}

proptest! {
    #[test]
    fn what_is_fitted_is_what_is_read(document in documents(), drop in any::<bool>()) {
        let mut options = options();
        options.misfits = if drop { Misfits::Drop } else { Misfits::Expand };
        check_law(&FORMAT, document, &options);
    }

    #[test]
    fn damaged_content_is_an_error_or_a_document(at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = Vec::new();
        let packed = written("[actor Several [claim militants] x] hit [location Karachi] 🙂.");
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read_bytes(&zipped(&bytes));
        let _ = read_bytes(&zipped(&bytes[..at]));
        let _ = read_bytes(&packed[..at % packed.len()]);
    }
}

#[test]
fn a_batch_of_several_annotators_is_a_file_for_each() {
    let mut options = options();
    options.has_several_annotators = true;
    let mut one = document("[actor Militants] fled");
    let mut two = document("[location Karachi] slept");
    two.name = "article-2".to_owned();
    two.layers[0].annotator = "annotator-2".to_owned();
    one.layers.push(two.layers[0].clone());
    one.layers[1].annotations.clear();
    let documents = [two, one].map(|document| fit(document, &options, &mut Vec::new()));
    let batch = Batch { documents: &documents, split: "train", number: 3, options: &options };
    let pieces = write(&batch).unwrap();
    let paths: Vec<_> = pieces.iter().map(|piece| piece.path.as_str()).collect();
    assert_eq!(paths, ["annotator-1/train-00003.spacy", "annotator-2/train-00003.spacy"]);
    prove(&FORMAT, &batch, &pieces).unwrap();
}

#[test]
fn an_article_alone_stays_alone() {
    let mut bare = document("Militants fled");
    bare.layers.clear();
    assert_eq!(check_law(&FORMAT, bare, &options()), vec![]);
}

#[test]
fn tokens_of_its_own_are_kept_with_what_lies_between_them() {
    let mut own = document("[actor New York] -- [location LA]");
    own.tokens = vec![TextRange::new(0.into(), 8.into()), TextRange::new(12.into(), 14.into())];
    assert_eq!(check_law(&FORMAT, own.clone(), &options()), vec![]);
    let fitted = fit(own, &options(), &mut Vec::new());
    let words: Vec<_> = fitted.tokens.iter().map(|token| &fitted.text[*token]).collect();
    assert_eq!(words, ["New York", "--", "LA"]);
}

#[test]
fn an_annotation_with_white_space_at_its_edge_is_brought_to_the_words() {
    let losses = check_law(&FORMAT, document("x [actor Militants ]fled"), &options());
    assert_eq!(losses.iter().map(|loss| loss.kind).collect::<Vec<_>>(), [LossKind::CutsToken]);
}

#[test]
fn a_file_that_would_fill_the_memory_is_refused() {
    let bomb = zipped(&vec![0_u8; 100 << 20]);
    assert!(bomb.len() < 1 << 20);
    let error = read_bytes(&bomb).unwrap_err().to_string();
    assert!(error.contains("MiB"), "{error}");
    assert!(read_bytes(b"").is_err() && read_bytes(b"no zlib").is_err());
    // An array of four thousand million that is not there.
    assert!(read_bytes(&zipped(b"\x81\xa7strings\xdd\xff\xff\xff\xff")).is_err());
}

/// A file that spaCy 3.8.18 itself wrote: entities, the group of overlapping spans and
/// another one, and a document without any annotation.
#[test]
fn a_file_of_spacy_is_read_and_written_again() {
    let read = read_bytes(include_bytes!("made-by-spacy-3.8.spacy")).unwrap();
    let [document, bare] = &read.documents[..] else { panic!("{}", read.documents.len()) };
    assert!(document.text.starts_with("Gunmen from Karachi  attacked 🙂 the police's HQ in DATE."));
    let found: Vec<_> = document.layers[0]
        .annotations
        .iter()
        .map(|found| (found.label.as_str(), found.span.surface(&document.text)))
        .collect();
    let expected = [
        ("PERSON", "Gunmen"),
        ("GPE", "Karachi"),
        ("x", "Gunmen from"),
        ("claim", "Gunmen from Karachi  "),
    ];
    assert!(expected.iter().all(|(label, words)| found.contains(&(label, (*words).to_owned()))));
    assert_eq!((found.len(), bare.layers.len()), (4, 0), "{found:?}");
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].contains("“other”"), "{told:?}");
    // White space at the end of the claim is no word.
    let losses = crate::formats::testing::round_trip(&FORMAT, read.documents, &options());
    assert_eq!(losses.iter().map(|loss| loss.kind).collect::<Vec<_>>(), [LossKind::CutsToken]);
}

#[test]
fn the_same_annotation_twice_is_once_and_told() {
    let mut twice = document("[actor Officials] said");
    let mut second = twice.layers[0].annotations[0].clone();
    second.id = "second".to_owned();
    twice.layers[0].annotations.push(second);
    let losses = check_law(&FORMAT, twice, &options());
    let told: Vec<_> =
        losses.iter().map(|loss| (loss.annotation.as_str(), loss.kind, loss.done)).collect();
    assert_eq!(told, [("second", LossKind::Overlap, Remedy::LeftOut)]);
}

/// Writes a file to try spaCy itself on, where a folder is named.
#[test]
fn a_sample_for_spacy() {
    let Some(folder) = std::env::var_os("COPYDESK_SAMPLES") else { return };
    let source = "agent _ PERSON  two\n\n[PERSON Ali 🙂] of [actor [ORG Jamaat] e X] fled \r\n.";
    std::fs::write(std::path::Path::new(&folder).join("sample.spacy"), written(source)).unwrap();
}

/// A file with what spaCy can say of a document and Copydesk cannot.
#[derive(serde::Serialize)]
struct Said<'a> {
    attrs: [u64; 4],
    #[serde(with = "serde_bytes_of")]
    tokens: &'a [u8],
    #[serde(with = "serde_bytes_of")]
    spaces: &'a [u8],
    #[serde(with = "serde_bytes_of")]
    lengths: &'a [u8],
    strings: [&'a str; 3],
    cats: Vec<std::collections::BTreeMap<&'a str, f64>>,
    span_groups: Vec<Bytes>,
}

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

mod serde_bytes_of {
    pub(super) fn serialize<S: serde::Serializer>(
        bytes: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }
}

#[test]
fn categories_and_entries_of_a_knowledge_base_are_told_once() {
    let symbols = strings::Symbols::new();
    let hash = |text: &str| symbols.number(text);
    let token = [hash("Ali"), 3, hash("PERSON"), hash("Q1")].map(u64::to_le_bytes).concat();
    let said = Said {
        attrs: [ORTH, ENT_IOB, ENT_TYPE, ENT_KB_ID],
        tokens: &[token.clone(), token].concat(),
        spaces: &[0, 0],
        lengths: &[1, 0, 0, 0, 1, 0, 0, 0],
        strings: ["Ali", "PERSON", "Q1"],
        cats: vec![[("war", 1.0)].into(), [("war", 0.5)].into()],
        span_groups: Vec::new(),
    };
    let read = read_bytes(&zipped(&rmp_serde::to_vec_named(&said).unwrap())).unwrap();
    assert_eq!(read.documents[1].layers[0].annotations[0].label, "PERSON");
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "left out: categories of the document as a whole; 2 times",
            "left out: which entries of a knowledge base are meant; 2 times",
        ]
    );
}

#[test]
fn as_many_spans_as_entities_come_to_an_end() {
    const COUNT: u32 = 60_000;
    #[derive(serde::Serialize)]
    struct Group {
        name: &'static str,
        spans: Vec<Bytes>,
    }
    let symbols = strings::Symbols::new();
    let number = |text: &str| symbols.number(text);
    let token = [number("Ali"), 3, number("PERSON"), 0].map(u64::to_le_bytes).concat();
    let span = |at: u32| {
        let mut span = [0, 0, number("PERSON")].map(u64::to_be_bytes).concat();
        span.extend([at, at + 1, 0, 0].map(u32::to_be_bytes).concat());
        Bytes(span)
    };
    let group = Group { name: GROUP, spans: (0..COUNT).map(span).collect() };
    let groups = vec![Bytes(rmp_serde::to_vec_named(&group).unwrap())];
    let said = Said {
        attrs: [ORTH, ENT_IOB, ENT_TYPE, ENT_KB_ID],
        tokens: &token.repeat(COUNT as usize),
        spaces: &vec![1; COUNT as usize],
        lengths: &COUNT.to_le_bytes(),
        strings: ["Ali", "PERSON", ""],
        cats: Vec::new(),
        span_groups: vec![Bytes(rmp_serde::to_vec_named(&groups).unwrap())],
    };
    let packed = zipped(&rmp_serde::to_vec_named(&said).unwrap());
    let began = std::time::Instant::now();
    let read = read_bytes(&packed).unwrap();
    assert_eq!(read.documents[0].layers[0].annotations.len(), COUNT as usize);
    assert_eq!(read.warnings, []);
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}", began.elapsed());
}
