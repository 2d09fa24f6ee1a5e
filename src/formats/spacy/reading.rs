//! Reading DocBin files, of Copydesk and of spaCy.

use super::strings::Symbols;
use super::{About, BEGINS, ENT_IOB, ENT_KB_ID, ENT_TYPE, Flags, GROUP, INSIDE, ORTH};
use crate::formats::document::{Annotation, Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::once::Once;
use crate::formats::places::short;
use crate::formats::reading::{ReadOptions, Sink, Source, Warning};
use crate::formats::{LARGEST_ARTICLE, meta};
use crate::model::{ArticleMeta, Span};
use crate::text::{TextRange, TextSize};
use rayon::prelude::*;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{Read as _, SeekFrom};

/// The most bytes of a file, and of what is in it, unpacked.
const LARGEST_FILE: u64 = 512 << 20;
const LARGEST_UNPACKED: u64 = 1 << 30;
/// How many times larger than the file its content may be, besides what any may have:
/// real ones are below fifty, and what is far above is made to fill the memory.
const MOST_PACKED: u64 = 150;
const ALWAYS_ALLOWED: u64 = 16 << 20;

/// How many documents are put together at once.
const TOGETHER: usize = 256;

#[derive(Deserialize)]
struct BinIn<'a> {
    attrs: Vec<u64>,
    #[serde(borrow)]
    tokens: &'a [u8],
    #[serde(borrow)]
    spaces: &'a [u8],
    #[serde(borrow)]
    lengths: &'a [u8],
    #[serde(borrow)]
    strings: Vec<Cow<'a, str>>,
    #[serde(default)]
    flags: Vec<Flags>,
    #[serde(default, borrow)]
    span_groups: Vec<&'a [u8]>,
    #[serde(default, borrow)]
    user_data: Vec<Option<&'a [u8]>>,
    #[serde(default)]
    cats: Vec<Cats>,
}

/// Whether a document has categories.
struct Cats(bool);

impl<'de> Deserialize<'de> for Cats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let cats = Option::<HashMap<String, IgnoredAny>>::deserialize(deserializer)?;
        Ok(Self(cats.is_some_and(|cats| !cats.is_empty())))
    }
}

/// The span groups of a document: by name within their bytes, as spaCy wrote them first,
/// or the other way round.
#[derive(Deserialize)]
#[serde(untagged)]
enum GroupsIn<'a> {
    List(#[serde(borrow)] Vec<&'a [u8]>),
    Map(#[serde(borrow)] HashMap<&'a [u8], Vec<String>>),
}

#[derive(Deserialize)]
struct GroupIn<'a> {
    name: String,
    #[serde(borrow)]
    spans: Vec<&'a [u8]>,
}

pub(super) fn read(
    source: &mut dyn Source,
    _: &str,
    _: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let unpacked = unpack(source)?;
    let bin: BinIn<'_> = rmp_serde::from_slice(&unpacked)
        .map_err(|error| FormatError::malformed(None, format!("it is no DocBin: {error}")))?;
    let symbols = Symbols::new();
    let meanings = symbols.meanings(bin.strings.iter().map(AsRef::as_ref));
    let docs = docs(&bin)?;
    let once = Once::new("left out: further things that are not read");
    let read = give(&docs, &meanings, &once, sink);
    once.warnings().for_each(|warning| sink.warn(warning));
    read
}

