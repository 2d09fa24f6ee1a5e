//! Dividing articles into training, development and test sets.
//!
//! Articles that tell nearly the same (wire copy, a later version) and articles about the
//! same event stay together: a model that is tested on what it was trained on looks
//! better than it is. The groups are then dealt out so that each split gets its share of
//! every label. The same articles and the same seed always give the same splits.
//!
//! Near-duplicates are found by MinHash with one permutation (Broder 1997; Li, Owen and
//! Zhang 2012) over runs of four words, and confirmed where half of the signature agrees.
//! Two articles are taken for the same event where they were published within three days
//! of each other and share four telling words in their first lines (`events`). Groups are dealt out as
//! in iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): the largest
//! first, each to the split that lacks most of what it has.

mod events;

use crate::formats::Document;
use crate::model::ArticleId;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// The values of a signature.
const SIGNATURE: usize = 64;
/// The values of a signature that have to agree for articles to be compared.
const BAND: usize = 2;
/// The words of a run.
const RUN: usize = 4;
/// The share of values that agree in near-duplicates.
const SAME: f32 = 0.5;
/// How many articles of those with equal bands one is compared with.
const COMPARED: usize = 16;
/// The bytes of an article that say what it is about.
const LEAD: usize = 800;
/// How articles are divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The names of the splits with their shares, which are divided by their sum.
    pub parts: Vec<(String, u32)>,
    /// What chance begins with.
    pub seed: u64,
}

/// Why articles cannot be divided so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// Not two or three whole numbers, or all of them nothing.
    #[error("“{0}” is no division; write two or three whole numbers, as in 80/20 or 80/10/10")]
    Unreadable(String),
    /// A split would be empty.
    #[error(
        "articles that tell the same, or tell of one event, stay together, which leaves {groups} \
         to divide into {parts} splits; finish more articles, or ask for fewer splits"
    )]
    TooFew {
        /// The groups there are.
        groups: usize,
        /// The splits that were asked for.
        parts: usize,
    },
}

impl Split {
    /// Reads `80/20` or `80/10/10`: train and test, with dev between them.
    ///
    /// # Errors
    /// [`SplitError::Unreadable`] for anything else.
    pub fn parse(shares: &str, seed: u64) -> Result<Self, SplitError> {
        let unreadable = || SplitError::Unreadable(shares.to_owned());
        let numbers: Result<Vec<u32>, _> =
            shares.split('/').map(|share| share.trim().parse::<u16>().map(u32::from)).collect();
        let numbers = numbers.map_err(|_| unreadable())?;
        let names: &[&str] = match numbers.len() {
            2 => &["train", "test"],
            3 => &["train", "dev", "test"],
            _ => return Err(unreadable()),
        };
        if numbers.iter().sum::<u32>() == 0 {
            return Err(unreadable());
        }
        let parts = names.iter().map(|name| (*name).to_owned()).zip(numbers);
        Ok(Self { parts: parts.filter(|(_, share)| *share > 0).collect(), seed })
    }
}

/// What of an article decides where it goes.
pub(super) struct Features {
    id: ArticleId,
    labels: BTreeMap<String, usize>,
    signature: Box<[u32; SIGNATURE]>,
    date: Option<Date>,
    /// The words of its first lines, hashed, each once, in order.
    lead: Box<[u64]>,
}

impl Features {
    /// Whether it is known when the article was published; without that nothing tells which
    /// event it is about.
    pub(super) fn is_dated(&self) -> bool {
        self.date.is_some()
    }

    pub(super) fn of(id: ArticleId, document: &Document) -> Self {
        let mut labels = BTreeMap::new();
        for annotation in document.layers.iter().flat_map(|layer| &layer.annotations) {
            *labels.entry(annotation.label.clone()).or_default() += 1;
        }
        let text = &document.text;
        let mut end = LEAD.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut lead: Vec<_> = words(&text[..end]).collect();
        lead.sort_unstable();
        lead.dedup();
        Self { id, labels, signature: signature(text), date: document.meta.date, lead: lead.into() }
    }
}

