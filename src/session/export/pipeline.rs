//! Batches on all cores, handed on in their order, with a bound on what waits.
//!
//! Workers take several batches at once, so that small ones do not cost a wake-up each, and
//! none begins while more than [`MOST_WAITING`] bytes wait for the one that is due: a batch
//! that takes long holds the others up instead of filling the memory with them. The batch
//! that is due is always being made, so nothing waits for ever.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The bytes of results that may wait for their turn.
const MOST_WAITING: usize = 32 << 20;
/// The results that may wait for their turn, however small.
const MOST_RESULTS: usize = 2048;
/// A worker hands over what it has once it has this many bytes.
const PARCEL: usize = 1 << 20;
/// More threads than this only wait for the disk.
const MOST_WORKERS: usize = 8;

/// Does `work` for each number below `count` and hands the results to `take`, on this thread
/// and in the order of the numbers, until that breaks off. `work` says how many bytes its
/// result holds; `together` numbers are worked on by one worker, one after the other.
pub(super) fn in_order<T: Send>(
    count: usize,
    together: usize,
    work: impl Fn(usize) -> (T, usize) + Sync,
    take: impl FnMut(T) -> ControlFlow<()>,
) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.min(MOST_WORKERS).min(count);
    let line = Line { count, together: together.max(1), ..Line::default() };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| line.work(&work));
        }
        line.hand_on(take);
    });
}

struct Line<T> {
    count: usize,
    together: usize,
    state: Mutex<State<T>>,
    /// The result that is due has come.
    is_due: Condvar,
    /// There is room for more results, or nothing more is wanted.
    has_room: Condvar,
}

struct State<T> {
    /// The first number that no worker has.
    next: usize,
    /// The number whose result is handed on next.
    due: usize,
    /// The results that came before their turn, with their bytes.
    waiting: BTreeMap<usize, (T, usize)>,
    bytes: usize,
    is_over: bool,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        let state = State { next: 0, due: 0, waiting: BTreeMap::new(), bytes: 0, is_over: false };
        Self {
            count: 0,
            together: 1,
            state: Mutex::new(state),
            is_due: Condvar::new(),
            has_room: Condvar::new(),
        }
    }
}

impl<T: Send> Line<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, work: &(impl Fn(usize) -> (T, usize) + Sync)) {
        // A worker that panics ends the line; the panic goes on where the threads are joined.
        let ending = Ending(self);
        while let Some(numbers) = self.next_numbers() {
            let (mut parcel, mut bytes) = (Vec::with_capacity(numbers.len()), 0);
            for number in numbers {
                let (result, size) = work(number);
                parcel.push((number, result, size));
                bytes += size;
                if bytes >= PARCEL {
                    bytes = 0;
                    if self.hand_over(&mut parcel).is_break() {
                        break;
                    }
                }
            }
            if self.hand_over(&mut parcel).is_break() {
                break;
            }
        }
        std::mem::forget(ending);
    }

    /// The numbers that a worker takes next, as soon as there is room for their results.
    fn next_numbers(&self) -> Option<std::ops::Range<usize>> {
        let mut state = self.lock();
        loop {
            if state.is_over || state.next >= self.count {
                return None;
            }
            let is_full = state.bytes >= MOST_WAITING || state.waiting.len() >= MOST_RESULTS;
            if !is_full || state.next == state.due {
                let from = state.next;
                state.next = (from + self.together).min(self.count);
                return Some(from..state.next);
            }
            state = self.has_room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn hand_over(&self, parcel: &mut Vec<(usize, T, usize)>) -> ControlFlow<()> {
        let mut state = self.lock();
        if state.is_over {
            return ControlFlow::Break(());
        }
        for (number, result, size) in parcel.drain(..) {
            state.bytes += size;
            state.waiting.insert(number, (result, size));
        }
        if state.waiting.contains_key(&state.due) {
            self.is_due.notify_one();
        }
        ControlFlow::Continue(())
    }

    fn hand_on(&self, mut take: impl FnMut(T) -> ControlFlow<()>) {
        // Should `take` panic, the workers must not wait for room for ever.
        let _ending = Ending(self);
        loop {
            for result in self.due_results() {
                if take(result).is_break() {
                    return;
                }
            }
            let state = self.lock();
            if state.is_over || state.due >= self.count {
                return;
            }
        }
    }

    /// The results whose turn it is, as soon as there is one.
    fn due_results(&self) -> Vec<T> {
        let mut state = self.lock();
        while !state.is_over && state.due < self.count && !state.waiting.contains_key(&state.due) {
            state = self.is_due.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let mut results = Vec::new();
        loop {
            let due = state.due;
            let Some((result, size)) = state.waiting.remove(&due) else { break };
            state.bytes -= size;
            state.due += 1;
            results.push(result);
        }
        self.has_room.notify_all();
        results
    }
}

/// Ends the line when it goes.
struct Ending<'a, T: Send>(&'a Line<T>);

impl<T: Send> Drop for Ending<'_, T> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.is_due.notify_all();
        self.0.has_room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn uneven(number: usize) -> (usize, usize) {
        std::thread::sleep(std::time::Duration::from_micros((number as u64 * 37) % 200));
        (number, number % 5000)
    }

    #[test]
    fn results_come_in_order_until_it_is_enough() {
        for together in [1, 7, 500] {
            let mut taken = Vec::new();
            in_order(200, together, uneven, |number| {
                taken.push(number);
                if number == 150 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!(taken, (0..=150).collect::<Vec<_>>());
        }
        in_order(0, 1, uneven, |_| panic!("there is nothing to do"));
    }

    #[test]
    fn what_waits_for_a_slow_one_is_bounded() {
        let begun = AtomicUsize::new(0);
        let work = |number: usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            if number == 0 {
                std::thread::sleep(std::time::Duration::from_millis(300));
            }
            (number, MOST_WAITING / 4)
        };
        let mut at_first = None;
        in_order(100, 1, work, |_| {
            at_first.get_or_insert_with(|| begun.load(Ordering::Relaxed));
            ControlFlow::Continue(())
        });
        assert!(at_first.unwrap_or(100) < 4 + 2 * MOST_WORKERS, "{at_first:?}");
        assert_eq!(begun.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn a_panic_ends_the_line() {
        let work = |number: usize| {
            assert!(number < 20, "as the test wants it");
            (number, 1)
        };
        let ended =
            std::panic::catch_unwind(|| in_order(100, 4, work, |_| ControlFlow::Continue(())));
        assert!(ended.is_err());
    }
}
