//! γ on published and generated continua.

use super::*;
use crate::agreement::Category;
use proptest::prelude::*;

fn segments(written: &[(u32, u32, u32)]) -> Vec<Segment> {
    let segment = |(category, start, end): &(u32, u32, u32)| Segment {
        start: f64::from(*start),
        end: f64::from(*end),
        category: Category(*category),
    };
    written.iter().map(segment).collect()
}

/// The example of Mathet et al., and pygamma-agreement's.
fn example() -> Vec<Vec<Segment>> {
    vec![
        segments(&[(1, 2, 9), (2, 11, 17), (5, 24, 30), (6, 32, 36), (6, 36, 44), (7, 44, 60)]),
        segments(&[(1, 2, 9), (3, 11, 17), (5, 19, 25), (6, 32, 44)]),
        segments(&[(1, 2, 9), (4, 11, 17), (5, 21, 27), (6, 32, 36), (6, 36, 40), (6, 40, 44)]),
    ]
}

fn disorder(annotators: &[Vec<Segment>], alpha: f64, beta: f64) -> f64 {
    let dissimilarity = Dissimilarity { alpha, beta, empty: 1.0 };
    let found = best_alignment(annotators, &dissimilarity, &Progress::default()).unwrap();
    found.disorder().value().unwrap()
}

#[track_caller]
fn assert_disorder(annotators: &[&[(u32, u32, u32)]], weights: (f64, f64), expected: f64) {
    let annotators: Vec<_> = annotators.iter().map(|units| segments(units)).collect();
    let found = disorder(&annotators, weights.0, weights.1);
    assert!((found - expected).abs() < 1e-6, "{found}");
}

#[test]
fn known_disorders() {
    let plain = (1.0, 1.0);
    let one: &[_] = &[(0, 1, 5), (1, 6, 10), (0, 11, 15)];
    assert_disorder(&[one, &[(0, 2, 6), (1, 7, 11), (0, 12, 16)]], plain, 0.0625);
    let more: &[_] = &[(0, 1, 5), (1, 6, 10), (0, 20, 24), (1, 30, 34)];
    assert_disorder(&[more, &[(0, 2, 6), (1, 31, 35)]], plain, 0.708_333);
    let same: &[_] = &[(0, 1, 5), (1, 10, 15), (2, 20, 25)];
    assert_disorder(&[same, same], plain, 0.0);
    let three: [&[_]; 3] =
        [&[(0, 1, 5), (1, 10, 14)], &[(0, 2, 6), (1, 11, 15)], &[(0, 1, 4), (2, 9, 14)]];
    assert_disorder(&three, plain, 0.408_756);
    let weighted: [&[_]; 2] =
        [&[(0, 1, 5), (1, 6, 10), (2, 11, 15)], &[(0, 2, 7), (1, 8, 12), (0, 11, 15)]];
    assert_disorder(&weighted, (3.0, 2.0), 1.027_778);
}

#[test]
fn neighbouring_seeds_share_no_sample() {
    let article = Annotated { length: 60.0, annotators: example() };
    let disorder = |seed, samples| {
        let options = GammaOptions { seed, samples, ..GammaOptions::default() };
        let found = gamma(std::slice::from_ref(&article), &options, &Progress::default());
        found.unwrap().expected.value().unwrap()
    };
    for seed in 1..8 {
        // Of two samples the second is what their mean leaves beside the first.
        let second = 2.0 * disorder(seed, 2) - disorder(seed, 1);
        assert!((second - disorder(seed + 1, 1)).abs() > 1e-9, "{seed}");
    }
}

#[test]
fn the_published_example() {
    let annotators = example();
    let dissimilarity = Dissimilarity { alpha: 3.0, beta: 1.0, empty: 1.0 };
    let found = best_alignment(&annotators, &dissimilarity, &Progress::default()).unwrap();
    assert_eq!(found.unitary.len(), 6);
    assert_eq!(format!("{:.6}", found.disorder().value().unwrap()), "0.960625");
    let article = Annotated { length: 60.0, annotators };
    // The band is that of means over samples, so there are enough of them.
    let sampler = Sampler::Shuffle;
    let options = GammaOptions { dissimilarity, sampler, samples: 600, ..GammaOptions::default() };
    let gamma = gamma(&[article], &options, &Progress::default()).unwrap().gamma.value().unwrap();
    assert!((0.44..=0.47).contains(&gamma), "{gamma}");
}

#[test]
fn perfect_agreement_is_one_and_nothing_marked_is_undefined() {
    let [first, ..] = example().try_into().unwrap_or([vec![], vec![], vec![]]);
    let options = GammaOptions::default();
    let of = |annotators| {
        let article = Annotated { length: 60.0, annotators };
        gamma(&[article], &options, &Progress::default()).unwrap().gamma
    };
    assert_eq!(of(vec![first.clone(), first.clone(), first.clone()]), Score::Known(1.0));
    assert_eq!(of(vec![vec![], vec![]]), Score::Undefined);
    assert_eq!(of(vec![first]), Score::Undefined);
}

