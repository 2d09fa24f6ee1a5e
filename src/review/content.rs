//! What an annotation says, in short, and when two cases are exactly alike.

use super::compare::{Case, Comparison};
use crate::model::{Annotation, AnnotationSet, AttributeValue, Said};
use crate::text::TextRange;
use sha2::{Digest, Sha256};

/// Ends each part of what is hashed; it stands in no text that a person types.
const END: [u8; 1] = [0x1f];

/// What makes cases alike: 16 bytes of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Likeness([u8; 16]);

/// The characters on either side of an annotation that tell its place from others with the
/// same text.
const AROUND: usize = 24;

/// What an annotation of a set says, in short: its label, the text of its ranges with the
/// words around them, its attributes, and the types of its outgoing relations with the texts
/// that they point to, and the words around these. Offsets count for nothing, so that an
/// annotation that moves with a corrected text still says the same, while one that was put
/// on the same word in another sentence does not; four bytes of SHA-256 are enough to notice
/// that one was changed. O(n) in the annotation's own text and relations.
pub fn said(set: &AnnotationSet, annotation: &Annotation) -> Said {
    let mut hash = Sha256::new();
    let text = set.article().text();
    part(&mut hash, annotation.label.as_str());
    for range in annotation.span.ranges() {
        part(&mut hash, text.get(std::ops::Range::<usize>::from(*range)).unwrap_or_default());
    }
    around(&mut hash, text, annotation.span.extent());
    attributes(&mut hash, annotation);
    let outgoing = set.relations_of(annotation.id).filter(|found| found.from == annotation.id);
    let mut links: Vec<_> = outgoing
        .map(|found| {
            let to = set.annotation(found.to);
            let surface = to.map(|to| set.surface(to)).unwrap_or_default();
            (found.kind.as_str(), surface, to.map(|to| to.span.extent()))
        })
        .collect();
    links.sort_by(|one, other| {
        (one.0, &one.1, one.2.map(TextRange::start)).cmp(&(
            other.0,
            &other.1,
            other.2.map(TextRange::start),
        ))
    });
    for (kind, to, extent) in &links {
        part(&mut hash, kind);
        part(&mut hash, to);
        extent.iter().for_each(|extent| around(&mut hash, text, *extent));
    }
    let digest: [u8; 32] = hash.finalize().into();
    let [first, second, third, fourth, ..] = digest;
    Said(u32::from_be_bytes([first, second, third, fourth]))
}

/// What makes a case like others, in whichever article: the same letters from its first
/// byte to its last (in the same case, white space included), the same annotators at work,
/// and from each of them the same: nothing, or the same label and attributes on the same
/// part of those letters. A case with relations that somebody lacks is like no other, for
/// relations point to what stands elsewhere: `None`. O(marks).
pub fn likeness(comparison: &Comparison, case: &Case, sets: &[&AnnotationSet]) -> Option<Likeness> {
    let has_open_relation = case.links.iter().any(|link| link.by.len() < case.marks.len());
    let set = sets.first().filter(|_| !has_open_relation)?;
    let mut hash = Sha256::new();
    part(&mut hash, set.article().text().get(std::ops::Range::<usize>::from(case.extent))?);
    for annotator in &comparison.annotators {
        part(&mut hash, annotator.as_str());
    }
    for mark in &case.marks {
        let found = sets.get(mark.by)?.annotation(mark.id)?;
        part(&mut hash, comparison.annotators.get(mark.by)?.as_str());
        part(&mut hash, found.label.as_str());
        for range in found.span.ranges() {
            let place = *range - case.extent.start();
            hash.update(u32::from(place.start()).to_be_bytes());
            hash.update(u32::from(place.end()).to_be_bytes());
        }
        attributes(&mut hash, found);
    }
    let mut alike = [0; 16];
    alike.copy_from_slice(hash.finalize().get(..16)?);
    Some(Likeness(alike))
}

/// The words on both sides of a place.
fn around(hash: &mut Sha256, text: &str, place: TextRange) {
    let (start, end) = (usize::from(place.start()), usize::from(place.end()));
    let before = text.get(..start).unwrap_or_default();
    let first = before.char_indices().rev().take(AROUND).last().map_or(start, |(at, _)| at);
    part(hash, before.get(first..).unwrap_or_default());
    let after = text.get(end..).unwrap_or_default();
    let last = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    part(hash, after.get(..last).unwrap_or_default());
}

fn part(hash: &mut Sha256, text: &str) {
    hash.update(text.as_bytes());
    hash.update(END);
}

fn attributes(hash: &mut Sha256, annotation: &Annotation) {
    for (id, value) in &annotation.attributes {
        part(hash, id.as_str());
        match value {
            AttributeValue::Text(text) => part(hash, text),
            AttributeValue::List(items) => items.iter().for_each(|item| part(hash, item)),
            AttributeValue::Integer(number) => hash.update(number.to_be_bytes()),
            AttributeValue::Decimal(number) => hash.update(number.to_be_bytes()),
            AttributeValue::Flag(flag) => hash.update([u8::from(*flag)]),
        }
        hash.update(END);
    }
}
