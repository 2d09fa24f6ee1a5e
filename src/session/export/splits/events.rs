//! Which articles tell of the same event.
//!
//! An event is told by words that hardly any other article has, or that come up for a few
//! days and go again: the name of a place that is attacked stands in a handful of articles
//! or in a hundred, according to how much is written about it, but nearly all of them appear
//! within two weeks. Words of every day are spread over all days.
//!
//! Time is counted in weeks, and a word's own time is the two weeks after another that have
//! most of its articles; so there is a number or two for each word, and not a list of
//! articles.

use super::{Features, Groups};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// The days between two articles about one event.
const DAYS: i32 = 3;
/// The telling words that articles about one event share.
const SHARED: usize = 4;
/// A word is rare in at most this share of the articles, and in this many at least.
const RARE_SHARE: usize = 200;
const RARE: usize = 6;
/// The days of a week, two of which are a word's own time.
const WEEK: i32 = 7;
/// The share of a word's articles, in thirds, that appear in its own time.
const MOST_OF_THREE: usize = 2;
/// A word that has a time of its own is told from the words of a project whose articles all
/// appear in that time by standing in at most this share of them, or by standing there so
/// many times as often as in other times.
const TOPICAL_SHARE: usize = 20;
const LIFT: usize = 4;
/// How many articles before it with the same word one is compared with.
const COMPARED: usize = 32;

/// Joins the articles that tell of one event; those without a date are left alone.
pub(super) fn join(features: &[Features], groups: &mut Groups) {
    let dated = features.iter().enumerate();
    let mut dated: Vec<(Date, usize)> =
        dated.filter_map(|(at, article)| Some((article.date?, at))).collect();
    dated.sort_unstable();
    let telling = Telling::of(features, &dated);
    let mut recent: HashMap<u64, Vec<(Date, usize)>> = HashMap::new();
    for (date, at) in dated {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for word in features[at].lead.iter().filter(|word| telling.has(**word)) {
            let holders = recent.entry(*word).or_default();
            let is_near = |holder: &&(Date, usize)| (date - holder.0).get_days() <= DAYS;
            for (_, other) in holders.iter().rev().take_while(is_near) {
                *shared.entry(*other).or_default() += 1;
            }
            if holders.len() == COMPARED {
                holders.remove(0);
            }
            holders.push((date, at));
        }
        for (other, words) in shared {
            if words >= SHARED {
                groups.join(at, other);
            }
        }
    }
}

/// The weeks since a day that is before all news.
fn week(date: Date) -> i32 {
    let days = date.duration_since(Date::ZERO).as_hours() / 24;
    i32::try_from(days).unwrap_or(i32::MAX).div_euclid(WEEK)
}

/// When the articles with a word appear.
#[derive(Default)]
struct Times {
    /// All of them.
    count: usize,
    /// The last week that one appeared in, how many did, and how many the week before.
    week: i32,
    in_week: usize,
    in_week_before: usize,
    /// The most within two weeks, and the second of those weeks.
    most: usize,
    most_until: i32,
}

impl Times {
    /// Counts an article that is not before those that were counted.
    fn add(&mut self, week: i32) {
        match week.saturating_sub(self.week) {
            0 => {}
            1 => (self.in_week_before, self.in_week) = (self.in_week, 0),
            _ => (self.in_week_before, self.in_week) = (0, 0),
        }
        self.week = week;
        self.count += 1;
        self.in_week += 1;
        let now = self.in_week + self.in_week_before;
        if now > self.most {
            (self.most, self.most_until) = (now, week);
        }
    }
}

/// The words by which articles are told to be about one event.
struct Telling {
    words: HashMap<u64, Times>,
    /// How many articles have a date, and how many of them appear in each week.
    articles: usize,
    weeks: HashMap<i32, usize>,
}

impl Telling {
    /// Looks at articles in the order of their dates.
    fn of(features: &[Features], dated: &[(Date, usize)]) -> Self {
        let (mut words, mut weeks) = (HashMap::new(), HashMap::new());
        for (date, at) in dated {
            let week = week(*date);
            *weeks.entry(week).or_default() += 1;
            for word in &features[*at].lead {
                words.entry(*word).or_insert_with(Times::default).add(week);
            }
        }
        Self { words, articles: dated.len(), weeks }
    }

    fn has(&self, word: u64) -> bool {
        let Some(times) = self.words.get(&word).filter(|times| times.count > 1) else {
            return false;
        };
        if times.count <= RARE.max(self.articles / RARE_SHARE) {
            return true;
        }
        let has_own_time = times.most * 3 >= times.count * MOST_OF_THREE;
        let in_week = |week: i32| self.weeks.get(&week).copied().unwrap_or_default();
        let then = in_week(times.most_until) + in_week(times.most_until - 1);
        // The share of its articles that appear then against that of all articles.
        let is_lifted = times.most * self.articles >= LIFT * times.count * then;
        has_own_time && (times.count <= self.articles / TOPICAL_SHARE || is_lifted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_two_weeks_in_which_most_of_its_articles_appear() {
        let mut times = Times::default();
        for week in [3, 10, 10, 11, 11, 11, 13, 20] {
            times.add(week);
        }
        assert_eq!((times.count, times.most, times.most_until), (8, 5, 11));
    }
}
