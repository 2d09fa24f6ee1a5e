//! The agreement dashboard, used as a person uses it: the sample's numbers show, a cell
//! opens its cases, a case opens its article.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::agreement::Progress;
use copydesk::agreement::report::Case;
use copydesk::model::AnnotatorName;
use copydesk::session::agreement::{AgreementQuery, measure};
use copydesk::session::review::ReviewAction;
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{ProjectFolder, Settings, StoreError};
use egui::accesskit::Node;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::desk::{Window, foreign_window, nodes, options, session};
use support::{annotator, project};

/// Longer than any test should wait for the background.
const LONGEST: Duration = Duration::from_secs(60);

fn name(name: &str) -> AnnotatorName {
    AnnotatorName::new(name).unwrap()
}

/// A copy of the sample project.
fn sample(temporary: &Path) -> PathBuf {
    let root = temporary.join("karachi");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi"), &root);
    root
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// The window on a project, in Agreement mode.
fn open(root: &Path, annotator: AnnotatorName) -> Window {
    let mut options = options(root);
    options.annotator = Some(annotator);
    // So high that every part is in view.
    let size = Vec2::new(1440.0, 3400.0);
    let mut window = foreign_window(options, Settings::default(), size);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    window.run_steps(4);
    window
}

/// What assistive technology reads, node by node.
fn spoken(window: &Window) -> Vec<String> {
    // A node that is only words has them as its value.
    let words = |node: &Node| node.label().or(node.value()).map(str::to_owned);
    nodes(window).iter().filter_map(|(_, node)| words(node)).collect()
}

/// The cases that are listed; no row of another list quotes anybody.
fn listed(window: &Window) -> Vec<String> {
    let mut found = spoken(window);
    found.retain(|words| words.contains(": annotator-1 ") && words.contains('“'));
    found
}

/// Draws frames until there is something with these words.
fn wait_for(window: &mut Window, words: &str) {
    let start = Instant::now();
    while !spoken(window).iter().any(|found| found.contains(words)) {
        assert!(start.elapsed() < LONGEST, "no “{words}” among {:#?}", spoken(window));
        std::thread::sleep(Duration::from_millis(5));
        window.run_steps(1);
    }
    // What comes with it may move what stands below.
    window.run_steps(2);
}

fn click(window: &mut Window, words: &str) {
    window.query_all_by_label_contains(words).next().unwrap().click();
    window.run_steps(4);
}

#[test]
fn the_numbers_of_the_sample_show() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let opened = ProjectFolder::open(&root).unwrap();
    let query = AgreementQuery::default();
    let found = measure(&opened.folder, &opened.project, &query, &Progress::default()).unwrap();
    let report = found.report;
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "annotator-1 and annotator-2: F1 exact");
    let shown = spoken(&window);
    let all = &report.overall;
    for (measure, score) in [
        ("F1 exact", all.f1_exact.score),
        ("F1 overlap", all.f1_overlap.score),
        ("uα", all.u_alpha.score),
        ("γ", all.gamma.score()),
    ] {
        let start = format!("{measure} {score}, ");
        assert!(shown.iter().any(|words| words.starts_with(&start)), "{start} in {shown:#?}");
    }
    // κ over tokens never stands without its caveat.
    let kappa = format!("token κ {}", all.token_kappa.score);
    let kappa = shown.iter().find(|words| words.starts_with(&kappa)).unwrap();
    assert!(kappa.contains("misleads"), "{kappa}");
    let pair = &report.pairs[0];
    let cell = format!("annotator-1 and annotator-2: F1 exact {}", pair.measures.f1_exact.score);
    // Once above the diagonal and once below.
    assert_eq!(window.query_all_by_label_contains(&cell).count(), 2);
    let actor = &report.by_label[0];
    let row = format!("Actor: annotator-1 {}, annotator-2 {}", actor.counts[0], actor.counts[1]);
    window.get_by_label_contains(&row);
}