/// The words of a text, hashed; case and punctuation do not count.
fn words(text: &str) -> impl Iterator<Item = u64> + '_ {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| {
        hash(word.chars().flat_map(char::to_lowercase).map(|letter| u64::from(u32::from(letter))))
    })
}

/// FNV-1a over numbers instead of bytes, with its bits mixed at the end: the same in
/// every version of the program, as the hashes of the standard library need not be.
fn hash(values: impl Iterator<Item = u64>) -> u64 {
    let folded = values.fold(0xcbf2_9ce4_8422_2325_u64, |hash, value| {
        (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (folded ^ (folded >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

/// The smallest hash of a run of words in each of so many parts of all hashes. Parts
/// without one borrow from the next that has one.
fn signature(text: &str) -> Box<[u32; SIGNATURE]> {
    let words: Vec<_> = words(text).collect();
    let mut smallest = Box::new([u32::MAX; SIGNATURE]);
    for run in words.windows(RUN.min(words.len().max(1))) {
        let hash = hash(run.iter().copied());
        let value = &mut smallest[(hash % SIGNATURE as u64) as usize];
        *value = (*value).min((hash >> 32) as u32);
    }
    let sparse = *smallest;
    for (at, value) in smallest.iter_mut().enumerate().filter(|(_, value)| **value == u32::MAX) {
        let next = (1..SIGNATURE).find_map(|step| {
            let found = sparse[(at + step) % SIGNATURE];
            (found != u32::MAX).then(|| found.wrapping_add(step as u32))
        });
        *value = next.unwrap_or(u32::MAX);
    }
    smallest
}

/// Each split with its articles, in the order of their ids.
pub(super) fn divide(
    split: &Split,
    mut features: Vec<Features>,
) -> Result<Vec<(String, Vec<ArticleId>)>, SplitError> {
    features.sort_by(|a, b| a.id.cmp(&b.id));
    let mut groups = Groups::new(features.len());
    join_duplicates(&features, &mut groups);
    events::join(&features, &mut groups);
    let groups = groups.members();
    if groups.len() < split.parts.len() {
        return Err(SplitError::TooFew { groups: groups.len(), parts: split.parts.len() });
    }
    let chosen = deal(split, &features, groups);
    let mut divided: Vec<_> =
        split.parts.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
    for (features, part) in features.into_iter().zip(chosen) {
        divided[part].1.push(features.id);
    }
    Ok(divided)
}

/// Articles that belong together, by union and find.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The earlier one stays, so that the outcome depends on nothing else.
        self.0[one.max(other)] = one.min(other);
    }

    fn members(mut self) -> Vec<Vec<usize>> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.0.len() {
            members.entry(self.root(at)).or_default().push(at);
        }
        members.into_values().collect()
    }
}

fn join_duplicates(features: &[Features], groups: &mut Groups) {
    for band in (0..SIGNATURE).step_by(BAND) {
        let mut equal: HashMap<&[u32], Vec<usize>> = HashMap::new();
        for (at, article) in features.iter().enumerate() {
            let before = equal.entry(&article.signature[band..band + BAND]).or_default();
            for other in before.iter().rev().take(COMPARED) {
                if is_duplicate(article, &features[*other]) {
                    groups.join(at, *other);
                }
            }
            before.push(at);
        }
    }
}

fn is_duplicate(one: &Features, other: &Features) -> bool {
    let pairs = one.signature.iter().zip(other.signature.iter());
    pairs.filter(|(one, other)| one == other).count() as f32 >= SAME * SIGNATURE as f32
}

/// The number of each article's split.
fn deal(split: &Split, features: &[Features], mut groups: Vec<Vec<usize>>) -> Vec<usize> {
    fastrand::Rng::with_seed(split.seed).shuffle(&mut groups);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    for article in features {
        for (label, count) in &article.labels {
            *totals.entry(label).or_default() += *count as f64;
        }
    }
    let sum: f64 = split.parts.iter().map(|(_, share)| f64::from(*share)).sum();
    let mut lacks: Vec<Lack<'_>> = split
        .parts
        .iter()
        .map(|(_, share)| {
            let share = f64::from(*share) / sum;
            let labels = totals.iter().map(|(label, total)| (*label, total * share)).collect();
            Lack { articles: features.len() as f64 * share, labels }
        })
        .collect();
    let mut chosen = vec![0; features.len()];
    let mut left = groups.len();
    for group in groups {
        let part = neediest(&lacks, features, &group, &totals, left, &chosen);
        left -= 1;
        lacks[part].take(features, &group);
        for at in group {
            chosen[at] = part;
        }
    }
    chosen
}

/// What a split still lacks of its share.
struct Lack<'a> {
    articles: f64,
    labels: BTreeMap<&'a str, f64>,
}

impl<'a> Lack<'a> {
    fn take(&mut self, features: &'a [Features], group: &[usize]) {
        self.articles -= group.len() as f64;
        for (label, count) in group.iter().flat_map(|at| &features[*at].labels) {
            *self.labels.entry(label).or_default() -= *count as f64;
        }
    }
}

/// The split that lacks most of what a group has, each label by its share of all.
fn neediest(
    lacks: &[Lack<'_>],
    features: &[Features],
    group: &[usize],
    totals: &BTreeMap<&str, f64>,
    left: usize,
    chosen: &[usize],
) -> usize {
    let need = |lack: &Lack<'_>| {
        let articles = lack.articles / chosen.len() as f64;
        let mut labels: BTreeMap<&str, ()> = BTreeMap::new();
        for label in group.iter().flat_map(|at| features[*at].labels.keys()) {
            labels.insert(label, ());
        }
        let of_label = |label: &str| {
            let total = totals.get(label).copied().unwrap_or(1.0).max(1.0);
            lack.labels.get(label).copied().unwrap_or_default() / total
        };
        let count = labels.len().max(1) as f64;
        articles + labels.keys().map(|label| of_label(label)).sum::<f64>() / count
    };
    let is_empty = |lack: &Lack<'_>| {
        let parts = lacks.len() as f64;
        // Nothing was taken of the share yet.
        lack.articles > 0.0 && (left as f64) <= parts
    };
    let best = lacks.iter().enumerate().max_by(|(a, one), (b, other)| {
        let by_need = need(one).total_cmp(&need(other));
        // Near the end a split that has nothing comes first.
        (is_empty(one).cmp(&is_empty(other))).then(by_need).then(b.cmp(a))
    });
    best.map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Annotation, Layer};
    use crate::model::Span;
    use crate::text::TextRange;

    fn article(number: usize, text: &str, date: Option<&str>, labels: &[&str]) -> Features {
        let mut layer = Layer::of("a");
        let span = || Span::new(TextRange::new(0.into(), 1.into())).unwrap();
        layer.annotations = labels.iter().map(|label| Annotation::new(*label, span())).collect();
        let mut document =
            Document { layers: vec![layer], ..Document::bare(Default::default(), text) };
        document.meta.date = date.map(|date| date.parse().unwrap());
        Features::of(ArticleId::new(format!("a{number:03}")).unwrap(), &document)
    }

    /// A text of words that no other number has.
    fn words(number: usize) -> String {
        (0..60).map(|at| format!("w{number}x{at} ")).collect()
    }

    fn where_is(divided: &[(String, Vec<ArticleId>)], number: usize) -> &str {
        let id = format!("a{number:03}");
        let found = divided.iter().find(|(_, ids)| ids.iter().any(|known| known.as_str() == id));
        &found.unwrap().0
    }

    #[test]
    fn shares_are_kept_and_labels_spread() {
        let label =
            |at: usize| if at.is_multiple_of(10) { vec!["rare", "usual"] } else { vec!["usual"] };
        let make =
            || (0..100).map(|at| article(at, &words(at), None, &label(at))).collect::<Vec<_>>();
        let split = Split::parse("80/10/10", 7).unwrap();
        let divided = divide(&split, make()).unwrap();
        let sizes: Vec<_> = divided.iter().map(|(name, ids)| (name.as_str(), ids.len())).collect();
        assert_eq!(sizes, [("train", 80), ("dev", 10), ("test", 10)]);
        for (name, rare) in [("train", 8), ("dev", 1), ("test", 1)] {
            let of = (0..100).step_by(10).filter(|at| where_is(&divided, *at) == name).count();
            assert_eq!(of, rare, "{name}");
        }
        assert_eq!(divide(&split, make()).unwrap(), divided, "the same seed, the same splits");
        let other = Split::parse("80/10/10", 8).unwrap();
        assert_ne!(divide(&other, make()).unwrap(), divided);
    }

    #[test]
    fn copies_and_articles_of_one_event_stay_together() {
        let mut articles: Vec<_> = (0..40).map(|at| article(at, &words(at), None, &[])).collect();
        for pair in 0..10 {
            let copy = format!("{} a new last line by the desk", words(pair));
            articles.push(article(100 + pair, &copy, None, &[]));
        }
        for (number, date) in [(200, "2023-02-17"), (201, "2023-02-19"), (202, "2023-03-19")] {
            let text = format!("Gunmen storm Saddar headquarters Karachi {}", words(number));
            articles.push(article(number, &text, Some(date), &[]));
        }
        for seed in 0..8 {
            let split = Split { seed, ..Split::parse("50/50", 0).unwrap() };
            let articles = articles.iter().map(|known| Features {
                id: known.id.clone(),
                labels: known.labels.clone(),
                signature: known.signature.clone(),
                date: known.date,
                lead: known.lead.clone(),
            });
            let divided = divide(&split, articles.collect()).unwrap();
            for pair in 0..10 {
                assert_eq!(where_is(&divided, pair), where_is(&divided, 100 + pair), "{seed}");
            }
            assert_eq!(where_is(&divided, 200), where_is(&divided, 201), "{seed}");
        }
    }

    #[test]
    fn what_is_no_division_is_refused() {
        for shares in ["", "80", "0/0", "a/b", "10/20/30/40", "-1/2"] {
            assert!(Split::parse(shares, 0).is_err(), "{shares}");
        }
        let split = Split::parse("50/50", 0).unwrap();
        let one = vec![article(1, &words(1), None, &[])];
        assert_eq!(divide(&split, one), Err(SplitError::TooFew { groups: 1, parts: 2 }));
    }

    /// A year of 300 articles that all have words of every day, and ten on one attack.
    #[test]
    fn an_event_that_much_is_written_about_stays_together() {
        let day = |day: usize| format!("2023-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
        let usual = |at: usize| format!("police said on day{} {}", at % 7, words(at));
        let mut articles: Vec<_> = (0..290)
            .map(|at| article(at, &usual(at), Some(&day(at * 330 / 290)), &["l"]))
            .collect();
        articles.extend((290..300).map(|at| {
            let text = format!("gunmen stormed Karachi headquarters Friday {}", usual(at));
            article(at, &text, Some(&day(47 + at % 3)), &["l"])
        }));
        let divided = divide(&Split::parse("50/50", 1).unwrap(), articles).unwrap();
        let at = where_is(&divided, 290);
        assert!((290..300).all(|number| where_is(&divided, number) == at));
        let sizes: Vec<_> = divided.iter().map(|(_, ids)| ids.len()).collect();
        assert_eq!(sizes, [150, 150], "words of every day join nothing");
    }

    /// All articles are of one week there, so that every word comes up and goes again.
    #[test]
    fn words_of_every_day_join_nothing_where_all_is_of_one_week() {
        let usual = |at: usize| {
            let topics = ["a", "b", "c", "d", "e"].map(|word| format!("{word}{}", at % 3));
            format!("{} {}", topics.join(" "), words(at))
        };
        let articles: Vec<_> =
            (0..120).map(|at| article(at, &usual(at), Some("2023-02-17"), &["l"])).collect();
        let divided = divide(&Split::parse("50/50", 1).unwrap(), articles).unwrap();
        assert_eq!(divided[0].1.len(), 60);
        let first: Vec<_> = (0..120).step_by(3).map(|at| where_is(&divided, at)).collect();
        assert!(first.contains(&"train") && first.contains(&"test"));
    }
}
