//! The order of the list, and what of it passes the filter.
//!
//! The whole list is sorted when another order is chosen or much has changed. A few
//! entries that have changed are taken out and put in at their new places.

use super::{Catalogue, Entry, Sort};
use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

impl Catalogue {
    /// Whether an entry passes the filter, whose words these are.
    pub(super) fn admits(&self, place: usize, words: &[String]) -> bool {
        let haystack = self.haystacks.get(place).map_or("", String::as_str);
        let entry = &self.entries[place];
        self.may_show(&entry.id) && self.filter.admits(entry, haystack, words)
    }

    /// Moves entries that have changed to their places among the others, which have not;
    /// O(n) for each, comparing O(log n).
    pub(super) fn put_in_place(&mut self, places: &HashSet<usize>) {
        let words = self.filter.words();
        let mut order = std::mem::take(&mut self.order);
        let mut visible = std::mem::take(&mut self.visible);
        for list in [&mut order, &mut visible] {
            list.retain(|other| !places.contains(other));
        }
        for place in places {
            self.insert_into(&mut order, *place);
            if self.admits(*place, &words) {
                self.insert_into(&mut visible, *place);
            }
        }
        (self.order, self.visible) = (order, visible);
    }

    fn insert_into(&self, list: &mut Vec<usize>, place: usize) {
        let entry = &self.entries[place];
        let at = list.partition_point(|other| {
            let other = &self.entries[*other];
            let order = compare(other, entry, self.filter.sort);
            order.then_with(|| other.id.cmp(&entry.id)).is_lt()
        });
        list.insert(at, place);
    }

    /// Puts every entry in the order of the list; O(n log n).
    pub(super) fn sort(&mut self) {
        let entries = &self.entries;
        let mut order = self.by_id.clone();
        // These sorts are stable: what is equal stays in the order of the ids.
        match self.filter.sort {
            Sort::Name => {}
            Sort::Title => order.sort_by_cached_key(|place| entries[*place].title().to_lowercase()),
            Sort::Source => {
                order.sort_by_cached_key(|place| entries[*place].source().to_lowercase());
            }
            sort => order.sort_by(|a, b| compare(&entries[*a], &entries[*b], sort)),
        }
        self.order = order;
    }

    /// Finds the entries that pass the filter; O(n).
    pub(super) fn sift(&mut self) {
        let words = self.filter.words();
        self.visible =
            self.order.iter().copied().filter(|place| self.admits(*place, &words)).collect();
    }
}

/// Which of two entries comes first in an order that may hold them for equal.
pub(super) fn compare(a: &Entry, b: &Entry, sort: Sort) -> Ordering {
    let date = |entry: &Entry| entry.summary.as_ref().and_then(|summary| summary.date);
    let chars = |entry: &Entry| entry.summary.as_ref().map_or(0, |summary| summary.chars.0);
    match sort {
        Sort::Name => Ordering::Equal,
        Sort::Title => a.title().to_lowercase().cmp(&b.title().to_lowercase()),
        Sort::Newest => Reverse(date(a)).cmp(&Reverse(date(b))),
        // Articles without a day come last in either direction.
        Sort::Oldest => (date(a).is_none(), date(a)).cmp(&(date(b).is_none(), date(b))),
        Sort::Source => a.source().to_lowercase().cmp(&b.source().to_lowercase()),
        Sort::State => a.state().cmp(&b.state()),
        Sort::MostAnnotations => b.annotations().cmp(&a.annotations()),
        Sort::Longest => chars(b).cmp(&chars(a)),
    }
}
