//! What it costs to compare annotators, to list the cases of a project, and, with the
//! window, to draw everybody's lanes.
//!
//!     cargo bench --bench review
//!     cargo bench --no-default-features --bench review
//!
//! Sets are compared in memory, as after reading; the list is read from files. Exits with 1
//! where a limit is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

#[cfg(feature = "gui")]
mod lanes;
#[path = "../news/mod.rs"]
mod news;

use copydesk::edit::{Edit, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    AttributeId, AttributeValue, IdSource, Relation, RelationId, RelationTypeId, Span, State,
};
use copydesk::review::{Adjudication, Decision, compare};
use copydesk::session::review::ReviewAction;
use copydesk::session::{Action, Session};
use copydesk::store::{
    BundledSchema, ProjectFolder, Writer, in_order, rendered_article, rendered_set,
};
use copydesk::text::TextRange;
use news::Script;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What every difference of a thousand articles may take.
const PROJECT: Duration = Duration::from_millis(200);
/// A frame at sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// Each measurement is the middle of so many.
const TIMES: usize = 7;

/// What a frame asks of the list.
const ASKED: Duration = Duration::from_micros(100);

/// What was told, and whether a limit was missed.
#[derive(Default)]
struct Told {
    is_missed: bool,
}

impl Told {
    fn line(&mut self, what: &str, took: Duration, limit: Option<Duration>) {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let Some(limit) = limit else {
            println!("{what:<52} {:>9.2} ms", ms(took));
            return;
        };
        self.is_missed |= took > limit;
        let verdict = if took <= limit { "ok" } else { "MISSED" };
        println!("{what:<52} {:>9.2} ms   limit {:>6.1} ms   {verdict}", ms(took), ms(limit));
    }
}

fn main() -> ExitCode {
    let mut told = Told::default();
    let mut line = |what: &str, took: Duration, limit: Duration| told.line(what, took, Some(limit));
    let articles: Vec<_> = (0..1_000).map(|seed| sets(seed, 3, 50)).collect();
    let took = middle(|| {
        let compared = |index: usize| {
            let sets: Vec<&AnnotationSet> = articles[index].iter().collect();
            compare(&sets).differing().count()
        };
        let mut differing = 0;
        in_order(articles.len(), compared, |found| {
            differing += found;
            ControlFlow::Continue(())
        });
        assert!(differing > 10_000, "{differing} cases differ");
    });
    line("differences: 1,000 articles x 3 annotators x 50", took, PROJECT);
    // 2,000 annotations in all, and as many by each.
    for (what, each) in [("2,000", 2_000 / 6), ("12,000", 2_000)] {
        let many = sets(7, 6, each);
        let many: Vec<&AnnotationSet> = many.iter().collect();
        let took = middle(|| drop(compare(&many)));
        line(&format!("one article, 6 annotators, {what} annotations"), took, FRAME);
        let comparison = compare(&many);
        let gold = AnnotationSet::new(Arc::clone(many[0].article()), AnnotatorName::gold());
        let took = middle(|| {
            let adjudication = Adjudication::new(&comparison, &many, &gold);
            assert_eq!(adjudication.progress().settled, 0);
        });
        line(&format!("  what is settled of it, {what}"), took, FRAME);
        let by = AnnotatorName::new("rev").unwrap();
        let took = middle(|| {
            let mut adjudication = Adjudication::new(&comparison, &many, &gold);
            let accepted = adjudication.accept_agreeing(4, &by, &mut IdSource::seeded(1)).unwrap();
            assert!(accepted.len() > each / 10, "{} accepted", accepted.len());
        });
        line(&format!("  accept what four agree on, {what}"), took, PROJECT);
    }
    list(&articles, &mut told);
    #[cfg(feature = "gui")]
    lanes::measure(&mut told);
    if told.is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The list of cases of a whole project: read from its files, asked in a frame, and one
/// article of it taken in again after a decision.
fn list(articles: &[Vec<AnnotationSet>], told: &mut Told) {
    let folder = tempfile::tempdir().unwrap();
    on_disk(folder.path(), articles);
    let wake: copydesk::session::Wake = Arc::new(|| {});
    let mut session = Session::open(folder.path(), Some(news::annotator()), wake).unwrap();
    session.wait_until_listed();
    session.try_perform(Action::OpenArticle(ArticleId::new("a-0").unwrap())).unwrap();
    let began = Instant::now();
    session.try_perform(Action::Review(ReviewAction::Begin)).unwrap();
    session.wait_for_review();
    let words = "the list of 1,000 articles, read and taken in";
    told.line(words, began.elapsed(), None);
    session.try_perform(Action::Review(ReviewAction::NextOpen)).unwrap();
    let ask = |session: &Session| {
        let docket = session.docket();
        let alike = docket.alike_count(session.selected_case().unwrap());
        (docket.progress().cases, docket.shown(), alike)
    };
    let began = Instant::now();
    let (cases, shown, _) = ask(&session);
    told.line("  what a frame asks, after a change", began.elapsed(), Some(FRAME));
    assert!(cases > shown && shown > 10_000, "{shown} of {cases}");
    let asked = middle(|| assert_eq!(ask(&session).1, shown));
    told.line("  what a frame asks, otherwise", asked, Some(ASKED));
    let mut decided = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        session.try_perform(Action::Review(ReviewAction::Decide(Decision::Reject))).unwrap();
        decided.push(began.elapsed());
        session.wait_for_review();
    }
    told.line("  deciding a case, and the way to the next", middle_of(decided), Some(FRAME));
}

