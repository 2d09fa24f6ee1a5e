//! Files that mean no good, or that a broken copy left: an error that names the place, in
//! bounded time and memory. `docs/FORMATS.md` lists which test shows what.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::formats::{
    Document, FORMATS, Format, FormatError, Input, Read as Found, ReadOptions, Reader,
    WriteOptions, by_id,
};
use copydesk::model::State;
use copydesk::session::Action;
use copydesk::session::export::{ExportRequest, Whose, export};
use copydesk::store::{Opened, ProjectFolder};
use peak_alloc::PeakAlloc;
use std::fs;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use support::{label, range};
use zip::write::{SimpleFileOptions, ZipWriter};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test waits for the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(id: &str, bytes: &[u8]) -> Result<Found, FormatError> {
    by_id(id).unwrap().read(&Input::alone(bytes, "in/file"))
}

/// What is said of a file that gives nothing, with the line where there is one.
fn refusal(id: &str, bytes: &[u8]) -> FormatError {
    match read(id, bytes) {
        Err(error) => error,
        Ok(found) => {
            assert!(found.documents.is_empty(), "{id}: {:?}", found.documents);
            found.refused.into_iter().next().unwrap_or_else(|| panic!("{id} says nothing"))
        }
    }
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_refused_before_it_fills_the_memory() {
    let _alone = alone();
    let bomb = {
        // Two gigabytes of blanks in two megabytes.
        let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
        archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        let blanks = vec![b' '; 1 << 20];
        (0..2048).for_each(|_| archive.write_all(&blanks).unwrap());
        archive.finish().unwrap().into_inner()
    };
    MEMORY.reset_peak_usage();
    let began = Instant::now();
    let error = refusal("docx", &bomb).to_string();
    assert!(error.contains("MiB"), "{error}");
    assert!(MEMORY.peak_usage_as_mb() < 1100.0, "{} MB", MEMORY.peak_usage_as_mb());
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_path_that_climbs_out_of_an_archive_is_refused() {
    let main = b"<w:document xmlns:w=\"w\"><w:body/></w:document>".as_slice();
    for name in ["../evil", "word/../../evil", "/etc/evil"] {
        let error = refusal("docx", &archive(&[("word/document.xml", main), (name, b"")]));
        assert!(error.to_string().contains("outside"), "{name}: {error}");
    }
}

#[test]
fn json_ten_thousand_levels_deep_is_refused_by_line() {
    const DEEP: usize = 10_000;
    let (open, close) = ("[".repeat(DEEP), "]".repeat(DEEP));
    let objects = "{\"a\":".repeat(DEEP) + "1" + &"}".repeat(DEEP);
    for inner in [format!("{open}{close}"), open, objects] {
        // Prodigy's reader passes over fields that it does not know, however deep.
        for (id, field) in [("jsonl", "x"), ("doccano", "x"), ("prodigy", "spans")] {
            let line = format!("\n{{\"text\": \"Ali fled\", \"{field}\": {inner}}}\n");
            assert_eq!(refusal(id, line.as_bytes()).line(), Some(2), "{id}");
        }
        let tasks = format!("[\n{{\"data\": {{\"text\": {inner}}}}}]");
        assert_eq!(refusal("label-studio", tasks.as_bytes()).line(), Some(2));
        for id in ["cas-json", "w3c"] {
            let file = format!("{{\n\"%TYPES\": {inner}, \"@context\": {inner}}}");
            assert_eq!(refusal(id, file.as_bytes()).line(), Some(2), "{id}");
        }
    }
}

#[test]
fn xml_that_expands_entities_is_refused() {
    let mut laughs = "<!ENTITY a0 \"ha\">\n".to_owned();
    for level in 1..20 {
        let below = format!("&a{};", level - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{level} \"{below}\">\n"));
    }
    let declared = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE x [\n{laughs}]>\n");
    let xmi = format!("{declared}<xmi:XMI xmlns:xmi='http://www.omg.org/XMI'>&a19;</xmi:XMI>");
    let error = refusal("cas-xmi", xmi.as_bytes());
    assert!(error.line().is_some() && error.to_string().contains("document type"), "{error}");
    let main = format!("{declared}<w:document xmlns:w=\"w\"><w:body>&a19;</w:body></w:document>");
    let error = refusal("docx", &archive(&[("word/document.xml", main.as_bytes())]));
    assert!(error.to_string().contains("document type"), "{error}");
    // A web page knows no entities of its own: they are text, and stay as short as they are.
    let page = format!(
        "{declared}<html><body><article><p>{}</p></article></body></html>",
        "One &a19; two. ".repeat(40)
    );
    if let Ok(found) = read("html", page.as_bytes()) {
        assert!(found.documents.iter().all(|found| found.text.len() < 2 * page.len()));
    }
}

/// A file that was never written: some bytes, and then one letter for as long as is asked.
struct Endless {
    head: Vec<u8>,
    at: u64,
    len: u64,
    buffer: Vec<u8>,
}

impl Endless {
    fn new(head: &str, len: u64) -> Self {
        Self { head: head.as_bytes().to_vec(), at: 0, len, buffer: Vec::new() }
    }
}

impl BufRead for Endless {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = usize::try_from(self.len - self.at).unwrap().min(1 << 16);
        self.buffer.clear();
        let head = self.head.get(usize::try_from(self.at).unwrap()..).unwrap_or_default();
        self.buffer.extend(head.iter().take(left));
        self.buffer.resize(left, b'a');
        Ok(&self.buffer)
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes as u64;
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
            SeekFrom::End(by) => self.len.checked_add_signed(by).unwrap(),
        };
        Ok(self.at)
    }
}

