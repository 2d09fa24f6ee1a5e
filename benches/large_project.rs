//! What a project of a hundred thousand articles costs: opening it, searching it, going
//! through it, counting it, and holding it in memory.
//!
//!     cargo bench --bench large_project [-- [--articles 100000] [--project DIR] [--schema]]
//!
//! Makes the project in a temporary folder unless one is given, which then must be one
//! that `generate_project` made. `--schema` renames a label in every set instead, and takes
//! that back; it writes every file of the project, which takes minutes. File caches are warm. Exits with 1 where a limit is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

mod news;

use copydesk::edit::Migration;
use copydesk::model::LabelId;
use copydesk::session::command::CommandId;
use copydesk::session::{Action, Filter, Session, Sort};
use news::Script;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A word of three syllables that no generated name is made of.
const NOWHERE: &str = "policewoman";
/// A frame at sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// Everything of the program that is measured here, in bytes.
const MOST_MEMORY: u64 = 300 << 20;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| word == flag);
        at.and_then(|at| words.get(at + 1))
    };
    if let Some(project) = after("--memory") {
        print_memory(Path::new(project));
        return ExitCode::SUCCESS;
    }
    let temporary = tempfile::tempdir().unwrap();
    let project = match after("--project") {
        Some(project) => PathBuf::from(project),
        None => {
            let articles = after("--articles").map_or(100_000, |number| number.parse().unwrap());
            let (made, project) = (Instant::now(), temporary.path().join("large"));
            news::large_project(&project, articles, 2_000, Script::Latin);
            println!("{articles} articles made in {:.1} s", made.elapsed().as_secs_f32());
            project
        }
    };
    let mut report = Report { is_missed: false };
    match words.iter().any(|word| word == "--schema") {
        true => rename_a_label(&project, &mut report),
        false => measure(&project, &mut report),
    }
    if report.is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Report {
    is_missed: bool,
}

impl Report {
    fn time(&mut self, what: &str, took: Duration, limit: Duration) {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        self.line(what, ms(took), ms(limit), "ms");
    }

    /// A time that nothing is promised of.
    fn free(&mut self, what: &str, took: Duration) {
        println!("{what:<52} {:>9.1} ms", took.as_secs_f64() * 1_000.0);
    }

    fn line(&mut self, what: &str, found: f64, limit: f64, unit: &str) {
        let verdict = if found <= limit { "ok" } else { "MISSED" };
        self.is_missed |= found > limit;
        println!("{what:<52} {found:>9.1} {unit}   limit {limit:>7.0} {unit}   {verdict}");
    }
}

fn measure(project: &Path, report: &mut Report) {
    let index = project.join(".copydesk");
    let _ = std::fs::remove_dir_all(&index);
    let began = Instant::now();
    let mut session = open(project);
    report.time("open without an index: first row", began.elapsed(), Duration::from_secs(1));
    session.wait_until_listed();
    report.time(
        "open without an index: every article read",
        began.elapsed(),
        Duration::from_secs(10),
    );
    let second = index.join("sets").join(news::annotators()[1].as_str());
    while !second.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    report.time("the same, the other annotator indexed", began.elapsed(), Duration::from_secs(20));
    drop(session);

    let (opened, closed) = open_and_close(project);
    report.time("open with the index: first row", opened, Duration::from_millis(300));
    report.time("closing it while its files are being compared", closed, Duration::from_secs(1));
    let checked = median(5, || open(project).wait_until_listed());
    report.time("open with the index: every file compared", checked, Duration::from_secs(1));

    let mut session = open(project);
    session.wait_until_listed();
    search(&mut session, report);
    walk(&mut session, report);
    session.wait_until_saved();
    drop(session);
    stats(project, report);
    memory(project, report);
}

fn open(project: &Path) -> Session {
    let mut session = Session::open(project, None, Arc::new(|| {})).unwrap();
    session.catalogue().visible();
    assert!(session.first_article().is_some());
    session
}

/// The medians of opening the project and of closing it again at once.
fn open_and_close(project: &Path) -> (Duration, Duration) {
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let mut session = None;
        opened.push(timed(|| session = Some(open(project))));
        closed.push(timed(|| drop(session)));
        // A thread in the middle of a file ends after it, and is no part of the next one.
        std::thread::sleep(Duration::from_secs(2));
    }
    opened.sort();
    closed.sort();
    (opened[2], closed[2])
}

