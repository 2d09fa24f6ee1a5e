//! A table of the index: a file of blocks, each with its length and a checksum.
//!
//! A table is written whole once, and then what has changed is appended; of several
//! records about an article the last one counts. A block that does not fit its checksum,
//! because a crash or a bad disk left it so, ends the table: what stands in front of it
//! is as good as ever, and the rest is read from the project's files again. Nothing is
//! synced; an index that a power cut takes away is made anew.

use super::code::{Decoder, Shared};
use super::place::IndexPlace;
use super::records::{Record, read_entry, write_entry};
use crate::model::ArticleId;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

/// Written with every table; another number is another format, and no table.
const VERSION: u32 = 1;
/// A block is written out when it has grown to this many bytes.
const BLOCK: usize = 1 << 20;
/// No block is longer; a length beyond it is none.
const LONGEST_BLOCK: usize = BLOCK * 64;
/// A table that is longer than this is none, in bytes.
const LONGEST: u64 = 512 << 20;
/// Entries take no more memory than so many times their file, and this many bytes. What the
/// program writes takes less than half of that; a forged table may be full of entries of a few
/// bytes.
const MOST_TIMES: usize = 4;
const MOST_MORE: usize = 1 << 20;
/// Length and checksum in front of a block.
const BLOCK_HEAD: usize = 4 + 8;

/// A table in memory.
#[derive(Debug)]
pub(super) struct Table<R> {
    /// What was drawn when the table was written whole.
    pub(super) generation: u64,
    /// The records, ordered by article, one for each.
    pub(super) records: Vec<(ArticleId, R)>,
    /// Whether the file should be written anew: it is damaged, or much of it is outdated.
    pub(super) is_worn: bool,
}

/// The first line of a table.
pub(super) fn head(kind: &str, generation: u64) -> String {
    format!("copydesk index {VERSION} {kind} {generation:016x}\n")
}

/// The generation in the first line of a file, and the rest.
fn split_head<'a>(kind: &str, bytes: &'a [u8]) -> Option<(u64, &'a [u8])> {
    let len = head(kind, 0).len();
    let (line, rest) = bytes.split_at_checked(len)?;
    let digits = std::str::from_utf8(line).ok()?.trim_end().rsplit(' ').next()?;
    let generation = u64::from_str_radix(digits, 16).ok()?;
    (line == head(kind, generation).as_bytes()).then_some((generation, rest))
}

/// The generation of a file of the index; `None` where it is none, or of another format.
pub(super) fn generation_of(file: &mut File, kind: &str) -> Option<u64> {
    let mut line = vec![0; head(kind, 0).len()];
    file.read_exact(&mut line).ok()?;
    split_head(kind, &line).map(|(generation, _)| generation)
}

impl<R: Record> Table<R> {
    /// Reads a table; `None` where there is none that could be read. O(n).
    pub(super) fn load(place: &IndexPlace, name: &str, shared: &mut Shared) -> Option<Self> {
        let mut file = place.open(name)?;
        let len = file.metadata().ok()?.len();
        if len > LONGEST {
            return None;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let (generation, rest) = split_head(R::KIND, &bytes)?;
        let mut entries = Vec::new();
        let is_whole = read_blocks(rest, &mut entries, shared);
        let written = entries.len();
        let records = last_of_each(entries);
        let is_worn = !is_whole || written - records.len() > 1_000 + records.len() / 4;
        Some(Self { generation, records, is_worn })
    }

    /// Puts the table in place of the one that is there.
    pub(super) fn save(&self, place: &IndexPlace, name: &str) -> io::Result<()> {
        let mut writer = TableWriter::create(place, name, R::KIND, self.generation)?;
        for (id, record) in &self.records {
            writer.push(id, Some(record))?;
        }
        writer.finish(place)
    }
}

/// Reads blocks until they end or one is damaged; whether there was none such.
fn read_blocks<R: Record>(
    mut rest: &[u8],
    entries: &mut Vec<(ArticleId, Option<R>)>,
    shared: &mut Shared,
) -> bool {
    let most = (MOST_TIMES * rest.len() + MOST_MORE) / size_of::<(ArticleId, Option<R>)>();
    while !rest.is_empty() {
        let Some((block, behind)) = split_block(rest) else { return false };
        let mut decoder = Decoder::new(block);
        while !decoder.is_at_end() {
            let Some(entry) = read_entry(&mut decoder, shared) else { return false };
            if entries.len() == most {
                return false;
            }
            if entries.len() == entries.capacity() {
                // By half, where a vector would take twice the room.
                entries.reserve_exact(most.min(entries.len() / 2 + 64).min(most - entries.len()));
            }
            entries.push(entry);
        }
        rest = behind;
    }
    true
}

fn split_block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let len = u32::from_le_bytes(*len) as usize;
    let (block, rest) = rest.split_at_checked(len)?;
    (len <= LONGEST_BLOCK && checksum(block) == *sum).then_some((block, rest))
}

