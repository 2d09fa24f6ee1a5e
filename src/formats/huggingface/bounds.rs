//! How much of a Parquet file is in memory at once.

use super::reading::damaged;
use crate::formats::error::FormatError;
use bytes::Bytes;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::{Page, PageReader};
use parquet::file::reader::{FileReader as _, SerializedFileReader};

/// The most rows that are unpacked at once, and about the bytes that they may take.
const ROWS: usize = 256;
const BATCH: u64 = 128 << 20;

/// How many rows are unpacked at once: as many as take [`BATCH`] where each has the longest
/// values of its columns. A value that a file has once may stand in every row, so a small
/// file can have rows that fill the memory together.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn rows_at_once(bytes: &Bytes) -> Result<usize, FormatError> {
    let file = SerializedFileReader::new(bytes.clone()).map_err(damaged)?;
    let mut rows = ROWS as u64;
    for (at, group) in file.metadata().row_groups().iter().enumerate() {
        let count = u64::try_from(group.num_rows()).unwrap_or(0).max(1);
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        let mut of_row = size(group.total_byte_size()) / count;
        for (at_column, column) in group.columns().iter().enumerate() {
            if column.column_type() != PhysicalType::BYTE_ARRAY {
                continue;
            }
            let longest = if column.encodings().any(|it| it == Encoding::DELTA_BYTE_ARRAY) {
                // A value is written as what differs from the one before.
                size(column.uncompressed_size())
            } else if column.dictionary_page_offset().is_some() {
                let pages =
                    file.get_row_group(at).and_then(|it| it.get_column_page_reader(at_column));
                longest_of_dictionary(&mut *pages.map_err(damaged)?)?
            } else {
                0
            };
            let values = size(column.num_values()).div_ceil(count);
            of_row = of_row.saturating_add(longest.saturating_mul(values));
        }
        rows = rows.min(BATCH / of_row.max(1));
    }
    Ok(usize::try_from(rows.max(1)).unwrap_or(1))
}

/// The bytes of the longest value of a column that is written as a list of its values: each
/// is its length, in four bytes, and its bytes.
fn longest_of_dictionary(pages: &mut dyn PageReader) -> Result<u64, FormatError> {
    let Some(Page::DictionaryPage { buf, .. }) = pages.get_next_page().map_err(damaged)? else {
        return Ok(0);
    };
    let (mut rest, mut longest) = (&buf[..], 0);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(length);
        rest = after.get(length as usize..).unwrap_or_default();
    }
    Ok(longest.into())
}
