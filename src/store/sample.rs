//! The sample project, which is part of the program.
//!
//! Opened without a project, the program shows this one. It is unpacked once into the
//! person's data folder and stays theirs from then on, so that trying things out
//! changes neither the program nor its sources, and is still there the next time.

use super::disk::Disk;
use super::error::{Cause, StoreError};
use std::path::{Path, PathBuf};

/// The environment variable that names another folder for the sample.
pub const DATA_DIR: &str = "COPYDESK_DATA_DIR";

macro_rules! sample_files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../projects/karachi/", $name)))),*]
    };
}

/// Every file of the sample. `project.ron` comes last: what has one is whole.
const FILES: [(&str, &str); 11] = sample_files![
    "articles/what-is-known-about-the-ttp.ron",
    "articles/gunmen-raid-police-offices.ron",
    "articles/three-hour-siege.ron",
    "articles/toll-rises.ron",
    "annotations/annotator-1/gunmen-raid-police-offices.ron",
    "annotations/annotator-1/three-hour-siege.ron",
    "annotations/annotator-1/toll-rises.ron",
    "annotations/annotator-2/gunmen-raid-police-offices.ron",
    "annotations/annotator-2/three-hour-siege.ron",
    "annotations/annotator-2/toll-rises.ron",
    "project.ron",
];

/// The folder of the sample project, unpacked where it is not there yet.
///
/// # Errors
/// When the system names no data folder, or the files cannot be written.
pub fn sample_project() -> Result<PathBuf, StoreError> {
    let named = std::env::var_os(DATA_DIR).filter(|folder| !folder.is_empty());
    let folder = match named {
        Some(folder) => Some(PathBuf::from(folder)),
        None => directories::ProjectDirs::from("", "", "copydesk")
            .map(|folders| folders.data_dir().to_path_buf()),
    };
    let folder = folder.ok_or_else(|| StoreError::new("karachi", Cause::NotFound))?;
    let root = folder.join("karachi");
    unpack(&root)?;
    Ok(root)
}

fn unpack(root: &Path) -> Result<(), StoreError> {
    if root.join("project.ron").exists() {
        return Ok(());
    }
    // People work in the sample; it has to be on disk as their own projects are.
    let disk = Disk::create(root)?;
    for (name, text) in FILES {
        disk.replace(Path::new(name), text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ProjectFolder, check};

    #[test]
    fn the_sample_is_whole_and_without_a_fault() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("karachi");
        unpack(&root).unwrap();
        let opened = ProjectFolder::open(&root).unwrap();
        assert!(opened.problems.is_empty());
        let problems = check(&opened.folder, &mut |_, _| {});
        let faults: Vec<_> = problems.iter().filter(|problem| problem.is_fault).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn the_list_of_files_is_the_folder() {
        fn count(folder: &Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi");
        assert_eq!(count(&source), FILES.len());
    }
}
