//! From paths to the files behind them.
//!
//! Folders are walked in the order of names, so that an import gives the same ids
//! everywhere. What is found there uninvited (hidden files, symbolic links, files of
//! kinds that no format has) is passed over with a note; what is named outright is
//! tried, whatever it is.

use super::{ImportRequest, Outcome, Progress, Source, io_words};
use crate::formats::{self, FORMATS, Format, HEAD};
use std::collections::HashSet;
use std::fs::{self, FileType};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How deep folders are walked; what lies deeper is refused.
const DEEPEST_FOLDER: usize = 32;

/// A regular file.
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    /// The folder that is imported; the file's own folder where it was named.
    pub(super) root: PathBuf,
    /// Its path below that folder, with `/` between the parts.
    pub(super) name: String,
    /// The format whose configuration it is; `None` for a file that holds articles.
    pub(super) configures: Option<&'static Format>,
}

impl FoundFile {
    fn new(path: PathBuf, root: &Path) -> Self {
        let below = path.strip_prefix(root).unwrap_or(&path);
        let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
        let name = parts.collect::<Vec<_>>().join("/");
        let configures = configured_by(&path);
        Self { root: root.to_owned(), name, configures, path }
    }
}

/// Something to deal with.
pub(super) enum Found {
    /// A file.
    File(FoundFile),
    /// A text with what reports call it.
    Text { name: String, text: String },
    /// Nothing that could be read; what there is to say about it.
    Settled(Outcome),
}

impl Found {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(file) => &file.path,
            Self::Text { name, .. } => Path::new(name),
            Self::Settled(
                Outcome::Imported { path, .. }
                | Outcome::Updated { path, .. }
                | Outcome::Known { path, .. }
                | Outcome::Noted { path, .. }
                | Outcome::Refused { path, .. }
                | Outcome::Skipped { path, .. },
            ) => path,
        }
    }

    fn is_configuration(&self) -> bool {
        matches!(self, Self::File(FoundFile { configures: Some(_), .. }))
    }

    fn refused(path: PathBuf, why: impl Into<String>) -> Self {
        Self::Settled(Outcome::Refused { path, line: None, why: why.into() })
    }

    fn skipped(path: PathBuf, why: &'static str) -> Self {
        Self::Settled(Outcome::Skipped { path, why })
    }
}

/// The format whose configuration a file is. What cannot be read is none; the import names it.
fn configured_by(path: &Path) -> Option<&'static Format> {
    let is_xml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
    let mut head = vec![0; HEAD];
    // Only a regular file is opened: a pipe would wait for somebody to write into it.
    if !is_xml || !fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return None;
    }
    let read = fs::File::open(path).ok()?.read(&mut head).ok()?;
    formats::configured_by(&path.to_string_lossy(), head.get(..read)?)
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
                named(path, request.format, &mut found, progress)?;
            }
        }
    }
    if request.format.is_none() {
        pass_over_companions(&mut found);
    }
    pass_over_descriptions(&mut found);
    // What there is comes before what it is used for.
    found.sort_by_key(|found| !found.is_configuration());
    ControlFlow::Continue(found)
}

/// What describes an export of ours and holds no article.
const DESCRIPTIONS: [&str; 3] = ["manifest.json", "label_config.json", "README.md"];

/// Passes over what describes an export of ours, in folders with its manifest; and the
/// manifest of an export that is one file, which tells of no other file beside it.
fn pass_over_descriptions(found: &mut [Found]) {
    let is_export = |found: &Found| match found {
        Found::File(file) if file.path.ends_with("manifest.json") => is_manifest(&file.path),
        _ => false,
    };
    let folders = found.iter().filter(|found| is_export(found));
    let folders: HashSet<_> =
        folders.filter_map(|found| Some(found.path().parent()?.to_owned())).collect();
    for file in found {
        let Found::File(FoundFile { path, .. }) = file else { continue };
        let is_one = DESCRIPTIONS.iter().any(|name| path.ends_with(name))
            && folders.iter().any(|folder| path.starts_with(folder));
        let is_of_file = path.to_string_lossy().ends_with(".manifest.json") && is_manifest(path);
        if is_one || is_of_file {
            let why = "it describes an export and holds no article";
            *file = Found::skipped(path.clone(), why);
        }
    }
}

