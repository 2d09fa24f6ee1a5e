//! Doing the same to many files at the same time.
//!
//! Whoever syncs waits for the disk and not for a processor, and a file system that is asked
//! to sync several files does much of that in one go. Nothing here knows what is done.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many are under way at the same time.
const AT_ONCE: usize = 8;

/// What became of each item, in their order. A panic goes on in the caller.
pub(in crate::store) fn at_once<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if let [only] = items {
        return vec![work(only)];
    }
    let next = AtomicUsize::new(0);
    let one_after_the_other = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => done.push((at, work(item))),
                None => return done,
            }
        }
    };
    let mut results: Vec<_> = items.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..AT_ONCE.min(items.len())).map(|_| scope.spawn(one_after_the_other)).collect();
        for thread in threads {
            match thread.join() {
                Ok(done) => done.into_iter().for_each(|(at, done)| results[at] = Some(done)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::at_once;

    #[test]
    fn every_item_is_done_once_and_in_order() {
        for count in [0, 1, 2, 100] {
            let items: Vec<_> = (0..count).collect();
            let doubled: Vec<_> = at_once(&items, |item| item * 2);
            assert_eq!(doubled, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
