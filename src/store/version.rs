//! Older formats are brought to this version's when a project is opened.
//!
//! Every file but a history names its format; `project.ron` speaks for all of them. A
//! migration turns the text of one file into that of the next format, and must leave a
//! file alone that is there already: `project.ron` is written last, so that a crash in
//! between is followed by the same migration again. Every file is copied to
//! `.copydesk/backups` before it is changed. A newer format is refused by name, and
//! nothing is touched.
//!
//! Format 1 is the first one that was released, so there is nothing to migrate from yet.
//! `tests/data/projects` keeps a project of every released format, and a test opens them.

use super::backup::Backup;
use super::disk::Disk;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use super::lock::Exclusive;
use super::wire::{self, FORMAT};
use std::path::{Path, PathBuf};

/// The way from one format to the next.
struct Migration {
    from: u32,
    /// The file's new text; `None` where it stays as it is.
    file: fn(&Path, &str) -> Option<String>,
}

const MIGRATIONS: [Migration; 0] = [];

/// Brings a project of an older format to this version's; `None` where no way leads there
/// from the format that was found.
///
/// # Errors
/// [`Cause::Held`] while somebody works on the project, in a window of a version that knows
/// the older format: it would go on writing that. When a file cannot be read or written.
pub(super) fn upgrade(folder: &ProjectFolder, found: u32) -> Result<Option<Problem>, StoreError> {
    upgrade_by(&MIGRATIONS, folder, found, FORMAT)
}

fn upgrade_by(
    migrations: &[Migration],
    folder: &ProjectFolder,
    found: u32,
    wanted: u32,
) -> Result<Option<Problem>, StoreError> {
    let step = |from| migrations.iter().find(|migration| migration.from == from);
    let way: Option<Vec<_>> = (found..wanted).map(step).collect();
    let Some(way) = way.filter(|way| !way.is_empty()) else { return Ok(None) };
    let disk = folder.disk();
    let _locks = folder.lock_everybody()?;
    let mut backup = Backup::new(disk, &format!("format-{found}"))?;
    let mut changed = 0;
    // Nobody writes meanwhile; who waits for that finds the new format.
    let _exclusive = Exclusive::take(disk)?;
    for file in files(disk)? {
        let Some(bytes) = disk.read(&file)? else { continue };
        // What is no text is broken in any format, and is named when it is read.
        let Ok(old) = wire::text(&bytes) else { continue };
        let migrate =
            |text: String, migration: &&Migration| (migration.file)(&file, &text).unwrap_or(text);
        let new = way.iter().fold(old.to_owned(), migrate);
        if new != old {
            backup.keep(&file)?;
            disk.replace(&file, new.as_bytes())?;
            changed += 1;
        }
    }
    let kept = backup.folder().map_or_else(String::new, |folder| folder.display().to_string());
    let what = format!(
        "was written in format {found} and is in format {wanted} now, with {changed} files; as they \
         were they are in {kept}"
    );
    Ok(Some(Problem::note(layout::PROJECT, None, what, "")))
}

/// Every file of a project that has a format, `project.ron` last.
fn files(disk: &Disk) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = layout::FOLDERS.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        for entry in disk.list(&folder)? {
            let path = folder.join(&entry.name);
            if layout::is_hidden(&entry.name) {
                continue;
            }
            if entry.is_folder {
                folders.push(path);
            } else if entry.name.contains(".ron") && !is_kept_aside(&entry.name) {
                files.push(path);
            }
        }
    }
    files.sort();
    files.push(layout::PROJECT.into());
    Ok(files)
}

/// Whether a file is what a crash or a conflict left, which no version reads as its own.
fn is_kept_aside(name: &str) -> bool {
    name.contains(layout::TORN) || name.contains(layout::THEIRS)
}