#[test]
fn a_cell_opens_its_cases_and_a_case_opens_its_article() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let opened = ProjectFolder::open(&root).unwrap();
    let query = AgreementQuery::default();
    let found = measure(&opened.folder, &opened.project, &query, &Progress::default()).unwrap();
    let pair = found.report.pairs[0].cases.len();
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "annotator-1 and annotator-2: F1 exact");
    assert!(window.query_by_label("Close").is_none());
    click(&mut window, "annotator-1 and annotator-2: F1 exact");
    wait_for(&mut window, "annotator-2 unlabelled");
    assert_eq!(listed(&window).len(), pair);
    // A difference opens in review, where the list is narrowed to what is behind the cell.
    let missing = window.query_all_by_label_contains("annotator-2 unlabelled").next().unwrap();
    let said = missing.accesskit_node().label().unwrap();
    let words = said.split('“').nth(1).unwrap().split('”').next().unwrap().to_owned();
    missing.click();
    window.run_steps(6);
    assert_eq!(reviewed(&mut window), words.trim_end_matches('…'));
    wait_for(&mut window, "Behind: annotator-1 and annotator-2");
    let in_docket = session(&mut window).docket().shown();
    assert!(in_docket > 0 && in_docket <= pair, "{in_docket} of {pair}");
    click(&mut window, "All cases");
    assert!(session(&mut window).docket().shown() >= in_docket);
    assert!(window.query_by_label_contains("Compare annotator-1").is_none());
}

/// The beginning of the case that is selected in review, once it is read.
fn reviewed(window: &mut Window) -> String {
    window.run_steps(2);
    session(window).wait_for_review();
    window.run_steps(4);
    let session = session(window);
    assert!(session.reviewer().is_some());
    let key = session.selected_case().expect("the difference is selected");
    let entry = session.docket().entry(key).expect("it is in the list");
    entry.text.clone()
}

#[test]
fn a_part_of_the_matrix_narrows_the_list_to_its_differences() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "annotator-1 and annotator-2: F1 exact");
    // Actor with one, location with the other: two, by the counts made by hand.
    let cell = spoken(&window)
        .into_iter()
        .find(|words| words.starts_with("Actor") && words.contains("Location: 2"));
    let cell = cell.unwrap_or_else(|| panic!("{:#?}", spoken(&window)));
    click(&mut window, &cell);
    wait_for(&mut window, "2 places");
    let cases = listed(&window);
    assert_eq!(cases.len(), 2);
    click(&mut window, &cases[0]);
    reviewed(&mut window);
    let session = session(&mut window);
    let shown: Vec<_> = session.docket().entries().map(|entry| entry.labels.len()).collect();
    assert_eq!(shown, [2, 2], "both labels stand in both");
}

#[test]
fn the_numbers_follow_what_others_finish() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let mut window = open(&root, name("rev"));
    wait_for(&mut window, "Measured what is saved: 1 article");
    wait_for(&mut window, "No article is assigned to anybody");
    let mut other = Session::open(&root, Some(name("annotator-2")), Arc::new(|| {})).unwrap();
    other.wait_until_listed();
    let ids = ProjectFolder::open(&root).unwrap().folder.article_ids().unwrap().0;
    for id in ids {
        other.try_perform(Action::OpenArticle(id)).unwrap();
        other.try_perform(Action::SetState(copydesk::model::State::Done)).unwrap();
    }
    assert_eq!(other.wait_until_saved(), SaveState::Saved);
    drop(other);
    wait_for(&mut window, "Measured what is saved: 2 articles");
    assert_eq!(window.query_all_by_label("Measure again").count(), 1);
}

/// Presses Escape.
fn escape(window: &mut Window) {
    window.key_press(Key::Escape);
    window.run_steps(4);
}

