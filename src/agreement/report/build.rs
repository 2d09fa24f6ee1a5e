//! Makes a report of what was counted in each article.

use super::super::Score;
use super::super::bootstrap::{Bootstrap, Estimate, estimate};
use super::super::coding::{CodingTable, FleissTable};
use super::super::corpus::{Coded, CodedArticle, Corpus};
use super::super::gamma::{Annotated, GammaError, GammaOptions, gamma};
use super::super::progress::{Cancelled, Progress};
use super::super::spans::{Extent, Scheme, SemEval, Tally, f1_tally, semeval};
use super::super::unit::Category;
use super::super::unitizing::{Coincidences, Continuum, Disagreement, UAlpha, unitizing_alpha};
use super::attributes::attributes;
use super::facts::{Case, Facts, PairFacts, aligned, cases_of, continuum, facts};
use super::time::{paces, periods};
use super::{
    ArticleLine, BoundaryBar, Cases, Confusion, FAR, GammaScore, GoldLine, LabelLine, Measures,
    PairLine, Report, ReportOptions, TokenFleiss,
};
use crate::model::Schema;
use rayon::prelude::*;
use std::collections::BTreeMap;

pub(super) fn report(
    corpus: &Corpus,
    schema: &Schema,
    options: &ReportOptions,
    progress: &Progress,
) -> Result<Report, Cancelled> {
    let labels = corpus.labels.len();
    progress.expect(corpus.articles.len());
    let count = |(at, article): (usize, &CodedArticle)| {
        let counted = facts(at, article, labels);
        progress.advance()?;
        Ok(counted)
    };
    let facts: Vec<Facts> =
        corpus.articles.par_iter().enumerate().map(count).collect::<Result<_, Cancelled>>()?;
    let builder = Builder::new(corpus, facts, options, progress);
    Ok(Report {
        annotators: corpus.annotators.clone(),
        labels: corpus.labels.clone(),
        articles: corpus.articles.iter().map(|article| article.id.clone()).collect(),
        overall: builder.measures(&|_| true, &builder.complete(None))?,
        token_fleiss: builder.token_fleiss()?,
        pairs: builder.pairs()?,
        by_label: builder.by_label()?,
        by_article: builder.by_article(),
        confusion: builder.confusion(),
        boundaries: builder.boundaries(),
        attributes: attributes(corpus, schema, &builder.facts, &builder.first_cases),
        periods: periods(corpus, &builder.facts, &builder.differing),
        paces: paces(corpus),
        gold: builder.gold()?,
        cases: builder.cases,
    })
}

/// Two annotators, by index.
type Two = (usize, usize);

struct Builder<'a> {
    corpus: &'a Corpus,
    /// Only of articles that two annotators or more have.
    facts: Vec<Facts>,
    cases: Vec<Case>,
    /// For each article and pair in it the first of its cases.
    first_cases: Vec<Vec<usize>>,
    /// The cases of each article where annotators differ.
    differing: Vec<Cases>,
    /// Each two annotators who have an article in common.
    twos: Vec<Two>,
    options: &'a ReportOptions,
    progress: &'a Progress,
}

impl<'a> Builder<'a> {
    fn new(
        corpus: &'a Corpus,
        mut facts: Vec<Facts>,
        options: &'a ReportOptions,
        progress: &'a Progress,
    ) -> Self {
        facts.retain(|facts| !facts.pairs.is_empty());
        let mut cases = Vec::new();
        let (mut first_cases, mut differing) = (Vec::new(), Vec::new());
        let mut twos = Vec::new();
        for facts in &mut facts {
            let mut firsts = Vec::with_capacity(facts.pairs.len());
            let before = cases.len();
            for pair in &mut facts.pairs {
                firsts.push(cases.len());
                twos.push(pair.annotators);
                cases.append(&mut pair.cases);
            }
            first_cases.push(firsts);
            differing.push((before..cases.len()).filter(|at| !cases[*at].is_same).collect());
        }
        twos.sort_unstable();
        twos.dedup();
        Self { corpus, facts, cases, first_cases, differing, twos, options, progress }
    }

    fn estimate<T: super::super::bootstrap::Pooled>(
        &self,
        articles: &[T],
        none: &T,
        score: impl Fn(&T) -> Score + Sync,
    ) -> Result<Estimate, Cancelled> {
        estimate(articles, none, score, self.bootstrap(), self.progress)
    }

    fn bootstrap(&self) -> Bootstrap {
        self.options.bootstrap
    }

