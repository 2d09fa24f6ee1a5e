//! Telling whether a file is the one it was, without reading it.
//!
//! A [`Stamp`] is made of a file's length, its times and, where there is one, its number
//! on the disk. A file that was changed just now could be changed again within the same
//! tick of the file system's clock, and look the same: such a stamp is never trusted, and
//! its file is read again the next time.

use crate::store::disk::Entry;
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// No file system counts time in longer ticks than this; FAT has the longest. Tests run on
/// one that is quicker, and cannot wait for each of their changes.
pub(super) const TICK: Duration =
    if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(2) };

/// What a file looked like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(u64);

impl Stamp {
    /// There is no such file.
    pub(super) const MISSING: Self = Self(0);
    /// There is one, and nothing can be said of it without reading it.
    pub(super) const UNTRUSTED: Self = Self(1);

    /// The stamp of a file at a time that is not after the file was looked at.
    pub(super) fn of(metadata: &Metadata, now: SystemTime) -> Self {
        let Ok(modified) = metadata.modified() else { return Self::UNTRUSTED };
        let (changed, number) = changed_and_number(metadata);
        let newest = changed.map_or(modified, |changed| modified.max(changed));
        // A time that lies ahead, because some clock was wrong, is no better.
        if now.duration_since(newest).is_ok_and(|age| age > TICK) {
            let parts = [metadata.len(), nanoseconds(modified), nanoseconds(newest), number];
            Self(parts.into_iter().fold(0, mix).max(2))
        } else {
            Self::UNTRUSTED
        }
    }

    pub(super) fn from_number(number: u64) -> Self {
        Self(number)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }

    /// Whether a file with this stamp is surely the one that had the other.
    pub(super) fn is_same(self, other: Self) -> bool {
        self == other && self != Self::UNTRUSTED
    }
}

/// When anything about the file was changed last, its name and mode included, and its
/// number: files that are replaced by others of the same length and time differ in both.
#[cfg(unix)]
fn changed_and_number(metadata: &Metadata) -> (Option<SystemTime>, u64) {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).ok().map(Duration::from_secs);
    let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).unwrap_or_default());
    let changed = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds + rest));
    (changed, metadata.ino())
}

#[cfg(not(unix))]
fn changed_and_number(metadata: &Metadata) -> (Option<SystemTime>, u64) {
    (metadata.created().ok(), 0)
}

fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// Mixes a number into a hash (the finish of `SplitMix64`).
fn mix(hash: u64, part: u64) -> u64 {
    let mut mixed = (hash.rotate_left(23) ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What a folder of the project holds, in no order; nothing where there is no such
/// folder. O(n), reading no file.
pub(super) fn stamps(
    project: &ProjectFolder,
    folder: &Path,
    now: SystemTime,
) -> Result<Vec<(Entry, Stamp)>, StoreError> {
    let path = match project.disk().resolve(folder) {
        Ok(path) => path,
        Err(StoreError { cause: Cause::Io(error), .. })
            if error.kind() == io::ErrorKind::NotFound =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let failed = |error| StoreError::new(folder, Cause::Io(error));
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = match entry.file_name().into_string() {
            Ok(name) => name,
            Err(name) => name.to_string_lossy().into_owned(),
        };
        let metadata = match entry.metadata() {
            Ok(metadata) if metadata.is_symlink() => fs::metadata(entry.path()),
            metadata => metadata,
        };
        let stamp = metadata.as_ref().map_or(Stamp::UNTRUSTED, |metadata| Stamp::of(metadata, now));
        let is_folder = metadata.is_ok_and(|metadata| metadata.is_dir());
        found.push((Entry { name, is_folder }, stamp));
    }
    Ok(found)
}

/// The stamp of one file.
pub(super) fn stamp(project: &ProjectFolder, file: &Path, now: SystemTime) -> Stamp {
    match fs::metadata(project.root().join(file)) {
        Ok(metadata) => Stamp::of(&metadata, now),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Stamp::MISSING,
        Err(_) => Stamp::UNTRUSTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changed_within_the_tick_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ron");
        fs::write(&file, "one").unwrap();
        let metadata = fs::metadata(&file).unwrap();
        let stamp = |after| Stamp::of(&metadata, metadata.modified().unwrap() + after);
        assert_eq!(stamp(Duration::ZERO), Stamp::UNTRUSTED);
        assert_eq!(stamp(TICK), Stamp::UNTRUSTED);
        assert!(!Stamp::UNTRUSTED.is_same(Stamp::UNTRUSTED));
        let later = stamp(TICK + Duration::from_millis(200));
        assert!(later.is_same(stamp(TICK * 100)));
        let before = Stamp::of(&metadata, metadata.modified().unwrap() - TICK);
        assert_eq!(before, Stamp::UNTRUSTED, "the clock was set back");
    }

    #[test]
    fn a_file_of_the_same_length_and_time_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000)).unwrap();
            Stamp::of(&fs::metadata(path).unwrap(), SystemTime::now() + TICK * 2)
        };
        let (one, other) = (write("a"), write("b"));
        assert!(cfg!(not(unix)) || one != other);
    }
}
