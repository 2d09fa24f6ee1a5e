//! The times that the lines of histories are given.
//!
//! Undo goes through all histories of a project, and what tells the order of two lines in
//! two files is their time. So no line gets an earlier time than one that was written or
//! read before it: a clock that jumps back, or is put right after it was ahead, changes
//! the times that are shown and not what undo takes back first.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that never goes back and never says the same twice.
#[derive(Debug)]
pub(super) struct Clock {
    /// The latest time that was given or seen, in milliseconds.
    latest: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { latest: AtomicI64::new(i64::MIN) }
    }
}

impl Clock {
    /// The computer's time, or a millisecond after the latest time that is known.
    pub(super) fn stamp(&self) -> Timestamp {
        let now = Timestamp::now();
        let next = |latest: i64| now.as_millisecond().max(latest.saturating_add(1));
        let before = self
            .latest
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |latest| Some(next(latest)));
        // The last moment that a time can name is thousands of years away.
        Timestamp::from_millisecond(next(before.unwrap_or(i64::MIN))).unwrap_or(now)
    }

    /// Notes the time of a line that is there.
    pub(super) fn saw(&self, at: Timestamp) {
        self.latest.fetch_max(at.as_millisecond(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_comes_before_one_that_was_seen_or_given() {
        let clock = Clock::default();
        let first = clock.stamp();
        assert!(first <= Timestamp::now());
        let ahead: Timestamp = "2099-01-01T00:00:00Z".parse().unwrap();
        clock.saw(ahead);
        clock.saw(first);
        let (second, third) = (clock.stamp(), clock.stamp());
        assert!(ahead < second && second < third);
    }

    #[test]
    fn a_time_at_the_end_of_all_times_stops_nothing() {
        let clock = Clock::default();
        clock.saw(Timestamp::MAX);
        assert!(clock.stamp() <= Timestamp::MAX);
    }
}
