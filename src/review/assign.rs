//! Drawing who annotates what, and how far everybody has come with it.

use crate::model::{AnnotatorName, ArticleId, Assignment, State};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Among whom.
    pub annotators: Vec<AnnotatorName>,
    /// How many annotate each article of the share.
    pub overlap: usize,
    /// Which share of the articles has that many annotators, from 0 to 1; the rest has one.
    pub share: f64,
    /// The same seed draws the same.
    pub seed: u64,
    /// Whether all articles are drawn anew, and not only those that nobody has.
    pub all: bool,
}

/// Who has begun which article.
pub type Begun = BTreeMap<ArticleId, Vec<AnnotatorName>>;

/// Why nothing can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// Nobody is there.
    #[error("name at least one annotator")]
    Nobody,
    /// One annotator would have an article twice.
    #[error("{overlap} annotators for an article are more than the {annotators} there are")]
    TooFew {
        /// How many were asked for.
        overlap: usize,
        /// How many there are.
        annotators: usize,
    },
    /// Nobody would have an article.
    #[error("an article needs at least one annotator: the overlap is 1 or more")]
    NoOverlap,
    /// Not between 0 and 1.
    #[error("the share is a number from 0 to 1")]
    Share,
}

/// Assigns those of some articles that nobody has yet, or all of them anew; who has begun an
/// article that is theirs keeps it either way. The order of the articles and the
/// choice among annotators with equally many articles are drawn by the seed and the names
/// alone, so that the same call gives the same on every machine; every article goes to the
/// annotators who have the fewest. O(n m log m) in articles and annotators.
///
/// # Errors
/// When the draw cannot be made; nothing has changed then.
pub fn draw(
    assignment: &mut Assignment,
    articles: &[ArticleId],
    draw: &Draw,
    begun: &Begun,
) -> Result<usize, DrawError> {
    let annotators = draw.annotators.len();
    match draw.overlap {
        _ if annotators == 0 => return Err(DrawError::Nobody),
        0 => return Err(DrawError::NoOverlap),
        overlap if overlap > annotators => return Err(DrawError::TooFew { overlap, annotators }),
        _ if !(0.0..=1.0).contains(&draw.share) => return Err(DrawError::Share),
        _ => {}
    }
    let is_drawn = |article: &&ArticleId| draw.all || !assignment.articles.contains_key(*article);
    let drawn = articles.iter().filter(is_drawn);
    let mut drawn: Vec<_> =
        drawn.map(|article| (article, keeping(assignment, article, begun))).collect();
    drawn.sort_by_cached_key(|(article, kept)| {
        // What several have begun is of the share whatever the lot says.
        (kept.len() < 2, lot(draw.seed, &[article.as_str()]), (*article).clone())
    });
    drawn.dedup_by(|one, other| one.0 == other.0);
    for (article, kept) in &drawn {
        assignment.articles.insert((*article).clone(), kept.clone());
    }
    let mut load: BTreeMap<&AnnotatorName, usize> =
        draw.annotators.iter().map(|name| (name, assignment.of(name).count())).collect();
    let shared = (drawn.len() as f64 * draw.share).round() as usize;
    for (index, (article, kept)) in drawn.iter().enumerate() {
        let wanted = if index < shared { draw.overlap } else { 1 };
        let mut names: Vec<_> = load.keys().copied().filter(|name| !kept.contains(name)).collect();
        names.sort_by_cached_key(|name| {
            (load.get(name).copied(), lot(draw.seed, &[article.as_str(), name.as_str()]))
        });
        names.truncate(wanted.saturating_sub(kept.len()));
        for name in &names {
            *load.entry(name).or_default() += 1;
        }
        // In the order of the call, so that the order in the file tells nothing either.
        let is_chosen = |name: &&AnnotatorName| names.contains(name) || kept.contains(name);
        let chosen = draw.annotators.iter().filter(is_chosen);
        let others = kept.iter().filter(|name| !draw.annotators.contains(name));
        let chosen = chosen.chain(others).cloned().collect();
        assignment.articles.insert((*article).clone(), chosen);
    }
    assignment.seed = draw.seed;
    Ok(drawn.len())
}