/// Writes a project with these sets, each article's together, without syncing every file.
fn on_disk(root: &Path, articles: &[Vec<AnnotationSet>]) {
    Session::create(root, "Bench", BundledSchema::Full, news::annotator()).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    let put = |(file, text): (PathBuf, String)| {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    for sets in articles {
        put(rendered_article(sets[0].article()));
        sets.iter().for_each(|set| put(rendered_set(set)));
    }
    let mut writer = Writer::new(folder);
    for set in articles.iter().flatten().take(6) {
        writer.add_annotator(set.annotator()).unwrap();
    }
}

fn middle(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    middle_of((0..TIMES).map(time).collect())
}

fn middle_of(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// What some annotators made of one article: mostly the same, with everything that people
/// differ in.
fn sets(seed: u64, annotators: usize, each: usize) -> Vec<AnnotationSet> {
    let text = news::text(Script::Latin, each * 110);
    let id = ArticleId::new(format!("a-{seed}")).unwrap();
    let article = Arc::new(Article::new(id, ArticleMeta::default(), text.as_str()));
    let mut common = news::annotations(&text);
    common.truncate(each);
    let made = (0..annotators).map(|by| {
        let mut random = fastrand::Rng::with_seed(seed * 31 + by as u64);
        let name = AnnotatorName::new(format!("annotator-{by}")).unwrap();
        let mut set = AnnotationSet::new(Arc::clone(&article), name);
        let mut edits: Vec<_> = Vec::with_capacity(each * 2);
        for found in &common {
            if let Some(found) = vary(found, by, &text, &mut random) {
                edits.push(Edit::add(found));
            }
        }
        for (index, pair) in edits.clone().chunks_exact(2).enumerate() {
            if let [Edit::Add(from), Edit::Add(to)] = pair {
                let kind = RelationTypeId::new("source").unwrap();
                let id = RelationId(1_000_000 + index as u64);
                edits.push(Edit::relate(Relation { id, kind, from: from.id, to: to.id }));
            }
        }
        edits.push(Edit::State(State::Done));
        Transaction::from(edits).apply(&mut set).unwrap();
        set
    });
    made.collect()
}

fn vary(
    found: &Annotation,
    by: usize,
    text: &str,
    random: &mut fastrand::Rng,
) -> Option<Annotation> {
    let mut made = found.clone();
    made.id = AnnotationId(found.id.0 + 10_000 * by as u64);
    let low = AttributeId::new("low").unwrap();
    made.attributes.insert(low.clone(), AttributeValue::Integer(3));
    match random.u8(0..12) {
        0 => return None,
        1 => made.attributes.insert(low, AttributeValue::Integer(4)).map(drop)?,
        2 => made.label = copydesk::model::LabelId::new("claim").unwrap(),
        3 => {
            let extent = found.span.extent();
            let longer = u32::from(extent.end()) as usize + 4;
            let end = (longer..text.len()).find(|at| text.is_char_boundary(*at))?;
            let range = TextRange::new(extent.start(), (end as u32).into());
            made.span = Span::new(range).ok()?;
        }
        _ => {}
    }
    Some(made)
}