#[test]
fn every_number_opens_the_differences_that_count_against_it_and_escape_closes_them() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let opened = ProjectFolder::open(&root).unwrap();
    let query = AgreementQuery::default();
    let found = measure(&opened.folder, &opened.project, &query, &Progress::default()).unwrap();
    let report = &found.report;
    let all = report.cases.iter().filter(|case| !case.is_same).count();
    let labels = |case: &&Case| match (case.first, case.second) {
        (Some(one), Some(other)) => one.label != other.label,
        _ => false,
    };
    let labelled = report.cases.iter().filter(labels).count();
    assert!(labelled > 0 && labelled < all);
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "annotator-1 and annotator-2: F1 exact");
    let score = |number: &str, score: copydesk::agreement::Score| format!("{number} {score}");
    let overall = &report.overall;
    for (number, title, expected) in [
        (score("F1 exact", overall.f1_exact.score), "What lowers F1 exact", all),
        (score("cuα", overall.u_alpha_coding.score), "What lowers cuα", labelled),
        ("annotator-2: articles ".to_owned(), "annotator-2 and the others", all),
    ] {
        let mut numbers = nodes(&window).into_iter();
        let node = numbers.find(|(_, node)| {
            let words = node.label().or(node.value());
            words.is_some_and(|words| words.starts_with(&number))
        });
        let name = node.map(|(_, node)| node.label().or(node.value()).unwrap().to_owned());
        let name = name.unwrap_or_else(|| panic!("no {number} in {:#?}", spoken(&window)));
        window.query_all_by_label(&name).next().unwrap().click();
        window.run_steps(4);
        wait_for(&mut window, title);
        wait_for(&mut window, &format!("{expected} differences"));
        assert_eq!(listed(&window).len(), expected, "{title}");
        escape(&mut window);
        assert!(window.query_by_label("Close").is_none(), "{title} is closed");
        assert!(listed(&window).is_empty());
    }
}

#[test]
fn a_line_against_gold_opens_what_gold_says_otherwise() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let mut reviewer = Session::open(&root, Some(name("rev")), Arc::new(|| {})).unwrap();
    reviewer.wait_until_listed();
    // Gold is what the first one says about every place that both marked alike.
    for action in [ReviewAction::Begin, ReviewAction::AcceptAgreeingEverywhere(2)] {
        reviewer.try_perform(Action::Review(action)).unwrap();
        reviewer.wait_for_review();
    }
    assert_eq!(reviewer.wait_until_saved(), SaveState::Saved);
    drop(reviewer);
    let mut window = open(&root, name("annotator-1"));
    click(&mut window, "against gold");
    click(&mut window, "begun ones too");
    wait_for(&mut window, "annotator-1: articles");
    let row =
        |words: &String| words.starts_with("annotator-1: articles") && words.contains("recall");
    let row = spoken(&window).into_iter().find(row).expect("a row against gold");
    assert!(row.contains("recall 1.000"), "{row}");
    click(&mut window, &row);
    wait_for(&mut window, "annotator-1 against gold");
    wait_for(&mut window, "gold above, annotator-1 below");
    let lines: Vec<_> =
        spoken(&window).into_iter().filter(|words| words.contains(": gold unlabelled, ")).collect();
    assert!(!lines.is_empty(), "{:#?}", spoken(&window));
    let words = lines[0].split('“').nth(1).unwrap().split('”').next().unwrap().to_owned();
    click(&mut window, &lines[0]);
    let found = reviewed(&mut window);
    let words = words.trim_end_matches('…');
    assert!(found.contains(words) || words.contains(&found), "{words}: {found}");
    wait_for(&mut window, "Behind: annotator-1 against gold");
}

#[test]
fn what_is_chosen_is_measured_anew_and_the_last_numbers_stay() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(&sample(temporary.path()), name("annotator-1"));
    wait_for(&mut window, "F1 exact 0");
    click(&mut window, "gamma, which takes the most time");
    assert!(spoken(&window).iter().any(|words| words.starts_with("F1 exact 0")));
    wait_for(&mut window, "γ –, not measured");
    click(&mut window, "Matrix of γ");
    wait_for(&mut window, "annotator-1 and annotator-2: γ not measured");
    assert!(!spoken(&window).iter().any(|words| words.contains("γ undefined")));
    click(&mut window, "Compare annotator-2");
    window.get_by_label("Choose at least two annotators");
}

