//! What saving costs: from an edit to its line being on disk, for sets of any size, and
//! what an hour of edits leaves behind.
//!
//!     cargo bench --all-features --bench saving [-- --dir DIR]
//!
//! Works in a temporary folder, or one in DIR, which should be on the disk that is meant.
//! The disk's own sync is measured in the same run. Exits with 1 where a limit is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod news;

use copydesk::model::{AnnotationId, ArticleId};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{LARGE_HISTORY, ProjectFolder, Writer};
use news::Script;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an edit may take beyond the disk's own sync, in the middle.
const BEYOND_SYNC: Duration = Duration::from_millis(5);
/// What an edit may take on the window's thread, in the middle.
const ON_THE_WINDOW: Duration = Duration::from_millis(1);
/// A frame at sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// The edits of each series.
const EDITS: usize = 300;
/// The steps of years.
const STEPS: usize = 100_000;
/// An hour of one edit a second.
const HOUR: usize = 3_600;

#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let at = words.iter().position(|word| word == "--dir");
    let place = match at.and_then(|at| words.get(at + 1)) {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let mut report = Report { is_missed: false };
    for annotations in [300, 10_000, 100_000] {
        edits(&place.path().join(annotations.to_string()), annotations, &mut report);
    }
    hour(&place.path().join("hour"), &mut report);
    compaction(&place.path().join("years"), &mut report);
    if report.is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Times in order.
struct Times(Vec<Duration>);

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    fn late(&self) -> Duration {
        self.0[self.0.len() * 99 / 100]
    }
}

struct Report {
    is_missed: bool,
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

impl Report {
    /// Times that have no limit.
    fn told(&self, what: &str, times: &Times) {
        let (median, late) = (ms(times.median()), ms(times.late()));
        println!("{what:<62} {median:>8.2} / {late:>7.2} ms");
    }

    /// Times whose median has one.
    fn times(&mut self, what: &str, times: &Times, limit: Duration) {
        let (median, late) = (ms(times.median()), ms(times.late()));
        let limit = ms(limit);
        let verdict = if median <= limit { "ok" } else { "MISSED" };
        self.is_missed |= median > limit;
        println!("{what:<62} {median:>8.2} / {late:>7.2} ms   limit {limit:>6.2} ms   {verdict}");
    }
}

/// A plain file, for what appending and syncing a line takes without this program.
struct Plain(File);

impl Plain {
    fn in_folder(folder: &Path) -> Self {
        let path = folder.join("plain");
        Self(OpenOptions::new().append(true).create(true).open(path).unwrap())
    }

