//! Reports of a few annotators, with the numbers by hand.

use super::*;
use crate::agreement::coding::Metric;
use crate::agreement::corpus::CodedArticle;
use crate::edit::{Edit, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, Article, ArticleMeta, Attribute, AttributeId,
    AttributeKind, AttributeValue, Color, Label, Span,
};
use crate::text::TextRange;
use std::sync::Arc;

/// An annotation: where it begins and ends, and its value; nothing for none.
type Said = (u32, u32, &'static str);

/// What the annotators have of an article; `None` who does not have it.
type Sets<'a> = &'a [Option<&'a [Said]>];

const TEXT: &str = "Gunmen raided the police office in Karachi and three officers were killed.";

fn schema() -> Schema {
    let kind = Attribute {
        id: AttributeId::new("kind").unwrap(),
        name: "kind".to_owned(),
        kind: AttributeKind::Text,
        required: false,
        guideline: String::new(),
    };
    let label = Label {
        id: LabelId::new("actor").unwrap(),
        name: "Actor".to_owned(),
        key: None,
        color: Color::nth(0),
        guideline: String::new(),
        attributes: vec![kind],
    };
    Schema::new(vec![label], Vec::new()).unwrap()
}

fn set(article: &Arc<Article>, by: usize, said: &[Said]) -> AnnotationSet {
    let mut set = AnnotationSet::new(Arc::clone(article), name(by));
    let annotation = |(at, (start, end, kind)): (usize, &Said)| {
        let span = Span::from_ranges(vec![TextRange::new((*start).into(), (*end).into())]);
        let id = AnnotationId(100 * by as u64 + at as u64);
        let mut made = Annotation::new(id, LabelId::new("actor").unwrap(), span.unwrap());
        if !kind.is_empty() {
            let value = AttributeValue::Text((*kind).to_owned());
            made.attributes.insert(AttributeId::new("kind").unwrap(), value);
        }
        Edit::add(made)
    };
    let edits: Vec<Edit> = said.iter().enumerate().map(annotation).collect();
    Transaction::from(edits).apply(&mut set).unwrap();
    set
}

fn name(by: usize) -> AnnotatorName {
    AnnotatorName::new(format!("annotator-{by}")).unwrap()
}

fn report(annotators: usize, articles: &[Sets<'_>]) -> Report {
    let schema = schema();
    let mut corpus = Corpus::new((0..annotators).map(name).collect(), &schema);
    for (at, sets) in articles.iter().enumerate() {
        let id = ArticleId::new(format!("article-{at}")).unwrap();
        let article = Arc::new(Article::new(id, ArticleMeta::default(), TEXT));
        let coded = |(by, said): (usize, &Option<&[Said]>)| Some(set(&article, by, (*said)?));
        let sets: Vec<_> = sets.iter().enumerate().map(coded).collect();
        let sets: Vec<_> = sets.iter().map(Option::as_ref).collect();
        corpus.push(CodedArticle::new(&article, &sets, None));
    }
    let bootstrap = Bootstrap { resamples: 0, seed: 1 };
    let options = ReportOptions { bootstrap, ..ReportOptions::default() };
    Report::of(&corpus, &schema, &options, &Progress::default()).unwrap()
}

#[track_caller]
fn near(score: Score, expected: f64) {
    let value = score.value().unwrap();
    assert!((value - expected).abs() < 1e-12, "{value} is not {expected}");
}

#[track_caller]
fn nominal(report: &Report) -> Score {
    let [(Metric::Nominal, alpha)] = report.attributes[0].alphas[..] else { panic!() };
    alpha
}

/// Three coders of two things, `a a b` and `a a a`: Do = 2/6, De = 10/30, so α = 0.
#[test]
fn a_value_counts_once_however_many_annotators_it_is_compared_with() {
    let same: &[Said] = &[(0, 6, "a"), (18, 24, "a")];
    let other: &[Said] = &[(0, 6, "b"), (18, 24, "a")];
    let found = report(3, &[&[Some(same), Some(same), Some(other)]]);
    near(nominal(&found), 0.0);
    let line = &found.attributes[0];
    assert_eq!((line.items, line.same), (2, 1));
    // The third differs from the first and from the second.
    let two: Vec<_> = line.cases.iter().map(|at| found.cases[*at].annotators).collect();
    assert_eq!(two, [(0, 2), (1, 2)]);
}

/// `a a b` by three and `a b` by two: Do = (2 + 2)/5, De = 2·3·2/20, so α = −1/3.
#[test]
fn articles_of_two_and_of_three_annotators_count_by_their_values() {
    let (one, other): (&[Said], &[Said]) = (&[(0, 6, "a")], &[(0, 6, "b")]);
    let found = report(3, &[&[Some(one), Some(one), Some(other)], &[Some(one), None, Some(other)]]);
    near(nominal(&found), -1.0 / 3.0);
    assert_eq!((found.attributes[0].items, found.attributes[0].same), (2, 0));
}

/// The first and the third share no letter; the second, with both of which they share
/// some, has not said what it is.
#[test]
fn values_matched_by_way_of_a_third_annotator_open_the_cases_between() {
    let sets: [&[Said]; 3] = [&[(0, 10, "a")], &[(5, 15, "")], &[(10, 20, "b")]];
    let found = report(3, &[&sets.map(Some)]);
    let line = &found.attributes[0];
    assert_eq!((line.items, line.same), (1, 0));
    let two: Vec<_> = line.cases.iter().map(|at| found.cases[*at].annotators).collect();
    assert_eq!(two, [(0, 1), (1, 2)]);
    assert!(line.cases.iter().all(|at| found.cases[*at].second.is_some()));
}

/// Stacked annotations of one annotator are two things.
#[test]
fn no_annotator_stands_twice_in_one_thing() {
    let one: &[Said] = &[(0, 6, "a"), (0, 6, "b")];
    let other: &[Said] = &[(0, 6, "b"), (0, 6, "a")];
    let found = report(3, &[&[Some(one), Some(other), Some(one)]]);
    assert_eq!((found.attributes[0].items, found.attributes[0].same), (2, 2));
    near(nominal(&found), 1.0);
}

/// Three annotators, of whom each two share an article and all three at most one.
fn in_parts(with_one_of_all: bool) -> Report {
    let (one, other): (&[Said], &[Said]) =
        (&[(0, 6, ""), (18, 24, "")], &[(0, 6, ""), (10, 24, "")]);
    let all: [Sets<'_>; 4] = [
        &[Some(one), Some(other), None],
        &[Some(one), None, Some(one)],
        &[None, Some(other), Some(one)],
        &[Some(one), Some(other), Some(one)],
    ];
    report(3, if with_one_of_all { &all } else { &all[..3] })
}

#[test]
fn where_articles_are_shared_in_parts_it_is_said_of_how_many_a_number_is() {
    let none = in_parts(false);
    let words = "no article has the annotations of all";
    assert_eq!(none.overall.of_all(none.by_article.len()).as_deref(), Some(words));
    assert_eq!(none.overall.gamma, GammaScore::Failed(GammaError::NoneOfAll));
    assert_eq!(html(&none, "p").matches(&format!("<td>{words}</td>")).count(), 2);
    assert!(csv(&none).contains(&format!("all,all,gamma,{words},,,")));
    // Two at a time there is all that can be measured.
    assert!(none.pairs.iter().all(|line| line.measures.of_all(line.articles).is_none()));
    assert!(none.pairs.iter().all(|line| line.measures.gamma.score().value().is_some()));

    let one = in_parts(true);
    let words = "of 1 article that all have";
    assert_eq!(one.overall.of_all(one.by_article.len()).as_deref(), Some(words));
    assert!(one.overall.gamma.score().value().is_some());
    // γ, α_U 2004 of all, and α_U 2004 of labels.
    assert_eq!(html(&one, "p").matches(words).count(), 3);
    assert!(csv(&one).contains("all,all,articles that all have,1,,,"));

    let said: &[Said] = &[(0, 6, "")];
    let whole = report(2, &[&[Some(said), Some(said)]]);
    assert_eq!(whole.overall.of_all(whole.by_article.len()), None);
    assert!(!html(&whole, "p").contains("that all have"));
}

/// Of twelve words two of three annotators mark the first. Po = (11 + 2/6)/12 = 17/18, the
/// label has 1/18 of all choices, Pe = (17² + 1)/18², and κ = (306 − 290)/(324 − 290).
#[test]
fn fleiss_kappa_is_of_the_articles_that_three_have_and_has_its_caveat() {
    let (marked, empty): (&[Said], &[Said]) = (&[(0, 6, "")], &[]);
    let three: Sets<'_> = &[Some(marked), Some(marked), Some(empty)];
    let found = report(3, &[three, &[None, Some(marked), Some(empty)]]);
    let fleiss = found.token_fleiss.unwrap();
    assert_eq!(fleiss.articles, 1);
    near(fleiss.kappa.score, 8.0 / 17.0);
    let page = html(&found, "p");
    let (number, caveat) = (page.find("Fleiss’ κ").unwrap(), page.find("misleads").unwrap());
    assert!(
        page[number..caveat].contains("of 1 article that three annotators or more have: 0.471")
    );
    let column = "token fleiss kappa (misleads for spans)";
    assert!(csv(&found).contains(&format!("all,all,{column},0.47058823529411")));
    // Two have Cohen's.
    let two = report(2, &[&[Some(marked), Some(empty)]]);
    assert_eq!(two.token_fleiss, None);
    assert!(!html(&two, "p").contains("Fleiss"));
}

/// Where names are hidden people are listed in another order, and the numbers are the same.
#[test]
fn gamma_does_not_depend_on_the_order_in_which_people_are_listed() {
    let said: [&[Said]; 3] =
        [&[(0, 6, ""), (18, 24, "")], &[(0, 6, ""), (30, 40, "")], &[(2, 9, "")]];
    let gamma = |order: [usize; 3]| {
        let schema = schema();
        let mut corpus = Corpus::new(order.map(name).to_vec(), &schema);
        let id = ArticleId::new("article").unwrap();
        let article = Arc::new(Article::new(id, ArticleMeta::default(), TEXT));
        let sets = order.map(|by| set(&article, by, said[by]));
        corpus.push(CodedArticle::new(&article, &sets.each_ref().map(Some), None));
        let bootstrap = Bootstrap { resamples: 0, seed: 1 };
        let gamma = Some(GammaOptions::default());
        let options = ReportOptions { bootstrap, gamma };
        Report::of(&corpus, &schema, &options, &Progress::default()).unwrap().overall.gamma
    };
    let found = gamma([0, 1, 2]);
    assert!(matches!(found, GammaScore::Known { .. }), "{found:?}");
    assert_eq!(gamma([2, 1, 0]), found);
    assert_eq!(gamma([1, 2, 0]), found);
}