#[test]
fn the_same_seed_gives_the_same_gamma_and_precision_more_samples() {
    let article = Annotated { length: 60.0, annotators: example() };
    let of = |seed, precision| {
        let options = GammaOptions { seed, precision, ..GammaOptions::default() };
        gamma(std::slice::from_ref(&article), &options, &Progress::default()).unwrap()
    };
    assert_eq!(of(3, None), of(3, None));
    assert_ne!(of(3, None).expected, of(4, None).expected);
    assert!(of(3, Some(0.02)).samples > 30);
}

#[test]
fn cancelled_work_ends() {
    let progress = Progress::default();
    progress.cancel();
    let article = Annotated { length: 60.0, annotators: example() };
    let found = gamma(&[article], &GammaOptions::default(), &progress);
    assert_eq!(found, Err(GammaError::Cancelled(Cancelled)));
}

#[test]
fn what_cannot_be_aligned_exactly_is_an_error_and_no_guess() {
    let stacked = segments(&[(0, 0, 9); 12]);
    let found = best_alignment(&vec![stacked; 6], &Dissimilarity::default(), &Progress::default());
    assert_eq!(found, Err(GammaError::TooTangled));
}

/// The least cost of all alignments of three or four annotators, by trying everything.
fn least_cost(annotators: &[Vec<Segment>], taken: &mut Vec<Vec<bool>>, d: &Dissimilarity) -> f64 {
    let first = (0..annotators.len())
        .flat_map(|annotator| (0..annotators[annotator].len()).map(move |at| (annotator, at)))
        .find(|(annotator, at)| !taken[*annotator][*at]);
    let Some((first, unit)) = first else { return 0.0 };
    let mut choices: Vec<Vec<Option<usize>>> = vec![vec![None; annotators.len()]];
    choices[0][first] = Some(unit);
    for annotator in first + 1..annotators.len() {
        let free: Vec<usize> =
            (0..annotators[annotator].len()).filter(|at| !taken[annotator][*at]).collect();
        let with = |choice: &Vec<Option<usize>>, at: &usize| {
            let mut longer = choice.clone();
            longer[annotator] = Some(*at);
            longer
        };
        let longer: Vec<_> = choices
            .iter()
            .flat_map(|choice| free.iter().map(|at| with(choice, at)).collect::<Vec<_>>())
            .collect();
        choices.extend(longer);
    }
    let mut least = f64::INFINITY;
    for choice in choices {
        let set = |taken: &mut Vec<Vec<bool>>, to| {
            for (annotator, unit) in choice.iter().enumerate() {
                if let Some(unit) = unit {
                    taken[annotator][*unit] = to;
                }
            }
        };
        set(taken, true);
        least = least.min(d.of_unitary(annotators, &choice) + least_cost(annotators, taken, d));
        set(taken, false);
    }
    least
}

fn annotators(count: usize, units: usize) -> impl Strategy<Value = Vec<Vec<Segment>>> {
    let segment = (0..14u32, 1..8u32, 0..2u32)
        .prop_map(|(start, length, label)| segments(&[(label, start, start + length)])[0]);
    prop::collection::vec(prop::collection::vec(segment, 0..=units), count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_alignment_of_three_costs_less(units in annotators(3, 3)) {
        let dissimilarity = Dissimilarity::default();
        let found = best_alignment(&units, &dissimilarity, &Progress::default()).unwrap();
        let mut taken = units.iter().map(|units| vec![false; units.len()]).collect();
        let least = least_cost(&units, &mut taken, &dissimilarity);
        prop_assert!((found.cost - least).abs() < 1e-6, "{} {}", found.cost, least);
    }

    #[test]
    fn no_alignment_of_four_costs_less(units in annotators(4, 2)) {
        let dissimilarity = Dissimilarity { alpha: 2.0, beta: 1.0, empty: 1.5 };
        let found = best_alignment(&units, &dissimilarity, &Progress::default()).unwrap();
        let mut taken = units.iter().map(|units| vec![false; units.len()]).collect();
        let least = least_cost(&units, &mut taken, &dissimilarity);
        prop_assert!((found.cost - least).abs() < 1e-6, "{} {}", found.cost, least);
    }

    #[test]
    fn no_alignment_of_two_costs_less(units in annotators(2, 4)) {
        let dissimilarity = Dissimilarity::default();
        let found = best_alignment(&units, &dissimilarity, &Progress::default()).unwrap();
        let mut taken = units.iter().map(|units| vec![false; units.len()]).collect();
        let least = least_cost(&units, &mut taken, &dissimilarity);
        prop_assert!((found.cost - least).abs() < 1e-9);
    }
}
