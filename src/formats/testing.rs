//! What the tests of all formats share: documents in the test notation, random ones with
//! everything that breaks offsets, and the laws that every format is held to.

use super::document::{Annotation, Document, Layer, Relation};
use super::loss::{Loss, LossKind, Remedy};
use super::proof::merged;
use super::reading::{Input, Read, ReadOptions};
use super::writing::{Batch, Piece, WriteOptions};
use super::{Format, prove};
use crate::model::{ArticleMeta, AttributeValue, Span, State, parse_notation};
use crate::model::{Attribute, AttributeId, AttributeKind, Color, Label, LabelId};
use crate::model::{RelationType, RelationTypeId, Schema};
use crate::text::{TextRange, TextSize};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A document of one annotator from the test notation.
pub(super) fn document(source: &str) -> Document {
    let notation = parse_notation(source).unwrap();
    let of = |found: crate::model::Annotation| Annotation::new(found.label.as_str(), found.span);
    let mut layer = Layer::of("annotator-1");
    layer.annotations = notation.annotations.into_iter().map(of).collect();
    layer.sort();
    Document {
        name: "article-1".to_owned(),
        text: notation.text.into(),
        layers: vec![layer],
        ..Document::default()
    }
}

/// The usual options with a small schema that has attributes of each kind.
pub(super) fn options() -> WriteOptions {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    let labels = vec![
        label(
            "actor",
            vec![
                ("kind", AttributeKind::Choice(texts(&["militia", "police"]))),
                ("role", AttributeKind::Choices(texts(&["target", "victim"]))),
            ],
        ),
        label("location", vec![("latitude", AttributeKind::Decimal { min: None, max: None })]),
        label("casualty", vec![("low", AttributeKind::Integer { min: Some(0), max: None })]),
        label("claim", vec![("hedged", AttributeKind::Flag), ("by", AttributeKind::Text)]),
    ];
    let source = RelationType {
        id: RelationTypeId::new("source").unwrap(),
        name: "Source".to_owned(),
        from: Vec::new(),
        to: vec![LabelId::new("actor").unwrap()],
        required: false,
        guideline: String::new(),
    };
    WriteOptions::new(Arc::new(Schema::new(labels, vec![source]).unwrap()))
}

fn label(id: &str, attributes: Vec<(&str, AttributeKind)>) -> Label {
    let attribute = |(id, kind): (&str, AttributeKind)| Attribute {
        id: AttributeId::new(id).unwrap(),
        name: id.to_uppercase(),
        kind,
        required: false,
        guideline: String::new(),
    };
    Label {
        id: LabelId::new(id).unwrap(),
        name: format!("The {id}"),
        key: None,
        color: Color { red: 10, green: 20, blue: 30 },
        guideline: String::new(),
        attributes: attributes.into_iter().map(attribute).collect(),
    }
}

/// A text with what shifts offsets in other programs.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,7}",
        1 => Just("🙂".to_owned()),
        1 => Just("👩‍👩‍👧".to_owned()),
        1 => Just("🇵🇰".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("کراچی".to_owned()),
        1 => Just("कराची".to_owned()),
        1 => Just("警方".to_owned()),
        1 => "[.,;:'\"“”’()|*\\\\\\[\\]_<>&#%@=\\-]",
        1 => Just("\r\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just("\t".to_owned()),
        1 => odd().prop_map(String::from),
        6 => Just(" ".to_owned()),
    ];
    proptest::collection::vec(piece, 1..40).prop_map(|pieces| format!("x{}", pieces.concat()))
}

/// What texts hold by accident and formats trip over: a line end of old, separators of
/// lines that are none to everybody, controls, marks without width, code points that are
/// no characters.
const ODD: [char; 18] = [
    '\r',
    '\u{2028}',
    '\u{2029}',
    '\u{85}',
    '\u{b}',
    '\u{c}',
    '\0',
    '\u{1}',
    '\u{8}',
    '\u{1b}',
    '\u{1f}',
    '\u{7f}',
    '\u{9d}',
    '\u{a0}',
    '\u{feff}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10ffff}',
];

fn odd() -> impl Strategy<Value = char> {
    proptest::sample::select(&ODD[..])
}

