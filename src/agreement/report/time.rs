//! Agreement over time, and how fast annotators are.
//!
//! Both are told from when annotations were made and last changed, which every annotation
//! records; histories need not be read. Days are those of UTC.

use super::super::Score;
use super::super::corpus::{Coded, Corpus};
use super::super::spans::Tally;
use super::Cases;
use super::facts::Facts;
use crate::model::AnnotatorName;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Somebody who makes nothing for this long, in seconds, is not at work.
const PAUSE: i64 = 300;

/// The articles that were finished by all who have them on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// The day of the last change to any of their annotations.
    pub day: Date,
    /// How many articles.
    pub articles: usize,
    /// F1 with the same ranges and label: the mean over pairs of annotators, each in all of
    /// the day's articles that both have.
    pub f1_exact: Score,
    /// The same with the same label and any overlap.
    pub f1_overlap: Score,
    /// Where annotators differ.
    pub cases: Cases,
}

/// One annotator's pace.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Who.
    pub annotator: AnnotatorName,
    /// The articles that count, shared ones and others.
    pub articles: usize,
    /// The annotations made in the program.
    pub annotations: usize,
    /// The seconds between one annotation and the next, pauses of more than five minutes
    /// left out.
    pub seconds: i64,
    /// Annotations an hour of that time.
    pub per_hour: Score,
    /// How many were made on each day.
    pub days: Vec<(Date, usize)>,
}

/// The pace of every annotator, in all articles that they have. O(n log n).
pub(super) fn paces(corpus: &Corpus) -> Vec<Pace> {
    let of = |(person, annotator): (usize, &AnnotatorName)| {
        let sets = corpus.articles.iter().filter_map(|article| article.sets[person].as_ref());
        let sets: Vec<&Coded> = sets.collect();
        let marks = sets.iter().flat_map(|set| &set.marks);
        let mut times: Vec<Timestamp> = marks.filter_map(|mark| mark.made).collect();
        let alone = corpus.alone.get(person);
        times.extend(alone.into_iter().flat_map(|alone| &alone.made));
        times.sort_unstable();
        let articles = sets.len() + alone.map_or(0, |alone| alone.articles);
        pace(annotator, articles, &times)
    };
    corpus.annotators.iter().enumerate().map(of).collect()
}

fn pace(annotator: &AnnotatorName, articles: usize, times: &[Timestamp]) -> Pace {
    let between = times.windows(2).map(|pair| pair[1].as_second() - pair[0].as_second());
    let at_work: Vec<i64> = between.filter(|seconds| *seconds <= PAUSE).collect();
    let seconds = at_work.iter().sum();
    let mut days: BTreeMap<Date, usize> = BTreeMap::new();
    for time in times {
        *days.entry(day(*time)).or_default() += 1;
    }
    Pace {
        annotator: annotator.clone(),
        articles,
        annotations: times.len(),
        seconds,
        // What was made first after a pause took a time that nobody knows.
        per_hour: Score::ratio(at_work.len() as f64 * 3600.0, seconds as f64),
        days: days.into_iter().collect(),
    }
}

/// Articles by the day on which they were last changed. `differing` are the cases of each
/// article where annotators differ.
pub(super) fn periods(corpus: &Corpus, facts: &[Facts], differing: &[Cases]) -> Vec<Period> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for (facts, differing) in facts.iter().zip(differing) {
        let sets = corpus.articles[facts.article].sets.iter().flatten();
        let changed = sets.flat_map(|set| &set.marks).map(|mark| mark.changed).max();
        let (Some(changed), false) = (changed, facts.pairs.is_empty()) else { continue };
        let day = days.entry(day(changed)).or_default();
        day.articles += 1;
        for pair in &facts.pairs {
            let (exact, overlap) = day.pairs.entry(pair.annotators).or_default();
            pair.exact.iter().for_each(|tally| *exact += *tally);
            pair.overlap.iter().for_each(|tally| *overlap += *tally);
        }
        day.cases.extend_from_slice(differing);
    }
    let period = |(day, Day { articles, pairs, cases })| Period {
        day,
        articles,
        f1_exact: Score::mean(pairs.values().map(|(exact, _)| exact.f1())),
        f1_overlap: Score::mean(pairs.values().map(|(_, overlap)| overlap.f1())),
        cases,
    };
    days.into_iter().map(period).collect()
}

/// What is counted of one day.
#[derive(Default)]
struct Day {
    articles: usize,
    /// Exact and overlapping, of each two annotators.
    pairs: BTreeMap<(usize, usize), (Tally, Tally)>,
    cases: Cases,
}

fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_no_work() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
        let times = [at(0), at(60), at(120), at(4_000), at(4_060)];
        let found = pace(&AnnotatorName::new("x").unwrap(), 2, &times);
        assert_eq!((found.annotations, found.seconds), (5, 180));
        assert_eq!(found.per_hour, Score::Known(60.0));
        let once = pace(&AnnotatorName::new("x").unwrap(), 1, &times[..1]);
        assert_eq!((once.per_hour, once.days.len()), (Score::Undefined, 1));
    }
}