    /// One value for each pair of annotators, article by article.
    fn by_pair<T: Clone>(
        &self,
        is_in: &dyn Fn(Two) -> bool,
        none: &T,
        of: impl Fn(&PairFacts) -> T,
    ) -> (Vec<Vec<T>>, Vec<T>) {
        let twos: Vec<Two> = self.twos.iter().copied().filter(|two| is_in(*two)).collect();
        let all = vec![none.clone(); twos.len()];
        let row = |facts: &Facts| {
            let mut row = all.clone();
            for pair in &facts.pairs {
                if let Ok(at) = twos.binary_search(&pair.annotators) {
                    row[at] = of(pair);
                }
            }
            row
        };
        (self.facts.iter().map(row).collect(), all)
    }

    fn f1(
        &self,
        is_in: &dyn Fn(Two) -> bool,
        of: impl Fn(&PairFacts) -> Tally,
    ) -> Result<Estimate, Cancelled> {
        let (rows, none) = self.by_pair(is_in, &Tally::default(), of);
        self.estimate(&rows, &none, |row| Score::mean(row.iter().map(|tally| tally.f1())))
    }

    /// Everything about some pairs of annotators.
    fn measures(
        &self,
        is_in: &dyn Fn(Two) -> bool,
        complete: &[(usize, Vec<&Coded>)],
    ) -> Result<Measures, Cancelled> {
        let labels = self.corpus.labels.len();
        let f1_exact = self.f1(is_in, |pair| sum(&pair.exact))?;
        let f1_overlap = self.f1(is_in, |pair| sum(&pair.overlap))?;
        let tables = CodingTable::new(labels + 1);
        let (rows, none) = self.by_pair(is_in, &tables, |pair| pair.tokens.clone());
        let token_kappa =
            self.estimate(&rows, &none, |row| Score::mean(row.iter().map(CodingTable::cohen)))?;
        let meetings: Vec<Coincidences> = self
            .facts
            .iter()
            .filter_map(|facts| {
                let mut pairs = facts.pairs.iter().filter(|pair| is_in(pair.annotators));
                let first = pairs.next()?;
                let is_all = pairs.count() + 1 == facts.pairs.len();
                Some(if is_all { &facts.coincidences } else { &first.coincidences }.clone())
            })
            .collect();
        let none = Coincidences::none(labels);
        let u_alpha =
            |of: fn(UAlpha) -> Score| self.estimate(&meetings, &none, move |all| of(all.alphas()));
        let continua: Vec<Continuum<'_>> = complete
            .iter()
            .map(|(at, sets)| continuum(self.corpus.articles[*at].length, sets.iter().copied()))
            .collect();
        let of_label = |label| unitizing_alpha(&continua, Category(label as u32));
        let by_label: Vec<Disagreement> =
            (0..labels).into_par_iter().filter_map(of_label).collect();
        Ok(Measures {
            f1_exact,
            f1_overlap,
            u_alpha: u_alpha(|all| all.units)?,
            u_alpha_presence: u_alpha(|all| all.presence)?,
            u_alpha_coding: u_alpha(|all| all.coding)?,
            complete: complete.len(),
            alpha_2004: Disagreement::mean(&by_label).alpha(),
            gamma: self.gamma(complete)?,
            token_kappa,
        })
    }

    fn token_fleiss(&self) -> Result<Option<TokenFleiss>, Cancelled> {
        let choices = self.facts.iter().filter_map(|facts| facts.choices.clone());
        let choices: Vec<FleissTable> = choices.collect();
        if choices.is_empty() {
            return Ok(None);
        }
        let none = FleissTable::new(self.corpus.labels.len() + 1);
        let kappa = self.estimate(&choices, &none, |all| all.measured().kappa)?;
        Ok(Some(TokenFleiss { articles: choices.len(), kappa }))
    }

    /// The articles that all annotators have, or both of two.
    fn complete(&self, two: Option<Two>) -> Vec<(usize, Vec<&'a Coded>)> {
        // Whoever has no article in common with anybody is not waited for.
        let is_compared = |at: usize| self.twos.iter().any(|two| two.0 == at || two.1 == at);
        let mut people: Vec<usize> = match two {
            Some((first, second)) => vec![first, second],
            None => (0..self.corpus.annotators.len()).filter(|at| is_compared(*at)).collect(),
        };
        // What is drawn at random must not depend on the order in which people are listed,
        // which is another one where names are hidden.
        people.sort_by_key(|at| &self.corpus.annotators[*at]);
        let sets = |facts: &Facts| {
            let article = &self.corpus.articles[facts.article];
            let sets = people.iter().map(|person| article.sets[*person].as_ref());
            Some((facts.article, sets.collect::<Option<Vec<_>>>()?))
        };
        self.facts.iter().filter_map(sets).collect()
    }

