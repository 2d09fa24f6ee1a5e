//! A new project: its name, its folder, its schema, and who annotates.

use super::controls::{caption, field_with_button, focus_first, footer, segmented, verdict};
use super::frame::Sheet;
use super::paths::{Place, Probe, documents, expand, shorten};
use super::picker::{Picker, Wanted};
use crate::app::request::{Request, Requests};
use crate::app::widgets::text_field;
use crate::model::{AnnotatorName, ArticleId};
use crate::session::Session;
use crate::store::Settings;
use egui::{Context, Ui};
use std::path::PathBuf;

const WIDTH: f32 = 480.0;

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    is_prepared: bool,
    is_focused: bool,
    name: String,
    /// Where the project's folder goes, as long as nobody typed a folder.
    parent: PathBuf,
    folder: String,
    has_typed_folder: bool,
    is_full: bool,
    annotator: String,
    probe: Probe,
    picker: Picker,
}

impl State {
    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        settings: &Settings,
        out: &mut Requests,
    ) -> bool {
        self.prepare(session, settings);
        if let Some(chosen) = self.picker.poll().into_iter().next() {
            self.parent = chosen;
            self.has_typed_folder = false;
            self.follow_name();
        }
        let shown = Sheet::new("New project", WIDTH).show(ctx, |ui| {
            self.name_ui(ui);
            let folder_fault = self.folder_ui(ui);
            self.schema_ui(ui);
            let annotator = self.annotator_ui(ui);
            let is_ready = !self.name.trim().is_empty()
                && !self.folder.trim().is_empty()
                && !folder_fault
                && annotator.is_some();
            (footer(ui, "Create", is_ready), annotator)
        });
        let (pressed, annotator) = shown.inner;
        if let Some(annotator) = annotator.filter(|_| pressed.is_done) {
            out.ask(Request::NewProject {
                folder: expand(&self.folder),
                name: self.name.trim().to_owned(),
                is_full: self.is_full,
                annotator,
            });
            return true;
        }
        shown.is_closed || pressed.is_cancelled
    }

    fn prepare(&mut self, session: Option<&Session>, settings: &Settings) {
        if self.is_prepared {
            return;
        }
        self.is_prepared = true;
        self.parent = documents();
        let known = session.map(|session| session.annotator().to_string());
        let known = known.or_else(|| Some(settings.annotator.clone()).filter(|n| !n.is_empty()));
        let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
        let user = user.filter(|name| AnnotatorName::new(name).is_ok());
        self.annotator = known.or(user).unwrap_or_else(|| "annotator-1".to_owned());
        self.follow_name();
    }

    /// The folder is named like the project until somebody types another one.
    fn follow_name(&mut self) {
        if !self.has_typed_folder {
            let name = match self.name.trim() {
                "" => "my-project".to_owned(),
                name => match ArticleId::from_title(name).as_str() {
                    // Nothing of a name in another script is left over for a folder.
                    "article" => "my-project".to_owned(),
                    slug => slug.to_owned(),
                },
            };
            self.folder = shorten(&self.parent.join(name));
        }
    }

    fn name_ui(&mut self, ui: &mut Ui) {
        caption(ui, "Name");
        let field = text_field(ui, &mut self.name, "Karachi, February 2023", "Name of the project");
        focus_first(&field, &mut self.is_focused);
        if field.changed() {
            self.follow_name();
        }
    }

    /// The folder; true when no project can be made there.
    fn folder_ui(&mut self, ui: &mut Ui) -> bool {
        caption(ui, "Folder");
        let name = "Folder of the project";
        let (field, browse) = field_with_button(ui, &mut self.folder, name, name, "Browse…");
        self.has_typed_folder |= field.changed();
        if browse {
            let title = "Where to make the project";
            self.picker.ask(ui.ctx(), Wanted::Folder, title, Some(&self.parent));
        }
        let place = self.probe.of(ui.ctx(), &self.folder);
        let fault = match place {
            Some(Place::File) => Some("This is a file; name a folder".to_owned()),
            Some(Place::OtherFolder) => {
                Some("This folder is not empty; name a new or an empty one".to_owned())
            }
            Some(Place::Project(_)) => Some("There is a project in this folder already".to_owned()),
            Some(Place::Refused(why)) => Some(format!("This folder cannot be looked into: {why}")),
            _ => None,
        };
        let hint = match place {
            Some(Place::EmptyFolder) => "This folder is empty and will be used",
            Some(Place::Nothing) => "This folder will be made",
            _ => "",
        };
        self.picker.verdict(ui, fault.as_deref(), hint);
        fault.is_some()
    }

    fn schema_ui(&mut self, ui: &mut Ui) {
        caption(ui, "Schema");
        segmented(ui, "Schema", &[(false, "Simple"), (true, "Full")], &mut self.is_full);
        let about = if self.is_full {
            "Actor, location, casualty and claim with roles, counts, certainty and eight relations"
        } else {
            "Actor, location, casualty and claim, with an outcome, a count and a source"
        };
        verdict(ui, None, about);
    }

    fn annotator_ui(&mut self, ui: &mut Ui) -> Option<AnnotatorName> {
        caption(ui, "Annotator");
        text_field(ui, &mut self.annotator, "Your name", "Name of the annotator");
        let name = self.annotator.trim();
        let parsed = AnnotatorName::new(name);
        let fault = match &parsed {
            Err(_) if name.is_empty() => Some("Say who annotates".to_owned()),
            Err(error) => Some(error.to_string()),
            Ok(_) => None,
        };
        verdict(ui, fault.as_deref(), "Names the folder of this person’s annotations");
        parsed.ok()
    }
}
