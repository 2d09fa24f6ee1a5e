//! What the tables of the index hold: one record for an article, one for each annotation set.

use super::code::{Decoder, MOST_IDS, Shared, put_number, put_text};
use super::stamp::Stamp;
use super::texts::TextPlace;
use crate::model::{ArticleId, State, TextHash};
use crate::store::summary::{SetSummary, Summary};
use crate::text::CodePoints;
use jiff::civil::Date;

/// Something that a table holds for an article.
pub(super) trait Record: Sized {
    /// What the table's first line calls it.
    const KIND: &'static str;

    /// Appends the record.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads a record; `None` where the bytes are none.
    fn read(decoder: &mut Decoder<'_>, shared: &mut Shared) -> Option<Self>;
}

/// An article as its file had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArticleRecord {
    pub(super) stamp: Stamp,
    pub(super) place: TextPlace,
    /// With the set of somebody who has not seen it.
    pub(super) summary: Summary,
}

/// An annotation set as its files had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SetRecord {
    pub(super) stamps: SetStamps,
    pub(super) summary: SetSummary,
}

/// The files that a set was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SetStamps {
    /// The article, which the set's offsets were compared with.
    pub(super) article: Stamp,
    pub(super) file: Stamp,
    pub(super) history: Stamp,
}

impl SetStamps {
    /// Whether the set has files at all; without any it is unseen.
    pub(super) fn has_files(&self) -> bool {
        self.file != Stamp::MISSING || self.history != Stamp::MISSING
    }

    /// Whether a set with these stamps is surely the one that had the others.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        !self.has_files() && !other.has_files()
            || self.article.is_same(other.article)
                && self.file.is_same(other.file)
                && self.history.is_same(other.history)
    }
}

impl Record for ArticleRecord {
    const KIND: &'static str = "articles";

    fn write(&self, out: &mut Vec<u8>) {
        put_number(out, self.stamp.number());
        put_number(out, self.place.at);
        put_number(out, self.place.len.into());
        let Summary { title, source, date, language, chars, hash, set: _ } = &self.summary;
        put_text(out, title);
        put_text(out, source);
        put_date(out, *date);
        put_text(out, language);
        put_number(out, chars.0.into());
        out.extend_from_slice(hash.bytes());
    }

    fn read(decoder: &mut Decoder<'_>, shared: &mut Shared) -> Option<Self> {
        let stamp = Stamp::from_number(decoder.number()?);
        let place = TextPlace { at: decoder.number()?, len: decoder.small()? };
        let summary = Summary {
            title: decoder.text()?.into(),
            source: shared.text(decoder.text()?),
            date: read_date(decoder)?,
            language: shared.text(decoder.text()?),
            chars: CodePoints(decoder.small()?),
            hash: TextHash::from_bytes(decoder.bytes()?),
            set: SetSummary::default(),
        };
        Some(Self { stamp, place, summary })
    }
}

impl Record for SetRecord {
    const KIND: &'static str = "sets";

    fn write(&self, out: &mut Vec<u8>) {
        let SetStamps { article, file, history } = self.stamps;
        for stamp in [article, file, history] {
            put_number(out, stamp.number());
        }
        let SetSummary { state, annotations, by_label, by_relation } = &self.summary;
        out.push(match state {
            State::Unseen => 0,
            State::InProgress => 1,
            State::Done => 2,
        });
        put_number(out, *annotations as u64);
        put_counts(out, by_label.iter().map(|(id, count)| (id.as_str(), *count)));
        put_counts(out, by_relation.iter().map(|(id, count)| (id.as_str(), *count)));
    }

    fn read(decoder: &mut Decoder<'_>, shared: &mut Shared) -> Option<Self> {
        let mut stamp = || Some(Stamp::from_number(decoder.number()?));
        let stamps = SetStamps { article: stamp()?, file: stamp()?, history: stamp()? };
        let state = match decoder.number()? {
            0 => State::Unseen,
            1 => State::InProgress,
            2 => State::Done,
            _ => return None,
        };
        let annotations = decoder.number()?.try_into().ok()?;
        let by_label = read_counts(decoder, |text| shared.label(text))?;
        let by_relation = read_counts(decoder, |text| shared.relation(text))?;
        let summary = SetSummary { state, annotations, by_label, by_relation };
        Some(Self { stamps, summary })
    }
}

