//! Reading a model's own tokenizer from its file, for the command line and the window.
//!
//! What the bytes mean is the affair of `formats::learned`.

use crate::formats::TokenizerFile;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most bytes of a tokenizer's file; the largest known have a tenth of it.
const LARGEST: u64 = 256 << 20;

/// Reads a `tokenizer.json`; O(n), and seconds for the largest.
///
/// # Errors
/// What is wrong with the file, after its name, for people to read.
pub fn read_tokenizer(path: &Path) -> Result<TokenizerFile, String> {
    let failure = |why: String| format!("{}: {why}", path.display());
    let unreadable = |error: io::Error| failure(format!("{error}; name a tokenizer.json"));
    let file = File::open(path).map_err(unreadable)?;
    // Reading a pipe would wait for its other end for ever.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(failure("it is no file; name a tokenizer.json".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(failure("it is too large for a tokenizer; name a tokenizer.json".to_owned()));
    }
    TokenizerFile::read(&bytes).map_err(|error| failure(error.to_string()))
}
