//! Work on every core, with the results in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

/// Small files that are not in memory yet are waited for, and a disk finds several at once
/// in the time of one: with one thread a core, cold file caches cost three times as much.
const PER_CORE: usize = 4;
/// More threads than this find nothing sooner, and each holds what it has read.
const MOST_WORKERS: usize = 16;

/// Does `work` for each number below `count` on all cores and hands the results to
/// `take`, on this thread and in the order of the numbers, until that breaks off.
pub fn in_order<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> ControlFlow<()>,
) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = (PER_CORE * cores).min(MOST_WORKERS).min(count);
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, results) = sync_channel(4 * workers);
        for _ in 0..workers {
            let (sender, next, is_over, work) = (sender.clone(), &next, &is_over, &work);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count || sender.send((number, work(number))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (number, result) in results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                if take(result).is_break() {
                    is_over.store(true, Ordering::Relaxed);
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_until_it_is_enough() {
        let mut taken = Vec::new();
        let uneven = |number: usize| {
            std::thread::sleep(std::time::Duration::from_micros((number as u64 * 37) % 200));
            number
        };
        in_order(200, uneven, |number| {
            taken.push(number);
            if number == 150 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(taken, (0..=150).collect::<Vec<_>>());
        in_order(0, uneven, |_| panic!("there is nothing to do"));
    }
}
