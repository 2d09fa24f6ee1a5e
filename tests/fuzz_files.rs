//! Every file of a project, mangled: no panic, no hang, and no memory above ten times the
//! file.
//!
//! Real files are cut, repeated, mixed, nested, and filled with what breaks readers.
//! `COPYDESK_FUZZ=600 cargo test --release --all-features --test fuzz_files` goes on for
//! so many seconds; `fuzz/` does the same with a fuzzer that looks for new paths.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/sandbox.rs"]
mod sandbox;
mod support;

use copydesk::edit::SchemaDraft;
use copydesk::model::{AnnotationId, AnnotatorName, State};
use copydesk::review::Draw;
use copydesk::session::Action;
use copydesk::session::review::ReviewAction;
use copydesk::store::{ProjectFolder, check};
use peak_alloc::PeakAlloc;
use sandbox::{Kind, Sandbox};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use support::{article, attribute, label, range};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test waits for the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What reading takes besides ten times the file: the rest of the project, and a list or
/// two of as many short strings as a value may have.
const BASE: usize = 4 << 20;

/// A project that has every kind of file, with all that they can hold.
fn sample() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    support::project(temporary.path());
    let mut session = support::session(temporary.path());
    session.perform(Action::LabelRange(label("actor"), range("Several militants")));
    let actor = session.selection().annotation.unwrap();
    session.perform(Action::SetAttribute(actor, attribute("kind"), support::text("rebel")));
    session.perform(Action::SetNote(actor, "a “note”\n\0\\".to_owned()));
    session.perform(Action::LabelRange(label("claim"), range("The operation")));
    let claim = session.selection().annotation.unwrap();
    session.perform(Action::AddRange(claim, range("is now over")));
    let kind = support::relation("source");
    session.perform(Action::Relate { kind, from: claim, to: actor });
    session.perform(Action::SetState(State::Done));
    let mut draft = SchemaDraft::of(session.schema());
    draft.labels[0].name = "Actors".to_owned();
    let plan = draft.plan(session.schema()).unwrap();
    session.perform(Action::Migrate(plan, "Rename".to_owned()));
    session.perform(Action::OpenArticle(article("march")));
    let annotators = ["tester", "other"].map(|name| AnnotatorName::new(name).unwrap()).into();
    let draw = Draw { annotators, overlap: 2, share: 0.5, seed: 3, all: false };
    session.perform(Action::Review(ReviewAction::Assign(draw, false)));
    session.wait_for_review();
    session.perform(Action::OpenArticle(article("raid")));
    session.perform(Action::Review(ReviewAction::Begin));
    session.wait_for_review();
    let on = vec![(support::annotator(), actor)];
    session.perform(Action::Review(ReviewAction::Comment { on, text: "Who?\u{202e}".to_owned() }));
    session.perform(Action::Review(ReviewAction::AcceptAgreeing(1)));
    session.wait_until_saved();
    drop(session);
    archive(temporary.path());
    temporary
}

/// Moves the first lines of a history to an archive, as compacting does with long ones.
fn archive(project: &Path) {
    let file = project.join("history/tester/raid.ron");
    let history = std::fs::read_to_string(&file).unwrap();
    let second = history.match_indices('\n').nth(1).unwrap().0 + 1;
    std::fs::write(file.with_extension("ron.old-1"), &history[..second]).unwrap();
    std::fs::write(&file, &history[second..]).unwrap();
    let folder = ProjectFolder::open(project).unwrap().folder;
    let problems = check(&folder, &mut |_, _| {});
    assert!(problems.iter().all(|problem| !problem.is_fault), "{problems:?}");
}

/// What breaks readers of RON, of numbers, of dates and of text.
const ODD: [&str; 30] = [
    "\0",
    "\u{feff}",
    "\r\n",
    "\u{2028}",
    "e\u{301}",
    "\u{202e}",
    "\"",
    "\\",
    "\\u{110000}",
    "\\u{0}",
    "r#\"",
    "\"#",
    "/*",
    "*/",
    "//",
    "((((((((((((((((",
    "[[[[[[[[[[[[[[[[",
    "))))",
    "99999999999999999999999999",
    "-1",
    "1e999",
    "NaN",
    "-0.0",
    "4294967295",
    "9223372036854775808",
    "9999-12-31T23:59:60.999Z",
    "-9999999-01-01",
    "#![enable(unwrap_newtypes)]",
    "Some(Some(()))",
    "format: 4294967296,",
];

