//! How sure a number is: confidence intervals by resampling articles.

use super::Score;
use super::coding::{CodingTable, FleissTable};
use super::progress::{Cancelled, Progress};
use super::seed::of_sample;
use super::spans::Tally;
use super::unitizing::Coincidences;
use rayon::prelude::*;

/// What is counted in an article and can be added up over articles.
pub trait Pooled: Clone + Send + Sync {
    /// Adds the counts of more articles.
    fn pool(&mut self, more: &Self);
}

impl Pooled for Tally {
    fn pool(&mut self, more: &Self) {
        *self += *more;
    }
}

impl Pooled for CodingTable {
    fn pool(&mut self, more: &Self) {
        self.add_all(more);
    }
}

impl Pooled for FleissTable {
    fn pool(&mut self, more: &Self) {
        self.add_all(more);
    }
}

impl Pooled for Coincidences {
    fn pool(&mut self, more: &Self) {
        self.add(more);
    }
}

/// A part and a whole.
impl Pooled for (f64, f64) {
    fn pool(&mut self, more: &Self) {
        self.0 += more.0;
        self.1 += more.1;
    }
}

/// One for each pair of annotators.
impl<T: Pooled> Pooled for Vec<T> {
    fn pool(&mut self, more: &Self) {
        self.iter_mut().zip(more).for_each(|(own, more)| own.pool(more));
    }
}

/// How intervals are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// How often articles are drawn; none for no intervals.
    pub resamples: usize,
    /// The same seed draws the same articles.
    pub seed: u64,
}

/// A number and where it would be in 95 of 100 draws of articles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The number for the articles as they are.
    pub score: Score,
    /// From 2.5 to 97.5 per cent of the draws; `None` for fewer than two articles, or where
    /// hardly any draw has a number.
    pub interval: Option<(f64, f64)>,
}

impl From<Score> for Estimate {
    fn from(score: Score) -> Self {
        Self { score, interval: None }
    }
}

/// The number for all articles together, and its interval by the percentile method (Efron
/// and Tibshirani 1993, chapter 13): articles are drawn with replacement, because what
/// somebody does within one is not independent. O(resamples · articles).
///
/// # Errors
/// When it is cancelled.
pub fn estimate<T: Pooled>(
    articles: &[T],
    none: &T,
    score: impl Fn(&T) -> Score + Sync,
    bootstrap: Bootstrap,
    progress: &Progress,
) -> Result<Estimate, Cancelled> {
    let mut all = none.clone();
    articles.iter().for_each(|article| all.pool(article));
    let known = score(&all);
    if articles.len() < 2 || known == Score::Undefined {
        return Ok(known.into());
    }
    let draw = |number: usize| {
        progress.check()?;
        let mut random = fastrand::Rng::with_seed(of_sample(bootstrap.seed, number as u64));
        let mut drawn = none.clone();
        for _ in 0..articles.len() {
            drawn.pool(&articles[random.usize(..articles.len())]);
        }
        Ok(score(&drawn).value())
    };
    let drawn = (0..bootstrap.resamples).into_par_iter().map(draw);
    let drawn = drawn.collect::<Result<Vec<_>, Cancelled>>()?;
    Ok(Estimate { score: known, interval: interval(drawn, bootstrap.resamples) })
}

/// The middle 95 per cent; `None` where fewer than half of the draws have a number.
fn interval(drawn: Vec<Option<f64>>, resamples: usize) -> Option<(f64, f64)> {
    let mut known: Vec<f64> = drawn.into_iter().flatten().collect();
    if known.is_empty() || known.len() * 2 < resamples {
        return None;
    }
    known.sort_unstable_by(f64::total_cmp);
    let at = |part: f64| known[((known.len() - 1) as f64 * part).round() as usize];
    Some((at(0.025), at(0.975)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f1(articles: &[Tally], seed: u64) -> Estimate {
        let bootstrap = Bootstrap { resamples: 400, seed };
        let none = Tally::default();
        estimate(articles, &none, |tally| tally.f1(), bootstrap, &Progress::default()).unwrap()
    }

    #[test]
    fn more_articles_make_it_surer_and_the_seed_decides() {
        let good = Tally { both: 9, first: 10, second: 10 };
        let bad = Tally { both: 2, first: 10, second: 10 };
        let few = [good, bad, good, bad];
        let many = few.repeat(25);
        let width = |found: Estimate| found.interval.map(|(low, high)| high - low).unwrap();
        let (few, many) = (f1(&few, 1), f1(&many, 1));
        assert_eq!((few.score, many.score), (Score::Known(0.55), Score::Known(0.55)));
        let (low, high) = many.interval.unwrap();
        assert!(low < 0.55 && 0.55 < high && width(many) < width(few) / 2.0);
        let again = [good, bad].repeat(50);
        assert_eq!(f1(&again, 7), f1(&again, 7));
    }

    #[test]
    fn one_article_has_no_interval() {
        assert_eq!(f1(&[Tally { both: 1, first: 1, second: 2 }], 1).interval, None);
        assert_eq!(f1(&[], 1).score, Score::Undefined);
    }
}
