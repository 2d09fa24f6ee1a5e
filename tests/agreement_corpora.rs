//! Gamma of other programs' continua, with what they made of them. The files are no part of
//! the project: where they are not, the test says so and does nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::agreement::gamma::{
    Alignment, Annotated, Dissimilarity, GammaOptions, Segment, best_alignment, gamma,
};
use copydesk::agreement::{Category, Progress};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn corpus(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not here", path.display());
    None
}

/// Annotators and categories by name.
#[derive(Default)]
struct Reading {
    annotators: BTreeMap<String, Vec<Segment>>,
    categories: Vec<String>,
}

impl Reading {
    fn add(&mut self, annotator: &str, category: &str, start: f64, end: f64) {
        let known = self.categories.iter().position(|name| name == category);
        let category = known.unwrap_or_else(|| {
            self.categories.push(category.to_owned());
            self.categories.len() - 1
        });
        let category = Category(category as u32);
        let units = self.annotators.entry(annotator.to_owned()).or_default();
        units.push(Segment { start, end, category });
    }

    fn article(self) -> Annotated {
        let annotators: Vec<_> = self.annotators.into_values().collect();
        let length = annotators.iter().flatten().map(|unit| unit.end).fold(0.0, f64::max);
        Annotated { length, annotators }
    }
}

fn csv(path: &Path) -> Annotated {
    let mut reading = Reading::default();
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|line| !line.is_empty()) {
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        let [annotator, category, start, end] = fields[..] else { panic!("{line}") };
        reading.add(annotator, category, start.parse().unwrap(), end.parse().unwrap());
    }
    reading.article()
}

fn align(article: &Annotated, dissimilarity: &Dissimilarity) -> Alignment {
    best_alignment(&article.annotators, dissimilarity, &Progress::default()).unwrap()
}

#[test]
fn the_disorders_of_dkpro_are_ours() {
    let Some(folder) = corpus("dkpro-agreement-fixtures/pygamma") else { return };
    let published = [0.0625, 0.708_333, 0.0, 0.408_756, 1.074_380, 1.027_778];
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), published.len());
    for (file, published) in files.iter().zip(published) {
        let fixture: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let read = |units: &serde_json::Value| {
            let mut reading = Reading::default();
            for unit in units.as_array().unwrap() {
                let [annotator, category] =
                    ["annotator", "category"].map(|field| unit[field].as_str().unwrap());
                let [start, end] = ["start", "end"].map(|field| unit[field].as_f64().unwrap());
                reading.add(annotator, category, start, end);
            }
            reading.article()
        };
        let weight = |name: &str| fixture["params"][name].as_f64().unwrap();
        let dissimilarity = Dissimilarity {
            alpha: weight("alpha"),
            beta: weight("beta"),
            empty: weight("deltaEmpty"),
        };
        let article = read(&fixture["continuum"]);
        let disorder = align(&article, &dissimilarity).disorder().value().unwrap();
        assert!((disorder - published).abs() < 1e-6, "{}: {disorder}", file.display());
        // Every sample that they drew, too; they count in single precision.
        for sample in fixture["tier2"]["sampledContinua"].as_array().unwrap() {
            let sampled = read(&sample["units"]);
            if sampled.annotators.len() < article.annotators.len() {
                continue;
            }
            let disorder = align(&sampled, &dissimilarity).disorder().value().unwrap();
            let theirs = sample["bestAlignmentDisorder"].as_f64().unwrap();
            assert!((disorder - theirs).abs() < 1e-4, "{}: {disorder} {theirs}", file.display());
        }
        let options = GammaOptions { dissimilarity, samples: 400, ..GammaOptions::default() };
        let found = gamma(&[article], &options, &Progress::default()).unwrap();
        let theirs = fixture["tier3"]["gamma"].as_f64().unwrap();
        // Theirs is of thirty samples.
        assert!((found.gamma.value().unwrap() - theirs).abs() < 0.1, "{found:?} {theirs}");
    }
}

#[test]
fn the_continua_of_pygamma_are_aligned_as_there() {
    let Some(folder) = corpus("pygamma-tests/tests/data") else { return };
    let weighted = Dissimilarity { alpha: 3.0, beta: 1.0, empty: 1.0 };
    let example = csv(&folder.join("AlexPaulSuzan.csv"));
    let found = align(&example, &weighted);
    assert_eq!(found.unitary.len(), 6);
    assert_eq!(format!("{:.6}", found.disorder().value().unwrap()), "0.960625");
    let large = csv(&folder.join("2by1000.csv"));
    let options = GammaOptions { dissimilarity: weighted, ..GammaOptions::default() };
    let found = gamma(&[large], &options, &Progress::default()).unwrap();
    assert_eq!(found.alignments[0].unitary.len(), 1085);
    let value = found.gamma.value().unwrap();
    assert!((0.39..=0.42).contains(&value), "{value}");
}

#[test]
fn every_unit_is_aligned_once_however_many_annotators_there_are() {
    let Some(folder) = corpus("pygamma-tests/tests/data") else { return };
    for name in ["3by100.csv", "3by500.csv", "5by100.csv", "2by5000.csv"] {
        let article = csv(&folder.join(name));
        let found = align(&article, &Dissimilarity::default());
        for (annotator, units) in article.annotators.iter().enumerate() {
            let mut aligned: Vec<_> =
                found.unitary.iter().filter_map(|unitary| unitary[annotator]).collect();
            aligned.sort_unstable();
            assert!(aligned.into_iter().eq(0..units.len()), "{name}");
        }
    }
}