#[test]
fn what_others_made_of_an_unfinished_article_of_ones_own_is_not_listed() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let ids = folder.article_ids().unwrap().0;
    let both = vec![name("annotator-1"), name("annotator-2")];
    let assigned = folder.change_assignment(|assignment| -> Result<(), StoreError> {
        assignment.own_only = true;
        assignment.articles = ids.into_iter().map(|id| (id, both.clone())).collect();
        Ok(())
    });
    assert!(assigned.unwrap().restricts(&name("annotator-1")));
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "annotator-1: assigned 4, not begun 1, begun 1, done 2");
    // How far somebody else is with these is not theirs to see.
    assert!(!spoken(&window).iter().any(|words| words.starts_with("annotator-2: assigned")));
    click(&mut window, "begun ones too");
    wait_for(&mut window, "Measured what is saved: 2 articles");
    let rows = spoken(&window);
    assert!(!rows.iter().any(|words| words.starts_with("Toll rises")), "{rows:#?}");
    let all = rows.iter().find(|words| words.ends_with(" differences")).expect("a way to them");
    click(&mut window, &all.clone());
    wait_for(&mut window, "All annotators");
    let cases = listed(&window);
    assert!(!cases.is_empty());
    // Who may not review annotates: one's own annotation is selected there.
    let own = cases.iter().find(|words| words.contains("annotator-2 unlabelled")).unwrap().clone();
    let words = own.split('“').nth(1).unwrap().split('”').next().unwrap().to_owned();
    assert!(cases.iter().all(|label| !label.starts_with("Toll rises")), "{cases:#?}");
    // Their own row of the progress opens the same.
    click(&mut window, "annotator-1: assigned 4");
    wait_for(&mut window, "annotator-1 and the others");
    click(&mut window, &own);
    window.run_steps(4);
    let session = session(&mut window);
    assert!(session.reviewer().is_none());
    let set = session.set().expect("the article of the case is open");
    let selected = session.selection().annotation.expect("its annotation is selected");
    let selected = set.annotation(selected).unwrap();
    assert!(set.surface(selected).starts_with(words.trim_end_matches('…')), "{words}");
}

#[test]
fn a_column_sorts_its_table() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = open(&sample(temporary.path()), name("annotator-1"));
    wait_for(&mut window, "Actor: annotator-1");
    let order = |window: &Window| -> Vec<String> {
        let mut found = spoken(window);
        found.retain(|words| words.contains(": annotator-1 ") && words.contains("F1 overlap"));
        let found = found.into_iter();
        let found = found.map(|words| words.split(':').next().unwrap().to_owned());
        found.collect()
    };
    let before = order(&window);
    assert_eq!(before, ["Actor", "Location", "Casualty", "Claim"]);
    click(&mut window, "Sort by Label");
    assert_eq!(order(&window), ["Location", "Claim", "Casualty", "Actor"]);
    click(&mut window, "Sort by Label");
    assert_eq!(order(&window), ["Actor", "Casualty", "Claim", "Location"]);
    click(&mut window, "Sort by Label");
    assert_eq!(order(&window), before);
}

#[test]
fn the_report_is_written_and_nothing_else_is_overwritten() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let page = temporary.path().join("karachi-agreement.html");
    std::fs::write(&page, "mine").unwrap();
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "F1 exact 0");
    click(&mut window, "Write HTML");
    wait_for(&mut window, "is there already");
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "mine");
    std::fs::remove_file(&page).unwrap();
    for ending in ["HTML", "CSV"] {
        click(&mut window, &format!("Write {ending}"));
        let ending = ending.to_lowercase();
        wait_for(&mut window, &format!("karachi-agreement.{ending}"));
    }
    assert!(std::fs::read_to_string(&page).unwrap().contains("annotator-1 / annotator-2"));
    // What the window wrote itself it may write again.
    click(&mut window, "Write HTML");
    wait_for(&mut window, "karachi-agreement.html");
    assert!(window.query_by_label_contains("is there already").is_none());
}