/// The article that a record is about, and the record; without one the article is gone.
pub(super) fn write_entry<R: Record>(out: &mut Vec<u8>, id: &ArticleId, record: Option<&R>) {
    out.push(u8::from(record.is_some()));
    put_text(out, id.as_str());
    if let Some(record) = record {
        record.write(out);
    }
}

pub(super) fn read_entry<R: Record>(
    decoder: &mut Decoder<'_>,
    shared: &mut Shared,
) -> Option<(ArticleId, Option<R>)> {
    let is_there = decoder.number()?;
    let id = ArticleId::new(decoder.text()?).ok()?;
    match is_there {
        0 => Some((id, None)),
        1 => Some((id, Some(R::read(decoder, shared)?))),
        _ => None,
    }
}

fn put_counts<'a>(out: &mut Vec<u8>, counts: impl ExactSizeIterator<Item = (&'a str, u32)>) {
    put_number(out, counts.len() as u64);
    for (id, count) in counts {
        put_text(out, id);
        put_number(out, count.into());
    }
}

fn read_counts<Id>(
    decoder: &mut Decoder<'_>,
    mut id: impl FnMut(&str) -> Option<Id>,
) -> Option<Box<[(Id, u32)]>> {
    let count = decoder.number().filter(|count| *count <= MOST_IDS as u64)?;
    (0..count).map(|_| Some((id(decoder.text()?)?, decoder.small()?))).collect()
}

/// Zero for no date, else a number that has the day in its lowest bits.
fn put_date(out: &mut Vec<u8>, date: Option<Date>) {
    let packed = date.map_or(0, |date| {
        let year = (i32::from(date.year()) - i32::from(i16::MIN)) as u64;
        1 + (year << 16 | (date.month() as u64) << 8 | date.day() as u64)
    });
    put_number(out, packed);
}

fn read_date(decoder: &mut Decoder<'_>) -> Option<Option<Date>> {
    let Some(packed) = decoder.number()?.checked_sub(1) else { return Some(None) };
    let year = i64::try_from(packed >> 16).ok()? + i64::from(i16::MIN);
    let (month, day) = (packed >> 8 & 0x7f, packed & 0x7f);
    Date::new(year.try_into().ok()?, month as i8, day as i8).ok().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LabelId, RelationTypeId};
    use proptest::prelude::*;

    fn state() -> impl Strategy<Value = State> {
        prop_oneof![Just(State::Unseen), Just(State::InProgress), Just(State::Done)]
    }

    proptest! {
        #[test]
        fn records_read_as_they_were_written(
            title: String, source: String, language: String, text: String, chars: u32, at: u64,
            day in prop::option::of(-700_000..700_000i32), numbers: [u64; 4], state in state(),
            counts in prop::collection::vec(("[a-z]{1,4}", any::<u32>()), 0..4),
        ) {
            let date = day.map(|day| jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day));
            let summary = Summary {
                title: title.into(), source: source.into(), date, language: language.into(),
                chars: CodePoints(chars), hash: TextHash::of(&text), set: SetSummary::default(),
            };
            let stamp = Stamp::from_number;
            let place = TextPlace { at, len: chars };
            let article = ArticleRecord { stamp: stamp(numbers[0]), place, summary };
            let label = |(id, count): &(String, u32)| (LabelId::new(id).unwrap(), *count);
            let kind = |(id, count): &(String, u32)| (RelationTypeId::new(id).unwrap(), *count);
            let set = SetRecord {
                stamps: SetStamps {
                    article: stamp(numbers[1]), file: stamp(numbers[2]), history: stamp(numbers[3]),
                },
                summary: SetSummary {
                    state, annotations: chars as usize,
                    by_label: counts.iter().map(label).collect(),
                    by_relation: counts.iter().map(kind).collect(),
                },
            };
            let (mut out, id) = (Vec::new(), ArticleId::new("a").unwrap());
            write_entry(&mut out, &id, Some(&article));
            write_entry(&mut out, &id, Some(&set));
            write_entry::<SetRecord>(&mut out, &id, None);
            let (mut decoder, mut shared) = (Decoder::new(&out), Shared::default());
            prop_assert_eq!(read_entry(&mut decoder, &mut shared), Some((id.clone(), Some(article))));
            prop_assert_eq!(read_entry(&mut decoder, &mut shared), Some((id.clone(), Some(set))));
            prop_assert_eq!(read_entry::<SetRecord>(&mut decoder, &mut shared), Some((id, None)));
            prop_assert!(decoder.is_at_end());
        }
    }
}
