//! When a file follows its history.
//!
//! A small annotation file is written as soon as nothing else is to do. One of many
//! megabytes waits until its annotator pauses, or has gone on for a while: what it lacks
//! is in the history. Nothing here looks at the disk.

use std::time::{Duration, Instant};

/// Up to how many annotations a file follows at once.
const SMALL: usize = 1_000;
/// How long a pause a larger file waits for.
const QUIET: Duration = Duration::from_secs(2);
/// How far a file is behind at most.
const LATEST: Duration = Duration::from_secs(30);
/// How long to wait before trying again what failed.
const RETRY: Duration = Duration::from_secs(2);

/// A file that lacks what its history has.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    first: Instant,
    last: Instant,
    failed: Option<(Instant, String)>,
}

impl Behind {
    /// It has just fallen behind.
    pub(super) fn now() -> Self {
        let now = Instant::now();
        Self { first: now, last: now, failed: None }
    }

    /// One more step was taken.
    pub(super) fn goes_on(&mut self) {
        self.last = Instant::now();
    }

    /// A file was put in place that was begun then and lacks what came later.
    pub(super) fn since(self, begun: Instant) -> Self {
        Self { first: begun, failed: None, ..self }
    }

    /// It could not be written.
    pub(super) fn fail(&mut self, why: String) {
        self.failed = Some((Instant::now(), why));
    }

    /// Lets it be tried again at once.
    pub(super) fn forget_failure(&mut self) {
        self.failed = None;
    }

    /// Why it could not be written the last time.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failed.as_ref().map(|(_, why)| why.as_str())
    }

    /// When a file of so many annotations is to be written.
    pub(super) fn due(&self, annotations: usize, is_hurried: bool) -> Instant {
        if let Some((at, _)) = &self.failed {
            return *at + RETRY;
        }
        if annotations <= SMALL || is_hurried {
            return self.first;
        }
        (self.last + QUIET).min(self.first + LATEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_follows_in_a_pause_and_not_with_every_step() {
        let mut behind = Behind::now();
        let start = behind.first;
        assert_eq!(behind.due(SMALL, false), start);
        for second in 1..60 {
            behind.last = start + Duration::from_secs(second);
            let due = behind.due(SMALL + 1, false);
            assert_eq!(due, start + Duration::from_secs(second + 2).min(LATEST));
            assert_eq!(behind.due(SMALL + 1, true), start);
        }
        behind.fail("the disk is full".to_owned());
        assert!(behind.due(SMALL + 1, true) >= start + RETRY);
        behind.forget_failure();
        assert_eq!(behind.due(0, false), start);
    }
}
