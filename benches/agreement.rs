//! What agreement costs: building the corpus of a whole project, its measures with those of
//! attributes, and gamma.
//!
//!     cargo bench --no-default-features --bench agreement
//!
//! Exits with 1 where a limit is missed. Times are the middle of several runs, on all cores.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use copydesk::agreement::Category;
use copydesk::agreement::Progress;
use copydesk::agreement::bootstrap::Bootstrap;
use copydesk::agreement::corpus::{CodedArticle, Corpus};
use copydesk::agreement::gamma::{Annotated, GammaOptions, Segment, gamma};
use copydesk::agreement::report::{Report, ReportOptions};
use copydesk::edit::{Edit, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    AttributeId, AttributeValue, LabelId, Span,
};
use copydesk::store::{BundledSchema, bundled_schema};
use copydesk::text::TextRange;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ARTICLES: usize = 1_000;
const ANNOTATORS: usize = 3;
const ANNOTATIONS: u32 = 50;
/// F1, kappa, alpha and u-alpha of all of them.
const MEASURES: Duration = Duration::from_millis(500);
/// Gamma of two annotators with a thousand units each, with thirty samples.
const TWO: Duration = Duration::from_millis(500);
/// Gamma of three with two hundred each.
const THREE: Duration = Duration::from_secs(2);
const RUNS: usize = 5;

fn main() -> ExitCode {
    let mut is_missed = false;
    let schema = bundled_schema(BundledSchema::Full).unwrap();
    let read = read();
    let build = || {
        let mut corpus = Corpus::new(annotators(), &schema);
        for sets in &read {
            let article = sets[0].article();
            let sets: Vec<_> = sets.iter().map(Some).collect();
            corpus.push(CodedArticle::new(article, &sets, None));
        }
        corpus
    };
    // Of what was read: units in code points, words, attributes.
    is_missed |= limited("1,000 articles x 3 annotators x 50: the corpus", MEASURES, || {
        assert_eq!(build().articles.len(), ARTICLES);
    });
    let corpus = build();
    let report = |gamma, resamples| {
        let bootstrap = Bootstrap { resamples, seed: 1 };
        let options = ReportOptions { gamma, bootstrap };
        let report = Report::of(&corpus, &schema, &options, &Progress::default()).unwrap();
        assert!(report.overall.f1_exact.score.value().unwrap() > 0.3);
        let compared: usize = report.attributes.iter().map(|line| line.items).sum();
        assert!(compared > 10_000, "{compared} values of attributes are compared");
    };
    is_missed |= limited("1,000 articles x 3 annotators x 50: the report", MEASURES, || {
        report(None, 0);
    });
    told("the same with intervals of 500 draws", || report(None, 500));
    told("the same with gamma, all and each two", || report(Some(GammaOptions::default()), 0));
    for (annotators, units, limit) in [(2, 1_000, TWO), (3, 200, THREE)] {
        for (how, spread) in [("flat", 1.0), ("nested", 3.0)] {
            let article = continuum(annotators, units, spread);
            let what = format!("gamma of {annotators} x {units} units, {how}, 30 samples");
            is_missed |= limited(&what, limit, || {
                let options = GammaOptions::default();
                let article = std::slice::from_ref(&article);
                let found = gamma(article, &options, &Progress::default()).unwrap();
                assert_eq!(found.samples, 30);
            });
        }
    }
    if is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn middle(run: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

fn told(what: &str, run: impl Fn()) {
    println!("{what:<66} {:>9.1} ms", ms(middle(run)));
}

/// Whether the limit was missed.
fn limited(what: &str, limit: Duration, run: impl Fn()) -> bool {
    let time = middle(run);
    let verdict = if time <= limit { "ok" } else { "MISSED" };
    println!("{what:<66} {:>9.1} ms   limit {:>6.0} ms   {verdict}", ms(time), ms(limit));
    time > limit
}

fn annotators() -> Vec<AnnotatorName> {
    let name = |at| AnnotatorName::new(format!("annotator-{at}")).unwrap();
    (1..=ANNOTATORS).map(name).collect()
}

/// The sets of articles in which everybody marks much the same, with other boundaries, labels
/// and attributes here and there.
fn read() -> Vec<Vec<AnnotationSet>> {
    let names = annotators();
    let mut all = Vec::with_capacity(ARTICLES);
    let text = "Gunmen killed three police officers near the border. ".repeat(60);
    let mut random = fastrand::Rng::with_seed(7);
    for at in 0..ARTICLES {
        let id = ArticleId::new(format!("article-{at}")).unwrap();
        let article = Arc::new(Article::new(id, ArticleMeta::default(), &*text));
        let base: Vec<(u32, u32, usize)> = (0..ANNOTATIONS)
            .map(|_| (random.u32(..3_000), random.u32(4..40), random.usize(..4)))
            .collect();
        all.push(names.iter().map(|name| set(&article, name, &base, &mut random)).collect());
    }
    all
}

fn set(
    article: &Arc<Article>,
    name: &AnnotatorName,
    base: &[(u32, u32, usize)],
    random: &mut fastrand::Rng,
) -> AnnotationSet {
    let labels = ["actor", "location", "casualty", "claim"];
    let mut set = AnnotationSet::new(Arc::clone(article), name.clone());
    let mut edits = Vec::new();
    for (at, (start, length, label)) in base.iter().enumerate() {
        let (mut length, mut label) = (*length, *label);
        match random.u32(..10) {
            0 => continue,
            1 | 2 => length += 5,
            3 => label = random.usize(..4),
            _ => {}
        }
        let span = Span::new(TextRange::at((*start).into(), length.into())).unwrap();
        let label = LabelId::new(labels[label]).unwrap();
        let mut made = Annotation::new(AnnotationId(at as u64 + 1), label, span);
        // A number of casualties and a kind of actors, one in eight of them another one.
        let (id, value) = match made.label.as_str() {
            "casualty" => {
                let low = i64::from(*start % 7) + i64::from(random.u32(..8) == 0);
                ("low", AttributeValue::Integer(low))
            }
            _ => {
                let kinds = ["person", "government", "rebel"];
                let kind = (*start as usize + usize::from(random.u32(..8) == 0)) % kinds.len();
                ("kind", AttributeValue::Text(kinds[kind].to_owned()))
            }
        };
        made.attributes.insert(AttributeId::new(id).unwrap(), value);
        edits.push(Edit::add(made));
    }
    Transaction::from(edits).apply(&mut set).unwrap();
    set
}

/// Units one after the other, or reaching over those that follow.
fn continuum(annotators: usize, units: usize, spread: f64) -> Annotated {
    let mut random = fastrand::Rng::with_seed(11);
    let base: Vec<(f64, f64)> = (0..units)
        .map(|at| (at as f64 * 20.0 + random.f64() * 8.0, (4.0 + random.f64() * 10.0) * spread))
        .collect();
    let annotators = (0..annotators).map(|_| {
        let of = |(start, length): &(f64, f64)| {
            let start = start + random.f64() * 6.0;
            let category = Category(random.u32(..4));
            Segment { start, end: start + length + random.f64() * 4.0, category }
        };
        base.iter().map(of).collect()
    });
    Annotated { length: units as f64 * 20.0, annotators: annotators.collect() }
}
