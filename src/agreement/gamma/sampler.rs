//! Random continua that are like the real one, for what disorder chance makes.

use super::super::unit::Category;
use super::{Annotated, Segment};

/// How a random continuum is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// Units one after the other, their number, gaps and lengths drawn from normal
    /// distributions with the mean and the deviation of the real ones, their categories as
    /// often as in the real ones (as pygamma-agreement does by default).
    Statistical,
    /// For each annotator the real units of a random one, shifted round the whole by a random
    /// distance; the distances lie at least half of a mean unit apart (Mathet et al. 2015,
    /// section 5.2). Keeps what units follow one another, and is the better one for nested
    /// units.
    Shuffle,
}

/// A sample has no more units than this, of all annotators; a longer one would have the same
/// disorder.
const MOST_UNITS: f64 = 2_000.0;

/// A mean and a deviation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Normal {
    mean: f64,
    deviation: f64,
}

impl Normal {
    fn of(values: &[f64]) -> Self {
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Self { mean, deviation: variance.sqrt() }
    }

    fn scaled(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, deviation: self.deviation * factor }
    }

    /// A value drawn from it (Box and Muller 1958).
    fn draw(self, random: &mut fastrand::Rng) -> f64 {
        let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
        self.mean + self.deviation * radius * (std::f64::consts::TAU * random.f64()).cos()
    }
}

/// What samples are made of.
pub(super) enum Source {
    Statistical {
        annotators: usize,
        units: Normal,
        gaps: Normal,
        lengths: Normal,
        categories: Vec<Category>,
    },
    Shuffle {
        length: f64,
        annotators: Vec<Vec<Segment>>,
    },
}

impl Source {
    pub(super) fn of(articles: &[Annotated], sampler: Sampler) -> Self {
        let (length, annotators) = end_to_end(articles);
        match sampler {
            Sampler::Shuffle => Self::Shuffle { length, annotators },
            Sampler::Statistical => Self::statistical(&annotators),
        }
    }

    fn statistical(annotators: &[Vec<Segment>]) -> Self {
        let counts: Vec<f64> = annotators.iter().map(|units| units.len() as f64).collect();
        // Where nobody has a second unit there is still a gap to draw.
        let mut gaps = vec![0.0];
        for units in annotators {
            gaps.extend(units.windows(2).map(|pair| pair[1].start - pair[0].end));
            gaps.extend(units.first().map(|unit| unit.start).filter(|start| *start > 0.0));
        }
        let all = || annotators.iter().flatten();
        let lengths: Vec<f64> = all().map(Segment::len).collect();
        let units = Normal::of(&counts);
        let most = MOST_UNITS / annotators.len().max(1) as f64;
        Self::Statistical {
            annotators: annotators.len(),
            units: units.scaled((most / units.mean).min(1.0)),
            gaps: Normal::of(&gaps),
            lengths: Normal::of(&lengths),
            categories: all().map(|unit| unit.category).collect(),
        }
    }

    /// A random continuum with the same number of annotators and at least one unit.
    pub(super) fn sample(&self, random: &mut fastrand::Rng) -> Vec<Vec<Segment>> {
        match self {
            Self::Shuffle { length, annotators } => shuffled(annotators, *length, random),
            Self::Statistical { annotators, .. } => {
                let mut sample: Vec<Vec<Segment>> = Vec::with_capacity(*annotators);
                for at in 0..*annotators {
                    sample.push(self.annotator(if at == 0 { 1 } else { 0 }, random));
                }
                sample
            }
        }
    }

    /// One annotator of a statistical sample.
    fn annotator(&self, least: usize, random: &mut fastrand::Rng) -> Vec<Segment> {
        let Self::Statistical { units, gaps, lengths, categories, .. } = self else {
            return Vec::new();
        };
        let count = (units.draw(random).abs() as usize).max(least);
        let mut last = 0.0;
        let mut made = Vec::with_capacity(count);
        for _ in 0..count {
            let start = last + gaps.draw(random);
            let mut length = lengths.draw(random).abs();
            while length < f64::EPSILON * 1e3 {
                length = lengths.draw(random).abs();
            }
            let Some(category) = random.choice(categories) else { break };
            last = start + length;
            made.push(Segment { start, end: last, category: *category });
        }
        made
    }
}

