//! Where to save a complete copy when the project itself cannot be saved.

use super::controls::{caption, field_with_button, focus_first, footer};
use super::frame::Sheet;
use super::paths::{Place, Probe, documents, expand, shorten};
use super::picker::{Picker, Wanted};
use crate::app::request::{Request, Requests};
use crate::session::Session;
use egui::{Context, Ui};
use std::path::Path;

const WIDTH: f32 = 480.0;

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    is_prepared: bool,
    is_focused: bool,
    folder: String,
    probe: Probe,
    picker: Picker,
    /// The folder that was asked for last, and why no copy could be made there.
    failed: Option<(String, String)>,
    is_asked: bool,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        if !std::mem::replace(&mut self.is_prepared, true) {
            self.suggest(&documents(), session);
        }
        if let Some(chosen) = self.picker.poll().into_iter().next() {
            self.suggest(&chosen, session);
        }
        let is_copying = self.is_asked || session.is_some_and(Session::is_copying);
        let shown = Sheet::new("Save elsewhere", WIDTH).show(ctx, |ui| {
            let has_fault = self.folder_ui(ui);
            let is_ready = !has_fault && !is_copying && !self.folder.trim().is_empty();
            footer(ui, if is_copying { "Copying" } else { "Save a copy" }, is_ready)
        });
        self.is_asked = shown.inner.is_done;
        if shown.inner.is_done {
            self.failed = None;
            out.ask(Request::SaveElsewhere(expand(&self.folder)));
        }
        shown.is_closed || shown.inner.is_cancelled
    }

    /// No copy could be made in the folder that was asked for.
    pub(super) fn failed(&mut self, why: String) {
        self.failed = Some((self.folder.clone(), why));
    }

    /// A new folder, named like the project's.
    fn suggest(&mut self, parent: &Path, session: Option<&Session>) {
        let root = session.map(|session| session.folder().root());
        let name = root.and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        self.folder = shorten(&parent.join(format!("{name}-copy")));
    }

    /// The folder; true when no copy can be made there.
    fn folder_ui(&mut self, ui: &mut Ui) -> bool {
        caption(ui, "Folder of the copy, on a disk with room");
        let name = "Folder of the copy";
        let (field, browse) = field_with_button(ui, &mut self.folder, name, name, "Browse…");
        focus_first(&field, &mut self.is_focused);
        if browse {
            self.picker.ask(ui.ctx(), Wanted::Folder, "Where to save the copy", None);
        }
        let fault = match self.probe.of(ui.ctx(), &self.folder) {
            Some(Place::File) => Some("This is a file; name a folder".to_owned()),
            Some(Place::OtherFolder | Place::Project(_)) => {
                Some("This folder is not empty; name a new or an empty one".to_owned())
            }
            Some(Place::Refused(why)) => Some(format!("This folder cannot be looked into: {why}")),
            _ => None,
        };
        let failed = self.failed.as_ref().filter(|(folder, _)| *folder == self.folder);
        if let (None, Some((_, why))) = (&fault, failed) {
            // It may work the next time: a disk has room again, a folder may be written to.
            self.picker.verdict(ui, Some(why), "");
            return false;
        }
        let hint = "Everything that can be read, and everything that is not saved yet";
        self.picker.verdict(ui, fault.as_deref(), hint);
        fault.is_some()
    }
}