    fn sync(&mut self) -> Duration {
        let began = Instant::now();
        self.0.write_all(&[b'x'; 400]).unwrap();
        self.0.sync_all().unwrap();
        began.elapsed()
    }
}

fn open(root: &Path) -> Session {
    let mut session = Session::open(root, None, Arc::new(|| {})).unwrap();
    session.perform(Action::OpenArticle(article()));
    assert!(session.set().is_some());
    session
}

fn article() -> ArticleId {
    ArticleId::new("a").unwrap()
}

/// What an edit takes on the calling thread, and until it is durable.
fn edit(session: &mut Session, number: usize) -> (Duration, Duration) {
    let before = session.durable().0;
    let id = AnnotationId(number as u64 % 200 + 1);
    let began = Instant::now();
    session.try_perform(Action::SetNote(id, format!("Edit {number}"))).unwrap();
    let performed = began.elapsed();
    loop {
        if let (count, Some(at)) = session.durable()
            && count > before
        {
            return (performed, at - began);
        }
        std::thread::sleep(Duration::from_micros(20));
    }
}

fn edits(root: &Path, annotations: usize, report: &mut Report) {
    let text = news::text(Script::Latin, annotations * 100 + 200);
    news::project(root, &[("a", &text)]);
    let mut session = open(root);
    session.wait_for_history();
    let named = |what: &str| format!("{annotations} annotations: {what}");
    let first = edit(&mut session, 0);
    report.told(&named("the first edit, to durable"), &Times::of(vec![first.1]));
    let mut plain = Plain::in_folder(root);
    let (mut performed, mut durable, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..EDITS {
        let took = edit(&mut session, number);
        performed.push(took.0);
        durable.push(took.1);
        syncs.push(plain.sync());
    }
    let (performed, durable, syncs) = (Times::of(performed), Times::of(durable), Times::of(syncs));
    report.told(&named("the disk's own sync in between"), &syncs);
    let limit = syncs.median() + BEYOND_SYNC;
    report.times(&named("an edit, to durable"), &durable, limit);
    report.times(&named("the same, on the calling thread"), &performed, ON_THE_WINDOW);
    let began = Instant::now();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    report.told(&named("the annotation file"), &Times::of(vec![began.elapsed()]));
    let busy = (0..EDITS).map(|number| {
        session.hurry_saving();
        std::thread::sleep(Duration::from_millis(1));
        edit(&mut session, EDITS + number).1
    });
    let busy = Times::of(busy.collect());
    report.times(&named("to durable, the file being written"), &busy, limit);
    session.wait_until_saved();
}

/// An hour of one edit a second, as fast as they can be saved, and the article opened with
/// what they left.
fn hour(root: &Path, report: &mut Report) {
    let text = news::text(Script::Latin, 1_000 * 100 + 200);
    news::project(root, &[("a", &text)]);
    let mut session = open(root);
    for number in 0..HOUR {
        // Now and then something is taken back.
        if number % 20 == 19 {
            session.perform(Action::Command(CommandId::Undo));
        } else {
            let id = AnnotationId(number as u64 % 900 + 1);
            session.try_perform(Action::SetNote(id, format!("Edit {number}"))).unwrap();
        }
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let history = root.join("history").join(news::annotator().as_str()).join("a.ron");
    let bytes = std::fs::metadata(&history).unwrap().len();
    println!("{:<62} {:>8.2} MB", "an hour of edits: its history", bytes as f64 / 1e6);
    report.times("an hour of edits: the article opened with it", &opened(root), FRAME);
    let read = (0..5).map(|_| {
        let mut session = open(root);
        let began = Instant::now();
        session.wait_for_history();
        assert!(session.history().undoable() > HOUR / 2);
        began.elapsed()
    });
    let read = Times::of(read.collect());
    report.told("an hour of edits: everything undoable, in the background", &read);
    std::fs::remove_dir_all(root.join("history")).unwrap();
    report.told("the same article opened without a history", &opened(root));
}

fn opened(root: &Path) -> Times {
    let one = |_| {
        let mut session = Session::open(root, None, Arc::new(|| {})).unwrap();
        let began = Instant::now();
        session.perform(Action::OpenArticle(article()));
        let took = began.elapsed();
        assert!(session.set().is_some_and(|set| set.len() >= 900));
        took
    };
    Times::of((0..11).map(one).collect())
}

/// A history of a hundred thousand steps, as years in one article leave it, compacted.
fn compaction(root: &Path, report: &mut Report) {
    let text = news::text(Script::Latin, 1_000 * 100 + 200);
    news::project(root, &[("a", &text)]);
    let file = root.join("history").join(news::annotator().as_str()).join("a.ron");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let line = |number: usize| {
        format!(
            "(step: \"{:06}\", at: \"2026-11-23T09:12:44.120Z\", by: \"bench\", what: \"Mark\", \
             edits: [state({})], inverse: [state({})]){}\n",
            number + 1,
            if number.is_multiple_of(2) { "done" } else { "in_progress" },
            if number.is_multiple_of(2) { "in_progress" } else { "done" },
            " ".repeat(300),
        )
    };
    let before: String = (0..STEPS).map(line).collect();
    std::fs::write(&file, &before).unwrap();
    let set = root.join("annotations").join(news::annotator().as_str()).join("a.ron");
    let held = std::fs::read_to_string(&set).unwrap();
    let at = held.find("    step: ").unwrap();
    let end = at + held[at..].find('\n').unwrap();
    let mark = format!("    step: \"{STEPS:06}\",");
    std::fs::write(&set, format!("{}{mark}{}", &held[..at], &held[end..])).unwrap();
    let mb = before.len() as f64 / 1e6;
    println!("{:<62} {mb:>8.2} MB", format!("a history of {STEPS} steps"));
    let folder = ProjectFolder::open(root).unwrap().folder;
    // A session would compact it.
    report.told("article and set read with it", &set_read(&folder));
    let owner = (news::annotator(), article());
    PEAK.reset_peak_usage();
    let used = PEAK.current_usage();
    let began = Instant::now();
    assert!(folder.archive_history(Some(&owner), LARGE_HISTORY).unwrap());
    let archived = began.elapsed();
    let cut = Writer::new(folder.clone()).cut_history(Some(&owner)).unwrap().unwrap();
    let took = began.elapsed();
    report.told("older lines copied to an archive", &Times::of(vec![archived]));
    report.told("and cut off the history", &Times::of(vec![took - archived]));
    let peak = (PEAK.peak_usage() - used) as f64 / before.len() as f64;
    println!("{:<62} {peak:>8.2} times the history", "memory for both");
    report.is_missed |= peak > 3.0;
    let old = std::fs::read_to_string(root.join(cut.archive)).unwrap();
    assert!(old + &std::fs::read_to_string(&file).unwrap() == before, "the audit is another one");
    report.told("article and set read after that", &set_read(&folder));
    report.times("the article opened after that", &opened(root), FRAME);
}

fn set_read(folder: &ProjectFolder) -> Times {
    let one = |_| {
        let began = Instant::now();
        let article = Arc::new(folder.read_article(&article()).unwrap());
        folder.read_set(&article, &news::annotator()).unwrap();
        began.elapsed()
    };
    Times::of((0..11).map(one).collect())
}
