//! The place where a new project is to stand, and clearing it again when none comes of it.
//!
//! Nothing here is part of a project: what is cleared was made moments ago and never
//! became one, so it goes past the door, and whether it works is of no consequence.

use crate::store::layout;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What stood in a place before a project was made there.
#[derive(Debug)]
pub(in crate::store) struct Ground {
    root: PathBuf,
    /// The folders that had to be made, the innermost first.
    missing: Vec<PathBuf>,
    /// What was in the folder, where it was there.
    names: HashSet<OsString>,
}

impl Ground {
    /// Looks at a place before anything is made there.
    ///
    /// # Errors
    /// When there is a folder that cannot be looked into.
    pub(in crate::store) fn look(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        let missing = root.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<_> = missing.map(Path::to_owned).collect();
        let mut names = HashSet::new();
        if missing.is_empty() {
            for entry in fs::read_dir(&root)? {
                names.insert(entry?.file_name());
            }
        }
        Ok(Self { root, missing, names })
    }

    /// Takes away the files of a project that were not there before, and the folders that
    /// were made for them.
    pub(in crate::store) fn clear(&self) {
        for name in layout::FOLDERS.into_iter().chain([layout::LOCAL]) {
            if !self.names.contains(Path::new(name).as_os_str()) {
                let _ = fs::remove_dir_all(self.root.join(name));
            }
        }
        if !self.names.contains(Path::new(layout::PROJECT).as_os_str()) {
            let _ = fs::remove_file(self.root.join(layout::PROJECT));
        }
        // A folder in which somebody has put something since is not empty and stays.
        for folder in &self.missing {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A path without links, of which only the beginning may exist.
///
/// # Errors
/// When not even a beginning can be reached.
pub(super) fn real_place(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let found = path.ancestors().find_map(|start| Some((start, fs::canonicalize(start).ok()?)));
    let (start, mut real) = found.ok_or(io::ErrorKind::NotFound)?;
    for part in path.strip_prefix(start).unwrap_or(Path::new("")).components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
    }
    Ok(real)
}
