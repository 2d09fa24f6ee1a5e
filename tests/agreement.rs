//! `copydesk agreement` on the sample project, against counts made by hand, and in the
//! background of a session.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::agreement::Score;
use copydesk::session::agreement::{AgreementError, AgreementQuery, measure};
use copydesk::session::review::ReviewAction;
use copydesk::session::{Action, SaveState, Session, Wake};
use copydesk::store::ProjectFolder;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

/// A copy of the sample project, called `p`.
struct Sample(TempDir);

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Sample {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi");
        copy(&from, &folder.path().join("p"));
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
        command.args(["agreement", "p"]).args(arguments).current_dir(self.0.path());
        let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let run = Run { code: status.code(), out: text(stdout), err: text(stderr) };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
        serde_json::from_str(&run.out).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The element of a list with these values.
fn find<'a>(list: &'a Value, wanted: &[(&str, &str)]) -> &'a Value {
    let is_it = |one: &&Value| wanted.iter().all(|(field, value)| one[*field] == *value);
    list.as_array().unwrap().iter().find(is_it).unwrap_or(&Value::Null)
}

#[track_caller]
fn near(value: &Value, expected: f64) {
    assert!((value.as_f64().unwrap() - expected).abs() < 1e-9, "{value} is not {expected}");
}

/// One article is finished by both. Of locations each has eleven, nine of them the same; of
/// casualties each has five, and one begins nine characters later with the second annotator.
#[test]
fn the_sample_agrees_with_counts_made_by_hand() {
    let found = Sample::new().json(&["--no-gamma"]);
    assert_eq!(found["by_article"].as_array().unwrap().len(), 1);
    let location = find(&found["by_label"], &[("label", "location")]);
    near(&location["f1_exact"]["value"], 18.0 / 22.0);
    assert_eq!(location["counts"]["annotator-1"], 11);
    let casualty = find(&found["by_label"], &[("label", "casualty")]);
    near(&casualty["f1_exact"]["value"], 0.8);
    near(&casualty["f1_overlap"]["value"], 1.0);
    // One article cannot be resampled.
    assert_eq!(casualty["f1_exact"]["low"], Value::Null);

    // “Police headquarters” and “Islamabad”: an actor to one, a place to the other.
    let confused = find(&found["confusion"], &[("first", "actor"), ("second", "location")]);
    assert_eq!(confused["count"], 2);
    let left_out = found["confusion"].as_array().unwrap().iter();
    let left_out = left_out.filter(|cell| cell["first"] == "location" && cell["second"].is_null());
    assert_eq!(left_out.map(|cell| cell["count"].as_u64().unwrap()).collect::<Vec<_>>(), [2]);

    let bars = found["boundaries"].as_array().unwrap();
    let bar = bars.iter().find(|bar| bar["by"] == 9).unwrap();
    let case = &found["cases"][bar["starts"][0].as_u64().unwrap() as usize];
    assert_eq!(case["first"]["id"], "okk5lu");
    assert_eq!(case["second"]["id"], "d7ocpo");
    assert_eq!((&case["end_moved"], &case["same"]), (&Value::from(0), &Value::Bool(false)));

    let status = [("label", "casualty"), ("attribute", "status")];
    let status = find(&found["attributes"], &status);
    assert_eq!((&status["compared"], &status["same"]), (&Value::from(5), &Value::from(4)));
    let differs = &found["cases"][status["cases"][0].as_u64().unwrap() as usize];
    assert_eq!(differs["second"]["id"], "2w7ntp");
}

#[test]
fn every_differing_case_is_in_the_cell_of_its_annotators() {
    let found = Sample::new().json(&["--no-gamma", "--unfinished"]);
    assert_eq!(found["by_article"].as_array().unwrap().len(), 3);
    let differing = |cases: &Value| cases.as_array().unwrap().len();
    let cases = found["cases"].as_array().unwrap();
    let all = cases.iter().filter(|case| case["same"] == false).count();
    assert_eq!(differing(&found["pairs"][0]["cases"]), all);
    let by_article = found["by_article"].as_array().unwrap();
    assert_eq!(by_article.iter().map(|line| differing(&line["cases"])).sum::<usize>(), all);
    let cells = found["confusion"].as_array().unwrap();
    assert_eq!(cells.iter().map(|cell| differing(&cell["cases"])).sum::<usize>(), cases.len());
    let interval = &found["all"]["f1_exact"];
    let value = |field: &str| interval[field].as_f64().unwrap();
    assert!(value("low") <= value("value") && value("value") <= value("high"));
}