/// Gives the sink what is in the documents.
fn give(
    docs: &[Doc<'_>],
    meanings: &Meanings<'_>,
    once: &Once,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    for some in docs.chunks(TOGETHER) {
        let read: Vec<_> = some.par_iter().map(|doc| document(doc, meanings, once)).collect();
        for read in read {
            match read {
                Err(error) => sink.refuse(error),
                Ok((document, warnings)) => {
                    warnings.into_iter().for_each(|warning| sink.warn(warning));
                    if sink.document(document).is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

/// The content of a file, unless there is more of it than any honest file has.
fn unpack(source: &mut dyn Source) -> Result<Vec<u8>, FormatError> {
    let too_large = |what: &str, most: u64| FormatError::Malformed {
        line: None,
        what: format!("{what} is larger than {} MiB", most >> 20),
        remedy: "write it as several files",
    };
    let unreadable = |error: std::io::Error| FormatError::Unreadable(error.to_string());
    // Asked for beforehand, so that what is refused is never in memory.
    let told = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if told > LARGEST_FILE {
        return Err(too_large("the file", LARGEST_FILE));
    }
    source.rewind().map_err(unreadable)?;
    let mut packed = Vec::new();
    source.take(LARGEST_FILE + 1).read_to_end(&mut packed).map_err(unreadable)?;
    let size = packed.len() as u64;
    if size > LARGEST_FILE {
        return Err(too_large("the file", LARGEST_FILE));
    }
    let most = (ALWAYS_ALLOWED + size * MOST_PACKED).min(LARGEST_UNPACKED);
    let mut unpacked = Vec::new();
    flate2::read::ZlibDecoder::new(packed.as_slice())
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| FormatError::malformed(None, format!("it cannot be unpacked: {error}")))?;
    if unpacked.len() as u64 > most {
        return Err(too_large("its content", most));
    }
    Ok(unpacked)
}

/// The part of a file that is one document.
struct Doc<'a> {
    /// Which document of the file it is, counted from one.
    number: usize,
    /// The numbers of each token, in the order of the file's attributes.
    tokens: &'a [u8],
    spaces: &'a [u8],
    columns: Columns,
    has_unknown_spaces: bool,
    groups: &'a [u8],
    about: Option<&'a [u8]>,
    has_cats: bool,
}

/// Where in a token's numbers the attributes are that are read.
#[derive(Clone, Copy)]
struct Columns {
    count: usize,
    word: usize,
    iob: Option<usize>,
    label: Option<usize>,
    entry: Option<usize>,
}

impl Doc<'_> {
    /// What each token has in a column.
    fn column(&self, at: usize) -> impl Iterator<Item = u64> {
        let (numbers, _) = self.tokens.as_chunks::<8>();
        numbers.iter().skip(at).step_by(self.columns.count).map(|found| u64::from_le_bytes(*found))
    }
}

/// Divides the arrays of a file into documents.
fn docs<'a>(bin: &BinIn<'a>) -> Result<Vec<Doc<'a>>, FormatError> {
    let malformed = |what: &str| FormatError::malformed(None, what);
    let column = |attribute| bin.attrs.iter().position(|known| *known == attribute);
    let columns = Columns {
        count: bin.attrs.len(),
        word: column(ORTH).ok_or_else(|| malformed("the tokens have no words"))?,
        iob: column(ENT_IOB),
        label: column(ENT_TYPE),
        entry: column(ENT_KB_ID),
    };
    let (lengths, _) = bin.lengths.as_chunks::<4>();
    let (mut tokens, mut spaces) = (bin.tokens, bin.spaces);
    let mut docs = Vec::with_capacity(lengths.len());
    for (at, length) in lengths.iter().enumerate() {
        let short = || malformed("there are fewer tokens than its documents have");
        let length = usize::try_from(i32::from_le_bytes(*length)).map_err(|_| short())?;
        let bytes = length.checked_mul(columns.count * 8).ok_or_else(short)?;
        let of_tokens = tokens.split_off(..bytes).ok_or_else(short)?;
        let of_spaces = spaces.split_off(..length).ok_or_else(short)?;
        docs.push(Doc {
            number: at + 1,
            tokens: of_tokens,
            spaces: of_spaces,
            columns,
            has_unknown_spaces: bin.flags.get(at).is_some_and(|flags| flags.has_unknown_spaces),
            groups: bin.span_groups.get(at).copied().unwrap_or_default(),
            about: bin.user_data.get(at).copied().flatten(),
            has_cats: bin.cats.get(at).is_some_and(|cats| cats.0),
        });
    }
    Ok(docs)
}

type Meanings<'a> = HashMap<u64, &'a str>;

/// What is said of entries in a knowledge base, wherever they are met.
const NO_ENTRIES: &str = "left out: which entries of a knowledge base are meant";

fn document(
    doc: &Doc<'_>,
    names: &Meanings<'_>,
    once: &Once,
) -> Result<(Document, Vec<Warning>), FormatError> {
    let mut warnings = Vec::new();
    let (text, tokens) = text(doc, names)?;
    if doc.has_cats {
        once.note(0, "left out: categories of the document as a whole".to_owned());
    }
    if doc.columns.entry.is_some_and(|at| doc.column(at).any(|entry| entry != 0)) {
        once.note(0, NO_ENTRIES.to_owned());
    }
    // User data that other programs keep may be anything.
    let about = doc.about.map(rmp_serde::from_slice::<About>).transpose();
    let about = about.unwrap_or_else(|_| {
        once.note(0, "left out: user data, which are not those of Copydesk".to_owned());
        None
    });
    let about = about.unwrap_or_default();
    let (date, no_date) = meta::told_date(&about.date);
    let of_document = |what| Warning::whole_file(format!("document {}: {what}", doc.number));
    warnings.extend(no_date.map(of_document));
    let annotator = about.annotator.clone().unwrap_or_default();
    let mut layer = Layer { kind: kind(&about.kind), ..Layer::of(annotator) };
    let mut is_annotated = about.annotator.is_some();
    is_annotated |= entities(doc, names, &tokens, &mut layer);
    is_annotated |= spans(doc, names, &tokens, &mut layer, &mut warnings, once);
    // White space is a token to spaCy alone.
    let words = tokens.into_iter().filter(|token| !text[*token].trim().is_empty()).collect();
    let document = Document {
        name: about.name,
        meta: ArticleMeta {
            title: about.title,
            source: about.source,
            date,
            url: about.url,
            language: about.language,
        },
        text: text.into(),
        layers: if is_annotated { vec![layer] } else { Vec::new() },
        tokens: words,
        sentences: Vec::new(),
    };
    Ok((document, warnings))
}

/// The text that the words of a document and the blanks after them make, with the places
/// of all tokens.
fn text(doc: &Doc<'_>, names: &Meanings<'_>) -> Result<(String, Vec<TextRange>), FormatError> {
    let number = doc.number;
    let mut text = String::new();
    let mut tokens = Vec::with_capacity(doc.spaces.len());
    for (word, space) in doc.column(doc.columns.word).zip(doc.spaces) {
        let Some(word) = names.get(&word) else {
            let what = format!("document {number} has a word that is not in the file");
            return Err(FormatError::malformed(None, what));
        };
        let start = text.len();
        text.push_str(word);
        if text.len() as u64 > LARGEST_ARTICLE {
            return Err(FormatError::TooLarge);
        }
        tokens.push(TextRange::new(size(start), size(text.len())));
        if *space != 0 || doc.has_unknown_spaces {
            text.push(' ');
        }
    }
    if text.trim().is_empty() {
        return Err(FormatError::malformed(None, format!("document {number} has no text")));
    }
    Ok((text, tokens))
}

fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// Adds what `doc.ents` holds; whether the file says anything about entities.
fn entities(doc: &Doc<'_>, names: &Meanings<'_>, tokens: &[TextRange], layer: &mut Layer) -> bool {
    let (Some(iob), Some(label)) = (doc.columns.iob, doc.columns.label) else { return false };
    let mut is_annotated = false;
    let mut open: Option<(u64, TextRange)> = None;
    for ((iob, label), token) in doc.column(iob).zip(doc.column(label)).zip(tokens) {
        is_annotated |= iob != 0;
        open = match (iob, open) {
            (INSIDE, Some((known, range))) if known == label => Some((known, range.cover(*token))),
            (iob, before) => {
                layer.annotations.extend(before.and_then(|found| annotation(found, names)));
                matches!(iob, INSIDE | BEGINS).then_some((label, *token))
            }
        };
    }
    layer.annotations.extend(open.and_then(|found| annotation(found, names)));
    is_annotated
}

fn annotation((label, range): (u64, TextRange), names: &Meanings<'_>) -> Option<Annotation> {
    let label = names.get(&label).filter(|label| !label.is_empty())?;
    Some(Annotation::new(*label, Span::new(range).ok()?))
}

/// Adds what `doc.spans` holds; whether there is any group of spans. What is an entity as
/// well is not added again.
fn spans(
    doc: &Doc<'_>,
    names: &Meanings<'_>,
    tokens: &[TextRange],
    layer: &mut Layer,
    warnings: &mut Vec<Warning>,
    once: &Once,
) -> bool {
    if doc.groups.is_empty() {
        return false;
    }
    let groups = match rmp_serde::from_slice(doc.groups) {
        Ok(GroupsIn::List(groups)) => groups,
        Ok(GroupsIn::Map(groups)) => {
            let mut groups: Vec<_> = groups.into_keys().collect();
            groups.sort_unstable();
            groups
        }
        Err(error) => {
            let what = format!("left out: the spans of document {}: {error}", doc.number);
            warnings.push(Warning::whole_file(what));
            return false;
        }
    };
    let key = |found: &Annotation| (found.span.extent(), found.label.clone());
    let entities: HashSet<_> = layer.annotations.iter().map(key).collect();
    let has_groups = !groups.is_empty();
    for group in groups {
        let group: GroupIn<'_> = match rmp_serde::from_slice(group) {
            Ok(group) => group,
            Err(error) => {
                let what = format!("left out: spans of document {}: {error}", doc.number);
                warnings.push(Warning::whole_file(what));
                continue;
            }
        };
        if group.name != GROUP {
            let (name, number) = (short(&group.name), doc.number);
            let what = format!("the name of the spans “{name}” of document {number} is not kept");
            warnings.push(Warning::whole_file(what));
        }
        for span in &group.spans {
            let Some(found) = span_of(span, tokens).and_then(|found| annotation(found, names))
            else {
                let (name, number) = (short(&group.name), doc.number);
                let what = format!(
                    "left out: one of the spans “{name}” of document {number}, which has no label \
                     or no tokens"
                );
                warnings.push(Warning::whole_file(what));
                continue;
            };
            if span.get(8..16).is_some_and(|entry| entry != [0; 8]) {
                once.note(0, NO_ENTRIES.to_owned());
            }
            if !entities.contains(&key(&found)) {
                layer.annotations.push(found);
            }
        }
    }
    has_groups
}

/// The label and the place of a span: eight bytes each for its id, its entry in a
/// knowledge base and its label, four each for the first token and the token after the
/// last, and for the same in characters.
fn span_of(span: &[u8], tokens: &[TextRange]) -> Option<(u64, TextRange)> {
    let label = u64::from_be_bytes(span.get(16..24)?.try_into().ok()?);
    let token = |at: usize| -> Option<usize> {
        u32::from_be_bytes(span.get(at..at + 4)?.try_into().ok()?).try_into().ok()
    };
    let covered = tokens.get(token(24)?..token(28)?)?;
    Some((label, covered.first()?.cover(*covered.last()?)))
}

fn kind(name: &str) -> LayerKind {
    match name {
        "gold" => LayerKind::Gold,
        "predictions" => LayerKind::Predictions,
        _ => LayerKind::Annotator,
    }
}