/// Random articles of two annotators: nested, overlapping and discontinuous annotations
/// with attributes of each kind, notes and relations.
pub(super) fn documents() -> impl Strategy<Value = Document> {
    let layer = proptest::collection::vec(any::<[u16; 6]>(), 0..7);
    (text(), layer.clone(), layer, any::<u16>()).prop_map(|(text, one, two, seed)| {
        let first = random_layer("annotator-1", &text, &one);
        let mut second = random_layer("annotator-2", &text, &two);
        second.state = Some(State::InProgress);
        Document {
            name: format!("article-{seed}"),
            meta: ArticleMeta { title: "A “title”".to_owned(), ..ArticleMeta::default() },
            text: text.into(),
            layers: vec![first, second],
            ..Document::default()
        }
    })
}

fn random_layer(annotator: &str, text: &str, seeds: &[[u16; 6]]) -> Layer {
    let mut layer = Layer { state: Some(State::Done), ..Layer::of(annotator) };
    let labels = ["actor", "location", "casualty", "claim"];
    for (at, seed) in seeds.iter().enumerate() {
        let mut ranges = vec![range(text, seed[0], seed[1])];
        if seed[2].is_multiple_of(4) {
            ranges.push(range(text, seed[2], seed[3]));
        }
        let ranges: Option<Vec<_>> = ranges.into_iter().collect();
        let Some(Ok(span)) = ranges.map(Span::from_ranges) else { continue };
        let mut annotation = Annotation::new(labels[usize::from(seed[4]) % 4], span);
        annotation.id = format!("{:04}", at + 1);
        fill(&mut annotation, seed[5]);
        layer.annotations.push(annotation);
    }
    let count = layer.annotations.len();
    for (from, seed) in seeds.iter().enumerate().take(count).skip(1) {
        let to = usize::from(seed[5]) % count;
        if from != to {
            let id = format!("r{from:03}");
            layer.relations.push(Relation { id, kind: "source".to_owned(), from, to });
        }
    }
    layer.sort();
    layer
}

fn fill(annotation: &mut Annotation, seed: u16) {
    let mut set = |name: &str, value| annotation.attributes.push((name.to_owned(), value));
    match (annotation.label.as_str(), seed % 3) {
        ("actor", 1) => set("kind", AttributeValue::Text("militia".to_owned())),
        ("actor", 2) => {
            set("role", AttributeValue::List(vec!["target".to_owned(), "victim".to_owned()]));
        }
        ("casualty", 1) => set("low", AttributeValue::Integer(3)),
        ("claim", 1) => set("hedged", AttributeValue::Flag(true)),
        ("claim", 2) => set("by", AttributeValue::Text(format!("Ali{} A", odd_of(seed)))),
        ("location", 1) => set("latitude", AttributeValue::Decimal(24.86)),
        _ => {}
    }
    if seed.is_multiple_of(5) {
        let odd = odd_of(seed);
        annotation.note = format!("a “note”, two\nlines\t& <more> | 🙂{odd}.");
    }
}

/// One of the odd characters; a blank for most seeds.
fn odd_of(seed: u16) -> char {
    ODD.get(usize::from(seed / 30) % (2 * ODD.len())).copied().unwrap_or(' ')
}