    fn gamma(&self, complete: &[(usize, Vec<&Coded>)]) -> Result<GammaScore, Cancelled> {
        let Some(options) = &self.options.gamma else { return Ok(GammaScore::NotAsked) };
        if complete.is_empty() && !self.facts.is_empty() {
            return Ok(GammaScore::Failed(GammaError::NoneOfAll));
        }
        let annotated = |(at, sets): &(usize, Vec<&Coded>)| Annotated {
            length: self.corpus.articles[*at].length.into(),
            annotators: sets.iter().map(|set| set.units.iter().map(Into::into).collect()).collect(),
        };
        let articles: Vec<Annotated> = complete.iter().map(annotated).collect();
        self.gamma_of(&articles, options)
    }

    fn gamma_of(
        &self,
        articles: &[Annotated],
        options: &GammaOptions,
    ) -> Result<GammaScore, Cancelled> {
        let found = match gamma(articles, options, self.progress) {
            Ok(found) => found,
            Err(GammaError::Cancelled(cancelled)) => return Err(cancelled),
            Err(error) => return Ok(GammaScore::Failed(error)),
        };
        let annotators = articles.first().map_or(0, |article| article.annotators.len()) as f64;
        let expected = found.expected.value().unwrap_or(0.0);
        let parts: Vec<(f64, f64)> =
            found.alignments.iter().map(|one| (one.cost * annotators, one.units as f64)).collect();
        let score = |(cost, units): &(f64, f64)| match Score::ratio(*cost, *units) {
            Score::Known(observed) => Score::beyond_chance(observed, expected),
            Score::Undefined => Score::Undefined,
        };
        Ok(GammaScore::Known {
            estimate: self.estimate(&parts, &(0.0, 0.0), score)?,
            observed: found.observed,
            expected: found.expected,
            samples: found.samples,
        })
    }

    fn pairs(&self) -> Result<Vec<PairLine>, Cancelled> {
        let mut cases: BTreeMap<Two, Cases> = BTreeMap::new();
        for (at, case) in self.cases.iter().enumerate().filter(|(_, case)| !case.is_same) {
            cases.entry(case.annotators).or_default().push(at);
        }
        let line = |two: &Two| {
            let of = |facts: &&Facts| facts.pairs.iter().any(|pair| pair.annotators == *two);
            let both = self.facts.iter().flat_map(|facts| &facts.pairs);
            let both = || both.clone().filter(|pair| pair.annotators == *two);
            let mut exact = Tally::default();
            let mut overlap = Tally::default();
            both().for_each(|pair| exact += sum(&pair.exact));
            both().for_each(|pair| overlap += sum(&pair.overlap));
            Ok(PairLine {
                annotators: *two,
                articles: self.facts.iter().filter(of).count(),
                exact,
                overlap,
                measures: self.measures(&|other| other == *two, &self.complete(Some(*two)))?,
                cases: cases.remove(two).unwrap_or_default(),
            })
        };
        self.twos.iter().map(line).collect()
    }

    fn by_label(&self) -> Result<Vec<LabelLine>, Cancelled> {
        let complete = self.complete(None);
        let continua: Vec<Continuum<'_>> = complete
            .iter()
            .map(|(at, sets)| continuum(self.corpus.articles[*at].length, sets.iter().copied()))
            .collect();
        let mut cases = vec![Cases::new(); self.corpus.labels.len()];
        for (at, case) in self.cases.iter().enumerate().filter(|(_, case)| !case.is_same) {
            let (one, other) =
                (case.first.map(|side| side.label), case.second.map(|side| side.label));
            one.into_iter()
                .chain(other.filter(|_| one != other))
                .for_each(|label| cases[label].push(at));
        }
        let line = |(label, cases): (usize, Cases)| {
            let meetings: Vec<Coincidences> =
                self.facts.iter().map(|facts| facts.by_label[label].clone()).collect();
            Ok(LabelLine {
                label: self.corpus.labels[label].clone(),
                counts: self.counts(label),
                f1_exact: self.f1(&|_| true, |pair| pair.exact[label])?,
                f1_overlap: self.f1(&|_| true, |pair| pair.overlap[label])?,
                u_alpha: self
                    .estimate(&meetings, &Coincidences::none(1), |all| all.alphas().units)?,
                alpha_2004: unitizing_alpha(&continua, Category(label as u32))
                    .map_or(Score::Undefined, Disagreement::alpha),
                cases,
            })
        };
        cases.into_iter().enumerate().map(line).collect()
    }

