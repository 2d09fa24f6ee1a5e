//! γ: agreement on where units are and what they are, told from the best alignment there is
//! (Mathet, Widlöcher and Métivier 2015, "The unified and holistic method gamma (γ) for
//! inter-annotator agreement measure and alignment").
//!
//! γ = 1 − δo / δe. The observed disorder δo is that of the best alignment, which is found
//! exactly: for two annotators as an assignment, for more by `many`. The expected one, δe,
//! is the mean over random continua like the real one ([`Sampler`]), aligned just as exactly.
//! A continuum that is too tangled to be aligned exactly is an error and never an estimate.
//!
//! A discontinuous unit stands here from its first place to its last.

mod dissimilarity;
mod many;
mod packing;
mod sampler;
mod two;

pub use dissimilarity::{Dissimilarity, Segment};
pub use sampler::Sampler;

use super::Score;
use super::progress::{Cancelled, Progress};
use super::seed::of_sample;
use rayon::prelude::*;
use sampler::Source;

/// Of two best alignments the one that leaves fewer units alone is taken: being aligned is
/// worth this little more.
const TIE: f64 = 1e-8;

/// Why there is no γ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GammaError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The units of so many annotators overlap so much that the best alignment cannot be
    /// found in reasonable time and memory.
    #[error(
        "the units overlap too much to find the best alignment of all annotators; measure \
         gamma for two annotators at a time"
    )]
    TooTangled,
    /// Articles are shared in parts, so that none can be aligned for all annotators.
    #[error(
        "no article has the annotations of all; measure gamma for two annotators at a time, or \
         have everybody annotate some of the same articles"
    )]
    NoneOfAll,
}

/// The best alignment of an article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alignment {
    /// The unitary alignments: for each annotator one of their units, or none.
    pub unitary: Vec<Vec<Option<usize>>>,
    /// The sum of their disorders.
    pub cost: f64,
    /// The number of units of all annotators.
    pub units: usize,
}

impl Alignment {
    /// The disorder: the cost by the mean number of units of an annotator.
    pub fn disorder(&self) -> Score {
        let annotators = self.unitary.first().map_or(0, Vec::len);
        Score::ratio(self.cost * annotators as f64, self.units as f64)
    }
}

/// One article: its length, and what each annotator marked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotated {
    /// In the places that segments count.
    pub length: f64,
    /// Each annotator's segments, in any order.
    pub annotators: Vec<Vec<Segment>>,
}

/// How γ is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaOptions {
    /// What a difference costs.
    pub dissimilarity: Dissimilarity,
    /// How random continua are made.
    pub sampler: Sampler,
    /// How many of them there are at first; thirty are the usual number.
    pub samples: usize,
    /// How near δe is to come, as a part of it, in 95 of 100 cases: then as many more samples
    /// are drawn as their spread asks for. `None` for no more than `samples`.
    pub precision: Option<f64>,
    /// The same seed makes the same samples.
    pub seed: u64,
}

impl Default for GammaOptions {
    fn default() -> Self {
        Self {
            dissimilarity: Dissimilarity::default(),
            sampler: Sampler::Statistical,
            samples: 30,
            precision: None,
            seed: 1,
        }
    }
}

/// γ and what it is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gamma {
    /// γ itself.
    pub gamma: Score,
    /// δo.
    pub observed: Score,
    /// δe.
    pub expected: Score,
    /// The number of samples.
    pub samples: usize,
    /// The best alignment of each article.
    pub alignments: Vec<Alignment>,
}

/// The alignment of an article with the least disorder.
///
/// O(n · k log n) for two annotators whose units each have k others nearby. For more, the
/// time depends on how the units are tangled; see `many`.
///
/// # Errors
/// When it is cancelled, or for more than two annotators cannot be found.
pub fn best_alignment(
    annotators: &[Vec<Segment>],
    dissimilarity: &Dissimilarity,
    progress: &Progress,
) -> Result<Alignment, GammaError> {
    progress.check()?;
    let unitary = match annotators {
        [] => Vec::new(),
        [alone] => (0..alone.len()).map(|at| vec![Some(at)]).collect(),
        [first, second] => two::align(first, second, dissimilarity),
        _ => many::align(annotators, dissimilarity, progress)?,
    };
    let cost = unitary.iter().map(|one| dissimilarity.of_unitary(annotators, one)).sum();
    let units = annotators.iter().map(Vec::len).sum();
    Ok(Alignment { unitary, cost, units })
}

/// γ over articles, which are aligned each by itself. All have the same annotators. Random
/// continua are like the articles laid end to end, and no longer than it takes to know their
/// disorder. Undefined for fewer than two annotators or where nothing is marked.
///
/// # Errors
/// When it is cancelled, or for more than two annotators cannot be found.
pub fn gamma(
    articles: &[Annotated],
    options: &GammaOptions,
    progress: &Progress,
) -> Result<Gamma, GammaError> {
    progress.expect(articles.len() + options.samples);
    let align = |article: &Annotated| {
        let found = best_alignment(&article.annotators, &options.dissimilarity, progress)?;
        progress.advance()?;
        Ok(found)
    };
    let alignments: Vec<Alignment> =
        articles.par_iter().map(align).collect::<Result<_, GammaError>>()?;
    let annotators = articles.iter().map(|article| article.annotators.len()).max().unwrap_or(0);
    let units: usize = alignments.iter().map(|found| found.units).sum();
    let cost: f64 = alignments.iter().map(|found| found.cost).sum();
    let observed = Score::ratio(cost * annotators as f64, units as f64);
    let (expected, samples) = if annotators < 2 || units == 0 {
        (Score::Undefined, 0)
    } else {
        expected(&Source::of(articles, options.sampler), options, progress)?
    };
    let gamma = match (observed, expected) {
        (Score::Known(observed), Score::Known(expected)) => {
            Score::beyond_chance(observed, expected)
        }
        _ => Score::Undefined,
    };
    Ok(Gamma { gamma, observed, expected, samples, alignments })
}

/// δe, and the number of samples behind it.
fn expected(
    source: &Source,
    options: &GammaOptions,
    progress: &Progress,
) -> Result<(Score, usize), GammaError> {
    let draw = |from: usize, to: usize| {
        let disorder = |number: usize| {
            let mut random = fastrand::Rng::with_seed(of_sample(options.seed, number as u64));
            let sample = source.sample(&mut random);
            let found = best_alignment(&sample, &options.dissimilarity, progress)?;
            progress.advance()?;
            Ok(found.disorder().value())
        };
        let drawn = (from..to).into_par_iter().map(disorder);
        drawn.collect::<Result<Vec<Option<f64>>, GammaError>>()
    };
    let mut disorders = draw(0, options.samples)?;
    if let Some(precision) = options.precision {
        let more = samples_for(precision, &disorders).saturating_sub(options.samples);
        progress.expect(more);
        disorders.extend(draw(options.samples, options.samples + more)?);
    }
    // A sample without a unit has no disorder.
    Ok((Score::mean(disorders.iter().flatten().map(|one| Score::Known(*one))), disorders.len()))
}

/// How many samples bring δe as near as that in 95 of 100 cases, going by the spread of those
/// there are (Mathet et al. 2015, section 5.3). At most a thousand.
fn samples_for(precision: f64, disorders: &[Option<f64>]) -> usize {
    let known: Vec<f64> = disorders.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let variance = known.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / known.len() as f64;
    let needed = (1.96 * variance.sqrt() / mean / precision).powi(2).ceil();
    if needed.is_finite() { (needed as usize).min(1_000) } else { 0 }
}

#[cfg(test)]
mod tests;
