//! The real program, run the way scripts run it: output, exit codes, files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use copydesk::model::AnnotatorName;
use copydesk::store::{Locking, ProjectFolder};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Desk(TempDir);

/// What one run gave.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A desk with an empty project called `p`.
    fn with_project() -> Self {
        let desk = Self::new();
        assert_eq!(desk.run(&["new", "p", "--annotator", "annotator-1"]).code, Some(0));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let run = Run { code: status.code(), out: text(stdout), err: text(stderr) };
        assert!(!run.err.contains("panicked"), "{arguments:?}: {}", run.err);
        run
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
    }
}

const ARTICLE: &str = "Gunmen storm \"headquarters\"\nSeveral militants came at dusk.\nIt is over.";

#[test]
fn from_new_to_check() {
    let desk = Desk::with_project();
    desk.write("siege.txt", ARTICLE);
    let run = desk.run(&["import", "p", "siege.txt", "--annotator", "annotator-2"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(
        run.out,
        "siege  Gunmen storm \"headquarters\"\n\
         1 article imported, 0 already here, 0 refused, 0 passed over\n"
    );
    let file = desk.read("p/articles/siege.ron");
    assert!(file.contains("id: \"siege\""), "{file}");
    assert!(file.contains(&format!("text: r#\"{ARTICLE}\"#,")), "{file}");
    let project = desk.read("p/project.ron");
    assert!(project.contains("annotators: [\"annotator-1\", \"annotator-2\"]"), "{project}");

    let stats = desk.json(&["stats", "p", "--json"]);
    assert_eq!(stats["articles"], 1);
    assert_eq!(stats["characters"], ARTICLE.chars().count());
    assert_eq!(stats["annotators"][1]["name"], "annotator-2");
    assert_eq!(stats["annotators"][1]["unseen"], 1);
    let check = desk.json(&["check", "p", "--json"]);
    assert_eq!(check["ok"], true);
    assert_eq!(desk.run(&["check", "p"]).code, Some(0));
}

#[test]
fn annotators_whose_names_differ_in_capitals_alone_are_refused() {
    let desk = Desk::new();
    let run = desk.run(&["new", "p", "--annotator", "ann", "--annotator", "Ann"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("there is an annotator ann already"), "{}", run.err);
    assert!(!desk.path("p").exists());
    assert_eq!(desk.run(&["new", "p", "--annotator", "ann"]).code, Some(0));
    desk.write("a.txt", "One text.");
    let before = desk.read("p/project.ron");
    for arguments in [
        &["import", "p", "a.txt", "--annotator", "ANN"][..],
        &["assign", "p", "--annotators", "ann,aNN"],
        &["assign", "p", "--annotators", "bob,Bob"],
    ] {
        let run = desk.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.err);
        assert!(run.err.contains("would be the same folder"), "{arguments:?}: {}", run.err);
    }
    assert_eq!(desk.read("p/project.ron"), before);
    // Whom a file names is called otherwise, and that is said.
    let file = r#"{"id":"b","text":"Another text.","annotations":[{"annotator":"Ann",
        "label":"actor","spans":[[0,7]],"text":"Another"}]}"#;
    desk.write("b.jsonl", file.replace('\n', ""));
    let run = desk.run(&["import", "p", "b.jsonl"]);
    assert!(run.err.contains("“Ann” is called annotator-Ann-2 here"), "{}{}", run.out, run.err);
    assert!(!desk.read("p/project.ron").contains("\"Ann\""));
    assert_eq!(desk.run(&["check", "p"]).code, Some(0));
    // A merge of two people's projects brings both.
    let before = desk.read("p/project.ron");
    desk.write("p/project.ron", before.replace("\"ann\"", "\"ann\", \"Ann\""));
    let run = desk.run(&["check", "p"]);
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(run.out.contains("Ann and ann differ in capitals alone"), "{}", run.out);
    desk.write("p/project.ron", before);
    fs::create_dir_all(desk.path("p/annotations/aNN")).unwrap();
    let run = desk.run(&["check", "p"]);
    assert!(run.out.contains("aNN and ann differ in capitals alone"), "{}", run.out);
}