fn mangle(random: &mut fastrand::Rng, bytes: &mut Vec<u8>) {
    let at = random.usize(..=bytes.len());
    let until = (at + random.usize(..200)).min(bytes.len());
    match random.u8(..12) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..until)),
        3 => {
            let part = bytes[at..until].to_vec();
            let to = random.usize(..=bytes.len());
            bytes.splice(to..to, part);
        }
        4 => {
            let part = bytes[at..until].repeat(random.usize(1..400));
            bytes.splice(at..at, part);
        }
        5 => {
            let odd = random.choice(ODD).unwrap().repeat(random.usize(1..4));
            bytes.splice(at..at, odd.into_bytes());
        }
        6 => {
            let odd = random.choice(ODD).unwrap().repeat(random.usize(1..20_000));
            bytes.splice(at..at, odd.into_bytes());
        }
        7 => {
            let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            *bytes = text.into_bytes();
        }
        8 => {
            // One number for another.
            let digits = bytes.iter().skip(at).position(u8::is_ascii_digit);
            if let Some(digit) = digits {
                let number = random.choice(ODD[18..25].iter()).unwrap().bytes();
                bytes.splice(at + digit..=at + digit, number);
            }
        }
        9 => bytes[at..until].fill(0),
        10 => bytes[at..until].fill_with(|| random.u8(..)),
        _ => {
            // A whole line again, as ids and fields that stand twice.
            let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            if let Some(line) = random.choice(&lines) {
                let line = line.repeat(random.usize(1..30));
                let start =
                    bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |n| n + 1);
                bytes.splice(start..start, line);
            }
        }
    }
}

/// Reads one file and holds it to its limits.
fn read(sandbox: &Sandbox, kind: Kind, bytes: &[u8], times: usize) {
    sandbox.put(kind, bytes);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let started = Instant::now();
    sandbox.read(kind);
    let took = started.elapsed();
    let memory = MEMORY.peak_usage().saturating_sub(before);
    let keep = || {
        let kept = std::env::temp_dir().join(format!("copydesk-fuzz-{kind:?}.ron"));
        std::fs::write(&kept, bytes).unwrap();
        kept.display().to_string()
    };
    // A hang, by the clock on the wall of a machine that may be busy with other tests.
    let most = Duration::from_secs(60 + 3 * bytes.len() as u64 / (1 << 20));
    assert!(took < most, "{kind:?} of {} bytes took {took:?}: {}", bytes.len(), keep());
    assert!(
        memory <= BASE + times * bytes.len(),
        "{kind:?} of {} bytes took {memory} bytes of memory: {}",
        bytes.len(),
        keep()
    );
}

#[test]
fn mangled_files_are_refused_in_good_time_and_in_little_memory() {
    let _alone = alone();
    let seconds = std::env::var("COPYDESK_FUZZ").ok().and_then(|number| number.parse().ok());
    let seed = seconds.map_or(7, |_: u64| fastrand::u64(..));
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(6));
    let project = sample();
    let sandbox = Sandbox::of(project.path());
    let originals = Kind::ALL.map(|kind| (kind, sandbox.bytes(kind)));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut count = 0_u64;
    // A slow machine goes on until these are a test.
    while count <= 200 || Instant::now() < until {
        for (kind, original) in &originals {
            let mut bytes = original.clone();
            for _ in 0..random.usize(1..6) {
                mangle(&mut random, &mut bytes);
                bytes.truncate(4 << 20);
            }
            let shown = bytes.clone();
            let reads = AssertUnwindSafe(|| read(&sandbox, *kind, &shown, 10));
            let done = std::panic::catch_unwind(reads);
            if done.is_err() {
                let kept = std::env::temp_dir().join(format!("copydesk-fuzz-{kind:?}.ron"));
                std::fs::write(&kept, &bytes).unwrap();
                panic!("what broke the reader, as said above, is kept as {}", kept.display());
            }
            sandbox.put(*kind, original);
            count += 1;
        }
    }
    assert!(count > 200, "{count} files are no test");
}