#[test]
fn who_has_reviewed_is_not_drawn_unless_asked_for() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let mut window = open(&root, name("rev"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(4);
    assert_eq!(session(&mut window).reviewer(), Some(&name("rev")));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    window.run_steps(4);
    wait_for(&mut window, "No article is assigned to anybody");
    open_assigning(&mut window);
    wait_for(&mut window, "4 articles drawn");
    assert!(spoken(&window).iter().any(|words| words == "rev: gets 0, 0 in all"));
}

#[test]
fn nothing_of_the_choices_is_cut_at_the_edge_of_their_panel() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let size = Vec2::new(1440.0, 900.0);
    let mut window = foreign_window(options(&root), Settings::default(), size);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    window.run_steps(4);
    wait_for(&mut window, "F1 exact 0");
    window.run_steps(4);
    let edge = copydesk::app::theme::sizes::CHOICES_PANEL;
    for words in ["Measure again", "Report to write", "Write CSV", "Choose a folder…"] {
        let right = window.get_by_label(words).rect().right();
        assert!(right <= edge, "{words} ends at {right}, the panel at {edge}");
    }
    for words in ["Measured what is saved", "or a table of all numbers", "begun ones too"] {
        let right = window.get_by_label_contains(words).rect().right();
        assert!(right <= edge, "{words} ends at {right}, the panel at {edge}");
    }
}

#[test]
fn one_annotator_is_told_what_is_missing() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut window = open(temporary.path(), annotator());
    wait_for(&mut window, "Agreement needs two annotators");
}

#[test]
fn begun_articles_are_offered_where_none_is_finished() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    for person in ["annotator-1", "annotator-2"] {
        for file in std::fs::read_dir(root.join("annotations").join(person)).unwrap() {
            let file = file.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(&file, text.replace("state: done", "state: in_progress")).unwrap();
        }
    }
    let mut window = open(&root, name("annotator-1"));
    wait_for(&mut window, "No article has been finished by two");
    click(&mut window, "Compare begun articles too");
    wait_for(&mut window, "F1 exact 0");
}

/// Opens the dialog that assigns; what is measured meanwhile may move the link away from a
/// click.
fn open_assigning(window: &mut Window) {
    let start = Instant::now();
    while window.query_by_label("Name of a new annotator").is_none() {
        assert!(start.elapsed() < LONGEST);
        click(window, "Assign articles…");
    }
}

#[test]
fn articles_are_assigned_after_a_look_at_what_that_gives() {
    let temporary = tempfile::tempdir().unwrap();
    let root = sample(temporary.path());
    let mut window = open(&root, name("rev"));
    wait_for(&mut window, "No article is assigned to anybody");
    open_assigning(&mut window);
    wait_for(&mut window, "4 articles drawn: 1 for several annotators, 3 for one");
    // Whoever reviews does not annotate, and somebody new does.
    click(&mut window, "Assign to rev");
    let field = window.get_by_label("Name of a new annotator");
    field.focus();
    window.run_steps(2);
    window.get_by_label("Name of a new annotator").type_text("annotator-3");
    window.run_steps(2);
    // Enter adds the name, and assigns nothing yet.
    window.key_press(Key::Enter);
    window.run_steps(4);
    wait_for(&mut window, "annotator-3: gets ");
    assert!(spoken(&window).iter().any(|words| words == "rev: gets 0, 0 in all"));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    assert!(folder.read_assignment().unwrap().articles.is_empty(), "a look changes nothing");
    window.get_by_label("Assign").click();
    window.run_steps(4);
    wait_for(&mut window, "Every article is assigned");
    let drawn = folder.read_assignment().unwrap();
    assert_eq!(drawn.articles.len(), 4);
    assert_eq!(drawn.articles.values().map(Vec::len).sum::<usize>(), 5);
    wait_for(&mut window, "annotator-3: assigned ");
    // The way back, from the dialog and from the keyboard.
    open_assigning(&mut window);
    wait_for(&mut window, "Every article has its annotators");
    wait_for(&mut window, "Take back the last draw (4 articles)");
    window.get_by_label("Cancel").click();
    window.run_steps(4);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(4);
    wait_for(&mut window, "No article is assigned to anybody");
    assert!(folder.read_assignment().unwrap().articles.is_empty());
}
