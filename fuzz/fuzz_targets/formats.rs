//! Fuzzes the readers of exchange formats; see `fuzz/README.md`. The first byte says which
//! one, the rest is the file, and the file beside it.

#![no_main]

use copydesk::formats::{FORMATS, Input, ReadOptions};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let format = &FORMATS[usize::from(*which) % FORMATS.len()];
    // What lies beside a file is found for readers that ask: brat's text, a type system.
    let beside = |_: &str| Some(bytes.to_vec());
    let options = ReadOptions::default();
    let input = Input { bytes, path: "in/file", beside: &beside, options: &options };
    let _ = format.read(&input);
});