/// Why a project is not opened: the format that its file names, where it is an older one.
pub(super) fn older(error: &StoreError) -> Option<u32> {
    match error.cause {
        Cause::Format { found } if found < FORMAT => Some(found),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Locking;
    use crate::store::disk::fault::{Faults, Trouble};
    use crate::store::testing;

    fn next(_: &Path, text: &str) -> Option<String> {
        text.contains("format: 1,").then(|| text.replacen("format: 1,", "format: 2,", 1))
    }

    const NEXT: [Migration; 1] = [Migration { from: 1, file: next }];

    #[test]
    fn every_file_is_migrated_after_a_backup_and_the_project_file_last() {
        let (_temporary, folder) = testing::folder();
        let disk = folder.disk();
        let article = layout::article(testing::article().id());
        let before = disk.read(&article).unwrap().unwrap();
        let told = upgrade_by(&NEXT, &folder, 1, 2).unwrap().unwrap();
        assert!(told.what.contains("with 2 files"), "{}", told.what);
        let read = |file: &Path| String::from_utf8(disk.read(file).unwrap().unwrap()).unwrap();
        assert!(read(&article).contains("format: 2,"));
        let kept = told.what.rsplit(' ').next().unwrap();
        assert_eq!(disk.read(&Path::new(kept).join(&article)).unwrap().unwrap(), before);
        assert_eq!(read(Path::new(".copydesk/.gitignore")), "*\n");
        assert_eq!(files(disk).unwrap().last().unwrap(), Path::new(layout::PROJECT));
        // Newer than this version: refused by name, and not touched.
        let refused = ProjectFolder::open(folder.root()).unwrap_err();
        assert_eq!(refused.file, Path::new(layout::PROJECT));
        assert!(matches!(refused.cause, Cause::Format { found: 2 }), "{refused}");
    }

    #[test]
    fn nothing_is_migrated_while_somebody_works_on_it() {
        let (_temporary, folder) = testing::folder();
        let files = || {
            let all = files(folder.disk()).unwrap().into_iter();
            all.map(|file| folder.disk().read(&file).unwrap()).collect::<Vec<_>>()
        };
        let before = files();
        let Locking::Locked(lock) = folder.lock_annotator(&testing::annotator()) else {
            panic!("it was free")
        };
        let refused = upgrade_by(&NEXT, &folder, 1, 2).unwrap_err();
        let holder = format!("process {} on host ", std::process::id());
        assert!(
            matches!(&refused.cause, Cause::Held(who) if who.starts_with(&holder)),
            "{refused}"
        );
        assert_eq!(files(), before);
        drop(lock);
        upgrade_by(&NEXT, &folder, 1, 2).unwrap();
        assert_ne!(files(), before);
    }

    #[test]
    fn without_a_way_nothing_is_changed() {
        let (_temporary, folder) = testing::folder();
        assert_eq!(upgrade(&folder, 0).unwrap(), None);
        assert_eq!(upgrade_by(&NEXT, &folder, 0, 2).unwrap(), None);
        assert!(!folder.root().join(".copydesk").exists());
    }

    #[test]
    fn trouble_at_any_operation_leaves_each_file_in_one_format_and_a_copy_of_it() {
        let root = tempfile::tempdir().unwrap();
        let old: Vec<_> = {
            let folder = testing::create(root.path());
            let all = files(folder.disk()).unwrap().into_iter();
            all.map(|file| (file.clone(), folder.disk().read(&file).unwrap().unwrap())).collect()
        };
        for trouble in Trouble::ALL {
            for operations in 0.. {
                let temporary = tempfile::tempdir().unwrap();
                let folder = testing::create(temporary.path());
                let disk = folder.disk();
                Faults::here().plan(trouble, operations);
                let done = upgrade_by(&NEXT, &folder, 1, 2);
                let has_struck = Faults::here().heal();
                let is_new = |(file, old): &(PathBuf, Vec<u8>)| {
                    let now = String::from_utf8(disk.read(file).unwrap().unwrap()).unwrap();
                    let new = next(file, std::str::from_utf8(old).unwrap()).unwrap();
                    assert!(now == new || now.as_bytes() == old, "{}: {now}", file.display());
                    now == new
                };
                let are_new: Vec<_> = old.iter().map(is_new).collect();
                assert!(are_new.is_sorted_by(|a, b| a >= b), "the project’s own file is last");
                let kept = |file: &Path, old: &[u8]| {
                    disk.list(Path::new(layout::BACKUPS)).unwrap().iter().any(|backup| {
                        let copy = Path::new(layout::BACKUPS).join(&backup.name).join(file);
                        disk.read(&copy).is_ok_and(|copy| copy.as_deref() == Some(old))
                    })
                };
                for ((file, old), _) in old.iter().zip(&are_new).filter(|(_, is_new)| **is_new) {
                    assert!(kept(file, old), "{} has no copy", file.display());
                }
                if !has_struck {
                    assert!(done.is_ok() && are_new.iter().all(|is_new| *is_new));
                    break;
                }
                upgrade_by(&NEXT, &folder, 1, 2).unwrap();
                assert!(old.iter().all(is_new), "{trouble:?} at operation {operations}");
            }
        }
    }
}
