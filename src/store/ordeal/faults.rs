//! Trouble at every single operation.
//!
//! A life of a project is played once for each operation in it and each kind of trouble:
//! the operation fails, or is torn in the middle, or is the last one that happens. What
//! fails must succeed when it is tried again, and nothing may be lost or doubled.

use super::*;
use crate::store::disk::fault::Trouble;

/// How many acts a life has.
const ACTS: usize = 14;

/// Plays a life into trouble after so many operations; false when it ended before that.
fn play(seed: u64, trouble: Trouble, operations: u32) -> bool {
    let (_temporary, base, faults) = place();
    let root = base.join("above/project");
    let mut world = World::new(&root, seed);
    faults.plan(trouble, operations);
    let mut has_struck = false;
    for number in 0..ACTS {
        let act = world.invent();
        let when = || {
            format!("{trouble:?} at operation {operations} of life {seed}, act {number} {act:?}")
        };
        let Err(error) = world.act(&act) else { continue };
        assert!(faults.heal(), "{error}, {}", when());
        has_struck = true;
        world.promise.check(&root, &when);
        if trouble.is_crash() {
            world.start_again();
        } else {
            let again = world.act(&act);
            assert!(again.is_ok(), "{again:?} when tried again, {}", when());
        }
        world.promise.check(&root, &when);
    }
    has_struck |= faults.heal();
    let when = || format!("at the end of life {seed}, {trouble:?} at {operations}");
    if world.process.is_some() {
        world.act(&Act::Flush).unwrap();
    }
    world.promise.check(&root, &when);
    has_struck
}

fn live(trouble: Trouble) {
    for seed in 0..how_many("COPYDESK_LIVES", 2) {
        let mut operations = 0;
        while play(seed, trouble, operations) {
            operations += 1;
        }
        assert!(operations > 50, "a life of {operations} operations is no test");
    }
}

#[test]
fn a_full_disk_at_any_operation_loses_nothing() {
    live(Trouble::Full);
}

#[test]
fn a_drive_that_goes_away_at_any_operation_loses_nothing() {
    live(Trouble::Gone);
}

#[test]
fn an_operation_that_fails_once_loses_nothing() {
    live(Trouble::Hiccup);
}

#[test]
fn a_crash_between_any_two_operations_loses_nothing() {
    live(Trouble::Crash);
}

#[test]
fn a_crash_inside_any_write_loses_nothing() {
    live(Trouble::CrashInside);
}

#[test]
fn a_look_that_fails_once_loses_nothing() {
    live(Trouble::Unreadable);
}