/// All articles as one, and each annotator's units in order.
fn end_to_end(articles: &[Annotated]) -> (f64, Vec<Vec<Segment>>) {
    let count = articles.iter().map(|article| article.annotators.len()).max().unwrap_or(0);
    let mut annotators = vec![Vec::new(); count];
    let mut offset = 0.0;
    for article in articles {
        for (all, units) in annotators.iter_mut().zip(&article.annotators) {
            let moved = |unit: &Segment| Segment {
                start: unit.start + offset,
                end: unit.end + offset,
                ..*unit
            };
            all.extend(units.iter().map(moved));
        }
        offset += article.length;
    }
    for units in &mut annotators {
        units.sort_by(|one, other| {
            one.start.total_cmp(&other.start).then_with(|| one.end.total_cmp(&other.end))
        });
    }
    (offset, annotators)
}

/// Distances that nothing could be drawn for in so many attempts may be nearer.
const ATTEMPTS: usize = 100;

/// For each annotator the units of one of them, moved round the continuum.
fn shuffled(
    annotators: &[Vec<Segment>],
    length: f64,
    random: &mut fastrand::Rng,
) -> Vec<Vec<Segment>> {
    let units: f64 = annotators.iter().map(|units| units.len() as f64).sum();
    let lengths: f64 = annotators.iter().flatten().map(Segment::len).sum();
    let apart = lengths / units / 2.0;
    let mut pivots: Vec<f64> = Vec::with_capacity(annotators.len());
    let mut shuffled = Vec::with_capacity(annotators.len());
    for _ in annotators {
        let mut pivot = random.f64() * length;
        for _ in 0..ATTEMPTS {
            if pivots.iter().all(|other| (other - pivot).abs() >= apart) {
                break;
            }
            pivot = random.f64() * length;
        }
        pivots.push(pivot);
        let units = random.choice(annotators).map_or(&[][..], Vec::as_slice);
        shuffled.push(shifted(units, pivot, length));
    }
    shuffled
}

/// Units moved round a continuum by a distance. One that would be cut at the end stays whole.
fn shifted(units: &[Segment], by: f64, length: f64) -> Vec<Segment> {
    let moved = |unit: &Segment| {
        let start = (unit.start + by) % length;
        Segment { start, end: start + unit.len(), ..*unit }
    };
    units.iter().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(count: u32) -> Vec<Segment> {
        let at = |at: u32| f64::from(at) * 10.0;
        let made = |n: u32| Segment { start: at(n), end: at(n) + 6.0, category: Category(n % 2) };
        (0..count).map(made).collect()
    }

    #[test]
    fn a_sample_is_like_its_source_and_the_same_for_the_same_seed() {
        let article = Annotated { length: 2_000.0, annotators: vec![segments(200), segments(200)] };
        for sampler in [Sampler::Statistical, Sampler::Shuffle] {
            let source = Source::of(std::slice::from_ref(&article), sampler);
            let sample = source.sample(&mut fastrand::Rng::with_seed(4));
            assert_eq!(sample, source.sample(&mut fastrand::Rng::with_seed(4)));
            assert_ne!(sample, source.sample(&mut fastrand::Rng::with_seed(5)));
            let units: Vec<_> = sample.iter().flatten().collect();
            assert_eq!(units.len(), 400);
            assert!(units.iter().all(|unit| (unit.len() - 6.0).abs() < 1e-6));
            let second = units.iter().filter(|unit| unit.category == Category(1)).count();
            assert!((150..250).contains(&second));
        }
    }

    #[test]
    fn a_sample_of_a_large_corpus_is_cut_short() {
        let article = Annotated { length: 9e5, annotators: vec![segments(90_000); 2] };
        let source = Source::of(&[article], Sampler::Statistical);
        let sample = source.sample(&mut fastrand::Rng::with_seed(4));
        assert_eq!(sample.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 1_000]);
    }
}