fn checksum(block: &[u8]) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(block).into();
    hash.first_chunk().copied().unwrap_or_default()
}

/// The last record of each article, without those that are gone.
fn last_of_each<R>(mut entries: Vec<(ArticleId, Option<R>)>) -> Vec<(ArticleId, R)> {
    // Stable, and quick where most of it is in order.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.dedup_by(|later, kept| {
        let is_same = later.0 == kept.0;
        if is_same {
            std::mem::swap(later, kept);
        }
        is_same
    });
    entries.into_iter().filter_map(|(id, record)| Some((id, record?))).collect()
}

/// Writes records to a new table or to the end of one.
#[derive(Debug)]
pub(super) struct TableWriter {
    name: String,
    /// Where a new table grows until it is put in place; `None` to append.
    new: Option<tempfile::NamedTempFile>,
    block: Vec<u8>,
}

impl TableWriter {
    /// A new table, which replaces the one that may be there when it is finished.
    pub(super) fn create(
        place: &IndexPlace,
        name: &str,
        kind: &str,
        generation: u64,
    ) -> io::Result<Self> {
        let mut new = place.temporary()?;
        new.write_all(head(kind, generation).as_bytes())?;
        Ok(Self { name: name.to_owned(), new: Some(new), block: Vec::new() })
    }

    /// Appends to the table that is there; nothing is written before [`Self::finish`].
    pub(super) fn append(name: &str) -> Self {
        Self { name: name.to_owned(), new: None, block: Vec::new() }
    }

    pub(super) fn push<R: Record>(&mut self, id: &ArticleId, record: Option<&R>) -> io::Result<()> {
        write_entry(&mut self.block, id, record);
        if let Some(new) = &mut self.new
            && self.block.len() >= BLOCK
        {
            write_block(new, &self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    /// Writes what is left, and puts a new table in place.
    pub(super) fn finish(self, place: &IndexPlace) -> io::Result<()> {
        let Some(mut new) = self.new else {
            return append(place, &self.name, &self.block);
        };
        write_block(&mut new, &self.block)?;
        place.put(new, &self.name)
    }
}

fn append(place: &IndexPlace, name: &str, block: &[u8]) -> io::Result<()> {
    let file = place.open(name).ok_or(io::ErrorKind::NotFound)?;
    let before = file.metadata()?.len();
    let mut file = OpenOptions::new().append(true).open(place.path(name))?;
    write_block(&mut file, block).inspect_err(|_| {
        // Should cutting fail too, the checksum ends the table there.
        let _ = file.set_len(before);
    })
}

/// Writes a block with its length and its checksum.
pub(super) fn write_block(file: &mut impl Write, block: &[u8]) -> io::Result<()> {
    if block.is_empty() {
        return Ok(());
    }
    let len = u32::try_from(block.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = Vec::with_capacity(BLOCK_HEAD + block.len());
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.extend_from_slice(&checksum(block));
    bytes.extend_from_slice(block);
    file.write_all(&bytes)
}
