//! Every reader of an exchange format, given mangled files: no panic and no hang.
//!
//! Real exports are cut, repeated, mixed and filled with what breaks readers.
//! `COPYDESK_FUZZ=600 cargo test --release --no-default-features --test fuzz_formats` goes
//! on for so many seconds; the target `formats` in `fuzz/` looks for new paths.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::formats::{FORMATS, Input, ReadOptions, WriteOptions};
use copydesk::session::Action;
use copydesk::session::export::{ExportRequest, Whose, export};
use copydesk::store::{Opened, ProjectFolder};
use std::collections::HashSet;
use std::fs;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{label, range};
use zip::write::{SimpleFileOptions, ZipWriter};

/// When one reading counts as hung, even on a busy machine; the files have a few kilobytes.
const LONGEST: Duration = Duration::from_secs(60);

/// How many files are enough to give some to every reader, however few a machine reads in
/// the time.
const ENOUGH: usize = 20_000;

/// What breaks readers.
const SPICES: [&[u8]; 14] = [
    b"\0",
    b"\xff\xfe",
    b"\xf0\x9f\x9a\x93",
    b"\r\n",
    b"-1",
    b"99999999999999999999",
    b"{\"a\":",
    b"[[[[[[[[[[[[[[[[",
    b"<!ENTITY a \"&a;&a;\">",
    b"</",
    b"\"\\ud83d\"",
    b"NaN",
    b"\t\t\t",
    b"PK\x03\x04",
];

/// Every file of the exports of a small project, each with its path.
fn seeds() -> Vec<(PathBuf, Vec<u8>)> {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    support::project(&root);
    let mut session = support::session(&root);
    for (name, words) in [("actor", "Several militants"), ("location", "Karachi’s old town")] {
        session.perform(Action::LabelRange(label(name), range(words)));
    }
    session.wait_until_saved();
    let Opened { folder, project, .. } = ProjectFolder::open(&root).unwrap();
    let mut files = Vec::new();
    for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
        let out = temporary.path().join(format.id);
        let request = ExportRequest {
            format,
            whose: Whose::All,
            only: None,
            unfinished: true,
            is_strict: false,
            split: None,
            options: WriteOptions::new(project.schema.clone()),
            out: out.clone(),
        };
        export(&folder, &request, &mut |_| ControlFlow::Continue(()), &mut |_| {}).unwrap();
        collect(&out, &mut files);
    }
    assert!(files.len() > FORMATS.len());
    files.extend(texts());
    files
}

/// Files of the formats that are only read.
fn texts() -> Vec<(PathBuf, Vec<u8>)> {
    let page = "<!DOCTYPE html><html lang=\"en\"><head><title>Raid</title></head><body><article>\
                <h1>Raid</h1><p>Gunmen stormed a camp &amp; fled.</p></article></body></html>";
    let notes =
        "---\ntitle: Raid\ndate: 2023-02-17\n---\n# Raid\n\nGunmen *stormed* a [camp](x).\n";
    let main = "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>Gunmen fled</w:t></w:r></w:p>\
                </w:body></w:document>";
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(main.as_bytes()).unwrap();
    let document = archive.finish().unwrap().into_inner();
    let pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
               2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
               3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R\
               /Resources<</Font<</F 5 0 R>>>>>>endobj\n\
               4 0 obj<</Length 40>>stream\nBT /F 12 Tf 9 99 Td (Gunmen fled) Tj ET\nendstream endobj\n\
               5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
               trailer<</Root 1 0 R>>";
    let files: [(&str, &[u8]); 5] = [
        ("in/a.txt", b"Raid\r\n\r\nGunmen fled"),
        ("in/a.html", page.as_bytes()),
        ("in/a.md", notes.as_bytes()),
        ("in/a.docx", &document),
        ("in/a.pdf", pdf.as_bytes()),
    ];
    files.map(|(path, bytes)| (path.into(), bytes.to_vec())).into()
}

fn collect(path: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    if path.is_file() {
        files.push((path.to_owned(), fs::read(path).unwrap()));
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        collect(&entry.unwrap().path(), files);
    }
}

fn mangle(random: &mut fastrand::Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..random.usize(1..5) {
        let at = random.usize(..=bytes.len());
        match random.u8(0..6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, SPICES[random.usize(..SPICES.len())].iter().copied())),
            2 => {
                let end = (at + random.usize(1..40)).min(bytes.len());
                drop(bytes.drain(at..end));
            }
            3 => {
                let end = (at + random.usize(1..200)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            4 if at < bytes.len() => bytes[at] ^= 1 << random.u8(0..8),
            _ => {
                let from = random.usize(..=other.len());
                let end = (from + random.usize(1..200)).min(other.len());
                drop(bytes.splice(at..at, other[from..end].iter().copied()));
            }
        }
    }
}

fn seconds() -> u64 {
    std::env::var("COPYDESK_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

#[test]
fn no_mangled_file_brings_a_reader_down() {
    let seeds = seeds();
    let mut random = fastrand::Rng::with_seed(20_261_123);
    let began = Instant::now();
    let options = ReadOptions::default();
    let time = Duration::from_secs(seconds());
    let (mut tries, mut read, mut met) = (0_usize, 0_usize, HashSet::new());
    // A slow machine goes on until it has seen as much as the test asks for.
    while began.elapsed() < time || (tries < ENOUGH && (met.len() < FORMATS.len() || read <= 100)) {
        tries += 1;
        let (path, seed) = &seeds[random.usize(..seeds.len())];
        let (_, other) = &seeds[random.usize(..seeds.len())];
        let mut bytes = seed.clone();
        mangle(&mut random, &mut bytes, other);
        let path = path.to_string_lossy();
        let beside = |_: &str| Some(other.clone());
        let by_name: Vec<_> = FORMATS.iter().filter(|format| format.is_main(&path)).collect();
        let format = match by_name.is_empty() || random.u8(..8) == 0 {
            true => &FORMATS[random.usize(..FORMATS.len())],
            false => by_name[random.usize(..by_name.len())],
        };
        let input = Input { bytes: &bytes, path: "in/file", beside: &beside, options: &options };
        let start = Instant::now();
        let found = format.read(&input);
        met.insert(format.id);
        assert!(start.elapsed() < LONGEST, "{}: {:?}", format.id, start.elapsed());
        read += found.map_or(0, |found| found.documents.len());
    }
    assert_eq!(met.len(), FORMATS.len(), "every reader of the table is given some: {met:?}");
    assert!(read > 100, "most of a mangled file can still be read: {read}");
}
