//! From paths to the files behind them.
//!
//! Folders are walked in the order of names, so that an import gives the same ids
//! everywhere. What is found there uninvited (hidden files, symbolic links, files of
//! kinds that no format has) is passed over with a note; what is named outright is
//! tried, whatever it is.

use super::{ImportRequest, Outcome, Progress, Source, io_words};
use crate::formats;
use std::fs::{self, FileType};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How deep folders are walked; what lies deeper is refused.
const DEEPEST_FOLDER: usize = 32;

/// Something to deal with.
pub(super) enum Found {
    /// A regular file.
    File(PathBuf),
    /// A text with what reports call it.
    Text { name: String, text: String },
    /// Nothing that could be read; what there is to say about it.
    Settled(Outcome),
}

impl Found {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Text { name, .. } => Path::new(name),
            Self::Settled(
                Outcome::Imported { path, .. }
                | Outcome::Updated { path, .. }
                | Outcome::Known { path, .. }
                | Outcome::Refused { path, .. }
                | Outcome::Skipped { path, .. },
            ) => path,
        }
    }

    fn refused(path: PathBuf, why: impl Into<String>) -> Self {
        Self::Settled(Outcome::Refused { path, line: None, why: why.into() })
    }

    fn skipped(path: PathBuf, why: &'static str) -> Self {
        Self::Settled(Outcome::Skipped { path, why })
    }
}

type Report<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'a;

/// Everything that the sources name, in order.
pub(super) fn gather(
    request: &ImportRequest,
    progress: &mut Report<'_>,
) -> ControlFlow<(), Vec<Found>> {
    let mut found = Vec::new();
    for source in &request.sources {
        match source {
            Source::Text { name, text } => {
                found.push(Found::Text { name: name.clone(), text: text.clone() });
            }
            Source::Path(path) => {
                named(path, request.format.is_some(), &mut found, progress)?;
            }
        }
    }
    ControlFlow::Continue(found)
}

fn named(
    path: &Path,
    any_ending: bool,
    found: &mut Vec<Found>,
    progress: &mut Report<'_>,
) -> ControlFlow<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => walk(path, any_ending, found, progress)?,
        Ok(metadata) => found.push(file(path.to_owned(), metadata.file_type())),
        Err(error) => found.push(Found::refused(path.to_owned(), io_words(&error))),
    }
    ControlFlow::Continue(())
}

fn file(path: PathBuf, kind: FileType) -> Found {
    if kind.is_file() {
        Found::File(path)
    } else {
        Found::refused(path, "it is a pipe, socket or device; name a file with a text in it")
    }
}

/// Walks a folder without recursion, so that only the disk limits what it holds.
fn walk(
    root: &Path,
    any_ending: bool,
    found: &mut Vec<Found>,
    progress: &mut Report<'_>,
) -> ControlFlow<()> {
    let mut waiting = vec![(root.to_owned(), 0usize)];
    while let Some((path, depth)) = waiting.pop() {
        if depth > 0 && is_hidden(&path) {
            found.push(Found::skipped(path, "a hidden file or folder; name it to import it"));
            continue;
        }
        let is_folder = depth == 0
            || fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.file_type().is_dir());
        if !is_folder {
            found.push(met(path, any_ending));
            continue;
        }
        progress(Progress { done: 0, total: None, next: &path })?;
        if depth > DEEPEST_FOLDER {
            found.push(Found::refused(path, "folders are nested too deeply; import it by itself"));
            continue;
        }
        match children(&path) {
            // The last one in is the first one out.
            Ok(children) => waiting.extend(children.into_iter().rev().map(|c| (c, depth + 1))),
            Err(error) => found.push(Found::refused(path, io_words(&error))),
        }
    }
    ControlFlow::Continue(())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn children(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut children = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    children.sort();
    Ok(children)
}

/// Judges a file met in a folder.
fn met(path: PathBuf, any_ending: bool) -> Found {
    let kind = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) => return Found::refused(path, io_words(&error)),
    };
    if kind.is_symlink() {
        return Found::skipped(path, "a symbolic link; name it to import what it leads to");
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
    let is_known = ending.is_none_or(|ending| formats::by_extension(&ending).is_some());
    if is_known || any_ending || !kind.is_file() {
        return file(path, kind);
    }
    Found::skipped(path, "no format has this ending; name the file or the format to import it")
}
