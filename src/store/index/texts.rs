//! The texts of all articles one after the other, for searching.
//!
//! Two hundred megabytes in one file are searched in a fraction of a second; in a
//! hundred thousand files they are not even opened in that time. The table of the
//! articles says where each text stands. A text is only ever believed when it has the
//! hash of its article.

use super::place::{IndexPlace, TEXTS};
use super::table::{generation_of, head};
use crate::model::TextHash;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// What the first line of the file calls it.
const KIND: &str = "texts";
/// No more than this is read in one go, in bytes.
const LONGEST: u64 = 1 << 30;

/// Where a text stands in the file of texts, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// Where it starts.
    pub at: u64,
    /// How long it is.
    pub len: u32,
}

impl TextPlace {
    /// Where the text ends.
    pub fn end(self) -> u64 {
        self.at.saturating_add(self.len.into())
    }

    /// Whether another text follows right behind.
    pub fn is_followed_by(self, next: Self) -> bool {
        self.end().checked_add(1) == Some(next.at)
    }
}

/// The texts of a project's articles in one file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Texts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: IndexPlace,
    generation: u64,
}

impl Texts {
    /// The texts that belong to a table of articles.
    pub(super) fn new(place: IndexPlace, generation: u64) -> Self {
        Self(Arc::new(Inner { place, generation }))
    }

    /// Opens the file; `None` where it is gone, or another one.
    pub fn open(&self) -> Option<TextsFile> {
        let mut file = self.0.place.open(TEXTS)?;
        let generation = generation_of(&mut file, KIND)?;
        (generation == self.0.generation).then_some(TextsFile(file))
    }
}

/// The file of texts, open for reading.
#[derive(Debug)]
pub struct TextsFile(File);

impl TextsFile {
    /// The bytes between two places; `None` where the file has them not. O(n).
    pub fn read(&mut self, at: u64, end: u64) -> Option<Vec<u8>> {
        let len = end.checked_sub(at).filter(|len| *len <= LONGEST)?;
        self.0.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::new();
        (&mut self.0).take(len).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 == len).then_some(bytes)
    }

    pub(super) fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }
}

/// The text with this hash, if that is what the bytes are; O(n).
pub fn text_with_hash(bytes: &[u8], hash: TextHash) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| TextHash::of(text) == hash)
}

/// Writes texts to a new file or to the end of the one that is there.
#[derive(Debug)]
pub(super) struct TextsWriter {
    to: To,
    len: u64,
}

#[derive(Debug)]
enum To {
    New(BufWriter<tempfile::NamedTempFile>),
    End(BufWriter<File>),
}

impl TextsWriter {
    pub(super) fn create(place: &IndexPlace, generation: u64) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, place.temporary()?);
        let head = head(KIND, generation);
        file.write_all(head.as_bytes())?;
        Ok(Self { to: To::New(file), len: head.len() as u64 })
    }

    /// Appends to the texts of a generation. Nobody else may write meanwhile.
    pub(super) fn append(place: &IndexPlace, generation: u64) -> io::Result<Self> {
        let mut there = place.open(TEXTS).ok_or(io::ErrorKind::NotFound)?;
        if generation_of(&mut there, KIND) != Some(generation) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let len = there.metadata()?.len();
        let file = OpenOptions::new().append(true).open(place.path(TEXTS))?;
        Ok(Self { to: To::End(BufWriter::with_capacity(1 << 20, file)), len })
    }

    pub(super) fn push(&mut self, text: &str) -> io::Result<TextPlace> {
        let len = u32::try_from(text.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let place = TextPlace { at: self.len, len };
        let file: &mut dyn Write = match &mut self.to {
            To::New(file) => file,
            To::End(file) => file,
        };
        file.write_all(text.as_bytes())?;
        // No query has a NUL in it, so nothing is found across two texts.
        file.write_all(b"\0")?;
        self.len += u64::from(len) + 1;
        Ok(place)
    }

    pub(super) fn finish(self, place: &IndexPlace) -> io::Result<()> {
        match self.to {
            To::New(file) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                place.put(file, TEXTS)
            }
            To::End(mut file) => file.flush(),
        }
    }
}