/// Whether a file is the list of what is in an export.
fn is_manifest(path: &Path) -> bool {
    let mut head = [0; 512];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut head));
    let head = String::from_utf8_lossy(head.get(..read.unwrap_or(0)).unwrap_or_default());
    head.contains("\"format\"") && head.contains("\"offsets\"") && head.contains("\"misfits\"")
}

/// Passes over the files that are read with another one: brat's texts.
fn pass_over_companions(found: &mut [Found]) {
    let mut companions = HashSet::new();
    for file in found.iter() {
        let Found::File(file) = file else { continue };
        let format = FORMATS.iter().find(|format| format.is_main(&file.name));
        for ending in format.map_or(&[][..], |format| format.companions) {
            companions.extend(companions_of(file, ending));
        }
    }
    for file in found {
        if companions.contains(file.path()) {
            let why = "it belongs to a file of annotations and is read with that";
            *file = Found::skipped(file.path().to_owned(), why);
        }
    }
}

/// Where the companion of a file may lie: `a.txt` beside `a.ann` and above it, and beside
/// `a.alice.ann`.
fn companions_of(file: &FoundFile, ending: &str) -> Vec<PathBuf> {
    let Some((folder, stem)) = file.path.parent().zip(file.path.file_stem()) else {
        return Vec::new();
    };
    let stem = stem.to_string_lossy();
    let mut paths = vec![folder.join(format!("{stem}.{ending}"))];
    let by_suffix = stem.match_indices('.').filter_map(|(at, _)| stem.get(..at));
    paths.extend(by_suffix.map(|stem| folder.join(format!("{stem}.{ending}"))));
    if folder != file.root {
        paths.extend(folder.parent().map(|above| above.join(format!("{stem}.{ending}"))));
    }
    paths
}

fn named(
    path: &Path,
    format: Option<&'static Format>,
    found: &mut Vec<Found>,
    progress: &mut Report<'_>,
) -> ControlFlow<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => walk(path, format, found, progress)?,
        Ok(metadata) => {
            let root = path.parent().unwrap_or(path);
            found.push(file(path.to_owned(), root, metadata.file_type()));
        }
        Err(error) => found.push(Found::refused(path.to_owned(), io_words(&error))),
    }
    ControlFlow::Continue(())
}

fn file(path: PathBuf, root: &Path, kind: FileType) -> Found {
    if kind.is_file() {
        Found::File(FoundFile::new(path, root))
    } else {
        Found::refused(path, "it is a pipe, socket or device; name a file with a text in it")
    }
}

/// Walks a folder without recursion, so that only the disk limits what it holds.
fn walk(
    root: &Path,
    format: Option<&'static Format>,
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
            found.push(met(path, root, format));
            continue;
        }
        progress(Progress { done: 0, total: None, articles: 0, next: &path })?;
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

/// Judges a file met in a folder. Where a format of annotations was named, only its files
/// are meant; where a format of texts was, everything is.
fn met(path: PathBuf, root: &Path, format: Option<&'static Format>) -> Found {
    let kind = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) => return Found::refused(path, io_words(&error)),
    };
    if kind.is_symlink() {
        return Found::skipped(path, "a symbolic link; name it to import what it leads to");
    }
    let name = path.to_string_lossy();
    let is_wanted = match format {
        Some(format) => format.writes.is_none() || format.is_main(&name),
        None => path.extension().is_none() || formats::is_known(&name),
    };
    let is_configuration = |configured: &'static Format| {
        kind.is_file() && format.is_none_or(|format| format == configured)
    };
    if is_wanted || !kind.is_file() || configured_by(&path).is_some_and(is_configuration) {
        return file(path, root, kind);
    }
    Found::skipped(
        path,
        match format {
            Some(_) => "it has not the ending of the format; name the file to import it",
            None => "no format has this ending; name the file or the format to import it",
        },
    )
}
