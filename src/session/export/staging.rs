//! Building an export beside its place, and moving it there when it is whole.

use super::{ExportError, ManifestFile, io};
use crate::formats::{Frame, Piece};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the manifest is called.
pub(super) const MANIFEST: &str = "manifest.json";
/// The files that are kept open; a format that writes more at once opens them again.
const OPEN: usize = 64;

/// An export that is being made.
pub(super) struct Staging {
    folder: TempDir,
    frame: Frame,
    /// The files there are, each with what is written around its pieces.
    files: BTreeMap<String, Frame>,
    open: BTreeMap<String, File>,
}

impl Staging {
    /// Makes a folder beside the place that the export is for.
    pub(super) fn begin(out: &Path, frame: Frame) -> Result<Self, ExportError> {
        if out.symlink_metadata().is_ok() {
            return Err(ExportError::Exists(out.to_owned()));
        }
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = tempfile::Builder::new().prefix(".copydesk-export-").tempdir_in(parent);
        let folder = folder.map_err(io(parent))?;
        Ok(Self { folder, frame, files: BTreeMap::new(), open: BTreeMap::new() })
    }

    /// How many files there are.
    pub(super) fn files(&self) -> usize {
        self.files.len()
    }

    /// Puts records at the end of a file, within the format's frame.
    pub(super) fn append(&mut self, piece: &Piece) -> Result<(), ExportError> {
        self.write(piece, self.frame)
    }

    /// Puts a file there that is whole by itself, such as a configuration: the format's
    /// frame is for records alone.
    pub(super) fn add(&mut self, piece: &Piece) -> Result<(), ExportError> {
        self.write(piece, Frame::NONE)
    }

    fn write(&mut self, piece: &Piece, frame: Frame) -> Result<(), ExportError> {
        let path = self.path(&piece.path);
        let is_new = self.files.insert(piece.path.clone(), frame).is_none();
        if is_new && let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io(parent))?;
        }
        let before = if is_new { frame.head } else { frame.between };
        let file = self.file(&piece.path, &path)?;
        let written = file.write_all(before.as_bytes()).and_then(|()| file.write_all(&piece.bytes));
        written.map_err(io(&path))
    }

    fn file(&mut self, name: &str, path: &Path) -> Result<&mut File, ExportError> {
        if !self.open.contains_key(name) {
            if self.open.len() >= OPEN {
                self.open.pop_first();
            }
            let file = fs::OpenOptions::new().create(true).append(true).open(path);
            self.open.insert(name.to_owned(), file.map_err(io(path))?);
        }
        self.open.get_mut(name).ok_or_else(|| ExportError::Exists(path.to_owned()))
    }

    /// Ends every file, has it on the disk, and says what is in it.
    pub(super) fn close(&mut self) -> Result<Vec<ManifestFile>, ExportError> {
        let named = self.files.clone();
        let mut files = Vec::with_capacity(named.len());
        for (name, frame) in named {
            let path = self.path(&name);
            if !frame.tail.is_empty() {
                let tail = frame.tail.as_bytes();
                self.file(&name, &path)?.write_all(tail).map_err(io(&path))?;
            }
            let file = self.file(&name, &path)?;
            file.sync_all().map_err(io(&path))?;
            let (bytes, sha256) = hash(&path).map_err(io(&path))?;
            files.push(ManifestFile { path: name, bytes, sha256 });
        }
        self.open.clear();
        Ok(files)
    }

    /// Adds the list of everything.
    pub(super) fn write_manifest(&self, manifest: &str) -> Result<(), ExportError> {
        let path = self.path(MANIFEST);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(manifest.as_bytes()).and_then(|()| file.sync_all())
        });
        written.map_err(io(&path))
    }

    /// Moves the folder to its place, or the one file in it.
    pub(super) fn move_to(self, out: &Path, is_one_file: bool) -> Result<(), ExportError> {
        if out.symlink_metadata().is_ok() {
            return Err(ExportError::Exists(out.to_owned()));
        }
        if is_one_file && let Some(name) = self.files.keys().next() {
            return fs::rename(self.path(name), out).map_err(io(out));
        }
        let folder = self.folder.keep();
        fs::rename(&folder, out).map_err(|error| {
            // It is of no use where it is; what cannot be removed has a name that says so.
            let _ = fs::remove_dir_all(&folder);
            ExportError::Io { file: out.to_owned(), source: error }
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The length and the SHA-256 of a file as it is on the disk.
fn hash(path: &Path) -> std::io::Result<(u64, String)> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut hasher, mut buffer, mut length) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        length += read as u64;
        hasher.update(&buffer[..read]);
    }
    let digest = hasher.finalize();
    Ok((length, digest.iter().map(|byte| format!("{byte:02x}")).collect()))
}
