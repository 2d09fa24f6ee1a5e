//! The system's own file dialogs.
//!
//! The dialog is made on the window's thread, as macOS wants it, and waited for in
//! another one, so that the window goes on drawing. A system without a file dialog
//! answers at once that nothing was chosen; then the path field says that a path can be
//! typed instead.

use super::controls::verdict;
use super::paths::Waiting;
use egui::{Context, Ui};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Nobody cancels a dialog sooner than this after asking for it.
const TOO_QUICK: Duration = Duration::from_millis(700);

/// What to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Wanted {
    /// Any number of files.
    Files,
    /// One folder.
    Folder,
}

/// A file dialog of the system that may be open.
#[derive(Default)]
pub(in crate::app) struct Picker {
    waiting: Option<(Waiting<Vec<PathBuf>>, Instant)>,
    is_missing: bool,
}

impl Picker {
    /// Opens the system's dialog, unless it is open already.
    pub(in crate::app) fn ask(
        &mut self,
        ctx: &Context,
        wanted: Wanted,
        title: &str,
        start: Option<&Path>,
    ) {
        if self.waiting.is_some() {
            return;
        }
        let mut dialog = rfd::AsyncFileDialog::new().set_title(title);
        if let Some(start) = start {
            dialog = dialog.set_directory(start);
        }
        let path = |handle: rfd::FileHandle| handle.path().to_path_buf();
        let waiting = match wanted {
            Wanted::Files => {
                let chosen = dialog.pick_files();
                Waiting::start(ctx, move || {
                    let chosen = pollster::block_on(chosen).unwrap_or_default();
                    chosen.into_iter().map(path).collect()
                })
            }
            Wanted::Folder => {
                let chosen = dialog.pick_folder();
                Waiting::start(ctx, move || {
                    pollster::block_on(chosen).into_iter().map(path).collect()
                })
            }
        };
        self.waiting = Some((waiting, Instant::now()));
        self.is_missing = false;
    }

    /// What was chosen; empty while nothing is.
    pub(in crate::app) fn poll(&mut self) -> Vec<PathBuf> {
        let Some((waiting, since)) = &self.waiting else { return Vec::new() };
        let Ok(chosen) = waiting.poll() else { return Vec::new() };
        let chosen = chosen.unwrap_or_default();
        self.is_missing = chosen.is_empty() && since.elapsed() < TOO_QUICK;
        self.waiting = None;
        chosen
    }

    /// The line below a path field: what is wrong with the path, else that the system
    /// has no file dialog, else a hint.
    pub(in crate::app) fn verdict(&self, ui: &mut Ui, fault: Option<&str>, hint: &str) {
        let missing = "This system offers no file dialog; type or paste the path instead";
        verdict(ui, fault, if self.is_missing { missing } else { hint });
    }
}