#[test]
fn the_seed_decides_and_gamma_is_measured() {
    let sample = Sample::new();
    let first = sample.json(&["--unfinished", "--seed", "5"]);
    assert_eq!(first, sample.json(&["--unfinished", "--seed", "5"]));
    let gamma = &first["all"]["gamma"];
    assert_eq!(gamma["samples"], 30);
    assert!((0.5..1.0).contains(&gamma["value"].as_f64().unwrap()), "{gamma}");
    let other = sample.json(&["--unfinished", "--seed", "6"]);
    assert_ne!(gamma["expected_disorder"], other["all"]["gamma"]["expected_disorder"]);
    assert_eq!(gamma["observed_disorder"], other["all"]["gamma"]["observed_disorder"]);
}

#[test]
fn an_annotator_against_gold() {
    let sample = Sample::new();
    let found = sample.json(&["--gold", "annotator-1", "--no-gamma"]);
    assert_eq!(found["annotators"], serde_json::json!(["annotator-2"]));
    let line = &found["gold"][0];
    assert_eq!((&line["annotator"], &line["articles"]), (&"annotator-2".into(), &1.into()));
    let strict = &line["semeval"]["strict"];
    let count = |field: &str| strict[field].as_u64().unwrap();
    // What gold has of this article, by its file.
    let file = "projects/karachi/annotations/annotator-1/gunmen-raid-police-offices.ron";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let gold = fs::read_to_string(file).unwrap().matches("span: [").count() as u64;
    assert_eq!(count("correct") + count("incorrect") + count("missed"), gold);
    near(&line["recall"], count("correct") as f64 / gold as f64);
    // Gold comes first, in the counts and in each case.
    let tally = |of: &str, field: &str| line[of][field].as_u64().unwrap();
    assert_eq!((tally("exact", "first"), tally("exact", "both")), (gold, count("correct")));
    assert!(tally("overlap", "both") >= tally("exact", "both"));
    let cases = line["cases"].as_array().unwrap();
    let cases: Vec<_> =
        cases.iter().map(|at| &found["cases"][at.as_u64().unwrap() as usize]).collect();
    let between = serde_json::json!(["gold", "annotator-2"]);
    assert!(cases.iter().all(|case| case["annotators"] == between && case["same"] == false));
    // Whatever gold has and the annotator has not exactly so is in one of them.
    let of_gold = cases.iter().filter(|case| !case["first"].is_null());
    assert_eq!(of_gold.count() as u64, gold - count("correct"));
    assert!(cases.iter().any(|case| case["first"].is_null()));
    // The tables and the files say as many.
    let number = cases.len().to_string();
    let against = ["--gold", "annotator-1", "--no-gamma"];
    let out = sample.run(&against).out;
    let row = out.lines().skip_while(|line| !line.starts_with("against gold")).nth(1).unwrap();
    assert!(row.ends_with(&format!(" {number}")), "{out}");
    let written = |name: &str| {
        assert_eq!(sample.run(&[&against[..], &["--out", name]].concat()).code, Some(0));
        fs::read_to_string(sample.path(name)).unwrap()
    };
    let (html, csv) = (written("gold.html"), written("gold.csv"));
    let head = "<th>F1 exact</th><th>precision</th><th>recall</th><th>F1 overlap</th>";
    assert!(html.contains(head) && html.contains(&format!("<td>{number}</td></tr>")), "{html}");
    let recall = format!("gold,annotator-2,recall,{},,,{number}\r\n", line["recall"]);
    assert!(csv.contains(&recall), "{csv}");
    // Nobody is left to compare with.
    assert_eq!(found["all"]["f1_exact"]["value"], Value::Null);
}

#[test]
fn nothing_to_compare_is_undefined_and_said() {
    let sample = Sample::new();
    let alone = sample.run(&["--annotators", "annotator-1"]);
    assert_eq!(alone.code, Some(0));
    assert!(alone.out.contains("nothing to compare yet"), "{}", alone.out);
    let found = sample.json(&["--annotators", "annotator-1"]);
    assert_eq!(found["all"]["u_alpha"]["value"], Value::Null);
    assert_eq!(found["all"]["gamma"]["value"], Value::Null);
}

