//! What exchange costs: the export of a project to every format and the import of one, in
//! megabytes of text a second, and the memory that they take.
//!
//!     cargo bench --no-default-features --bench formats [-- --articles 100000] [--dir DIR]
//!
//! Articles have 2 kB and twenty annotations; 20,000 of them unless told otherwise. What is
//! exported is read from a project's files, fitted, written, read back and compared, as
//! `copydesk export` does it. Reading alone is the format's reader without a project.
//! Exits with 1 where a limit is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod news;

use copydesk::formats::{
    self, Document, FORMATS, FormatError, Reader, Sink, Warning, WriteOptions,
};
use copydesk::model::{AnnotatorName, Project};
use copydesk::session::export::{ExportRequest, Whose, export};
use copydesk::session::import::{ImportRequest, import};
use copydesk::store::{Opened, ProjectFolder};
use news::Script;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The bytes of one article's text.
const BYTES: usize = 2_000;
/// The megabytes of text a second that exchange has to reach.
const SPEED: f64 = 100.0;
/// The megabytes of memory that it may take.
const MEMORY: f64 = 300.0;

#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let articles = value("--articles").map_or(20_000, |number| number.parse().unwrap());
    let place = match value("--dir") {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let root = place.path().join("project");
    news::large_project(&root, articles, BYTES, Script::Latin);
    let text = (articles * BYTES) as f64 / 1e6;
    println!("{articles} articles of {BYTES} bytes, {text:.0} MB of text");
    let mut is_missed = false;
    let mut tell = |what: &str, time: Duration, is_held: bool| {
        let speed = text / time.as_secs_f64();
        let memory = PEAK.peak_usage_as_mb();
        let missed = is_held && (speed < SPEED || f64::from(memory) > MEMORY);
        is_missed |= missed;
        let missed = if missed { "  MISSED" } else { "" };
        println!(
            "{what:28} {:8.2} s {speed:8.1} MB/s {memory:6.0} MB of memory{missed}",
            time.as_secs_f64()
        );
    };
    let mut lines = None;
    for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
        let out = place.path().join(format!("out-{}", format.id));
        PEAK.reset_peak_usage();
        let began = Instant::now();
        exported(&root, format, &out);
        tell(&format!("export {}", format.id), began.elapsed(), true);
        if format.id == "jsonl" {
            lines = Some(out);
        } else if out.is_dir() {
            fs::remove_dir_all(out).unwrap();
        } else {
            fs::remove_file(out).unwrap();
        }
    }
    let lines = lines.unwrap();
    PEAK.reset_peak_usage();
    let began = Instant::now();
    assert_eq!(read(&lines), articles);
    tell("read jsonl", began.elapsed(), true);
    PEAK.reset_peak_usage();
    let began = Instant::now();
    imported(&place.path().join("imported"), &root, lines, articles);
    tell("import jsonl, every file synced", began.elapsed(), true);
    if is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn exported(root: &Path, format: &'static formats::Format, out: &Path) {
    let Opened { folder, project, .. } = ProjectFolder::open(root).unwrap();
    let request = ExportRequest {
        format,
        whose: Whose::Annotator(project.annotators[0].clone()),
        unfinished: true,
        is_strict: false,
        split: None,
        options: WriteOptions::new(project.schema),
        out: out.to_owned(),
    };
    export(&folder, &request, &mut |_| ControlFlow::Continue(()), &mut |_| {}).unwrap();
}

/// Counts what a reader finds.
#[derive(Default)]
struct Counting(usize);

impl Sink for Counting {
    fn document(&mut self, _: Document) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }

    fn warn(&mut self, warning: Warning) {
        panic!("{warning}");
    }

    fn refuse(&mut self, error: FormatError) {
        panic!("{error}");
    }

    fn outline(&mut self, _: formats::Outline) {}
}

fn read(lines: &Path) -> usize {
    let Some(Reader::Records(reader)) = formats::by_id("jsonl").unwrap().reads else {
        panic!("lines are records")
    };
    let mut counting = Counting::default();
    let mut source = BufReader::new(File::open(lines).unwrap());
    reader(&mut source, "lines.jsonl", &formats::ReadOptions::default(), &mut counting).unwrap();
    counting.0
}

fn imported(root: &Path, from: &Path, lines: PathBuf, articles: usize) {
    let Opened { project, .. } = ProjectFolder::open(from).unwrap();
    let annotators: Vec<AnnotatorName> = Vec::new();
    let project = Project { name: "imported".to_owned(), annotators, schema: project.schema };
    let folder = ProjectFolder::create(root, &project).unwrap();
    let mut request = ImportRequest::of_paths([lines]);
    request.format = formats::by_id("jsonl");
    let mut known = HashMap::new();
    let report = import(&folder, &request, &mut known, &mut |_| ControlFlow::Continue(()));
    assert_eq!(report.imported().count(), articles);
}
