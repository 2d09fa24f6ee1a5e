//! What exchange costs: the export of a project to every format and the import of one, in
//! megabytes of text a second, and the memory that they take.
//!
//!     cargo bench --no-default-features --bench formats [-- --articles 100000] [--dir DIR]
//!
//! Articles have 2 kB and twenty annotations; 20,000 of them unless told otherwise. What is
//! exported is read from a project's files, fitted, written, read back and compared, as
//! `copydesk export` does it. Reading alone is the format's reader without a project.
//! `--project DIR` takes a project that an earlier run made there, or makes it, and
//! `--only csv,brat` measures these formats alone.
//!
//! Beside the time stand the seconds that all cores worked for it, the system's share in
//! brackets: on a machine with other work to do they say more. Formats with a file for each
//! article can be no faster than the file system makes such files, and an import no faster
//! than the disk syncs them; rows called "floor" do nothing else. Nothing is removed before
//! the end, because ext4 gives the inodes of removed files out again only after a while, and
//! searches long for others until then.
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
use std::fs::{self, File, OpenOptions};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The bytes of one article's text.
const BYTES: usize = 2_000;
/// The megabytes of text a second that exchange has to reach.
const SPEED: f64 = 100.0;
/// The megabytes of memory that it may take.
const MEMORY: f64 = 300.0;

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
    let root = value("--project").map_or_else(|| place.path().join("project"), PathBuf::from);
    if !root.exists() {
        news::large_project(&root, articles, BYTES, Script::Latin);
    }
    let only = value("--only");
    let is_chosen = |id: &str| only.as_ref().is_none_or(|only| only.split(',').any(|it| it == id));
    let text = (articles * BYTES) as f64 / 1e6;
    println!("{articles} articles of {BYTES} bytes, {text:.0} MB of text");
    let mut is_missed = false;
    let mut tell = |what: &str, took: Took, is_held: bool| {
        let speed = text / took.time.as_secs_f64();
        let is_slow = speed < SPEED;
        let missed = is_held && (is_slow || took.memory.is_some_and(|most| most > MEMORY));
        is_missed |= missed;
        let missed = if missed { "  MISSED" } else { "" };
        println!("{what:34} {:8.2} s {speed:8.1} MB/s {took}{missed}", took.time.as_secs_f64());
    };
    for (what, folders) in [("floor: a file for each article", 1), ("floor: two files", 2)] {
        let names: Vec<_> =
            (0..folders).map(|at| place.path().join(format!("{at} {what}"))).collect();
        tell(what, Took::of(|| bare_files(&names, articles, false)), false);
    }
    let took = Took::of(|| bare_reading(&root));
    tell("floor: reading an article's files", took, false);
    let mut lines = None;
    for format in FORMATS.iter().filter(|format| format.writes.is_some() && is_chosen(format.id)) {
        let out = place.path().join(format!("out-{}", format.id));
        let took = Took::of(|| exported(&root, format, &out));
        tell(&format!("export {}", format.id), took, true);
        if format.id == "jsonl" {
            lines = Some(out);
        }
    }
    if let Some(lines) = lines {
        let took = Took::of(|| assert_eq!(read(&lines), articles));
        tell("read jsonl", took, true);
        let names = ["articles", "sets"].map(|name| place.path().join(name));
        let took = Took::of(|| bare_files(&names, articles, true));
        tell("floor: two files, each synced", took, false);
        let imports = place.path().join("imported");
        let took = Took::of(|| imported(&imports, &root, lines, articles));
        tell("import jsonl, every file synced", took, true);
    }
    if is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What something took.
struct Took {
    time: Duration,
    /// The seconds that all cores worked: for the program, and in the system.
    work: Option<(f64, f64)>,
    /// The most megabytes that were resident.
    memory: Option<f64>,
}

impl Took {
    fn of(act: impl FnOnce()) -> Self {
        // Linux forgets the peak of a process that asks for it.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (before, began) = (worked(), Instant::now());
        act();
        let time = began.elapsed();
        let work = worked().zip(before);
        let work = work.map(|((user, system), (was, before))| (user - was, system - before));
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
        let memory = kilobytes.map(|kilobytes: f64| kilobytes / 1000.0);
        Self { time, work, memory }
    }
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.work {
            None => write!(f, "work unknown")?,
            Some((user, system)) => write!(f, "{:6.2} s of work ({system:.2})", user + system)?,
        }
        match self.memory {
            None => write!(f, ", memory unknown"),
            Some(memory) => write!(f, ", {memory:4.0} MB of memory"),
        }
    }
}

/// The seconds that this process has worked, and that the system has for it, in steps of a
/// hundredth; Linux alone tells.
fn worked() -> Option<(f64, f64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut seconds = || Some(fields.next()?.parse::<f64>().ok()? / 100.0);
    Some((seconds()?, seconds()?))
}

/// Makes a file of an article's size for each article in each folder, and has them on the
/// disk: one after the other, eight at a time, or with the whole file system in one go.
fn bare_files(folders: &[PathBuf], articles: usize, is_each_synced: bool) {
    let bytes = vec![b'x'; BYTES];
    let path = |folder: &Path, number: usize| folder.join(format!("article-{number:06}.txt"));
    for folder in folders {
        fs::create_dir(folder).unwrap();
        (0..articles).for_each(|number| fs::write(path(folder, number), &bytes).unwrap());
    }
    if is_each_synced {
        let next = AtomicUsize::new(0);
        let sync = || {
            while let number = next.fetch_add(1, Ordering::Relaxed)
                && number < articles
            {
                for folder in folders {
                    let file = OpenOptions::new().write(true).open(path(folder, number));
                    file.unwrap().sync_all().unwrap();
                }
            }
        };
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(sync))));
    } else {
        sync_everything(&folders[0]);
    }
}

/// Reads each article's own file, the first annotator's and its history, on all cores, and
/// does nothing with them: no export of the project can be faster.
fn bare_reading(root: &Path) {
    let Opened { folder, project, .. } = ProjectFolder::open(root).unwrap();
    let ids = folder.article_ids().unwrap().0;
    let annotator = project.annotators[0].as_str();
    let folders = ["articles".to_owned(), format!("annotations/{annotator}")];
    let folders = [&folders[..], &[format!("history/{annotator}")]].concat();
    let next = AtomicUsize::new(0);
    let read = || {
        while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
            for folder in &folders {
                fs::read(root.join(folder).join(format!("{id}.ron"))).unwrap();
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(read))));
}

#[cfg(target_os = "linux")]
fn sync_everything(folder: &Path) {
    rustix::fs::syncfs(File::open(folder).unwrap()).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn sync_everything(_: &Path) {}

fn exported(root: &Path, format: &'static formats::Format, out: &Path) {
    let Opened { folder, project, .. } = ProjectFolder::open(root).unwrap();
    let request = ExportRequest {
        format,
        whose: Whose::Annotator(project.annotators[0].clone()),
        only: None,
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