    /// How many annotations with a label each annotator has in articles that are compared.
    fn counts(&self, label: usize) -> Vec<u64> {
        let mut counts = vec![0; self.corpus.annotators.len()];
        for facts in &self.facts {
            for person in &facts.present {
                let set = self.corpus.articles[facts.article].sets[*person].as_ref();
                let units = set.map_or(&[][..], |set| &set.units);
                let own = units.iter().filter(|unit| unit.category.0 as usize == label);
                counts[*person] += own.count() as u64;
            }
        }
        counts
    }

    fn by_article(&self) -> Vec<ArticleLine> {
        let line = |(facts, cases): (&Facts, &Cases)| {
            let f1 = |of: fn(&PairFacts) -> &[Tally]| {
                Score::mean(facts.pairs.iter().map(|pair| sum(of(pair)).f1()))
            };
            ArticleLine {
                article: facts.article,
                annotators: facts.present.len(),
                f1_exact: f1(|pair| &pair.exact),
                f1_overlap: f1(|pair| &pair.overlap),
                u_alpha: facts.coincidences.alphas().units,
                cases: cases.clone(),
            }
        };
        self.facts.iter().zip(&self.differing).map(line).collect()
    }

    fn confusion(&self) -> Confusion {
        let unlabelled = self.corpus.labels.len();
        let size = unlabelled + 1;
        let mut cells = vec![Cases::new(); size * size];
        for (at, case) in self.cases.iter().enumerate() {
            let [row, column] =
                [case.first, case.second].map(|side| side.map_or(unlabelled, |side| side.label));
            cells[row * size + column].push(at);
        }
        Confusion { size, cells }
    }

    fn boundaries(&self) -> Vec<BoundaryBar> {
        let empty = |by| BoundaryBar { by, starts: Vec::new(), ends: Vec::new() };
        let mut bars: Vec<BoundaryBar> = (-FAR..=FAR).map(empty).collect();
        let bar = |by: i32| (by.clamp(-FAR, FAR) + FAR) as usize;
        for (at, case) in self.cases.iter().enumerate() {
            if let Some((start, end)) = case.moved {
                bars[bar(start)].starts.push(at);
                bars[bar(end)].ends.push(at);
            }
        }
        bars
    }

    fn gold(&self) -> Result<Vec<GoldLine>, Cancelled> {
        let has_gold = self.corpus.articles.iter().any(|article| article.gold.is_some());
        let people = (0..self.corpus.annotators.len()).filter(|_| has_gold);
        people.map(|annotator| self.against_gold(annotator)).collect()
    }

    fn against_gold(&self, annotator: usize) -> Result<GoldLine, Cancelled> {
        let coded = self.corpus.articles.iter().enumerate().filter_map(|(at, article)| {
            Some((at, article.gold.as_ref()?, article.sets[annotator].as_ref()?))
        });
        let coded: Vec<_> = coded.collect();
        let both: Vec<_> = coded.iter().map(|(_, gold, own)| (&gold.units, &own.units)).collect();
        let two = (self.corpus.annotators.len(), annotator);
        let cases = coded
            .iter()
            .flat_map(|(at, gold, own)| cases_of(*at, two, gold, own, &aligned(gold, own)));
        let tallies = |extent| -> Vec<Tally> {
            both.iter().map(|(gold, units)| f1_tally(gold, units, extent)).collect()
        };
        let (exact, overlap) = (tallies(Extent::Exact), tallies(Extent::Overlap));
        let f1 = |tallies: &[Tally]| self.estimate(tallies, &Tally::default(), |tally| tally.f1());
        let counted = |scheme| {
            let mut counted = SemEval::default();
            both.iter().for_each(|(gold, units)| counted += semeval(gold, units, scheme));
            (scheme, counted)
        };
        Ok(GoldLine {
            annotator,
            articles: both.len(),
            exact: sum(&exact),
            overlap: sum(&overlap),
            f1_exact: f1(&exact)?,
            f1_overlap: f1(&overlap)?,
            semeval: Scheme::ALL.into_iter().map(counted).collect(),
            cases: cases.filter(|case| !case.is_same).collect(),
        })
    }
}

fn sum(tallies: &[Tally]) -> Tally {
    let mut sum = Tally::default();
    tallies.iter().for_each(|tally| sum += *tally);
    sum
}