/// A range between two characters of a text; `None` where it would be empty.
fn range(text: &str, one: u16, other: u16) -> Option<TextRange> {
    let at = |seed: u16| {
        let mut at = usize::from(seed) % (text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        TextSize::new(at as u32)
    };
    let (start, end) = (at(one).min(at(other)), at(one).max(at(other)));
    (start < end).then(|| TextRange::new(start, end))
}

/// Fits a document, writes it and reads it back, and holds all of it to the laws: what was
/// fitted is what is read, and fitting it again changes nothing and loses nothing.
pub(super) fn check_law(format: &Format, document: Document, options: &WriteOptions) -> Vec<Loss> {
    let writer = format.writes.unwrap();
    let mut losses = Vec::new();
    let options =
        WriteOptions { has_several_annotators: document.layers.len() > 1, ..options.clone() };
    let (named, values) = (ids(&document), with_values(&document));
    let fitted = (writer.fit)(document, &options, &mut losses);
    for loss in losses.iter().filter(|loss| !loss.surface.is_empty()) {
        assert!(named.contains(&loss.annotation), "a loss does not name what it is of: {loss:?}");
    }
    // The type system of an XMI, which is a file of its own, says what its values are.
    if format.id != "cas-xmi" {
        let told = losses.iter().filter(|loss| loss.says_of_values()).count();
        let (kept, had) = (with_values(&fitted), values);
        assert!(kept + told >= had, "values became text and nobody was told: {losses:?}");
    }
    let mut more = Vec::new();
    let again = (writer.fit)(fitted.clone(), &options, &mut more);
    assert_eq!(again, fitted, "fitting twice is fitting once");
    assert!(more.is_empty(), "nothing is lost twice: {more:?}");
    let documents = [fitted];
    let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
    let pieces = (writer.write)(&batch).unwrap();
    if let Err(error) = prove(format, &batch, &pieces) {
        panic!("{error}\n{}", shown(&pieces));
    }
    losses
}

impl Loss {
    /// Whether it says that an annotation's values are not what they were, or not there.
    fn says_of_values(&self) -> bool {
        let is_of_values = matches!(self.kind, LossKind::Values | LossKind::Attributes);
        !self.annotation.is_empty() && (is_of_values || self.done == Remedy::LeftOut)
    }
}

/// How many annotations have attributes that are numbers, flags or lists.
fn with_values(document: &Document) -> usize {
    let annotations = document.layers.iter().flat_map(|layer| &layer.annotations);
    let is_text = |(_, value): &(String, AttributeValue)| matches!(value, AttributeValue::Text(_));
    annotations.filter(|found| !found.attributes.iter().all(is_text)).count()
}

fn ids(document: &Document) -> HashSet<String> {
    let annotations = document.layers.iter().flat_map(|layer| &layer.annotations);
    annotations.map(|annotation| annotation.id.clone()).collect()
}

fn shown(pieces: &[Piece]) -> String {
    let text =
        |piece: &Piece| format!("--- {}\n{}", piece.path, String::from_utf8_lossy(&piece.bytes));
    pieces.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Reads a file of another tool with the files beside it.
pub(super) fn read_file(format: &Format, path: &Path) -> Result<Read, super::FormatError> {
    let bytes = std::fs::read(path).unwrap();
    let folder = path.parent().unwrap().to_owned();
    let beside = |name: &str| std::fs::read(folder.join(name)).ok();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let options = ReadOptions::USUAL;
    format.read(&Input { bytes: &bytes, path: &name, beside: &beside, options: &options })
}

/// Reads, writes and reads again: the documents of the file must come back the same, but
/// for what is in the losses, which are given back.
pub(super) fn round_trip(
    format: &Format,
    read: Vec<Document>,
    options: &WriteOptions,
) -> Vec<Loss> {
    let writer = format.writes.unwrap();
    let mut losses = Vec::new();
    let several = read.iter().any(|document| document.layers.len() > 1);
    let options = WriteOptions { has_several_annotators: several, ..options.clone() };
    for document in read {
        let name = document.name.clone();
        let before = losses.len();
        let fitted = (writer.fit)(document.clone(), &options, &mut losses);
        if losses.len() == before {
            let (fitted, read) = (merged(vec![fitted.clone()]), merged(vec![document]));
            assert_eq!(fitted, read, "{name} was changed and no loss was told");
        }
        let documents = [fitted];
        let batch = Batch { documents: &documents, split: "all", number: 0, options: &options };
        let pieces = (writer.write)(&batch).unwrap();
        if let Err(error) = prove(format, &batch, &pieces) {
            panic!("{name}: {error}\n{}", shown(&pieces));
        }
    }
    losses
}

/// The files of a folder of `shared/corpora` that end so, in order; `None`, said loudly,
/// where it is absent.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(super) fn corpus(folder: &str, ending: &str) -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(folder);
    if !root.is_dir() {
        eprintln!("SKIPPED: {folder} is not beside the project");
        return None;
    }
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    Some(files)
}