#[test]
fn the_same_text_is_noticed_whatever_its_form() {
    let desk = Desk::with_project();
    desk.write("in/1.txt", ARTICLE);
    desk.write("in/2.txt", format!("\u{feff}{}\r\n", ARTICLE.replace('\n', "\r\n")));
    let utf16: Vec<u8> =
        format!("\u{feff}{ARTICLE}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    desk.write("in/3.txt", utf16);
    let run = desk.run(&["import", "p", "in"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.ends_with("1 article imported, 2 already here, 0 refused, 0 passed over\n"));
    let run = desk.run(&["import", "p", "in/1.txt"]);
    assert_eq!(run.code, Some(0));
    assert_eq!(run.err, "copydesk: in/1.txt: note: its text is already here as 1\n");
    // An import that was cut off is begun again: one line, however many are here.
    let run = desk.run(&["import", "p", "in"]);
    assert_eq!(run.code, Some(0));
    let said = "copydesk: in/1.txt: note: its text is already here as 1, and so are 2 more\n";
    assert_eq!(run.err, said);
    assert!(run.out.ends_with("0 articles imported, 3 already here, 0 refused, 0 passed over\n"));
}

#[test]
fn what_is_guessed_is_said() {
    let desk = Desk::with_project();
    desk.write("french.txt", b"Le pr\xe9sident a \xe9t\xe9 r\xe9\xe9lu \xe0 Paris.\n");
    let run = desk.run(&["import", "p", "french.txt"]);
    assert_eq!(run.code, Some(0));
    assert!(run.err.starts_with("copydesk: french.txt: note: the encoding is not said"));
    assert!(desk.read("p/articles/french.ron").contains("Le président a été réélu"));
}

#[test]
fn bad_files_are_refused_and_good_ones_taken() {
    let desk = Desk::with_project();
    desk.write("a.txt", "%PDF-1.7");
    desk.write("b.txt", "");
    desk.write("c.txt", b"\0\x01\x02\x03");
    // Who reads it whole is not done in the time; on Windows it would fill the drive.
    let huge = if cfg!(unix) { 1 << 40 } else { 1 << 30 };
    File::create(desk.path("huge.txt")).unwrap().set_len(huge).unwrap();
    desk.write("bell\u{7}.txt", "Title \u{1b}[31m red\nbody");
    let start = Instant::now();
    let run = desk.run(&["import", "p", "a.txt", "b.txt", "c.txt", "huge.txt", "bell\u{7}.txt"]);
    assert!(start.elapsed() < Duration::from_secs(60));
    assert_eq!(run.code, Some(1));
    let errors: Vec<_> = run.err.lines().collect();
    assert_eq!(errors.len(), 4, "{}", run.err);
    assert!(errors[0].starts_with("copydesk: a.txt: it is not text but a PDF; "));
    assert!(errors[1].starts_with("copydesk: b.txt: there is no text in it; "));
    assert!(errors[2].starts_with("copydesk: c.txt: it is not text but binary data; "));
    assert!(errors[3].starts_with("copydesk: huge.txt: it is larger than 64 MiB"));
    assert!(run.out.contains("1 article imported, 0 already here, 4 refused"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'));
}

#[test]
fn a_call_at_fault_is_exit_code_2() {
    let desk = Desk::with_project();
    desk.write("a.txt", "text");
    let calls: &[&[&str]] = &[
        &["import", "p", "missing.txt"],
        &["import", "nowhere", "a.txt"],
        &["import", "p"],
        &["import", "p", "a.txt", "--format", "pigeon"],
        &["import", "p", "a.txt", "--annotator", "../climb"],
        &["stats", "nowhere"],
        &["check", "nowhere"],
        &["new", "p"],
        &["new", "a.txt"],
        &["new", "q", "--schema", "missing.ron"],
        &["nowhere"],
        &["--no-such-option"],
    ];
    for call in calls {
        let run = desk.run(call);
        assert_eq!(run.code, Some(2), "{call:?}: {} {}", run.out, run.err);
        assert!(!run.err.is_empty());
    }
    assert!(!desk.path("q").exists() && !desk.path("nowhere").exists());
}

#[test]
fn a_path_that_is_missing_keeps_nothing_out() {
    let desk = Desk::with_project();
    desk.write("a.txt", "text");
    let run = desk.run(&["import", "p", "missing.txt", "a.txt"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.err, "copydesk: missing.txt: it does not exist; check the path\n");
    assert_eq!(run.out, "a  text\n1 article imported, 0 already here, 1 refused, 0 passed over\n");
}

#[test]
fn folders_are_walked_and_their_odds_and_ends_passed_over() {
    let desk = Desk::with_project();
    desk.write("in/page.html", include_str!("data/page.html"));
    desk.write("in/note.md", "# A note\n\n*Short*.");
    desk.write("in/style.css", "p {}");
    desk.write("in/.DS_Store", "x");
    let run = desk.run(&["import", "p", "in"]);
    assert_eq!(run.code, Some(0));
    let lines: Vec<_> = run.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.err);
    assert!(lines.iter().all(|line| line.contains(": note: passed over: ")));
    let article = desk.read("p/articles/page.ron");
    for field in ["source: \"The Coastal Post\"", "date: \"2024-03-09\"", "language: \"en\""] {
        assert!(article.contains(field), "{article}");
    }
    // Named outright, a file is tried; with a format, everything in a folder is.
    assert_eq!(desk.run(&["import", "p", "in/style.css"]).code, Some(0));
    let run = desk.run(&["import", "p", "in", "--format", "text"]);
    assert!(run.out.ends_with("2 articles imported, 1 already here, 0 refused, 1 passed over\n"));
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with_project();
    desk.write("in/locked/a.txt", "text");
    desk.write("in/open.txt", "another text");
    let locked = desk.path("in/locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything, so there is nothing to test.
    let is_superuser = fs::read_dir(&locked).is_ok();
    let run = desk.run(&["import", "p", "in"]);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    if !is_superuser {
        assert_eq!(run.code, Some(1));
        assert!(run.err.starts_with("copydesk: in/locked: access was refused; "), "{}", run.err);
        assert!(run.out.contains("1 article imported"));
    }
}

#[test]
fn broken_projects_are_exit_code_1() {
    let desk = Desk::with_project();
    desk.write("a.txt", "text");
    assert_eq!(desk.run(&["import", "p", "a.txt"]).code, Some(0));
    let article = desk.read("p/articles/a.ron");
    desk.write("p/articles/a.ron", article.replace("r\"text", "r\"tent"));
    let run = desk.run(&["check", "p"]);
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    assert!(run.out.contains("articles/a.ron"), "{}", run.out);
    let check = desk.json(&["check", "p", "--json"]);
    assert_eq!(check["ok"], false);
    assert_eq!(check["problems"][0]["file"], "articles/a.ron");
    assert_eq!(check["problems"][0]["fault"], true);

    desk.write("p/project.ron", "(format: 1,\n  name: \"p\",\n  oops\n");
    let run = desk.run(&["stats", "p"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("copydesk: p/project.ron:"), "{}", run.err);
}

/// A project with one article, the militants in it marked, and the end.
fn desk_with_marks() -> Desk {
    let desk = Desk::with_project();
    desk.write("siege.txt", ARTICLE);
    assert_eq!(desk.run(&["import", "p", "siege.txt"]).code, Some(0));
    let file = desk.read("p/articles/siege.ron");
    let hash = file.split("sha256: \"").nth(1).unwrap().split('"').next().unwrap();
    let mark = |id: &str, label: &str, words: &str| {
        let at = ARTICLE.find(words).unwrap();
        let end = at + words.len();
        format!(
            "(id: \"{id}\", label: \"{label}\", span: [({at}, {end}, \"{words}\")], origin: manual, \
             created: \"2026-11-23T09:12:44Z\"),"
        )
    };
    desk.write(
        "p/annotations/annotator-1/siege.ron",
        format!(
            "(format: 1, article: \"siege\", annotator: \"annotator-1\", sha256: \"{hash}\", \
             state: done, annotations: [{} {}])",
            mark("00000a", "actor", "Several militants"),
            mark("00000b", "location", "at dusk"),
        ),
    );
    desk
}

#[test]
fn a_corrected_text_takes_its_annotations_along() {
    let desk = desk_with_marks();
    assert_eq!(desk.run(&["check", "p"]).code, Some(0));
    let corrected = ARTICLE.replace("Gunmen", "Armed men").replace(" at dusk", "");
    desk.write("siege.txt", corrected);
    let run = desk.run(&["import", "p", "--update", "siege.txt"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(
        run.out
            .contains("annotator-1: 2 annotations, 1 with the same text, 0 corrected, 1 to check"),
        "{}",
        run.out
    );
    assert!(run.out.contains("00000b location in siege: “at dusk” at"), "{}", run.out);
    assert!(run.out.contains("0 articles imported, 1 corrected, 0 already here"), "{}", run.out);
    let set = desk.read("p/annotations/annotator-1/siege.ron");
    assert!(set.contains("(31, 48, \"Several militants\")"), "{set}");
    assert!(set.contains("was: \"at dusk\""), "{set}");
    let check = desk.run(&["check", "p"]);
    assert_eq!(check.code, Some(1), "somebody has to look");
    assert!(check.out.contains("was “at dusk”"), "{}", check.out);
    let history = desk.run(&["history", "p", "siege"]);
    assert_eq!(history.code, Some(0));
    assert!(
        history.out.contains("copydesk in the set of annotator-1  Correct text: "),
        "{}",
        history.out
    );
    let json = desk.json(&["history", "p", "siege", "--annotation", "00000b", "--json"]);
    assert_eq!(json[0]["annotations"][0], "00000b");
    assert_eq!(json[0]["kind"], "do");
    assert_eq!(desk.run(&["history", "p", "nowhere"]).code, Some(2));
    let nobody = desk.run(&["history", "p", "siege", "--annotator", "nobody"]);
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.err.contains("has no annotator nobody; there is annotator-1"), "{}", nobody.err);
    // The same text again is nothing new.
    let again = desk.run(&["import", "p", "--update", "siege.txt"]);
    assert!(again.out.contains("0 corrected, 1 already here"), "{}", again.out);
}

#[test]
fn a_window_at_work_is_named_and_nothing_is_changed_under_its_feet() {
    let desk = desk_with_marks();
    let folder = ProjectFolder::open(&desk.path("p")).unwrap().folder;
    let held = folder.lock_annotator(&AnnotatorName::new("annotator-1").unwrap());
    assert!(matches!(held, Locking::Locked(_)));
    let before = desk.read("p/articles/siege.ron");
    desk.write("siege.txt", "Another text");
    let who = format!("annotator-1: is being edited by process {} on host", std::process::id());
    for arguments in
        [["import", "p", "--update", "siege.txt"].as_slice(), &["check", "p", "--repair"]]
    {
        let run = desk.run(arguments);
        assert_eq!(run.code, Some(1), "{}", run.err);
        assert!(run.err.contains(&who) && run.err.contains("close that window"), "{}", run.err);
    }
    assert_eq!(desk.read("p/articles/siege.ron"), before);
    drop(held);
    assert_eq!(desk.run(&["import", "p", "--update", "siege.txt"]).code, Some(0));
}

#[test]
fn a_repair_lists_what_it_did_and_what_is_left() {
    let desk = desk_with_marks();
    let file = "p/annotations/annotator-1/siege.ron";
    let broken = desk.read(file).replace("00000b", "00000a").replace("\"actor\"", "\"army\"");
    desk.write(file, broken);
    assert_eq!(desk.run(&["check", "p"]).code, Some(1));
    let report = desk.json(&["check", "p", "--repair", "--json"]);
    assert_eq!(report["ok"], false, "the label is still unknown: {report}");
    assert_eq!(report["repairs"][0]["file"], "annotations/annotator-1/siege.ron");
    let what = report["repairs"][0]["what"].as_str().unwrap();
    assert!(what.starts_with("a second 00000a (location) has the fresh id"), "{what}");
    let backup = report["backup"].as_str().unwrap();
    assert!(desk.read(&format!("p/{backup}/annotations/annotator-1/siege.ron")).contains("army"));
    assert!(desk.read(file).contains("army"), "nothing is dropped");
    let run = desk.run(&["check", "p", "--repair"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.starts_with("0 repairs\n"), "{}", run.out);
    assert!(desk.json(&["check", "p", "--json"]).get("repairs").is_none());
}

#[test]
fn what_another_version_wrote_keeps_nothing_else_from_being_repaired() {
    let desk = desk_with_marks();
    let file = "p/annotations/annotator-1/siege.ron";
    desk.write(file, desk.read(file).replace("00000b", "00000a"));
    desk.write("p/.copydesk/schema-change.ron", "(format: 1, hologram: 5)");
    let run = desk.run(&["check", "p", "--repair"]);
    assert!(run.out.contains("a second 00000a (location) has the fresh id"), "{}", run.out);
    assert!(run.out.contains("schema-change.ron") && run.code == Some(1), "{}", run.out);
    assert!(desk.read("p/.copydesk/schema-change.ron").contains("hologram"));
}

#[test]
fn a_project_that_cannot_be_opened_is_named_once() {
    let desk = desk_with_marks();
    desk.write("p/.copydesk/unfinished-copy", "");
    let run = desk.run(&["check", "p"]);
    let told = format!("{}{}", run.out, run.err);
    assert!(told.contains("p: is a copy of a project that was never finished"), "{told}");
    assert!(!told.contains("p/p"), "{told}");
}

#[test]
fn formats_lists_the_table() {
    let desk = Desk::new();
    let formats = desk.json(&["formats", "--json"]);
    let ids: Vec<_> = formats.as_array().unwrap().iter().map(|row| &row["id"]).collect();
    let contract = [
        "text",
        "markdown",
        "html",
        "pdf",
        "docx",
        "csv",
        "jsonl",
        "brat",
        "conll",
        "doccano",
        "label-studio",
        "webanno-tsv",
        "cas-xmi",
        "cas-json",
        "spacy",
        "prodigy",
        "huggingface",
        "w3c",
    ];
    assert_eq!(ids.len(), contract.len());
    assert!(contract.iter().all(|id| ids.iter().any(|row| *row == id)), "{ids:?}");
    let run = desk.run(&["formats"]);
    assert!(run.out.starts_with("text "), "{}", run.out);
}

#[test]
fn help_names_the_exit_codes() {
    let desk = Desk::new();
    let run = desk.run(&["--help"]);
    assert_eq!(run.code, Some(0));
    for word in ["new", "import", "stats", "check", "formats", "Exit codes", "./new"] {
        assert!(run.out.contains(word), "{word}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::with_project();
    for arguments in [["formats", "--json"], ["stats", "p"], ["check", "p"], ["formats", "--help"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = desk.command(&arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

#[test]
fn a_project_may_be_called_like_a_command() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["new", "./new", "--name", "The new one"]).code, Some(0));
    assert_eq!(desk.json(&["stats", "new", "--json"])["project"], "The new one");
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_real_article() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/articles");
    let path = path.join("karachi-police-headquarters.txt");
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return;
    }
    let desk = Desk::with_project();
    let run = desk.run(&["import", "p", path.to_str().unwrap()]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let file = desk.read("p/articles/karachi-police-headquarters.ron");
    assert!(file.contains("language: \"en\""), "{file}");
    assert!(file.contains("\nSeveral militants stormed the police headquarters"), "{file}");
}

#[test]
fn a_long_history_is_compacted_and_told_as_before() {
    let desk = desk_with_marks();
    let line = |number: usize| {
        let [to, from] =
            if number.is_multiple_of(2) { ["done", "unseen"] } else { ["unseen", "done"] };
        format!(
            "(step: \"{number:06}\", at: \"2026-11-23T09:12:44.120Z\", by: \"annotator-1\", what: \
             \"Mark {to}\", edits: [state({to})], inverse: [state({from})])\n"
        )
    };
    let history: String = (0..12_000).map(line).collect();
    desk.write("p/history/annotator-1/siege.ron", &history);
    let set = desk.read("p/annotations/annotator-1/siege.ron");
    let named = set.replacen("    annotations: [", "    step: \"011999\",\n    annotations: [", 1);
    desk.write("p/annotations/annotator-1/siege.ron", named);
    let told = |desk: &Desk| desk.run(&["history", "p", "siege"]).out;
    let before = told(&desk);
    assert_eq!(before.lines().count(), 12_000);
    for nobody in [["--annotator", "nobody"], ["--article", "nosuch"]] {
        let run = desk.run(&["compact", "p", nobody[0], nobody[1]]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(run.err.contains(nobody[1]), "{}", run.err);
    }
    let run = desk.run(&["compact", "p", "--article", "siege"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.contains("siege.ron.old-1: "), "{}", run.out);
    assert!(run.out.ends_with("1 history compacted\n"), "{}", run.out);
    assert_eq!(told(&desk), before);
    let old = desk.read("p/history/annotator-1/siege.ron.old-1");
    let live = desk.read("p/history/annotator-1/siege.ron");
    assert!(live.len() < (1 << 20) + 1_000);
    assert!(old + &live == history);
    assert_eq!(desk.run(&["compact", "p"]).out, "0 histories compacted\n");
    assert_eq!(desk.run(&["check", "p"]).code, Some(0));
}

/// The bundled sample, copied so that nothing can change it.
fn sample(desk: &Desk) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy(&entry.path(), &target),
                false => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi"), &desk.path("k"));
}

#[test]
fn differences_are_told_in_full_and_cannot_drive_the_terminal() {
    let desk = Desk::new();
    sample(&desk);
    let run = desk.run(&["differences", "k", "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&json["cases"], &json["agreed"]), (&55.into(), &30.into()));
    assert_eq!(json["differences"]["missing"], 7);
    let article = &json["articles"][0];
    assert_eq!(article["article"], "gunmen-raid-police-offices");
    let label = article["differing"].as_array().unwrap();
    let label = label.iter().find(|case| case["kinds"][0] == "label").unwrap();
    assert_eq!((&label["start"], &label["text"]), (&1216.into(), &"Police headquarters".into()));
    assert_eq!(label["said"][1]["annotators"][0], "annotator-2");
    assert_eq!(label["said"][1]["label"], "location");
    assert_eq!(label["said"][0]["attributes"]["role"][0], "source");
    assert_eq!(label["said"][0]["spans"][0][1], 1235);
    let run = desk.run(&["differences", "k", "--unfinished"]);
    let last = run.out.lines().last().unwrap();
    assert_eq!(
        last,
        "3 articles, 163 cases, 88 agreed; missing 20, boundary 18, label 8, attribute 16, relation 24"
    );
    let run = desk.run(&["differences", "k", "--annotators", "annotator-1,nobody"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("nobody"), "{}", run.err);
    // A note of an attribute that colours the screen.
    let file = "k/annotations/annotator-2/gunmen-raid-police-offices.ron";
    let spoilt = "\"red \\u{1b}[31m\\u{9b}0m\\u{7f}\\u{202e}\"";
    desk.write(file, desk.read(file).replacen("\"event_site\"", spoilt, 9));
    let run = desk.run(&["differences", "k"]);
    const DRIVING: [char; 4] = ['\u{1b}', '\u{9b}', '\u{7f}', '\u{202e}'];
    assert!(run.out.contains("\\u{1b}[31m") && !run.out.contains(DRIVING), "{}", run.out);
    // As JSON it is the same data, and drives no terminal either.
    let run = desk.run(&["differences", "k", "--json"]);
    assert!(run.out.contains("\\u001b[31m\\u009b0m\\u007f\\u202e") && !run.out.contains(DRIVING));
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert!(json.to_string().contains("\u{9b}0m\u{7f}\u{202e}"));
}

#[test]
fn articles_are_assigned_once_and_evenly() {
    let desk = Desk::new();
    sample(&desk);
    let assign = ["assign", "k", "--annotators", "annotator-1,annotator-2", "--overlap", "2"];
    let run = desk.run(&[&assign[..], &["--share", "0.5", "--seed", "3", "--json"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&json["drawn"], &json["unassigned"]), (&4.into(), &0.into()));
    let each = json["annotators"].as_array().unwrap().iter();
    assert_eq!(each.map(|row| row["assigned"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(json["annotators"][0]["shared"]["annotator-2"][0], 2);
    let before = desk.read("k/assignment.ron");
    let run = desk.run(&[&assign[..], &["--seed", "9"]].concat());
    assert!(run.out.starts_with("0 articles assigned, 0 nobody's"), "{}", run.out);
    let lines = |text: &str| {
        text.lines().filter(|line| line.contains("(\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&desk.read("k/assignment.ron")), lines(&before));
    assert_eq!(desk.run(&["assign", "k", "--undo"]).code, Some(0));
    assert!(lines(&desk.read("k/assignment.ron")).is_empty());
    assert_eq!(desk.run(&["assign", "k", "--undo"]).code, Some(1));
    assert_eq!(desk.run(&[&assign[..], &["--share", "0.5", "--seed", "3"]].concat()).code, Some(0));
    assert_eq!(lines(&desk.read("k/assignment.ron")), lines(&before));
    let run = desk.run(&["assign", "k", "--annotators", "annotator-1", "--overlap", "5"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    // A draw that is refused adds nobody to the project.
    let run = desk.run(&["assign", "k", "--annotators", "newcomer", "--overlap", "5"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(!desk.read("k/project.ron").contains("newcomer"));
    assert_eq!(desk.run(&["assign", "k", "--own-only", "true"]).code, Some(0));
    assert!(desk.read("k/assignment.ron").contains("own_only: true"));
    assert!(!desk.run(&["check", "k"]).err.contains("assignment.ron"));
}

/// An option that changes nothing was taken without a word.
#[test]
fn an_option_that_the_format_does_not_use_is_refused_with_what_it_is_for() {
    let desk = Desk::with_project();
    desk.write("a.txt", ARTICLE);
    assert_eq!(desk.run(&["import", "p", "a.txt"]).code, Some(0));
    let cases: [(&str, &[&str], &str); 7] = [
        ("brat", &["--tokens", "words"], "conll"),
        ("jsonl", &["--columns", "2003"], "conll"),
        ("doccano", &["--scheme", "iob2"], "huggingface"),
        ("spacy", &["--overlaps", "outermost"], "conll"),
        ("csv", &["--misfits", "expand"], "spacy"),
        ("jsonl", &["--tokenizer", "tokenizer.json"], "prodigy"),
        ("jsonl", &["--seed", "3"], "--split"),
    ];
    for (format, option, users) in cases {
        let start = ["export", "p", "--format", format, "--unfinished", "--out", "out"];
        let run = desk.run(&[&start[..], option].concat());
        assert_eq!(run.code, Some(2), "{format} {option:?}: {}", run.err);
        assert!(run.err.contains(option[0]) && run.err.contains(users), "{}", run.err);
        assert!(!desk.path("out").exists());
    }
    desk.write("b.ann", "");
    for (format, option, value) in [
        ("brat", "--columns", "0,1"),
        ("conll", "--text-column", "story"),
        ("csv", "--columns", "0,1"),
    ] {
        let run = desk.run(&["import", "p", "b.ann", "--format", format, option, value]);
        assert_eq!(run.code, Some(2), "{format} {option}: {}", run.err);
        assert!(run.err.contains(option), "{}", run.err);
    }
}

#[test]
fn what_is_short_of_a_column_or_mapped_for_nothing_is_an_error_under_strict() {
    let desk = Desk::with_project();
    desk.write("a.conll", "Ali B-actor\nfled O\n");
    let past = ["import", "p", "a.conll", "--columns", "0,5"];
    let run = desk.run(&past);
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("a.conll:1: ") && run.err.contains("column 5"), "{}", run.err);
    assert_eq!(desk.run(&[&past[..], &["--strict"]].concat()).code, Some(1));
    let map = ["import", "p", "a.conll", "--map", "PER=actor", "--strict"];
    let run = desk.run(&map);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("“PER”"), "{}", run.err);
}

/// A copy that broke off gave the articles before the break, and only then exit code 1.
#[test]
fn what_would_be_refused_keeps_everything_out_under_strict() {
    let desk = Desk::with_project();
    let task = |text: &str| format!("{{\"id\": 1, \"data\": {{\"text\": \"{text}\"}}}}");
    let cut = format!("[{},\n{},\n{{\"id\": 3, \"da", task("One text."), task("Another one."));
    desk.write("cut.json", cut);
    desk.write("good.txt", "A third one.");
    desk.write("empty.txt", " \n");
    for (files, place, code) in [
        (&["cut.json"][..], "cut.json:3: ", 1),
        (&["good.txt", "empty.txt"], "empty.txt: ", 1),
        (&["good.txt", "missing.txt"], "missing.txt: ", 2),
    ] {
        let format = if files[0] == "cut.json" { "label-studio" } else { "text" };
        let start = ["import", "p", "--format", format, "--strict"];
        let run = desk.run(&[&start[..], files].concat());
        assert_eq!(run.code, Some(code), "{files:?}: {}", run.err);
        assert!(run.err.contains(place), "{files:?}: {}", run.err);
        assert_eq!(desk.json(&["stats", "p", "--json"])["articles"], 0, "{files:?}");
    }
    assert_eq!(desk.run(&["import", "p", "good.txt", "--strict"]).code, Some(0));
}

/// A line of two annotators who say the same words otherwise, and a relation.
const TWO: &str = concat!(
    r#"{"id":"a","text":"Ali said so","annotations":["#,
    r#"{"id":"1","annotator":"ann","label":"actor","spans":[[0,3]],"attributes":{"kind":"person"}},"#,
    r#"{"id":"2","annotator":"ann","label":"claim","spans":[[0,11]]},"#,
    r#"{"id":"3","annotator":"bob","label":"actor","spans":[[0,3]],"attributes":{"kind":"militia"}}],"#,
    r#""relations":[{"annotator":"ann","kind":"source","from":"2","to":"1"}]}"#,
);

#[test]
fn soft_labels_are_lossy_where_annotators_say_more_than_labels() {
    let desk = Desk::with_project();
    desk.write("two.jsonl", TWO);
    assert_eq!(desk.run(&["import", "p", "two.jsonl"]).code, Some(0));
    let export = ["export", "p", "--format", "jsonl", "--shares", "--out", "out.jsonl"];
    let run = desk.run(&[&export[..], &["--strict"]].concat());
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(!desk.path("out.jsonl").exists());
    // What was lost is wanted most where it was not allowed, and all of it.
    let run = desk.run(&[&export[..], &["--strict", "--report", "losses"]].concat());
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("and 1 more"), "{}", run.err);
    assert_eq!(desk.read("losses").lines().count(), 2);
    assert!(!desk.path("out.jsonl").exists());
    let run = desk.run(&export);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("lost: relations, left out: 1"), "{}", run.err);
    assert!(run.err.contains("lost: annotations with attributes, left out: 1"), "{}", run.err);
}

#[test]
fn two_processes_that_import_the_same_bring_it_once() {
    let desk = Desk::with_project();
    for number in 0..200 {
        desk.write(&format!("in/{number}.txt"), format!("Article {number}\nIts text."));
    }
    let start = || desk.command(&["import", "p", "in"]).stdout(Stdio::null()).spawn().unwrap();
    let children: Vec<_> = (0..3).map(|_| start()).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(fs::read_dir(desk.path("p/articles")).unwrap().count(), 200);
}

#[cfg(not(feature = "tokenizers"))]
#[test]
fn a_tokenizer_of_a_model_needs_its_feature() {
    let desk = Desk::with_project();
    desk.write("a.txt", ARTICLE);
    desk.write("tokenizer.json", "{}");
    assert_eq!(desk.run(&["import", "p", "a.txt"]).code, Some(0));
    let run = desk.run(&[
        "export",
        "p",
        "--format",
        "conll",
        "--unfinished",
        "--out",
        "out",
        "--tokenizer",
        "tokenizer.json",
    ]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("tokenizer.json") && run.err.contains("--features"), "{}", run.err);
}