/// Files of records may be larger than the memory, so a line of one may be, too. Files that
/// are read whole are refused by their size before they are opened.
#[test]
fn a_line_of_two_gigabytes_is_refused_in_bounded_memory() {
    let _alone = alone();
    for (id, head, line) in [
        ("jsonl", "{\"text\": \"One\"}\n{\"text\": \"", Some(2)),
        ("doccano", "{\"text\": \"One\", \"label\": []}\n{\"text\": \"", Some(2)),
        ("prodigy", "{\"text\": \"One\"}\n{\"text\": \"", Some(2)),
        ("label-studio", "[\n{\"data\": {\"text\": \"", Some(2)),
        ("conll", "-DOCSTART- O\nOne O\n\n", Some(4)),
        ("csv", "id,text\n1,One\n2,", Some(3)),
        ("spacy", "", None),
        ("huggingface", "", None),
    ] {
        MEMORY.reset_peak_usage();
        let began = Instant::now();
        let Some(Reader::Records(reader)) = by_id(id).unwrap().reads else { panic!("{id}") };
        let mut source = Endless::new(head, 2 << 30);
        let mut found = Found::default();
        let ended = reader(&mut source, "in/file", &ReadOptions::USUAL, &mut found);
        let error = found.refused.into_iter().next().or(ended.err()).unwrap();
        if line.is_some() {
            assert_eq!(error.line(), line, "{id}: {error}");
        }
        let peak = MEMORY.peak_usage_as_mb();
        assert!(peak < 1100.0, "{id}: {peak} MB");
        assert!(began.elapsed() < Duration::from_secs(60), "{id}: {:?}", began.elapsed());
    }
}

/// Files by their paths.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// The files of the exports of a small project, by format.
fn exports() -> Vec<(&'static Format, Files)> {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    support::project(&root);
    let mut session = support::session(&root);
    session.perform(Action::LabelRange(label("actor"), range("Several militants")));
    session.perform(Action::SetState(State::Done));
    session.wait_until_saved();
    let Opened { folder, project, .. } = ProjectFolder::open(&root).unwrap();
    let mut exports = Vec::new();
    for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
        let out = temporary.path().join(format.id);
        let request = ExportRequest {
            format,
            whose: Whose::All,
            only: None,
            unfinished: false,
            is_strict: false,
            split: None,
            options: WriteOptions::new(project.schema.clone()),
            out: out.clone(),
        };
        export(&folder, &request, &mut |_| ControlFlow::Continue(()), &mut |_| {}).unwrap();
        let mut files = Vec::new();
        collect(&out, &mut files);
        exports.push((format, files));
    }
    exports
}

fn collect(path: &Path, files: &mut Files) {
    if path.is_file() {
        return files.push((path.to_owned(), fs::read(path).unwrap()));
    }
    for entry in fs::read_dir(path).unwrap() {
        collect(&entry.unwrap().path(), files);
    }
}

/// Formats of lines that stand for themselves: what is left of them is whole.
const OF_LINES: [&str; 3] = ["brat", "conll", "webanno-tsv"];

#[test]
fn a_file_that_is_cut_anywhere_is_refused_or_gives_a_part_of_itself() {
    let _alone = alone();
    for (format, files) in exports() {
        for (path, bytes) in &files {
            let name = path.to_string_lossy();
            let is_records = format.is_main(&name) && !name.ends_with("manifest.json");
            if !is_records || name.ends_with("label_config.json") {
                continue;
            }
            let folder = path.parent().unwrap();
            let beside = |name: &str| fs_of(&files, &folder.join(name));
            let read = |bytes: &[u8]| {
                let options = &ReadOptions::USUAL;
                format.read(&Input { bytes, path: &name, beside: &beside, options })
            };
            let whole = read(bytes).unwrap();
            let texts: Vec<_> = whole.documents.iter().map(|found| found.text.clone()).collect();
            for cut in (0..bytes.len()).step_by((bytes.len() / 97).max(1)) {
                let Ok(found) = read(&bytes[..cut]) else { continue };
                let is_of_lines = OF_LINES.contains(&format.id);
                let is_part = |(found, text): (&Document, &Arc<str>)| {
                    is_of_lines || text.starts_with(found.text.trim_end())
                };
                assert!(found.documents.iter().zip(&texts).all(is_part), "{name} at {cut}");
                let ends_a_record =
                    bytes[..cut].ends_with(b"\n") || bytes[cut..].starts_with(b"\n");
                let is_told = !found.refused.is_empty() || !found.warnings.is_empty();
                let is_less = found.documents.len() < whole.documents.len();
                assert!(
                    is_told || is_less || ends_a_record || is_of_lines,
                    "{name} cut at {cut} of {} reads as if it were whole",
                    bytes.len()
                );
            }
        }
    }
}

fn fs_of(files: &[(PathBuf, Vec<u8>)], path: &Path) -> Option<Vec<u8>> {
    files.iter().find(|(known, _)| known == path).map(|(_, bytes)| bytes.clone())
}