#[test]
fn the_table_has_the_caveat_beside_token_kappa() {
    let run = Sample::new().run(&["--unfinished"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("token kappa *"));
    assert!(run.out.contains("* Kappa over tokens misleads for spans"), "{}", run.out);
}

#[test]
fn a_report_is_written_whole_and_a_wrong_call_writes_nothing() {
    let sample = Sample::new();
    let project = sample.path("p/project.ron");
    let text = fs::read_to_string(&project).unwrap();
    let hostile = "name: \"<script>alert(1)</script>\",";
    fs::write(&project, text.replacen("name: \"Karachi\",", hostile, 1)).unwrap();

    // Names of labels, titles, notes and comments are anybody's words as well.
    const HOSTILE: &str = "<img src=x onerror=alert(2)>";
    let text = fs::read_to_string(&project).unwrap();
    fs::write(&project, text.replacen("name: \"Actor\"", &format!("name: \"{HOSTILE}\""), 1))
        .unwrap();
    let article = sample.path("p/articles/gunmen-raid-police-offices.ron");
    let title = "title: \"";
    let text = fs::read_to_string(&article).unwrap();
    assert!(text.contains(title));
    fs::write(&article, text.replacen(title, &format!("{title}{HOSTILE} "), 1)).unwrap();
    let mut session = Session::open(&sample.path("p"), None, Arc::new(|| {})).unwrap();
    let id = copydesk::model::ArticleId::new("gunmen-raid-police-offices").unwrap();
    session.try_perform(Action::OpenArticle(id)).unwrap();
    let set = session.set().unwrap();
    let on = (set.annotator().clone(), set.annotations().next().unwrap().id);
    session.try_perform(Action::SetNote(on.1, HOSTILE.to_owned())).unwrap();
    let comment = ReviewAction::Comment { on: vec![on], text: HOSTILE.to_owned() };
    session.try_perform(Action::Review(comment)).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);

    let run = sample.run(&["--no-gamma", "--out", "report.html"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "report.html: written\n"));
    let html = fs::read_to_string(sample.path("report.html")).unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script"));
    assert!(!html.contains("<img") && html.contains("gunmen-raid-police-offices"));
    assert!(html.contains("default-src 'none'") && html.contains("misleads for spans"));

    assert_eq!(sample.run(&["--no-gamma", "--out", "report.csv"]).code, Some(0));
    let csv = fs::read_to_string(sample.path("report.csv")).unwrap();
    assert!(csv.contains("\r\nlabel,location,f1 exact,0.8181818181818182,,,"), "{csv}");

    // What is there already is somebody's.
    let again = sample.run(&["--no-gamma", "--out", "report.csv"]);
    assert_eq!((again.code, again.out.as_str()), (Some(2), ""));
    assert!(again.err.contains("is there already"), "{}", again.err);
    assert_eq!(fs::read_to_string(sample.path("report.csv")).unwrap(), csv);

    for wrong in [["--out", "report.pdf"], ["--annotators", "nobody"], ["--gold", "nobody"]] {
        let run = sample.run(&wrong);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{wrong:?}");
    }
    assert!(!sample.path("report.pdf").exists());
}

#[test]
fn a_set_that_cannot_be_read_is_said_and_left_out() {
    let sample = Sample::new();
    let file = sample.path("p/annotations/annotator-2/gunmen-raid-police-offices.ron");
    fs::write(file, "(format: 1, broken").unwrap();
    let run = sample.run(&[]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("gunmen-raid-police-offices.ron"), "{}", run.err);
    assert!(run.out.contains("0 articles"), "{}", run.out);
}

#[test]
fn the_pace_is_of_all_articles_that_an_annotator_has_finished() {
    let sample = Sample::new();
    let found = sample.json(&["--no-gamma"]);
    // Of four articles one is finished by both, and one more by the first annotator.
    assert_eq!(found["by_article"].as_array().unwrap().len(), 1);
    let pace = |found: &Value, name: &str| {
        let line = find(&found["pace"], &[("annotator", name)]);
        (line["articles"].as_u64().unwrap(), line["annotations"].as_u64().unwrap())
    };
    let folder = ProjectFolder::open(&sample.path("p")).unwrap().folder;
    let expected = |name: &str| {
        use copydesk::model::{AnnotatorName, Origin, State};
        let name = AnnotatorName::new(name).unwrap();
        let ids = folder.article_ids().unwrap().0;
        let sets = ids.iter().map(|id| {
            let article = Arc::new(folder.read_article(id).unwrap());
            folder.read_set(&article, &name).unwrap().set
        });
        let done: Vec<_> = sets.filter(|set| set.state() == State::Done).collect();
        let made = done.iter().flat_map(|set| set.annotations());
        let made = made.filter(|found| !matches!(found.origin, Origin::Import(_)));
        (done.len() as u64, made.count() as u64)
    };
    for name in ["annotator-1", "annotator-2"] {
        assert_eq!(pace(&found, name), expected(name), "{name}");
    }
    assert_eq!((expected("annotator-1").0, expected("annotator-2").0), (2, 1));
}

