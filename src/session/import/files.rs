//! Reads one file that was found: with the format of its ending or content, in one go or
//! record by record, and with the files that lie beside it.

use super::gather::FoundFile;
use super::{Refusal, io_words};
use crate::formats::{
    self, Format, FormatError, HEAD, Input, LARGEST_ARTICLE, ReadOptions, Reader, Sink, Warning,
};
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Component, Path, PathBuf};

/// The bytes that are read at once of a file of records.
const BUFFER: usize = 1 << 20;

/// How to read.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    /// As which format; `None` to choose by ending and content.
    pub(super) format: Option<&'static Format>,
    pub(super) options: &'a ReadOptions,
}

/// Reads a file and gives what is in it to the sink.
pub(super) fn read_file(
    file: &FoundFile,
    manner: Manner<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Refusal> {
    let mut opened = File::open(&file.path)?;
    let mut head = Vec::with_capacity(HEAD);
    (&mut opened).take(HEAD as u64).read_to_end(&mut head)?;
    let format = manner.format.or(file.configures);
    let format = format.unwrap_or_else(|| formats::choose(&file.name, &head));
    if let Some(Reader::Records(read)) = format.reads {
        opened.rewind()?;
        let mut source = BufReader::with_capacity(BUFFER, opened);
        return Ok(read(&mut source, &file.name, manner.options, sink)?);
    }
    if opened.metadata()?.len() > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge.into());
    }
    let mut bytes = head;
    // One byte more than allowed tells a file that grows while it is read.
    let left = (LARGEST_ARTICLE + 1).saturating_sub(bytes.len() as u64);
    opened.take(left).read_to_end(&mut bytes)?;
    let beside = |name: &str| beside(file, name);
    let input = Input { bytes: &bytes, path: &file.name, beside: &beside, options: manner.options };
    give(format.read(&input)?, sink);
    Ok(())
}

/// Reads a text that is no file.
pub(super) fn read_text(
    text: &str,
    manner: Manner<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Refusal> {
    let format = manner.format.unwrap_or_else(|| formats::choose("", text.as_bytes()));
    let nothing = |_: &str| None;
    let options = manner.options;
    let input = Input { bytes: text.as_bytes(), path: "", beside: &nothing, options };
    give(format.read(&input)?, sink);
    Ok(())
}

fn give(read: formats::Read, sink: &mut dyn Sink) {
    let formats::Read { documents, warnings, refused, outline } = read;
    sink.outline(outline);
    warnings.into_iter().for_each(|warning: Warning| sink.warn(warning));
    refused.into_iter().for_each(|error| sink.refuse(error));
    for document in documents {
        if sink.document(document).is_break() {
            break;
        }
    }
}

/// The bytes of a file by its path from the one that is read. Links are not followed, and
/// nothing outside of the folder that is imported is given.
fn beside(file: &FoundFile, name: &str) -> Option<Vec<u8>> {
    let path = within(&file.root, file.path.parent()?, name)?;
    let metadata = fs::symlink_metadata(&path).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST_ARTICLE {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LARGEST_ARTICLE + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn within(root: &Path, folder: &Path, name: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir if path.as_path() != root => {
                path.pop();
            }
            _ => return None,
        }
    }
    path.starts_with(root).then_some(path)
}

impl From<FormatError> for Refusal {
    fn from(error: FormatError) -> Self {
        Self { line: error.line(), why: error.to_string() }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self { line: None, why: io_words(&error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_folder_that_is_imported_is_given() {
        let (root, folder) = (Path::new("in"), Path::new("in/alice"));
        let reach = |name: &str| within(root, folder, name);
        assert_eq!(reach("../a.txt"), Some(PathBuf::from("in/a.txt")));
        assert_eq!(reach("./a.txt"), Some(PathBuf::from("in/alice/a.txt")));
        for name in ["../../a.txt", "/etc/passwd", "../../in/../../a.txt"] {
            assert_eq!(reach(name), None, "{name}");
        }
    }
}