/// The median of so many times.
fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut took: Vec<_> = (0..times).map(|_| timed(&mut work)).collect();
    took.sort();
    took[times / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn search(session: &mut Session, report: &mut Report) {
    let limit = Duration::from_millis(200);
    let mut find = |query: &str| {
        session.perform(Action::FindInProject(query.to_owned()));
        while session.search().progress().is_some() {
            session.poll();
            std::thread::sleep(Duration::from_micros(200));
        }
        session.search().hits().len()
    };
    for (what, query) in [
        ("search: a word that is nowhere", NOWHERE),
        ("search: a name in few articles", "Zobgwahub"),
        ("search: a word in every article, to the 10,000th", "police"),
        ("search: two words", "hospital Gulmirka"),
    ] {
        let hits = find(query);
        let took = median(5, || assert_eq!(find(query), hits));
        report.time(&format!("{what} ({hits} hits)"), took, limit);
    }
}

/// Goes from article to article as a person does, in the order that costs most.
fn walk(session: &mut Session, report: &mut Report) {
    let act = |session: &mut Session, action: Action| {
        timed(|| {
            session.perform(action);
            session.poll();
            session.catalogue().visible();
        })
    };
    act(session, Action::OpenArticle(session.first_article().unwrap()));
    for (what, command) in [
        ("next unfinished, the worst of 100", CommandId::NextUnfinished),
        ("done and next, the worst of 100", CommandId::DoneAndNext),
    ] {
        for sort in [Sort::Name, Sort::State] {
            act(session, Action::SetFilter(Filter { sort, ..Filter::default() }));
            let worst = (0..100).map(|_| act(session, Action::Command(command))).max();
            report.time(&format!("{what} ({})", sort.name()), worst.unwrap(), FRAME);
        }
    }
    let idle = median(100, || assert!(!session.catalogue().visible().is_empty()));
    report.time("the list in a frame in which nothing changes", idle, Duration::from_millis(1));
}

fn stats(project: &Path, report: &mut Report) {
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
        let output = command.arg("stats").arg("--json").arg(project).output().unwrap();
        assert!(output.status.success());
    };
    report.time("copydesk stats", median(3, run), Duration::from_secs(1));
}

/// In a process of its own, so that what was done here before does not count.
fn memory(project: &Path, report: &mut Report) {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).arg("--memory").arg(project).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    for line in printed.lines() {
        let (what, kib) = line.split_once(": ").unwrap();
        let mib = kib.parse::<f64>().unwrap() / 1024.0;
        report.line(what, mib, (MOST_MEMORY >> 20) as f64, "MiB");
    }
}

/// Renames a label that every set has, and takes it back, while the window goes on.
fn rename_a_label(project: &Path, report: &mut Report) {
    let mut session = open(project);
    session.wait_until_listed();
    session.perform(Action::OpenArticle(session.first_article().unwrap()));
    let label = |id| LabelId::new(id).unwrap();
    let rename = [Migration::RenameLabel { from: label("actor"), to: label("agent") }];
    let began = Instant::now();
    let preview = session.preview_migration(&rename).wait().unwrap();
    println!("{}", preview.sentence());
    drop(preview);
    report.free("a change of the schema: counted", began.elapsed());
    for what in ["the same: done", "the same: taken back"] {
        let (began, mut worst) = (Instant::now(), Duration::ZERO);
        worst = worst.max(timed(|| match what {
            "the same: done" => {
                session.perform(Action::Migrate(rename.to_vec(), "Rename".to_owned()));
            }
            _ => session.perform(Action::Command(CommandId::Undo)),
        }));
        let mut most = 0;
        while session.is_migrating() {
            worst = worst.max(timed(|| {
                session.poll();
            }));
            most = most.max(resident());
            std::thread::sleep(Duration::from_millis(5));
        }
        for notice in session.take_notices() {
            println!("  {}", notice.text);
        }
        report.free(what, began.elapsed());
        report.time("  the worst frame meanwhile", worst, FRAME);
        report.line("  memory", most as f64 / 1024.0, (MOST_MEMORY >> 20) as f64, "MiB");
    }
    session.wait_until_saved();
}

fn print_memory(project: &Path) {
    let mut session = open(project);
    println!("memory, opened: {}", resident());
    session.wait_until_listed();
    session.perform(Action::OpenArticle(session.first_article().unwrap()));
    println!("memory, every file compared: {}", resident());
    session.perform(Action::SetFilter(Filter { text: "police".to_owned(), ..Filter::default() }));
    session.catalogue().visible();
    session.perform(Action::FindInProject("police".to_owned()));
    while session.search().progress().is_some() {
        session.poll();
    }
    println!("memory, filtered and searched: {}", resident());
}

/// What the process holds in memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