#[test]
fn a_session_measures_in_the_background_and_can_stop() {
    let sample = Sample::new();
    let wake: Wake = Arc::new(|| {});
    let session = Session::open(&sample.path("p"), None, wake).unwrap();
    let job = session.measure_agreement(AgreementQuery::default());
    let found = loop {
        if let Some(found) = job.poll() {
            break found.unwrap();
        }
        std::thread::yield_now();
    };
    let (done, of) = job.progress();
    assert!(done == of && of > 30, "{done} of {of}");
    assert!(matches!(found.report.overall.f1_exact.score, Score::Known(_)));

    let opened = ProjectFolder::open(&sample.path("p")).unwrap();
    let progress = copydesk::agreement::Progress::default();
    progress.cancel();
    let stopped = measure(&opened.folder, &opened.project, &AgreementQuery::default(), &progress);
    assert!(matches!(stopped, Err(AgreementError::Cancelled(_))));
}

/// A third annotator finishes the article that the other two have finished, and marks far
/// less of it.
fn with_third(sample: &Sample) {
    use copydesk::model::{AnnotatorName, LabelId};
    use copydesk::session::command::CommandId;
    let name = AnnotatorName::new("annotator-3").unwrap();
    let mut session = Session::open(&sample.path("p"), Some(name), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    let id = copydesk::model::ArticleId::new("gunmen-raid-police-offices").unwrap();
    session.try_perform(Action::OpenArticle(id)).unwrap();
    let text = session.article().unwrap().article.text().to_string();
    for (start, word) in text.match_indices("police").take(3) {
        let range =
            copydesk::text::TextRange::at((start as u32).into(), (word.len() as u32).into());
        let label = LabelId::new("actor").unwrap();
        session.try_perform(Action::LabelRange(label, range)).unwrap();
    }
    session.try_perform(Action::Command(CommandId::MarkDone)).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

#[test]
fn a_day_of_one_article_has_the_numbers_of_that_article() {
    let sample = Sample::new();
    with_third(&sample);
    let found = sample.json(&["--no-gamma"]);
    let (articles, days) = (&found["by_article"], &found["over_time"]);
    assert_eq!((articles.as_array().unwrap().len(), days.as_array().unwrap().len()), (1, 1));
    for measure in ["f1_exact", "f1_overlap"] {
        assert!(articles[0][measure].as_f64().unwrap() > 0.0);
        near(&days[0][measure], articles[0][measure].as_f64().unwrap());
    }
}

#[test]
fn gamma_of_fewer_articles_than_are_compared_says_so() {
    let sample = Sample::new();
    with_third(&sample);
    const WORDS: &str = "alpha-U 2004 and gamma of all: of 1 article that all have";
    let whole = sample.run(&["--samples", "2"]);
    assert!(!whole.out.contains(WORDS), "{}", whole.out);
    let parts = sample.run(&["--samples", "2", "--unfinished"]);
    assert!(
        parts.out.contains("3 articles that two") && parts.out.contains(WORDS),
        "{}",
        parts.out
    );
    let found = sample.json(&["--samples", "2", "--unfinished"]);
    assert_eq!(found["all"]["articles_of_all"], 1);
    // Fleiss' kappa is of the one that three have, and said beside the caveat.
    assert_eq!(found["token_fleiss"]["articles"], 1);
    let kappa = found["token_fleiss"]["value"].as_f64().unwrap();
    let row = parts.out.lines().find(|line| line.starts_with("Fleiss *")).unwrap();
    assert!(row.ends_with(&format!(" {kappa:.3}")), "{row}");
    assert!(parts.out.contains("Fleiss: kappa over tokens, of 1 article that three"));
    assert!(found["all"]["gamma"]["value"].is_f64());
}