/// Those of the annotators of an article who have begun it.
fn keeping(assignment: &Assignment, article: &ArticleId, begun: &Begun) -> Vec<AnnotatorName> {
    let have = assignment.articles.get(article).map_or(&[][..], Vec::as_slice);
    let at_work = begun.get(article).map_or(&[][..], Vec::as_slice);
    have.iter().filter(|name| at_work.contains(name)).cloned().collect()
}

/// A number that nobody can foresee and everybody can check.
fn lot(seed: u64, parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// How far one annotator has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The articles that they have.
    pub assigned: usize,
    /// Those of them not begun.
    pub unseen: usize,
    /// Those of them begun.
    pub in_progress: usize,
    /// Those of them finished.
    pub done: usize,
    /// Articles that are not theirs and that they have begun or finished.
    pub others: usize,
}

/// How far everybody has come, and how much two have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The annotators, in the order that was asked for.
    pub annotators: Vec<AnnotatorName>,
    /// How far each of them has come.
    pub standings: Vec<Standing>,
    /// For each two of them, how many articles both have, and how many both have finished;
    /// on the diagonal their own.
    pub shared: Vec<Vec<(usize, usize)>>,
    /// The articles that nobody has.
    pub unassigned: usize,
}

/// Makes the matrix of progress: `state` says how far an annotator is with an article.
/// O(n m²) in articles and annotators.
pub fn matrix(
    assignment: &Assignment,
    articles: &[ArticleId],
    annotators: &[AnnotatorName],
    state: impl Fn(&ArticleId, &AnnotatorName) -> State,
) -> Matrix {
    let size = annotators.len();
    let mut matrix = Matrix {
        annotators: annotators.to_vec(),
        standings: vec![Standing::default(); size],
        shared: vec![vec![(0, 0); size]; size],
        unassigned: 0,
    };
    for article in articles {
        let states: Vec<_> = annotators.iter().map(|name| state(article, name)).collect();
        let has: Vec<_> =
            annotators.iter().map(|name| assignment.is_assigned(name, article)).collect();
        matrix.unassigned += usize::from(!assignment.articles.contains_key(article));
        for ((standing, state), has) in matrix.standings.iter_mut().zip(&states).zip(&has) {
            standing.assigned += usize::from(*has);
            match (has, state) {
                (true, State::Unseen) => standing.unseen += 1,
                (true, State::InProgress) => standing.in_progress += 1,
                (true, State::Done) => standing.done += 1,
                (false, State::Unseen) => {}
                (false, _) => standing.others += 1,
            }
        }
        for (one, row) in matrix.shared.iter_mut().enumerate() {
            for (other, (both, done)) in row.iter_mut().enumerate() {
                let has_both = has[one] && has[other];
                let is_done = states[one] == State::Done && states[other] == State::Done;
                *both += usize::from(has_both);
                *done += usize::from(has_both && is_done);
            }
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<AnnotatorName> {
        (0..count).map(|index| AnnotatorName::new(format!("ann-{index}")).unwrap()).collect()
    }

    fn articles(count: usize) -> Vec<ArticleId> {
        (0..count).map(|index| ArticleId::new(format!("a-{index:04}")).unwrap()).collect()
    }

    fn of(annotators: usize, overlap: usize, share: f64, seed: u64) -> Draw {
        Draw { annotators: names(annotators), overlap, share, seed, all: false }
    }

    #[test]
    fn a_share_goes_to_several_and_everybody_has_equally_much() {
        let mut assignment = Assignment::default();
        let drawn =
            draw(&mut assignment, &articles(100), &of(3, 2, 0.2, 7), &Begun::new()).unwrap();
        assert_eq!(drawn, 100);
        let shared = assignment.articles.values().filter(|names| names.len() == 2).count();
        assert_eq!(shared, 20);
        for name in names(3) {
            assert_eq!(assignment.of(&name).count(), 40);
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_one_another() {
        let drawn = |seed| {
            let mut assignment = Assignment::default();
            draw(&mut assignment, &articles(50), &of(4, 3, 0.5, seed), &Begun::new()).unwrap();
            assignment.articles
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }

    #[test]
    fn what_somebody_has_stays_theirs_when_articles_come() {
        let mut assignment = Assignment::default();
        draw(&mut assignment, &articles(30), &of(3, 1, 0.0, 7), &Begun::new()).unwrap();
        let before = assignment.articles.clone();
        let drawn = draw(&mut assignment, &articles(60), &of(3, 1, 0.0, 8), &Begun::new());
        assert_eq!(drawn.unwrap(), 30);
        assert!(before.iter().all(|(id, names)| assignment.articles[id] == *names));
        assert!(names(3).iter().all(|name| assignment.of(name).count() == 20));
    }

    #[test]
    fn drawn_anew_everybody_keeps_what_they_have_begun() {
        let (people, ids) = (names(4), articles(40));
        let mut assignment = Assignment::default();
        draw(&mut assignment, &ids, &of(2, 2, 0.5, 7), &Begun::new()).unwrap();
        // Of every fourth article its first annotator has begun.
        let begun: Begun = ids
            .iter()
            .step_by(4)
            .map(|id| (id.clone(), assignment.articles[id][..1].to_vec()))
            .collect();
        let again = Draw { annotators: people[1..].to_vec(), all: true, ..of(4, 2, 0.5, 9) };
        assert_eq!(draw(&mut assignment, &ids, &again, &begun).unwrap(), 40);
        for (id, names) in &begun {
            assert!(names.iter().all(|name| assignment.is_assigned(name, id)), "{id}");
        }
        // Whoever is not drawn among has nothing but what they had begun.
        let first: Vec<_> = assignment.of(&people[0]).collect();
        assert!(first.iter().all(|id| begun.get(*id).is_some_and(|who| who.contains(&people[0]))));
        let shared = assignment.articles.values().filter(|names| names.len() == 2).count();
        assert_eq!(shared, 20);
        let counts: Vec<_> = people[2..].iter().map(|name| assignment.of(name).count()).collect();
        assert!(counts[0].abs_diff(counts[1]) <= 1, "{counts:?}");
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let mut assignment = Assignment::default();
        let mut refused =
            |of: Draw| draw(&mut assignment, &articles(3), &of, &Begun::new()).unwrap_err();
        assert_eq!(refused(of(0, 1, 0.0, 1)), DrawError::Nobody);
        assert_eq!(refused(of(2, 3, 0.0, 1)), DrawError::TooFew { overlap: 3, annotators: 2 });
        assert_eq!(refused(of(2, 0, 0.0, 1)), DrawError::NoOverlap);
        assert_eq!(refused(of(2, 1, f64::NAN, 1)), DrawError::Share);
    }

    #[test]
    fn the_matrix_counts_what_is_done_of_what_was_assigned() {
        let (names, articles) = (names(2), articles(3));
        let mut assignment = Assignment::default();
        assignment.articles.insert(articles[0].clone(), names.clone());
        assignment.articles.insert(articles[1].clone(), names[..1].to_vec());
        let state = |article: &ArticleId, name: &AnnotatorName| match (article, name) {
            (article, _) if *article == articles[0] => State::Done,
            (article, name) if *article == articles[1] && *name == names[1] => State::InProgress,
            _ => State::Unseen,
        };
        let matrix = matrix(&assignment, &articles, &names, state);
        let first = Standing { assigned: 2, unseen: 1, in_progress: 0, done: 1, others: 0 };
        let second = Standing { assigned: 1, unseen: 0, in_progress: 0, done: 1, others: 1 };
        assert_eq!(matrix.standings, [first, second]);
        assert_eq!(matrix.shared, [[(2, 1), (1, 1)], [(1, 1), (1, 1)]]);
        assert_eq!(matrix.unassigned, 1);
    }
}
