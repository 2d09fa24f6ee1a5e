//! The parts of a Word document, which is a zip archive of XML.

use super::{Piece, each_event};
use crate::formats::{FormatError, LARGEST_ARTICLE, decode};
use quick_xml::XmlVersion;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;
use zip::result::ZipError;

/// The most bytes of one part, unpacked. Marks take several times what the words do.
const LARGEST_PART: u64 = 4 * LARGEST_ARTICLE;
/// The most parts; a book with pictures has some thousands.
const MOST_PARTS: usize = 20_000;

pub(super) struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
}

fn damaged(error: impl std::fmt::Display) -> FormatError {
    FormatError::malformed(None, format!("it is no Word document: {error}"))
}

impl<'a> Parts<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MOST_PARTS {
            return Err(damaged(format!("it has more than {MOST_PARTS} parts")));
        }
        // Nothing is written anywhere, but who climbs out of an archive means no good.
        for name in archive.file_names() {
            let name = name.map_err(damaged)?;
            let climbs = name.split(['/', '\\']).any(|part| part == "..");
            if climbs || name.starts_with(['/', '\\']) {
                return Err(damaged(format!("its part “{name}” lies outside of it")));
            }
        }
        Ok(Self { archive })
    }

    /// The text of a part; `None` where there is no such part.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, FormatError> {
        let part = match self.archive.by_name(name) {
            Err(ZipError::FileNotFound) => return Ok(None),
            part => part.map_err(damaged)?,
        };
        let mut bytes = Vec::new();
        part.take(LARGEST_PART + 1).read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 > LARGEST_PART {
            return Err(damaged(format!("{name} is larger than {} MiB", LARGEST_PART >> 20)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Ok(Some(decode::decode(error.as_bytes(), None)?.text)),
        }
    }

    /// The name of the part with the text, which the archive says itself.
    pub(super) fn main(&mut self) -> Result<String, FormatError> {
        const USUAL: &str = "word/document.xml";
        const RELATIONS: &str = "_rels/.rels";
        let Some(xml) = self.text(RELATIONS)? else { return Ok(USUAL.to_owned()) };
        let mut main = None;
        each_event(&xml, RELATIONS, |piece| {
            let Piece::Start(start) = piece else { return Ok(()) };
            let value = |name| -> Option<String> {
                let attribute = start.try_get_attribute(name).ok().flatten()?;
                Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
            };
            if value("Type").is_some_and(|kind| kind.ends_with("/officeDocument")) {
                main = main.take().or(value("Target"));
            }
            Ok(())
        })?;
        let main = main.unwrap_or_else(|| USUAL.to_owned());
        Ok(main.trim_start_matches('/').to_owned())
    }
}