/// Makes the project that the targets of `fuzz/` start from.
#[test]
#[ignore = "writes fuzz/seed anew"]
fn seed() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seed");
    let _ = std::fs::remove_dir_all(&seed);
    sandbox::copy(sample().path(), &seed);
}

/// What a file may be full of that is no item of its lists.
const NOTHINGS: [&str; 11] =
    ["()", "[],", "0,", "\"\",", "(),", "a: 1,", "{},", "#", "\n", "/**/", "()\n"];

/// The smallest items that a list of a file may have, told apart by a number, and what
/// stands before and behind them. The rest of the file is as it was.
struct Full {
    kind: Kind,
    before: &'static str,
    item: fn(usize) -> String,
    behind: &'static str,
    /// Whether that is the whole file; else it stands in the place of the part of the
    /// original that begins as it does.
    is_all: bool,
    /// How many the program takes.
    most: usize,
}

/// An annotation's, a relation's or a remark's id, in quotation marks.
fn id(number: usize) -> String {
    format!("\"{}\"", AnnotationId(number as u64 + (1 << 31)))
}

/// A name that may be a file's, in quotation marks: Windows reserves none in hexadecimal.
fn file_name(number: usize) -> String {
    format!("\"{number:x}\"")
}

/// A short name for a number, of letters alone: one for the first 26.
fn name(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

const HEAD: &str = "(step: \"1aaaaaaaaaa\", at: \"2026-11-23T09:12:44.120Z\", by: \"tester\", \
     what: \"x\", ";
const CREATED: &str = "origin:manual,created:\"2026-11-23T09:12:44Z\"";

/// A line of a history that is full of one kind of edit, on one side.
fn line(item: fn(usize) -> String) -> [Full; 2] {
    let full =
        |kind, before, behind| Full { kind, before, item, behind, is_all: true, most: usize::MAX };
    [
        full(Kind::History, "edits: [", "], inverse: [])\n"),
        full(Kind::Archive, "edits: [], inverse: [", "])\n"),
    ]
}

fn part(kind: Kind, before: &'static str, item: fn(usize) -> String, behind: &'static str) -> Full {
    Full { kind, before, item, behind, is_all: false, most: usize::MAX }
}

fn quoted(number: usize) -> String {
    format!("\"{}\",", name(number))
}

fn nothing(_: usize) -> String {
    "\"\",".to_owned()
}

fn bare(number: usize) -> String {
    format!("(id:{},label:\"b\",span:[(0,1,\"G\")],{CREATED}),", id(number))
}

fn attribute_of_one(number: usize) -> String {
    format!("\"{}\":1,", name(number))
}

/// Attributes by the thousand, as many as an annotation may have.
fn annotation_of_attributes(number: usize) -> String {
    let attributes: String = (0..1000).map(|at| attribute_of_one(number % 7 * 900 + at)).collect();
    bare(number).replace("origin", &format!("attributes:{{{attributes}}},origin"))
}

fn label_of_attributes(number: usize) -> String {
    let one = |at| format!("(id:\"{}\",name:\"\",kind:text),", name(at));
    let attributes: String = (0..1000).map(one).collect();
    let id = name(number);
    format!("(id:\"{id}\",name:\"\",color:\"#000000\",attributes:[{attributes}]),")
}

/// Every list that a file can be full of.
fn full() -> Vec<Full> {
    use Kind::{Assignment, Gold, Letters, Project, SchemaChange, SchemaHistory, Set};
    let edits: [fn(usize) -> String; 8] = [
        |_| "state(done),".to_owned(),
        |at| format!("remove({}),", id(at)),
        |at| format!("unrelate({}),", id(at)),
        |at| format!("unremark({}),", id(at)),
        |at| format!("add({}),", bare(at).trim_end_matches(',')),
        |at| {
            let id = id(at);
            format!("relate((id:{id},kind:\"b\",from:{id},to:{id})),")
        },
        |at| {
            let id = id(at);
            format!("remark((id:{id},by:\"b\",at:\"2026-11-23T09:12:44Z\",on:[],rejected:true)),")
        },
        |_| "schema(()),".to_owned(),
    ];
    let migrations: [fn(usize) -> String; 3] = [
        |at| format!("delete_label({}),", quoted(at).trim_end_matches(',')),
        |_| "redefine(()),".to_owned(),
        |at| {
            let (from, to) = if at % 2 == 0 { ("actor", "agent") } else { ("agent", "actor") };
            format!("rename_label(from:\"{from}\",to:\"{to}\"),")
        },
    ];
    let person = |at: usize| format!("{},", file_name(at));
    let mut all: Vec<_> = edits.into_iter().flat_map(line).collect();
    let change = |item| part(SchemaChange, "migrations: [", item, "],)");
    all.extend(migrations.map(change).map(|full| full.at_most(499)));
    for kind in [Set, Gold] {
        all.push(part(kind, "annotations: [", bare, "],)"));
        all.push(part(kind, "annotations: [", annotation_of_attributes, "],)"));
        let items =
            "annotations: [(id:\"000001\",label:\"b\",span:[(0,1,\"G\")],attributes:{\"a\":[";
        let behind = "]},origin:manual,created:\"2026-11-23T09:12:44Z\")],)";
        all.push(part(kind, items, nothing, behind).at_most(20_000));
        let relation = |at| format!("(id:{},kind:\"b\",from:{},to:{}),", id(at), id(at), id(at));
        // As the program writes it, and with a label of its own for each.
        let written = |at| {
            let (id, label) = (id(at), name(at));
            format!(
                "\n        (id: {id}, label: \"{label}\", span: [(0, 1, \"G\")], origin: manual, \
                 created: \"2026-11-23T09:12:44Z\"),"
            )
        };
        all.push(part(kind, "annotations: [", written, "\n    ],\n)\n"));
        all.push(part(kind, "annotations: [], relations: [", relation, "],)"));
        let remark = |at| {
            let id = id(at);
            format!("(id:{id},by:\"b\",at:\"2026-11-23T09:12:44Z\",on:[],rejected:true),")
        };
        all.push(part(kind, "annotations: [], remarks: [", remark, "],)"));
        let lists = |at| {
            let items = nothing(0).repeat(5000);
            bare(at).replace("origin", &format!("attributes:{{\"a\":[{items}]}},origin"))
        };
        all.push(part(kind, "annotations: [", lists, "],)"));
    }
    let label = |at| format!("(id:{}name:\"\",color:\"#000000\"),", quoted(at));
    let relation = |at| format!("(id:{}name:\"\"),", quoted(at));
    all.push(part(Project, "schema: (labels: [", label, "]))").at_most(5000));
    all.push(part(Project, "schema: (labels: [", label_of_attributes, "]))").at_most(50));
    all.push(part(Project, "schema: (labels: [], relations: [", relation, "]))").at_most(5000));
    let choices = "schema: (labels: [(id:\"a\",name:\"\",color:\"#000000\",attributes:[(id:\"a\",\
                   name:\"\",kind:choice([";
    all.push(part(Project, choices, quoted, "]))])]))").at_most(20_000));
    all.push(part(Project, "annotators: [", person, "], schema: ())").at_most(20_000));
    let schema = |before, item, behind| Full {
        kind: SchemaHistory,
        before,
        item,
        behind,
        is_all: true,
        most: 5000,
    };
    all.push(schema("edits: [schema((relations: [", relation, "]))], inverse: [schema(())])\n"));
    all.push(schema("edits: [schema(())], inverse: [schema((labels: [", label, "]))])\n"));
    all.push(part(Assignment, "articles: [", |at| format!("({},[]),", file_name(at)), "])"));
    all.push(part(Assignment, "articles: [", |at| format!("({},[\"b\"]),", file_name(at)), "])"));
    all.push(part(Assignment, "articles: [(\"a\",[", person, "])])").at_most(20_000));
    all.push(part(Letters, "annotators: [", person, "])").at_most(20_000));
    all
}

impl Full {
    fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The file with so many bytes of items, and so many of them at most.
    fn bytes(&self, original: &[u8], len: usize, most: usize) -> Vec<u8> {
        let original = String::from_utf8_lossy(original);
        let field = self.before.split_inclusive(": ").next().unwrap_or_default();
        let mut text = match self.is_all {
            true => HEAD.to_owned(),
            false => original.split(field).next().unwrap_or_default().to_owned(),
        };
        text.push_str(self.before);
        let until = text.len() + len;
        for number in 0..most {
            text.push_str(&(self.item)(number));
            if text.len() >= until {
                break;
            }
        }
        text.push_str(self.behind);
        text.into_bytes()
    }
}

/// Things that are smaller on disk than in memory: an empty string is three bytes in a list
/// and 24 in memory. A list is at its largest while it grows, so the sizes differ by half.
#[test]
fn large_files_of_the_smallest_things_take_bounded_memory() {
    let _alone = alone();
    let project = sample();
    let sandbox = Sandbox::of(project.path());
    // A part is enough for each commit; the long form tries them all in every size.
    let is_long = std::env::var("COPYDESK_FUZZ").is_ok();
    let sizes: &[usize] = if is_long { &[1 << 20, 3 << 19, 4 << 20, 6 << 20] } else { &[1 << 20] };
    for (at, full) in full().iter().enumerate() {
        if !is_long && at % 4 != 0 {
            continue;
        }
        let original = sandbox.bytes(full.kind);
        let sizes = if is_long { sizes } else { &[sizes[0] + ((at % 16) << 15)][..] };
        for size in sizes {
            // As many as the program takes, and more where it does not take all.
            for most in [full.most, usize::MAX] {
                read(&sandbox, full.kind, &full.bytes(&original, *size, most), 10);
                if most == usize::MAX {
                    break;
                }
            }
        }
        sandbox.put(full.kind, &original);
    }
    let stride = if is_long { 1 } else { 5 };
    for (start, kind) in Kind::ALL.into_iter().enumerate() {
        let original = sandbox.bytes(kind);
        for thing in NOTHINGS.iter().skip(start % stride).step_by(stride) {
            let mut bytes = original.clone();
            let middle = bytes.iter().position(|byte| *byte == b'[').map_or(1, |at| at + 1);
            bytes.splice(middle..middle, thing.repeat(sizes[0] / thing.len()).into_bytes());
            read(&sandbox, kind, &bytes, 10);
        }
        sandbox.put(kind, &original);
    }
}

/// A table of the index whose every entry is as short as one can be, with ids that differ or
/// are one and the same.
#[test]
fn a_forged_index_takes_bounded_memory() {
    let _alone = alone();
    let project = sample();
    let sandbox = Sandbox::of(project.path());
    let gone = (0_u8, Vec::new());
    let article = (1, [vec![0; 8], vec![7; 32]].concat());
    let set = (1, vec![0; 7]);
    for (kind, (is_there, record)) in [
        (Kind::Index, &gone),
        (Kind::Index, &article),
        (Kind::IndexOfSets, &gone),
        (Kind::IndexOfSets, &set),
    ] {
        let original = sandbox.bytes(kind);
        for differ in [true, false] {
            let mut bytes = Vec::new();
            for number in 0.. {
                let id = format!("{:x}", if differ { number } else { 1 });
                bytes.extend([*is_there, id.len() as u8]);
                bytes.extend(id.as_bytes());
                bytes.extend(record);
                if bytes.len() >= 3 << 20 {
                    break;
                }
            }
            read(&sandbox, kind, &bytes, 10);
        }
        // One set with a million labels.
        if kind == Kind::IndexOfSets && *is_there == 1 {
            let mut bytes = b"\x01\x01a\0\0\0\0\0\x80\x80\x80\x01".to_vec();
            bytes.extend(b"\x01b\x01".repeat(1 << 20));
            read(&sandbox, kind, &bytes, 10);
        }
        sandbox.put(kind, &original);
    }
}
